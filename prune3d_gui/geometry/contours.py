"""Surfaces of one value: of a field on a regular grid, and of one on an octree without cracks."""

from __future__ import annotations

import numpy as np

from ..core.scene.affines import placed, straight
from ..core.scene.scenes import Arrays, Grid, Mesh
from .lattices import Lattice, face_corners

# The even orders of a tetrahedron's corners that bring one, or one pair, to the front.
_ONE = ((0, 1, 2, 3), (1, 0, 3, 2), (2, 3, 0, 1), (3, 2, 1, 0))
_TWO = ((0, 1, 2, 3), (0, 2, 3, 1), (0, 3, 1, 2), (1, 2, 0, 3), (1, 3, 2, 0), (2, 3, 0, 1))


def _cases() -> np.ndarray:
    """Return (16, 2, 3, 2): triangles by which corners are high, a vertex being an edge's ends."""
    table = np.full((16, 2, 3, 2), -1)
    for a, b, c, d in _ONE:
        table[1 << a, 0] = (a, b), (a, c), (a, d)
        table[15 ^ 1 << a, 0] = (a, b), (a, d), (a, c)
    for a, b, c, d in _TWO:
        table[1 << a | 1 << b] = ((a, c), (a, d), (b, d)), ((a, c), (b, d), (b, c))
    return table


_CASES = _cases()


def contour_volume(
    values: np.ndarray,
    affine: np.ndarray,
    iso: float,
    arrays: Arrays | None = None,
) -> Mesh:
    """Return the surface of one value in a field on a regular grid.

    Marching cubes as in Schroeder, Maynard & Geveci, "Flying Edges" (2015). Seen from where
    values are smaller, the faces run counter-clockwise.

    Parameters
    ----------
    values : (X, Y, Z) float
    affine : (4, 4) float
        From numbers of voxels to the world.
    iso : float
    arrays : mapping of name to (X, Y, Z) or (X * Y * Z,) array or None
        More values of the grid points, carried to the vertices; others are left out.

    Returns
    -------
    Mesh
        Vertices are shared; where the field is not a number there is no face.
    """
    values = np.asarray(values)
    if min(values.shape) < 2:
        return _EMPTY
    from vtkmodules.util.numpy_support import numpy_to_vtk, vtk_to_numpy
    from vtkmodules.vtkCommonDataModel import vtkImageData
    from vtkmodules.vtkFiltersCore import vtkFlyingEdges3D

    own = {"": np.asarray(values, np.float32).ravel("F")}  # alive as long as the filter reads them
    for name, array in (arrays or {}).items():
        if np.size(array) == values.size:
            whole = np.asarray(array, dtype=np.float32).reshape(values.shape)
            own[f"array/{name}"] = whole.ravel("F")
    image = vtkImageData()
    image.SetDimensions(*values.shape)
    upright = straight(affine)
    if upright:
        image.SetSpacing(*np.diag(affine)[:3])
        image.SetOrigin(*affine[:3, 3])
    for name, flat in own.items():
        data = numpy_to_vtk(flat)
        data.SetName(name)
        image.GetPointData().AddArray(data)
    image.GetPointData().SetActiveScalars("")
    edges = vtkFlyingEdges3D()
    edges.SetInputData(image)
    edges.SetValue(0, float(iso))
    edges.ComputeNormalsOff()
    edges.ComputeScalarsOff()
    edges.SetInterpolateAttributes(len(own) > 1)
    edges.Update()
    found = edges.GetOutput()
    if not found.GetNumberOfPolys():
        return _EMPTY
    points = vtk_to_numpy(found.GetPoints().GetData()).astype(np.float32)
    faces = vtk_to_numpy(found.GetPolys().GetConnectivityArray()).reshape(-1, 3).astype(np.int32)
    if not upright:
        points, faces = placed(points, affine), facing_out(faces, affine)
    faces = faces[np.isfinite(points).all(axis=1)[faces].all(axis=1)]
    carried = {
        name.removeprefix("array/"): vtk_to_numpy(found.GetPointData().GetArray(name)).copy()
        for name in list(own)[1:]
    }
    return _used(Mesh(points, faces, carried))


