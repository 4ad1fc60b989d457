"""Learning which Gaussians a scene needs: a mask on its opacities, and a cut.

After LP-3DGS (Zhang et al. 2024): one number m a Gaussian, weighted by its importance score S, goes
through a Gumbel-sigmoid that scales its opacity while pictures are compared and few are asked for.
Unlike in the released code the last cut draws no chance, and the mask acts from the first step.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.networks.resuming import resume, write_state

from ..raster.rasterise import rasterise
from .fitting import Target, Tell, dissimilarity, target_at

READINGS = ("code", "paper", "straight-through")
"""How a mask is read: its logit is m S as in the released code, or log (m S) as in the paper; or it
is cut while training, and its gradient is that of a sigmoid (as other work does)."""
LEAST = 0.01
"""Share of the Gaussians that a mask must keep to be of use."""
_REPORT_SECONDS, _SAVE_SECONDS = 2.0, 60.0
_TINY = 1e-6

Refresh = Callable[[np.ndarray, CancelToken], np.ndarray]
"""Gives the importance score of every Gaussian, (N,) of 0 to 1, where opacities are scaled so."""


@dataclass(frozen=True)
class MaskSettings:
    """How a mask is learned; the defaults are those of the paper.

    Parameters
    ----------
    steps : int
        Pictures looked at.
    temperature : float
        Of the Gumbel-sigmoid.
    rate : float
        Of AdamW.
    weight : float
        Of the share that is kept, in the loss.
    refresh : int
        Steps after which scores are worked out again.
    reading : {"code", "paper", "straight-through"}
    seed : int
        Of the order of pictures and of the noise.

    Raises
    ------
    BadInput
        If a number is out of its range, or the reading unknown.
    """

    steps: int = 500
    temperature: float = 0.5
    rate: float = 0.05
    weight: float = 5e-4
    refresh: int = 100
    reading: str = "code"
    seed: int = 0

    def __post_init__(self) -> None:
        if self.reading not in READINGS:
            raise BadInput(
                f"The reading {self.reading!r} is unknown; take one of {', '.join(READINGS)}."
            )
        if self.steps < 1 or self.refresh < 1:
            raise BadInput(
                f"{self.steps} steps, and scores every {self.refresh}, cannot be done; give 1 or "
                "more of both."
            )
        if not (self.temperature > 0 and self.rate > 0 and self.weight >= 0):
            raise BadInput(
                f"A temperature of {self.temperature:g}, a rate of {self.rate:g} and a weight of "
                f"{self.weight:g} cannot be learned with; give numbers above 0, and from 0."
            )


class Masking:
    """A mask that is being learned; the scene itself stays as it is.

    Parameters
    ----------
    gaussians : Gaussians
    targets : sequence of Target
    refresh : Refresh
    settings : MaskSettings
    background : (r, g, b)
    state : path
        Of the checkpoint.
    device : str
    begun_from : mapping of str
        What else tells this work from others.

    Attributes
    ----------
    curve : list of row
        ``step``, ``seconds``, ``loss`` and the share ``kept`` by the cut, every 10 steps.

    Raises
    ------
    BadInput
        If there is no picture, or the checkpoint is damaged or belongs to other work.
    """

    def __init__(
        self,
        gaussians: Gaussians,
        targets: Sequence[Target],
        refresh: Refresh,
        settings: MaskSettings,
        background: tuple[float, float, float],
        state: Path,
        device: str = "cpu",
        begun_from: Mapping[str, str] | None = None,
    ) -> None:
        if not targets:
            raise BadInput("There is no picture to learn from; open a scene with cameras.")
        self.targets, self.settings, self.state = tuple(targets), settings, state
        self.begun_from, self._refresh = dict(begun_from or {}), refresh
        self.device = torch.device(device)
        own = (gaussians.means, gaussians.scales, gaussians.quaternions, gaussians.harmonics)
        self._parts = [torch.from_numpy(part).to(self.device) for part in own]
        self._opacities = torch.from_numpy(gaussians.opacities).to(self.device)
        self.background = torch.tensor(background, device=self.device)
        self.mask = torch.ones(gaussians.count, device=self.device, requires_grad=True)
        self.scores = torch.zeros(gaussians.count, device=self.device)
        self.optimizer = torch.optim.AdamW([self.mask], settings.rate)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.step, self.seconds = 0, 0.0
        self.curve: list[dict[str, float]] = []
        if state.is_file():
            resume(state, self.device, "masking", self._same(), self._take)

    def _same(self) -> dict[str, Any]:
        return {**asdict(self.settings), "pictures": len(self.targets), **self.begun_from}

    def _take(self, state: Mapping[str, Any]) -> None:
        with torch.no_grad():
            self.mask.copy_(state["mask"])
        self.scores = state["scores"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())
        self.step, self.seconds = state["step"], state["seconds"]
        self.curve = list(state["curve"])

    def save(self) -> None:
        """Write the checkpoint, whole or not at all."""
        held = {
            "masking": self._same(),
            "mask": self.mask.detach(),
            "scores": self.scores,
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
            "step": self.step,
            "seconds": self.seconds,
            "curve": self.curve,
        }
        write_state(self.state, held)

    # -- the mask ------------------------------------------------------------------------

    def logits(self) -> Tensor:
        """What the sigmoid is taken of, without noise: above 0 is kept, (N,)."""
        weighted = self.mask * self.scores
        if self.settings.reading == "paper":
            return weighted.clamp(min=_TINY).log()
        return weighted

    def kept(self) -> np.ndarray:
        """The cut, in which there is no chance: (N,) bool."""
        with torch.no_grad():
            found: np.ndarray = (self.logits() > 0).cpu().numpy()
        return found

    def shares(self) -> Tensor:
        """What opacities are scaled by in a step, (N,)."""
        logits = self.logits()
        if self.settings.reading == "straight-through":
            soft = logits.sigmoid()
            return (logits > 0).float() + soft - soft.detach()
        uniform = torch.rand(len(logits), generator=self.generator).to(self.device)
        uniform = uniform.clamp(_TINY, 1 - _TINY)  # the difference of two Gumbels is logistic
        noise = uniform.log() - (1 - uniform).log()
        return ((logits + noise) / self.settings.temperature).sigmoid()

    def sparsity(self) -> Tensor:
        """What asks for few: the mean of |m| in the paper, of its sigmoid in the code."""
        paper = self.settings.reading == "paper"
        return self.mask.abs().mean() if paper else self.mask.sigmoid().mean()

    def run(self, tell: Tell, cancel: CancelToken = NEVER) -> np.ndarray:
        """Learn to the end; gives the mask, (N,) float32.

        Raises
        ------
        Cancelled
            When stopped; the checkpoint is written before.
        """
        saved = told = self.seconds
        before = time.perf_counter()
        while self.step < self.settings.steps:
            if cancel.cancelled:
                self.save()
                raise Cancelled("The mask was stopped; the same command goes on where it was.")
            loss = self.learn(cancel)
            now = time.perf_counter()
            self.seconds, before = self.seconds + now - before, now
            share = float(self.kept().mean())
            if self.step % 10 == 0:
                row = {"step": self.step, "seconds": self.seconds, "loss": loss, "kept": share}
                self.curve.append(row)
            if self.seconds - told >= _REPORT_SECONDS:
                told = self.seconds
                tell(self.step, self.settings.steps, f"step {self.step}, {share:.1%} kept")
            if self.seconds - saved >= _SAVE_SECONDS:
                saved = self.seconds
                self.save()
        self.save()
        found: np.ndarray = self.mask.detach().cpu().numpy().copy()
        return found

    def learn(self, cancel: CancelToken = NEVER) -> float:
        """Do one step; gives its loss."""
        if self.step % self.settings.refresh == 0:
            scaled = self.logits().detach().sigmoid() if self.step else torch.ones_like(self.mask)
            given = self._refresh(scaled.detach().cpu().numpy(), cancel)
            self.scores = torch.from_numpy(given.astype(np.float32)).to(self.device)
        target = target_at(self.targets, self.step, self.settings.seed)
        means, scales, quaternions, harmonics = self._parts
        opacities = self._opacities * self.shares()
        colours, left = rasterise(means, scales, quaternions, opacities, harmonics, target.camera)
        found = colours + left[..., None] * self.background
        loss = dissimilarity(found, target.pixels.to(self.device))
        loss = loss + self.settings.weight * self.sparsity()
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.step += 1
        return float(loss.detach())
