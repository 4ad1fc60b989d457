"""Cameras turn, shift and come closer as the hand expects, and framing shows everything."""

import math
from dataclasses import replace

import numpy as np
import pytest
import pyvista

from prune3d_gui.core.scene.scenes import Layer, Mesh, Points, Scene
from prune3d_gui.drawing.cameras import (
    CameraState,
    axes_of,
    extent,
    joined,
    nearer,
    place,
    projected,
    shifted,
    turned,
)
from prune3d_gui.drawing.framing import FILL, SIDES, framing, side_of

from ..geometry.trees import ragged


def matrix(state, around, aspect=1.0):
    import pyvista

    camera = pyvista.Camera()
    place(camera, state, around, aspect)
    flat = camera.GetCompositeProjectionTransformMatrix(aspect, -1, 1)
    return np.array([[flat.GetElement(i, j) for j in range(4)] for i in range(4)])


def on_screen(points, state, around, aspect=1.0):
    places = np.column_stack([points, np.ones(len(points))]) @ matrix(state, around, aspect).T
    return places[:, :3] / places[:, 3:]


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("aspect", [0.3, 0.6, 1.0, 1.9, 4.0])
@pytest.mark.parametrize("side", SIDES)
@pytest.mark.parametrize("up", ["y", "z"])
def test_what_is_framed_takes_nine_tenths_of_a_view_of_any_shape(aspect, parallel, side, up):
    rng = np.random.default_rng(2)
    points = rng.uniform((-3, 0, 1), (2, 0.4, 8), (400, 3)).astype(np.float32)
    scenes = [Scene((Layer("p", Points(points)),), up=up)]
    seen = on_screen(points, framing(scenes, side, parallel=parallel), extent(scenes), aspect)
    assert np.abs(seen[:, 2]).max() <= 1
    low, high = seen[:, :2].min(axis=0), seen[:, :2].max(axis=0)
    assert (high - low).max() == pytest.approx(2 * FILL, abs=0.01)
    np.testing.assert_allclose(low + high, 0, atol=0.01)


def test_each_side_is_seen_from_there_upright():
    away = {side: framing((), side) for side in SIDES}
    axes = {side: axes_of(state) for side, state in away.items()}
    for side, forward, up in (
        ("front", (0, 0, -1), (0, 1, 0)),
        ("back", (0, 0, 1), (0, 1, 0)),
        ("left", (1, 0, 0), (0, 1, 0)),
        ("right", (-1, 0, 0), (0, 1, 0)),
        ("top", (0, -1, 0), (0, 0, -1)),
        ("bottom", (0, 1, 0), (0, 0, 1)),
    ):
        np.testing.assert_allclose(axes[side][0], forward, atol=1e-3)
        np.testing.assert_allclose(axes[side][2], up, atol=1e-3)
    np.testing.assert_allclose(axes["isometric"][0], -np.ones(3) / 3**0.5, atol=1e-6)
    lying = Scene((Layer("p", Points(np.eye(3, dtype=np.float32))),), up="z")
    np.testing.assert_allclose(axes_of(framing([lying], "front"))[0], (0, 1, 0), atol=1e-6)
    assert side_of(np.array((0, -1, 0)), "z") == "front"
    assert side_of(np.array((0, 0, 1)), "z") == "top"
    assert side_of(np.array((0, 0, 1)), "y") == "front"


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("count", [1, 2])
def test_a_point_or_a_line_alone_is_in_view(parallel, count):
    points = np.array([(3, 4, 5), (3, 4, 9)], np.float32)[:count]
    scenes = [Scene((Layer("p", Points(points)),))]
    for side in SIDES:
        state = framing(scenes, side, parallel=parallel)
        assert np.isfinite((*state.position, state.angle, state.height, state.aspect)).all()
        seen = on_screen(points, state, extent(scenes), 1.3)
        assert np.abs(seen[:, :2]).max() <= 1


