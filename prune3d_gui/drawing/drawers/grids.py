"""Drawing an adaptive grid: its cells, or a cut through them, with their edges."""

from __future__ import annotations

import numpy as np
import pyvista

from ...core.scene.affines import placed
from ...core.scene.scenes import Grid, Layer
from ...core.score.scores import ColourScale, scale_of
from ...geometry.faces import CellFaces, cell_faces, fans, with_middles
from ...geometry.grids import extent
from ..looks import Look
from ..palette import coloured
from .boxes import EDGES
from .marks import Mark, line_actor, line_data


class GridDrawer:
    """One grid in a plotter.

    In 2D all leaves are drawn; in 3D those a plane cuts, as their cross-sections, or the
    outside when there is no cut. Buffers belong to the drawer, and stay while the number of
    faces does.

    Parameters
    ----------
    plotter : pyvista.BasePlotter
    name : str
        Name of the cells' actor; those of the edges, outline and mark follow from it.
    """

    def __init__(self, plotter: pyvista.BasePlotter, name: str) -> None:
        self._plotter = plotter
        self._grid: Grid | None = None
        self._seen: CellFaces | None = None
        self._cells = self._edges = None
        mapper = pyvista.DataSetMapper()
        mapper.SetColorModeToDirectScalars()
        mapper.SetScalarModeToUsePointFieldData()
        mapper.SelectColorArray("rgb")
        mapper.SetRelativeCoincidentTopologyPolygonOffsetParameters(4, 4)  # behind the edges
        self._faces = pyvista.Actor(mapper=mapper)
        self._lines = line_actor(-2)
        self._lines.mapper.SetColorModeToDirectScalars()
        self._lines.mapper.SetScalarModeToUseCellFieldData()
        self._lines.mapper.SelectColorArray("rgba")
        self._lines.prop.line_width = 1.0
        self._lines.ForceTranslucentOn()
        self._outline = line_actor(-2)
        self._mark = Mark(plotter, name)
        self._actors = (self._faces, self._lines, self._outline)
        for actor, part in zip(self._actors, ("", "/edges", "/outline"), strict=True):
            plotter.add_actor(
                actor, name=name + part, reset_camera=False, render=False, pickable=False
            )

    def update(self, layer: Layer, look: Look) -> None:
        """Show `layer` as `look` says."""
        grid = layer.data
        self._mark.hide()
        for actor in self._actors:
            actor.SetVisibility(len(grid.cells) > 0)
        if not len(grid.cells):
            return
        if grid is not self._grid:
            self._grid, self._seen = grid, cell_faces(grid)
            self._place(grid)
        self._cells.point_data["rgb"][...] = self._colours(scale_of(look.scales, layer), look)
        self._cells.Modified()
        self._edges.cell_data["rgba"][...] = self._shades(grid, look)
        self._edges.Modified()
        self._outline.prop.color = look.theme.faint
        self._outline.prop.opacity = 0.5 * layer.opacity
        self._faces.prop.opacity = self._lines.prop.opacity = layer.opacity
        solid = grid.cells.shape[1] == 8 and grid.cut is None
        self._faces.prop.lighting = solid
        self._faces.prop.interpolation = "Flat"
        self._faces.prop.ambient, self._faces.prop.diffuse = (0.6, 0.42) if solid else (0.0, 1.0)
        picked = look.picked
        if picked is not None and picked.of == "cell" and picked.index < len(grid.cells):
            self._mark.show_lines(*self._around(grid, picked.index), look)

    def remove(self) -> None:
        """Take the layer out of the plotter."""
        self._mark.remove()
        for actor in self._actors:
            self._plotter.remove_actor(actor, reset_camera=False, render=False)

    def _place(self, grid: Grid) -> None:
        points, triangles = fans(self._seen)
        points = placed(points, grid.affine)
        corners = points[: 4 * len(self._seen.cells)]
        if self._cells is None or self._cells.n_points != len(points):
            self._build(points, triangles, corners)
        for data, at in ((self._cells, points), (self._edges, corners)):
            data.points[...] = at
            data.GetPoints().Modified()
        self._outline.mapper.SetInputData(line_data(*_box(grid)))

    def _build(self, points: np.ndarray, triangles: np.ndarray, corners: np.ndarray) -> None:
        own = np.array(points)
        self._cells = pyvista.PolyData.from_regular_faces(own, triangles.astype(np.int64))
        self._cells.point_data.set_array(np.zeros((len(own), 3), np.uint8), "rgb")
        self._faces.mapper.SetInputData(self._cells)
        # Two sides of each face and the outline draw every edge once, where it is finest.
        first = np.arange(0, len(corners), 4)
        ends = np.stack([first, first + 1, first, first + 3], axis=1)
        self._edges = line_data(corners, ends)
        self._edges.cell_data.set_array(np.zeros((2 * len(first), 4), np.uint8), "rgba")
        self._lines.mapper.SetInputData(self._edges)

    def _colours(self, scale: ColourScale | None, look: Look) -> np.ndarray:
        values = None if scale is None else self._seen.values(self._grid, scale.array)
        if values is None:
            return np.array(look.theme.neutral, dtype=np.uint8)
        whole = np.isfinite(values).all(axis=1, keepdims=True)
        values = with_middles(np.where(whole, values, np.nan))
        return coloured(values, scale, look.theme)

    def _shades(self, grid: Grid, look: Look) -> np.ndarray:
        """Colours of the edges: the fainter, the fewer pixels a cell has in a whole view."""
        wide = 0.7 * look.pixels / 2.0 ** grid.levels[self._seen.cells]
        alpha = np.clip(255 * 0.05 * wide, 18, 140)
        shades = np.empty((len(wide), 4), np.uint8)
        shades[:, :3], shades[:, 3] = look.theme.edge, alpha
        return np.repeat(shades, 2, axis=0)

    def _around(self, grid: Grid, cell: int) -> tuple[np.ndarray, np.ndarray]:
        """Points and lines around a leaf, and around its cross-section where it is cut."""
        corners = placed(grid.points[grid.cells[cell]], grid.affine)
        lines = EDGES if len(corners) == 8 else EDGES[:4]
        at = np.flatnonzero(self._seen.cells == cell) if grid.cut is not None else []
        if not len(at):
            return corners, lines
        section = len(corners) + np.column_stack([np.arange(4), (1, 2, 3, 0)])
        points = np.concatenate([corners, placed(self._seen.points[at[0]], grid.affine)])
        return points, np.concatenate([lines, section])


def _box(grid: Grid) -> tuple[np.ndarray, np.ndarray]:
    count = grid.cells.shape[1]
    return extent(grid)[:count], EDGES if count == 8 else EDGES[:4]
