"""Comparing the mesh rules: error against degrees of freedom, as rows and as a chart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.job_moments import moment_of_job
from prune3d_gui.core.jobs import Progress, Report, Row, Said, part_of
from prune3d_gui.core.moment import Moment
from prune3d_gui.files.charts import check_chart, write_chart

from .mesh.meshing import by_budget, trajectory
from .mesh.rules import Judge
from .mesh.specs import MeshSpec, RuleSpec
from .mesh_files import DEFINITIONS, first_cells
from .model import FieldModel
from .network.controls import POINTS, RULE, cell_tolerance_knob, depth_knob
from .network.domain import Slice
from .opening import open_field
from .shipped import SYSTEM, installed

CELLS = {2: 20_000, 3: 40_000}
"""Cells at which curves end, by dimension; the uniform one goes on for one level more."""
DECOMPOSED = {2: 6_000, 3: 9_000}
"""The same for the rules that decompose, which take about a millisecond for each cell."""
SWEEP = {
    "relu": ((1e-2, 3e-2), (1.0, 1.15, 1.5)),
    "sine": ((0.1,), (4.0, 6.0, 7.0, 8.0)),
}
"""Cell tolerances, and kept fractions P as multiples of the affine rank, that are tried by
activation; others as for "sine", where smaller multiples flag every cell."""
PRUNED_ERROR = 0.05
"""Threshold T of the decomposition, as a share of the value range."""
TARGET = 0.015
"""The best pair is that with the fewest dofs at an RMSE of this share of the value range."""
BAND = 0.05
"""Points whose value is so near to the iso value, as a share of the range, are at the surface."""
DRAWING = 0.2
"""The chart as a share of comparing one field."""
DEFINITION = "RMSE of mesh minus network, share of value range"


def compare(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Refine every field by every rule; write the chart where `out` says.

    Returns
    -------
    list of dict
        ``sample``, ``rule``, ``proportion`` and ``tolerance`` (of the decomposition, 0 for
        other rules), ``best`` (whether this pair is the best of those tried), ``limit`` (cells
        at which the rule was ended), ``cells``, ``points``, ``dofs``, ``rmse`` of the mesh
        against the network in units of the value with ``rmse_error``, ``rmse_share`` of the
        value range, ``surface_share`` (the same at the points whose value is within `BAND` of
        the range from the iso value), ``seconds``, and ``definitions`` of these.

    Raises
    ------
    BadInput
        If a field is unknown or the chart cannot be written.
    """
    out = str(options["out"])
    check_chart(out)
    names = [n.strip() for n in options["samples"].split(",") if n.strip()]
    names = names or [field.name for field in installed()]
    rows: list[Row] = []
    titles: dict[str, str] = {}
    for number, name in enumerate(names):
        model = open_field(name, "", component=options["component"])
        try:
            for notice in model.notices:
                report(Said(notice))
            own = part_of(report, number, len(names) + DRAWING)
            start = options["start_level"]
            rows += compare_field(model, options["cells"], name, own, cancel, start)
            titles[name] = title_of(model)
        finally:
            model.close()
    if out:
        about = {"fields": ", ".join(titles.values())}
        draw(rows, titles, out, moment_of_job(SYSTEM, "compare", options, about))
    return rows


def title_of(model: FieldModel) -> str:
    """Two lines over a field's panel: what it is, and its network."""
    moment = " at time 0" if model.domain.timed else ""
    title = next(s.title for s in model.samples() if s.id == model.own)
    return f"{title}{moment}\n{model.title.partition(': ')[2]}"


