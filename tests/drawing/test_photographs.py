"""A camera stands where a photograph was taken: what it saw is drawn on the photograph's pixels."""

import math

import numpy as np
import pytest
import pyvista

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene
from prune3d_gui.drawing.cameras import extent, nearer, place, projected, shifted, turned
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.photographs import photographed
from prune3d_gui.drawing.views import SceneView

SIZE = (200, 120)
INTRINSICS = (170.0, 140.0, 121.5, 47.25)  # pixels that are not square, and off the middle


def rolled(seed):
    """A pose anywhere, looking anywhere, rolled about its own axis."""
    turn, _ = np.linalg.qr(np.random.default_rng(seed).normal(size=(3, 3)))
    pose = np.eye(4)
    pose[:3, :3] = turn * np.sign(np.linalg.det(turn))
    pose[:3, 3] = (3.0, -2.0, 1.5)
    return pose


def seen(pose, pixel, depth, intrinsics=INTRINSICS):
    """The point of the scene that such a camera sees at a pixel, so far ahead."""
    fx, fy, cx, cy = intrinsics
    x, y = pixel
    return pose[:3, :3] @ (depth * np.array(((x - cx) / fx, (y - cy) / fy, 1))) + pose[:3, 3]


def drawn_at(pose, pixel, depth, state, size):
    """Where a real render of such a size shows a square of the scene around a pixel: its middle."""
    corners = np.add(pixel, ((-4, -4), (4, -4), (4, 4), (-4, 4)))
    square = np.array([seen(pose, corner, depth) for corner in corners], np.float32)
    faces = np.array(((0, 1, 2), (0, 2, 3)), np.int32)
    scene = Scene((Layer("square", Mesh(square, faces)),))
    plotter = pyvista.Plotter(off_screen=True, lighting="none", window_size=size)
    try:
        plotter.render_window.SetMultiSamples(8)
        view = SceneView(plotter)
        place(plotter.camera, state, extent([scene]), size[0] / size[1])
        plotter.camera_set = True
        view.show(scene, Look("mesh"))
        image = plotter.screenshot(None, return_img=True).astype(float)
    finally:
        plotter.close()
    weight = np.abs(image - image[0, 0]).sum(axis=2)
    assert (weight > 0).sum() > 9
    rows, columns = np.indices(weight.shape) + 0.5
    return (columns * weight).sum() / weight.sum(), (rows * weight).sum() / weight.sum()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("pixel", [(20.0, 15.0), (181.0, 12.5), (100.5, 60.5), (40.25, 104.0)])
def test_what_a_photograph_shows_is_drawn_at_its_pixel(seed, pixel):
    pose = rolled(seed)
    state = photographed(pose, INTRINSICS, SIZE)
    assert drawn_at(pose, pixel, 2.0 + seed, state, SIZE) == pytest.approx(pixel, abs=0.1)


@pytest.mark.parametrize(
    ("size", "scale"), [((400, 240), 2.0), ((400, 120), 1.0), ((200, 300), 1.0), ((100, 300), 0.5)]
)
def test_a_view_of_another_shape_shows_the_whole_photograph_in_its_middle(size, scale):
    pose, pixel = rolled(5), (181.0, 12.5)
    state = photographed(pose, INTRINSICS, SIZE)
    wanted = [
        own / 2 + scale * (at - full / 2) for own, at, full in zip(size, pixel, SIZE, strict=True)
    ]
    assert drawn_at(pose, pixel, 3.0, state, size) == pytest.approx(wanted, abs=0.15)


def test_a_hand_takes_the_camera_on_from_there():
    pose = rolled(1)
    state = photographed(pose, INTRINSICS, SIZE, distance=4.0)
    across, up = pose[:3, 0], -pose[:3, 1]
    assert state.position == pytest.approx(tuple(pose[:3, 3]))
    assert np.subtract(state.focus, state.position) == pytest.approx(4.0 * pose[:3, 2])
    aside = shifted(state, 0.5, 0.0)
    tall = 2 * 4.0 * SIZE[1] / 2 / INTRINSICS[1]
    assert np.subtract(aside.position, state.position) == pytest.approx(0.5 * tall * across)
    around = turned(state, 0.4, 0.0)
    offset = np.subtract(around.position, state.focus)
    assert offset @ up == pytest.approx(0.0, abs=1e-6), "it turns about what is up in the picture"
    assert np.linalg.norm(offset) == pytest.approx(4.0)
    assert offset @ across == pytest.approx(4.0 * math.sin(0.4))
    assert np.linalg.norm(np.subtract(nearer(state, 2.0).position, state.focus)) == (
        pytest.approx(2.0)
    )
    assert 2 * projected(state, True).height == pytest.approx(tall)


@pytest.mark.parametrize(
    ("pose", "intrinsics", "size", "told"),
    [
        (np.eye(4), (0.0, 140.0, 1, 1), SIZE, r"focal lengths 0, 140.*above 0"),
        (np.eye(4), (9.0, np.nan, 1, 1), SIZE, r"focal lengths 9, nan"),
        (np.eye(4), (9.0, 9.0, np.inf, 1), SIZE, r"principal point inf, 1"),
        (np.eye(4), INTRINSICS, (0, 120), r"0 x 120 pixels"),
        (np.diag((1.0, 1, -1, 1)), INTRINSICS, SIZE, "without scale or mirror"),
        (2 * np.eye(4), INTRINSICS, SIZE, "not a turn and a shift"),
        (np.full((4, 4), np.nan), INTRINSICS, SIZE, "not a turn and a shift"),
        (np.eye(3), INTRINSICS, SIZE, "4 x 4 matrix"),
    ],
)
def test_a_camera_that_sees_nothing_is_answered(pose, intrinsics, size, told):
    with pytest.raises(BadInput, match=told):
        photographed(pose, intrinsics, size)
