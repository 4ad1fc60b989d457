"""Cells of a mesh: places in them, and what lies between the values at their corners."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from .specs import RuleSpec

POINTS = 4_096
"""Points evaluated at once, so that the activations of a layer stay in the cache."""


@dataclass(frozen=True, eq=False)
class Cells:
    """A batch of B cells: low corners (B, d), sides (B,) and values at the corners (B, 2**d)."""

    lower: np.ndarray
    size: np.ndarray
    corners: np.ndarray

    def points(self, part: np.ndarray, places: np.ndarray) -> np.ndarray:
        """Scale places of the unit box into cells: (B, n, d)."""
        return self.lower[part, None] + self.size[part, None, None] * places

    def departures(self, part: np.ndarray, values: np.ndarray, shares: np.ndarray) -> np.ndarray:
        """Take what the corners give from values at places of cells, (B, n): (B, n) float64.

        Parameters
        ----------
        shares : (2**d, n) float64
            Of each corner in each place, as `sample_places` gives them.
        """
        with np.errstate(invalid="ignore"):
            return values - self.corners[part].astype(float) @ shares


def multilinear(corners: np.ndarray, share: np.ndarray) -> np.ndarray:
    """Interpolate in cells: corners (n, 2**d), x fastest, and places (n, d) in 0..1 to (n,).

    On a side of the cell only the corners of that side count, even where others are NaN.
    """
    values = corners
    for axis in range(share.shape[1]):
        at, low, high = share[:, axis, None], values[:, 0::2], values[:, 1::2]
        with np.errstate(invalid="ignore"):
            between = low + at * (high - low)
        values = np.where(at == 0.0, low, np.where(at == 1.0, high, between))
    return values[:, 0]


def sample_points(dimension: int, count: int, seed: int) -> np.ndarray:
    """Draw uniform points of the unit box: (count, dimension) float64."""
    return np.random.default_rng(seed).random((count, dimension))


def sample_places(dimension: int, spec: RuleSpec) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Draw places in a cell for activations, others for errors, and their shares of each corner."""
    drawn = sample_points(dimension, spec.samples + spec.error_samples, spec.seed)
    places = drawn[spec.samples :]
    corners = np.eye(2**dimension)
    shares = [multilinear(np.tile(corner, (len(places), 1)), places) for corner in corners]
    return drawn[: spec.samples], places, np.stack(shares)


def blocks(rows: np.ndarray, points: int) -> Iterator[np.ndarray]:
    """Part cells, of so many points each, so that a block has about `POINTS`."""
    step = max(1, POINTS // points)
    return (rows[start : start + step] for start in range(0, len(rows), step))