def compare_field(
    model: FieldModel,
    cells: int,
    name: str,
    report: Report,
    cancel: CancelToken,
    start: int = MeshSpec.base,
) -> list[Row]:
    """Refine one field by every rule.

    "uniform" is split whole, level by level; "gradient", "interpolation" and "surface" (towards
    the field's own iso value) split the worst cells first. "id" splits all cells it marks in
    each round, as PruningAMR does, with each pair of tolerance and P in `SWEEP` and
    T = `PRUNED_ERROR`; "hybrid" takes the best pair and splits the worst cells first. These two
    end at `DECOMPOSED` cells.

    Parameters
    ----------
    cells : int
        Cells at which curves end; 0 for `CELLS`.
    start : int
        Level at which refinement starts.
    """
    dimension, widths = model.domain.dimension, model.network.widths
    limit = cells or CELLS[dimension]
    deepest = int(depth_knob(model.domain).maximum)
    first = first_cells(start, deepest, model.domain)
    if cells and limit < first:
        raise BadInput(
            f"--cells {cells} cannot be met: a mesh begins with {first:,} cells at level {start}; "
            "give at least that many."
        )
    decomposed = min(limit, DECOMPOSED[dimension])
    if decomposed < first:
        raise BadInput(
            f"--start-level {start} begins with {first:,} cells, but decomposition and hybrid end "
            f"at {decomposed:,}; lower it."
        )
    usual = float(cell_tolerance_knob(model.network).default)
    judged = RuleSpec(tolerance=usual, iso=model.iso)
    base = MeshSpec(judged, base=start, depth=deepest)
    rank = Judge(Slice(model.network, model.domain), judged, widths).proportion
    tolerances, factors = SWEEP.get(model.network.activation, SWEEP["sine"])
    pairs = [(t, min(f * rank, 1.0)) for t in tolerances for f in factors]
    run = _Run(model, name, cancel)
    plain = ("gradient", "interpolation", "surface")
    steps = 1 + len(plain) + len(pairs) + 1
    report(Progress(0, steps, f"{name}: uniform"))
    rows = run.uniform(base, limit)
    for number, rule in enumerate(plain, 1):
        report(Progress(number, steps, f"{name}: {rule}"))
        rows += run.refined(by_budget(base, rule, limit))
    tried = []
    for number, (tolerance, share) in enumerate(pairs, 1 + len(plain)):
        report(Progress(number, steps, f"{name}: id, tolerance {tolerance:g}, P {share:.3f}"))
        rule = RuleSpec("id", PRUNED_ERROR, share, tolerance)
        tried += run.refined(replace(base, rule=rule, cells=decomposed))
    tolerance, share = best_pair(tried)
    report(Progress(steps - 1, steps, f"{name}: hybrid"))
    rule = replace(judged, proportion=share, tolerance=tolerance)
    hybrid = run.refined(by_budget(replace(base, rule=rule), "hybrid", decomposed))
    best = tolerance, share
    tried = [row | {"best": (row["tolerance"], row["proportion"]) == best} for row in tried]
    return rows + tried + hybrid


class _Run:
    """Refines one field in several ways and measures each at the same points."""

    def __init__(self, model: FieldModel, name: str, cancel: CancelToken) -> None:
        self._field = Slice(model.network, model.domain)
        self._widths, self._name, self._cancel = model.network.widths, name, cancel
        self._points = model.scorer(model.own).points
        self._wanted = self._field.values(self._points)
        self._near = np.abs(self._wanted - model.iso) <= BAND * model.domain.span

    def refined(self, spec: MeshSpec) -> list[Row]:
        """Rows of the meshes on the way to what `spec` asks for."""
        found = trajectory(
            self._field, spec, self._widths, self._points, self._wanted, self._cancel, self._near
        )
        rows = {int(facts["dofs"]): self._row(spec, facts) for facts in found}
        return list(rows.values())

    def uniform(self, base: MeshSpec, limit: int) -> list[Row]:
        """Rows of whole levels, up to one beyond `limit` cells."""
        rows: list[Row] = []
        level, dimension = base.base, self._field.dimension
        while not rows or rows[-1]["cells"] <= limit:
            rule = replace(base.rule, rule="uniform")
            rows += self.refined(replace(base, rule=rule, base=level, depth=level))[:1]
            rows[-1]["limit"] = 2 ** (dimension * level)
            level += 1
        return rows

    def _row(self, spec: MeshSpec, facts: Mapping[str, float]) -> Row:
        domain, rule = self._field.domain, spec.rule
        decomposes = rule.rule in ("id", "hybrid")
        return {
            "sample": self._name,
            "rule": rule.rule,
            "proportion": rule.proportion if decomposes else 0.0,
            "tolerance": rule.tolerance if decomposes else 0.0,
            "best": True,
            "limit": spec.cells,
            "cells": int(facts["cells"]),
            "points": int(facts["points"]),
            "dofs": int(facts["dofs"]),
            "rmse": facts["rmse"],
            "rmse_error": facts["rmse_error"],
            "rmse_share": facts["rmse"] / (domain.high - domain.low),
            "surface_share": facts["near_rmse"] / (domain.high - domain.low),
            "seconds": facts["seconds"],
            "definitions": DEFINITIONS,
        }


