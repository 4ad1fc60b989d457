"""The surface through a cube whose corners are inside or outside, by which they are."""

from __future__ import annotations

from functools import cache

import numpy as np

CORNERS = np.array((128, 64, 32, 16, 8, 4, 2, 1)).reshape(2, 2, 2)
"""What each corner inside counts in the number of a case."""


@cache
def cube_normals() -> tuple[np.ndarray, ...]:
    """Return the triangles of each of the 256 cases as vectors: normals as long as the areas.

    Marching cubes (Lorensen and Cline, 1987) with vertices in the middle of edges of length 1.
    Where more than four corners are inside, the surface is that of the others, so that a case and
    its complement have the same.

    Returns
    -------
    tuple of (T, 3) float64
    """
    return tuple(_normals(min(case, 255 - case, key=int.bit_count)) for case in range(256))


def _normals(case: int) -> np.ndarray:
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkMarchingCubes

    inside = ((case & CORNERS) > 0).astype(np.float32).ravel("F")
    image = vtkImageData()
    image.SetDimensions(2, 2, 2)
    image.GetPointData().SetScalars(numpy_to_vtk(inside))
    marched = vtkMarchingCubes()
    marched.SetInputData(image)
    marched.SetValue(0, 0.5)
    marched.ComputeNormalsOff()
    marched.Update()
    made = marched.GetOutput()
    if not made.GetNumberOfPolys():
        return np.empty((0, 3))
    points = vtk_to_numpy(made.GetPoints().GetData()).astype(float)
    faces = vtk_to_numpy(made.GetPolys().GetConnectivityArray()).reshape(-1, 3)
    one, two, three = points[faces].transpose(1, 0, 2)
    return np.asarray(np.cross(two - one, three - one) / 2)
