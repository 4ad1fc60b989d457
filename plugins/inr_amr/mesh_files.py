"""Meshing without a window: by rule, to a number of cells or an error, into a file."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.job_moments import moment_of_job
from prune3d_gui.core.jobs import Progress, Report, Row, Said, part_of
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.scene.scenes import Grid
from prune3d_gui.files.grids import GRID_SUFFIXES, write_grid
from prune3d_gui.files.meshes import SUFFIXES as SURFACES
from prune3d_gui.files.meshes import write_mesh
from prune3d_gui.files.paths import check_target
from prune3d_gui.files.stamps import texts
from prune3d_gui.geometry.contours import contour_grid

from .mesh.deviation import Deviation
from .mesh.interpolant import AdaptiveMesh
from .mesh.mesher import Mesher
from .mesh.meshing import BULK, mesh_bytes
from .mesh.rules import Judge
from .mesh.specs import MeshSpec, RuleSpec
from .model import FieldModel
from .network.controls import (
    POINTS,
    RULE,
    TIME,
    TOLERANCE,
    cell_tolerance_knob,
    depth_knob,
)
from .network.domain import Domain, Slice
from .opening import open_field
from .shipped import SYSTEM

FINE = 0.1
"""Share of the candidates that a round splits on the way to an error, so that few are too many."""
CELLS = 2_000_000
"""Cells at which a mesh ends that nothing else ends."""
MESHING = 0.8
"""Share of the work that is meshing; measuring and writing is the rest."""
DEFINITIONS = (
    "points are all corners of cells, as MFEM counts them; dofs are those that do not hang on a "
    "larger neighbour, whose values are free; rmse is of mesh minus network at "
    f"{POINTS:,} uniform points of seed 0, and rmse_error its standard error: by about so much "
    "it differs with other points"
)


def mesh_rows(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Mesh one field by each rule asked for and write what `out` says.

    Returns
    -------
    list of dict
        ``rule``, ``cells``, ``points``, ``dofs`` (both in `DEFINITIONS`), ``rmse`` (mesh minus
        this network, in units of the value), ``rmse_error``, ``rel_l2`` (mesh against the
        reference, or against the unpruned network where there is none), ``seconds``, ``params``,
        ``bytes`` (4 for each degree of freedom and a bit for each node of the tree),
        ``against``, ``bad`` (cells in which the field is no number; errors are of the points
        where it is one), ``stopped``, ``definitions``, and the file with its size.

    Raises
    ------
    BadInput
        If an option does not fit, or the cells or the error asked for cannot be had.
    Cancelled
        If it is stopped; nothing is written then.
    """
    rules = _rules(options["rule"])
    _check_out(options["out"], rules)
    model = open_field(
        options["sample"], options["weights"], options["device"], options["component"]
    )
    try:
        _check_model(model, options)
        for notice in model.notices:
            report(Said(notice))
        return [
            _row(model, rule, options, part_of(report, number, len(rules)), cancel)
            for number, rule in enumerate(rules)
        ]
    finally:
        model.close()


def spec_of(model: FieldModel, rule: str, options: Mapping[str, Any]) -> MeshSpec:
    """What the options ask of the mesh; ranges are those of the window's knobs.

    Raises
    ------
    BadInput
        If a value is out of range, or fewer cells are asked for than a mesh begins with.
    """
    domain = model.domain
    knob = cell_tolerance_knob(model.network)
    depth = depth_knob(domain)
    judged = RuleSpec(
        rule=rule,
        threshold=options["threshold"],
        proportion=options["proportion"],
        tolerance=float(
            knob.default if options["cell_tolerance"] is None else options["cell_tolerance"]
        ),
        iso=model.iso if options["iso"] is None else options["iso"],
    )
    knob.check(judged.tolerance)
    deepest = int(depth.maximum if options["depth"] is None else depth.check(options["depth"]))
    first = first_cells(options["start_level"], deepest, domain)
    spec = MeshSpec(
        judged,
        base=options["start_level"],
        cells=CELLS,
        depth=deepest,
        balance=options["balance"],
    )
    if options["cells"] is None and first > CELLS:
        raise BadInput(
            f"--start-level {spec.base} begins with {first:,} cells, more than the {CELLS:,} at "
            "which a mesh ends; lower it, or allow more with --cells."
        )
    if options["cells"] is not None:
        if options["cells"] < first:
            raise BadInput(
                f"--cells {options['cells']} cannot be met: a mesh begins with {first:,} cells at "
                f"level {spec.base}; give at least that many, or a lower --start-level."
            )
        if rule == "uniform":
            return replace(spec, depth=min(_level(options["cells"], domain.dimension), spec.depth))
        return replace(spec, cells=options["cells"], bulk=BULK, ignore_threshold=True)
    if options["error"] is not None:
        if not options["error"] > 0:
            raise BadInput(f"--error {options['error']:g} cannot be met; give a number above 0.")
        return replace(spec, bulk=1.0 if rule == "uniform" else FINE, ignore_threshold=True)
    if rule == "uniform" and options["depth"] is None:
        raise BadInput(
            "The rule 'uniform' has no end of its own; give --cells, --error or --depth."
        )
    return spec


