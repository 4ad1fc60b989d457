"""NIfTI, ANALYZE and MGH: nibabel reads the headers, the values come as a stream."""

from __future__ import annotations

import gzip
import logging
import math
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .headers import bytes_left
from .places import PATIENT, spanning, turned
from .raster import Raster, Room, checked_kind, four
from .streams import Readable, check_promise, fill, skip

_LENGTHS = {"meter": "m", "mm": "mm", "micron": "µm"}
_SECONDS = {"sec": 1.0, "msec": 1e-3, "usec": 1e-6}
_UNPLACED = (
    "Its header gives no place, so x was taken to run left and the middle as the origin, as "
    "nibabel does."
)
_OTHER_HALF = {".img": ".hdr", ".hdr": ".img"}


def read_nifti(path: Path, limit: int) -> Raster:
    """Read NIfTI, one file or a pair, and ANALYZE pairs; the fourth axis is time."""
    from nibabel import Nifti1Header, Nifti2Header

    header_path, data_path = _halves(path)
    with _plain(header_path) as (stream, _):
        block = stream.read(540)
    if (magic := block[344:347]) in (b"n+1", b"ni1"):
        header, notices = _mended(Nifti1Header, block[:348])
    elif (magic := block[4:7]) in (b"n+2", b"ni2"):
        header, notices = _mended(Nifti2Header, block)
    else:
        return _read_analyze(path, data_path, limit)
    affine, said = _affine(path, header)
    if magic.startswith(b"n+"):
        data_path = header_path
    elif data_path == header_path:
        raise BadInput(f"'{path}' is the header of a pair; call it .hdr, beside the .img file.")
    scale = header.get_slope_inter()
    return _read(path, data_path, header, affine, scale, limit, [*notices, *said])


def read_mgh(path: Path, limit: int) -> Raster:
    """Read a volume of FreeSurfer's; its fourth axis is time."""
    from nibabel.freesurfer.mghformat import MGHHeader

    with _plain(path) as (stream, _):
        header = MGHHeader(stream.read(284))
    return _read(path, path, header, header.get_affine(), (None, None), limit, [])


def has_other_half(path: Path) -> bool:
    """Whether the other file of a pair stands beside one."""
    return _other_half(path)[1] is not None


def _halves(path: Path) -> tuple[Path, Path]:
    """Return the files of the header and of the values of a pair; `path` itself for others."""
    wanted, other = _other_half(path)
    if not wanted:
        return path, path
    if other is None:
        raise BadInput(f"'{path}' is one half of a pair; put '{wanted}' beside it.")
    return (path, other) if wanted.endswith(".img") else (other, path)


def _other_half(path: Path) -> tuple[str, Path | None]:
    """Return the name that the other file of a pair should have, and the file if it is there."""
    bare = path.with_suffix("") if path.suffix.lower() == ".gz" else path
    ending = _OTHER_HALF.get(bare.suffix.lower())
    if ending is None:
        return "", None
    wanted = bare.stem + ending
    names = {wanted.lower(), f"{wanted}.gz".lower()}
    there = (p for p in sorted(path.parent.iterdir()) if p.name.startswith(bare.stem))
    return wanted, next((p for p in there if p.name.lower() in names), None)


@contextmanager
def _plain(path: Path) -> Iterator[tuple[Readable, int]]:
    """Open a file, packed by gzip or not, and say how many bytes it has."""
    with path.open("rb") as file:
        held, packed = bytes_left(file), file.read(2) == b"\x1f\x8b"
        file.seek(0)
        yield (gzip.GzipFile(fileobj=file) if packed else file), held


def _mended(kind: type, block: bytes) -> tuple[Any, list[str]]:
    """Return a header, and what nibabel mended in it."""
    said: list[str] = []
    logger = logging.Logger("header")

    def keep(record: logging.LogRecord) -> bool:
        said.append(record.getMessage())
        return False

    logger.addFilter(keep)
    header = kind(block, check=False)
    header.check_fix(logger=logger, error_level=40)
    return header, [f"nibabel mended the header: {text}." for text in said]


