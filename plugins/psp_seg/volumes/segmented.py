"""A segmented volume: the class of every voxel, and probabilities where organs may be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.scene.labels import held_part
from prune3d_gui.core.scene.scenes import Volume

Part = tuple[slice, slice, slice]
LIKELY = 0.02
"""Probability of any class but the background below which a voxel of a long volume keeps none."""
CARRIED = 192 << 20
"""Most bytes of probabilities that a scene carries."""
ONE = 255
"""A probability of one, where they are kept as bytes."""


def from_voxel(affine: np.ndarray, corner: tuple[int, int, int]) -> np.ndarray:
    """The affine of a part of a grid that begins at a voxel."""
    own = affine.copy()
    own[:3, 3] += affine[:3, :3] @ np.array(corner)
    return own


@dataclass(frozen=True, eq=False)
class Segmented:
    """What a network makes of a volume.

    Parameters
    ----------
    labels : (X, Y, Z) uint8
        The most probable class of each voxel, of probabilities as they came.
    likely : (K, x, y, z) float32, or uint8 in 255ths
        Probabilities of the classes on a part; first, in place of the background, that of any
        of the others. Nothing is likely beyond.
    corner : three int
        First voxel of that part.
    """

    labels: np.ndarray
    likely: np.ndarray
    corner: tuple[int, int, int] = (0, 0, 0)

    @classmethod
    def of(cls, probabilities: np.ndarray) -> Segmented:
        """A result that keeps probabilities, (K, X, Y, Z) float32, of all voxels as they are.

        They are taken over.
        """
        labels = probabilities.argmax(axis=0).astype(np.uint8)
        np.subtract(1, probabilities[0], out=probabilities[0])
        return cls(labels, probabilities)

    @property
    def one(self) -> int:
        """What stands for a probability of one."""
        return ONE if self.likely.dtype == np.uint8 else 1

    def body(self, numbers: tuple[int, ...]) -> tuple[np.ndarray, tuple[int, int, int]]:
        """Probability that a voxel is of one of some classes, where that is likely.

        Returns
        -------
        (x, y, z) float32
            With one voxel of zero around, so that its surface is closed.
        three int
            Number of its first voxel.
        """
        rows = [self.likely[number] for number in numbers]
        part = held_part(np.logical_or.reduce([row > LIKELY * self.one for row in rows]))
        if part is None:
            return np.zeros((2, 2, 2), np.float32), self.corner
        sides = [along.stop - along.start + 2 for along in part]
        found = np.zeros(sides, np.float32, order="F")
        inner = found[1:-1, 1:-1, 1:-1]
        for row in rows:
            inner += row[part]
        inner /= self.one
        x, y, z = (a + along.start - 1 for a, along in zip(self.corner, part, strict=True))
        return found, (x, y, z)

    def carried(self, classes: tuple[str, ...], affine: np.ndarray) -> Volume | None:
        """Probabilities as a volume: that of any class, and those of the classes by name.

        None where they take more than `CARRIED`: a scene has to leave room for what is seen.
        """
        if self.likely.nbytes > CARRIED:
            return None
        placed = from_voxel(affine, self.corner)
        named = {name: self.likely[number] for number, name in enumerate(classes) if number}
        return Volume(self.likely[0], self.one / 2, placed, "mm", named)


class Canvas:
    """A result of a long volume as it grows, block by block, over one from before.

    Parameters
    ----------
    shape : three int
        Of the volume.
    classes : int
    before : Segmented or None
        What stands where no block was put yet; None for background.
    """

    def __init__(
        self, shape: tuple[int, ...], classes: int, before: Segmented | None = None
    ) -> None:
        self._classes, self._before = classes, before
        self._labels = np.zeros(shape, np.uint8) if before is None else before.labels.copy()
        self._put: list[tuple[Part, tuple[int, int, int], np.ndarray]] = []

    def put(self, part: Part, probabilities: np.ndarray) -> None:
        """Take in probabilities, (K, x, y, z) float32, of a part."""
        self._labels[part] = probabilities.argmax(axis=0)
        held = held_part(1 - probabilities[0] >= LIKELY)
        corner = part[0].start, part[1].start, part[2].start
        kept = np.zeros((self._classes, 0, 0, 0), np.uint8)
        if held is not None:
            x, y, z = (a + s.start for a, s in zip(corner, held, strict=True))
            corner = x, y, z
            some = probabilities[(slice(None), *held)] * np.float32(ONE)
            np.subtract(ONE, some[0], out=some[0])
            kept = np.rint(some).astype(np.uint8)
        self._put.append((part, corner, kept))

    def result(self) -> Segmented:
        """The result as it is by now; what is put in later does not change it."""
        return Segmented(self._labels.copy(), *self._likely())

    def finished(self) -> Segmented:
        """The result, for which the canvas is given up."""
        found = Segmented(self._labels, *self._likely())
        self._put.clear()
        return found

    def _likely(self) -> tuple[np.ndarray, tuple[int, int, int]]:
        """Probabilities of the smallest part that holds all that was put in, and its corner."""
        pieces = [(corner, kept) for _, corner, kept in self._put if kept.size]
        if self._before is not None:
            pieces.insert(0, (self._before.corner, self._before.likely))
        pieces = pieces or [((0, 0, 0), np.zeros((self._classes, 1, 1, 1), np.uint8))]
        low = np.min([corner for corner, _ in pieces], axis=0)
        high = np.max([np.add(corner, kept.shape[1:]) for corner, kept in pieces], axis=0)
        low = np.maximum(low - 1, 0)  # what is beyond goes on as at the border: with nothing
        high = np.minimum(high + 1, self._labels.shape)
        likely = np.zeros((self._classes, *(high - low)), np.uint8)
        if self._before is not None:
            _paste(likely, low, *pieces.pop(0))
            for part, _, _ in self._put:  # it holds no more where something new is
                x, y, z = (
                    slice(max(along.start - int(a), 0), max(along.stop - int(a), 0))
                    for along, a in zip(part, low, strict=True)
                )
                likely[:, x, y, z] = 0
        for corner, kept in pieces:
            _paste(likely, low, corner, kept)
        x, y, z = map(int, low)
        return likely, (x, y, z)


def _paste(onto: np.ndarray, low: np.ndarray, corner: tuple[int, ...], kept: np.ndarray) -> None:
    first = np.subtract(corner, low)
    x, y, z = (slice(int(a), int(a) + n) for a, n in zip(first, kept.shape[1:], strict=True))
    onto[:, x, y, z] = kept
