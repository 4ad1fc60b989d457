"""Splats in space: the space view's picture is the rasteriser's, from any side; clicks; scores."""

import numpy as np
import pytest
import pyvista

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.core.scene.gaussians import KeptGaussians
from prune3d_gui.core.scene.scenes import Layer, Pick, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import CameraState, extent, place, projected
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import LIGHT, RAMP
from prune3d_gui.drawing.photographs import taken_by
from prune3d_gui.drawing.views import SceneView
from prune3d_gui.geometry.scenes import pick
from prune3d_gui.geometry.sight import Sight
from prune3d_gui.metrics.images import score_images
from prune3d_gui.plugins.lp3dgs.raster.harmonics import basis
from prune3d_gui.plugins.lp3dgs.raster.pixel import shares_at
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from prune3d_gui.plugins.lp3dgs.similarity import likeness
from prune3d_gui.plugins.lp3dgs.splatting import Splats

from .scenes import camera, joined, random, single

GROUND = tuple(part / 255 for part in LIGHT.background)
GREY_0 = 0.28209479177387814


def shown(gaussians, kept=None, **arrays):
    kept = np.ones(gaussians.count, bool) if kept is None else kept
    return KeptGaussians(gaussians, kept, arrays, Splats(activated(gaussians)))


@pytest.fixture
def plotter():
    made = pyvista.Plotter(off_screen=True, lighting="none", window_size=(120, 100))
    made.camera_set = True
    yield made
    made.close()


def shoot(plotter, data, state, scales=(), colour="none"):
    """Pixels of 0 to 1 of Gaussians alone."""
    scene = Scene((Layer("splats", data, colour),))
    SceneView(plotter).show(scene, Look(scales=scales))
    wide, tall = plotter.window_size
    place(plotter.camera, state, extent([scene]), wide / tall)
    plotter.render()
    return plotter.screenshot(None, return_img=True) / 255


def psnr(one, two):
    return -10 * np.log10(np.mean((one - two) ** 2))


def ball(at, colour, size=0.25, opacity=0.999):
    """One splat of a colour."""
    harmonics = (np.array(colour, float) - 0.5) / GREY_0
    return single(at, size, opacity, harmonics=harmonics.reshape(1, 1, 3))


@pytest.mark.parametrize("terms", [1, 4, 9, 16])
def test_the_space_view_at_a_cameras_place_is_the_picture_of_that_camera(plotter, terms):
    gaussians = random(600, terms, seed=terms)
    kept = np.arange(600) % 3 > 0
    taken = camera(turn=0.7, width=120, height=100)
    lens = np.array([(taken.fx, taken.fy, taken.cx, taken.cy)])
    pose = np.linalg.inv(taken.world_to_camera)[None]
    cameras = Cameras(pose, lens, np.array([(120, 100)]), ("one",))
    found = shoot(plotter, shown(gaussians, kept), taken_by(cameras, 0, None))
    wanted = look(activated(gaussians), taken).picture(kept, GROUND).colours
    assert psnr(found, np.clip(wanted, 0, 1)) > 45
    assert wanted.std() > 0.1


def test_the_nearer_of_two_splats_is_seen_before_the_other_from_both_sides(plotter):
    data = shown(joined(ball((0, 0, 0.3), (1, 0, 0)), ball((0, 0, -0.3), (0, 0, 1))))
    for z, near, far in ((4.0, 0, 2), (-4.0, 2, 0)):
        state = CameraState((0.0, 0.0, z), (0.0, 0.0, 0.0))
        for turned in (state, projected(state, True)):
            middle = shoot(plotter, data, turned)[50, 60]
            assert middle[near] > 0.9
            assert middle[far] < 0.1


def test_colour_from_harmonics_follows_the_eye(plotter):
    harmonics = np.zeros((1, 4, 3), np.float32)
    harmonics[0, 2] = (0.8, 0.0, -0.8)  # with z
    data = shown(single((0, 0, 0), 0.4, 0.999, harmonics=harmonics))
    for side in (4.0, -4.0):
        b = np.empty(16)
        basis(0.0, 0.0, -np.sign(side), 4, b)
        middle = shoot(plotter, data, CameraState((0.0, 0.0, side), (0.0, 0.0, 0.0)))[50, 60]
        wanted = 0.5 + b[2] * np.array((0.8, 0.0, -0.8))
        np.testing.assert_allclose(middle, wanted, atol=0.02)