def _read_analyze(path: Path, data_path: Path, limit: int) -> Raster:
    import nibabel

    image: Any = nibabel.load(path)
    notices = [] if data_path.with_suffix(".mat").is_file() else [_UNPLACED]
    scale = image.dataobj.slope, image.dataobj.inter  # its header has them no more
    return _read(path, data_path, image.header, image.affine, scale, limit, notices)


def _read(
    path: Path,
    data_path: Path,
    header: Any,
    affine: np.ndarray,
    scale: tuple[float | None, float | None],
    limit: int,
    notices: Sequence[str],
) -> Raster:
    shape, kind = header.get_data_shape(), checked_kind(path, header.get_data_dtype())
    whole = four(path, shape)
    length, second = _units(header)
    unit = _LENGTHS.get(length, "")
    with _plain(data_path) as (stream, held):
        packing = "gzip" if isinstance(stream, gzip.GzipFile) else "raw"
        offset = int(header.get_data_offset())
        if offset > held * (1 if packing == "raw" else 1032):
            raise ValueError(f"its values begin at byte {offset:,}, behind its end")
        check_promise(math.prod(whole), kind, held - (offset if packing == "raw" else 0), packing)
        room = Room(path, whole, kind, limit, turned(path, affine, whole, unit, PATIENT))
        skip(stream, offset)
        slope, intercept = 1.0 if scale[0] is None else scale[0], scale[1] or 0.0
        fill(room, stream, scale=None if (slope, intercept) == (1.0, 0.0) else (slope, intercept))
        step = _time_step(header, stream) if whole[3] > 1 else 1.0
    return room.raster(shape, unit, step * _SECONDS.get(second, 1.0), notices)


def _units(header: Any) -> tuple[str, str]:
    """Return nibabel's names for the units of length and time; MGH has its own."""
    if not hasattr(header, "get_xyzt_units"):
        return ("mm", "msec") if hasattr(header, "get_footer_offset") else ("", "")
    try:
        return header.get_xyzt_units()
    except KeyError:  # a number that stands for no unit
        return "", ""


def _time_step(header: Any, stream: Readable) -> float:
    """Return the time between two moments; MGH has it behind the values."""
    zooms = header.get_zooms()
    if hasattr(header, "get_footer_offset"):
        tail = stream.read(4)
        return float(np.frombuffer(tail, ">f4")[0]) if len(tail) == 4 else 0.0
    return float(zooms[3]) if len(zooms) > 3 else 1.0


def _affine(path: Path, header: Any) -> tuple[np.ndarray, list[str]]:
    """Return the affine of NIfTI: the sform where it is sound, else the qform."""
    sform, qform = _sound(header.get_sform, header), _sound(header.get_qform, header)
    codes = int(header["sform_code"]), int(header["qform_code"])
    if sform is None:
        if qform is not None:
            said = "Its sform is not finite or flat, so the place is that of its qform."
            return qform, [said] if codes[0] else []
        if any(codes):
            raise BadInput(
                f"'{path}' has a place (sform code {codes[0]}, qform code {codes[1]}) that is not "
                "finite or flat; write it anew."
            )
        return header.get_base_affine(), [_UNPLACED]
    if qform is None:
        return sform, []
    off = np.abs((sform - qform)[:3] @ np.diag([*_sizes(header), 1])).sum(axis=1).max()
    if off <= np.linalg.norm(sform[:3, :3], axis=0).max():
        return sform, []
    return sform, [f"Its sform and qform differ, by up to {off:.3g}; the sform was followed."]


def _sound(read: Any, header: Any) -> np.ndarray | None:
    """Return an affine with a code, None where there is none that spans space."""
    from nibabel.spatialimages import HeaderDataError

    try:
        affine, code = read(coded=True)
    except (HeaderDataError, ValueError):
        return None
    return spanning(affine, _sizes(header)) if code and affine is not None else None


def _sizes(header: Any) -> tuple[int, ...]:
    return (*header.get_data_shape(), 1, 1)[:3]
