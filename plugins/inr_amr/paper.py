"""Error against size on the authors' network in 2D, by the rules as they have them.

Zvonek & Gillette, *PruningAMR*, arXiv:2512.02967, 2025. The numbers beside ours are those of a
separate implementation of the paper's method that was run on the authors' checkpoint; what the
paper printed was not at hand.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Progress, Row
from prune3d_gui.core.model import Model

from .data.fields import GENERATORS
from .mesh.cells import sample_points
from .mesh.deviation import Deviation
from .mesh.interpolant import AdaptiveMesh
from .mesh.mesher import Mesher
from .mesh.rules import Judge
from .mesh.specs import MeshSpec, RuleSpec
from .model import FieldModel
from .network.controls import POINTS
from .network.domain import Slice

if TYPE_CHECKING:
    from .mesh.cells import Cells
    from .mesh.judgements import Findings

AUTHORS = "ca37d55d44de65a119cc18f0e87bfa998166cc8504c51adee066b83697f0b870"
"""`field_hash` of the authors' network for the oscillation, 2-32-32-32-32-1 with ReLU."""
START = 4
"""Level at which the authors' adaptive meshes start: 4 x 4 cells, uniformly refined twice."""
BASIC_ERROR = 1e-2
"""T of BasicAMR, of a mean relative error."""
KEPT, CELL_TOLERANCE, PRUNED_ERROR, SHIFT = 0.12, 1e-3, 1e-3, 5.0
"""P, tolerance and T of the decomposition, and what its error adds to both values it compares."""
REFERENCE = {
    "uniform": {
        3: (81, 0.1343), 4: (289, 0.0903), 5: (1_089, 0.0617),
        6: (4_225, 0.0296), 7: (16_641, 0.0126), 8: (66_049, 0.0040),
    },
    "BasicAMR": {
        5: (415, 0.0618), 6: (732, 0.0297), 7: (1_493, 0.0129), 8: (2_870, 0.0048),
        9: (5_130, 0.0030),
    },
    "ID": {6: (556, 0.0298), 7: (827, 0.0164), 8: (1_078, 0.0155)},
}  # fmt: skip
"""Corners and RMSE of the reference implementation, by rule and finest level."""

NOTES = (
    "reference_points and reference_rmse: a separate implementation of the method, run on the "
    "authors' checkpoint; the numbers printed in the paper were not at hand. The released code "
    "gives none to compare with: it does not import as it is, refines nothing in 2D by default, "
    "and its RMSE is about twice the true one even on uniform grids.",
    "points: all corners, hanging ones included, as the reference (and MFEM) counts them; dofs: "
    "corners that do not hang on a larger neighbour, which is what this program calls degrees of "
    "freedom.",
    f"BasicAMR and ID start at {2**START} cells per side (--start-level {START}: 4 x 4 cells, "
    "uniformly refined twice); a row is one round of refinement, finest its deepest level. By "
    "default this program starts at 4 cells per side.",
    f"rmse_error: standard error of rmse, which is taken at {POINTS:,} uniform points, seed 0; "
    "the reference drew other points.",
    f"BasicAMR splits where the mean of |f - mesh| / |f| at 128 points of a cell is above "
    f"{BASIC_ERROR:g}; the rule 'interpolation' of this program takes the root mean square as a "
    "share of the value range.",
    f"ID splits where more than {KEPT:g} of the neurons are kept at tolerance {CELL_TOLERANCE:g}, "
    f"or the pruned network is off by more than {PRUNED_ERROR:g}. The reference divides that error "
    f"by the value plus {SHIFT:g}; here it is {PRUNED_ERROR * SHIFT:g} in units of the value.",
    "Both look at the same points in every cell, scaled; the reference draws fresh ones for each.",
)


def experiments() -> tuple[Experiment, ...]:
    """Give the one table that can be made again."""
    title = "corners against RMSE on the authors' network in 2D (our numbering)"
    return (Experiment("table", "1", title, (), axis="finest", notes=NOTES, measure=measure),)


def measure(
    model: Model, report: Callable[[Progress], None], cancel: CancelToken
) -> tuple[list[Row], tuple[str, ...]]:
    """Mesh a field by the authors' rules, and stand its size and error beside the reference's.

    Returns
    -------
    rows : list of dict
        ``rule``, ``finest`` level, ``cells``, ``points``, ``reference_points``, ``dofs``,
        ``rmse``, ``rmse_error``, ``reference_rmse``; None where refinement ended before.
    said : tuple of str
        Whose network it is, and how near the rows come.

    Raises
    ------
    BadInput
        If it is no field, or has other than two coordinates.
    """
    if not isinstance(model, FieldModel):
        raise BadInput(f"Table 1 is of a field, and {model.title!r} is none; open a field.")
    domain = GENERATORS["oscillation"].domain
    if model.network.inputs != domain.dimension:
        raise BadInput(
            f"Table 1 is of a field of two coordinates, and {model.title.partition(':')[0]!r} has "
            f"{model.network.inputs}; give the authors' checkpoint with --weights FILE, or take "
            "another network for the same function with --sample oscillation."
        )
    field = Slice(model.network, domain)
    points = sample_points(domain.dimension, POINTS, 0)
    wanted, rows = field.values(points), []
    for number, (rule, known) in enumerate(REFERENCE.items()):
        report(Progress(number, len(REFERENCE), rule))
        meshes = _MESHES[rule](field, cancel)
        rows += [
            _row(rule, level, meshes.get(level), *known[level], points, wanted) for level in known
        ]
    own = model.weights_hash == AUTHORS
    said = _nearness(rows) if own else (NOT_AUTHORS,)
    if (model.domain.lower, model.domain.upper) != (domain.lower, domain.upper):
        said += (BOX.format(lower=model.domain.lower, upper=model.domain.upper),)
    return rows, said


