"""Planes cut lattices at the nearest voxels, whatever the lattice's axes are."""

import numpy as np
import pytest

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.geometry.slices import (
    ACROSS,
    ALL,
    Plane,
    bounds,
    cut,
    lattice,
    nearest,
    steps,
    windows_of,
    worst,
)

SHAPE = (5, 7, 4)
TURN = np.array(((0.8, -0.6, 0.0), (0.6, 0.8, 0.0), (0.0, 0.0, 1.0)))


def affine_of(turn, spacing=(2.0, 3.0, 5.0), origin=(10.0, -4.0, 1.0)):
    affine = np.eye(4)
    affine[:3, :3] = turn * np.array(spacing)
    affine[:3, 3] = origin
    return affine


SWAPPED = np.array(((0.0, 0.0, 1.0), (-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)))
AFFINES = {
    "plain": along_axes((2.0, 3.0, 5.0), (10.0, -4.0, 1.0)),
    "mirrored": affine_of(np.diag((-1.0, 1.0, -1.0))),
    "swapped": affine_of(SWAPPED),
    "oblique": affine_of(TURN),
}


def asked_one_by_one(affine, found):
    """The plain reference: for the middle of each pixel, the voxel that holds it."""
    voxels = np.full(found.voxels.shape, -1)
    rows, columns = voxels.shape
    for row in range(rows):
        for column in range(columns):
            place = found.corner + (column + 0.5) / columns * found.right
            place = place + (row + 0.5) / rows * found.up
            number = np.floor(np.linalg.inv(affine) @ (*place, 1) + 0.5).astype(int)[:3]
            if (number >= 0).all() and (number < SHAPE).all():
                voxels[row, column] = np.ravel_multi_index(tuple(number), SHAPE)
    return voxels


@pytest.mark.parametrize("axis", range(3))
@pytest.mark.parametrize("name", AFFINES)
def test_each_pixel_is_the_voxel_that_its_middle_lies_in(name, axis):
    affine = AFFINES[name]
    low, high = bounds(SHAPE, affine)
    rng = np.random.default_rng(axis)
    for point in rng.uniform(low, high, (4, 3)):
        found = cut(SHAPE, affine, Plane(axis, tuple(point)))
        np.testing.assert_array_equal(found.voxels, asked_one_by_one(affine, found))
        assert found.corner[axis] == point[axis]
        right, up = ACROSS[axis]
        assert found.right.tolist() == [(high - low)[k] if k == right else 0 for k in range(3)]
        assert found.up.tolist() == [(high - low)[k] if k == up else 0 for k in range(3)]


def test_along_the_axes_each_voxel_is_one_pixel():
    assert cut(SHAPE, AFFINES["plain"], Plane(2, (12.0, 0.0, 1.0))).voxels.shape == (7, 5)
    assert cut(SHAPE, AFFINES["swapped"], Plane(0, (20.0, -6.0, 2.0))).voxels.shape == (7, 5)


@pytest.mark.parametrize("name", AFFINES)
def test_a_plane_beside_the_lattice_cuts_nothing(name):
    low, high = bounds(SHAPE, AFFINES[name])
    for axis in range(3):
        for at in (low[axis] - 0.1, high[axis] + 0.1):
            point = [0.0, 0.0, 0.0]
            point[axis] = float(at)
            assert cut(SHAPE, AFFINES[name], Plane(axis, tuple(point))) is None


def test_slices_lie_at_the_middles_of_voxels():
    assert steps(SHAPE, AFFINES["plain"], 1) == pytest.approx((-4.0, 3.0, 7))
    assert steps(SHAPE, AFFINES["mirrored"], 0) == pytest.approx((2.0, 2.0, 5))
    assert steps(SHAPE, AFFINES["swapped"], 0) == pytest.approx((10.0, 5.0, 4))
    first, step, count = steps(SHAPE, AFFINES["oblique"], 0)
    low, high = bounds(SHAPE, AFFINES["oblique"])
    assert step == pytest.approx(2.0, rel=0.1)
    assert (first - step / 2, first + (count - 0.5) * step) == pytest.approx((low[0], high[0]))
    assert nearest(-100.0, (first, step, count)) == first
    assert nearest(first + 2.4 * step, (first, step, count)) == pytest.approx(first + 2 * step)


def test_the_eye_of_each_plane_has_its_axes_right_and_up():
    for axis in range(3):
        right, up = np.eye(3)[list(ACROSS[axis])]
        assert np.cross(right, up) == pytest.approx(Plane(axis, (0.0, 0.0, 0.0)).normal)
        assert abs(Plane(axis, (0.0, 0.0, 0.0)).normal[axis]) == 1
        other = Plane(axis, (0.0, 0.0, 0.0), mirrored=True).normal
        np.testing.assert_array_equal(other, -Plane(axis, (0.0, 0.0, 0.0)).normal)


def test_black_and_white_are_the_ends_of_the_first_volume():
    values = np.arange(8, dtype=np.float32).reshape(2, 2, 2)
    holed = np.where(values == 7, np.nan, values)
    table = {1: Label("one", (1, 2, 3))}
    labels = Scene((Layer("l", Labels(np.ones((2, 2, 2), np.uint8), table)),))
    assert lattice(labels)[0] == (2, 2, 2)
    assert lattice(Scene(())) is None
    assert windows_of([labels]) == {}
    assert windows_of([labels, Scene((Layer("v", Volume(values, 0.5)),))]) == {ALL: (0.0, 7.0)}
    soft = Volume(holed, 0.5, windows={"Soft": (1.0, 2.0)})
    assert list(windows_of([Scene((Layer("v", soft),))]).items()) == [
        ("Soft", (1.0, 2.0)), (ALL, (0.0, 6.0)),
    ]  # fmt: skip


def test_the_worst_slices_hold_most_voxels_that_differ():
    affine = along_axes((1.0, -2.0, 3.0), (10.0, 0.0, 0.0))
    one = np.zeros((5, 6, 7), np.uint8)
    other = one.copy()
    other[2, :, 1] = 1  # x: 2 has 6, z: 1 has 7
    other[4, 3, 1] = 3
    assert worst(one, other, affine) == (12.0, -6.0, 3.0)
    assert worst(other, one, affine) == (12.0, -6.0, 3.0)
    assert worst(one, one, affine) is None
