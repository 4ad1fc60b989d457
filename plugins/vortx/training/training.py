"""Training a network on crops of rooms, in two phases, resumable at any step with the same bits."""

from __future__ import annotations

import copy
from collections.abc import Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.trainer import Losses, Trainer

from ..network.features import LEVELS
from ..network.network import Vortx, new_network
from ..network.sizes import named
from ..volumes.views import Views
from .crops import Crop, Cut, Photographed, crop_of
from .heads import DepthHeads
from .losses import surface_seen, view_loss, volume_loss
from .matching import matching_losses
from .pairs import of_one_size, pair_of
from .passing import looked_at, passed
from .rooms import Room

_CLIP = 5.0
_AHEAD = 2
"""Crops that are prepared while a step is done."""


@dataclass(frozen=True)
class Settings:
    """A training.

    Parameters
    ----------
    steps : int
    width : str
        Of the network: full or small.
    heads : int
        Of attention; 0 takes the mean over views.
    cut : Cut
    crops : int
        A step sees.
    rate : float
        Learning rate of Adam after a linear warm-up.
    warm : int
        Steps of the warm-up.
    second : float
        Share of the steps after `alone` after which the second phase begins: views weigh as likely
        as they see a surface, and the rate falls to a twentieth.
    alone : int
        Steps at the beginning in which the 2D part learns by itself to tell depths and to match
        photographs, on pairs of many rooms; they are much quicker than others.
    pairs : int
        Of photographs, each from a room of its own, that such a step sees.
    guided : float
        Share of the steps after `alone` in which voxels that are occupied are kept although the
        network has not found them yet, so that finer levels learn from the beginning.
    frozen : bool
        Whether the trunk keeps its weights in the first phase; for one that was trained before.
    average : float
        Share of the averaged weights that stays at each step; the result is these weights.
    seed : int
        Of weights and crops.

    Raises
    ------
    BadInput
        If one of them is out of its range.
    """

    steps: int = 20000
    width: str = "small"
    heads: int = 2
    cut: Cut = field(default_factory=Cut)
    crops: int = 1
    rate: float = 1e-3
    warm: int = 300
    second: float = 0.4
    alone: int = 0
    pairs: int = 4
    guided: float = 0.5
    frozen: bool = False
    average: float = 0.998
    seed: int = 0

    def __post_init__(self) -> None:
        named(self.width, self.heads)
        if self.steps < 1 or self.crops < 1:
            raise BadInput(
                f"{self.steps} steps of {self.crops} crops are no training; give at least 1."
            )
        x, y, z = self.cut.dims
        if any(side % 4 or side < 16 for side in (x, y, z or 16)):
            raise BadInput(
                f"A crop of {x} x {y} x {z} voxels does not divide; give multiples of 4 from 16, "
                "and as the height maybe 0, for all of it."
            )
        if self.cut.views < 1:
            raise BadInput(f"{self.cut.views} views see nothing; give at least 1.")

    def weighted(self, step: int) -> bool:
        """Whether a step is of the second phase."""
        return self.through(step) >= self.second

    def through(self, step: int) -> float:
        """How much of the steps after those alone a step has behind it; negative before."""
        return (step - self.alone) / max(self.steps - self.alone, 1)

    def rate_at(self, step: int) -> float:
        """Learning rate of a step: as released, but the second phase falls to its twentieth."""
        warm = min(1.0, (step + 1) / max(self.warm, 1))
        late = max(0.0, (self.through(step) - self.second) / max(1 - self.second, 1e-9))
        return self.rate * warm * 0.05 ** min(late, 1.0)


