"""Compiled pictures and their derivatives, against every Gaussian tried at every pixel in torch."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.geometry.compiling import compiled
from prune3d_gui.plugins.lp3dgs.raster.plain import plain
from prune3d_gui.plugins.lp3dgs.raster.rasterise import rasterise
from prune3d_gui.plugins.lp3dgs.raster.rules import CLOSED, FAINT
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from prune3d_gui.plugins.lp3dgs.raster.tiled import tiled

from .scenes import HEIGHT, WIDTH, camera, joined, random, single, tensors

NAMES = ("colours", "left", "means", "scales", "quaternions", "opacities", "harmonics")
BOUNDS = {torch.float64: 1e-6, torch.float32: 1e-4}
NEEDLE = single(
    scale=(5.0, 0.002, 0.002), quaternions=[(0.9, 0.1, 0.2, 0.4)], harmonics=np.full((1, 1, 3), 0.5)
)
CROWD = joined(*(single((0.02 * n, 0, 0.1 * n), 0.5, 0.97) for n in range(12)))
SCENES = {
    "constant": (random(200, 1, 1), camera()),
    "degree 1": (random(200, 4, 2), camera(0.8)),
    "degree 2": (random(200, 9, 3), camera(-0.5, 2.2)),
    "degree 3": (random(200, 16, 4), camera(2.0)),
    "around the camera": (random(150, 9, 5, 0.2), camera(0.1, 0.2)),
    "tiny": (random(300, 1, 6, 1e-4), camera()),
    "huge": (random(20, 4, 7, 20.0), camera()),
    "opaque": (CROWD, camera()),
    "needle": (joined(NEEDLE, random(20, 1, 8)), camera()),
    "one": (single(), camera()),
    "at the rim": (joined(single((2.2, 0, 0), 1.0), single((0, -2.5, 0.5), 1.2)), camera(0.0)),
}
UNSEEN = {
    "none": random(0),
    "behind": single((0, 0, -4.0)),
    "off screen": single((30.0, 0, 0)),
    "too faint": single(opacity=0.003),
    "far above": single((0, -1e30, 0)),
    "far below": joined(single((0, 1e30, 0)), single((0, 1e18, 0), 1e10)),
    "far left": single((-1e30, 0, 0)),
    "far right": joined(single((1e30, 0, 0)), single((1e18, 0, 0), 1e10)),
}


def outcome(way, gaussians, view, kind, device="cpu"):
    """Picture and all derivatives of a random loss."""
    parts = [part.detach().to(device).requires_grad_() for part in tensors(gaussians, kind)]
    colours, left = way(*parts, view)[:2]
    weights = np.random.default_rng(0).normal(size=(view.height, view.width, 4))
    weights = torch.from_numpy(weights).to(colours)
    ((colours * weights[..., :3]).sum() + (left * weights[..., 3]).sum()).backward()
    found = [colours.detach(), left.detach(), *(part.grad for part in parts)]
    return [one.double().cpu().numpy() for one in found]


def assert_close(found, wanted, bound):
    for name, one, two in zip(NAMES, found, wanted, strict=True):
        worst = np.abs(one - two).max(initial=0)
        assert worst <= bound * np.abs(two).max(initial=1e-30), f"{name}: {worst:.2g}"


@pytest.mark.parametrize("kind", BOUNDS, ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_pictures_and_derivatives_are_those_of_the_plain_way(name, kind):
    gaussians, view = SCENES[name]
    wanted = outcome(plain, gaussians, view, torch.float64)
    assert all(np.abs(one).max() > 0 for one in wanted if one.size)
    assert_close(outcome(rasterise, gaussians, view, kind), wanted, BOUNDS[kind])


@pytest.mark.parametrize("name", ["degree 3", "around the camera", "opaque"])
def test_in_float32_the_plain_way_agrees_too(name):
    gaussians, view = SCENES[name]
    wanted = outcome(plain, gaussians, view, torch.float32)
    assert_close(outcome(rasterise, gaussians, view, torch.float32), wanted, 1e-4)


@pytest.mark.parametrize("name", SCENES)
def test_tiles_in_torch_give_the_same(name):
    gaussians, view = SCENES[name]
    wanted = outcome(plain, gaussians, view, torch.float64)
    assert_close(outcome(tiled, gaussians, view, torch.float64), wanted, 1e-9)
    parts = tensors(gaussians)
    np.testing.assert_allclose(
        tiled(*parts, view)[2].detach(), plain(*parts, view)[2].detach(), rtol=1e-9, atol=1e-12
    )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no CUDA device")
@pytest.mark.parametrize("kind", BOUNDS, ids=str)
@pytest.mark.parametrize("name", SCENES)
def test_a_gpu_gives_the_same(name, kind):
    gaussians, view = SCENES[name]
    wanted = outcome(plain, gaussians, view, torch.float64)
    assert_close(outcome(rasterise, gaussians, view, kind, "cuda"), wanted, BOUNDS[kind])


@pytest.mark.parametrize("name", UNSEEN)
@pytest.mark.parametrize("way", [rasterise, tiled, plain])
def test_where_nothing_is_seen_there_is_the_background(way, name):
    colours, left, *derivatives = outcome(way, UNSEEN[name], camera(0.0), torch.float64)
    assert not colours.any()
    assert (left == 1).all()
    assert not any(one.any() for one in derivatives)
    made = look(activated(UNSEEN[name]), camera(0.0)).picture(background=(0.2, 0.4, 1), shares=True)
    np.testing.assert_allclose(made.colours, np.broadcast_to((0.2, 0.4, 1), (HEIGHT, WIDTH, 3)))
    assert not made.shares.any()


@pytest.mark.parametrize("part", ["means", "log_scales", "quaternions", "logits", "harmonics"])
@pytest.mark.parametrize("value", [np.nan, np.inf])
def test_what_is_no_number_is_not_there(part, value):
    sound = random(40, 4)
    broken = getattr(sound, part).copy()
    broken.reshape(40, -1)[7, 0] = np.nan if part == "logits" else value  # inf would be opaque
    there = np.arange(40) != 7
    wanted = look(activated(sound.kept(there)), camera()).picture()
    for way in (rasterise, tiled):
        found = outcome(way, replace(sound, **{part: broken}), camera(), torch.float64)
        np.testing.assert_allclose(found[0], wanted.colours, atol=1e-5)
        assert all(np.isfinite(one[there]).all() for one in found[2:])


def test_a_quaternion_of_no_length_and_scales_beyond_all_bounds_hurt_nothing_else():
    sound = random(40, 1)
    wrong = joined(single(quaternions=np.zeros((1, 4))), sound)
    found = look(activated(wrong), camera()).picture()
    np.testing.assert_array_equal(found.colours, look(activated(sound), camera()).picture().colours)
    vast = joined(single(log_scales=[(69.0, 69.0, 69.0)]), sound)
    wanted = plain(*tensors(vast), camera())[0].detach()
    found = look(activated(vast, np.float64), camera()).picture()
    np.testing.assert_allclose(found.colours, wanted, atol=1e-6)


def test_pictures_are_bounded_as_the_rules_say():
    seen = look(activated(CROWD), camera())
    made = seen.picture(shares=True)
    assert made.left.min() >= CLOSED
    assert made.shares[:, 0].max() <= 0.99
    assert made.shares[made.shares[:, 2] > 0, 0].min() >= CLOSED * FAINT
    alone = look(activated(CROWD.kept([11])), camera()).picture(shares=True)
    assert made.shares[11, 2] < 0.9 * alone.shares[0, 2], "behind a closed pixel there is nothing"
    white = seen.picture(background=(1, 1, 1))
    np.testing.assert_allclose(white.colours, made.colours + made.left[..., None], atol=1e-6)
    total = made.shares[:, 1].sum() + made.left.sum()
    assert total == pytest.approx(WIDTH * HEIGHT, rel=1e-5)


def test_a_view_and_shares_are_those_of_the_plain_way():
    for gaussians, view in SCENES.values():
        found = look(activated(gaussians, np.float64), view).picture(shares=True)
        colours, left, shares = (one.detach().numpy() for one in plain(*tensors(gaussians), view))
        np.testing.assert_allclose(found.colours, colours, atol=1e-7)
        np.testing.assert_allclose(found.left, left, atol=1e-7)
        np.testing.assert_allclose(found.shares, shares.T, rtol=1e-7, atol=1e-9)


@pytest.mark.parametrize("share", [0.0, 0.3, 1.0])
def test_a_pruned_picture_is_that_of_what_is_kept(share):
    gaussians = random(400)
    kept = np.random.default_rng(1).random(400) < share
    found = look(activated(gaussians), camera()).picture(kept, shares=True)
    wanted = look(activated(gaussians.kept(kept)), camera()).picture(shares=True)
    assert np.array_equal(found.colours, wanted.colours)
    assert np.array_equal(found.left, wanted.left)
    assert np.array_equal(found.shares[kept], wanted.shares)
    assert not found.shares[~kept].any()


def test_the_same_bits_come_out_however_many_threads_there_are():
    gaussians, view, found = random(5000, 4, 3, 0.05), camera(width=150, height=90), []
    before = torch.get_num_threads()
    try:
        for threads in (1, 2, 3, 2):
            torch.set_num_threads(threads)
            made = look(activated(gaussians), view).picture(shares=True)
            arrays = [made.colours, made.left, made.shares]
            found.append(arrays + outcome(rasterise, gaussians, view, torch.float32))
    finally:
        torch.set_num_threads(before)
    for other in found[1:]:
        assert all(np.array_equal(one, two) for one, two in zip(found[0], other, strict=True))


def test_several_threads_may_make_pictures_at_once():
    views = [camera(turn, width=120, height=90) for turn in (0.0, 1.0, 2.0, 3.0)]
    parts = activated(random(4000, 1, 3, 0.05))
    wanted = [look(parts, view).picture().colours for view in views]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda view: look(parts, view).picture().colours, views * 3))
    assert all(np.array_equal(one, two) for one, two in zip(wanted * 3, found, strict=True))


@pytest.mark.parametrize(
    ("change", "match"),
    [
        (lambda parts: [*parts[:3], parts[3][:-1], parts[4]], r"shapes .*\(9,\).*\(N, K, 3\)"),
        (lambda parts: [*parts[:4], parts[4][:, :2]], r"\(10, 2, 3\).*1, 4, 9 or 16"),
        (lambda parts: [*parts[:4], parts[4].double()], "float32, float64; give all"),
        (lambda parts: [part.half() for part in parts], "float16; give all"),
    ],
)
def test_what_does_not_fit_is_refused(change, match):
    parts = [part.detach() for part in tensors(random(10, 4), torch.float32)]
    with pytest.raises(BadInput, match=match):
        rasterise(*change(parts), camera())


@pytest.mark.parametrize("kept", [np.ones(9, bool), np.ones(10, np.uint8)])
def test_a_mask_of_other_gaussians_is_refused(kept):
    with pytest.raises(BadInput, match="for 10 Gaussians; give one truth value for each"):
        look(activated(random(10, 1)), camera()).picture(kept)


def test_where_compiled_code_cannot_be_kept_it_is_made_all_the_same(monkeypatch):
    def double(number):
        return 2 * number

    assert compiled(double)(3) == 6
    monkeypatch.setattr("numba.core.caching.CacheImpl._locator_classes", [])
    assert compiled(double)(4) == 8


def test_equal_depths_are_blended_in_the_order_they_come_in():
    red, blue = np.zeros((2, 1, 1, 3), np.float32)
    red[..., 0], blue[..., 2] = 1, 1
    both = joined(single(harmonics=red), single(harmonics=blue))
    for kind in (np.float32, np.float64):
        for order, first in ((np.array([0, 1]), 0), (np.array([1, 0]), 2)):
            middle = look(activated(both.kept(order), kind), camera(0.0)).picture().colours
            assert middle[HEIGHT // 2, WIDTH // 2].argmax() == first


def test_a_picture_may_be_stopped_and_seen_again():
    token = CancelToken()
    seen = look(activated(random(50)), camera())
    token.cancel()
    with pytest.raises(Cancelled):
        seen.picture(cancel=token)
    with pytest.raises(Cancelled):
        look(activated(random(50)), camera(), token)
    assert seen.picture().colours.any()
    assert seen.nbytes >= seen.rows.nbytes


def test_a_derivative_may_be_followed_through_activations():
    parts = tensors(random(30, 4))
    logits = torch.zeros(30, dtype=torch.float64, requires_grad=True)
    colours, _ = rasterise(*parts[:3], logits.sigmoid(), parts[4], camera())
    colours.sum().backward()
    assert logits.grad.abs().max() > 0
