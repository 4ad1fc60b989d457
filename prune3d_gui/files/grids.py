"""Adaptive meshes in files: VTU, VTKHDF and hyper-tree grids."""

from __future__ import annotations

import errno
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from ..core.errors import BadInput
from ..core.scene.affines import placed, straight
from ..core.scene.scenes import Grid
from .atomic import writing
from .points import check_positions, checked_suffix

GRID_SUFFIXES = (".vtu", ".vtkhdf", ".htg")

_ADVICE = {
    ".vtu": (
        "Take .vtu when in doubt: ParaView, VisIt and pyvista open it as quads or hexahedra "
        "with the values at their corners."
    ),
    ".vtkhdf": (
        "Take .vtkhdf for large meshes and HDF5 tools: the same cells and values as .vtu, "
        "written about twice as fast, for recent versions of ParaView."
    ),
    ".htg": (
        "Take .htg for the smallest file and ParaView's hyper-tree grid filters: it stores the "
        "tree itself with one value for each cell, the mean of its corners."
    ),
}
_QUAD, _HEXAHEDRON = 9, 12  # numbers of VTK's cell types
_AROUND = [0, 1, 3, 2, 4, 5, 7, 6]  # x-fastest corners in the order of a quad or hexahedron


def describe(suffix: str) -> str:
    """Say in one sentence when to take a format of `GRID_SUFFIXES`."""
    return _ADVICE[suffix]


def write_grid(path: str | Path, grid: Grid, facts: Mapping[str, str]) -> None:
    """Write an adaptive mesh in the format that the ending of `path` names.

    Every leaf is written, whatever the cut shows. The cell array ``depth`` says how often the
    box was halved.

    Parameters
    ----------
    path : path
        Ends in ``.vtu`` or ``.vtkhdf``, which keep quads (2D) or hexahedra (3D) that share
        their corners, values per corner and values per leaf; or in ``.htg``, which keeps the
        tree and values per leaf, where an array per corner becomes its mean over the leaf's
        corners. The inner nodes of the tree hold the mean of their children.
    grid : Grid
    facts : mapping of str to str
        How the mesh was made, as `stamps.texts` says it; written as field data, beside the unit
        of length.

    Raises
    ------
    BadInput
        For another ending, a mesh without cells or with corners that are not finite, leaves
        that do not tile the box, a tree whose box is oblique to the world, or a place that
        cannot be written to.
    """
    target = Path(path)
    suffix = checked_suffix(target, GRID_SUFFIXES, "a grid")
    if not len(grid.cells):
        raise BadInput(f"'{target}' was not written: the mesh has no cells; refine it first.")
    check_positions(target, grid.points)
    data = _tree(target, grid) if suffix == ".htg" else _cells(grid)
    unit = {"unit": grid.unit} if grid.unit else {}
    for name, text in {**unit, **facts}.items():
        data.GetFieldData().AddArray(_text(name, text))
    with writing(target) as temporary:
        if shutil.disk_usage(target.parent).free < 1024 * data.GetActualMemorySize():
            raise OSError(errno.ENOSPC, "no space left")  # HDF5 does not survive finding out
        _write(_writer(suffix), data, temporary)


def _writer(suffix: str) -> Any:
    if suffix == ".vtkhdf":
        from vtkmodules.vtkIOHDF import vtkHDFWriter

        writer = vtkHDFWriter()
        writer.SetCompressionLevel(1)
        return writer
    from vtkmodules.vtkIOXML import vtkXMLHyperTreeGridWriter, vtkXMLUnstructuredGridWriter

    writer = vtkXMLHyperTreeGridWriter() if suffix == ".htg" else vtkXMLUnstructuredGridWriter()
    writer.SetDataModeToAppended()
    writer.EncodeAppendedDataOff()
    writer.SetCompressorTypeToZLib()
    return writer


