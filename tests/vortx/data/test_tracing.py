"""Rays meet solids as they meet their triangles, and bring back the light of lamps."""

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.data.tracing.casting import FAR, blocked, cast, tree_of, within
from prune3d_gui.plugins.vortx.data.tracing.charts import SAG
from prune3d_gui.plugins.vortx.data.tracing.lighting import Lamp, lit
from prune3d_gui.plugins.vortx.data.tracing.meshes import whole_mesh
from prune3d_gui.plugins.vortx.data.tracing.shading import radiance
from prune3d_gui.plugins.vortx.data.tracing.solids import Draft, Material, pitched, yawed

from .rays import first_met

WHITE = Material("plain", (0.8, 0.8, 0.8))


def everywhere(points):
    return np.ones(len(points), bool)


def strewn(seed, kinds):
    rng = np.random.default_rng(seed)
    draft = Draft()
    for number in range(24):
        place = rng.uniform(-2, 2, 3)
        turn = yawed(rng.uniform(0, 6)) @ pitched(rng.uniform(0, 6))
        kind = kinds[number % len(kinds)]
        if kind == "box":
            half = rng.uniform(0.05, 0.6, 3)
            draft.box(place - half, place + half, WHITE, turn)
        elif kind == "rod":
            radii = rng.uniform(0.05, 0.4, 2)
            draft.rod(place, place + rng.uniform(-0.8, 0.8, 3), radii[0], WHITE, radii[1])
        else:
            draft.ball(place, rng.uniform(0.1, 0.6, 3), WHITE, turn)
    return tree_of(draft.solids())


def test_boxes_are_met_where_their_triangles_are():
    tree = strewn(1, ["box"])
    rng = np.random.default_rng(2)
    eye = np.array([0.3, -3.5, 0.2])
    rays = rng.normal(0, 1, (300, 3)) + np.array((0, 2, 0))
    expected = first_met(whole_mesh(tree, 0.5), eye, rays)
    along, solid, face = cast(tree, eye[None], rays)
    outside = ~within(tree, eye[None])[0]
    assert outside
    assert 0.2 < np.isfinite(expected).mean() < 1
    assert np.array_equal(np.isinf(expected), along == FAR)
    hit = solid >= 0
    assert np.allclose(along[hit], expected[hit], rtol=1e-5)
    assert ((face >= 0) & (face < 6)).all()


def test_round_solids_are_met_near_their_triangles():
    tree = strewn(3, ["rod", "ball"])
    rays = np.random.default_rng(4).normal(0, 0.35, (120, 3)) + np.array((0, 1, 0))
    eye = np.array([0.0, -4.0, 0.0])
    expected = first_met(whole_mesh(tree, 0.05), eye, rays)
    along, solid, _ = cast(tree, eye[None], rays)
    both = (solid >= 0) & np.isfinite(expected)
    assert ((solid >= 0) == np.isfinite(expected)).mean() > 0.98  # but at the very edge
    off = np.abs(along - expected)[both] * np.linalg.norm(rays[both], axis=1)
    assert np.median(off) < SAG
    assert np.quantile(off, 0.95) < 8 * SAG  # where rays graze


def test_what_hides_is_what_is_met_and_clear_things_hide_nothing():
    tree = strewn(5, ["box", "rod", "ball"])
    rng = np.random.default_rng(6)
    starts = rng.uniform(-4, 4, (400, 3))
    ways = rng.uniform(-4, 4, (400, 3)) - starts
    along, _, _ = cast(tree, starts, ways)
    assert np.array_equal(blocked(tree, starts, ways, 1.0), along < 1.0)
    draft = Draft()
    draft.box((-1, 1, -1), (1, 1.1, 1), WHITE, clear=True)
    pane, ray = tree_of(draft.solids()), np.array([[0.0, 3.0, 0.0]])
    assert not blocked(pane, np.zeros((1, 3)), ray)[0]
    assert cast(pane, np.zeros((1, 3)), ray)[0][0] == pytest.approx(1 / 3)


def test_points_are_within_solids_as_their_formulas_say():
    draft = Draft()
    draft.box((0, 0, 0), (1, 1, 1), WHITE)
    draft.rod((3, 0, 0), (3, 0, 2), 0.5, WHITE, 0.1)
    draft.ball((6, 0, 0), (1, 2, 0.5), WHITE)
    points = np.array([
        (0.5, 0.5, 0.99), (0.5, 0.5, 1.01), (3.4, 0, 0.1), (3.4, 0, 1.9), (3.05, 0, 1.9),
        (6, 1.9, 0), (6, 0, 0.6), (6.9, 0, 0),
    ])  # fmt: skip
    expected = [True, False, True, False, True, True, False, True]
    assert within(tree_of(draft.solids()), points).tolist() == expected


def test_a_lamp_lights_the_floor_as_the_formula_says_and_a_board_shades_it():
    """Of a small lamp of radiance L and area A at height h: L A / (pi h^2) right below it."""
    draft = Draft()
    draft.box((-3, -3, -0.1), (3, 3, 0), Material("plain", (0.0, 0.0, 0.0)))
    open_ = tree_of(draft.solids())
    sides = np.array([(0, 0.1, 0), (0.1, 0, 0)])
    lamp = Lamp("panel", np.array([0.0, 0.0, 2.0]), np.array([30.0, 20.0, 10.0]), sides)
    draft.box((0.5, -1, 0.9), (1.5, 1, 0.92), Material("plain", (0.0, 0.0, 0.0)))
    shaded = tree_of(draft.solids())
    white = Material("plain", (1.0, 1.0, 1.0))
    for tree, dark in ((open_, False), (shaded, True)):
        light = lit(tree, (lamp,), (0,), everywhere)
        object.__setattr__(tree.solids, "materials", (white,) * len(tree.solids.materials))
        eye, below = np.array([[0.0, -0.4, 0.5]]), np.array([[0.0, 0.4, -0.5], [2.2, 0.4, -0.5]])
        got = radiance(tree, light, eye, below, cast(tree, eye, below), 0.01)
        assert got[0] == pytest.approx(np.array((30, 20, 10)) * 0.04 / (np.pi * 4), rel=0.03)
        cosine = 2.0 / np.hypot(2.2, 2.0)
        expected = 30 * 0.04 * cosine**4 / (np.pi * 4)
        assert got[1, 0] == pytest.approx(0 if dark else expected, rel=0.05, abs=1e-3)


@pytest.mark.parametrize("kind", ["stripes", "carpet", "tile", "brick", "planks", "damask"])
def test_textures_fade_in_the_distance_and_keep_their_mean(kind):
    draft = Draft()
    dark, bright = (0.1, 0.1, 0.1), (0.9, 0.9, 0.9)
    draft.box((-4, 0, -4), (4, 0.1, 4), Material(kind, dark, bright, 0.1, 7))
    tree = tree_of(draft.solids())
    light = lit(tree, (Lamp("sun", np.array((0, -1.0, 0)), np.ones(3)),), (0,), everywhere, 0.5)
    eye = np.array([[0.0, -2.0, 0.0]])
    rng = np.random.default_rng(0)
    rays = np.column_stack([rng.uniform(-1, 1, 4000), np.ones(4000), rng.uniform(-1, 1, 4000)])
    met = cast(tree, eye, rays)
    near, far = (radiance(tree, light, eye, rays, met, wide)[:, 0] for wide in (1e-4, 0.25))
    assert far.std() < 0.75 * near.std()
    assert far.mean() == pytest.approx(near.mean(), rel=0.2)
    again = radiance(tree, light, eye, rays, met, 1e-4)[:, 0]
    assert np.array_equal(near, again)
