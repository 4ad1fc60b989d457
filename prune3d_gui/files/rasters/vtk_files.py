"""Files that VTK reads, in a process apart, once their headers promise nothing absurd."""

from __future__ import annotations

import codecs
import math
import re
from pathlib import Path

from ...core.errors import BadInput
from .apart import APART
from .raster import Raster

_XML = {
    "ImageData": ".vti",
    "RectilinearGrid": ".vtr",
    "PImageData": ".pvti",
    "PRectilinearGrid": ".pvtr",
}
_VALUES_IN_A_BYTE = 1 << 14  # with the densest packing VTK knows, LZMA
_HEAD = 1 << 16


def read_vtk(path: Path, limit: int, ending: str) -> Raster:
    """Read what VTK knows by an ending."""
    return APART.read(path, ending, limit)


def read_xml(path: Path, limit: int) -> Raster:
    """Read a VTK XML image or rectilinear grid.

    Raises
    ------
    BadInput
        If it is another data set, or its extent is empty.
    ValueError
        If it cannot hold the values that its extent promises.
    """
    head = _head(path)
    kind = xml_type(head)
    if kind not in _XML:
        raise BadInput(
            f"'{path}' holds a {kind}, not values on a regular grid; resample it to an image first."
        )
    found = re.search(r"\bWholeExtent\s*=\s*[\"']([^\"']*)[\"']", head)
    if found:
        extent = [int(number) for number in found[1].split()]
        sizes = [b - a + 1 for a, b in zip(extent[::2], extent[1::2], strict=True)]
        if len(sizes) != 3 or min(sizes) < 1:
            raise BadInput(f"'{path}' has the extent {found[1]}, which is empty; write it anew.")
        if not kind.startswith("P"):  # those keep their values in other files
            _check(path, sizes, _VALUES_IN_A_BYTE)
    return APART.read(path, _XML[kind], limit)


def read_legacy(path: Path, limit: int) -> Raster:
    """Read a VTK file of the old kind."""
    found = re.search(r"^DIMENSIONS\s+(\d+)\s+(\d+)\s+(\d+)", _head(path), re.M | re.I)
    if found:
        _check(path, [int(number) for number in found.groups()], 8)  # bits
    return APART.read(path, ".vtk", limit)


def xml_type(head: str) -> str:
    """Return the type of a VTK XML file, empty for other files."""
    found = re.search(r"<VTKFile\b[^>]*\btype\s*=\s*[\"'](\w+)[\"']", head)
    return found[1] if found else ""


def _head(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(_HEAD).removeprefix(codecs.BOM_UTF8).decode("latin-1")


def _check(path: Path, sizes: list[int], most: int) -> None:
    held, count = path.stat().st_size, math.prod(max(n - 1, 1) for n in sizes)  # of cells
    if count > held * most:
        raise ValueError(f"its header promises {count:,} values, which {held:,} bytes cannot hold")
