"""The tracer held to what geometry and physics say."""

import math

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.lp3dgs.data.tracing.bodies import Bodies, Body, Material
from prune3d_gui.plugins.lp3dgs.data.tracing.light import Studio
from prune3d_gui.plugins.lp3dgs.data.tracing.pictures import picture
from prune3d_gui.plugins.lp3dgs.data.tracing.shapes import Blocks, Ellipsoids, Lathe, Ring, Tubes
from prune3d_gui.plugins.lp3dgs.data.tracing.vectors import dot, fresnel, unit
from tests.lp3dgs.data.scenes import (
    ball,
    camera,
    centroid,
    coloured,
    opengl,
    projected,
    shown,
    slab,
)

GREY, RED = coloured((0.5, 0.5, 0.5)), coloured((0.9, 0.02, 0.02))
WHITE = coloured((1.0, 1.0, 1.0))


def test_a_ball_is_seen_where_its_middle_projects():
    """Compared with a projection by OpenGL's axes that shares nothing with the tracer."""
    place = (0.31, -0.22, 0.4)
    for eye in ((2.0, 0.5, 1.0), (-1.4, 1.9, 0.3), (0.2, -2.5, 1.9)):
        view = camera(eye, (0, 0, 0.2))
        found = centroid(shown([ball(place, 0.03, RED)], view, fine=4)[..., 3].astype(float))
        wanted = projected(opengl(view), 60.0, 24, place)
        assert found == pytest.approx(wanted, abs=0.1)


def test_alpha_is_the_area_of_what_is_seen_and_white_lies_behind():
    grey = (0.6, 0.6, 0.6)
    even = Studio(bright=0.0, zenith=grey, horizon=grey, ground=grey)
    view = camera((0, -4, 0), (0, 0, 0))
    picture_ = shown([ball((0, 0, 0), 0.4, GREY)], view, fine=4, studio=even)
    radius = 60 * 0.4 / math.sqrt(4**2 - 0.4**2)
    assert picture_[..., 3].sum() / 255 == pytest.approx(math.pi * radius**2, rel=0.01)
    assert (picture_[picture_[..., 3] == 0] == (255, 255, 255, 0)).all()
    assert (picture_[24, 24, 3], picture_[0, 0, 3]) == (255, 0)
    edge = (picture_[..., 3] > 0) & (picture_[..., 3] < 255)
    assert edge.sum() > 10
    own = picture_[24, 24, :3].astype(int)
    assert np.abs(picture_[edge][:, :3] - own).max() <= 1  # none of the background's colour


def test_equal_seeds_are_equal_bits_and_others_are_not():
    bodies = [ball((0, 0, 0), 0.4, GREY), slab((0, 0, -0.5), (1, 1, 0.1), RED)]
    view = camera((1, -3, 1), (0, 0, 0), side=24, focus=30)
    one = shown(bodies, view)
    assert np.array_equal(one, shown(bodies, view))
    assert not np.array_equal(one, shown(bodies, view, seed=(1,)))


def test_a_flat_mirror_shows_a_ball_where_the_ball_behind_it_would_be():
    place = np.array([0.2, 0.1, 0.5])
    mirror = slab((0, 0, -0.05), (2, 2, 0.05), Material(kind="mirror"))
    view = camera((0.3, -2.2, 1.4), (0, 0, 0))
    lit = shown([mirror, ball(place, 0.04, RED)], view)[..., :3].astype(float)
    red = np.clip(lit[..., 0] - lit[..., 1] - 40, 0, None)
    straight = projected(opengl(view), 60.0, 24, place)
    mirrored = projected(opengl(view), 60.0, 24, place * (1, 1, -1))
    rows = np.indices(red.shape)[0]
    half = (straight[1] + mirrored[1]) / 2
    assert mirrored[1] - straight[1] > 10
    assert centroid(red * (rows > half)) == pytest.approx(mirrored, abs=0.25)
    assert centroid(red * (rows < half)) == pytest.approx(straight, abs=0.25)