def _write(writer: Any, data: Any, path: Path) -> None:
    from vtkmodules.vtkCommonCore import vtkCommand
    from vtkmodules.vtkCommonMisc import vtkErrorCode

    failures: list[str] = []
    writer.AddObserver(vtkCommand.ErrorEvent, lambda _, event: failures.append(event))
    writer.SetFileName(str(path))
    writer.SetInputDataObject(data)
    done, code = writer.Write(), writer.GetErrorCode()
    if failures or code or not done:
        full = code == vtkErrorCode.OutOfDiskSpaceError
        reason = vtkErrorCode.GetStringFromErrorCode(code) if code else "VTK gave up"
        raise OSError(errno.ENOSPC if full else code, reason)


def _cells(grid: Grid) -> Any:
    """Leaves as quads or hexahedra."""
    from vtkmodules.vtkCommonCore import vtkPoints
    from vtkmodules.vtkCommonDataModel import vtkCellArray, vtkUnstructuredGrid

    count, corners = grid.cells.shape
    around = _AROUND[:corners]
    if corners == 8 and np.linalg.det(grid.affine[:3, :3]) < 0:
        around = around[4:] + around[:4]  # mirrored, the lower side of a hexahedron is the upper
    ends = np.arange(0, count * corners + 1, corners, dtype=np.int32)
    cells = vtkCellArray()
    cells.SetData(_array("", ends), _array("", grid.cells[:, around].ravel()))
    points = vtkPoints()
    points.SetData(_array("", placed(grid.points, grid.affine)))
    data = vtkUnstructuredGrid()
    data.SetPoints(points)
    data.SetCells(_QUAD if corners == 4 else _HEXAHEDRON, cells)
    for name, values in grid.arrays.items():
        data.GetPointData().AddArray(_array(name, values))
    for name, values in _leaf_arrays(grid).items():
        data.GetCellData().AddArray(_array(name, values))
    _activate(grid, data.GetPointData())
    return data


def _tree(path: Path, grid: Grid) -> Any:
    """Leaves as one hyper tree, built from its descriptor in breadth-first order.

    The children of a node are numbered with x fastest, so that within a level this order is
    the Morton order of the anchors.
    """
    from vtkmodules.vtkCommonCore import vtkBitArray
    from vtkmodules.vtkCommonDataModel import vtkHyperTreeGrid, vtkHyperTreeGridNonOrientedCursor

    dimension = grid.anchors.shape[1]
    if not straight(grid.affine):
        raise BadInput(
            f"'{path}' was not written: the mesh lies oblique to the world's axes, which a "
            "hyper-tree grid cannot; export it as .vtu or .vtkhdf instead."
        )
    inner, place, parents = _breadth_first(path, grid)
    count = 1 + 2**dimension * int(inner.sum())
    tree = vtkHyperTreeGrid()
    tree.Initialize()
    tree.SetBranchFactor(2)
    tree.SetDimensions([2, 2, dimension - 1])
    low, high = np.array(grid.origin), np.add(grid.origin, grid.size)
    ends = np.stack([placed(low, grid.affine), placed(high, grid.affine)], axis=1)
    tree.SetXCoordinates(_array("", ends[0]))
    tree.SetYCoordinates(_array("", ends[1]))
    tree.SetZCoordinates(_array("", ends[2][: dimension - 1]))
    cursor = vtkHyperTreeGridNonOrientedCursor()
    tree.InitializeNonOrientedCursor(cursor, 0, True)
    cursor.SetGlobalIndexStart(0)
    packed, bits = np.packbits(inner), vtkBitArray()
    bits.SetVoidArray(packed, len(inner), 1)
    cursor.GetTree().BuildFromBreadthFirstOrderDescriptor(bits, len(inner), 0)
    means = {name: np.asarray(v)[grid.cells].mean(axis=1) for name, v in grid.arrays.items()}
    for name, values in {**means, **_leaf_arrays(grid)}.items():
        tree.GetCellData().AddArray(_array(name, _at_nodes(values, count, place, parents)))
    _activate(grid, tree.GetCellData())
    return tree


