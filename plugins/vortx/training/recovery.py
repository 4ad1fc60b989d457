"""Recovery: what a plan leaves of a network is trained on, so that it regains its scores."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path

import torch
from torch import Tensor

from ..network.network import Vortx
from ..pruning.pruner import Effective, Pruner
from .rooms import Room
from .training import Settings, Training

RATE = 3e-4
"""Learning rate, a third of that of a training from new weights."""


class Recovery(Training):
    """A training of what is left of a network: what is zeroed stays zero, what is gone stays gone.

    Parameters
    ----------
    pruner : Pruner
    effective : Effective
        Where it begins; it is copied.
    rooms, settings, state, device, begun_from
        As of `Training`.
    """

    row_steps, save_seconds = 20, 60.0

    def __init__(
        self,
        pruner: Pruner,
        effective: Effective,
        rooms: Sequence[Room],
        settings: Settings,
        state: Path,
        device: str | torch.device = "cpu",
        begun_from: Mapping[str, str] | None = None,
    ) -> None:
        self._pruner, self._effective = pruner, effective
        network = copy.deepcopy(effective.network).requires_grad_(True)
        told = {**(begun_from or {}), **effective.keys}
        super().__init__(rooms, settings, state, device, network, told)
        for name, mask in pruner.left_masks(effective).items():
            own = mask.to(self.device)
            self.network.get_parameter(name).register_hook(partial(_without, own))

    def whole(self) -> Vortx:
        """The averaged network in the shapes of the opened one; see `Pruner.whole`."""
        return self._pruner.whole(self._effective, self.averaged)


def _without(mask: Tensor, gradient: Tensor) -> Tensor:
    return gradient.masked_fill(mask, 0.0)
