"""Recovery: a network without some of its branches is trained on, so that it regains its scores."""

from __future__ import annotations

import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Report, Row
from prune3d_gui.files.networks.trainer import Losses

from ..data.cohort import Cohort
from ..network.network import Network, Unit
from ..network.removal import copied
from .training import NOTHING, Settings, Training, mean_dice

RATE = 1e-3
"""Learning rate, a third of that of a training from new weights."""


class Recovery(Training):
    """A training of what is left of a network; branches that are gone stay as they were.

    Its rows have ``step``, ``dice``, ``full_dice`` (of the network with all of its branches) and
    ``loss``; that of step 0 is before it is trained.

    Parameters
    ----------
    network : Network
        With all of its branches; it is copied.
    gone : frozenset of Unit
        Branches that are gone: skipped, and not learned.
    cohort, settings, state, device, begun_from
        As of `Training`.
    seen : Cohort
        Patients whose mean Dice is taken on the way, neither trained on nor scored at the end.
    every : int
        Steps between rows.
    """

    def __init__(
        self,
        network: Network,
        gone: frozenset[Unit],
        cohort: Cohort,
        settings: Settings,
        state: Path,
        device: str = "cpu",
        begun_from: Mapping[str, str] = NOTHING,
        seen: Cohort | None = None,
        every: int = 20,
    ) -> None:
        self._whole = network
        self.gone, self.seen, self.every = gone, seen, every
        self._full = math.nan
        own = copied(network)
        own.mask(gone)
        away = " ".join(f"{name}/{place}" for name, place in sorted(gone))
        super().__init__(cohort, settings, state, device, own, {**begun_from, "gone": away})

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self._full = self.rows[0]["full_dice"] if self.rows else math.nan

    def run(self, report: Report = lambda told: None, cancel: CancelToken = NEVER) -> Network:
        """Train to the end; gives the averaged network, in which branches that are gone are masked.

        Raises
        ------
        Cancelled
            When stopped; the checkpoint is written before.
        """
        if self.seen is not None and not self.rows:
            self._full = mean_dice(self._whole.to(self.device), self.seen, self.window)
            self.rows.append(self._seen(self.seen))
        return super().run(report, cancel)

    def row(self, losses: Losses) -> Row | None:
        """The row of every few steps, and of the last one."""
        due = self.step % self.every == 0 or self.step == self.settings.steps
        if self.seen is None or not due:
            return None
        return {**self._seen(self.seen), "loss": float(losses["loss"])}

    def _seen(self, patients: Cohort) -> Row:
        dice = mean_dice(self.averaged, patients, self.window)
        return {"step": self.step, "dice": dice, "full_dice": self._full}

    @torch.no_grad()
    def whole(self) -> Network:
        """The averaged network with every branch; those that are gone exactly as they were."""
        found = Network(self._whole.size, self._whole.classes, self._whole.kept_all())
        state, before = self.averaged.state_dict(), self._whole.state_dict()
        for name, place in self.gone:
            start = f"{name}.branches.{place}."
            state |= {key: value for key, value in before.items() if key.startswith(start)}
            at = found.module(name).places.index(place)
            state[f"{name}.scales"][at] = before[f"{name}.scales"][at]
        found.load_state_dict(state)
        return found.eval().requires_grad_(False)
