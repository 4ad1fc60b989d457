"""What every design of the procedural set promises."""

from __future__ import annotations

import numpy as np
import pytest

from prune3d_gui.plugins.pgn.data.designs import CATEGORIES, Design
from prune3d_gui.plugins.pgn.data.designs.meshes import assemble
from prune3d_gui.plugins.pgn.data.designs.outlines import inset, ring, triangulate
from prune3d_gui.plugins.pgn.data.designs.parts import (
    Part,
    extrude,
    mirrored,
    signed_volume,
    turned,
)
from prune3d_gui.plugins.pgn.data.designs.shapes import box, ellipsoid, shade, torus, tube
from prune3d_gui.plugins.pgn.data.rendering import CROP, SIZE, render, scan

DESIGNS = [pytest.param(design, id=design.name) for c in CATEGORIES for design in c.designs]
WHITE = (1.0, 1.0, 1.0)


def check_solid(part: Part) -> None:
    triangles = part.triangles
    assert np.isfinite(part.vertices).all()
    assert triangles.min() >= 0
    assert triangles.max() < len(part.vertices)
    assert all(0.0 <= value <= 1.0 for value in part.rgb)
    directed = np.concatenate([triangles[:, [0, 1]], triangles[:, [1, 2]], triangles[:, [2, 0]]])
    forward = directed[:, 0] * len(part.vertices) + directed[:, 1]
    backward = directed[:, 1] * len(part.vertices) + directed[:, 0]
    assert len(np.unique(forward)) == len(forward), "an edge is used twice the same way"
    assert set(forward) == set(backward), "the skin has a hole"
    assert signed_volume(part.vertices - part.vertices.mean(axis=0), triangles) > 0


def test_the_thirteen_categories_each_hold_out_exactly_their_last_design():
    assert len({category.synset for category in CATEGORIES}) == 13
    for category in CATEGORIES:
        assert len(category.designs) >= 4
        assert [design.held_out for design in category.designs] == (
            [False] * (len(category.designs) - 1) + [True]
        )
    names = [design.name for category in CATEGORIES for design in category.designs]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_design_builds_closed_outward_solids_of_sane_extent(design: Design):
    parts = design.build(np.random.default_rng(3))
    assert len(parts) >= 3
    assert len({part.rgb for part in parts}) >= 2
    for part in parts:
        check_solid(part)
    extent = np.ptp(np.concatenate([part.vertices for part in parts]), axis=0)
    assert extent.min() > 0.03 * extent.max()
    assert 0.05 < extent.max() < 10
    mesh = assemble(parts)
    assert np.isfinite(mesh.normals).all()
    assert np.sqrt((np.ptp(mesh.corners.reshape(-1, 3), axis=0) ** 2).sum()) == pytest.approx(1.0)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_design_varies_with_the_seed_and_repeats_with_it(design: Design):
    first, again, other = (
        np.concatenate([part.vertices for part in design.build(np.random.default_rng(seed))])
        for seed in (5, 5, 6)
    )
    assert np.array_equal(first, again)
    assert first.shape != other.shape or not np.allclose(first, other)


@pytest.mark.parametrize("design", DESIGNS)
def test_a_view_has_a_transparent_margin_and_survives_the_centre_crop(design: Design):
    image = render(assemble(design.build(np.random.default_rng(1))), 35.0, 27.0)
    assert image.shape == (137, 137, 4)
    assert image.dtype == np.uint8
    alpha = image[..., 3]
    assert not image[alpha == 0].any()
    edge = (SIZE - CROP) // 2
    inside = alpha[edge:-edge, edge:-edge]
    assert alpha.sum(dtype=int) == inside.sum(dtype=int)
    assert not np.concatenate([inside[0], inside[-1], inside[:, 0], inside[:, -1]]).any()
    rows, columns = np.nonzero(alpha)
    assert max(np.ptp(rows), np.ptp(columns)) > 60
    assert len(np.unique(image[alpha == 255], axis=0)) > 20


@pytest.mark.parametrize("category", CATEGORIES, ids=lambda category: category.name)
def test_most_designs_mirror_across_the_middle(category):
    balanced = []
    for design in category.designs:
        mesh = assemble(design.build(np.random.default_rng(2)))
        center = (mesh.corners.mean(axis=1) * mesh.areas[:, None]).sum(axis=0) / mesh.areas.sum()
        balanced.append(abs(center[0]) < 0.03)
    assert np.mean(balanced) >= 0.6


