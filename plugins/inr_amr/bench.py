"""Measuring neural fields: decisions, previews, rules and large meshes, ratios in one run."""

from __future__ import annotations

import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row, part_of
from prune3d_gui.core.limits import limited
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.files.paths import check_file

from .comparing import PRUNED_ERROR, compare_field, dofs_at
from .mesh.mesher import Mesher
from .mesh.plain import judge_plain
from .mesh.rules import Judge
from .mesh.specs import MeshSpec, RuleSpec
from .mesh.tree import Tree
from .model import FieldModel
from .network.controls import TOLERANCE, cell_tolerance_knob
from .network.domain import Slice
from .opening import open_field
from .shipped import installed

DEEP_ERROR = 0.03
"""Threshold T of the large mesh, share of the value range."""
STOPPED = (0.3, 1.0, 2.0, 3.0)
"""Seconds after which a large mesh is stopped."""
JUDGED = 192
"""Cells that the plain loop judges for the ratio."""
TOLERANCES = (1e-4, 1e-3, 3e-3, 1e-2, 3e-2, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
"""Tolerances of the whole network that are tried."""
STEPS = 24
"""Tolerances at which a step of the slider is tried; those that prune alike count once."""
SURFACES = 3
"""Networks whose own surface is timed."""
EVALUATED = 100_000
"""Points that full and pruned networks are timed on."""
ERRORS_2D = (0.1, 0.06, 0.03, 0.02)
"""RMSE at which the rules are compared on the 2D benchmark, in units of its value."""


def measure(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure everything; see the functions below.

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit`` and ``note``; ``limit``, and whether it is ``met``,
        where there is one.
    """
    names = [field.name for field in installed()]
    steps: list[Callable[[Report], Iterator[Row]]] = [
        lambda tell: large_mesh("chest", options["depth"], tell, cancel),
        lambda tell: decisions(["oscillation", "chest"], cancel),
        lambda tell: removals(names, cancel),
        lambda tell: previews("chest", cancel),
        lambda tell: previews("chest_relu", cancel),
        lambda tell: rules_2d("oscillation", tell, cancel),
        lambda tell: rules_3d("chest", tell, cancel),
    ]
    if options["volume"]:
        check_file(options["volume"], "a volume")
        steps.append(lambda tell: rules_volume(options, tell, cancel))
    rows: list[Row] = []
    for number, step in enumerate(steps):
        cancel.check()
        report(Progress(number, len(steps), "measuring"))
        rows += step(part_of(report, number, len(steps)))
    return rows


def decisions(names: list[str], cancel: CancelToken) -> Iterator[Row]:
    """Time of one decomposition decision: batched, against the plain loop with a QR per cell."""
    for name in names:
        model = open_field(name, "", "cpu")
        field = Slice(model.network, model.domain)
        tolerance = float(cell_tolerance_knob(model.network).default)
        spec = RuleSpec(rule="id", tolerance=tolerance)
        tree = Tree.uniform(field.dimension, 4 if field.dimension == 2 else 3, 6)
        chosen = np.random.default_rng(0).permutation(len(tree))[:JUDGED]
        lower, size = tree.lower[chosen], tree.size[chosen]
        corners = np.zeros((len(chosen), 2**field.dimension), np.float32)
        judge = Judge(field, spec, model.network.widths)
        batched = _least(partial(judge.judge, lower, size, corners, cancel), 5)
        plain = _least(partial(judge_plain, field, spec, lower, size, corners), 2)
        for what, took in (("batched", batched), ("plain loop", plain)):
            yield _row(
                f"decision, {name}, {what}", took / len(chosen) * 1e3, "ms per cell", "",
                f"{len(chosen)} cells, recheck included",
            )  # fmt: skip
        yield _row(f"decisions, {name}: plain / batched", plain / batched, "x", "at least 8", "")
        model.close()


def previews(name: str, cancel: CancelToken) -> Iterator[Row]:
    """Time of a step of the tolerance slider: prune, evaluate, contour; then of full surfaces.

    No step prunes to the sizes of another, so that nothing kept of one serves the next.
    """
    model = open_field(name, "", "cpu")
    pruner, sample = model.pruner(), model.own
    steps = {pruner.sizes(t): float(t) for t in np.geomspace(1e-4, 0.9, STEPS)}
    pruned, shown, scored = [], [], []
    for tolerance in steps.values():
        start = time.perf_counter()
        applied = model.apply(Plan().with_value(TOLERANCE, tolerance))
        pruned.append(time.perf_counter() - start)
        stage = next(model.reconstruct(applied, sample, Query(), "preview", cancel))
        shown.append(time.perf_counter() - start)
        model.score(applied, sample, Query(), stage, None)
        scored.append(time.perf_counter() - start)
    for what, taken, limit in (
        ("prune", pruned, ""),
        ("prune and preview surface", shown, "at most 150"),
        ("the same and score", scored, ""),
    ):
        middle, note = statistics.median(taken) * 1e3, f"median of {len(steps)} other networks"
        yield _row(f"tolerance step, {name}: {what}", middle, "ms", limit, note)
    taken = []
    for tolerance in list(steps.values())[:: max(1, len(steps) // SURFACES)][:SURFACES]:
        stages = model.reconstruct(
            model.apply(Plan().with_value(TOLERANCE, tolerance)), sample, Query(), "full", cancel
        )
        next(stages)
        start = time.perf_counter()
        next(stages)
        taken.append(time.perf_counter() - start)
    note = f"median of {len(taken)} networks, after their previews"
    middle = statistics.median(taken) * 1e3
    yield _row(f"surface of the network, {name}", middle, "ms", "at most 2000", note)
    model.close()


def removals(names: list[str], cancel: CancelToken) -> Iterator[Row]:
    """Error of removing as many neurons by each criterion, and what a smaller network saves.

    The tolerance is the least of `TOLERANCES` at which a fifth of the parameters goes.
    """
    for name in names:
        cancel.check()
        model = open_field(name, "", "cpu")
        pruner, total = model.pruner(), model.network.parameters_count
        sizes = {t: pruner.sizes(t) for t in TOLERANCES}
        tolerance = next(
            (t for t in TOLERANCES if pruner.parameters(sizes[t]) <= 0.8 * total), TOLERANCES[-1]
        )
        scorer = model.scorer(model.own)
        found = {"none": model.network}
        for criterion in ("id", "l1", "random"):
            found[criterion] = pruner.prune(sizes[tolerance], criterion)
        note = f"tolerance {tolerance:g}, layers {sizes[tolerance]}, against the {scorer.against}"
        for criterion, network in found.items():
            error = scorer.score(Slice(network, model.domain))["rel_l2"]
            yield _row(f"removal, {name}, {criterion}: relative L2 error", error, "", "", note)
        points = np.random.default_rng(1).random((EVALUATED, model.domain.dimension))
        for title, which in (("full", "none"), ("pruned", "id")):
            field = Slice(found[which], model.domain)
            took = _least(partial(field.values, points), 7)
            count = found[which].parameters_count
            yield _row(f"network, {name}, {title}: parameters", count, "", "", "")
            yield _row(
                f"network, {name}, {title}: {EVALUATED:,} points",
                took * 1e3,
                "ms",
                "",
                "least of 7",
            )
        model.close()


def rules_2d(name: str, report: Report, cancel: CancelToken) -> Iterator[Row]:
    """Degrees of freedom that each rule needs for an error, on the 2D benchmark."""
    model = open_field(name, "", "cpu")
    rows = compare_field(model, 0, name, report, cancel)
    curves = {
        rule: [(r["dofs"], r["rmse"]) for r in rows if r["rule"] == rule and r["best"]]
        for rule in ("uniform", "id", "interpolation", "hybrid", "gradient")
    }
    best = next(r for r in rows if r["rule"] == "id" and r["best"])
    for error in ERRORS_2D:
        found = {rule: dofs_at(curve, error) for rule, curve in curves.items()}
        for rule, dofs in found.items():
            yield _dofs(f"2D, dofs at RMSE {error:g}: {rule}", dofs, "")
        if error == 0.03:
            note = (
                f"decomposition with P = {best['proportion']:.3f}, tolerance "
                f"{best['tolerance']:g}, T = {PRUNED_ERROR:g}: the best tried"
            )
            ratio = found["uniform"] / found["id"]
            yield _row("2D, uniform / decomposition at 0.03", ratio, "x", "at least 7", note)
        ratio = found["hybrid"] / min(found["id"], found["interpolation"])
        yield _row(f"2D, hybrid / better of both at {error:g}", ratio, "x", "at most 1.1", "")
    model.close()


def rules_3d(name: str, report: Report, cancel: CancelToken) -> Iterator[Row]:
    """Degrees of freedom that each rule needs for a share of the value range, in 3D."""
    model = open_field(name, "", "cpu")
    yield from _shares(model, name, report, cancel)
    model.close()


def rules_volume(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> Iterator[Row]:
    """Fit a field to a volume of the user's and compare the rules on it."""
    from .training.training import train_job

    with tempfile.TemporaryDirectory() as folder:
        out = str(Path(folder) / "volume.safetensors")
        fitted = {"volume": options["volume"], "out": out, "minutes": options["minutes"]}
        (row,) = train_job(fitted, part_of(report, 0, 2), cancel)
        yield _row("volume: PSNR of the fit", row["psnr"], "dB", "", row["definitions"])
        model = open_field("", out, "cpu")
        yield from _shares(model, Path(options["volume"]).name, part_of(report, 1, 2), cancel)
        model.close()


def _shares(model: FieldModel, name: str, report: Report, cancel: CancelToken) -> Iterator[Row]:
    rows = compare_field(model, 0, name, report, cancel)
    for share in (0.1, 0.05):
        for rule in ("uniform", "id", "interpolation", "hybrid", "gradient"):
            mine = [r for r in rows if r["rule"] == rule and r["best"]]
            dofs = dofs_at([(r["dofs"], r["rmse_share"]) for r in mine], share)
            least = min(mine, key=lambda r: r["rmse_share"])
            note = (
                f"ends at {least['rmse_share']:.3f} with {least['dofs']:,} dofs, "
                f"{least['seconds']:.1f} s"
            )
            yield _dofs(f"{name}, dofs at RMSE {share:g} of range: {rule}", dofs, note)


def large_mesh(name: str, depth: int, report: Report, cancel: CancelToken) -> Iterator[Row]:
    """Size, memory and time of a deep mesh, and how soon it stops when told to."""
    import resource

    model = open_field(name, "", "cpu")
    field = Slice(model.network, model.domain)
    rule = RuleSpec(rule="interpolation", threshold=DEEP_ERROR)
    spec = MeshSpec(rule, depth=depth, cells=2_000_000)
    before = _resident() or resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    start = time.perf_counter()
    for mesh in Mesher(field, spec).rounds(cancel):
        cancel.check()
        report(Progress(0, 0, f"depth {depth}: {len(mesh.cells):,} cells"))
    took = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    grown = max(peak - before, 0) / 2**20
    share = 100 * len(mesh.cells) / 2 ** (depth * field.dimension)
    title = f"{name}, depth {depth}"
    note = f"{len(mesh.cells):,} cells, {mesh.dofs:,} dofs, ended by: {mesh.stopped}"
    yield _row(f"{title}: cells, share of the full grid", share, "%", "at most 5", note)
    yield _row(
        f"{title}: growth of resident memory", grown, "GiB", "below 2", "peak of the process"
    )
    yield _row(f"{title}: time", took, "s", "", f"interpolation rule, T = {DEEP_ERROR:g}")
    late = [_stopping(Mesher(field, spec), delay) * 1e3 for delay in STOPPED]
    cancel.check()
    note = f"the longest of {len(late)}, told {STOPPED[0]:g} to {STOPPED[-1]:g} s after the start"
    yield _row(f"{title}: from stop to the last mesh", max(late), "ms", "", note)
    model.close()


def _resident() -> int:
    """Resident memory now, in KiB; 0 where the system does not say."""
    status = Path("/proc/self/status")
    lines = status.read_text().splitlines() if status.is_file() else []
    return next((int(line.split()[1]) for line in lines if line.startswith("VmRSS:")), 0)


def _stopping(mesher: Mesher, delay: float) -> float:
    """Tell a mesher to stop `delay` seconds after its start; seconds until it ends."""
    token, told = CancelToken(), list[float]()

    def tell() -> None:
        told.append(time.perf_counter())
        token.cancel()

    timer = threading.Timer(delay, tell)
    timer.start()
    for _ in mesher.rounds(token):
        pass
    ended = time.perf_counter()
    timer.cancel()
    timer.join()
    return max(ended - told[0], 0.0) if told else 0.0


def _least(work: Callable[[], object], rounds: int) -> float:
    taken = []
    for _ in range(rounds):
        start = time.perf_counter()
        work()
        taken.append(time.perf_counter() - start)
    return min(taken)


def _row(measure: str, value: float | None, unit: str, limit: str, note: str) -> Row:
    return limited({"measure": measure, "value": value, "unit": unit, "note": note}, limit)


def _dofs(measure: str, value: float, note: str) -> Row:
    """Give a row of degrees of freedom, without a value where the error is not reached."""
    if value == float("inf"):
        return _row(measure, None, "dofs", "", f"not reached; {note}".rstrip("; "))
    return _row(measure, round(value), "dofs", "", note)
