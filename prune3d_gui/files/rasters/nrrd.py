"""NRRD: raw or packed, with its values inside or beside.

The fields and what they mean are those of the format's definition,
https://teem.sourceforge.net/nrrd/format.html.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sized
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np

from ...core.errors import BadInput
from .headers import (
    Fields,
    bytes_left,
    header_lines,
    numbers_in,
    refuse_vectors,
    too_long,
    type_names,
    values_of,
)
from .places import OWN, PATIENT, Place, patient_axes, turned, upright
from .raster import Raster, Room, checked_kind
from .streams import check_promise, fill, seek_tail, skip, unpacked

_TYPES = type_names(
    {
        "i1": "signed char|int8|int8_t",
        "u1": "uchar|unsigned char|uint8|uint8_t",
        "i2": "short|short int|signed short|signed short int|int16|int16_t",
        "u2": "ushort|unsigned short|unsigned short int|uint16|uint16_t",
        "i4": "int|signed int|int32|int32_t",
        "u4": "uint|unsigned int|uint32|uint32_t",
        "i8": "longlong|long long|long long int|signed long long|signed long long int"
        "|int64|int64_t",
        "u8": "ulonglong|unsigned long long|unsigned long long int|uint64|uint64_t",
        "f4": "float",
        "f8": "double",
    }
)
_HARMLESS = ("content", "labels", "max", "measurement frame", "min", "sample units", "thicknesses")
_USED = (
    *("axis maxs", "axis mins", "block size", "byte skip", "centers", "data file", "dimension"),
    *("encoding", "endian", "kinds", "line skip", "number", "old max", "old min", "sizes"),
    *("space", "space dimension", "space directions", "space origin", "space units"),
    *("spacings", "type", "units"),
)
_NAMES = {name.replace(" ", ""): name for name in (*_USED, *_HARMLESS)} | {"centerings": "centers"}
_SPACES = {
    **dict.fromkeys(("ras", "right-anterior-superior"), "right-anterior-superior"),
    **dict.fromkeys(("las", "left-anterior-superior"), "left-anterior-superior"),
    **dict.fromkeys(("lps", "left-posterior-superior"), "left-posterior-superior"),
    **dict.fromkeys(("rast", "right-anterior-superior-time"), "right-anterior-superior"),
    **dict.fromkeys(("last", "left-anterior-superior-time"), "left-anterior-superior"),
    **dict.fromkeys(("lpst", "left-posterior-superior-time"), "left-posterior-superior"),
    **dict.fromkeys(("scanner-xyz", "scanner-xyz-time"), ""),
    **dict.fromkeys(("3d-right-handed", "3d-right-handed-time"), ""),
    **dict.fromkeys(("3d-left-handed", "3d-left-handed-time"), ""),
}
_PLAIN = ("raw", "ascii", "text", "txt", "hex")
_ENCODINGS = (*_PLAIN, "gzip", "gz", "bzip2", "bz2")
Given = TypeVar("Given", bound=Sized)
_OF_SPACE, _OF_TIME = ("domain", "space"), ("time", "list")
_NO_AXIS = ("none", "???", "")
_SECONDS = {"s": 1.0, "sec": 1.0, "second": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6}


def read_nrrd(path: Path, limit: int) -> Raster:
    """Read NRRD; named patient spaces are turned to right-anterior-superior."""
    with path.open("rb") as file:
        fields = _fields(path, file)
        shape, kind, encoding, said = _layout(fields)
        axes = _axes(fields, shape)
        place, assumed, unit = _place(fields, axes)
        name = fields.text("data file", "")
        with values_of(path, file, name) as data:
            _skip_ahead(fields, data, encoding, math.prod(shape) * kind.itemsize)
            check_promise(math.prod(shape), kind, bytes_left(data), encoding)
            room = Room(path, axes.whole, kind, limit, place)
            stream = unpacked(data, encoding, kind)
            if encoding not in _PLAIN:  # bytes of what is packed, not of the file
                skip(stream, fields.number("byte skip", 0))
            fill(room, stream, axes.order)
            over = bytes_left(data) if encoding == "raw" and name else 0
    return room.raster(shape, unit, axes.time_step, (*said, *assumed, *too_long(over)))


@dataclass(frozen=True, eq=False)
class _Axes:
    """Which axis of the file is what.

    Parameters
    ----------
    space : list of int
        The file's axes of space.
    order : list of int
        For each axis of the file, that of (X, Y, Z, T).
    whole : (X, Y, Z, T)
    vectors : list of (2 to 4,) float64
        Direction of each axis of space, where the file has any.
    time_step : float
    """

    space: list[int]
    order: list[int]
    whole: tuple[int, ...]
    vectors: list[np.ndarray]
    time_step: float


def _fields(path: Path, file: BinaryIO) -> Fields:
    lines = header_lines(file)
    if not next(lines, "").startswith("NRRD"):
        raise ValueError("it does not begin with NRRD")
    fields = Fields(path, _NAMES)
    for line in lines:
        if not line:
            break
        name, colon, text = line.partition(":")
        if line.startswith("#") or text.startswith("="):  # a comment, or a key of the writer's
            continue
        if not colon:
            raise BadInput(f"'{path}' has the line '{line[:80]}' in its header, which is no field.")
        fields.add(name, text)
        if name.strip().lower().replace(" ", "") == "datafile" and text.strip().startswith("LIST"):
            break
    for name in fields.unknown:
        raise BadInput(
            f"'{path}' has the field '{name}', which NRRD does not know, so it cannot be told "
            "what it changes; take it out."
        )
    return fields


def _layout(fields: Fields) -> tuple[tuple[int, ...], np.dtype, str, list[str]]:
    """Return the shape, type and encoding of the values, and what to say of them."""
    path, notices = fields.path, []
    shape = fields.whole("sizes")
    if fields.number("dimension", len(shape)) != len(shape):
        raise BadInput(
            f"'{path}' has the dimension {fields.text('dimension')} but {len(shape)} sizes; "
            "correct its header."
        )
    if min(shape, default=0) < 1:
        raise BadInput(f"'{path}' has the sizes '{fields.text('sizes')}'; each must be 1 or more.")
    if fields.number("number", math.prod(shape)) != math.prod(shape):
        raise BadInput(
            f"'{path}' counts {fields.text('number')} values but its sizes, "
            f"{fields.text('sizes')}, make {math.prod(shape):,}; correct its header."
        )
    name = fields.one_of("type", (*_TYPES, "block"))
    if name == "block":
        raise BadInput(f"'{path}' holds blocks of bytes; save one number for each voxel.")
    kind = np.dtype(_TYPES[name])
    encoding = fields.one_of("encoding", _ENCODINGS)
    textual = encoding in ("ascii", "text", "txt")
    if kind.itemsize > 1 and not textual:
        if "endian" not in fields:
            notices.append("Its header gives no byte order; little endian was taken.")
        order = fields.one_of("endian", ("little", "big"), "little")
        kind = kind.newbyteorder("<" if order == "little" else ">")
    if "old min" in fields or "old max" in fields:
        low, high = (fields.text(name, "?") for name in ("old min", "old max"))
        notices.append(
            f"Its header says that the numbers stood for {low} to {high} before they were "
            "quantized; they were read as stored."
        )
    return shape, checked_kind(path, kind), encoding, notices


def _axes(fields: Fields, shape: tuple[int, ...]) -> _Axes:
    path, count = fields.path, len(shape)
    kinds = [kind.lower() for kind in fields.text("kinds", "").split()] or ["???"] * count
    kinds = _per_axis(fields, "kinds", kinds)
    vectors = _per_axis(fields, "space directions", _directions(fields))
    spacings = _per_axis(fields, "spacings", fields.numbers("spacings"))
    space: list[int] = []
    other: list[int] = []
    for axis, kind in enumerate(kinds):
        if kind not in (*_OF_SPACE, *_OF_TIME, *_NO_AXIS) and shape[axis] > 1:
            raise refuse_vectors(path)
        vector = vectors[axis] if vectors else None
        directed = not vectors or (vector is not None and not _timely(vector))
        spaceless = kind not in (*_OF_SPACE, *_NO_AXIS) or not directed
        unplaced = count > 3 and len(spacings) > 0 and not np.isfinite(spacings[axis])
        (other if spaceless or unplaced else space).append(axis)
    if len(space) == 4:
        other.append(space.pop())
    moments = [axis for axis in other if shape[axis] > 1]
    if len(moments) > 1 or not 1 < len(space) < 4:
        raise BadInput(
            f"'{path}' has {count} axes, {len(space)} of them of space; choose a file with 2 or "
            "3 axes of space and at most one of time."
        )
    kept = sorted([*space, *moments])
    order = [space.index(axis) if axis in space else 3 for axis in kept]
    sizes = [shape[axis] for axis in space]
    time = moments[0] if moments else None
    step = 1.0
    if time is not None and vectors and (vector := vectors[time]) is not None:
        step = float(vector[-1])
    elif time is not None and len(spacings):
        step = float(spacings[time])
    if time is not None:
        step *= _SECONDS.get(_quoted(fields.text("units", ""), time), 1.0)
    return _Axes(
        space,
        [*order, *(axis for axis in range(4) if axis not in order)],
        (*sizes, *(1,) * (3 - len(sizes)), 1 if time is None else shape[time]),
        [vector for axis in space if vectors and (vector := vectors[axis]) is not None],
        step if np.isfinite(step) else 1.0,
    )


def _place(fields: Fields, axes: _Axes) -> tuple[Place, list[str], str]:
    """Return the place, what was assumed for it, and the unit of length."""
    path, count = fields.path, len(axes.space)
    space = _SPACES[fields.one_of("space", _SPACES, "3d-right-handed")]
    units = _units(fields, axes.space)
    affine = np.eye(4)
    notices: list[str] = []
    origin = fields.numbers("space origin")
    if axes.vectors:
        affine[:, :3] = 0
        for column, vector in enumerate(axes.vectors):
            affine[: min(len(vector), 3), column] = vector[:3]
    else:
        steps, first, notices = _spans(fields, axes)
        affine[range(count), range(count)] = steps
        origin = origin if len(origin) else first
        if space:
            notices.append("Its header names a space but no directions; they were taken along it.")
    affine[: len(origin[:3]), 3] = origin[:3]
    signs = patient_axes(space)
    if signs is not None:
        return turned(path, signs @ affine, axes.whole, units, PATIENT), notices, units
    if len(origin) and origin.any():
        notices.append(
            "Its header names no patient space, so its own coordinates were kept; ITK and 3D "
            "Slicer would take them as left, posterior, superior."
        )
    if not axes.vectors and (np.diag(affine) > 0).all():
        return upright(path, np.diag(affine)[:count], origin), notices, units
    return turned(path, affine, axes.whole, units, OWN), notices, units


def _spans(fields: Fields, axes: _Axes) -> tuple[np.ndarray, np.ndarray, list[str]]:
    """Return the step and first place along each axis of space without directions."""
    notices: list[str] = []
    count = len(axes.space)
    given = {
        name: found[axes.space] if len(found) else np.full(count, np.nan)
        for name in ("spacings", "axis mins", "axis maxs")
        for found in (_per_axis(fields, name, fields.numbers(name)),)
    }
    centers = [word.lower() for word in fields.text("centers", "").split()]
    centers = [*_per_axis(fields, "centers", centers)] or ["???"] * (max(axes.space) + 1)
    steps, first = given["spacings"].copy(), given["axis mins"].copy()
    for place, axis in enumerate(axes.space):
        cells, size = centers[axis] == "cell", axes.whole[place]
        span = given["axis maxs"][place] - given["axis mins"][place]
        if np.isnan(steps[place]) and np.isfinite(span) and size > 1:
            steps[place] = span / (size if cells else size - 1)
            if centers[axis] not in ("cell", "node"):
                notices.append(
                    f"Its header does not say whether axis {axis + 1} counts cells or nodes; "
                    "nodes were taken."
                )
        if np.isnan(steps[place]):
            steps[place] = 1.0
        if cells:
            first[place] += steps[place] / 2
    return steps, np.nan_to_num(first), notices


def _per_axis(fields: Fields, name: str, given: Given) -> Given:
    """Return what is `given` for each axis of the file, or nothing."""
    count = len(fields.whole("sizes"))
    if len(given) not in (0, count):
        raise BadInput(
            f"'{fields.path}' has {len(given)} {name} for {count} axes; write one for each."
        )
    return given


def _directions(fields: Fields) -> list[np.ndarray | None]:
    """Return a vector for each axis of the file, None where it is not one of space."""
    text = fields.text("space directions", "")
    words = re.findall(r"none|\([^)]*\)", text.lower())
    if len(re.sub(r"none|\([^)]*\)|\s", "", text.lower())):
        raise BadInput(
            f"'{fields.path}' has the space directions '{text}'; write one vector in brackets, "
            "or none, for each axis."
        )
    vectors = [None if word == "none" else numbers_in(word) for word in words]
    lengths = {len(vector) for vector in vectors if vector is not None}
    if len(lengths) > 1 or not lengths <= {2, 3, 4}:
        raise BadInput(
            f"'{fields.path}' has the space directions '{text}'; write vectors of 2, 3 or 4 "
            "numbers, all alike."
        )
    for vector in vectors:
        if vector is not None and len(vector) == 4 and vector[3] and vector[:3].any():
            raise BadInput(f"'{fields.path}' has an axis along both space and time; resample it.")
    return vectors


def _timely(vector: np.ndarray) -> bool:
    return len(vector) == 4 and bool(vector[3])


def _units(fields: Fields, space: list[int]) -> str:
    """Return the unit of length; `BadInput` where axes of space have several."""
    found = re.findall('"([^"]*)"', fields.text("space units", ""))[:3]
    found = found or [_quoted(fields.text("units", ""), axis) for axis in space]
    if len(set(found)) > 1:
        raise BadInput(
            f"'{fields.path}' measures its axes in {', '.join(found)}; write it in one unit."
        )
    return found[0] if found else ""


def _quoted(text: str, axis: int) -> str:
    words = re.findall('"([^"]*)"', text)
    return words[axis] if axis < len(words) else ""


def _skip_ahead(fields: Fields, data: BinaryIO, encoding: str, size: int) -> None:
    """Pass over what a header says stands before the values."""
    lines, count = fields.number("line skip", 0), fields.number("byte skip", 0)
    if lines < 0:
        raise BadInput(f"'{fields.path}' has the line skip {lines}; write how many come first.")
    for _ in range(lines):
        line = b" "
        while line and not line.endswith(b"\n"):
            line = data.readline(1 << 20)
        if not line:
            break
    if count < -1 or (count == -1 and encoding != "raw"):
        raise BadInput(
            f"'{fields.path}' has the byte skip {count} with the encoding {encoding}; write how "
            "many bytes come first."
        )
    if count == -1:
        seek_tail(data, size)
    elif encoding in _PLAIN:
        skip(data, count)