@pytest.mark.parametrize(
    "part",
    [
        box((0, 1, 2), (1, 2, 3), WHITE, taper=(0.5, 0.7)),
        mirrored(turned(box((1, 0, 0), (1, 2, 3), WHITE), 1, 30)),
        ellipsoid((0, 0, 0), (1, 2, 3), WHITE),
        torus((0, 0, 0), 1.0, 0.2, WHITE, 0),
        shade([(1.0, 0.0), (0.5, 1.0)], 0.05, WHITE),
        tube(np.array([[0, 0, 0], [0, 1, 0], [1, 2, 0.5]]), [0.1, 0.2, 0.1], WHITE),
        extrude(
            np.array([[0, 0], [2, 0], [2, 1], [1, 1], [1, 2], [0, 2.0]]), 0.4, WHITE, bevel=0.1
        ),
        extrude(ring(9)[::-1], 0.4, WHITE, plane="zy"),
    ],
)
def test_primitives_are_closed_and_face_outwards(part: Part):
    check_solid(part)


def test_a_concave_outline_is_covered_exactly():
    outline = np.array([[0, 0], [4, 0], [4, 3], [3, 3], [3, 1], [1, 1], [1, 3], [0, 3.0]])
    a, b, c = (outline[triangulate(outline)[:, k]] for k in range(3))
    first, second = b - a, c - a
    areas = (first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]) / 2
    assert (areas >= 0).all()
    assert areas.sum() == pytest.approx(8.0)
    assert inset(outline, 0.25)[0] == pytest.approx([0.25, 0.25])


def test_a_lit_box_has_no_holes_and_the_right_silhouette():
    mesh = assemble([box((0, 0, 0), (1, 1, 1), WHITE)])
    alpha = render(mesh, 0.0, 0.0)[..., 3]
    rows, columns = np.nonzero(alpha == 255)
    assert (alpha[rows.min() : rows.max() + 1, columns.min() : columns.max() + 1] == 255).all()
    assert abs(np.ptp(rows) - np.ptp(columns)) <= 1


def test_azimuth_turns_from_the_front_to_the_positive_x_side():
    front, side = (1.0, 0.0, 0.0), (0.0, 1.0, 0.0)
    mesh = assemble(
        [
            box((0, 0, 0), (1, 1, 1), (0, 0, 1)),
            box((0, 0, -0.52), (1, 1, 0.04), front),
            box((0.52, 0, 0), (0.04, 1, 1), side),
        ]
    )
    middle = SIZE // 2
    assert render(mesh, 0.0, 0.0)[middle, middle, :3].argmax() == 0
    assert render(mesh, 90.0, 0.0)[middle, middle, :3].argmax() == 1
    assert render(mesh, 180.0, 0.0)[middle, middle, :3].argmax() == 2


def test_neighbouring_triangles_leave_no_cracks():
    mesh = assemble([ellipsoid((0, 0, 0), (1, 1, 1), WHITE, sides=48)])
    y, x = np.mgrid[:SIZE, :SIZE] - (SIZE - 1) / 2
    for azimuth in range(0, 360, 60):
        alpha = render(mesh, float(azimuth), 27.5)[..., 3]
        assert (alpha[x**2 + y**2 < 55**2] == 255).all()


def test_the_scanner_sees_only_the_outside():
    mesh = assemble(
        [
            box((0, 0, 0), (1, 1, 1), WHITE),
            ellipsoid((0, 0, 0), (0.4, 0.4, 0.4), WHITE),
            box((0.9, 0, 0), (1, 0.5, 0.5), WHITE),
        ]
    )
    points = scan(mesh, 5000, np.random.default_rng(0))
    assert points.shape == (5000, 3)
    assert points.dtype == np.float32
    real = points * np.sqrt(1.9**2 + 2) + np.array([0.45, 0, 0])
    assert not (np.abs(real) < 0.48).all(axis=1).any()
    assert not (np.abs(real - [0.9, 0, 0]) < [0.48, 0.23, 0.23]).all(axis=1).any()
    assert np.ptp(real, axis=0) == pytest.approx([1.9, 1.0, 1.0], abs=0.02)


def test_the_scanner_reaches_into_an_open_shade():
    mesh = assemble([shade([(1.0, 0.0), (0.7, 1.2)], 0.02, WHITE)])
    points = scan(mesh, 6000, np.random.default_rng(0)).astype(float)
    radius = np.hypot(points[:, 0], points[:, 2]) * np.sqrt(4 + 4 + 1.44)
    outer = 1.0 - 0.25 * (points[:, 1] * np.sqrt(9.44) + 0.6)
    assert 0.25 < (radius < outer - 0.01).mean() < 0.75
