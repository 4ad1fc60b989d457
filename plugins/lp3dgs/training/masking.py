"""Learning which Gaussians a scene needs: a mask on its opacities, and a cut.

After LP-3DGS (Zhang et al. 2024): one number m a Gaussian, weighted by its importance score S, goes
through a Gumbel-sigmoid that scales its opacity while pictures are compared and few are asked for.
Unlike in the released code the last cut draws no chance, and the mask acts from the first step.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Row
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.networks.trainer import Losses, Trainer

from ..raster.rasterise import rasterise
from .fitting import Target, dissimilarity, target_at

READINGS = ("code", "paper", "straight-through")
"""How a mask is read: its logit is m S as in the released code, or log (m S) as in the paper; or it
is cut while training, and its gradient is that of a sigmoid (as other work does)."""
LEAST = 0.01
"""Share of the Gaussians that a mask must keep to be of use."""
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


class Masking(Trainer[np.ndarray]):
    """A mask that is being learned, (N,) float32; the scene itself stays as it is.

    Its rows have the share ``kept`` by the cut.

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

    Raises
    ------
    BadInput
        If there is no picture, or the checkpoint is damaged or belongs to other work.
    """

    kind = "masking"

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
        super().__init__(state, device, steps=settings.steps)
        self.targets, self.settings = tuple(targets), settings
        self.begun_from, self._refresh = dict(begun_from or {}), refresh
        own = (gaussians.means, gaussians.scales, gaussians.quaternions, gaussians.harmonics)
        self._parts = [torch.from_numpy(part).to(self.device) for part in own]
        self._opacities = torch.from_numpy(gaussians.opacities).to(self.device)
        self.background = torch.tensor(background, device=self.device)
        self.mask = torch.ones(gaussians.count, device=self.device, requires_grad=True)
        self.scores = torch.zeros(gaussians.count, device=self.device)
        self.optimizer = torch.optim.AdamW([self.mask], settings.rate)
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.resume()

    def identity(self) -> dict[str, Any]:
        """Settings, and what it was begun from."""
        return {**asdict(self.settings), "pictures": len(self.targets), **self.begun_from}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "mask": self.mask.detach(),
            "scores": self.scores,
            "optimizer": self.optimizer.state_dict(),
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        with torch.no_grad():
            self.mask.copy_(state["mask"])
        self.scores = state["scores"]
        self.optimizer.load_state_dict(state["optimizer"])
        self.generator.set_state(state["generator"].cpu())

    def row(self, losses: Losses) -> Row | None:
        """The row of a step, with the share that is kept."""
        found = super().row(losses)
        return found and {**found, "kept": float(self.kept().mean())}

    def said(self, losses: Losses) -> str:
        """Share that is kept."""
        return f"step {self.step}, {self.kept().mean():.1%} kept"

    def result(self) -> np.ndarray:
        """The mask as it is now, (N,) float32."""
        found: np.ndarray = self.mask.detach().cpu().numpy().copy()
        return found

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

    def picture(self, camera: Camera) -> Tensor:
        """What the scene would look like after the cut, over the background: (H, W, 3)."""
        means, scales, quaternions, harmonics = self._parts
        opacities = self._opacities * (self.logits() > 0)
        colours, left = rasterise(means, scales, quaternions, opacities, harmonics, camera)
        return colours + left[..., None] * self.background

    def sparsity(self) -> Tensor:
        """What asks for few: the mean of |m| in the paper, of its sigmoid in the code."""
        paper = self.settings.reading == "paper"
        return self.mask.abs().mean() if paper else self.mask.sigmoid().mean()

    def learn(self, cancel: CancelToken = NEVER) -> Losses:
        """Look at one picture."""
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
        return {"loss": loss.detach()}