def test_a_scale_colours_splats_and_leaves_them_their_opacity(plotter):
    scale = ColourScale("share", "Share", 0.0, 1.0)
    data = shown(ball((0, 0, 0), (0, 1, 0), 0.4, 0.5), share=np.ones(1, np.float32))
    state = CameraState((0.0, 0.0, 4.0), (0.0, 0.0, 0.0))
    middle = shoot(plotter, data, state, (scale,), "share")[50, 60]
    wanted = (RAMP[-1] / 255 + GROUND) / 2
    np.testing.assert_allclose(middle, wanted, atol=0.02)


def test_depths_are_of_the_gaussian_behind_which_less_than_half_is_left():
    gaussians = random(300, 1, size=0.2)
    kept, taken = np.arange(300) % 4 > 0, camera(width=40, height=30)
    parts = activated(gaussians)
    found = Splats(parts)(shown(gaussians, kept), taken)
    seen = look(parts, taken)
    z = gaussians.means.astype(float) @ taken.world_to_camera[2, :3] + taken.world_to_camera[2, 3]
    for row in range(0, 30, 3):
        for column in range(0, 40, 3):
            met = shares_at(seen, kept, row, column)
            depth = found.depths[row, column]
            if not len(met.ids):
                assert depth == np.inf
                continue
            behind = 1 - np.cumsum(met.shares)
            closed = np.flatnonzero(behind < 0.5)
            first = met.ids[closed[0] if len(closed) else 0]
            assert depth == pytest.approx(z[first], rel=1e-5)
            assert found.left[row, column] == pytest.approx(met.left, abs=1e-4)


def test_a_click_meets_the_gaussian_that_is_seen_most_in_its_pixel():
    gaussians, taken = random(400, 1, size=0.15), camera(width=80, height=60)
    kept = np.arange(400) % 5 > 0
    scene = Scene((Layer("splats", shown(gaussians, kept)),))
    near, far = 0.5, 10.0
    flat = np.array(
        [
            (2 * taken.fx / 80, 0, 2 * taken.cx / 80 - 1, 0),
            (0, -2 * taken.fy / 60, 1 - 2 * taken.cy / 60, 0),
            (0, 0, (far + near) / (far - near), -2 * far * near / (far - near)),
            (0, 0, 1, 0),
        ]
    )
    seen, met, best = look(activated(gaussians), taken), 0, 0
    for row in range(2, 60, 5):
        for column in range(2, 80, 5):
            sight = Sight(flat @ taken.world_to_camera, (80, 60), (column + 0.5, row + 0.5))
            found = pick(scene, sight)
            told = shares_at(seen, kept, row, column)
            if not len(told.ids) or told.shares.max() < 0.1:
                continue
            assert isinstance(found, Pick)
            assert found.of == "gaussian"
            assert kept[found.index]
            met += 1
            share = dict(zip(told.ids, told.shares, strict=True)).get(found.index, 0.0)
            best += share >= 0.8 * told.shares.max()
    assert met > 80
    assert best / met > 0.95, "the projection bends the few others, which are large"


def test_pruning_alone_looks_at_nothing_anew_and_stops_when_asked():
    gaussians, taken = random(300), camera()
    parts = activated(gaussians)
    splats = Splats(parts)
    whole = splats(shown(gaussians), taken)
    held = splats.nbytes
    kept = np.arange(300) % 2 == 0
    half = splats(shown(gaussians, kept), taken)
    assert splats.nbytes == held > 0
    np.testing.assert_array_equal(half.colours, look(parts, taken).picture(kept).colours)
    assert (half.left >= whole.left - 0.01).all()
    assert half.left.mean() > whole.left.mean()
    token = CancelToken()
    token.cancel()
    other = Camera(41, 31, 40.0, 40.0, 20.0, 15.0, taken.world_to_camera)
    with pytest.raises(Cancelled):
        splats(shown(gaussians), other, None, token)
    splats.forget()
    assert splats.nbytes == 0


@pytest.mark.parametrize("shape", [(40, 30, 3), (7, 5, 1), (64, 3, 3)])
def test_quick_scores_of_a_picture_are_those_of_its_reference(shape):
    rng = np.random.default_rng(0)
    one = rng.random(shape).astype(np.float32)
    two = one + rng.normal(0, 0.1, shape).astype(np.float32)
    psnr_found, ssim_found = likeness(one, two)
    wanted = score_images(one, two)
    assert psnr_found == pytest.approx(wanted.psnr, abs=1e-9)
    assert ssim_found == pytest.approx(wanted.ssim, abs=1e-12)
    assert likeness(one, one) == (np.inf, pytest.approx(1.0, abs=1e-12))
