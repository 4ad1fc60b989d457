"""The jobs that train a network on: pruning while it is trained, and recovery after pruning."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Made, Report, Row, Said, part_of
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.artifacts import NETWORK_KIND, Artifact, Origin
from prune3d_gui.core.plan.plans import Plan, resolve
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.paths import check_folder
from prune3d_gui.files.plans import read_plan
from prune3d_gui.metrics.intervals import interval
from prune3d_gui.pruning.knobs import SEED

from .branches import network_of, unit_id
from .classes import CLASSES
from .controls import CRITERION, NETWORK, ORDER
from .data.cohort import HELD, Cohort, procedural
from .model import SegmentModel
from .network.checkpoint import save_network, weights_hash
from .network.network import Network, Unit
from .network.normal import Window
from .network.removal import copied
from .opening import open_model
from .pruning.importance import Case, streamed
from .pruning.orders import KIND, Order, as_text, in_rounds
from .shipped import SYSTEM
from .training.batches import batch_of
from .training.progressive import Progressive, Rules
from .training.recovery import RATE, Recovery
from .training.run import cohort_of, scores_of, summed
from .training.training import Settings, mean_of, means_of

VALIDATION, VALIDATED = 3_000_017, 4
"""Seed and number of the patients of live curves: neither trained on nor scored at the end."""
STATE, WHOLE = "training.pt", "network.safetensors"
_CASES = 4
Options = Mapping[str, Any]


@dataclass(frozen=True)
class _Telling:
    """What a job says of its pieces of work, in shares of the whole."""

    report: Report
    cancel: CancelToken

    def part(self, first: float, share: float) -> Report:
        """Tells of a piece that takes `share` of the whole, from `first` on."""
        return part_of(self.report, first, 1.0, length=share)


def recover_job(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train what a plan leaves of a network; keeps the result and the order it was pruned in.

    Returns
    -------
    list of row
        The curve (``step``, ``dice`` on validation patients); a row for each class and state on
        unseen patients; and, last, the mean Dice there: ``full_dice``, ``pruned_dice``, ``dice``,
        what was ``lost`` and what came ``back``, which share was ``regained``, and the hashes of
        both artifacts.
    """
    telling = _Telling(report, cancel)
    folder = check_folder(options["out"])
    check_folder(ArtifactStore().folder)
    device = chosen_device(options["device"], mps=False)
    model = _opened(options, cancel)
    plan = _plan(model, options)
    gone: frozenset[Unit] = model.apply(plan, cancel).token
    order = _walked(model, plan, gone, cancel)
    network, window = _network(model, plan), model.info.window
    cohort = cohort_of(options, telling.part(0.0, 0.05), cancel)
    settings = Settings(steps=options["steps"], rate=RATE, seed=options["seed"])
    known = _unseen(model, cohort, options["unseen"], telling)
    recovery = Recovery(
        network, gone, cohort, settings, folder / STATE, device,
        {"begun from": weights_hash(network)}, _validation(cohort), options["every"],
    )  # fmt: skip
    network.to(device)
    states = {"full": known.scores(network, frozenset(), 0.05)}
    states["pruned"] = known.scores(network, gone, 0.12)
    recovery.run(telling.part(0.2, 0.6), cancel)
    made = recovery.whole()
    states["recovered"] = known.scores(made.to(device), gone, 0.85)
    made.cpu()
    left = f"{len(network.units) - len(gone)} of {len(network.units)} branches"
    by = {"job": "recover", "gone": len(gone), "steps": settings.steps, "seed": settings.seed}
    title = f"{left}, recovered {settings.steps} steps, seed {settings.seed}"
    kept = _keep(model, made, order, title, by)
    save_network(
        folder / WHOLE, made, CLASSES, model.info.spacing, window,
        {"note": f"{title}; trained on procedural patients.", "trained_on": cohort.told},
    )  # fmt: skip
    rows = [*recovery.rows, *known.rows(states)]
    rows.append(
        {"step": settings.steps, "stage": "unseen", **_regained(states), "seed": settings.seed,
         "network": kept[0].hash, "order": kept[1].hash, "file": str(folder / WHOLE)}
    )  # fmt: skip
    return _close(rows, kept, folder, report)