def _breadth_first(path: Path, grid: Grid) -> tuple[np.ndarray, np.ndarray, list[np.ndarray]]:
    """Number the nodes of the tree level by level.

    Returns
    -------
    inner : (N,) bool
        Whether a node has children, in breadth-first order, without the last level's nodes.
    place : (C,) int64
        Number of each leaf.
    parents : list of (P,) int64
        Numbers of the inner nodes of each level; their children follow one another, in the
        same order, from the start of the next level on.
    """
    dimension, levels = grid.anchors.shape[1], grid.levels.astype(np.int64)
    codes = _morton(grid.anchors) >> dimension * (grid.depth - levels)
    place, pending = np.zeros(len(codes), np.int64), np.zeros(1, np.int64)
    inner, parents, start = [], [], 0
    for level in range(int(levels.max()) + 1):  # `pending`: codes of the nodes of this level
        leaves = np.flatnonzero(levels == level)
        found = np.searchsorted(pending, codes[leaves])
        split = np.ones(len(pending), bool)
        if (found < len(pending)).all() and (pending[found] == codes[leaves]).all():
            split[found] = False
        if len(pending) - split.sum() != len(leaves):
            break
        place[leaves] = start + found
        inner.append(split)
        parents.append(start + np.flatnonzero(split))
        start += len(pending)
        pending = ((pending[split] << dimension)[:, None] + np.arange(2**dimension)).ravel()
        if len(pending) > 2**dimension * len(codes):
            break
    if len(pending) or len(parents) != levels.max() + 1:
        raise BadInput(
            f"'{path}' was not written: the leaves of the mesh do not tile its box, which a "
            "hyper-tree grid needs; export it as .vtu instead."
        )
    return np.concatenate(inner)[: start - len(inner[-1])], place, parents


def _morton(anchors: np.ndarray) -> np.ndarray:
    """Interleave the bits of (C, D) anchors into (C,) int64 codes, x lowest."""
    dimension = anchors.shape[1]
    steps, codes = anchors.astype(np.int64), np.zeros(len(anchors), np.int64)
    for bit in range(63 // dimension):
        for axis in range(dimension):
            codes |= (steps[:, axis] >> bit & 1) << (dimension * bit + axis)
    return codes


def _at_nodes(
    values: np.ndarray, count: int, place: np.ndarray, parents: list[np.ndarray]
) -> np.ndarray:
    """Spread values per leaf over all nodes; an inner node has the mean of its children."""
    nodes = np.zeros((count, *values.shape[1:]), np.result_type(values, np.float32))
    nodes[place] = values
    inner = sum(map(len, parents))
    children, end = (count - 1) // max(inner, 1), count
    for above in reversed([level for level in parents if len(level)]):
        start = end - children * len(above)
        nodes[above] = nodes[start:end].reshape(len(above), children, *values.shape[1:]).mean(1)
        end = start
    return nodes if values.dtype.kind == "f" else np.rint(nodes).astype(values.dtype)


def _leaf_arrays(grid: Grid) -> dict[str, np.ndarray]:
    own = {name: np.asarray(values) for name, values in grid.cell_arrays.items()}
    return {**own, "depth": np.asarray(grid.levels)}


def _activate(grid: Grid, attributes: Any) -> None:
    """Make the first array per corner the one that is coloured when the file is opened."""
    if grid.arrays:
        attributes.SetActiveScalars(next(iter(grid.arrays)))


def _array(name: str, values: np.ndarray) -> Any:
    from vtkmodules.util.numpy_support import numpy_to_vtk

    values = np.asarray(values)
    whole = np.ascontiguousarray(values.astype(np.uint8) if values.dtype == bool else values)
    array = numpy_to_vtk(whole, deep=True)
    array.SetName(name)
    return array


def _text(name: str, text: str) -> Any:
    from vtkmodules.vtkCommonCore import vtkStringArray

    array = vtkStringArray()
    array.SetName(name)
    array.InsertNextValue(text)
    return array
