"""Pictures held on a device, for passes of many samples at once."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.newest import Newest

from .packs import levels_of

READERS = 8
"""Threads that read at most."""


class HeldPictures:
    """Inputs of the network on its device, as bytes where these give every bit back.

    Parameters
    ----------
    read : callable
        Gives the input of a sample by its id, (3, S, S) float32 in 0..1; called on several
        threads.
    device : str
    limit : int
        Most bytes held.
    """

    def __init__(self, read: Callable[[str], np.ndarray], device: str, limit: int) -> None:
        self._read, self._device = read, device
        self._held: Newest[Tensor] = Newest(limit)
        self._most = torch.tensor(255.0, device=device)

    def stacked(self, samples: Sequence[str]) -> Tensor:
        """Give the inputs of some samples, (B, 3, S, S) float32 in 0..1.

        Raises
        ------
        BadInput
            If one cannot be read.
        """
        known = {sample: self._held.get(sample) for sample in samples}
        found = {sample: held for sample, held in known.items() if held is not None}
        missing = [sample for sample in known if sample not in found]
        for sample, levels in zip(missing, self._levels(missing), strict=True):
            found[sample] = torch.from_numpy(levels).to(self._device)
            self._held.put(sample, found[sample])
        rows = [found[sample] for sample in samples]
        if len({row.dtype for row in rows}) > 1:
            rows = [self._unit(row) for row in rows]
        return self._unit(torch.stack(rows))

    def _levels(self, samples: Sequence[str]) -> list[np.ndarray]:
        if len(samples) < 2:
            return [levels_of(self._read(sample)) for sample in samples]
        with ThreadPoolExecutor(min(READERS, len(samples), os.cpu_count() or 1)) as pool:
            return list(pool.map(lambda sample: levels_of(self._read(sample)), samples))

    def _unit(self, levels: Tensor) -> Tensor:
        """As float32 in 0..1; a GPU divides exactly by a tensor only."""
        return levels.float() / self._most if levels.dtype == torch.uint8 else levels

    def drop(self, sample: str) -> None:
        """Hold a sample no longer."""
        self._held.drop(sample)

    def clear(self) -> None:
        """Hold nothing."""
        self._held.clear()
