"""Comparing the mesh rules: error against degrees of freedom, as rows and as a chart."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Row

from .controls import RULE, cell_tolerance_knob, depth_knob
from .domain import Slice
from .mesh_files import open_field
from .mesher import MeshSpec
from .meshing import by_budget, trajectory
from .model import FieldModel
from .rules import Judge, RuleSpec
from .shipped import installed

Report = Callable[[Progress], None]
CELLS = {2: 20_000, 3: 30_000}
FACTORS = (0.75, 1.0, 1.25, 1.5, 2.0, 3.0)
"""Kept fractions P that are tried, as multiples of the affine rank."""
TARGET = 0.015
"""The best P is that with the fewest dofs at an RMSE of this share of the value range."""


def compare(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Refine every field by every rule; write the chart where `out` says.

    Returns
    -------
    list of dict
        ``sample``, ``rule``, ``proportion`` (of the decomposition), ``best`` (whether this P
        is the best of those tried), ``cells``, ``dofs``, ``rmse`` of the mesh against the
        network in units of the value, ``rmse_share`` of the value range, ``seconds``.

    Raises
    ------
    BadInput
        If a field is unknown or the chart cannot be written.
    """
    out = str(options["out"])
    if out and Path(out).suffix.lower() not in (".png", ".svg"):
        raise BadInput(f"'{out}' has no ending that is known here; take .png or .svg.")
    names = [n.strip() for n in options["samples"].split(",") if n.strip()]
    names = names or [field.name for field in installed()]
    rows: list[Row] = []
    titles: dict[str, str] = {}
    for name in names:
        known = name in {field.name for field in installed()}
        model = open_field(name if known else "", "" if known else name)
        try:
            rows += compare_field(model, options["cells"], name, report, cancel)
            titles[name] = f"{model.own.capitalize()}\n{model.title.partition(': ')[2]}"
        finally:
            model.close()
    if out:
        draw(rows, titles, out)
    return rows


def compare_field(
    model: FieldModel, cells: int, name: str, report: Report, cancel: CancelToken
) -> list[Row]:
    """Refine one field by every rule; the decomposition with several kept fractions P."""
    domain = model.domain
    field = Slice(model.network, domain, 0.0)
    points = model.scorer(model.own).points
    wanted = field.values(points)
    widths = model.network.widths
    judged = RuleSpec(tolerance=cell_tolerance_knob(model.network).default)
    base = MeshSpec(judged, depth=depth_knob(domain).maximum)
    limit = cells or CELLS[domain.dimension]
    span = domain.high - domain.low
    rank = Judge(field, judged, widths).proportion
    specs = [(choice.id, 0.0, by_budget(base, choice.id, limit)) for choice in RULE.choices]
    specs = [entry for entry in specs if entry[0] != "id"]
    for factor in FACTORS:
        share = min(factor * rank, 1.0)
        rule = replace(judged, rule="id", proportion=share, threshold=1.0)
        specs.append(("id", share, replace(base, rule=rule, cells=limit)))
    rows: list[Row] = []
    for number, (rule, share, spec) in enumerate(specs):
        report(Progress(number, len(specs), f"{name}: {rule}"))
        for facts in trajectory(field, spec, widths, points, wanted, cancel):
            rows.append(
                {
                    "sample": name,
                    "rule": rule,
                    "proportion": share,
                    "best": True,
                    "cells": int(facts["cells"]),
                    "dofs": int(facts["dofs"]),
                    "rmse": facts["rmse"],
                    "rmse_share": facts["rmse"] / span,
                    "seconds": facts["seconds"],
                }
            )
    best = best_proportion(rows)
    return [row | {"best": row["rule"] != "id" or row["proportion"] == best} for row in rows]


def best_proportion(rows: list[Row]) -> float:
    """Kept fraction P that reaches `TARGET` with the fewest dofs, or comes nearest to it."""

    def cost(share: float) -> tuple[float, float]:
        mine = [r for r in rows if r["rule"] == "id" and r["proportion"] == share]
        there = dofs_at([(r["dofs"], r["rmse_share"]) for r in mine], TARGET)
        return there, min(r["rmse_share"] for r in mine)

    return min({r["proportion"] for r in rows if r["rule"] == "id"}, key=cost)


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


def draw(rows: list[Row], titles: Mapping[str, str], out: str) -> None:
    """Write the chart: one panel for each field, one line for each rule."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    from prune3d_gui.files.atomic import writing

    figure = Figure(figsize=(4.2 * len(titles), 4.4), layout="constrained")
    FigureCanvasAgg(figure)
    axes = figure.subplots(1, len(titles), squeeze=False)[0]
    for axis, (name, title) in zip(axes, titles.items(), strict=True):
        for choice in RULE.choices:
            mine = [r for r in rows if r["sample"] == name and r["rule"] == choice.id and r["best"]]
            label = choice.title
            if choice.id == "id":
                label += f", P = {mine[0]['proportion']:.2f}"
            dofs, errors = [r["dofs"] for r in mine], [r["rmse_share"] for r in mine]
            style = {"uniform": ("0.55", "s", "--")}.get(choice.id)
            colour, marker, line = style or (_COLOURS[choice.id], "o", "-")
            axis.loglog(dofs, errors, line, color=colour, marker=marker, ms=3, lw=1.4, label=label)
        axis.set_title(title, fontsize=9)
        axis.set_xlabel("degrees of freedom")
        axis.grid(True, which="major", alpha=0.25)
        axis.legend(fontsize=7.5, frameon=False)
    axes[0].set_ylabel("RMSE of mesh against network (share of value range)")
    with writing(out) as temporary:
        figure.savefig(temporary, dpi=150, format=Path(out).suffix[1:])


_COLOURS = {"hybrid": "#0072b2", "id": "#d55e00", "interpolation": "#009e73", "gradient": "#cc79a7"}
