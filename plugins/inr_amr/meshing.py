"""Meshes of fields as the model needs them: from queries, kept, counted and explained."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.knobs import Knob
from prune3d_gui.core.plans import Query
from prune3d_gui.core.scenes import Grid
from prune3d_gui.core.scores import Curve

from .controls import RULE
from .domain import Domain, Slice
from .interpolant import AdaptiveMesh
from .mesher import Mesher, MeshSpec
from .rules import Judge, RuleSpec

MESHES_KEPT = 24
QUICK_CELLS = {2: 1_500, 3: 2_500}
"""Cells of a mesh that must follow a hand."""
COMPARED_CELLS = {2: 6_000, 3: 12_000}
"""Cells at which the curves of the comparison end."""
GROWTH = 1.15
"""Factor between the sizes of meshes that a curve has points for."""
BULK = 0.3
"""Share of the candidates that a round of refining by budget splits, worst first."""


class MeshCache:
    """Adaptive meshes of one field and its pruned forms, the newest kept.

    Parameters
    ----------
    domain : Domain
    widths : tuple of int
        Hidden widths of the unpruned network: kept fractions refer to them.
    """

    def __init__(self, domain: Domain, widths: tuple[int, ...]) -> None:
        self._domain, self._widths = domain, widths
        self._meshes: OrderedDict[tuple, tuple[Slice, AdaptiveMesh]] = OrderedDict()
        self._shown: OrderedDict[int, tuple[Grid, Slice, MeshSpec, AdaptiveMesh]] = OrderedDict()
        self._facts: OrderedDict[int, tuple[AdaptiveMesh, dict[str, float]]] = OrderedDict()

    def spec(self, query: Query, knobs: Mapping[str, Knob]) -> MeshSpec:
        """What a query asks of the mesh."""
        value = {name: query.value(knob) for name, knob in knobs.items()}
        rule = RuleSpec(
            rule=value["rule"],
            threshold=value["threshold"],
            proportion=value["proportion"],
            tolerance=value["cell_tolerance"],
        )
        return MeshSpec(rule, depth=value["depth"], cells=value["cells"], balance=value["balance"])

    def kept(self, field: Slice, spec: MeshSpec) -> AdaptiveMesh | None:
        """The finished mesh, if it was made before."""
        found = self._meshes.get(_key(field, spec))
        return found and found[1]

    def rounds(self, field: Slice, spec: MeshSpec, cancel: CancelToken) -> Iterator[AdaptiveMesh]:
        """Refine round by round and keep the last mesh; a mesh made before comes at once.

        With time, the mesh of the nearest moment of the same network is where it starts.
        """
        key = _key(field, spec)
        if key not in self._meshes:
            start = self._nearest(field, spec)
            mesh = None
            for mesh in self.mesher(field, spec, start).rounds(cancel):
                yield mesh
            cancel.check()
            self._meshes[key] = field, mesh
            if len(self._meshes) > MESHES_KEPT:
                self._meshes.popitem(last=False)
            return
        self._meshes.move_to_end(key)
        yield self._meshes[key][1]

    def quick(self, field: Slice, spec: MeshSpec, cancel: CancelToken) -> AdaptiveMesh:
        """A mesh of few cells."""
        limit = min(spec.cells, QUICK_CELLS[field.dimension])
        *_, mesh = self.mesher(field, replace(spec, cells=limit)).rounds(cancel)
        cancel.check()
        return mesh

    def mesher(self, field: Slice, spec: MeshSpec, start: AdaptiveMesh | None = None) -> Mesher:
        """What makes the mesh of a field by a spec."""
        return Mesher(field, spec, start, judge=Judge(field, spec.rule, self._widths))

    def remember(self, grid: Grid, field: Slice, spec: MeshSpec, mesh: AdaptiveMesh) -> None:
        """Note which mesh a scene's grid was made from."""
        self._shown[id(grid)] = grid, field, spec, mesh
        if len(self._shown) > MESHES_KEPT:
            self._shown.popitem(last=False)

    def mesh_of(self, grid: Grid | None) -> AdaptiveMesh | None:
        """The mesh that a scene's grid was made from, if it is among the last."""
        found = self._shown.get(id(grid))
        return found[3] if found and found[0] is grid else None

    def facts(self, mesh: AdaptiveMesh, field: Slice, points: np.ndarray) -> dict[str, float]:
        """Cells, degrees of freedom, bytes, and the error of the mesh at `points`."""
        if id(mesh) not in self._facts or self._facts[id(mesh)][0] is not mesh:
            self._facts[id(mesh)] = mesh, mesh_facts(mesh, field.values(points), points)
            if len(self._facts) > MESHES_KEPT:
                self._facts.popitem(last=False)
        return self._facts[id(mesh)][1]

    def explain(self, grid: Grid, cell: int) -> str:
        """Say what is known about a cell: place, ranks, errors, and why it was split or not."""
        found = self._shown.get(id(grid))
        if found is None or found[0] is not grid:
            return f"Cell {cell:,} of a mesh that is gone; click again."
        _, field, spec, mesh = found
        return explain_cell(mesh, field, Judge(field, spec.rule, self._widths), cell)

    def clear(self) -> None:
        """Let go of every mesh."""
        self._meshes.clear()
        self._shown.clear()
        self._facts.clear()

    def _nearest(self, field: Slice, spec: MeshSpec) -> AdaptiveMesh | None:
        """The mesh of the nearest moment, for a field with time."""
        same = [
            (abs(other.time - field.time), mesh)
            for (_, _, made), (other, mesh) in self._meshes.items()
            if made == spec and other.network is field.network
        ]
        return min(same, key=lambda pair: pair[0])[1] if same else None