def test_a_round_mirror_shows_a_point_where_the_shortest_way_touches_it():
    """Alhazen's problem, solved by Fermat's principle: the way by the mirror is the shortest."""
    from scipy.optimize import minimize

    eye, place, radius = np.array([0.4, -2.4, 0.8]), np.array([-0.9, -0.7, 0.5]), 0.5

    def touch(angles):
        turn, height = angles
        flat = math.cos(height)
        return radius * np.array([flat * math.cos(turn), flat * math.sin(turn), math.sin(height)])

    def length(angles):
        at = touch(angles)
        return np.linalg.norm(at - eye) + np.linalg.norm(at - place)

    found = minimize(length, (-1.8, 0.3), method="Nelder-Mead",
                     options={"xatol": 1e-8, "fatol": 1e-12})  # fmt: skip
    view = camera(eye, (0, 0, 0), side=64, focus=90.0)
    mirror = ball((0, 0, 0), radius, Material(kind="mirror"))
    lit = shown([mirror, ball(place, 0.1, RED)], view, fine=4)[..., :3].astype(float)
    red = np.clip(lit[..., 0] - lit[..., 1] - 8, 0, None)
    wanted = projected(opengl(view), 90.0, 32, touch(found.x))
    columns, rows = np.indices(red.shape)[::-1]
    red *= np.hypot(columns + 0.5 - wanted[0], rows + 0.5 - wanted[1]) < 5
    assert red.sum() > 100
    assert centroid(red) == pytest.approx(wanted, abs=0.35)


def test_glass_of_index_1_is_not_there():
    behind = [slab((0, 0, -0.5), (1, 1, 0.1), GREY), ball((0.3, 0.5, 0), 0.3, RED)]
    view = camera((0, -3, 1), (0, 0, 0))
    clear = ball((0, 0, 0), 0.4, Material(kind="glass", index=1.0))
    without, with_ = (shown(bodies, view).astype(int) for bodies in (behind, [*behind, clear]))
    assert np.abs(without - with_)[..., 3].max() <= 64  # one of four samples, at an edge
    assert (np.abs(without - with_).max(axis=-1) > 1).mean() < 0.002


def test_a_ball_of_glass_turns_what_is_behind_it():
    """Far behind a ball of index 1.5, left is seen on the right, above below."""
    sides = [slab((x, 3, z), (1.5, 0.05, 1.5), coloured(c)) for x, z, c in (
        (-1.5, -1.5, (0.9, 0, 0)), (1.5, -1.5, (0, 0.9, 0)),
        (-1.5, 1.5, (0, 0, 0.9)), (1.5, 1.5, (0.9, 0.9, 0)),
    )]  # fmt: skip
    clear = ball((0, 0, 0), 0.5, Material(kind="glass", index=1.5))
    view = camera((0, -3, 0), (0, 0, 0))
    plain, turned = (shown(each, view)[..., :3].astype(int) for each in (sides, [*sides, clear]))
    for row, column in ((21, 21), (21, 26), (26, 21), (26, 26)):
        opposite = plain[47 - row, 47 - column]
        assert (turned[row, column] > 60).tolist() == (opposite > 60).tolist()
        assert (turned[row, column] > 60).tolist() != (plain[row, column] > 60).tolist()


def test_glass_before_the_background_lets_it_through():
    clear = ball((0, 0, 0), 0.5, Material(kind="glass", index=1.5))
    alpha = shown([clear], camera((0, -3, 0), (0, 0, 0)))[..., 3] / 255
    assert alpha[24, 24] == pytest.approx(1 - 0.96**2, abs=0.02)  # what two surfaces reflect
    rim = alpha[24][np.flatnonzero(alpha[24])[1]]
    assert alpha[24, 24] + 0.05 < rim < 0.5  # more at a slant


def test_fresnel_agrees_with_brewster_total_reflection_and_straight_incidence():
    ratio = torch.tensor([1 / 1.5, 1.5, 1 / 1.5, 1.0])
    brewster = math.cos(math.atan(1.5))
    share, behind = fresnel(torch.tensor([1.0, 0.3, brewster, 0.2]), ratio)
    assert share[0] == pytest.approx(0.04, abs=1e-6)
    assert (share[1], behind[1]) == (1, 0)
    across = ((brewster / 1.5 - behind[2]) / (brewster / 1.5 + behind[2])) ** 2
    assert share[2] == pytest.approx(float(across) / 2, abs=1e-6)  # the other half is none
    assert (share[3], behind[3]) == (0, pytest.approx(0.2))


