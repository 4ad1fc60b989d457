"""Drawing what has vertices: point clouds and triangle meshes, updated in place."""

from __future__ import annotations

import numpy as np
import pyvista
from vtkmodules.util.numpy_support import vtk_to_numpy
from vtkmodules.vtkFiltersCore import vtkTriangleMeshPointNormals

from ...core.scene.scenes import Layer, Mesh, Points
from ...core.score.scores import scale_of
from ..looks import Look, point_size
from ..palette import coloured
from .marks import Mark


class VertexDrawer:
    """One layer of points or triangles in a plotter.

    The actor is added once. The arrays of a layer are copied into buffers that
    belong to the drawer, so that a layer is never aliased; while the number of
    vertices and the faces stay as they are, only those buffers change.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the actor; that of the mark follows from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._name = name
        self._faces: np.ndarray | None = None
        self._shape: Points | Mesh | None = None  # whose normals the buffers hold
        self._data: pyvista.PolyData | None = None
        self._mapper = pyvista.DataSetMapper()
        self._mapper.SetColorModeToDirectScalars()
        self._mapper.SetScalarModeToUsePointFieldData()
        self._mapper.SelectColorArray("rgb")
        self._actor = pyvista.Actor(mapper=self._mapper)
        self._added = False
        self._mark = Mark(plotter, name)

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says."""
        self._actor.prop.culling = "back" if layer.one_sided else "none"
        self.show(layer.data, _colours(layer, look), look, layer.opacity)

    def show(
        self, shape: Points | Mesh, colours: np.ndarray, look: Look, opacity: float = 1.0
    ) -> None:
        """Show points or triangles in colours of their own, (N, 3) or (3,) uint8."""
        points = _finite(shape.points)
        self._mark.hide()
        surface = isinstance(shape, Mesh) and look.style == "mesh" and len(shape.faces) > 0
        self._actor.SetVisibility(len(points) > 0)
        if not len(points):
            return
        faces = shape.faces if surface else None
        if not self._fits(len(points), faces):
            self._build(points, faces)
        data = self._data
        data.points[...] = points
        data.GetPoints().Modified()
        data.point_data["rgb"][...] = colours
        lit = True
        if faces is not None:
            if shape is not self._shape:
                data.point_data["normals"][...] = fast_normals(data)
            normals = data.point_data["normals"]
            # Slices show their values as they are, like the colour bar.
            lit = colours.ndim == 1 or np.abs(normals).max(axis=1).min() < 0.999
        self._shape = shape if surface else None
        self._shade(surface, lit, point_size(len(points), look.pixels))
        self._actor.prop.opacity = opacity
        if not self._added:
            self._plotter.add_actor(
                self._actor, name=self._name, reset_camera=False, render=False, pickable=False
            )
            self._added = True
        picked = look.picked
        if picked is not None and picked.of == "vertex" and picked.index < len(points):
            self._mark.show_point(points[picked.index], look)

    @property
    def visible(self) -> bool:
        """Whether it is seen; `show` makes it so where there is anything."""
        return bool(self._actor.GetVisibility())

    @visible.setter
    def visible(self, seen: bool) -> None:
        self._actor.SetVisibility(seen)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._mark.remove()
        if self._added:
            self._plotter.remove_actor(self._actor, reset_camera=False, render=False)
            self._added = False

    def _fits(self, count: int, faces: np.ndarray | None) -> bool:
        if self._data is None or self._data.n_points != count:
            return False
        if faces is None or self._faces is None:
            return faces is self._faces
        return np.array_equal(faces, self._faces)

    def _build(self, points: np.ndarray, faces: np.ndarray | None) -> None:
        own = np.array(points, dtype=np.float32)
        if faces is None:
            data = pyvista.PolyData(own)
        else:
            data = pyvista.PolyData.from_regular_faces(own, np.array(faces, dtype=np.int64))
            normals = np.zeros_like(own)
            data.point_data.set_array(normals, "normals")
            data.GetPointData().SetActiveNormals("normals")
        data.point_data.set_array(np.zeros((len(own), 3), np.uint8), "rgb")
        self._faces = None if faces is None else np.array(faces)
        self._shape = None
        self._data = data
        self._mapper.SetInputData(data)

    def _shade(self, surface: bool, lit: bool, size: float) -> None:
        shown = self._actor.prop
        shown.style = "surface" if surface else "points"
        shown.render_points_as_spheres = not surface
        shown.point_size = size
        shown.interpolation = "Phong"
        shown.lighting = lit
        shown.ambient, shown.diffuse = (0.36, 0.7) if surface else (0.42, 0.66)
        if not lit:
            shown.ambient, shown.diffuse = 0.0, 1.0
        shown.specular, shown.specular_power = (0.12, 20.0) if surface else (0.0, 1.0)


def fast_normals(data: pyvista.PolyData) -> np.ndarray:
    """Return what `vertex_normals` gives for a mesh of triangles, by VTK: (N, 3) float32."""
    made = vtkTriangleMeshPointNormals()
    made.SetInputData(data)
    made.Update()
    normals = vtk_to_numpy(made.GetOutput().GetPointData().GetNormals())
    with np.errstate(invalid="ignore"):
        flat = ~(np.abs(np.linalg.norm(normals, axis=1) - 1) < 0.01)
    if flat.any():
        normals = np.where(flat[:, None], np.float32((0, 0, 1)), normals)
    return normals


def vertex_normals(points: np.ndarray, faces: np.ndarray) -> np.ndarray:
    """Return normals averaged over the faces around each vertex, weighted by their area.

    The plain reference of `fast_normals`, which takes a seventh of the time.

    Parameters
    ----------
    points : (N, 3) float
    faces : (F, 3) int

    Returns
    -------
    (N, 3) float32
        Unit length; +Z where a vertex has no face with an area.
    """
    a, b, c = (points[faces[:, corner]] for corner in range(3))
    across = np.cross(b - a, c - a)
    corners = faces.T.ravel()
    sums = [np.bincount(corners, np.tile(part, 3), len(points)) for part in across.T]
    normals = np.stack(sums, axis=1)
    length = np.linalg.norm(normals, axis=1, keepdims=True)
    flat = length[:, 0] <= 1e-20
    normals = normals / np.where(length <= 1e-20, 1, length)
    normals[flat] = (0, 0, 1)
    return normals.astype(np.float32)


def _finite(points: np.ndarray) -> np.ndarray:
    """Return `points` without those that have no position, which would blank the whole view."""
    good = np.isfinite(points).all(axis=1)
    if good.all():
        return points
    middle = points[good].mean(axis=0) if good.any() else np.zeros(3)
    return np.where(good[:, None], points, middle).astype(np.float32)


def _colours(layer: Layer, look: Look) -> np.ndarray:
    scale = scale_of(look.scales, layer)
    values = None if scale is None else layer.data.arrays.get(scale.array)
    if values is None or np.ndim(values) != 1 or len(values) != len(layer.data.points):
        return np.array(layer.tint or look.theme.neutral, dtype=np.uint8)
    return coloured(values, scale, look.theme)
