"""Cameras turn, shift and come closer as the hand expects, and framing shows everything."""

import math
from dataclasses import replace

import numpy as np
import pytest
import pyvista

from prune3d_gui.core.scene.scenes import Layer, Mesh, Points, Scene
from prune3d_gui.drawing.cameras import (
    CameraState,
    extent,
    framing,
    joined,
    nearer,
    place,
    projected,
    shifted,
    turned,
)

from ..geometry.trees import ragged


def matrix(state, around, aspect=1.0):
    import pyvista

    camera = pyvista.Camera()
    place(camera, state, around)
    flat = camera.GetCompositeProjectionTransformMatrix(aspect, -1, 1)
    return np.array([[flat.GetElement(i, j) for j in range(4)] for i in range(4)])


def on_screen(points, state, around, aspect=1.0):
    places = np.column_stack([points, np.ones(len(points))]) @ matrix(state, around, aspect).T
    return places[:, :3] / places[:, 3:]


@pytest.mark.parametrize("parallel", [False, True])
@pytest.mark.parametrize("aspect", [0.6, 1.0, 1.9])
def test_framing_shows_all_while_it_turns(aspect, parallel):
    rng = np.random.default_rng(2)
    points = rng.uniform((-3, 0, 1), (2, 0.4, 8), (400, 3)).astype(np.float32)
    around = extent([Scene((Layer("p", Points(points)),))])
    state = framing(around, aspect, parallel=parallel)
    for step in range(12):
        seen = on_screen(points, turned(state, step * math.pi / 6, 0), around, aspect)
        assert np.abs(seen).max() <= 1
    assert np.abs(on_screen(points, state, around, aspect)[:, :2]).max() > 0.5


def test_the_default_view_has_y_up_and_shows_the_front():
    state = framing(None)
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
    around = extent([Scene((Layer("cells", grid),))])
    state = framing(around, aspect, parallel=parallel)
    corners = np.array([(2, 5, 0), (5, 5, 0), (2, 6, 0), (5, 6, 0)], dtype=float)
    seen = on_screen(corners, state, around, aspect)
    assert 0.9 < np.abs(seen[:, :2]).max() <= 1
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
    state = turned(framing(None), 0, 10)
    assert state.position[1] > 0
    assert math.hypot(state.position[0], state.position[2]) > 0
    assert turned(state, 0.0, 10).position == pytest.approx(state.position)


def test_coming_closer_is_undone_by_going_back():
    state = framing(None, parallel=True)
    near = nearer(state, 2.0)
    assert near.height == pytest.approx(state.height / 2)
    assert nearer(near, 0.5).position == pytest.approx(state.position)


@pytest.mark.parametrize("parallel", [False, True])
def test_shifting_by_a_height_moves_the_focus_to_the_edge(parallel):
    state = framing(None, parallel=parallel)
    focus = np.array([state.focus])
    seen = on_screen(focus, shifted(state, 0.5, 0.5), None)[0]
    np.testing.assert_allclose(seen[:2], (-1, -1), atol=1e-6)


def test_changing_the_projection_keeps_the_size_at_the_focus():
    state = nearer(framing(None), 1.7)
    points = np.array([state.focus, np.add(state.focus, (0, 0.2, 0))])
    flat = projected(state, True)
    size = [np.ptp(on_screen(points, s, None)[:, 1]) for s in (state, flat)]
    assert size[0] == pytest.approx(size[1], rel=0.05)
    assert projected(flat, False).position == pytest.approx(state.position)


def test_what_has_z_up_is_seen_upright_from_where_y_is_least():
    points = np.array([[-1, -2, 0], [1, 2, 6]], np.float32)
    faces = np.empty((0, 3), np.int32)
    body = extent([Scene((Layer("body", Mesh(points, faces)),), up="z")])
    assert (body.rise, body.depth) == (3.0, 2.0)
    state = framing(body)
    away = np.array(state.position) - state.focus
    assert away[1] < 0 < away[2]
    above = np.array(turned(state, 0.0, 0.5).position) - state.focus
    assert above[2] > away[2]
    beside = np.array(turned(state, 0.5, 0.0).position) - state.focus
    assert beside[2] == pytest.approx(away[2])
    camera = pyvista.Camera()
    place(camera, state, body)
    assert camera.up == (0.0, 0.0, 1.0)