def best_pair(rows: list[Row]) -> tuple[float, float]:
    """Tolerance and P of the curve with the fewest dofs at `TARGET`.

    Where fewer than half of the curves reach that error, the median of their least errors is
    taken in its place.
    """
    curves: dict[tuple[float, float], list[tuple[float, float]]] = {}
    for row in rows:
        curve = curves.setdefault((row["tolerance"], row["proportion"]), [])
        curve.append((row["dofs"], row["rmse_share"]))
    least = {pair: min(error for _, error in curve) for pair, curve in curves.items()}
    target = max(TARGET, float(np.median(list(least.values()))))
    return min(curves, key=lambda pair: (dofs_at(curves[pair], target), least[pair]))


def dofs_at(curve: list[tuple[float, float]], error: float) -> float:
    """Degrees of freedom at which a curve first has an error; infinite where it has not.

    Between two points of the curve both numbers are taken to be linear in their logarithms.
    """
    before: tuple[float, float] | None = None
    for dofs, found in curve:
        if found <= error:
            if before is None or before[1] <= found:
                return dofs
            share = np.log(before[1] / error) / np.log(before[1] / found)
            return float(before[0] * (dofs / before[0]) ** share)
        before = dofs, found
    return float("inf")


def draw(
    rows: list[Row], titles: Mapping[str, str], out: str, moment: Moment | None = None
) -> None:
    """Write the chart: one panel for each field, one line for each rule."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    lines = -(-len(titles) // 3)
    columns = -(-len(titles) // lines)
    figure = Figure(figsize=(5.0 * columns, 4.7 * lines + 0.2), layout="constrained")
    FigureCanvasAgg(figure)
    grid = figure.subplots(lines, columns, squeeze=False)
    axes = list(grid.flat)[: len(titles)]
    for axis in list(grid.flat)[len(titles) :]:
        axis.set_visible(False)
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        for rule, (colour, marker, line, size, width) in _STYLES.items():
            mine = [r for r in rows if r["sample"] == name and r["rule"] == rule and r["best"]]
            if not mine:
                continue
            label = RULE_TITLES[rule]
            if rule == "id":
                label += f" (P = {mine[0]['proportion']:.2f}, tol. {mine[0]['tolerance']:g})"
            axis.loglog(
                [r["dofs"] for r in mine], [r["rmse_share"] for r in mine], line, label=label,
                color=colour, marker=marker, ms=size, mec="white", mew=0.6, lw=width,
            )  # fmt: skip
        axis.set_title(title, fontsize=11)
        axis.set_xlabel("Degrees of freedom", fontsize=11)
        axis.yaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)))
        axis.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
        axis.yaxis.set_minor_formatter(NullFormatter())
        axis.tick_params(labelsize=10)
        axis.grid(True, which="major", color="0.9", lw=0.8)
        axis.set_axisbelow(True)
        axis.spines[["top", "right"]].set_visible(False)
        axis.legend(fontsize=9, frameon=False, loc="lower left")
    for line in grid:
        line[0].set_ylabel(DEFINITION, fontsize=11)
    note = (
        f"RMSE at {POINTS:,} uniform points of the box, seed 0.\n"
        f"Decomposition and hybrid end at {DECOMPOSED[2]:,} cells in 2D, {DECOMPOSED[3]:,} in 3D."
    )
    figure.supxlabel(note, fontsize=9, color="0.35")
    write_chart(figure, out, moment)


RULE_TITLES = {choice.id: choice.title for choice in RULE.choices}
_STYLES = {
    "uniform": ("0.5", "s", "--", 5, 1.6),
    "gradient": ("#cc79a7", "^", "-", 5, 1.6),
    "id": ("#d55e00", "D", "-", 5, 1.6),
    "surface": ("#e69f00", "P", "-", 5, 1.6),
    "interpolation": ("#009e73", "o", "-", 7, 3.0),
    "hybrid": ("#0072b2", "v", "-", 4, 1.2),
}
"""Colour, marker, line, size of the marker and width of the line; hybrid lies on interpolation."""
