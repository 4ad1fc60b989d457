"""Batches: which patients a step is trained on, and how they are varied."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from ..data.cohort import Cohort
from ..network.normal import Window

SHIFT = 5
"""Voxels that a patient is moved by at most, along each axis."""


def batch_of(
    cohort: Cohort, size: int, seed: int, step: int, window: Window
) -> tuple[Tensor, Tensor]:
    """Draw the batch of a step: the same for the same seed and step, whatever came before.

    Patients are taken in shuffled passes, then moved, brightened, stretched in contrast and given
    noise. They are not mirrored: the liver is on the right.

    Parameters
    ----------
    cohort : Cohort
    size : int
        Patients.
    seed, step : int
    window : Window

    Returns
    -------
    image : (B, 1, X, Y, Z) float32
        As the network sees it.
    labels : (B, X, Y, Z) int64
    """
    count = len(cohort.names)
    places = np.arange(step * size, (step + 1) * size)
    images, labels = [], []
    for place in places:
        turn, at = divmod(int(place), count)
        number = int(np.random.default_rng((seed, 1, turn)).permutation(count)[at])
        random = np.random.default_rng((seed, 2, int(place)))
        by = random.integers(-SHIFT, SHIFT + 1, 3)
        volume = _moved(cohort.volumes[number], by, -1000)
        labels.append(_moved(cohort.labels[number], by, 0))
        gain, offset = random.uniform(0.92, 1.08), random.normal(0, 8)
        noise = random.standard_normal(volume.shape, np.float32) * random.uniform(0, 10)
        images.append(volume.astype(np.float32) * gain + offset + noise)
    image = window.seen(np.stack(images))[:, None]
    return image, torch.from_numpy(np.stack(labels)).long()


def _moved(values: np.ndarray, by: np.ndarray, empty: int) -> np.ndarray:
    """Values moved by whole voxels along each axis; what comes in is `empty`."""
    moved = np.full_like(values, empty)
    to = tuple(slice(max(b, 0), n + min(b, 0)) for b, n in zip(by, values.shape, strict=True))
    of = tuple(slice(max(-b, 0), n + min(-b, 0)) for b, n in zip(by, values.shape, strict=True))
    moved[to] = values[of]
    return moved
