"""MetaImage: raw or packed, with its values inside or beside.

Fields and defaults are those of the format's library, MetaIO. ITK and 3D Slicer take every
MetaImage to lie in a patient's left-posterior-superior world and write its directions as
``TransformMatrix``, with letters in ``AnatomicalOrientation``. So a file that gives directions
or letters is turned from there. One that gives neither, or says that the orientation of its
three axes is not known (``???``, as VTK does), is kept in its own coordinates.
"""

from __future__ import annotations

import math
import re
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ...core.errors import BadInput
from .headers import (
    Fields,
    bytes_left,
    header_lines,
    refuse_vectors,
    too_long,
    type_names,
    values_of,
)
from .places import OWN, PATIENT, Place, patient_axes, turned, upright
from .raster import Raster, Room, four
from .streams import check_promise, fill, seek_tail, skip, unpacked

_TYPES = type_names(
    {
        "i1": "met_char|met_ascii_char",
        "u1": "met_uchar",
        "i2": "met_short",
        "u2": "met_ushort",
        "i4": "met_int|met_long",
        "u4": "met_uint|met_ulong",
        "i8": "met_long_long",
        "u8": "met_ulong_long",
        "f4": "met_float",
        "f8": "met_double",
    }
)
_ALIASES = {
    "BinaryDataByteOrderMSB": ("ElementByteOrderMSB",),
    "Offset": ("Position", "Origin", "ImagePosition"),
    "TransformMatrix": ("Rotation", "Orientation"),
}
_USED = (
    *("AnatomicalOrientation", "BinaryData", "BinaryDataByteOrderMSB", "CenterOfRotation"),
    *("CompressedData", "DimSize", "DistanceUnits", "ElementDataFile", "ElementNumberOfChannels"),
    *("ElementSize", "ElementSpacing", "ElementToIntensityFunctionOffset"),
    *("ElementToIntensityFunctionSlope", "ElementType", "HeaderSize", "HeaderSizePerSlice"),
    *("NDims", "ObjectType", "Offset", "TransformMatrix"),
)
_HARMLESS = (
    *("AcquisitionDate", "Color", "Comment", "CompressedDataSize", "CompressionLevel"),
    *("ElementMax", "ElementMin", "ElementNBits", "ID", "Modality", "Name", "ObjectSubType"),
    *("ObjectSubTypeName", "ParentID", "SequenceID", "TransformType"),
)
_NAMES = {name.lower(): name for name in (*_USED, *_HARMLESS)} | {
    alias.lower(): name for name, aliases in _ALIASES.items() for alias in aliases
}
_OF_VALUES = re.compile("element|binary|compress|header|dim", re.I)


def read_meta(path: Path, limit: int) -> Raster:
    """Read MetaImage; what lies in a patient is turned to right-anterior-superior."""
    with path.open("rb") as file:
        fields = _fields(path, file)
        shape = _shape(fields)
        whole = four(path, shape)
        kind = np.dtype(_TYPES[fields.one_of("ElementType", _TYPES)])
        msb = fields.flag("BinaryDataByteOrderMSB", False)
        kind = kind.newbyteorder(">" if msb else "<")
        packed = fields.flag("CompressedData", False)
        if packed and not fields.flag("BinaryData", True):
            raise BadInput(f"'{path}' has text that is packed; save its values as binary.")
        encoding = "text" if not fields.flag("BinaryData", True) else "zlib" if packed else "raw"
        place, said = _place(fields, whole)
        name = fields.text("ElementDataFile")
        inside = name.upper() == "LOCAL"
        with values_of(path, file, "" if inside else name) as data:
            _skip_header(fields, data, encoding, math.prod(whole) * kind.itemsize)
            check_promise(math.prod(whole), kind, bytes_left(data), encoding)
            room = Room(path, whole, kind, limit, place)
            scale, more = _scale(fields)
            fill(room, unpacked(data, encoding, kind), scale=scale)
            over = 0 if inside or encoding != "raw" else bytes_left(data)
    steps = _steps(fields)
    return room.raster(
        shape,
        fields.text("DistanceUnits", ""),
        float(steps[3]) if len(steps) > 3 else 1.0,
        (*said, *more, *_left_out(fields), *too_long(over)),
    )


def _fields(path: Path, file: BinaryIO) -> Fields:
    fields = Fields(path, _NAMES)
    for line in header_lines(file):
        sign = re.search("[=:]", line)
        if sign:
            fields.add(line[: sign.start()], line[sign.end() :])
        elif line and not line.startswith("#"):
            raise BadInput(f"'{path}' has the line '{line[:80]}' in its header, which is no field.")
        if "ElementDataFile" in fields:
            break
    for name in fields.unknown:
        if _OF_VALUES.match(name):
            raise BadInput(
                f"'{path}' has the field '{name}', which MetaImage does not know, so it cannot be "
                "told how it changes the values; take it out."
            )
    return fields


def _left_out(fields: Fields) -> tuple[str, ...]:
    """Name the fields that MetaImage does not know; DICOM's, which ITK copies, say nothing here."""
    names = [f"'{name}'" for name in fields.unknown if not re.match(r"[0-9a-f]{4}\|", name, re.I)]
    if not names:
        return ()
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return (f"Fields that MetaImage does not know were left out: {', '.join(names[:3])}{more}.",)