class Training(Trainer[Vortx]):
    """A training of a network; what comes out has its averaged weights.

    Parameters
    ----------
    rooms : sequence of Room
        May grow when the training goes on.
    settings : Settings
    state : path
        Of the checkpoint, so that a stopped training goes on where it was.
    device : str
    minutes : float, optional
        Training time after which it ends, if steps are not over before.
    network : Vortx, optional
        Where it begins; by default with new weights of the seed.
    begun_from : mapping of str
        What else tells this training from others, such as the network it begins with.

    Raises
    ------
    BadInput
        If there are no rooms, or the checkpoint is damaged or belongs to another training.
    """

    row_steps, save_seconds, report_seconds = 50, 120.0, 5.0

    def __init__(
        self,
        rooms: Sequence[Room],
        settings: Settings,
        state: Path,
        device: str | torch.device = "cpu",
        network: Vortx | None = None,
        begun_from: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(state, device, steps=settings.steps)
        if not rooms:
            raise BadInput("There are no rooms to train on; make some with 'prune3d data vortx'.")
        self.rooms, self.settings = rooms, settings
        self.begun_from = dict(begun_from or {})
        network = network or new_network(named(settings.width, settings.heads), settings.seed)
        network.to(self.device).cnn2d.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
        self.network = network.train()
        self.averaged = copy.deepcopy(self.network).requires_grad_(False)
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(settings.seed)
            self.heads = DepthHeads(network.size.features).to(self.device)
        self.optimizer = torch.optim.Adam(self._learned(), settings.rate)
        self.smooth: dict[str, float] = {}
        self._ahead: dict[int, Future[Sequence[Photographed]]] = {}
        self._pool: ThreadPoolExecutor | None = None
        self.resume()

    def _learned(self) -> list[nn.Parameter]:
        return [*self.network.parameters(), *self.heads.parameters()]

    def identity(self) -> dict[str, Any]:
        """Settings, rooms, and what it was begun from."""
        own = asdict(self.settings)
        cut = {f"crop's {name}": value for name, value in own.pop("cut").items()}
        cut["crop's dims"] = list(self.settings.cut.dims)
        return {**own, **cut, "rooms": len(self.rooms), **self.begun_from}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "network": self.network.state_dict(),
            "averaged": self.averaged.state_dict(),
            "heads": self.heads.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "smooth": dict(self.smooth),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self.network.load_state_dict(state["network"])
        self.averaged.load_state_dict(state["averaged"])
        self.heads.load_state_dict(state["heads"])
        self.optimizer.load_state_dict(state["optimizer"])
        self.smooth = dict(state["smooth"])

    def result(self) -> Vortx:
        """The averaged network."""
        return self.averaged.eval()

    # -- crops, prepared beside the steps ------------------------------------------------

    def crops_of(self, step: int) -> list[Crop]:
        """The crops of a step, which its number and the seed decide."""
        drawn = np.random.default_rng((self.settings.seed, step))
        numbers = drawn.integers(len(self.rooms), size=self.settings.crops)
        return [crop_of(self.rooms[number], self.settings.cut, drawn) for number in numbers]

    def pairs_of(self, step: int) -> list[Photographed]:
        """The pairs of photographs of a step in which the 2D part learns alone."""
        drawn = np.random.default_rng((self.settings.seed, step))
        numbers = drawn.integers(len(self.rooms), size=self.settings.pairs)
        return [pair_of(self.rooms[number], self.settings.cut, drawn) for number in numbers]

    def _seen_at(self, step: int) -> Sequence[Photographed]:
        return self.pairs_of(step) if step < self.settings.alone else self.crops_of(step)

    def _next(self) -> Sequence[Photographed]:
        if self._pool is None:
            return self._seen_at(self.step)
        last = min(self.step + 1 + _AHEAD, self.settings.steps)
        for step in range(self.step, last):
            if step not in self._ahead:
                self._ahead[step] = self._pool.submit(self._seen_at, step)
        return self._ahead.pop(self.step).result()

    def run(self, *args: Any, **kwargs: Any) -> Vortx:
        """Train to the end; see `Trainer.run`. Crops are prepared on a thread beside."""
        with ThreadPoolExecutor(1, "crops") as self._pool:
            try:
                return super().run(*args, **kwargs)
            finally:
                for waiting in self._ahead.values():
                    waiting.cancel()
                self._ahead, self._pool = {}, None

    # -- a step --------------------------------------------------------------------------

    def learn(self, cancel: CancelToken = NEVER) -> Losses:
        """Look at the crops of a step, or at its pairs of photographs."""
        shown = self._next()
        if self.step == self.settings.alone > 0:
            self.heads.hand_over(self.network)
            self.heads.hand_over(self.averaged)
        weighted = self.settings.weighted(self.step)
        self._frozen(self.settings.frozen and not weighted)
        for group in self.optimizer.param_groups:
            group["lr"] = self.settings.rate_at(self.step)
        self.optimizer.zero_grad()
        found: dict[str, float] = {}
        parts = shown if self.step >= self.settings.alone else of_one_size(shown)
        for number, part in enumerate(parts):
            drawn = torch.Generator().manual_seed(
                (self.settings.seed << 40) + (self.step << 8) + number
            )
            losses = (
                self.losses(part, weighted, drawn)
                if isinstance(part, Crop)
                else self.pair_losses(part, drawn)
            )
            loss = sum(losses.values()) / len(parts)
            assert isinstance(loss, Tensor)
            loss.backward()
            for name, value in losses.items():
                found[name] = found.get(name, 0.0) + float(value.detach()) / len(parts)
        nn.utils.clip_grad_norm_(self._learned(), _CLIP)
        self.optimizer.step()
        return {"loss": sum(found.values()), **found}

    def pair_losses(self, pairs: Photographed, drawn: torch.Generator) -> dict[str, Tensor]:
        """Losses of the 2D part alone, of pairs that each are of another room."""
        views, depths = looked_at(self.network, pairs, self.device), self._depths(pairs)
        rooms = torch.arange(len(depths), device=self.device) // 2
        return self._own_losses(views, depths, rooms, pairs.voxel, drawn)

    def _own_losses(
        self, views: Views, depths: tuple[Tensor, ...], rooms: Tensor, voxel: float,
        drawn: torch.Generator,
    ) -> dict[str, Tensor]:  # fmt: skip
        """Losses of the 2D part: of depths, and of matches among the views of a room."""
        matches = matching_losses(views, depths, rooms, voxel, drawn)
        return self.heads.losses(views, depths) | matches

    def _depths(self, seen: Photographed) -> tuple[Tensor, ...]:
        return tuple(
            torch.from_numpy(np.ascontiguousarray(depth)).to(self.device) for depth in seen.depths
        )

    def losses(self, crop: Crop, weighted: bool, drawn: torch.Generator) -> dict[str, Tensor]:
        """Losses of a crop: of the 2D part, of the volume and along views, at each level."""
        guided = self.settings.through(self.step) < self.settings.guided
        device, depths = self.device, self._depths(crop)
        size = (crop.pictures.shape[2], crop.pictures.shape[1])
        views = looked_at(self.network, crop, device)
        one = torch.zeros(len(depths), dtype=torch.int64, device=device)
        found = self._own_losses(views, depths, one, crop.voxel, drawn)
        for said, seen, logits in passed(self.network, crop, views, weighted, guided, drawn):
            level = said.level
            known = torch.from_numpy(crop.known[level]).to(device)
            truth = torch.from_numpy(crop.truth[level]).to(device)
            found[level] = volume_loss(level, said.logits, said.sites.places, known, truth)
            if logits is not None:
                near, there = surface_seen(level, seen, depths, size, crop.voxel)
                found[f"{level} views"] = view_loss(logits, near, there)
        for level in LEVELS:  # where coarser ones kept nothing
            found.setdefault(level, torch.zeros((), device=device))
        return found

    def _frozen(self, frozen: bool) -> None:
        """Keep the trunk's weights, or learn them; a trained trunk keeps its norms in any case."""
        for part in self.network.cnn2d.trunk:
            part.requires_grad_(not frozen)
            part.train(not self.settings.frozen)

    @torch.no_grad()
    def after(self, losses: Losses) -> None:
        """Move the averaged weights, and the means of losses that rows tell."""
        kept = min(self.settings.average, self.step / (self.step + 10))
        state = self.network.state_dict()
        for name, own in self.averaged.state_dict().items():
            if own.is_floating_point():
                own.lerp_(state[name], 1 - kept)
            else:
                own.copy_(state[name])
        for name, value in losses.items():
            self.smooth[name] = 0.98 * self.smooth.get(name, float(value)) + 0.02 * float(value)

    def row(self, losses: Losses) -> dict[str, Any] | None:
        """Running means of the losses, as one crop says little."""
        return super().row(self.smooth)
