"""TIFF: pages as slices along z, with the types that their tags give.

tifffile reads the tags and what is not packed or deflated; Pillow unpacks the rest, and its
numbers are taken for what the tags say they are.
"""

from __future__ import annotations

import logging
import math
import re
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from .headers import refuse_vectors
from .pictures import check_size, grey_plane, put_plane
from .places import upright
from .raster import Raster, Room, checked_kind

_PLAIN, _DEFLATED = 1, (8, 32946)  # numbers of compressions
_LEAST_IS_WHITE, _LEAST_IS_BLACK = 0, 1  # photometric interpretations
_MICRONS = ("micron", "um", "\\u00B5m")
_ORIENTED = {
    2: lambda plane: plane[:, ::-1],
    3: lambda plane: plane[::-1, ::-1],
    4: lambda plane: plane[::-1],
    5: lambda plane: plane.T,
    6: lambda plane: plane.T[:, ::-1],
    7: lambda plane: plane.T[::-1, ::-1],
    8: lambda plane: plane.T[::-1],
}


@dataclass(frozen=True)
class _Stack:
    """What the pages of a file are: slices follow one another faster than moments.

    Parameters
    ----------
    slices, moments : int
    spacing : tuple of float
    unit : str
    time_step : float
    """

    slices: int
    moments: int = 1
    spacing: tuple[float, ...] = ()
    unit: str = ""
    time_step: float = 1.0


