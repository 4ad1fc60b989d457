"""Values of a file, read block by block into room that is as large as what is kept."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from .places import Place


@dataclass(frozen=True, eq=False)
class Raster:
    """What a file holds.

    Parameters
    ----------
    values : (X, Y, Z, T) float32
        Three axes of space, which may be a single value long, along those of the world, and
        one of time.
    shape : tuple of int
        Values along each axis of the file.
    affine : (4, 4) float64
        From numbers of `values` to the world.
    oriented : bool
        Whether the file says where its axes lie in the world.
    own_shape : three int
        Values along each axis of space of the file, before any was left out.
    own_affine : (4, 4) float64
        From numbers of values along the file's own axes to the world.
    stored : dtype
        Type in the file.
    low, high : number
        Least and greatest finite value of the file.
    beyond : int
        Finite values that float32 cannot hold; they are infinite in `values`.
    stride : int
        Only one in so many values along each axis of space is in `values`.
    unit : str
    time_step : float
    notices : tuple of str
    """

    values: np.ndarray
    shape: tuple[int, ...]
    affine: np.ndarray
    oriented: bool
    own_shape: tuple[int, int, int]
    own_affine: np.ndarray
    stored: np.dtype
    low: float
    high: float
    beyond: int = 0
    stride: int = 1
    unit: str = ""
    time_step: float = 1.0
    notices: tuple[str, ...] = ()


class Room:
    """Room for the values of a file; they are turned to the world's axes as they come in.

    Parameters
    ----------
    path : path
    whole : (X, Y, Z, T)
        Values along the file's axes of space, and moments.
    kind : dtype
        Type in the file.
    limit : int
        Most bytes that the values may take as float32.
    place : Place

    Raises
    ------
    BadInput
        If the file is empty, holds no plain numbers, or has too many moments.
    """

    def __init__(
        self, path: Path, whole: Sequence[int], kind: np.dtype, limit: int, place: Place
    ) -> None:
        x, y, z, moments = whole
        self.whole, self.kind, self._place = (x, y, z, moments), checked_kind(path, kind), place
        self.stride = stride_for(path, whole, limit)
        self._sizes = tuple(-(-n // self.stride) for n in whole[:3])
        sizes = [self._sizes[axis] for axis in place.order]
        self._values = np.empty([*sizes, whole[3]], np.float32)
        self.view = place.in_file_order(self._values)
        """The room as (X, Y, Z, T) along the axes of the file, strided."""
        self._low, self._high, self._beyond = math.inf, -math.inf, 0

    def put(self, target: np.ndarray, block: np.ndarray) -> None:
        """Write a block of the file's values to `target`, a part of `view`."""
        with np.errstate(over="ignore"):
            target[...] = block
        if block.dtype.kind == "f":
            real = np.isfinite(block)
            self._beyond += int(real.sum()) - int(np.isfinite(target).sum())
            block = block[real & np.isfinite(target)]
        if block.size:
            self._low = min(self._low, block.min().item())
            self._high = max(self._high, block.max().item())

    def raster(
        self,
        shape: Sequence[int],
        unit: str = "",
        time_step: float = 1.0,
        notices: Sequence[str] = (),
    ) -> Raster:
        """Return what was read, with the `shape` that the file gives."""
        return Raster(
            self._values,
            tuple(shape),
            self._place.turned_affine(self._sizes, self.stride),
            self._place.oriented,
            self.whole[:3],
            self._place.affine,
            self.kind,
            self._low,
            self._high,
            self._beyond,
            self.stride,
            unit,
            time_step,
            (*notices, *self._place.notices),
        )


def checked_kind(path: Path, kind: np.dtype) -> np.dtype:
    """Return a type of numbers; `BadInput` for any other."""
    if kind.kind not in "biuf":
        raise BadInput(
            f"'{path}' holds values of type {kind}, not plain numbers; save one number for "
            "each voxel."
        )
    return kind


def stride_for(path: Path, whole: Sequence[int], limit: int) -> int:
    """Return the smallest whole stride of space with which (X, Y, Z, T) fits into `limit` bytes."""
    space, moments = whole[:3], whole[3]
    shape = " x ".join(f"{n:,}" for n in space)
    if min(whole) < 1:
        raise BadInput(f"'{path}' is empty ({shape} values); choose another file.")

    def size(stride: int) -> int:
        return 4 * moments * math.prod(-(-n // stride) for n in space)

    fine, coarse = 0, max(min((n - 1 for n in space if n > 1), default=1), 1)
    if size(coarse) > limit:  # a coarser one would leave an axis out
        what = f"{moments:,} moments" if moments > 1 else f"{shape} values"
        raise BadInput(
            f"'{path}' holds {what}, which take more than {limit / 1e6:,.0f} MB however coarse "
            "each is; split it."
        )
    while coarse - fine > 1:  # `coarse` fits, `fine` does not
        middle = (fine + coarse) // 2
        fine, coarse = (fine, middle) if size(middle) <= limit else (middle, coarse)
    return coarse


def four(path: Path, shape: Sequence[int]) -> tuple[int, int, int, int]:
    """Return a shape as three axes of space and one of time."""
    shape = tuple(int(n) for n in shape)
    while len(shape) > 4 and shape[-1] == 1:
        shape = shape[:-1]
    if not 2 <= len(shape) <= 4:
        raise BadInput(
            f"'{path}' has {len(shape)} axes; choose a file with 2 or 3 axes of space, or 3 and "
            "one of time."
        )
    x, y, z, moments = (*shape, 1, 1)[:4]
    return x, y, z, moments
