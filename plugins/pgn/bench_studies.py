"""Measures of a sensitivity study: our loop, the common one, and what nobody can avoid."""

from __future__ import annotations

import copy
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from scipy.spatial.distance import cdist
from torch.nn.utils import prune

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Row
from prune3d_gui.core.limits import limited
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.plan.units import Unit

from .model import PgnModel

RATES = (10.0, 30.0, 50.0, 70.0, 90.0)
SAMPLES = 4
CHECKED = 50.0
"""Rate at which Chamfer distances are compared with brute force."""


@dataclass(eq=False)
class _Taken:
    """Seconds that each way took in all, and how far a Chamfer distance was off."""

    study: float = 0.0
    score: float = 0.0
    plain: float = 0.0
    rest: float = 0.0
    off: float = 0.0


def measure(
    model: PgnModel, count: int, report: Callable[[Progress], None], cancel: CancelToken
) -> list[Row]:
    """Time the sensitivity study of all convolutions and linear layers, on one thread.

    Layer by layer, last one first, three ways take turns at the same plans on the same samples:
    the study loop (apply a plan, go on from what is kept, score), the plain loop
    (``torch.nn.utils.prune``, the whole pass, ``torch.cdist``), and the passes from the pruned
    layer on, ready to run, which no loop can share. A drift of the machine's speed so falls on
    all of them.

    Parameters
    ----------
    model : PgnModel
    count : int
        Samples.
    report : callable
    cancel : CancelToken

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit``, ``note``; ``limit``, and whether it is ``met``, where
        there is one.
    """
    units = [unit for unit in model.units if unit.macs]
    samples = [sample.id for sample in model.samples()[:count]]
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        model.prepare()
        plain = _Plain(model, samples)
        for sample in samples:  # what a study keeps of the unpruned network, and its trees
            _score(model, Plan(), sample, cancel)
        taken = _Taken()
        for number, unit in enumerate(reversed(units)):
            report(Progress(number, len(units), f"unit {unit.id}"))
            _study(model, unit, samples, taken, cancel)
            _rest(model, unit, samples, taken)
            plain.run(unit, taken, cancel)
    finally:
        torch.set_num_threads(threads)
    return _rows(taken, len(units), len(samples))


def _study(
    model: PgnModel, unit: Unit, samples: Sequence[str], taken: _Taken, cancel: CancelToken
) -> None:
    """The loop of a worker, with the time of scoring also kept apart."""
    kept = []
    start = time.perf_counter()
    for rate in RATES:
        applied = model.apply(Plan().with_rate(unit.id, rate))
        for sample in samples:
            cancel.check()
            *_, stage = model.reconstruct(applied, sample, Query(), "full", cancel)
            before = time.perf_counter()
            scores = model.score(applied, sample, Query(), stage, None)
            taken.score += time.perf_counter() - before
            assert scores is not None  # the samples that come with it have a reference
            kept.append(
                (rate, sample, stage.scene.layers[0].data.points, scores.values["chamfer_x1000"])
            )
    taken.study += time.perf_counter() - start
    for rate, sample, points, chamfer in kept:
        if rate == CHECKED:
            wanted = 1000 * brute_force(points, model.tree(sample).points)
            taken.off = max(taken.off, abs(chamfer - wanted) / wanted)


def _rest(model: PgnModel, unit: Unit, samples: Sequence[str], taken: _Taken) -> None:
    model.apply(Plan())
    for sample in samples:
        image = torch.from_numpy(model.image(sample)).to(model.device)[None]
        run = model.trails.rest(unit.id, image)
        run()
        start = time.perf_counter()
        for _ in RATES:
            run()
        taken.rest += time.perf_counter() - start


class _Plain:
    """What a script does: prune a fresh copy of a layer, whole pass, dense Chamfer distance."""

    def __init__(self, model: PgnModel, samples: Sequence[str]) -> None:
        model.apply(Plan())
        self._net = copy.deepcopy(model.network)
        self._template = model.template("full")
        self._data = [
            (
                torch.from_numpy(model.image(sample)).to(model.device)[None],
                torch.from_numpy(model.tree(sample).points).to(model.device),
            )
            for sample in samples
        ]

    @torch.no_grad()
    def run(self, unit: Unit, taken: _Taken, cancel: CancelToken) -> None:
        """Time it for one layer; of equal weights it may zero others than the study does."""
        layer: Any = self._net.get_submodule(unit.name.removesuffix(".weight"))
        whole = layer.weight.clone()
        start = time.perf_counter()
        for rate in RATES:
            prune.l1_unstructured(layer, "weight", amount=rate / 100)
            for image, reference in self._data:
                cancel.check()
                squared = torch.cdist(self._net(image, self._template)[0], reference).square()
                float(squared.amin(0).mean() + squared.amin(1).mean())
            prune.remove(layer, "weight")
            layer.weight.copy_(whole)
        taken.plain += time.perf_counter() - start


def brute_force(points: np.ndarray, reference: np.ndarray) -> float:
    """Chamfer distance of (M, 3) and (N, 3) points from all their distances, in float64."""
    squared = cdist(points.astype(np.float64), reference.astype(np.float64), "sqeuclidean")
    return float(squared.min(0).mean() + squared.min(1).mean())


def _score(model: PgnModel, plan: Plan, sample: str, cancel: CancelToken) -> None:
    applied = model.apply(plan)
    *_, stage = model.reconstruct(applied, sample, Query(), "full", cancel)
    model.score(applied, sample, Query(), stage, None)


def _rows(taken: _Taken, units: int, samples: int) -> list[Row]:
    count = units * len(RATES) * samples
    what = f"{units} units x {len(RATES)} rates x {samples} samples, one thread"
    forward = taken.study - taken.score

    def row(name: str, value: float, unit: str, limit: str = "", note: str = "") -> Row:
        value = float(f"{value:.3g}") if value < 0.1 else round(value, 3)
        return limited({"measure": name, "value": value, "unit": unit, "note": note}, limit)

    return [
        row("study", 1e3 * taken.study / count, "ms/evaluation", note=what),
        row("study_without_score", 1e3 * forward / count, "ms/evaluation"),
        row("unshared_forward", 1e3 * taken.rest / count, "ms/evaluation", note="ready to run"),
        row("plain_loop", 1e3 * taken.plain / count, "ms/evaluation", note="prune, pass, cdist"),
        row("study_without_score_against_unshared", forward / taken.rest, "x", "at most 1.2"),
        row("study_against_unshared", taken.study / taken.rest, "x", note="Chamfer tree included"),
        row("plain_against_study", taken.plain / taken.study, "x", "at least 1.5"),
        row("chamfer_off_brute_force", taken.off, "relative", "at most 1e-5", "float64, at 50 %"),
    ]
