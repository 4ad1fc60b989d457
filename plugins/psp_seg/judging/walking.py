"""Walking several orders over unseen patients: what a mean Dice hides of organs and lesions."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.job_moments import moment_of_job
from prune3d_gui.core.jobs import Progress, Report, Row
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.charts import check_chart
from prune3d_gui.metrics.intervals import interval
from prune3d_gui.metrics.lesions import lesions
from prune3d_gui.metrics.overlaps import overlaps

from ..branches import Branches
from ..controls import CRITERION
from ..model import SegmentModel
from ..network.network import Unit
from ..opening import open_model
from ..patients import held_id
from ..pruning.orders import Order, ascending, in_rounds, shuffled
from ..scoring import is_lesion
from ..shipped import SYSTEM
from ..training.training import means_of

FULL, DENSE = "full", "dense"
"""Orders of the rows before any branch goes, and of the smaller dense network."""
_DRAWING = 0.02


Found = frozenset[tuple[int, int]]
"""Lesions of a patient that are found, by class and number."""
Asked = tuple[Branches, frozenset[Unit]]
"""A network, and which of its branches are gone."""


@dataclass(eq=False)
class Walked:
    """What one network without some branches is worth on the patients, one after the other.

    Attributes
    ----------
    dice : list of (K,) float
        NaN where a patient lacks the class.
    found : list of set
    lesions, false : int
        Lesions of all patients, and bodies found where none is.
    """

    dice: list[np.ndarray] = field(default_factory=list)
    found: list[Found] = field(default_factory=list)
    lesions: int = 0
    false: int = 0

    def see(self, wanted: np.ndarray, given: np.ndarray, model: SegmentModel, affine: Any) -> None:
        """Take in the label map of a patient."""
        classes, found = model.classes, set()
        self.dice.append(overlaps(wanted, given, len(classes), affine).dice)
        for number in (n for n, name in enumerate(classes) if is_lesion(name)):
            listed = lesions(wanted == number, given == number, affine)
            found |= {(number, one.number) for one in listed if one.state == "found"}
            self.false += sum(one.state == "false" for one in listed)
            self.lesions += sum(one.state != "false" for one in listed)
        self.found.append(frozenset(found))


def compare(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Walk orders over unseen patients; write the chart where `out` says.

    Returns
    -------
    list of row
        For each order and number of branches left: ``order``, ``order_seed`` (of a random one),
        ``branches``, ``parameters``; ``dice`` (mean over patients of the mean over the classes but
        the background), ``organs`` and ``tumours`` (the same over the classes of either kind) and
        each class, with ``_low`` and ``_high``, a 95 % interval from resampling patients, and
        ``_patients``, how many have it;
        ``lesions`` in all, how many are ``found``, ``lost`` (the full network finds them) and
        ``false``, and in how many ``patients`` of how many at least one is lost (``alarms``). The
        order ``full`` has every branch; ``dense`` is the smaller dense network that was trained
        alike, where it comes with the program.

    Raises
    ------
    BadInput
        If an order is unknown, the numbers of branches cannot be left, or the chart not be written.
    """
    out = str(options["out"])
    check_chart(out)
    ref = ModelRef(SYSTEM, "compared", str(options["weights"] or ""), options["device"])
    model = open_model(ref, cancel)
    try:
        own, names = model.branches, _named(options["orders"])
        stops = _stops(options["branches"], len(own.units))
        patients = [held_id(number) for number in range(options["patients"])]
        plans = _plans(_orders(own, names, options["random_seeds"], cancel), stops)
        dense = model.dense()
        asked: list[Asked] = [(own, frozenset()), *((own, gone) for *_, gone in plans)]
        asked += [(dense, frozenset())] if dense is not None else []
        walked = _walked(model, patients, list(dict.fromkeys(asked)), report, cancel)
        whole = walked[own, frozenset()]

        def row(name: str, seed: int | None, network: Branches, gone: frozenset[Unit]) -> Row:
            return _row(model, (name, seed), (network, gone), walked[network, gone], whole)

        rows = [row(FULL, None, own, frozenset())]
        rows += [row(name, seed, own, gone) for name, seed, gone in plans]
        rows += [row(DENSE, None, dense, frozenset())] if dense is not None else []
        if out:
            from .charts import draw_walks

            about = {"patients": f"{len(patients)} procedural patients, unseen in training"}
            moment = moment_of_job(
                SYSTEM, "compare", options, about, model.title, ref.file, model.weights_hash
            )
            draw_walks({model.title: rows}, out, moment)
    finally:
        model.close()
    return rows