def test_light_falls_by_the_cosine_and_by_the_square_of_the_distance():
    """A small lamp far above a floor, with dark walls, against the formula."""
    dark = (0.0, 0.0, 0.0)
    studio = Studio(middle=(0, 0, 4), half=(0.1, 0, 0), other=(0, 0.1, 0), bright=100.0,
                    zenith=dark, horizon=dark, ground=dark)  # fmt: skip
    points = torch.tensor([[0.0, 3.0], [0.0, 0.0], [0.0, 0.0]])
    up = torch.tensor([[0.0, 0.0], [0.0, 0.0], [1.0, 1.0]])
    chance = torch.zeros((4, 2)) + 0.37
    light = studio.falling(Bodies(()), points, up, chance, 4096)[0]
    soft = 0.8**2  # mean over the lamp, which fades over the outer 0.4 of each side's half
    wanted = [100 * 0.04 * soft * 4**2 / (math.pi * away**4) for away in (4.0, 5.0)]
    assert light.tolist() == pytest.approx(wanted, rel=0.01)


def test_an_open_surface_has_the_mean_of_the_walls_and_a_roof_takes_it():
    grey = (0.6, 0.6, 0.6)
    studio = Studio(bright=0.0, zenith=grey, horizon=grey, ground=grey, bounced=0.0)
    points, up = torch.zeros((3, 1)), torch.tensor([[0.0], [0.0], [1.0]])
    chance = torch.full((4, 1), 0.2)
    assert studio.falling(Bodies(()), points, up, chance, 8)[:, 0].tolist() == pytest.approx(
        grey, abs=1e-3
    )
    roof = Bodies((slab((0, 0, 1), (1, 1, 0.01), GREY),))
    found = float(studio.falling(roof, points, up, chance, 8192)[0])
    # A square of side 2 at height 1 (0.99) has a form factor of 0.5587 from below its middle.
    side = 1 / 0.99
    factor = 4 * side / (math.sqrt(1 + side**2)) * math.atan(side / math.sqrt(1 + side**2))
    factor /= math.pi
    assert found == pytest.approx(0.6 * (1 - factor), rel=0.01)


def test_shadows_are_where_the_lamp_is_hidden():
    floor = slab((0, 0, -0.05), (2, 2, 0.05), GREY)
    small = Studio(middle=(-1, 0, 3), half=(0.02, 0, 0), other=(0, 0.02, 0), bright=3e4)
    view = camera((0, -0.001, 4), (0, 0, 0))
    open_, hidden = (
        shown(each, view, studio=small)[..., 0].astype(int)
        for each in ([floor], [floor, ball((0.4, 0, 0.5), 0.1, RED)])
    )
    shadow = projected(opengl(view), 60.0, 24, (0.4 + 1.4 * 0.5 / 2.5, 0, 0))
    column, row = (int(value) for value in shadow)
    assert hidden[row, column] < open_[row, column] - 40
    assert abs(int(hidden[row, 47 - column]) - int(open_[row, 47 - column])) < 8


def test_a_leaf_lets_light_through_and_a_board_does_not():
    lamp = Studio(middle=(0, 0, 3), half=(0.3, 0, 0), other=(0, 0.3, 0), bright=300.0)
    under = camera((0, -0.001, -2), (0, 0, 0))

    def seen(thin):
        shape = Ellipsoids([(0, 0, 0)], [(0.4, 0.4, 0.05)], outline=lambda points: points[2] > 0)
        leaf = Body(shape, coloured((0.4, 0.4, 0.4), thin=thin))
        return int(shown([leaf], under, studio=lamp)[24, 24, 0])

    assert seen(0.4) > seen(0.0) + 30


def test_a_stopped_picture_stops():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        picture(Bodies((ball((0, 0, 0), 1, GREY),)), Studio(), camera((0, -3, 0), (0, 0, 0)), (0,),
                cancel=cancel)  # fmt: skip


# -- shapes ----------------------------------------------------------------------------


