"""Prune and fine-tune: Algorithm 1 of Yuniarti et al. 2025, in rounds of a rising rate.

Each round zeroes the weights smallest by now, those of earlier rounds among them, trains what is
left, and scores the network on the fixed validation objects. It ends when the Chamfer distance
reaches the threshold. The algorithm as printed returns the network of that last round, which
breaks the limit; the last one that passes is kept beside it. The network of every round is an
artifact, to be pruned and compared while the work goes on.
"""

from __future__ import annotations

import copy
import json
import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Made, Progress, Report, Row
from prune3d_gui.core.plan.artifacts import NETWORK_KIND, Artifact, Origin
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.files.paths import check_folder
from prune3d_gui.files.texts import read_json
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec

from ..data.ahead import Ahead
from ..data.batches import Batches
from ..data.dataset import Layout
from ..network.checkpoint import load_network, network_facts, weights_hash
from ..network.network import IMAGE_SIZE, AtlasNet
from ..network.template import evaluation_template, random_template
from ..network.units import network_units, scope_units
from ..pruning.controls import FACTOR
from .evaluation import chosen, score_objects, summary
from .training import (
    LEARNING,
    chamfer_loss,
    half_is_faster,
    settle,
    training_pass,
)

ROUNDS, PASSES, LITERAL = "rounds.json", "last_that_passes.safetensors", "literal.safetensors"
STOPPED = "Fine-tuning was stopped; the last network that passes is kept."
SCORED = 3
"""Times that the validation objects are scored in each round."""


@dataclass(frozen=True)
class FineTuning:
    """Settings of a run.

    Attributes
    ----------
    step : float
        How much the rate rises each round, in percent.
    threshold : float
        Chamfer x 1000 that a network must stay below; 0 for 1.33 times the full model's own.
    epochs : float
        Passes over the training split after each pruning.
    scope : str
        As the knob of that name.
    most : float
        Rate at which to end, threshold or not.
    batch, points : int
        Pictures per step, and points per shape.
    rate : float
        Adam's first learning rate of each round; it falls to zero along a half cosine.
    settle : int
        Batches for the batch norm statistics at the end of each round.
    validate : int
        Validation objects per category.
    seed : int
    """

    step: float = 5.0
    threshold: float = 0.0
    epochs: float = 1.0
    scope: str = "encoder"
    most: float = 95.0
    batch: int = 32
    points: int = 700
    rate: float = 2e-5
    settle: int = 16
    validate: int = 10
    seed: int = 0

    def __post_init__(self) -> None:
        if not 0 < self.step <= 100:
            raise BadInput(
                f"A step of {self.step:g} % is out of range; give more than 0 and at most 100."
            )
        if not 0 < self.most <= 100:
            raise BadInput(
                f"A last rate of {self.most:g} % is out of range; give more than 0 and at most 100."
            )
        if self.epochs < 0 or self.threshold < 0:
            name = "epochs" if self.epochs < 0 else "threshold"
            raise BadInput(f"{name} {getattr(self, name):g} is negative; give 0 or more.")


def prune_and_fine_tune(
    net: AtlasNet,
    layout: Layout,
    out: Path,
    settings: FineTuning,
    recipe: Mapping[str, str],
    report: Report = lambda told: None,
    cancelled: Callable[[], bool] = lambda: False,
    title: str = "AtlasNet",
) -> list[Row]:
    """Run Algorithm 1, or go on with a run that was stopped.

    Parameters
    ----------
    net : AtlasNet
        The full network, left as it is.
    layout : Layout
        Its ``train`` split is trained on, its ``val`` split validated on.
    out : path
        Folder for the networks and the rounds; a run of other settings in it is refused.
    settings : FineTuning
    recipe : mapping
        Text that goes into each network's file.
    report, cancelled : callable
        Told each step, the network of each round and its row; asked at each step.
    title : str
        What people call `net`.

    Returns
    -------
    list of dict
        A row per round: ``round``, ``rate``, ``zeroed``, ``chamfer_x1000`` after fine-tuning,
        ``pruned_chamfer_x1000`` before it, ``one_shot_chamfer_x1000`` of the full network at the
        same rate without any, ``fscore``, ``threshold``, ``passes``, ``network``, the hash of its
        artifact, and ``file``.

    Raises
    ------
    BadInput
        If the threshold is not above the full model's own Chamfer, or the folder is of another run.
    Cancelled
        When `cancelled` says so; the last network that passes is in `out`.
    """
    return list(_Run(net, layout, out, settings, recipe, report, cancelled, title).rounds())