def progressive_job(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Prune a network while it is trained; keeps its order, and the network with all branches.

    Returns
    -------
    list of row
        The curve, a row for each epoch (see `Progressive`); then a row for each class and state on
        unseen patients; and, last, the mean Dice there and the hashes of both artifacts.
    """
    telling = _Telling(report, cancel)
    folder = check_folder(options["out"])
    check_folder(ArtifactStore().folder)
    device = chosen_device(options["device"], mps=False)
    rules = Rules(**{name: options[name] for name in Rules.__dataclass_fields__})
    model = _opened(options, cancel)
    cohort = cohort_of(options, telling.part(0.0, 0.05), cancel)
    settings = Settings(
        steps=options["steps"], rate=options["rate"], seed=options["seed"],
        decoupling=options["decoupling"],
    )  # fmt: skip
    start = copied(model.network)
    known = _unseen(model, cohort, options["unseen"], telling)
    pruning = Progressive(
        cohort, settings, rules, folder / STATE, device, start, {"begun from": model.weights_hash},
        _validation(cohort),
    )  # fmt: skip
    states = {"full": known.scores(copied(model.network).to(device), frozenset(), 0.05)}
    pruning.run(telling.part(0.15, 0.65), cancel)
    made, gone = pruning.whole(), frozenset(pruning.order)
    states["pruned while trained"] = known.scores(made.to(device), gone, 0.85)
    made.cpu()
    order = _completed(pruning, made)
    left = f"{len(made.units) - len(gone)} of {len(made.units)} branches"
    title = f"{left}, progressive, {settings.steps} steps, seed {settings.seed}"
    by = {"job": "progressive", "steps": settings.steps, "seed": settings.seed}
    kept = _keep(model, made, order, title, by)
    save_network(
        folder / WHOLE, made, CLASSES, model.info.spacing, model.info.window,
        {"note": f"{title}; trained on procedural patients.", "trained_on": cohort.told},
    )  # fmt: skip
    rows = [*pruning.rows, *known.rows(states)]
    rows.append(
        {"step": settings.steps, "stage": "unseen", "branches": len(made.units) - len(gone),
         "full_dice": mean_of(states["full"]), "dice": mean_of(states["pruned while trained"]),
         "seed": settings.seed, "network": kept[0].hash, "order": kept[1].hash,
         "file": str(folder / WHOLE)}
    )  # fmt: skip
    return _close(rows, kept, folder, report)


def _opened(options: Options, cancel: CancelToken) -> SegmentModel:
    """The network to begin with.

    Raises
    ------
    BadInput
        If it cannot be opened, or its classes are not those of the procedural patients.
    """
    model = open_model(ModelRef(SYSTEM, "begun", str(options["weights"] or ""), "cpu"), cancel)
    if model.classes != CLASSES:
        raise BadInput(
            f"{model.title} tells {', '.join(model.classes[1:])} apart, and the patients it would "
            f"be trained on have {', '.join(CLASSES[1:])}; give a network of these with --weights."
        )
    return model


# -- what is pruned --------------------------------------------------------------------


def _plan(model: SegmentModel, options: Options) -> Plan:
    """The plan of a file, or of the options."""
    if options["plan"]:
        return read_plan(options["plan"])
    store = ArtifactStore()
    values = {
        model.left.id: options["branches"],
        CRITERION.id: options["criterion"],
        SEED.id: options["order_seed"],
        ORDER.id: store.named(options["order"]) if options["order"] else "",
        NETWORK.id: store.named(options["network"]) if options["network"] else "",
    }
    return resolve(model.knobs, values)[0]


def _walked(model: SegmentModel, plan: Plan, gone: frozenset[Unit], cancel: CancelToken) -> Order:
    """The order in which a plan takes branches, those that are gone first."""
    found: list[Unit] = []
    for left in range(len(model.units) - 1, -1, -1):
        away = model.apply(plan.with_value(model.left, left), cancel).token
        found += sorted(away - set(found))
    found += [unit for unit in model.network.units if unit not in found]
    return tuple(sorted(found, key=lambda unit: unit not in gone))


def _network(model: SegmentModel, plan: Plan) -> Network:
    """A copy of the network that a plan prunes."""
    digest = network_of(plan)
    return model.made(digest) if digest else copied(model.network)


def _completed(pruning: Progressive, whole: Network) -> Order:
    """The order of a progressive training; what it left follows, round by round."""
    cases = []
    for number in range(_CASES):
        image, labels = batch_of(pruning.cohort, 1, VALIDATION, number, pruning.window)
        cases.append(Case(image, labels))
    whole.mask(frozenset(pruning.order))
    scores = streamed(whole, cases)["change"]
    whole.mask(frozenset())
    rest = in_rounds(scores, whole.units)
    return (*pruning.order, *(unit for unit in rest if unit not in pruning.order))


# -- what comes out --------------------------------------------------------------------


def _validation(cohort: Cohort) -> Cohort:
    return procedural(VALIDATED, VALIDATION, cohort.volumes.shape[1])


@dataclass(frozen=True)
class _Unseen:
    """Unseen patients, and what networks are worth there."""

    patients: Cohort
    window: Window
    telling: _Telling

    def scores(self, network: Network, gone: frozenset[Unit], first: float) -> np.ndarray:
        """Dice (P, K) of a network without some branches."""
        network.mask(gone)
        try:
            report = self.telling.part(first, 0.05)
            return scores_of(network, self.patients, self.window, report, self.telling.cancel)
        finally:
            network.mask(frozenset())

    def rows(self, states: Mapping[str, np.ndarray]) -> list[Row]:
        """A row for each state and class."""
        return [
            {"stage": f"unseen, {state}", "part": row.pop("class"), **row}
            for state, scores in states.items()
            for row in summed(scores)
        ]


def _unseen(model: SegmentModel, cohort: Cohort, count: int, telling: _Telling) -> _Unseen:
    size = cohort.volumes.shape[1]
    made = procedural(count, HELD, size, telling.part(0.05, 0.0), telling.cancel)
    return _Unseen(made, model.info.window, telling)


def _regained(states: Mapping[str, np.ndarray]) -> Row:
    """Mean Dice of each state, what was lost, and what of it came back.

    The share that came back is given where the interval of what was lost lies above 0: else it
    divides by what may be nothing.
    """
    full, pruned, now = (states[name] for name in ("full", "pruned", "recovered"))
    row: Row = {"dice": mean_of(now), "full_dice": mean_of(full), "pruned_dice": mean_of(pruned)}
    for name, better in (("lost", full), ("back", now)):
        apart = means_of(better[:, 1:]) - means_of(pruned[:, 1:])
        low, high = interval(apart)
        row |= {name: float(apart.mean()), f"{name}_low": low, f"{name}_high": high}
    row["regained"] = row["back"] / row["lost"] if row["lost_low"] > 0 else None
    return row | {"patients": len(full), "interval": "95 %, bootstrap over patients"}


def _keep(
    model: SegmentModel, network: Network, order: Order, title: str, by: Mapping[str, Any]
) -> tuple[Artifact, Artifact]:
    """Keep a network and its order as artifacts of the model's."""
    origin = Origin(SYSTEM, model.title, model.weights_hash, tuple(sorted(by.items())))
    store = ArtifactStore()
    facts = {"note": f"{title}; trained on procedural patients."}
    made = store.keep(NETWORK_KIND, title, origin, network.state_dict(), facts)
    named = {"order": as_text(order), "units": json.dumps([unit_id(unit) for unit in order])}
    return made, store.keep(KIND, f"Order of: {title}", origin, _NO_TENSORS, named)


_NO_TENSORS: dict[str, torch.Tensor] = {}


def _close(rows: list[Row], kept: tuple[Artifact, ...], folder: Path, report: Report) -> list[Row]:
    """Tell what was made; the work is complete."""
    for artifact in kept:
        report(Made(artifact))
    report(Said("Choose the network and its order together: it was trained for that order."))
    with_rows = json.dumps(rows, indent=1)
    (folder / "rows.json").write_text(with_rows + "\n", encoding="utf-8")
    (folder / STATE).unlink(missing_ok=True)
    return rows
