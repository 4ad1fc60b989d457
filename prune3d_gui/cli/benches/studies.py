"""The bench of studies: what more workers, the cache and reuse bring, as ratios of one run."""

from __future__ import annotations

import argparse
import itertools
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from ...core.cancel import CancelToken
from ...core.devices import chosen_device
from ...core.jobs import Progress, Row
from ...core.model import Model
from ...core.plan.knobs import knob_named
from ...core.registry import discover
from ...core.system import System
from ...studies.ask.answers import Moved
from ...studies.ask.defaults import usual_values
from ...studies.ask.questions import Case, Network, Study, sensitivity_cases
from ...studies.run.cache import ResultCache
from ...studies.run.evaluator import Evaluator
from ...studies.run.local import LocalWorkers
from ...studies.run.workers import Chunk
from .. import opening
from ..commands import Result
from ..console import say
from ..flags import Parser, check_device, whole
from ..machine.display import why_no_window
from .evaluations import device_named, evaluation_rows

TIMED_S = 12.0
"""Work, in seconds of one worker, on which one worker and two are compared."""
FEW = 4
"""Samples on which a CPU evaluates one by one and at once."""
PROBED = 8
"""Cases from which the speed of one worker is guessed."""
Report = Callable[[Progress], None]


@dataclass(frozen=True, eq=False)
class Bench:
    """The network that is measured: how to open it elsewhere, its heat map, its samples."""

    model: Model
    network: Network
    cases: tuple[Case, ...]
    samples: tuple[str, ...]
    packs: dict[str, bytes]
    axis: str

    def evaluator(
        self, workers: LocalWorkers, cache: ResultCache, cancel: CancelToken
    ) -> Evaluator:
        """An evaluator of this network."""
        return Evaluator(self.network, self.model.metrics, workers, cache, cancel, self.packs)

    def spread(self, count: int, samples: tuple[str, ...]) -> Chunk:
        """A chunk of so many cases from all over the heat map."""
        count = min(count, len(self.cases))
        some = tuple(self.cases[i * len(self.cases) // count] for i in range(count))
        return Chunk(self.network, some, samples, packs=self.packs)

    def study(self) -> Study:
        """Every unit alone at each value."""
        words = f"{len(self.samples)} samples"
        return Study(
            "sensitivity", "bench", self.network, self.cases, self.samples, words, self.axis, "unit"
        )


def add_flags(parser: Parser) -> None:
    """Flags of ``bench studies``."""
    parser.add_argument(
        "system", nargs="?", metavar="SYSTEM", help="default: the first with a bundled network"
    )
    parser.add_argument(
        "--samples",
        type=whole,
        default=16,
        metavar="N",
        help="samples of the heat map (default: 16)",
    )
    parser.add_argument(
        "--device",
        default="cpu",
        help="cpu (default), or a GPU such as cuda: then evaluations alone are measured",
    )


def run(args: argparse.Namespace, report: Report, cancel: CancelToken) -> Result:
    """Measure studies of one system; each row has what is wanted of it in ``limit``."""
    system = _system(args.system)
    device = chosen_device(check_device(args.device))
    on_cpu = device == "cpu"
    ref = replace(opening.bundled(system), device=device)
    model = system.open(ref)
    try:
        samples, _ = opening.take_samples(ref, model, None, cancel)
        samples = samples[: max(1, args.samples)]
        knob = knob_named(model.knobs, model.primary)
        cases = sensitivity_cases(model.knobs, model.units, knob.id, usual_values(knob))
        packs = {sample: data for sample in samples if (data := model.pack(sample))}
        network = Network(ref, model.weights_hash)
        bench = Bench(model, network, cases, samples, packs, knob.id)
        rows = own_rows(system, report, cancel) if on_cpu else []
        some = samples[:FEW] if on_cpu else samples
        rows += evaluation_rows(model, network, some, report, cancel)
        if on_cpu:
            rows += worker_rows(bench, report, cancel)
            rows += cache_rows(bench, report, cancel)
    finally:
        model.close()
    rows += window_rows(system.id) if on_cpu else []
    units, values = len(model.units), len(cases) // max(1, len(model.units))
    about = f"{model.title} ({model.weights_hash[:12]}) on {device_named(device)}."
    if not on_cpu:
        return Result(rows, [about], ("measure", "value", "unit", "limit"))
    about = f"{about.rstrip('.')}, processes of one thread."
    size = f"Heat map: {units} units x {values} values of {knob.id} x {len(samples)} samples."
    return Result(rows, [about, size], ("measure", "value", "unit", "limit"))


def worker_rows(bench: Bench, report: Report, cancel: CancelToken) -> list[Row]:
    """One worker and two on the same study, in turn: one, two, one."""
    ones, twos = LocalWorkers(1, threads=1), LocalWorkers(2, threads=1)
    try:
        samples = bench.samples[:4]
        probe = bench.spread(PROBED, samples)
        for workers in (ones, twos):
            report(Progress(0, 0, f"opening the network in {workers.title}"))
            for future in [workers.submit(probe) for _ in range(workers.count)]:
                future.result()
        start = time.perf_counter()
        found = ones.submit(probe).result()
        each = (time.perf_counter() - start) / max(1, len(found))
        count = round(TIMED_S / each / len(samples))
        some = bench.spread(max(4 * PROBED, count), samples).cases
        seconds = []
        for workers in (ones, twos, ones):
            report(Progress(len(seconds), 3, f"{len(some)} plans on {workers.title}"))
            evaluator = bench.evaluator(workers, ResultCache(memory=True), cancel)
            start = time.perf_counter()
            done = sum(1 for _ in evaluator.measure(some, samples))
            seconds.append(time.perf_counter() - start)
    finally:
        ones.close()
        twos.close()
    alone, together = (seconds[0] + seconds[2]) / 2, seconds[1]
    return [
        _row("one_worker", done / alone, "evaluations/s", note=f"{done} evaluations, thrice"),
        _row("two_workers", done / together, "evaluations/s"),
        _row("two_workers_against_one", alone / together, "x", "at least 1.6"),
    ]


def cache_rows(bench: Bench, report: Report, cancel: CancelToken) -> list[Row]:
    """The whole heat map, and the same again from what the first run left on disk."""
    study = bench.study()
    seconds, found = [], []
    with tempfile.TemporaryDirectory() as folder:
        for words in ("the whole heat map", "the same from the cache"):
            workers, cache = LocalWorkers(threads=1), ResultCache(folder)
            try:
                start = time.perf_counter()
                rows = []
                for answer in study.answer(bench.evaluator(workers, cache, cancel)):
                    if isinstance(answer, Moved):
                        report(Progress(answer.done, answer.total, words))
                    else:
                        rows.append(answer)
                seconds.append(time.perf_counter() - start)
                found.append(sorted(repr(row.row) for row in rows))
            finally:
                workers.close()
                cache.close()
    count = len(bench.cases) * len(bench.samples)
    same = sum(a == b for a, b in zip(*found, strict=True))
    return [
        _row("heat_map", seconds[0], "s", note=f"{count} evaluations, with starting the workers"),
        _row("heat_map_from_cache", seconds[1], "s", "at most 1", f"{same} rows equal to the last"),
    ]


def own_rows(system: System, report: Report, cancel: CancelToken) -> list[Row]:
    """What the system's own bench says of studies, if it has an option ``studies``."""
    for job in system.jobs():
        options = {option.name: option.default for option in job.options}
        if job.id == "bench" and "studies" in options:
            return job.run(options | {"studies": True, "device": "cpu"}, report, cancel)
    return []


def window_rows(system: str) -> list[Row]:
    """Frames per second of a drag, at rest and beside a study; says so without a display."""
    if reason := why_no_window():
        say(f"the window was not measured. {reason}")
        return []
    from ...gui.measure import measure_beside_study

    return [
        _row(row["measure"], row["value"], row["unit"], row.get("limit", ""), row["note"])
        for row in measure_beside_study(system)
    ]


def _system(name: str | None) -> System:
    registry = discover()
    if name is not None:
        return registry.system(name)
    there = (system for system in registry.systems if system.bundled())
    return next(itertools.chain(there, registry.systems))


def _row(name: str, value: float, unit: str, limit: str = "", note: str = "") -> Row:
    digits = 2 if abs(value) >= 0.1 else 9
    return {
        "measure": name, "value": round(value, digits), "unit": unit, "limit": limit, "note": note
    }  # fmt: skip
