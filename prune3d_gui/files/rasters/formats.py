"""Which format a file has: its content says so first, its ending where the content cannot."""

from __future__ import annotations

import codecs
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from ...core.errors import BadInput
from .arrays import read_npy, read_npz
from .metaimage import read_meta
from .nifti import has_other_half, read_mgh, read_nifti
from .nrrd import read_nrrd
from .pictures import read_picture
from .raster import Raster
from .tiffs import read_tiff
from .vtk_files import read_legacy, read_vtk, read_xml, xml_type

_HEAD = 4096  # bytes that tell a format


@dataclass(frozen=True)
class Format:
    """A format of values on a regular grid.

    Parameters
    ----------
    title : str
        What such a file is.
    endings : tuple of str
    read : callable
        Takes a path and a limit in bytes.
    begins : callable or None
        Says of the first bytes whether they are of this format; None where they do not tell.
    packed : bool
        Whether the file may be packed by gzip as a whole.
    picture : bool
        Whether it is one of the formats of pictures.
    """

    title: str
    endings: tuple[str, ...]
    read: Callable[[Path, int], Raster]
    begins: Callable[[bytes], bool] | None = None
    packed: bool = False
    picture: bool = False


def _marked(*marks: bytes, at: int = 0) -> Callable[[bytes], bool]:
    return lambda head: head[at:].startswith(marks)


def _is_nifti(head: bytes) -> bool:
    return head[344:348] == b"n+1\0" or head[4:8] == b"n+2\0"


def _is_pair(head: bytes) -> bool:
    return head[344:348] == b"ni1\0" or head[4:8] == b"ni2\0"


def _is_analyze(head: bytes) -> bool:
    size = {int.from_bytes(head[:4], order) for order in ("little", "big")}
    return len(head) >= 348 and 348 in size


def _is_mgh(head: bytes) -> bool:
    numbers = [int.from_bytes(head[i : i + 4], "big", signed=True) for i in range(0, 24, 4)]
    return numbers[0] == 1 and all(0 < n < 1 << 24 for n in numbers[1:5]) and numbers[5] in range(5)


def _is_meta(head: bytes) -> bool:
    line = re.match(rb"\s*([a-z0-9_|]+)\s*[=:]", head, re.I)
    return (
        line is not None and re.search(rb"^(DimSize|NDims)\s*[=:]", head, re.I | re.M) is not None
    )


def _pillow(
    title: str,
    endings: tuple[str, ...],
    formats: tuple[str, ...],
    begins: Callable[[bytes], bool] | None,
) -> Format:
    read = partial(read_picture, formats=formats)
    return Format(title, endings, read, begins, picture=True)


def _vtk(title: str, ending: str, begins: Callable[[bytes], bool] | None = None) -> Format:
    return Format(title, (ending,), partial(read_vtk, ending=ending), begins)


