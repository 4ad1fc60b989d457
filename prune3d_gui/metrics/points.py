"""How close a point cloud is to a reference: Chamfer distance and F-score.

Both are AtlasNet's: with squared nearest distances d1 (reference to predicted) and d2
(predicted to reference), Chamfer is ``mean(d1) + mean(d2)``, and precision and recall are the
shares of d2 and of d1 strictly below a threshold, F their harmonic mean (Knapitsch et al.,
*Tanks and Temples*, 2017). One nearest-neighbour query each way gives all of them.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

THRESHOLD = 0.001
"""Squared distance of the F-score: a radius of 0.0316 in the unit ball."""

_THREADS_PAY_FROM = 10_000
_CHUNK = 2048


@dataclass(frozen=True)
class PointScores:
    """Scores of one predicted cloud.

    Attributes
    ----------
    chamfer : float
        Sum of the two mean squared nearest distances, unit ball; NaN where a point is not finite.
    fscore, precision, recall : float
        0..1 at the threshold on squared distance.
    distance : (M,) float32 or None
        Distance, not squared, of each predicted point to the reference; None where many clouds
        were scored at once.
    reference_distance : (N,) float32 or None
        Distance, not squared, of each reference point to the prediction.
    """

    chamfer: float
    fscore: float
    precision: float
    recall: float
    distance: np.ndarray | None = None
    reference_distance: np.ndarray | None = None


class PointReference:
    """A reference cloud that keeps its search structure.

    Parameters
    ----------
    points : (N, 3) array
        Reference points, finite, at least one.
    threshold : float
        Squared distance of precision, recall and F-score.

    Raises
    ------
    ValueError
        When the points are not a finite, non-empty (N, 3) array.
    """

    def __init__(self, points: np.ndarray, threshold: float = THRESHOLD) -> None:
        points = np.ascontiguousarray(points, dtype=np.float32)
        if points.ndim != 2 or points.shape[1] != 3 or not len(points):
            raise ValueError(f"reference points have shape {points.shape}, (N, 3) is needed")
        if not np.isfinite(points).all():
            raise ValueError("reference points are not all finite")
        self.points = points
        self.threshold = threshold
        self._on_device: dict[torch.device, Tensor] = {}

    @cached_property
    def _tree(self) -> cKDTree:
        """The search structure; a GPU needs none."""
        return cKDTree(self.points)

    def on(self, device: torch.device) -> Tensor:
        """The points on a device, (N, 3) float32; they stay there."""
        if device not in self._on_device:
            self._on_device[device] = torch.from_numpy(self.points).to(device)
        return self._on_device[device]

    def compare(self, points: np.ndarray | Tensor) -> PointScores:
        """Score a predicted cloud.

        Parameters
        ----------
        points : (M, 3) array or Tensor, at least one point
            Predicted points. A tensor on a GPU is searched there, by brute force.

        Returns
        -------
        PointScores
        """
        if isinstance(points, Tensor) and points.device.type != "cpu":
            squared, reference = self._search_on_device(points.detach().float())
        else:
            squared, reference = self._search(np.asarray(points, dtype=np.float32))
        return _scores(squared, reference, self.threshold)

    def nearest(self, points: np.ndarray) -> np.ndarray:
        """Distance of each point, (M, 3), to the nearest of the reference: (M,) float32.

        NaN where a point is not finite.
        """
        given = np.asarray(points, dtype=np.float32)
        finite = np.asarray(np.isfinite(given).all(axis=1))
        return self._nearest(given, finite).astype(np.float32)

    def _nearest(self, points: np.ndarray, finite: np.ndarray) -> np.ndarray:
        found = np.full(len(points), np.nan)
        if finite.any():
            kept = points if finite.all() else points[finite]
            found[finite] = self._tree.query(kept, workers=_workers(kept, self.points))[0]
        return found

    def _search(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        finite = np.asarray(np.isfinite(points).all(axis=1))
        there = self._nearest(points, finite)
        back = np.full(len(self.points), np.nan)
        if finite.any():
            kept = points if finite.all() else points[finite]
            back = cKDTree(kept).query(self.points, workers=_workers(kept, self.points))[0]
        return there**2, back**2

    def _search_on_device(self, points: Tensor) -> tuple[np.ndarray, np.ndarray]:
        reference = self.on(points.device)
        finite = points.isfinite().all(1)
        there = torch.full((len(points),), torch.nan, device=points.device)
        back = torch.full((len(reference),), torch.nan, device=points.device)
        if finite.any():
            kept = points[finite]
            there[finite] = nearest_squared(kept, reference)
            back = nearest_squared(reference, kept)
        return there.cpu().double().numpy(), back.cpu().double().numpy()


def nearest_squared(points: Tensor, others: Tensor) -> Tensor:
    """Squared distance of each point to the nearest of others, by brute force in chunks.

    Differences are taken before they are squared, so small distances stay exact.

    Parameters
    ----------
    points, others : Tensor, (M, 3) and (N, 3), on one device

    Returns
    -------
    Tensor, (M,)
    """
    nearest = []
    for part in points.split(_CHUNK):
        squared = sum((part[:, None, k] - others[None, :, k]).square_() for k in range(3))
        nearest.append(squared.amin(1))
    return torch.cat(nearest)


def sampling_floor(points: np.ndarray, n: int, m: int, seed: int = 0) -> PointScores:
    """Score two independent draws of one shape against each other.

    No prediction of ``m`` points can be expected to score better against ``n`` reference
    points of the shape than the shape itself does.

    Parameters
    ----------
    points : (N, 3) array
        Dense samples of the shape, some 30,000; drawn from with replacement.
    n, m : int
        Reference points and points scored.
    seed : int
        Seed of both draws.

    Returns
    -------
    PointScores
    """
    draw = np.random.default_rng(seed)
    reference = points[draw.integers(len(points), size=n)]
    return PointReference(reference).compare(points[draw.integers(len(points), size=m)])


def _workers(points: np.ndarray, others: np.ndarray) -> int:
    return -1 if max(len(points), len(others)) > _THREADS_PAY_FROM else 1


def _scores(squared: np.ndarray, reference: np.ndarray, threshold: float) -> PointScores:
    precision = float((squared < threshold).mean())
    recall = float((reference < threshold).mean())
    total = precision + recall
    return PointScores(
        chamfer=float(squared.mean() + reference.mean()),
        fscore=2 * precision * recall / total if total else 0.0,
        precision=precision,
        recall=recall,
        distance=np.sqrt(squared).astype(np.float32),
        reference_distance=np.sqrt(reference).astype(np.float32),
    )
