"""Training a network on a cohort, resumable at any step with the same bits."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.trainer import Losses, Trainer
from prune3d_gui.metrics.overlaps import overlaps

from ..classes import CLASSES
from ..data.cohort import Cohort
from ..network.network import Network
from ..network.normal import Window
from ..network.sizes import SIZES
from .batches import batch_of
from .losses import WEIGHTS, decoupling, segmentation

_CLIP = 5.0
_PERCENTILE, _LOOKED_AT = 0.5, 32  # of the foreground, for a blank background; patients

NOTHING: Mapping[str, str] = MappingProxyType({})


@dataclass(frozen=True)
class Settings:
    """A training.

    Parameters
    ----------
    size : str
        Id of a `sizes.Size`.
    steps : int
    batch : int
        Patients per step.
    rate : float
        Learning rate of AdamW after a warm-up; it falls to 0 along a half cosine.
    average : float
        Share of the averaged weights that stays at each step; the result is these weights.
    decoupling : float
        Weight of both parts of functional decoupling; 0 leaves them out.
    seed : int
        Of weights and batches.

    Raises
    ------
    BadInput
        If one of them is out of its range.
    """

    size: str = "laptop"
    steps: int = 2000
    batch: int = 2
    rate: float = 3e-3
    average: float = 0.995
    decoupling: float = 0.0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.size not in SIZES:
            raise BadInput(f"The size {self.size!r} is unknown; take one of {', '.join(SIZES)}.")
        for name, least in (("steps", 1), ("batch", 1)):
            if getattr(self, name) < least:
                raise BadInput(f"{name.capitalize()} {getattr(self, name)} is too few; give 1.")
        if not self.rate > 0 or not 0 <= self.average < 1 or not self.decoupling >= 0:
            raise BadInput(
                f"A rate of {self.rate:g}, an average of {self.average:g} and a decoupling of "
                f"{self.decoupling:g} cannot be trained with; give numbers above 0, from 0 to "
                "below 1, and from 0."
            )

    def rate_at(self, step: int) -> float:
        """Learning rate of a step."""
        warm = min(1.0, (step + 1) / max(self.steps * 0.03, 20))
        return self.rate * warm * (1 + math.cos(math.pi * step / self.steps)) / 2


class Training(Trainer[Network]):
    """A training of a network; what comes out has its averaged weights.

    Parameters
    ----------
    cohort : Cohort
    settings : Settings
    state : path
        Of the checkpoint, so that a stopped training goes on where it was.
    device : str
    network : Network, optional
        Where it begins; by default with new weights of the seed.
    begun_from : mapping of str
        What else tells this training from others, such as the network it begins with.

    Raises
    ------
    BadInput
        If the checkpoint is damaged or belongs to another training.
    """

    row_steps, save_seconds = 20, 120.0

    def __init__(
        self,
        cohort: Cohort,
        settings: Settings,
        state: Path,
        device: str = "cpu",
        network: Network | None = None,
        begun_from: Mapping[str, str] = NOTHING,
    ) -> None:
        super().__init__(state, device, steps=settings.steps)
        self.cohort, self.settings = cohort, settings
        self.begun_from = dict(begun_from)
        self.window = Window()
        if network is None:
            with torch.random.fork_rng(devices=[]):
                torch.manual_seed(settings.seed)
                network = Network(SIZES[settings.size], len(CLASSES))
        self._learned(network.to(self.device))
        self.resume()

    @cached_property
    def blank(self) -> float:
        """What the background is blanked with: a low percentile of the foreground, as is seen."""
        volumes, labels = (v[:_LOOKED_AT] for v in (self.cohort.volumes, self.cohort.labels))
        low = np.percentile(volumes[labels > 0], _PERCENTILE)
        return float(self.window.seen(np.asarray(low)))

    def _learned(self, network: Network) -> None:
        """Learn the weights of this network from now on; the average begins with them."""
        self.network = network.requires_grad_(True)
        self.averaged = copy.deepcopy(network).requires_grad_(False)
        self.optimizer = torch.optim.AdamW(
            network.parameters(), self.settings.rate, weight_decay=1e-4
        )

    def identity(self) -> dict[str, Any]:
        """Settings, patients, and what it was begun from."""
        return {**asdict(self.settings), "cohort": self.cohort.told, **self.begun_from}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "optimizer": self.optimizer.state_dict(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.optimizer.load_state_dict(state["optimizer"])

    def result(self) -> Network:
        """The averaged network."""
        return self.averaged

    def learn(self, cancel: CancelToken = NEVER) -> Losses:
        """Look at one batch."""
        settings = self.settings
        image, labels = batch_of(self.cohort, settings.batch, settings.seed, self.step, self.window)
        image = image.to(self.device, memory_format=torch.channels_last_3d)
        labels = labels.to(self.device)
        for group in self.optimizer.param_groups:
            group["lr"] = settings.rate_at(self.step)
        have = self.network.features(image)
        outputs = self.network.supervised(have)
        loss = segmentation(outputs, labels, self.network.classes, WEIGHTS)
        found = {"segmentation": loss.detach()}
        if settings.decoupling:
            parts = decoupling(self.network, have, image, labels, self.blank)
            loss = loss + settings.decoupling * (parts[0] + parts[1])
            names = ("target perception", "localisation")
            found |= {n: p.detach() for n, p in zip(names, parts, strict=True)}
        self.optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), _CLIP)
        self.optimizer.step()
        return {"loss": loss.detach(), **found}

    @torch.no_grad()
    def after(self, losses: Losses) -> None:
        """Move the averaged weights; faster in the first steps, when there is little to average."""
        kept = min(self.settings.average, self.step / (self.step + 10))
        for own, new in zip(self.averaged.parameters(), self.network.parameters(), strict=True):
            own.lerp_(new, 1 - kept)


@torch.no_grad()
def given(
    network: Network, volume: np.ndarray, window: Window, device: str | torch.device = "cpu"
) -> Tensor:
    """Logits (K, X, Y, Z) of one volume in Hounsfield units whose sides fit the network."""
    image = window.seen(volume)[None, None].to(device, memory_format=torch.channels_last_3d)
    logits: Tensor = network(image)[0]
    return logits


def evaluated(
    network: Network, cohort: Cohort, window: Window, cancel: CancelToken = NEVER
) -> Iterator[np.ndarray]:
    """Dice of each class (K,), patient after patient; NaN where the patient lacks the class.

    A class that the network finds and the patient lacks counts as absent, not as 0: means are over
    the patients that have the structure.
    """
    device = next(network.parameters()).device
    for volume, labels in zip(cohort.volumes, cohort.labels, strict=True):
        cancel.check()
        found = given(network, volume, window, device).argmax(dim=0).cpu().numpy()
        yield overlaps(labels, found, network.classes, cohort.affine).dice


def mean_dice(network: Network, patients: Cohort, window: Window) -> float:
    """Mean over patients of the mean Dice over the classes but the background that each has."""
    return mean_of(np.stack(list(evaluated(network, patients, window))))


def mean_of(scores: np.ndarray) -> float:
    """Mean over patients of the mean over the classes but the background that each has.

    Parameters
    ----------
    scores : (P, K) float
        What `evaluated` gave.
    """
    return float(means_of(scores[:, 1:]).mean())


def means_of(scores: np.ndarray) -> np.ndarray:
    """Mean of each patient over the classes that it has, (P,); those that have none are left out.

    Parameters
    ----------
    scores : (P, K) float
        NaN where a patient lacks the class.
    """
    there = ~np.isnan(scores)
    some = there.any(axis=1)
    return np.where(there, scores, 0).sum(axis=1)[some] / there.sum(axis=1)[some]