ARRAY, ARRAYS = "a NumPy array", "an archive of NumPy arrays"
_PAIR = Format(
    "half of a NIfTI or ANALYZE pair",
    (".hdr", ".img", ".hdr.gz", ".img.gz"),
    read_nifti,
    _is_pair,
    True,
)
FORMATS = (
    Format("NIfTI", (".nii", ".nii.gz"), read_nifti, _is_nifti, True),
    _PAIR,
    Format("NRRD", (".nrrd", ".nhdr"), read_nrrd, _marked(b"NRRD")),
    Format("MetaImage", (".mha", ".mhd"), read_meta, _is_meta),
    Format(
        "a VTK XML file",
        (".vti", ".vtr", ".pvti", ".pvtr"),
        read_xml,
        lambda head: bool(xml_type(head.decode("latin-1"))),
    ),
    Format("a VTK file", (".vtk",), read_legacy, _marked(b"# vtk DataFile")),
    Format(ARRAY, (".npy",), read_npy, _marked(b"\x93NUMPY")),
    Format(ARRAYS, (".npz",), read_npz, _marked(b"PK\3\4", b"PK\5\6")),
    Format("a FreeSurfer volume", (".mgz", ".mgh", ".mgh.gz"), read_mgh, _is_mgh, True),
    Format(
        "TIFF",
        (".tif", ".tiff"),
        read_tiff,
        _marked(b"II*\0", b"MM\0*", b"II+\0", b"MM\0+"),
    ),
    _pillow("a PNG picture", (".png",), ("PNG",), _marked(b"\x89PNG\r\n\x1a\n")),
    _pillow(
        "a JPEG picture",
        (".jpg", ".jpeg"),
        ("JPEG",),
        _marked(b"\xff\xd8\xff"),
    ),
    _pillow("a GIF picture", (".gif",), ("GIF",), _marked(b"GIF87a", b"GIF89a")),
    _pillow("a WebP picture", (".webp",), ("WEBP",), _marked(b"WEBP", at=8)),
    _pillow(
        "a JPEG 2000 picture",
        (".jp2", ".j2k"),
        ("JPEG2000",),
        _marked(b"\0\0\0\x0cjP  ", b"\xff\x4f\xff\x51"),
    ),
    _pillow(
        "a PNM picture",
        (".pgm", ".ppm", ".pnm", ".pbm", ".pfm"),
        ("PPM",),
        lambda head: re.match(rb"P[1-6Ff]\s", head) is not None,
    ),
    _pillow("a BMP picture", (".bmp",), ("BMP",), _marked(b"BM")),
    _pillow("a TGA picture", (".tga",), ("TGA",), None),
    _vtk("DICOM", ".dcm", _marked(b"DICM", at=128)),
    _vtk("HDF5", ".vtkhdf", _marked(b"\x89HDF\r\n\x1a\n")),
    _vtk("MINC", ".mnc", _marked(b"CDF\1", b"CDF\2")),
    *(
        _vtk(f"a {ending} file", ending)
        for ending in (".slc", ".dem", ".cube", ".mr", ".segy", ".sgy", ".xdmf")
    ),
)
_REFUSED = {"a Radiance picture": _marked(b"#?RADIANCE", b"#?RGBE")}
SUFFIXES = (
    *(".nii", ".nii.gz", ".hdr", ".img", ".mgz", ".mgh", ".nrrd", ".nhdr", ".mha", ".mhd"),
    *(".vti", ".vtr", ".vtk", ".npy", ".npz", ".tif", ".tiff", ".png", ".jpg", ".jpeg", ".gif"),
    *(".webp", ".pgm", ".bmp"),
)
"""Endings of the files that people have; some more are read."""


def recognise(path: Path) -> tuple[Format, tuple[str, ...]]:
    """Return the format of a file, and what to say where its ending is that of another.

    Raises
    ------
    BadInput
        If neither its content nor its ending is known, or its ending belongs to a format that
        does not begin so.
    """
    head, packed = _head(path)
    if not head:
        raise BadInput(f"'{path}' is empty or damaged from its first byte on; choose another file.")
    ending = _ending(path)
    if _is_half(path, ending, head):
        return _PAIR, ()
    for title, begins in _REFUSED.items():
        if begins(head):
            raise BadInput(f"'{path}' is {title}, which is not read here; save it as TIFF or PNG.")
    for found in FORMATS:
        if found.begins is not None and found.begins(head):
            if packed and not found.packed:
                raise BadInput(f"'{path}' is {found.title} packed by gzip; unpack it first.")
            said = f"By its content it is {found.title}, whatever its name, and was read as such."
            return found, () if ending in found.endings else (said,)
    named = [found for found in FORMATS if ending in found.endings]
    if not named:
        raise BadInput(
            f"'{path}' is no volume that can be read; choose {', '.join(SUFFIXES[:-1])} or "
            f"{SUFFIXES[-1]}."
        )
    if named[0].begins is not None:
        raise BadInput(
            f"'{path}' ends in {ending} but does not begin as {named[0].title} does; it may be "
            "damaged, or be something else."
        )
    return named[0], ()


def _is_half(path: Path, ending: str, head: bytes) -> bool:
    """Whether a file is one of two, of which the values have no mark and old headers none."""
    if ending.startswith(".img"):
        known = any(found.begins is not None and found.begins(head) for found in FORMATS)
        return not known or (not _is_nifti(head) and has_other_half(path))
    return ending.startswith(".hdr") and _is_analyze(head) and not _is_nifti(head)


def _head(path: Path) -> tuple[bytes, bool]:
    """Return the first bytes of a file, unpacked and without a byte order mark."""
    with path.open("rb") as file:
        head = file.read(_HEAD)
    packed = head[:2] == b"\x1f\x8b"
    if packed:
        try:
            head = zlib.decompressobj(31).decompress(head, _HEAD)
        except zlib.error:
            head = b""
    if head[:2] in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE):
        head = head[: len(head) // 2 * 2].decode("utf-16", "ignore").encode()
    return head.removeprefix(codecs.BOM_UTF8), packed


def _ending(path: Path) -> str:
    """Return the ending of a name in small letters, with what is before ``.gz``."""
    name = path.name.lower()
    return "".join(Path(name).suffixes[-2:]) if name.endswith(".gz") else Path(name).suffix