def _named(text: str) -> list[str]:
    """Criteria by their names between commas."""
    known = [choice.id for choice in CRITERION.choices]
    names = [name.strip() for name in text.split(",") if name.strip()]
    for name in names:
        if name not in known:
            raise BadInput(f"There is no order {name!r}; take from {', '.join(known)}.")
    return names


def _stops(text: str, count: int) -> list[int]:
    """Numbers of branches left, the most first: those between commas, or every other one."""
    if not text.strip():
        return [*range(count - 2, 0, -2), 0]
    try:
        stops = sorted({int(part) for part in text.split(",")}, reverse=True)
    except ValueError as error:
        raise BadInput(f"--branches '{text}' is no list of numbers; write 18,12,8.") from error
    if stops[0] > count or stops[-1] < 0:
        raise BadInput(f"--branches '{text}' cannot be left; this network has {count}.")
    return stops


def _orders(
    own: Branches, names: Sequence[str], seeds: int, cancel: CancelToken
) -> list[tuple[str, int | None, Order]]:
    units = own.network.units
    found: list[tuple[str, int | None, Order]] = []
    for name in names:
        if name == "random":
            found += [(name, seed, shuffled(units, seed)) for seed in range(seeds)]
            continue
        scores = own.scores(name, cancel)
        order = in_rounds(scores, units) if name == "rounds" else ascending(scores, units)
        found.append((name, None, order))
    return found


def _plans(
    orders: Sequence[tuple[str, int | None, Order]], stops: Sequence[int]
) -> list[tuple[str, int | None, frozenset[Unit]]]:
    return [
        (name, seed, frozenset(order[: len(order) - left]))
        for name, seed, order in orders
        for left in stops
    ]


def _walked(
    model: SegmentModel,
    patients: Sequence[str],
    asked: Sequence[Asked],
    report: Report,
    cancel: CancelToken,
) -> dict[Asked, Walked]:
    """Segment every patient by all that is asked for; what plans share is computed once."""
    found = {one: Walked() for one in asked}
    total = len(patients) * len(asked)
    for number, sample in enumerate(patients):
        data = model.patient(sample)
        assert data.labels is not None, "procedural patients have a reference"
        for place, (network, gone) in enumerate(asked):
            cancel.check()
            text = f"patient {number + 1} of {len(patients)}, {len(gone)} branches gone"
            report(Progress(number * len(asked) + place, total * (1 + _DRAWING), text))
            given = network.runner.probabilities(sample, data.volume, gone, cancel).argmax(axis=0)
            found[network, gone].see(data.labels, given, model, data.affine)
        for network in {network for network, _ in asked}:
            network.runner.forget(sample)
    return found


def _row(
    model: SegmentModel, order: tuple[str, int | None], asked: Asked, found: Walked, whole: Walked
) -> Row:
    (name, seed), (network, gone) = order, asked
    classes, dice = model.classes, np.stack(found.dice)
    tumours = [n for n, one in enumerate(classes) if n and is_lesion(one)]
    organs = [n for n in range(1, len(classes)) if n not in tumours]
    lost = [len(before - now) for before, now in zip(whole.found, found.found, strict=True)]
    row: Row = {
        "order": name,
        "order_seed": seed,
        "branches": len(network.units) - len(gone),
        "parameters": network.total - sum(network.network.parameters_of(unit) for unit in gone),
    }
    for title, columns in (("dice", [*organs, *tumours]), ("organs", organs), ("tumours", tumours)):
        row |= _interval(title, dice[:, columns])
    for number, one in enumerate(classes[1:], 1):
        row |= _interval(one, dice[:, [number]])
    return row | {
        "lesions": found.lesions,
        "found": sum(map(len, found.found)),
        "lost": sum(lost),
        "false": found.false,
        "alarms": sum(number > 0 for number in lost),
        "patients": len(dice),
        "interval": "95 %, bootstrap over patients",
    }


def _interval(title: str, dice: np.ndarray) -> Row:
    """Mean over patients of the mean over classes that each has, with a 95 % interval."""
    each = means_of(dice)
    if not each.size:
        return {title: None, f"{title}_patients": 0}
    low, high = interval(each)
    return {
        title: float(each.mean()), f"{title}_low": low, f"{title}_high": high,
        f"{title}_patients": len(each),
    }  # fmt: skip