class _Run:
    def __init__(
        self,
        net: AtlasNet,
        layout: Layout,
        out: Path,
        settings: FineTuning,
        recipe: Mapping[str, str],
        report: Report,
        cancelled: Callable[[], bool],
        title: str,
    ) -> None:
        self.full, self.settings, self.out = net.eval(), settings, Path(out)
        self.recipe, self.report, self.cancelled = dict(recipe), report, cancelled
        self.title, self.hash = title, weights_hash(net)
        layout.of_split("val")
        self.validation = chosen(layout, "val", settings.validate)
        self.batches = Batches(layout.of_split("train"), settings.batch, settings.seed)
        self.device = next(net.parameters()).device
        self.half = half_is_faster(self.device)
        points = len(evaluation_template(net.template, net.primitives)[0])
        self.units = network_units(net, points)
        self.scope = scope_units(settings.scope, self.units)
        self.steps = max(1, round(settings.epochs * self.batches.steps_per_epoch))
        self.steps *= settings.epochs > 0
        learned = self.steps * settings.batch * LEARNING
        settled = settings.settle * settings.batch if self.steps else 0
        self.each = learned + settled + SCORED * len(self.validation)
        self.total = self.each * math.ceil(settings.most / settings.step) + len(self.validation)

    def rounds(self) -> Iterator[Row]:
        settings = self.settings
        check_folder(self.out)
        check_folder(ArtifactStore().folder)
        self.report(Progress(0, self.total, "scoring the full network"))
        own, rows = self._begin()
        net = self._resumed(rows)
        one_shot = copy.deepcopy(self.full)
        engine = self._engine(one_shot)
        yield from rows
        while not rows or (rows[-1]["passes"] and rows[-1]["rate"] < settings.most):
            rate = min((len(rows) + 1) * settings.step, settings.most)
            zeroed = sum(self._engine(net).apply(MaskSpec(self.scope, rate)).values())
            pruned = self._score(net)["chamfer_x1000"]
            self._tell(len(rows), len(self.validation), f"{rate:g} %, pruned")
            self._learn(net, len(rows), rate)
            found = self._score(net)
            self._tell(len(rows), self.each - len(self.validation), f"{rate:g} %, scoring")
            engine.apply(MaskSpec(self.scope, rate))
            chamfer = found["chamfer_x1000"]
            row = {
                "round": len(rows) + 1,
                "rate": rate,
                "scope": settings.scope,
                "zeroed": zeroed,
                "chamfer_x1000": chamfer,
                "pruned_chamfer_x1000": pruned,
                "one_shot_chamfer_x1000": self._score(one_shot)["chamfer_x1000"],
                "fscore": found["fscore"],
                "full_chamfer_x1000": own,
                "threshold": self.threshold,
                "passes": chamfer <= self.threshold,
                "epochs": settings.epochs,
                "samples": found["samples"],
                "seed": settings.seed,
            }
            made = self._keep(net, row)
            rows.append(row)
            self._write(own, rows)
            self.report(Made(made))
            self._tell(len(rows), 0, f"round {len(rows)}: {rate:g} %", row)
            yield row

    def _tell(self, number: int, done: int, text: str, row: Row | None = None) -> None:
        """Report so many pictures of a round; the full network's own score came first."""
        done += len(self.validation) + number * self.each
        self.report(Progress(done, self.total, text, row))

    # -- rounds -------------------------------------------------------------------

    def _begin(self) -> tuple[float, list[Row]]:
        """The full model's own Chamfer, and the rounds of a run to go on with."""
        path = self.out / ROUNDS
        mine = asdict(self.settings) | {"weights_hash": self.hash}
        if path.is_file():
            known = _known(path)
            if known["settings"] != mine:
                raise BadInput(
                    f"'{self.out}' holds a run of other settings or another network; "
                    "choose another folder with --out."
                )
            self.threshold = known["threshold"]
            return known["full_chamfer_x1000"], known["rows"]
        own = self._score(self.full)["chamfer_x1000"]
        self.threshold = self.settings.threshold or FACTOR * own
        if self.threshold <= own:
            raise BadInput(
                f"A threshold of {self.threshold:g} is not above the full model's own Chamfer × "
                f"1000 of {own:.3f}; give a larger one, or 0 for 1.33 times that."
            )
        self._write(own, [])
        return own, []

    def _write(self, own: float, rows: list[Row]) -> None:
        settings = asdict(self.settings) | {"weights_hash": self.hash}
        known = {"settings": settings, "threshold": self.threshold, "full_chamfer_x1000": own}
        with writing(self.out / ROUNDS) as path:
            path.write_text(json.dumps(known | {"rows": rows}, indent=1) + "\n", encoding="utf-8")

    def _resumed(self, rows: list[Row]) -> AtlasNet:
        last = [row for row in rows if row["passes"]]
        if not last:
            return copy.deepcopy(self.full)
        return load_network(self.out / PASSES)[0].to(self.device)

    def _keep(self, net: AtlasNet, row: Row) -> Artifact:
        """Keep the network of a round as a file and as an artifact, which the row names."""
        facts = {name: json.dumps(value) for name, value in row.items()}
        facts = self.recipe | facts | network_facts(net)
        row["file"] = str(self.out / (PASSES if row["passes"] else LITERAL))
        write_tensors(row["file"], net.state_dict(), facts)
        settings = self.settings
        by = asdict(settings) | {"job": "finetune", "round": row["round"], "rate": row["rate"]}
        epochs = f"{settings.epochs:g} epoch{'s' * (settings.epochs != 1)}"
        seed = f", seed {settings.seed}" * bool(settings.seed)
        name = f"{row['rate']:g} % {settings.scope}, fine-tuned {epochs}{seed}"
        origin = Origin("pgn", self.title, self.hash, tuple(sorted(by.items())))
        made = ArtifactStore().keep(NETWORK_KIND, name, origin, net.state_dict(), facts)
        row["network"] = made.hash
        return made

    # -- one round ----------------------------------------------------------------

    def _engine(self, net: AtlasNet) -> MaskEngine:
        return MaskEngine({unit.id: net.get_parameter(unit.name) for unit in self.units})

    def _learn(self, net: AtlasNet, number: int, rate: float) -> None:
        """Train what is left; what is zero stays zero."""
        if not self.steps:
            return
        weights = [net.get_parameter(u.name) for u in self.units if u.id in self.scope]
        masks = [(weight != 0).to(weight.dtype) for weight in weights]
        net.requires_grad_(True).train()
        optimizer = torch.optim.Adam(net.parameters(), lr=self.settings.rate)
        with Ahead(self.batches) as batches:
            for step in range(self.steps):
                if self.cancelled():
                    raise Cancelled(STOPPED)
                place = number * self.steps + step
                falling = (1 + math.cos(math.pi * step / self.steps)) / 2
                optimizer.param_groups[0]["lr"] = self.settings.rate * falling
                loss = self._loss(net, batches, place)
                optimizer.zero_grad()
                loss.backward()
                optimizer.step()
                with torch.no_grad():
                    for weight, mask in zip(weights, masks, strict=True):
                        weight.mul_(mask)
                done = len(self.validation) + (step + 1) * self.settings.batch * LEARNING
                said = f"step {step + 1} of {self.steps}, loss × 1000 {1000 * loss.item():.3g}"
                self._tell(number, done, f"{rate:g} %, {said}")
            settle(net, batches, number * self.steps, self.settings.settle, self.half)
        net.requires_grad_(False).eval()

    def _loss(self, net: AtlasNet, batches: Ahead, place: int) -> Tensor:
        settings = self.settings
        batch = batches.draw(place, IMAGE_SIZE, settings.points)
        generator = torch.Generator().manual_seed(settings.seed * 1_000_003 + place)
        template = random_template(net.template, settings.points // net.primitives, generator)
        points = training_pass(net, batch.images, template, self.half)
        return chamfer_loss(points, batch.points.to(self.device))

    def _score(self, net: AtlasNet) -> dict[str, Any]:
        return summary(score_objects(net.eval(), self.validation, cancelled=self.cancelled))


def _known(path: Path) -> dict[str, Any]:
    """The rounds of a run to go on with."""
    try:
        known = read_json(path)
        complete = {"settings", "threshold", "full_chamfer_x1000", "rows"} <= known.keys()
    except (OSError, ValueError, RecursionError, AttributeError) as error:
        raise _no_rounds(path) from error
    if not complete:
        raise _no_rounds(path)
    return known


def _no_rounds(path: Path) -> BadInput:
    return BadInput(
        f"'{path}' cannot be read as the rounds of a run; choose another folder with --out, or "
        "delete it to start anew."
    )