def first_cells(level: int, deepest: int, domain: Domain) -> int:
    """Count the cells of the uniform mesh at which refinement starts.

    Raises
    ------
    BadInput
        If there is no such level.
    """
    if not 0 <= level <= deepest:
        raise BadInput(
            f"--start-level {level} is out of range; take 0 to {deepest}, the deepest level."
        )
    return 2 ** (level * domain.dimension)


def _row(
    model: FieldModel, rule: str, options: Mapping[str, Any], report: Report, cancel: CancelToken
) -> Row:
    spec = spec_of(model, rule, options)
    plan = Plan()
    if options["tolerance"] is not None:
        plan = plan.with_value(TOLERANCE, options["tolerance"])
    network = model.apply(plan).token.network
    field = Slice(network, model.domain, options["time"])
    scorer = model.scorer(model.own)
    points, wanted = scorer.points, field.values(scorer.points)
    goal, error, wished = options["error"], np.nan, options["cells"]
    start = time.perf_counter()
    judge = Judge(field, spec.rule, model.network.widths)
    for mesh in Mesher(field, spec, judge=judge).rounds(cancel):
        cancel.check()
        share = MESHING * min(len(mesh.cells) / wished, 1.0) if wished else 0.0
        report(Progress(share, 1.0, f"{rule}: {len(mesh.cells)} cells"))
        whole = rule != "uniform" or np.ptp(mesh.tree.levels) == 0
        if goal is not None and whole:
            error = mesh.rmse(field, wanted=wanted)
            if error <= goal:
                break
    seconds = time.perf_counter() - start
    report(Progress(MESHING, 1.0, f"{rule}: measuring and writing"))
    if goal is not None and not error <= goal:
        raise BadInput(
            f"--error {goal:g} cannot be met: rule {rule!r} ends at an RMSE of {error:.3g} with "
            f"{len(mesh.cells):,} cells ({mesh.stopped}); give a larger error or more depth."
        )
    truth = scorer.wanted(points, field.time).astype(np.float64)
    found = mesh.interpolate(points).astype(np.float64)
    wrong, own = found - truth, found - wanted
    known = np.isfinite(wrong)
    row: Row = {
        "rule": rule,
        "cells": len(mesh.cells),
        "points": mesh.points,
        "dofs": mesh.dofs,
        **Deviation.of(own[np.isfinite(own)]).columns(),
        "rel_l2": _ratio(wrong[known], truth[known]),
        "seconds": seconds,
        "params": network.parameters_count,
        "bytes": mesh_bytes(mesh),
        "against": scorer.against,
        "bad": int(np.count_nonzero(mesh.facts["bad"])),
        "stopped": mesh.stopped or "error reached",
        "definitions": DEFINITIONS,
    }
    if options["out"]:
        row["out"] = write_result(options["out"], mesh, model, options, row)
        row["file_bytes"] = Path(options["out"]).stat().st_size
    return row


def write_result(
    out: str, mesh: AdaptiveMesh, model: FieldModel, options: Mapping[str, Any], row: Row
) -> str:
    """Write the mesh, or its isosurface, as the ending of `out` says."""
    grid: Grid = mesh.grid(model.domain)
    told = ("rule", "cells", "dofs", "rmse", "rmse_error", "rel_l2")
    numbers = {name: str(row[name]) for name in told}
    moment = moment_of_job(
        SYSTEM,
        "mesh",
        options,
        {"data": model.note, "device": model.device} | numbers,
        model=model.title,
        weights=Path(options["weights"]).name,
        weights_hash=model.weights_hash,
    )
    if Path(out).suffix.lower() in GRID_SUFFIXES:
        write_grid(out, grid, texts(moment) | numbers)
        return out
    iso = model.iso if options["iso"] is None else options["iso"]
    surface = contour_grid(grid, iso)
    if not len(surface.faces):
        low, high = np.nanmin(mesh.values), np.nanmax(mesh.values)
        raise BadInput(
            f"--iso {iso:g} meets the field nowhere; give a value from {low:.4g} to {high:.4g}."
        )
    write_mesh(out, surface, moment)
    return out


def _rules(text: str) -> tuple[str, ...]:
    return tuple(str(RULE.check(part.strip())) for part in text.split(","))


def _check_out(out: str, rules: tuple[str, ...]) -> None:
    if not out:
        return
    known = (*GRID_SUFFIXES, *SURFACES)
    if Path(out).suffix.lower() not in known:
        raise BadInput(f"'{out}' has no ending that is known here; take {' or '.join(known)}.")
    check_target(out)
    if len(rules) > 1:
        raise BadInput(f"--out {out!r} takes one mesh; name one rule, not {','.join(rules)}.")


def _check_model(model: FieldModel, options: Mapping[str, Any]) -> None:
    out, time = options["out"], TIME.check(options["time"])
    if time and not model.domain.timed:
        raise BadInput(f"--time {time:g} does not fit: this field has no time; leave it out.")
    surface = Path(out).suffix.lower() in SURFACES
    if out and surface and model.domain.dimension == 2:
        raise BadInput(f"'{out}' takes a surface; a field in 2D goes into .vtu, .vtkhdf or .htg.")


def _level(cells: int, dimension: int) -> int:
    """Deepest level that has no more than so many cells."""
    return (cells.bit_length() - 1) // dimension


def _ratio(wrong: np.ndarray, truth: np.ndarray) -> float:
    norm = np.linalg.norm(truth)
    return float(np.linalg.norm(wrong) / norm) if norm else float("nan")
