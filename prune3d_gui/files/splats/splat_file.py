"""What a file of Gaussian splats gives, what its header promises, and a choice of its rows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from ...core.cancel import NEVER, CancelToken
from ...core.scene.gaussians import TERMS, Gaussians
from ...core.scene.scenes import NO_ARRAYS

BLOCK = 1 << 14
"""Rows that are read and turned at a time."""
_FLOATS = 11  # of a Gaussian besides its harmonics


@dataclass(frozen=True, eq=False)
class SplatFile:
    """Gaussians as they came from a file, or as they go into one.

    Parameters
    ----------
    gaussians : Gaussians
        In the axes of a 3DGS PLY.
    format : str
        Such as ``3DGS PLY`` or ``SPZ 3``.
    extras : mapping of name to (N,) array
        Further properties of each Gaussian, of the types that the file has.
    order : tuple of str
        Names of all properties as they follow in a PLY; empty where there is none.
    comments : tuple of str
        Of a PLY.
    antialiased : bool
        Whether the file says that its Gaussians were trained with anti-aliasing.
    rows : (N,) int64 or None
        Number in the file of each Gaussian; None where all are there, in order.
    notices : tuple of str
        Sentences on what was assumed, changed or left out while reading.
    """

    gaussians: Gaussians
    format: str
    extras: Mapping[str, np.ndarray] = field(default_factory=lambda: NO_ARRAYS)
    order: tuple[str, ...] = ()
    comments: tuple[str, ...] = ()
    antialiased: bool = False
    rows: np.ndarray | None = None
    notices: tuple[str, ...] = ()

    def kept(self, which: np.ndarray) -> SplatFile:
        """Those that a mask, (N,) bool, or indices choose, with all that the file says of them."""
        rows = np.arange(self.gaussians.count) if self.rows is None else self.rows
        return replace(
            self,
            gaussians=self.gaussians.kept(which),
            extras={name: values[which] for name, values in self.extras.items()},
            rows=rows[which],
        )


@dataclass(frozen=True)
class SplatHeader:
    """What a file promises, told from its first bytes.

    Parameters
    ----------
    format : str
    count : int
        Gaussians.
    degree : int
        Of the spherical harmonics, 0 to 3.
    extra : int
        Bytes that further properties of a Gaussian take.
    """

    format: str
    count: int
    degree: int = 0
    extra: int = 0

    @property
    def each(self) -> int:
        """Bytes of memory that one Gaussian takes."""
        return 4 * (_FLOATS + 3 * TERMS[self.degree]) + self.extra

    @property
    def bytes_needed(self) -> int:
        """Bytes of memory that all of them take once they are read."""
        return self.count * self.each


@dataclass(frozen=True, eq=False)
class Choice:
    """Which rows of a file are read.

    Parameters
    ----------
    total : int
        Rows of the file.
    rows : (N,) int64 or None
        Numbers of those that are read, ascending; None for all.
    cancel : CancelToken
        Looked at between blocks of rows.
    """

    total: int
    rows: np.ndarray | None = None
    cancel: CancelToken = NEVER

    @property
    def count(self) -> int:
        """How many are read."""
        return self.total if self.rows is None else len(self.rows)

    def within(self, start: int, stop: int) -> tuple[slice, slice | np.ndarray]:
        """Where chosen rows of ``start:stop`` go, and which of that block they are.

        Raises
        ------
        Cancelled
            If a stop was asked for.
        """
        self.cancel.check()
        if self.rows is None:
            return slice(start, stop), slice(None)
        low, high = np.searchsorted(self.rows, (start, stop))
        return slice(int(low), int(high)), self.rows[low:high] - start


def chosen(total: int, most: int | None, seed: int, cancel: CancelToken) -> Choice:
    """All rows, or where they are more than `most`, so many at random: the same for one seed."""
    if most is None or total <= most:
        return Choice(total, cancel=cancel)
    drawn = np.random.default_rng(seed).choice(total, most, replace=False, shuffle=False)
    return Choice(total, np.sort(drawn), cancel)


def room(count: int, degree: int) -> Gaussians:
    """Gaussians whose numbers are still to be filled in."""
    shapes = ((count, 3), (count, 3), (count, 4), (count,), (count, TERMS[degree], 3))
    return Gaussians(*(np.empty(shape, np.float32) for shape in shapes))
