"""Volumes behind a header, NRRD, MetaImage and NumPy, read as streams."""

from __future__ import annotations

import bz2
import gzip
import io
import math
import re
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..core.errors import BadInput
from .rasters import Raster, filled, four, streamed, stride_for, turned

_NAMES = {
    "i1": "signed char|int8|int8_t|MET_CHAR",
    "u1": "uchar|unsigned char|uint8|uint8_t|MET_UCHAR",
    "i2": "short|short int|signed short|signed short int|int16|int16_t|MET_SHORT",
    "u2": "ushort|unsigned short|unsigned short int|uint16|uint16_t|MET_USHORT",
    "i4": "int|signed int|int32|int32_t|MET_INT|MET_LONG",
    "u4": "uint|unsigned int|uint32|uint32_t|MET_UINT|MET_ULONG",
    "i8": "longlong|long long|long long int|int64|int64_t|MET_LONG_LONG",
    "u8": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t|MET_ULONG_LONG",
    "f4": "float|MET_FLOAT",
    "f8": "double|MET_DOUBLE",
}
_TYPES = {name: kind for kind, names in _NAMES.items() for name in names.split("|")}


def read_nrrd(path: Path, limit: int) -> Raster:
    """Read NRRD, raw or packed, with its values inside or beside."""
    with path.open("rb") as file:
        if not file.readline(80).startswith(b"NRRD"):
            raise ValueError("it does not begin with NRRD")
        fields = _header(file)
        shape = [int(n) for n in fields["sizes"].split()]
        four(path, shape)
        kinds = fields.get("kinds", "").split()
        if any(re.search("vector|color|matrix|complex|point", kind) for kind in kinds):
            raise _refuse_vectors(path)
        steps, origin = _nrrd_place(fields, len(shape))
        other = [axis for axis, step in enumerate(steps) if not np.isfinite(step).all()]
        time = other[0] if other else 3 if len(shape) > 3 else None
        space = [axis for axis in range(len(shape)) if axis != time]
        sizes = [shape[axis] for axis in space]
        whole = (*sizes, *(1,) * (3 - len(sizes)), 1 if time is None else shape[time])
        stride = stride_for(path, whole, limit)
        strides = [1 if axis == time else stride for axis in range(len(shape))]
        order = "<>"[fields.get("endian", "little").lower() == "big"]
        kind = np.dtype(order + _TYPES[fields["type"]])
        with _values_of(path, file, fields.get("data file", fields.get("datafile", ""))) as data:
            for _ in range(int(fields.get("line skip", 0))):
                data.readline()
            skip = int(fields.get("byte skip", 0))
            if skip < 0:
                data.seek(-math.prod(shape) * kind.itemsize, io.SEEK_END)
            stream = _unpacked(data, fields["encoding"].lower(), kind)
            stream.read(max(skip, 0))
            values = streamed(stream, kind, shape, strides)
    values = values.transpose([*space, *([] if time is None else [time])])
    values = values.reshape([-(-n // stride) for n in whole[:3]] + [whole[3]])
    directions = np.array([steps[axis] for axis in space]).T
    units = re.findall('"([^"]*)"', fields.get("space units", ""))
    return Raster(
        values,
        shape,
        filled(np.linalg.norm(directions, axis=0), 1.0),
        filled(origin, 0.0),
        stride,
        units[0] if units else "",
        notices=turned(directions) if len(directions) == len(space) else (),
    )


def read_meta(path: Path, limit: int) -> Raster:
    """Read MetaImage, raw or packed, with its values inside or beside."""
    with path.open("rb") as file:
        fields = _header(file, last="ElementDataFile")
        shape = [int(n) for n in fields["DimSize"].split()]
        if int(fields.get("ElementNumberOfChannels", 1)) != 1:
            raise _refuse_vectors(path)
        whole = four(path, shape)
        stride = stride_for(path, whole, limit)
        big = fields.get("BinaryDataByteOrderMSB", fields.get("ElementByteOrderMSB", "False"))
        kind = np.dtype("<>"[big == "True"] + _TYPES[fields["ElementType"]])
        packed = "zlib" if fields.get("CompressedData") == "True" else "raw"
        encoding = packed if fields.get("BinaryData", "True") == "True" else "text"
        name = fields["ElementDataFile"]
        with _values_of(path, file, "" if name.upper() == "LOCAL" else name) as data:
            skip = int(fields.get("HeaderSize", 0))
            if skip < 0:
                data.seek(-math.prod(shape) * kind.itemsize, io.SEEK_END)
            data.read(max(skip, 0))
            stream = _unpacked(data, encoding, kind)
            values = streamed(stream, kind, whole, [stride] * 3 + [1])
    steps = _numbers_in(fields.get("ElementSpacing", fields.get("ElementSize", "")))
    place = next((fields[k] for k in ("Offset", "Position", "Origin") if k in fields), "")
    turn = _numbers_in(fields.get("TransformMatrix", fields.get("Orientation", "")))
    side = math.isqrt(len(turn))
    return Raster(
        values,
        shape,
        filled(steps, 1.0),
        filled(_numbers_in(place), 0.0),
        stride,
        fields.get("DistanceUnits", ""),
        float(steps[3]) if len(steps) > 3 else 1.0,
        notices=turned(turn.reshape(side, side).T),
    )


def read_npy(path: Path, limit: int) -> Raster:
    """Read an array of two to four axes, time last."""
    array = np.lib.format.open_memmap(path, mode="r")
    whole = four(path, array.shape)
    stride = stride_for(path, whole, limit)
    values = np.array(array.reshape(whole)[::stride, ::stride, ::stride])
    return Raster(values, array.shape, stride=stride)


def read_npz(path: Path, limit: int) -> Raster:
    """Read the array ``values`` or the only one, with ``spacing`` and ``origin``."""
    with zipfile.ZipFile(path) as archive:
        members = [name.removesuffix(".npy") for name in archive.namelist()]
        place = {
            name: np.lib.format.read_array(archive.open(f"{name}.npy"))
            .astype(float)
            .ravel()
            .tolist()
            for name in ("spacing", "origin")
            if name in members
        }
    names = [name for name in members if name not in place]
    if "values" not in names and len(names) != 1:
        raise BadInput(
            f"'{path}' holds the arrays {', '.join(names) or '(none)'}; name the one to read "
            "'values'."
        )
    name = "values" if "values" in names else names[0]
    with zipfile.ZipFile(path) as archive, archive.open(f"{name}.npy") as stream:
        version = np.lib.format.read_magic(stream)
        reads = {
            (1, 0): np.lib.format.read_array_header_1_0,
            (2, 0): np.lib.format.read_array_header_2_0,
        }
        shape, fortran, kind = reads[version](stream)
        whole = four(path, shape)
        stride = stride_for(path, whole, limit)
        strides = [stride] * 3 + [1]
        if fortran:
            values = streamed(stream, kind, whole, strides)
        else:
            values = streamed(stream, kind, whole[::-1], strides[::-1]).transpose()
    axes = min(len(shape), 3)
    for key, numbers in place.items():
        if len(numbers) != axes:
            raise BadInput(
                f"'{path}' has {len(numbers)} numbers in '{key}'; write one for each of the "
                f"{axes} axes of space."
            )
    return Raster(
        values,
        shape,
        filled(place.get("spacing", ()), 1.0),
        filled(place.get("origin", ()), 0.0),
        stride,
    )


def _header(file: BinaryIO, last: str = "") -> dict[str, str]:
    """Read the lines of a text header up to an empty one, or up to that of the key `last`."""
    fields: dict[str, str] = {}
    while last not in fields:
        text = file.readline(1 << 16).decode("utf-8", "replace").strip()
        if not text:
            break
        key, *rest = re.split(":=?|=", text, maxsplit=1)
        if rest and not text.startswith("#"):
            fields[key.strip()] = rest[0].strip()
    return fields


@contextmanager
def _values_of(path: Path, file: BinaryIO, name: str) -> Iterator[BinaryIO]:
    """Open the file of values that a header names; without a name, they follow the header."""
    if not name:
        yield file
        return
    if name.startswith("LIST") or "%" in name:
        raise BadInput(f"'{path}' spreads its values over several files; save it as one file.")
    data = path.parent / name
    if not data.is_file():
        raise BadInput(f"'{path}' keeps its values in '{name}', which is missing; put it beside.")
    with data.open("rb") as other:
        yield other


def _unpacked(stream: BinaryIO, encoding: str, kind: np.dtype) -> BinaryIO:
    if encoding in ("gzip", "gz"):
        return gzip.GzipFile(fileobj=stream)
    if encoding in ("bzip2", "bz2"):
        return bz2.BZ2File(stream)
    if encoding == "zlib":
        return io.BufferedReader(_Inflated(stream))
    if encoding in ("ascii", "text", "txt"):
        return io.BytesIO(np.array(stream.read().split(), kind).tobytes())
    if encoding != "raw":
        raise ValueError(f"its encoding {encoding} is not known")
    return stream


class _Inflated(io.RawIOBase):
    """What a zlib stream holds."""

    def __init__(self, file: BinaryIO) -> None:
        self._file, self._zlib, self._left = file, zlib.decompressobj(), memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:
        while not self._left and (packed := self._file.read(1 << 14)):
            self._left = memoryview(self._zlib.decompress(packed))
        data, self._left = self._left[: len(buffer)], self._left[len(buffer) :]
        buffer[: len(data)] = data
        return len(data)


def _nrrd_place(fields: dict[str, str], count: int) -> tuple[list[np.ndarray], list[float]]:
    """Return the step along each axis, NaN where it is not one of space, and the origin."""
    vectors = re.findall(r"none|\([^)]*\)", fields.get("space directions", ""))
    if vectors:
        steps = [_numbers_in(v) if v != "none" else np.array([np.nan]) for v in vectors]
        origin = _numbers_in(fields.get("space origin", "")).tolist()
    else:
        steps = list(np.diag(_numbers_in(fields.get("spacings", "1 " * count))))
        origin = _numbers_in(fields.get("axis mins", "")).tolist()
    for axis, kind in enumerate(fields.get("kinds", "").split()):
        if kind in ("list", "time"):
            steps[axis] = np.array([np.nan])
    return steps, origin


def _numbers_in(text: str) -> np.ndarray:
    return np.array([float(n) for n in re.split(r"[\s,()]+", text) if n])


def _refuse_vectors(path: Path) -> BadInput:
    return BadInput(f"'{path}' holds vectors or colours; save one number for each voxel.")