def _shape(fields: Fields) -> tuple[int, ...]:
    path = fields.path
    if fields.text("ObjectType", "Image").lower() != "image":
        raise BadInput(
            f"'{path}' holds the object '{fields.text('ObjectType')}', not an image; choose "
            "another file."
        )
    shape = fields.whole("DimSize")
    if fields.number("NDims", len(shape)) != len(shape):
        raise BadInput(
            f"'{path}' has {fields.text('NDims')} NDims but {len(shape)} numbers in its DimSize; "
            "correct its header."
        )
    if fields.number("ElementNumberOfChannels", 1) != 1:
        raise refuse_vectors(path)
    return shape


def _skip_header(fields: Fields, data: BinaryIO, encoding: str, size: int) -> None:
    """Pass over what stands before the values."""
    path = fields.path
    if fields.number("HeaderSizePerSlice", 0):
        raise BadInput(f"'{path}' has a header before each slice; save its values without them.")
    count = fields.number("HeaderSize", 0)
    if count < -1 or (count == -1 and encoding != "raw"):
        raise BadInput(
            f"'{path}' has the HeaderSize {count}, which says nothing here; write how many bytes "
            "come first."
        )
    if count == -1:
        seek_tail(data, size)
    else:
        skip(data, count)


def _scale(fields: Fields) -> tuple[tuple[float, float] | None, tuple[str, ...]]:
    slope, offset = (
        float(found[0]) if len(found) else default
        for name, default in (("Slope", 1.0), ("Offset", 0.0))
        for found in (fields.numbers(f"ElementToIntensityFunction{name}"),)
    )
    if (slope, offset) == (1.0, 0.0):
        return None, ()
    if not math.isfinite(slope * offset) or not slope:
        raise BadInput(
            f"'{fields.path}' turns numbers into intensities by {slope:g} and {offset:g}; write "
            "finite numbers and a slope that is not zero."
        )
    said = f"The numbers were turned into intensities, times {slope:g} plus {offset:g}."
    return (slope, offset), (said,)


def _steps(fields: Fields) -> np.ndarray:
    """Return the spacing; either field stands for the other where that is missing."""
    found = fields.numbers("ElementSpacing")
    return found if len(found) else fields.numbers("ElementSize")


def _place(fields: Fields, whole: tuple[int, ...]) -> tuple[Place, list[str]]:
    path, count = fields.path, len(fields.whole("DimSize"))
    steps, origin = _steps(fields), fields.numbers("Offset")
    matrix = fields.numbers("TransformMatrix")
    for name, given, wanted in (
        ("spacing", steps, count),
        ("Offset", origin, count),
        ("TransformMatrix", matrix, count * count),
    ):
        if len(given) not in (0, wanted):
            raise BadInput(
                f"'{path}' has {len(given)} numbers in its {name} for {count} axes; write {wanted}."
            )
    space = min(count, 3)
    square = matrix.reshape(count, count).T if len(matrix) else np.eye(count)
    if square[3:, :3].any() or square[:3, 3:].any():
        raise BadInput(f"'{path}' has an axis along both space and time; resample it.")
    affine = np.eye(4)
    affine[:space, :space] = square[:space, :space] * (steps[:space] if len(steps) else 1.0)
    affine[: len(origin[:3]), 3] = origin[:3]
    unit, letters = fields.text("DistanceUnits", ""), fields.text("AnatomicalOrientation", "")
    unknown = not letters.strip("?")
    if count > 2 and (not unknown or (len(matrix) and not (letters and count == 3))):
        signs = patient_axes("left-posterior-superior")
        assert signs is not None  # that space has a name
        affine = signs @ affine
        said = ["Its place was taken as left, posterior, superior, as ITK and 3D Slicer do."]
        said += _contradicted(affine, "" if unknown else letters.upper())
        return turned(path, affine, whole, unit, PATIENT), [*said, *_off_centre(fields, square)]
    said = [
        "Its header names no patient orientation, so its own coordinates were kept; ITK and 3D "
        "Slicer would take them as left, posterior, superior."
    ]
    said = [*(said if count > 2 else []), *_off_centre(fields, square)]
    if not np.array_equal(square, square.T):
        said.append(
            "Rows of its TransformMatrix were taken as axes, as ITK does; VTK writes columns."
        )
    if len(matrix):
        return turned(path, affine, whole, unit, OWN), said
    return upright(path, steps[:space], origin), said


def _contradicted(affine: np.ndarray, letters: str) -> list[str]:
    """Say so where letters, which name the sides that axes come from, are not the directions'."""
    from nibabel.orientations import aff2axcodes

    opposite = dict(zip("LRPAIS", "RLAPSI", strict=True))
    found = "".join(opposite[side or "L"] for side in aff2axcodes(affine))
    if not letters or letters == found:
        return []
    return [
        f"Its AnatomicalOrientation {letters} contradicts its directions, which are {found}; the "
        "directions were followed, as ITK does."
    ]


def _off_centre(fields: Fields, directions: np.ndarray) -> list[str]:
    centre = fields.numbers("CenterOfRotation")
    if not centre.any() or np.array_equal(directions, np.eye(len(directions))):
        return []
    return ["Its CenterOfRotation was left out, as ITK does."]
