"""Progressive pruning: branches are masked and then removed while the network is trained.

The rules are those of the code released with PSP-Seg (arXiv 2509.09267), told in `Rules`, but for
three things. Branches are scored in a streaming pass. A module with fewer living branches than go
at once loses those it has (the released code then takes no branch for all). What is still masked
when the training ends is judged as at a convergence.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Row
from prune3d_gui.files.networks.trainer import Losses

from ..data.cohort import Cohort
from ..network.network import Network, Unit
from ..network.removal import removed
from .batches import batch_of
from .choosing import least_changing
from .memory import held_by, weight_bytes
from .training import Settings, Training, mean_dice

WATCHED = ("loss", "target perception", "localisation")
"""Losses that a convergence waits for, where they are taken."""
_SCORING = 1_000_003  # added to the seed of the batches that branches are scored on
_MASKED, _REMOVED, _RESTORED, _STOPPED = "masked", "removed", "restored", "stopped"


@dataclass(frozen=True)
class Rules:
    """When branches go, and when they come back.

    Parameters
    ----------
    epoch : int
        Steps of an epoch, over which losses are means.
    patience : int
        A training has converged when no loss watched has had a new minimum, since branches last
        went or came, for so many epochs.
    batches : int
        Training batches that branches are scored on.
    at_once : int
        Branches that every module loses at a convergence. After an over-pruning it is one less;
        at 0 pruning ends.
    worse : float
        Branches were too many when a loss, at its best since they were masked, is worse by so much
        than it ever was: then they come back. Else they are removed.
    share : float
        Share of the training after which pruning ends at the next convergence; what is masked then
        comes back.

    Raises
    ------
    BadInput
        If one of them is out of its range.
    """

    epoch: int = 25
    patience: int = 10
    batches: int = 20
    at_once: int = 2
    worse: float = 0.001
    share: float = 0.4

    def __post_init__(self) -> None:
        for name in ("epoch", "patience", "batches", "at_once"):
            if getattr(self, name) < 1:
                title = name.replace("_", " ").capitalize()
                raise BadInput(f"{title} {getattr(self, name)} is too few; give 1 or more.")
        if not self.worse >= 0 or not 0 <= self.share <= 1:
            raise BadInput(
                f"Worse by {self.worse:g} and a share of {self.share:g} cannot be pruned by; give "
                "0 or more, and from 0 to 1."
            )


@dataclass
class Watch:
    """Losses since branches last went or came.

    Attributes
    ----------
    ever, since : dict of float
        The least mean of an epoch, of each loss: of all epochs, and since then.
    quiet : int
        Epochs since one of them had a new minimum.
    """

    ever: dict[str, float] = field(default_factory=dict)
    since: dict[str, float] = field(default_factory=dict)
    quiet: int = 0

    def see(self, means: Mapping[str, float]) -> None:
        """Take in the means of an epoch."""
        fresh = [name for name, mean in means.items() if mean < self.since.get(name, math.inf)]
        for name in fresh:
            self.since[name] = means[name]
            self.ever[name] = min(means[name], self.ever.get(name, math.inf))
        self.quiet = 0 if fresh else self.quiet + 1

    def worse_by(self) -> float:
        """How much worse than ever the worst loss is, at its best since then."""
        return max((best - self.ever[name] for name, best in self.since.items()), default=0.0)

    def begin(self) -> None:
        """Branches went or came."""
        self.since, self.quiet = {}, 0


class Progressive(Training):
    """A training that prunes.

    Its rows are of epochs: ``epoch``, ``step``, means of the losses, ``branches`` (run),
    ``parameters`` (in memory), ``memory_mb`` (of a training step: weights, gradients, moments, the
    average, and what the forward pass keeps; on a GPU the peak of the allocator), ``seconds`` (of a
    step), ``dice``, ``event``. Masking makes steps faster, removal frees the weights, and what
    comes back undoes both, so no column only falls.

    Parameters
    ----------
    cohort, settings, state, device, network, begun_from
        As of `Training`.
    rules : Rules
    seen : Cohort, optional
        Patients whose mean Dice is taken after each epoch.

    Attributes
    ----------
    order : list of Unit
        Branches that were removed, in the order in which they were.
    lost : dict of Tensor
        Their averaged weights when they were, by their names in the whole network.
    """

    def __init__(
        self,
        cohort: Cohort,
        settings: Settings,
        rules: Rules,
        state: Path,
        device: str = "cpu",
        network: Network | None = None,
        begun_from: Mapping[str, str] | None = None,
        seen: Cohort | None = None,
    ) -> None:
        self.rules, self.seen = rules, seen
        self.watch, self.at_once, self.ended = Watch(), rules.at_once, False
        self.order: list[Unit] = []
        self.lost: dict[str, Tensor] = {}
        self._masked: tuple[Unit, ...] = ()
        self._sums: dict[str, float] = {}
        self._memory = 0
        told = {f"rule {name}": str(value) for name, value in asdict(rules).items()}
        self._all = None if network is None else network.kept_all()
        super().__init__(cohort, settings, state, device, network, {**(begun_from or {}), **told})

    # -- checkpoints -------------------------------------------------------------------

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            "kept": {name: list(places) for name, places in self.network.kept_all().items()},
            "masked": [list(unit) for unit in self._masked],
            "order": [list(unit) for unit in self.order],
            "lost": self.lost,
            "watch": asdict(self.watch),
            "sums": self._sums,
            "counts": [self.at_once, int(self.ended), self._memory],
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        kept = {name: tuple(places) for name, places in state["kept"].items()}
        made = Network(self.network.size, self.network.classes, kept)
        self._learned(made.to(self.device))
        super().load_state_dict(state)
        self.order = [(str(name), int(place)) for name, place in state["order"]]
        self.lost, self.watch = dict(state["lost"]), Watch(**state["watch"])
        self._sums = dict(state["sums"])
        self.at_once, ended, self._memory = state["counts"]
        self.ended = bool(ended)
        self._mask(tuple((str(name), int(place)) for name, place in state["masked"]))

    # -- steps and epochs --------------------------------------------------------------

    def learn(self, cancel: CancelToken = NEVER) -> Losses:
        """Look at one batch; scalars of masked branches stay as they are."""
        begun = time.perf_counter()
        names = {name for name, _ in self._masked}
        held = {name: self.network.module(name).scales.detach().clone() for name in names}
        if self.step % self.rules.epoch == 0:
            with held_by(self.network) as kept:
                found = super().learn(cancel)
            self._memory = kept.bytes
        else:
            found = super().learn(cancel)
        with torch.no_grad():
            for name, place in self._masked:
                module = self.network.module(name)
                at = module.places.index(place)
                module.scales[at] = held[name][at]
        numbers = {name: float(value) for name, value in found.items()}
        return {**numbers, "seconds": time.perf_counter() - begun}

    def row(self, losses: Losses) -> Row | None:
        """The row of an epoch, at whose end branches may go or come back."""
        for name, value in losses.items():
            self._sums[name] = self._sums.get(name, 0.0) + float(value)
        if self.step % self.rules.epoch and self.step < self.settings.steps:
            return None
        steps = self.step % self.rules.epoch or self.rules.epoch
        means = {name: value / steps for name, value in self._sums.items()}
        self._sums = {}
        row = self._epoch(means)
        self.watch.see({name: means[name] for name in WATCHED if name in means})
        last = self.step == self.settings.steps
        if last or self.watch.quiet >= self.rules.patience:
            row |= {"event": "; ".join(done)} if (done := self._converged(last)) else {}
        return row

    def _epoch(self, means: Mapping[str, float]) -> Row:
        network = self.network
        alive = sum(len(places) for places in network.kept().values())
        row: Row = {
            "epoch": -(-self.step // self.rules.epoch),
            "step": self.step,
            "branches": alive,
            "parameters": sum(p.numel() for p in network.parameters()),
            "memory_mb": self._bytes() / 1e6,
            **{name.replace(" ", "_"): value for name, value in means.items()},
        }
        if self.seen is not None:
            row["dice"] = mean_dice(self.averaged, self.seen, self.window)
        return row

    def _bytes(self) -> int:
        """Of a step: see the rows."""
        if self.device.type == "cuda":
            peak = torch.cuda.max_memory_allocated(self.device)
            torch.cuda.reset_peak_memory_stats(self.device)
            return peak
        return weight_bytes(self.network) + self._memory

    # -- events ------------------------------------------------------------------------

    def _converged(self, last: bool) -> list[str]:
        """Judge what is masked and mask the next; gives what was done, in words."""
        done: list[str] = []
        late = last or self.step > self.rules.share * self.settings.steps
        if self._masked:
            if self.watch.worse_by() >= self.rules.worse:
                done.append(self._put_back())
                self.at_once -= 1
            elif late and not last:
                done.append(self._put_back())
            else:
                done.append(self._remove())
        if not self.ended:
            if late or not self.at_once or not self.network.units:
                self.ended = True
                done.append(f"{_STOPPED} with {len(self.network.units)} branches")
            else:
                self._mask(self._chosen())
                done.append(_said(_MASKED, self._masked))
        self.watch.begin()
        return done

    def _chosen(self) -> tuple[Unit, ...]:
        """The next branches that every module loses, the first of each before the second."""
        seed = self.settings.seed + _SCORING
        batches = (
            batch_of(self.cohort, self.settings.batch, seed, self.step + number, self.window)[0]
            for number in range(self.rules.batches)
        )
        images = (b.to(self.device, memory_format=torch.channels_last_3d) for b in batches)
        every = least_changing(self.network, images, self.at_once)
        turns = range(self.at_once)
        return tuple(units[turn] for turn in turns for units in every if turn < len(units))

    def _mask(self, units: tuple[Unit, ...]) -> None:
        self._masked = units
        self.network.mask(frozenset(units))
        self.averaged.mask(frozenset(units))

    def _put_back(self) -> str:
        said = _said(_RESTORED, self._masked)
        self._mask(())
        return said

    def _remove(self) -> str:
        """Take what is masked out of networks and optimiser; its last weights are put by."""
        said = _said(_REMOVED, self._masked)
        weights = self.averaged.state_dict()
        for name, place in self._masked:
            start = f"{name}.branches.{place}."
            own = {key: value.clone() for key, value in weights.items() if key.startswith(start)}
            at = self.averaged.module(name).places.index(place)
            self.lost |= {**own, f"{start}scale": self.averaged.module(name).scales[at].clone()}
        self.order += self._masked
        before, states = dict(self.network.named_parameters()), self.optimizer.state
        kept = {
            f"{name}.scales": [m.places.index(place) for place in m.alive]
            for name, _ in self.network.size.modules
            for m in (self.network.module(name),)
        }
        averaged = removed(self.averaged)
        self._learned(removed(self.network))
        self.averaged = averaged.requires_grad_(False)
        for name, parameter in self.network.named_parameters():
            if own := states.get(before[name]):
                at = kept.get(name)
                self.optimizer.state[parameter] = {
                    key: value[at] if at is not None and value.dim() else value
                    for key, value in own.items()
                }
        self._masked = ()
        return said

    # -- what comes out ----------------------------------------------------------------

    def whole(self) -> Network:
        """The averaged network with every branch that it had; those removed as they were then."""
        size, classes = self.averaged.size, self.averaged.classes
        found = Network(size, classes, self._all)
        state = dict(self.averaged.state_dict())
        for name, _ in size.modules:
            module, whole = self.averaged.module(name), found.module(name)
            scales = torch.zeros(len(whole.places))
            for at, place in enumerate(module.places):
                scales[whole.places.index(place)] = module.scales[at].cpu()
            for place in set(whole.places) - set(module.places):
                scale = self.lost[f"{name}.branches.{place}.scale"]
                scales[whole.places.index(place)] = scale.cpu()
            state[f"{name}.scales"] = scales
        state |= {key: value for key, value in self.lost.items() if not key.endswith(".scale")}
        found.load_state_dict(state)
        return found.eval().requires_grad_(False)


def _said(what: str, units: tuple[Unit, ...]) -> str:
    return f"{what} " + ", ".join(f"{name}/{place}" for name, place in sorted(units))