def read_tiff(path: Path, limit: int) -> Raster:
    """Read shades of grey, or colours as such; ImageJ and OME say what the pages are."""
    from PIL import Image
    from tifffile import TiffFile

    logging.getLogger("tifffile").setLevel(logging.CRITICAL)  # what matters is checked below
    with TiffFile(path, is_ome=False) as file:
        every: list[Any] = list(file.pages)
        if not every or not _all_listed(file):
            raise ValueError("its list of pages ends too early")
        pages = [page for page in every if not (page.is_reduced or page.is_mask)]
        if not pages:
            raise ValueError("it has no page of full size")
        left, room = len(every) - len(pages), None
        notices = [f"{left:,} pages with smaller copies or masks were left out."] if left else []
        stack = _stack(path, file, pages)
        image = None if all(map(_read_here, pages)) else Image.open(path, formats=("TIFF",))
        try:
            for number, page in enumerate(pages):
                moment, place = divmod(number, stack.slices)
                if room is not None and place % room.stride:
                    continue
                check_size(path, (page.imagewidth, page.imagelength), 4, limit)
                plane, said = _plane(path, page, image, limit)
                if room is None:
                    whole = (*plane.shape, stack.slices, stack.moments)
                    there = upright(path, stack.spacing)
                    room = Room(path, whole, plane.dtype, limit, there)
                put_plane(path, room, plane, place // room.stride, moment)
                notices += [text for text in said if text not in notices]
        finally:
            if image is not None:
                image.close()
    assert room is not None  # there is a page
    axes = 4 if stack.moments > 1 else 3 if stack.slices > 1 else 2
    return room.raster(whole[:axes], stack.unit, stack.time_step, notices)


def _all_listed(file: Any) -> bool:
    """Whether the list of pages ends with its last one, not where the file does."""
    file.filehandle.seek(file.pages.next_page_offset)
    rest = file.filehandle.read(file.tiff.offsetsize)
    return len(rest) == file.tiff.offsetsize and not any(rest)


def _read_here(page: Any) -> bool:
    """Whether tifffile alone gives the numbers of a page."""
    grey = page.photometric in (_LEAST_IS_WHITE, _LEAST_IS_BLACK) and page.samplesperpixel == 1
    whole = page.bitspersample in (8, 16, 32, 64) and page.fillorder == 1
    plain = page.compression == _PLAIN or page.compression in _DEFLATED
    return grey and whole and plain and page.predictor in (1, 2)


def _plane(path: Path, page: Any, image: Any, limit: int) -> tuple[np.ndarray, list[str]]:
    """Return a page as (X, Y), y upwards, and what was changed."""
    _check_page(path, page, limit)
    if page.photometric not in (_LEAST_IS_WHITE, _LEAST_IS_BLACK):
        image.seek(page.index)
        return grey_plane(path, image)
    kind = checked_kind(path, page.dtype)
    if _read_here(page):
        turn = _ORIENTED.get(int(page.tags.valueof(274, 1)), lambda plane: plane)
        plane, turned_round = turn(page.asarray())[::-1].T, False
        said: list[str] = []
    else:
        image.seek(page.index)
        plane, said = grey_plane(path, image)
        plane = _as_tagged(path, plane, kind)
        turned_round = kind.itemsize == 1  # Pillow does so for these alone
    if page.photometric == _LEAST_IS_WHITE:
        if kind.kind not in "bu":
            said.append("Its least value stands for white; values were kept as stored.")
            return plane, said
        said.append("Its least value stands for white; values were turned round.")
        if not turned_round:
            plane = (~plane) if kind.kind == "b" else (2**page.bitspersample - 1 - plane)
    return plane.astype(kind.newbyteorder("="), copy=False), said


def _as_tagged(path: Path, plane: np.ndarray, kind: np.dtype) -> np.ndarray:
    """Take the numbers of Pillow's for what the tags say they are."""
    if plane.dtype.kind == "f" or kind.kind == "f" or plane.dtype.itemsize < kind.itemsize:
        fits = plane.dtype.newbyteorder("=") == kind.newbyteorder("=")
    else:
        fits = kind.kind in "biu"
    if not fits:
        raise BadInput(
            f"'{path}' packs values of type {kind.name} in a way that cannot be read here; save "
            "it without compression."
        )
    kind, plane = kind.newbyteorder("="), plane.astype(plane.dtype.newbyteorder("="))
    if plane.dtype.itemsize == kind.itemsize and {plane.dtype.kind, kind.kind} == {"i", "u"}:
        return np.ascontiguousarray(plane).view(kind)  # the same bits
    return plane.astype(kind)


def _check_page(path: Path, page: Any, limit: int) -> None:
    """Refuse pages of several samples, and those that the file does not hold."""
    if page.is_volumetric:
        raise BadInput(f"'{path}' has pages with a depth; save one page for each slice.")
    if page.dtype is None:
        raise BadInput(
            f"'{path}' holds {page.bitspersample}-bit values of an unknown kind; save it with 8, "
            "16 or 32 bits."
        )
    if page.photometric in (_LEAST_IS_WHITE, _LEAST_IS_BLACK) and page.samplesperpixel > 1:
        raise refuse_vectors(path)
    held = page.parent.filehandle.size
    segments = list(zip(page.dataoffsets, page.databytecounts, strict=True))
    if not segments or any(not size or start + size > held for start, size in segments):
        raise ValueError("its values end too early")
    count = math.prod(page.shape)
    if page.compression == _PLAIN and 8 * sum(page.databytecounts) < count * _bits(page):
        raise ValueError(f"it promises {count:,} values, for which its strips are too short")
    if page.compression in _DEFLATED and 1032 * max(page.databytecounts) > limit + (256 << 20):
        _check_inflated(page, segments)


def _bits(page: Any) -> int:
    bits = page.bitspersample
    return min(bits) if isinstance(bits, tuple) else bits


def _check_inflated(page: Any, segments: list[tuple[int, int]]) -> None:
    """Raise `ValueError` when a strip or tile holds more than the whole page has room for."""
    file = page.parent.filehandle
    for start, size in segments:
        file.seek(start)
        packed, unpacker, count = file.read(size), zlib.decompressobj(), 0
        while packed:
            count += len(unpacker.decompress(packed, 1 << 20))
            packed = unpacker.unconsumed_tail
            if count > 2 * page.nbytes + (1 << 20):
                raise ValueError("its strips hold more than its size")


def _stack(path: Path, file: Any, pages: list[Any]) -> _Stack:
    """Return what ImageJ or OME say of the pages; others are slices."""
    count, text = len(pages), pages[0].description or ""
    if file.is_imagej:
        facts = file.imagej_metadata or {}
        sizes = [int(facts.get(name, 1)) for name in ("slices", "channels", "frames")]
        unit = str(facts.get("unit", ""))
        steps = [_imagej_step(pages[0], tag) for tag in (282, 283)]
        steps = [*steps, float(facts.get("spacing", 0))] if unit not in ("", "pixel") else []
        step, images, order = float(facts.get("finterval", 0)), int(facts.get("images", 1)), "ZT"
        if math.prod(sizes) == 1:
            sizes[0] = images
    elif "<OME" in text:
        found = re.search(r"<(?:\w+:)?Pixels\b[^>]*>", text)
        facts = dict(re.findall(r'(\w+)="([^"]*)"', found[0] if found else ""))
        sizes = [int(facts.get(f"Size{axis}", 1)) for axis in "ZCT"]
        unit = facts.get("PhysicalSizeXUnit", "µm" if "PhysicalSizeX" in facts else "")
        steps = [float(facts.get(f"PhysicalSize{axis}", 0)) for axis in "XYZ"] if unit else []
        step, images = float(facts.get("TimeIncrement", 0)), math.prod(sizes)
        order = facts.get("DimensionOrder", "XYZCT")[2:].replace("C", "")
    else:
        return _Stack(count)
    if sizes[1] > 1:
        raise BadInput(f"'{path}' holds {sizes[1]:,} channels; save one of them.")
    if math.prod(sizes) != count or images != count:
        raise BadInput(
            f"'{path}' says that it has {max(images, math.prod(sizes)):,} pictures but has "
            f"{count:,} pages; save it with one page for each, in one file."
        )
    if order == "TZ" and sizes[0] > 1 and sizes[2] > 1:
        raise BadInput(f"'{path}' has pages in the order of time, then z; save z first.")
    steps = tuple(s if math.isfinite(s) and s > 0 else 1.0 for s in steps)
    unit = "µm" if unit in _MICRONS else "" if unit == "pixel" else unit
    return _Stack(sizes[0], sizes[2], steps, unit, step)


def _imagej_step(page: Any, tag: int) -> float:
    """Return the length of a pixel; the tag holds pixels for each unit of length."""
    above, below = page.tags.valueof(tag, (0, 1))
    return below / above if above else 0.0
