"""Outlines of classes in a plane: where they lie, whose they are, that they close."""

import numpy as np
import pytest
from scipy import ndimage

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.geometry.labels import SMOOTHED
from prune3d_gui.geometry.outlines import outlines
from prune3d_gui.geometry.slices import Plane, cut

TABLE = {1: Label("organ", (200, 40, 40)), 4: Label("lesion", (240, 220, 40))}
AFFINE = along_axes((1.5, -2.0, 3.0), (10.0, 40.0, -5.0))
"""Voxels of 1.5 x 2 x 3, the second axis turned round."""


def organ():
    x, y, _ = np.indices((20, 24, 9))
    values = np.where((x - 9) ** 2 + (y - 12) ** 2 <= 64, 1, 0)
    return np.where((x - 12) ** 2 + (y - 12) ** 2 <= 9, 4, values).astype(np.uint8)


def made(values, plane, affine=AFFINE):
    labels = Labels(values, TABLE, affine, "mm")
    return outlines(labels, cut(values.shape, affine, plane))


@pytest.mark.parametrize("axis", [0, 1, 2])
def test_lines_run_between_voxels_of_two_classes(axis):
    values = organ()
    place = AFFINE[:3, :3] @ (12, 12, 4) + AFFINE[:3, 3]
    lines = made(values, Plane(axis, tuple(place)))
    middles = lines.points[lines.lines].mean(axis=1)
    assert np.allclose(middles[:, axis], place[axis])
    back = np.linalg.inv(AFFINE)
    voxels = middles @ back[:3, :3].T + back[:3, 3]
    padded = np.pad(values, 2)
    for voxel, number in zip(voxels, lines.classes, strict=True):
        low = np.floor(voxel - SMOOTHED).astype(int) + 2
        high = np.ceil(voxel + SMOOTHED).astype(int) + 3
        around = padded[tuple(map(slice, low, high))]
        assert number in around, "of a class that is there"
        assert np.unique(around).size > 1, "between two"


def test_what_two_classes_share_is_the_larger_ones():
    lines = made(organ(), Plane(2, (20.0, 20.0, 4.0)))
    ends = lines.lines[lines.classes == 4]
    assert np.all(np.bincount(ends.ravel())[np.unique(ends)] >= 2), "the lesion's outline closes"
    assert set(lines.classes) == {1, 4}


def test_outlines_close_where_a_class_touches_the_border():
    values = np.zeros((6, 5, 4), np.uint8)
    values[:3] = 1
    lines = made(values, Plane(2, tuple(AFFINE[:3, 3])))
    assert np.all(np.bincount(lines.lines.ravel()) == 2)
    low, high = lines.points.min(axis=0), lines.points.max(axis=0)
    slack = SMOOTHED * np.array((1.5, 2.0, 0)) + 1e-6
    assert np.all(np.abs(low - (10 - 0.75, 40 - 9.0, -5)) <= slack)
    assert np.all(np.abs(high - (10 + 3.75, 41.0, -5)) <= slack)


def test_the_area_inside_is_that_of_the_pixels():
    values = np.zeros((40, 40, 3), np.uint8)
    x, y, _ = np.indices(values.shape)
    values[(x - 20) ** 2 + (y - 18) ** 2 <= 150] = 1
    lines = made(values, Plane(2, (0.0, 0.0, 1.0)), np.eye(4))
    start, end = lines.points[lines.lines[:, 0], :2], lines.points[lines.lines[:, 1], :2]
    middle = np.array((20.0, 18.0))
    cross = (start - middle)[:, 0] * (end - middle)[:, 1]
    cross = cross - (start - middle)[:, 1] * (end - middle)[:, 0]
    assert np.abs(cross).sum() / 2 == pytest.approx((values[:, :, 1] == 1).sum(), rel=0.02)


def test_a_plane_without_a_class_has_no_lines():
    values = np.zeros((6, 5, 4), np.uint8)
    values[:, :, 3] = 1
    assert made(values, Plane(2, tuple(AFFINE[:3, 3]))).lines.shape == (0, 2)


def test_an_oblique_lattice_is_outlined_where_it_is():
    turned = np.eye(4)
    turned[:3, :3] = np.array(((0.8, -0.6, 0), (0.6, 0.8, 0), (0, 0, 1.0)))
    values = np.zeros((30, 30, 3), np.uint8)
    values[10:20, 8:22] = 1
    lines = made(values, Plane(2, (0.0, 0.0, 1.0)), turned)
    back = lines.points @ np.linalg.inv(turned)[:3, :3].T
    inside = ndimage.binary_erosion(values[:, :, 1], iterations=2)
    rows, columns = np.round(back[:, :2]).astype(int).T
    assert not inside[rows.clip(0, 29), columns.clip(0, 29)].any()
    assert np.abs(back[:, :2].min(axis=0) - (9.5, 7.5)).max() < 1.2
    assert np.abs(back[:, :2].max(axis=0) - (19.5, 21.5)).max() < 1.2