def contour_grid(grid: Grid, iso: float, array: str = "value") -> Mesh:
    """Return the surface of one value in an octree, without cracks where nodes hang.

    Every face between two leaves is covered by the faces of the finer side. Each of these
    patches is cut into a fan from its middle over its outline with all corners that lie on it,
    and each leaf into tetrahedra from its centre over its patches: both sides of a face use
    the same triangles, so the tetrahedra conform whatever the levels are, and marching them
    leaves no gap. A middle or centre has the mean of its corners, which keeps a linear
    field linear. Seen from where values are smaller, the faces run counter-clockwise.

    Parameters
    ----------
    grid : Grid
        In 3D; neighbours may differ by any number of levels.
    iso : float
    array : str
        Which of `grid.arrays` to contour.

    Returns
    -------
    Mesh
        Vertices are shared. All arrays of the corners are interpolated, and those of the
        cells taken from one of the leaves at the vertex. Leaves with a corner that is not a
        number are left open.
    """
    values = np.asarray(grid.arrays[array], dtype=float)
    if not len(grid.cells):
        return _EMPTY
    lattice = Lattice(grid)
    below, above, corners, sides = _patches(grid, lattice)
    nodes = _Nodes(grid, corners)
    known = nodes.of(values)
    high = known >= iso
    centre = len(grid.points)
    middle = centre + len(grid.cells)
    owners = np.stack([below, above], axis=1)
    beyond = owners < 0
    owned = np.where(beyond, owners[:, ::-1], owners) + centre
    count = high[corners].sum(axis=1) + high[owned].sum(axis=1)
    coarse = sides > lattice.finest
    wanted = np.flatnonzero(coarse | (count > 0) & (count < 6))
    piece, a, b = lattice.divided(
        corners[wanted].ravel(),
        np.roll(corners[wanted], -1, axis=1).ravel(),
        np.repeat(sides[wanted], 4),
    )
    patch = wanted[piece // 4]
    ring = np.stack([patch + middle, a, b], axis=1)
    mixed = high[ring].sum(axis=1)
    tets, leaves = [], []
    for side, order in ((0, (0, 2, 1)), (1, (0, 1, 2))):  # corners turn positively around
        count = mixed + high[owned[patch, side]]
        used = np.flatnonzero((count > 0) & (count < 4) & ~beyond[patch, side])
        owner = owners[patch[used], side]
        tets.append(np.column_stack([ring[used][:, order], owner + centre]))
        leaves.append(owner)
    tets, leaves = np.concatenate(tets), np.concatenate(leaves)
    good = np.isfinite(known)
    if not good.all():
        complete = good[tets].all(axis=1)
        tets, leaves = tets[complete], leaves[complete]
    return _marched(grid, nodes, known, high, tets, leaves, iso)


class _Nodes:
    """The nodes of the tetrahedra: corners, then centres of leaves, then middles of patches."""

    def __init__(self, grid: Grid, corners: np.ndarray) -> None:
        self._cells, self._corners = grid.cells, corners

    def of(self, values: np.ndarray) -> np.ndarray:
        """Extend values of the corners, (N,), to all nodes."""
        means = values[self._cells].mean(axis=1), values[self._corners].mean(axis=1)
        return np.concatenate([values, *means])


def _patches(grid: Grid, lattice: Lattice) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return every finest face once: leaf below and above (-1 outside), corners, and side."""
    found = []
    leaf = np.arange(len(grid.cells))
    for axis in range(3):
        for high in (0, 1):
            place = lattice.anchors.copy()
            place[:, axis] += lattice.sides if high else -1
            outside = (place[:, axis] < 0) | (place[:, axis] >= lattice.steps)
            beside = np.full(len(leaf), -1)
            beside[~outside] = lattice.leaf_at(place[~outside])
            apart = lattice.levels - lattice.levels[beside]
            # Of two leaves of one size, the lower one brings their face.
            own = outside | (apart >= (0 if high else 1))
            pair = (leaf[own], beside[own]) if high else (beside[own], leaf[own])
            corners = grid.cells[own][:, face_corners(axis, high)]
            found.append((*pair, corners, lattice.sides[own]))
    below, above, corners, sides = (np.concatenate(part) for part in zip(*found, strict=True))
    return below, above, corners.astype(np.int64), sides


def _marched(
    grid: Grid,
    nodes: _Nodes,
    known: np.ndarray,
    high: np.ndarray,
    tets: np.ndarray,
    leaves: np.ndarray,
    iso: float,
) -> Mesh:
    """March tetrahedra, (T, 4) nodes in positive order, each in one of `leaves`."""
    case = high[tets] @ (1, 2, 4, 8)
    turns = _CASES[case]  # (T, 2, 3, 2)
    tet, which = np.nonzero(turns[:, :, 0, 0] >= 0)
    ends = tets[tet[:, None, None], turns[tet, which]]  # (F, 3, 2)
    # A node that has the value itself is a vertex, whichever edge ends there.
    top = np.where(high[ends[..., 0]], ends[..., 0], ends[..., 1])
    exact = (known[top] == iso)[..., None]
    ends = np.sort(np.where(exact, top[..., None], ends), axis=2)
    keys, first, faces = np.unique(
        ends[..., 0] * len(known) + ends[..., 1], return_index=True, return_inverse=True
    )
    faces = faces.reshape(-1, 3)
    a, b, c = faces.T
    faces = faces[(a != b) & (b != c) & (c != a)].astype(np.int32)
    low, far = np.divmod(keys, len(known))
    step = known[far] - known[low]
    part = (iso - known[low]) / np.where(step == 0, 1, step)
    at = np.column_stack(
        [_between(nodes.of(x.astype(float)), low, far, part) for x in grid.points.T]
    )
    arrays = {
        name: _between(nodes.of(np.asarray(values, float)), low, far, part).astype(np.float32)
        for name, values in grid.arrays.items()
        if np.ndim(values) == 1
    }
    own = leaves[tet[first // 3]]
    arrays |= {name: np.asarray(values)[own] for name, values in grid.cell_arrays.items()}
    places = placed(at, grid.affine).astype(np.float32)
    return _used(Mesh(places, facing_out(faces, grid.affine), arrays))


def facing_out(faces: np.ndarray, affine: np.ndarray) -> np.ndarray:
    """Return faces, (F, 3), turned over where an affine mirrors what they belong to."""
    mirrored = np.linalg.det(affine[:3, :3]) < 0
    return np.ascontiguousarray(faces[:, ::-1]) if mirrored else faces


def _between(values: np.ndarray, low: np.ndarray, far: np.ndarray, part: np.ndarray) -> np.ndarray:
    return values[low] + part * (values[far] - values[low])


def _used(mesh: Mesh) -> Mesh:
    """Leave out vertices that no face has."""
    used = np.zeros(len(mesh.points), bool)
    used[mesh.faces] = True
    if used.all():
        return mesh
    number = (np.cumsum(used) - 1).astype(np.int32)
    arrays = {name: values[used] for name, values in mesh.arrays.items()}
    return Mesh(mesh.points[used], number[mesh.faces], arrays)


_EMPTY = Mesh(np.empty((0, 3), np.float32), np.empty((0, 3), np.int32))