def mesh_facts(mesh: AdaptiveMesh, wanted: np.ndarray, points: np.ndarray) -> dict[str, float]:
    """Count a mesh and measure it against the field.

    Parameters
    ----------
    mesh : AdaptiveMesh
    wanted : (n,) float32
        The field at `points`.
    points : (n, dimension) float64
        In the unit box.

    Returns
    -------
    dict
        ``cells``, ``dofs``, ``rmse`` (in units of value), ``mesh_bytes``.
    """
    wrong = mesh.interpolate(points).astype(np.float64) - wanted
    cells = len(mesh.cells)
    family = 2**mesh.tree.dimension
    nodes = cells + (cells - 1) // (family - 1)
    return {
        "cells": float(cells),
        "rmse": float(np.sqrt(np.mean(wrong**2))),
        "dofs": float(mesh.dofs),
        "mesh_bytes": float(4 * mesh.dofs + -(-nodes // 8)),
    }


def trajectory(
    field: Slice,
    spec: MeshSpec,
    widths: tuple[int, ...],
    points: np.ndarray,
    wanted: np.ndarray,
    cancel: CancelToken,
) -> Iterator[dict[str, float]]:
    """Refine by `spec` and give the facts of the mesh, with seconds, after each round that counts.

    Parameters
    ----------
    widths : tuple of int
        Hidden widths of the unpruned network.
    points : (n, dimension) float64
        Where the mesh is compared with the field.
    wanted : (n,) float32
        The field there.
    """
    last = 0.0
    for mesh in Mesher(field, spec, judge=Judge(field, spec.rule, widths)).rounds(cancel):
        cancel.check()
        if mesh.stopped or mesh.dofs > GROWTH * last:
            last = mesh.dofs
            yield mesh_facts(mesh, wanted, points) | {"seconds": mesh.seconds}


def comparison_curves(
    field: Slice, spec: MeshSpec, points: np.ndarray, cancel: CancelToken, widths: tuple[int, ...]
) -> Iterator[Curve]:
    """Refine by every rule, worst cells first, and give its error for each number of dofs.

    A rule refines until `COMPARED_CELLS`, without its threshold, so that curves are as long as
    one another; the decomposition keeps its kept fraction P.
    """
    wanted = field.values(points)
    for choice in RULE.choices:
        budget = by_budget(spec, choice.id, COMPARED_CELLS[field.dimension])
        found = trajectory(field, budget, widths, points, wanted, cancel)
        yield Curve(choice.id, choice.title, tuple((f["dofs"], f["rmse"]) for f in found))


def by_budget(spec: MeshSpec, rule: str, cells: int) -> MeshSpec:
    """Refine by another rule up to a number of cells, the worst first."""
    return replace(
        spec,
        rule=replace(spec.rule, rule=rule),
        cells=cells,
        bulk=1.0 if rule == "uniform" else BULK,
        ignore_threshold=True,
    )


def explain_cell(mesh: AdaptiveMesh, field: Slice, judge: Judge, cell: int) -> str:
    """Say what is known about one cell, a fact a line.

    Its place and depth; the neurons of each layer that the decomposition keeps for it; its
    errors and steepness as shares of the value range; and what the rule makes of that.
    """
    tree = mesh.tree
    lower, side = tree.lower[cell], float(tree.size[cell])
    found = judge.explain(lower, side, mesh.raw[mesh.cells[cell]])
    domain = field.domain
    low, high = (domain.to_world((lower + side * end)[None])[0] for end in (0, 1))
    count = domain.dimension
    place = " × ".join(f"{low[a]:.4g} to {high[a]:.4g}" for a in range(count))
    ranks = ", ".join(
        f"H{number} {rank} of {width}"
        for number, (rank, width) in enumerate(zip(found.ranks, found.widths, strict=True), 1)
    )
    limit = judge.spec.threshold
    reason = found.reason
    if found.split:
        ended = mesh.stopped or "the mesh is unfinished"
        reason = f"{reason.rstrip('.')}: wanted, but not done ({ended})."
    lines = [
        f"Cell {cell:,}, level {int(tree.levels[cell])}: {place} {domain.unit}".rstrip(),
        f"Neurons kept at tolerance {judge.spec.tolerance:g}: {ranks}",
        f"Kept fraction {found.kept:.3f} (P {found.proportion:.3f}), "
        f"pruned error {found.pruned_error:.2g} (T {limit:g})",
        f"Interpolation error {found.interpolation_error:.2g}, "
        f"change across {found.gradient:.2g} (T {limit:g})",
        reason,
    ]
    if found.bad:
        lines = [lines[0], "The field is not a number somewhere in it.", reason]
    return "\n".join(lines)


def _key(field: Slice, spec: MeshSpec) -> tuple:
    return id(field.network), field.time, spec
