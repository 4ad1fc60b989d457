"""Outlines of the classes of a label map where a plane cuts it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from ..core.scene.labels import Labels
from .labels import SMOOTHED
from .slices import Cut


@dataclass(frozen=True, eq=False)
class Outlines:
    """Lines between the classes of a plane.

    Parameters
    ----------
    points : (N, 3) float64
        In the world.
    lines : (L, 2) int64
        Each between two points.
    classes : (L,) int64
        The class that each line is drawn for.
    """

    points: np.ndarray
    lines: np.ndarray
    classes: np.ndarray


_NONE = Outlines(np.empty((0, 3)), np.empty((0, 2), np.int64), np.empty(0, np.int64))


def outlines(labels: Labels, found: Cut) -> Outlines:
    """Return the outlines of all classes in a plane, closed where a class touches its border.

    Surface nets in two dimensions (Gibson, "Constrained elastic surface nets", 1998), smoothed
    by `labels.SMOOTHED` of a pixel at most, as the surfaces in space are. Between two classes there
    is one line, which is that of the larger number: a lesion in its organ.

    Parameters
    ----------
    labels : Labels
    found : Cut
        Of the lattice of `labels`.
    """
    numbers = np.where(found.voxels < 0, 0, labels.values.reshape(-1)[found.voxels])
    known = np.unique(numbers)
    known = known[known > 0]
    if not known.size:
        return _NONE
    places, lines, sides = _nets(np.pad(numbers, 1), known.tolist())
    rows, columns = numbers.shape
    u = (places[:, :1] - 0.5) / columns  # a pixel's middle is half a pixel from its border,
    v = (places[:, 1:2] - 0.5) / rows  # and one pixel was put around
    points = found.corner + u * found.right + v * found.up
    return Outlines(points, lines, np.maximum(sides.max(axis=1), 0))


def _nets(values: np.ndarray, known: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points (N, 3) in pixels, lines (L, 2), and the class on either side (L, 2)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkSurfaceNets2D

    flat = values.astype(np.int32).ravel()  # alive as long as the filter reads it
    image = vtkImageData()
    image.SetDimensions(values.shape[1], values.shape[0], 1)
    image.GetPointData().SetScalars(numpy_to_vtk(flat))
    nets = vtkSurfaceNets2D()
    nets.SetInputData(image)
    nets.SetBackgroundLabel(0)
    for place, number in enumerate(known):
        nets.SetValue(place, number)
    nets.GetSmoother().SetConstraintDistance(SMOOTHED)
    nets.Update()
    made = nets.GetOutput()
    points = vtk_to_numpy(made.GetPoints().GetData()).astype(np.float64)
    lines = vtk_to_numpy(made.GetLines().GetConnectivityArray()).reshape(-1, 2)
    sides = vtk_to_numpy(made.GetCellData().GetArray("BoundaryLabels")).astype(np.int64)
    return points, lines.astype(np.int64), sides