def test_the_default_view_has_y_up_and_shows_the_front():
    state = framing(())
    centre, up, right, front = on_screen(
        np.array([(0, 0, 0), (0, 0.5, 0), (0.5, 0, 0), (0, 0, 0.5)]), state, None
    )
    assert up[1] > centre[1]
    assert right[0] > centre[0]
    assert front[2] < centre[2]


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("aspect", [0.6, 1.9])
def test_what_is_flat_fills_the_view_from_the_front(aspect, parallel):
    grid = replace(ragged(2, 3, 0), origin=(2.0, 5.0, 0.0), size=(3.0, 1.0, 0.0))
    scenes = [Scene((Layer("cells", grid),))]
    around, state = extent(scenes), framing(scenes, parallel=parallel)
    corners = np.array([(2, 5, 0), (5, 5, 0), (2, 6, 0), (5, 6, 0)], dtype=float)
    seen = on_screen(corners, state, around, aspect)
    assert np.abs(seen[:, :2]).max() == pytest.approx(FILL)
    np.testing.assert_allclose(seen[0, :2], -seen[3, :2], atol=1e-6)
    np.testing.assert_allclose(seen[:, 2], seen[0, 2], atol=1e-6)
    assert seen[2, 1] > seen[0, 1]
    assert seen[1, 0] > seen[0, 0]


def test_nothing_to_frame_has_no_extent():
    assert extent([]) is None
    assert extent([Scene((Layer("p", Points(np.full((3, 3), np.nan, np.float32))),))]) is None
    assert joined([]) is None


def test_joined_balls_hold_their_parts():
    parts = [
        extent([Scene((Layer("p", Points(np.eye(3, dtype=np.float32) + k)),))]) for k in (0, 5)
    ]
    whole = joined(parts)
    for part in parts:
        gap = np.linalg.norm(np.subtract(part.centre, whole.centre))
        assert gap + part.radius <= whole.radius + 1e-6


def test_turning_keeps_the_distance_and_comes_around():
    state = CameraState((1.0, 2.0, 3.0), (0.5, 0.5, 0.5))
    there = turned(state, 0.7, 0.3)
    back = turned(there, -0.7, -0.3)
    assert back.position == pytest.approx(state.position)
    assert np.linalg.norm(np.subtract(there.position, there.focus)) == pytest.approx(
        np.linalg.norm(np.subtract(state.position, state.focus))
    )


def test_turning_stops_short_of_the_poles():
    state = turned(framing(()), 0, 10)
    assert state.position[1] > 0
    assert math.hypot(state.position[0], state.position[2]) > 0
    assert turned(state, 0.0, 10).position == pytest.approx(state.position)


def test_coming_closer_is_undone_by_going_back():
    state = framing((), parallel=True)
    near = nearer(state, 2.0)
    assert near.height == pytest.approx(state.height / 2)
    assert nearer(near, 0.5).position == pytest.approx(state.position)


@pytest.mark.parametrize("parallel", [False, True])
def test_shifting_by_a_height_moves_the_focus_to_the_edge(parallel):
    state = replace(framing((), parallel=parallel), aspect=0.0)
    focus = np.array([state.focus])
    seen = on_screen(focus, shifted(state, 0.5, 0.5), None)[0]
    np.testing.assert_allclose(seen[:2], (-1, -1), atol=1e-6)


def test_changing_the_projection_keeps_the_size_at_the_focus():
    state = nearer(framing(()), 1.7)
    points = np.array([state.focus, np.add(state.focus, (0, 0.2, 0))])
    flat = projected(state, True)
    size = [np.ptp(on_screen(points, s, None)[:, 1]) for s in (state, flat)]
    assert size[0] == pytest.approx(size[1], rel=0.05)
    assert projected(flat, False).position == pytest.approx(state.position)


def test_what_has_z_up_is_seen_upright_from_where_y_is_least():
    points = np.array([[-1, -2, 0], [1, 2, 6]], np.float32)
    faces = np.empty((0, 3), np.int32)
    scenes = [Scene((Layer("body", Mesh(points, faces)),), up="z")]
    body = extent(scenes)
    assert body.rise == 3.0
    state = framing(scenes)
    away = np.array(state.position) - state.focus
    assert away[1] < 0 < away[2]
    above = np.array(turned(state, 0.0, 0.5).position) - state.focus
    assert above[2] > away[2]
    beside = np.array(turned(state, 0.5, 0.0).position) - state.focus
    assert beside[2] == pytest.approx(away[2])
    camera = pyvista.Camera()
    place(camera, state, body)
    assert camera.up == (0.0, 0.0, 1.0)
