"""The geometry of label volumes: one closed surface for each class."""

from __future__ import annotations

import numpy as np

from ..core.scene.affines import placed
from ..core.scene.labels import Labels
from ..core.scene.scenes import Layer, Mesh
from .boxes import corners
from .contours import facing_out
from .sight import Hit, Sight
from .volumes import voxel_hit

LABEL = "label"
"""Array of a surface that tells the class of each vertex."""
SMOOTHED = 0.25
"""Voxels that smoothing may move a vertex; VTK's own bound halves a ball of radius 3."""
_EMPTY = Mesh(
    np.empty((0, 3), np.float32), np.empty((0, 3), np.int32), {LABEL: np.empty(0, np.float32)}
)


def extent(labels: Labels) -> np.ndarray:
    """Points that hold the labelled voxels between them: (8, 3) float64, (0, 3) where none is."""
    if labels.held is None:
        return np.empty((0, 3))
    low, high = np.array([(part.start - 0.5, part.stop - 0.5) for part in labels.held]).T
    return corners(low, high - low, labels.affine)


def nothing(layer: Layer) -> str:
    """Why none of it can be seen; empty where something can."""
    return "" if layer.data.held else "No voxel is labelled."


def hit(layer: Layer, sight: Sight) -> Hit | None:
    """The voxel nearest to where the surfaces are seen."""
    made = layer.surface if layer.surface is not None else surface(layer.data)
    return voxel_hit(made, layer.data.values.shape, layer.data.affine, sight)


def surface(labels: Labels) -> Mesh:
    """The surfaces of all classes in one mesh, smoothed by `SMOOTHED` of a voxel at most.

    Surface nets (Gibson, "Constrained elastic surface nets", 1998; Frisken, "SurfaceNets for
    multi-label segmentations with preservation of sharp boundaries", 2022), closed where a class
    touches the border of the volume. Between two classes there is one face, which counts as the
    one with the smaller number.

    Returns
    -------
    Mesh
        Its array ``label`` is the number of the class; classes share no vertices.
    """
    numbers = [number for number in labels.table if number > 0]
    if not numbers or labels.held is None:
        return _EMPTY
    points, faces, sides = _nets(np.pad(labels.values[labels.held], 1), numbers)
    sides = np.where(sides > 0, sides, np.iinfo(sides.dtype).max)
    owners = sides.min(axis=1)
    keys, numbers = np.unique(
        owners[:, None].astype(np.int64) * len(points) + faces, return_inverse=True
    )
    owner, vertex = np.divmod(keys, len(points))
    first = np.array([part.start for part in labels.held]) - 1
    places = placed(points[vertex].astype(float) + first, labels.affine).astype(np.float32)
    faces = facing_out(numbers.reshape(-1, 3).astype(np.int32), labels.affine)
    return Mesh(places, faces, {LABEL: owner.astype(np.float32)})


def _nets(values: np.ndarray, numbers: list[int]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points (N, 3) in voxels, triangles (F, 3), and the class on either side (F, 2)."""
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkSurfaceNets3D

    flat = values.astype(np.int32).ravel("F")  # alive as long as the filter reads it
    image = vtkImageData()
    image.SetDimensions(*values.shape)
    image.GetPointData().SetScalars(numpy_to_vtk(flat))
    nets = vtkSurfaceNets3D()
    nets.SetInputData(image)
    nets.SetBackgroundLabel(0)
    for place, number in enumerate(numbers):
        nets.SetValue(place, number)
    nets.AutomaticSmoothingConstraintsOff()
    nets.SetConstraintDistance(SMOOTHED)
    nets.SetOutputMeshTypeToTriangles()
    nets.Update()
    found = nets.GetOutput()
    points = vtk_to_numpy(found.GetPoints().GetData()).astype(np.float64)
    faces = vtk_to_numpy(found.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    sides = vtk_to_numpy(found.GetCellData().GetArray("BoundaryLabels")).astype(np.int64)
    return points, faces.astype(np.int64), sides
