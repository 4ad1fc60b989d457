"""NumPy arrays: .npy, and .npz with a place."""

from __future__ import annotations

import math
import zipfile
from pathlib import Path
from typing import IO

import numpy as np

from ...core.errors import BadInput
from ..npy import Header, read_header
from .headers import bytes_left
from .places import Place, turned, upright
from .raster import Raster, Room, checked_kind, four
from .streams import check_promise, fill

_PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
_PLACE = ("spacing", "origin", "affine")


def read_npy(path: Path, limit: int) -> Raster:
    """Read an array of two to four axes, time last."""
    with path.open("rb") as stream:
        header = _header(path, stream)
        return _read(path, stream, header, bytes_left(stream), limit, {})


def read_npz(path: Path, limit: int) -> Raster:
    """Read the array ``values`` or the only one, with ``spacing`` and ``origin`` or ``affine``."""
    with zipfile.ZipFile(path) as archive:
        members = {
            info.filename.removesuffix(".npy"): info
            for info in archive.infolist()
            if info.filename.endswith(".npy")
        }
        if any(info.compress_type not in _PACKINGS for info in members.values()):
            raise BadInput(f"'{path}' is packed as NumPy never does; save it with NumPy.")
        place = {name: _numbers(path, archive, members[name]) for name in _PLACE if name in members}
        headers = {name: _header_of(path, archive, i) for name, i in members.items()}
        grids = [
            name
            for name, (shape, _, kind) in headers.items()
            if name not in place and kind.kind in "biuf" and len(shape) > 1
        ]
        if "values" not in members and len(grids) != 1:
            names = ", ".join(name for name in members if name not in place)
            raise BadInput(
                f"'{path}' holds the arrays {names or '(none)'}; name the one to read 'values'."
            )
        name = "values" if "values" in members else grids[0]
        info = members[name]
        held = min(info.file_size, info.compress_size * 1032)
        with archive.open(info) as stream:
            return _read(path, stream, _header(path, stream), held, limit, place)


def _read(
    path: Path,
    stream: IO[bytes],
    header: Header,
    held: int,
    limit: int,
    place: dict[str, list[float]],
) -> Raster:
    shape, fortran, kind = header
    checked_kind(path, kind)
    left = shape
    while len(left) > 3 and left[0] == 1:
        left = left[1:]
    notices = ()
    if left != shape:
        text = " x ".join(f"{n:,}" for n in shape)
        notices = (f"Of the shape {text}, single axes in front were taken as no axes.",)
    whole = four(path, left)
    check_promise(math.prod(whole), kind, held)
    room = Room(path, whole, kind, limit, _place(path, place, whole, min(len(left), 3)))
    fill(room, stream, (0, 1, 2, 3) if fortran else (3, 2, 1, 0))
    return room.raster(shape, notices=notices)


def _place(path: Path, given: dict[str, list[float]], whole: tuple[int, ...], axes: int) -> Place:
    if "affine" in given:
        affine = np.array(given["affine"])
        if affine.size != 16 or not np.array_equal(affine[12:], (0, 0, 0, 1)):
            raise BadInput(
                f"'{path}' has an 'affine' that is none; write 4 x 4 numbers, the last row 0 0 0 1."
            )
        if len(given) > 1:
            raise BadInput(
                f"'{path}' has an 'affine' beside a spacing or origin; leave one of them."
            )
        return turned(path, affine.reshape(4, 4), whole)
    if len(given.get("spacing", ())) == 1:
        given = {**given, "spacing": given["spacing"] * axes}
    for key, numbers in given.items():
        if len(numbers) != axes:
            raise BadInput(
                f"'{path}' has {len(numbers)} numbers in '{key}'; write one for each of the "
                f"{axes} axes of space."
            )
    return upright(path, given.get("spacing", ()), given.get("origin", ()))


def _header(path: Path, stream: IO[bytes]) -> Header:
    found = read_header(stream)
    if found is None:
        raise BadInput(f"'{path}' holds values of several fields; save one number for each voxel.")
    return found


def _header_of(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> Header:
    with archive.open(info) as stream:
        return _header(path, stream)


def _numbers(path: Path, archive: zipfile.ZipFile, info: zipfile.ZipInfo) -> list[float]:
    """Return the numbers of a small array."""
    with archive.open(info) as stream:
        shape, fortran, kind = _header(path, stream)
        if kind.kind not in "biuf" or math.prod(shape) > 16:
            name = info.filename.removesuffix(".npy")
            raise BadInput(f"'{path}' has a '{name}' that is no few numbers; write those alone.")
        data = stream.read(math.prod(shape) * kind.itemsize)
    numbers = np.frombuffer(data, kind).reshape(shape, order="F" if fortran else "C")
    return numbers.astype(float).ravel().tolist()
