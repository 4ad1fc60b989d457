"""Values of a file as stored, read whole or with strides that keep them within memory."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

import numpy as np

from ..core.errors import BadInput


@dataclass(frozen=True, eq=False)
class Raster:
    """What a file holds.

    Parameters
    ----------
    values : (X, Y, Z, T) array
        Three axes of space, which may be a single value long, and one of time.
    shape : tuple of int
        Values along each axis of the file.
    spacing, origin : three numbers
        Step between the file's values along each axis of space, and place of the first.
    stride : int
        Only one in so many values along each axis of space is in `values`.
    unit : str
    time_step : float
    affine : (4, 4) array or None
    notices : tuple of str
    stored : dtype or None
        Type in the file, where `values` has another one.
    """

    values: np.ndarray
    shape: tuple[int, ...]
    spacing: Sequence[float] = (1.0, 1.0, 1.0)
    origin: Sequence[float] = (0.0, 0.0, 0.0)
    stride: int = 1
    unit: str = ""
    time_step: float = 1.0
    affine: np.ndarray | None = None
    notices: tuple[str, ...] = ()
    stored: np.dtype | None = None


def stride_for(path: Path, shape: Sequence[int], limit: int) -> int:
    """Return the smallest whole stride of space with which `shape` fits into `limit` bytes."""
    space, rest = shape[:3], math.prod(shape[3:])
    if not math.prod(shape):
        raise BadInput(f"'{path}' is empty; choose another file.")
    for stride in range(1, max(space) + 1):
        if 4 * rest * math.prod(-(-n // stride) for n in space) <= limit:
            return stride
    raise BadInput(
        f"'{path}' holds {rest:,} moments, which take more than {limit / 1e6:,.0f} MB however "
        "coarse each is; split it."
    )


def four(path: Path, shape: Sequence[int]) -> tuple[int, ...]:
    """Return a shape as three axes of space and one of time."""
    shape = tuple(int(n) for n in shape)
    while len(shape) > 4 and shape[-1] == 1:
        shape = shape[:-1]
    if not 2 <= len(shape) <= 4:
        raise BadInput(
            f"'{path}' has {len(shape)} axes; choose a file with 2 or 3 axes of space, or 3 and "
            "one of time."
        )
    return shape + (1,) * (4 - len(shape))


def empty(shape: Sequence[int], stride: int) -> np.ndarray:
    """Return room for what remains of `shape` when only one in `stride` values is kept."""
    return np.empty([*(-(-n // stride) for n in shape[:3]), *shape[3:]], np.float32)


def filled(given: Sequence[float], missing: float) -> tuple[float, ...]:
    """Return three numbers, those not `given` as `missing`."""
    return (*(float(n) for n in given[:3]), *(missing,) * (3 - len(given)))


def streamed(
    stream: BinaryIO, kind: np.dtype, shape: Sequence[int], strides: Sequence[int]
) -> np.ndarray:
    """Read values, first axis fastest, and keep those of whole strides."""
    size = math.prod(shape[:2]) * kind.itemsize
    values = np.empty([-(-n // s) for n, s in zip(shape, strides, strict=True)], kind, order="F")
    for slow in np.ndindex(*shape[:1:-1]):
        data = stream.read(size)
        if len(data) < size:
            raise ValueError("its values end too early")
        whole = [divmod(i, s) for i, s in zip(slow[::-1], strides[2:], strict=True)]
        if not any(rest for _, rest in whole):
            plane = np.frombuffer(data, kind).reshape(shape[:2], order="F")
            values[(..., *(i for i, _ in whole))] = plane[:: strides[0], :: strides[1]]
    return values


def turned(matrix: np.ndarray) -> tuple[str, ...]:
    """Say so where directions, one to a column, are not those of the world's axes."""
    lengths = np.linalg.norm(matrix, axis=0)
    if np.allclose(matrix / np.where(lengths, lengths, 1), np.eye(len(matrix)), atol=1e-3):
        return ()
    return (
        "The volume's axes are turned or mirrored against the world's; they were kept as stored.",
    )