NOT_AUTHORS = (
    "This is not the authors' network, so its errors need not agree with the reference's; give "
    "their checkpoint with --weights FILE."
)
BOX = (
    "The meshes are of the unit square, as the authors', and not of the box from {lower} to "
    "{upper} with which the field was opened."
)


def _uniform(field: Slice, cancel: CancelToken) -> dict[int, AdaptiveMesh]:
    rule = RuleSpec("uniform")
    specs = (MeshSpec(rule, base=level, depth=level) for level in REFERENCE["uniform"])
    return {spec.depth: next(Mesher(field, spec).rounds(cancel)) for spec in specs}


def _basic(field: Slice, cancel: CancelToken) -> dict[int, AdaptiveMesh]:
    rule = RuleSpec("interpolation", BASIC_ERROR)
    return _rounds(field, rule, RelativeJudge(field, rule), max(REFERENCE["BasicAMR"]), cancel)


def _decomposed(field: Slice, cancel: CancelToken) -> dict[int, AdaptiveMesh]:
    share = PRUNED_ERROR * SHIFT / (field.domain.high - field.domain.low)
    rule = RuleSpec("id", share, KEPT, CELL_TOLERANCE)
    return _rounds(field, rule, Judge(field, rule), max(REFERENCE["ID"]), cancel)


_MESHES = {"uniform": _uniform, "BasicAMR": _basic, "ID": _decomposed}


def _rounds(
    field: Slice, rule: RuleSpec, judge: Judge, depth: int, cancel: CancelToken
) -> dict[int, AdaptiveMesh]:
    """Refine, and give the mesh after each round by its finest level.

    Only what is new is judged, so every round goes one level deeper.
    """
    meshes = Mesher(field, MeshSpec(rule, base=START, depth=depth), judge=judge).rounds(cancel)
    found = {int(mesh.tree.levels.max()): mesh for mesh in meshes}
    cancel.check()
    return found


class RelativeJudge(Judge):
    """Judges by BasicAMR's error: the mean of ``|f - mesh| / |f|``, of rule "interpolation"."""

    def _note_interpolation(
        self, cells: Cells, part: np.ndarray, values: np.ndarray, found: Findings
    ) -> None:
        with np.errstate(invalid="ignore", divide="ignore"):
            wrong = np.abs(values - cells.corners[part].astype(float) @ self._shares)
            share = np.divide(wrong, np.abs(values), out=np.zeros_like(wrong), where=wrong != 0)
        found.interpolation_error[part] = share.mean(axis=1)
        found.mark(part, wrong.sum(axis=1))


def _row(
    rule: str,
    level: int,
    mesh: AdaptiveMesh | None,
    corners: int,
    rmse: float,
    points: np.ndarray,
    wanted: np.ndarray,
) -> Row:
    ours: Row = dict.fromkeys(("cells", "points", "dofs", "rmse", "rmse_error"))
    if mesh is not None:
        counts = {"cells": len(mesh.cells), "points": mesh.points, "dofs": mesh.dofs}
        wrong = mesh.interpolate(points).astype(np.float64) - wanted
        ours |= counts | Deviation.of(wrong).columns()
    return {
        "rule": rule,
        "finest": level,
        "cells": ours["cells"],
        "points": ours["points"],
        "reference_points": corners,
        "dofs": ours["dofs"],
        "rmse": ours["rmse"],
        "rmse_error": ours["rmse_error"],
        "reference_rmse": rmse,
    }


def _nearness(rows: list[Row]) -> tuple[str, ...]:
    """Say by rule how far corners and errors lie from the reference's at most."""
    said = []
    for rule in REFERENCE:
        mine = [row for row in rows if row["rule"] == rule and row["points"] is not None]
        corners, error = (
            max(abs(row[name] / row[f"reference_{name}"] - 1) for row in mine)
            for name in ("points", "rmse")
        )
        known = max(row["rmse_error"] / row["rmse"] for row in mine)
        said.append(
            f"{rule}: corners within {100 * corners:.1f} % of the reference's, RMSE within "
            f"{100 * error:.1f} %, which itself is known to {100 * known:.1f} % or better."
        )
    return tuple(said)
