"""How many Gaussians a training has, and where: more where pictures pull, fewer where none is seen.

After the adaptive density control of 3D Gaussian splatting (Kerbl et al. 2023), kept simple: those
that pictures pull hard are cloned where they are small and split where they are large, those that
are faint or huge go, and opacities are reset now and then, so that what is not needed stays faint.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from .trained import NAMES, Trained


@dataclass(frozen=True)
class Rules:
    """When Gaussians come and go.

    Parameters
    ----------
    first, until : float
        Shares of the training between which they do.
    every : int
        Steps between such changes.
    pull : float
        Mean gradient of the loss by the centre, in halves of a picture, from which a Gaussian is
        cloned or split.
    small : float
        Share of the extent up to which one is cloned and not split.
    large : float
        Share of the extent from which one goes.
    faint : float
        Opacity below which one goes.
    reset : int
        Steps after which opacities are put down to `RESET`; 0 never does.
    most : int
        Gaussians that there are at most: those that are pulled hardest come first.
    """

    first: float = 0.1
    until: float = 0.6
    every: int = 100
    pull: float = 2e-4
    small: float = 0.01
    large: float = 0.2
    faint: float = 0.005
    reset: int = 1000
    most: int = 35_000


RESET = 0.01
"""Opacity that a reset leaves at most."""
_SPLIT = 1.6
"""By what a split Gaussian's parts are smaller."""


class Density:
    """Watches how hard pictures pull, and changes how many Gaussians there are.

    Parameters
    ----------
    rules : Rules
    count : int
        Gaussians at the start.
    """

    def __init__(self, rules: Rules, count: int, device: torch.device) -> None:
        self.rules = rules
        self.pulls = torch.zeros(count, device=device)
        self.seen = torch.zeros(count, device=device)

    @torch.no_grad()
    def watch(self, gradient: Tensor, depths: Tensor, focal: float, side: float) -> None:
        """Take in the gradients of one picture.

        Parameters
        ----------
        gradient : (N, 3)
            Of the loss by the means; 0 for what is not seen.
        depths : (N,)
        focal, side : float
            Focal length and longer side of the picture, in pixels.
        """
        # A centre moves by focal / depth pixels when its mean moves by 1 across the ray.
        pull = gradient.norm(dim=1) * depths.clamp(min=1e-6) / focal * side / 2
        there = pull > 0
        self.pulls += torch.where(there, pull, 0)
        self.seen += there

    @torch.no_grad()
    def change(self, trained: Trained, generator: torch.Generator) -> tuple[int, int]:
        """Clone, split and prune; gives how many came and went."""
        rules, extent = self.rules, trained.extent
        pull = self.pulls / self.seen.clamp(min=1)
        biggest = trained.scales.amax(dim=1)
        room = max(rules.most - len(trained), 0)
        wanted = pull >= rules.pull
        if int(wanted.sum()) > room:
            wanted &= pull >= pull.sort(descending=True).values[max(room - 1, 0)] if room else False
        cloned = wanted & (biggest <= rules.small * extent)
        split = wanted & ~cloned
        fresh = {name: trained.tensors[name].detach()[cloned].clone() for name in NAMES}
        halves = _halves(trained, split, generator)
        more = {name: torch.cat([fresh[name], halves[name]]) for name in NAMES}
        gone = split | (trained.opacities < rules.faint) | (biggest > rules.large * extent)
        trained.keep(~gone, more)
        self.pulls = torch.zeros(len(trained), device=self.pulls.device)
        self.seen = torch.zeros_like(self.pulls)
        return len(more["means"]), int(gone.sum())

    @torch.no_grad()
    def fade(self, trained: Trained) -> None:
        """Put opacities down, so that only what is needed rises again."""
        logits = trained.tensors["logits"]
        logits.clamp_(max=math.log(RESET / (1 - RESET)))
        trained.forget("logits")

    def given(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {"pulls": self.pulls, "seen": self.seen}

    def take(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        self.pulls, self.seen = state["pulls"], state["seen"]


def _halves(trained: Trained, split: Tensor, generator: torch.Generator) -> dict[str, Tensor]:
    """Two smaller Gaussians, drawn from the density of each that is split."""
    own = {name: trained.tensors[name].detach()[split].repeat_interleave(2, 0) for name in NAMES}
    device = own["means"].device
    drawn = torch.randn(own["means"].shape, generator=generator).to(device)
    offset = drawn * own["log_scales"].exp()
    own["means"] = own["means"] + turned(own["quaternions"], offset)
    own["log_scales"] = own["log_scales"] - math.log(_SPLIT)
    return own


def turned(quaternions: Tensor, offsets: Tensor) -> Tensor:
    """Turn vectors, (N, 3), by quaternions, (N, 4), w first and of any length."""
    unit = quaternions / quaternions.norm(dim=1, keepdim=True)
    scalar, vector = unit[:, :1], unit[:, 1:]
    twice = 2 * torch.linalg.cross(vector, offsets)
    return offsets + scalar * twice + torch.linalg.cross(vector, twice)