def inside(shape, points):
    """Whether points are in a shape, by its definition: (N,) bool."""
    x, y, z = points.T
    if isinstance(shape, Ellipsoids):
        local = np.einsum("ij,nj->ni", shape.turns[:, :, 0].numpy(), points - MIDDLE)
        return ((local / RADII) ** 2).sum(axis=1) < 1
    if isinstance(shape, Blocks):
        local = np.einsum("ij,nj->ni", shape.turns[:, :, 0].numpy(), points - MIDDLE)
        return (np.abs(local) < RADII).all(axis=1)
    if isinstance(shape, Tubes):
        way = END - START
        share = np.clip((points - START) @ way / (way @ way), 0, 1)
        return np.linalg.norm(points - START - share[:, None] * way, axis=1) < 0.2
    if isinstance(shape, Ring):
        off = np.hypot(x - 0.1, z - 0.2) - 0.5
        return (np.hypot(off, y) < 0.15) & (x > 0)
    return (np.hypot(x, y) < 0.6 - 0.3 * (z + 0.5)) & (np.abs(z) < 0.5)


MIDDLE, RADII = np.array([0.1, -0.2, 0.05]), np.array([0.6, 0.3, 0.2])
START, END = np.array([-0.4, 0.1, -0.3]), np.array([0.3, -0.2, 0.5])
_TURN = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))[0][None]
SHAPES = (
    Ellipsoids([MIDDLE], [RADII], _TURN),
    Blocks([MIDDLE], [RADII], _TURN),
    Tubes([START], [END], [0.2]),
    Ring((0.1, 0.2), 0.5, 0.15, 0.0),
    Lathe([(0, -0.5), (0.6, -0.5), (0.3, 0.5), (0, 0.5)]),
)


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: type(shape).__name__)
def test_rays_are_cut_where_a_march_by_small_steps_enters(shape):
    """Each closed shape against its definition: first point inside, misses, outward normals."""
    rng = np.random.default_rng(0)
    origins = rng.normal(size=(400, 3))
    origins *= 2 / np.linalg.norm(origins, axis=1, keepdims=True)
    aims = rng.uniform(-0.7, 0.7, (400, 3)) - origins
    aims /= np.linalg.norm(aims, axis=1, keepdims=True)
    bodies = Bodies((Body(shape, GREY),))
    o, d = (torch.as_tensor(each.T.copy(), dtype=torch.float32) for each in (origins, aims))
    met = bodies.meet(o, d)
    steps = np.arange(0.5, 3.5, 0.004)
    points = origins[:, None] + steps[:, None] * aims[:, None]
    within = inside(shape, points.reshape(-1, 3)).reshape(400, -1)
    entered = np.where(within.any(axis=1), steps[within.argmax(axis=1)], np.inf)
    cut = met.distance.numpy()
    both = np.isfinite(entered) & np.isfinite(cut)
    assert both.sum() > 60
    assert (np.isfinite(entered) & ~np.isfinite(cut)).sum() == 0
    assert (np.isfinite(cut) & ~np.isfinite(entered)).sum() < 6  # thinner there than a step
    assert np.mean(np.abs(entered[both] - cut[both] - 0.002) < 0.0035) > 0.99
    hit = torch.isfinite(met.distance)
    points = o[:, hit] + met.distance[hit] * d[:, hit]
    normals = shape.normals(points, met.piece[hit])
    assert torch.allclose(dot(normals, normals), torch.ones(int(hit.sum())), atol=1e-4)
    facing = torch.where(dot(normals, d[:, hit]) < 0, normals, -normals)
    out, in_ = ((points + sign * 2e-3 * facing).T.numpy().astype(float) for sign in (1, -1))
    assert inside(shape, out).mean() < 0.01
    assert inside(shape, in_).mean() > 0.98
    free = bodies.passing(o, d, math.inf)
    assert torch.equal(free == 0, hit)


def test_a_turned_body_is_what_turning_the_rays_gives():
    shape = SHAPES[1]
    turn, place = 0.7, (0.3, -0.2, 0.1)
    rng = np.random.default_rng(1)
    o = torch.as_tensor(rng.normal(size=(3, 200)), dtype=torch.float32)
    d = unit(torch.as_tensor(rng.normal(size=(3, 200)), dtype=torch.float32) * 0.3 - o)
    cos, sin = math.cos(turn), math.sin(turn)
    matrix = torch.tensor([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
    there = matrix @ o + torch.tensor(place)[:, None]
    found = Bodies((Body(shape, GREY, place, turn),)).meet(there, matrix @ d).distance
    wanted = Bodies((Body(shape, GREY),)).meet(o, d).distance
    assert torch.isfinite(wanted).sum() > 40
    assert torch.allclose(found, wanted, atol=1e-4)
