"""Meshes of fields as the model needs them: from queries, kept, counted and explained."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from types import MappingProxyType

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Query
from prune3d_gui.core.scene.scenes import Grid
from prune3d_gui.core.score.scores import Curve

from ..network.controls import RULE
from ..network.domain import Domain, Slice, in_parts
from .deviation import Deviation
from .interpolant import AdaptiveMesh
from .mesher import Mesher
from .rules import Judge
from .specs import MeshSpec, RuleSpec

MESH_BYTES = 96 << 20
"""Of finished meshes, and again of those that scenes show."""
QUICK_CELLS = {2: 1_500, 3: 2_500}
"""Cells of a mesh that must follow a hand."""
QUICK_SECONDS = 0.25
"""Time such a mesh may take: rules that decompose take about a millisecond for each cell."""
COMPARED_CELLS = {2: 6_000, 3: 12_000}
"""Cells at which the curves of the comparison end."""
NEAR = 0.03
"""Time between two meshes up to which the one starts from the other; further on, all has moved."""
GROWTH = 1.15
"""Factor between the sizes of meshes that a curve has points for."""
ERROR_SAMPLES = 32
"""Points of a cell at which live meshes look for errors; files and charts take 128."""
_RULE_FOR = {"kept": "id", "cell_error": "interpolation"}
BULK = 0.3
"""Share of the candidates that a round of refining by budget splits, worst first."""


@dataclass(frozen=True, eq=False)
class _Known:
    """A mesh that a scene shows, and what was found out about it since."""

    field: Slice
    spec: MeshSpec
    mesh: AdaptiveMesh
    facts: dict[str, float] = dataclass_field(default_factory=dict)
    arrays: dict[str, np.ndarray] = dataclass_field(default_factory=dict)


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
        self._meshes: Newest[tuple[Slice, AdaptiveMesh]] = Newest(MESH_BYTES)
        self._known: Newest[_Known] = Newest(MESH_BYTES)
        self._shown: _Known | None = None  # the newest, however large it is

    def spec(self, query: Query, knobs: Mapping[str, Knob]) -> MeshSpec:
        """What a query asks of the mesh."""
        value = {name: query.value(knob) for name, knob in knobs.items()}
        rule = RuleSpec(
            rule=str(value["rule"]),
            threshold=float(value["threshold"]),
            proportion=float(value["proportion"]),
            tolerance=float(value["cell_tolerance"]),
            error_samples=ERROR_SAMPLES,
            iso=float(value["target"]),
        )
        depth, cells = int(value["depth"]), int(value["cells"])
        return MeshSpec(rule, depth=depth, cells=cells, balance=bool(value["balance"]))

    def kept(self, field: Slice, spec: MeshSpec) -> AdaptiveMesh | None:
        """The finished mesh, if it was made before."""
        found = self._meshes.get(_key(field, spec))
        return found and found[1]

    def rounds(self, field: Slice, spec: MeshSpec, cancel: CancelToken) -> Iterator[AdaptiveMesh]:
        """Refine round by round and keep the last mesh; a mesh made before comes at once.

        With time, the mesh of a near moment of the same network is where it starts.
        """
        kept = self.kept(field, spec)
        if kept is not None:
            yield kept
            return
        for mesh in self.mesher(field, spec, self._nearest(field, spec)).rounds(cancel):
            yield mesh
        cancel.check()
        self._meshes.put(_key(field, spec), (field, mesh))

    def quick(self, field: Slice, spec: MeshSpec, cancel: CancelToken) -> AdaptiveMesh:
        """A mesh of few cells, and of fewer where the rule is too slow for a hand."""
        limit = min(spec.cells, QUICK_CELLS[field.dimension])
        few = replace(spec, cells=limit, seconds=QUICK_SECONDS)
        *_, mesh = self.mesher(field, few).rounds(cancel)
        cancel.check()
        return mesh

    def mesher(self, field: Slice, spec: MeshSpec, start: AdaptiveMesh | None = None) -> Mesher:
        """What makes the mesh of a field by a spec."""
        return Mesher(field, spec, start, judge=Judge(field, spec.rule, self._widths))

    def grid(
        self, field: Slice, spec: MeshSpec, mesh: AdaptiveMesh, cut: tuple[int, float] | None
    ) -> Grid:
        """Place a mesh in the world; `mesh_of`, `facts` and `explain` know it from then on."""
        anchors = mesh.tree.anchors
        known = self._shown = self._of(anchors) or _Known(field, spec, mesh)
        self._known.keep(id(anchors), lambda: known)
        return mesh.grid(self._domain, cut)

    def coloured(self, grid: Grid, name: str, cancel: CancelToken) -> Grid:
        """Find out what the cells on screen are to be coloured by, where the rule did not.

        Parameters
        ----------
        grid : Grid
            As `grid` gave it.
        name : str
            ``kept`` or ``cell_error``; other arrays are there already, and stay as they are
            where the mesh was let go.
        """
        known = self._of(grid.anchors)
        if known is None or name not in _RULE_FOR:
            return grid
        values = known.arrays.setdefault(name, grid.cell_arrays[name].copy())
        rows = np.flatnonzero(_on_screen(grid) & np.isnan(values) & ~known.mesh.facts["bad"])
        if len(rows):
            rule = replace(known.spec.rule, rule=_RULE_FOR[name])
            tree, corners = known.mesh.tree, known.mesh.raw[known.mesh.cells[rows]]
            judge = Judge(known.field, rule, self._widths)
            found = judge.judge(tree.lower[rows], tree.size[rows], corners, cancel)
            values[rows] = found.kept if name == "kept" else found.interpolation_error
        arrays = MappingProxyType({**grid.cell_arrays, name: values.copy()})
        return replace(grid, cell_arrays=arrays)

    def mesh_of(self, grid: Grid | None) -> AdaptiveMesh | None:
        """The mesh that a scene's grid was made from, if it is among the last."""
        known = None if grid is None else self._of(grid.anchors)
        return None if known is None else known.mesh

    def facts(
        self, mesh: AdaptiveMesh, field: Slice, points: np.ndarray, cancel: CancelToken
    ) -> dict[str, float]:
        """Cells, degrees of freedom, bytes, and the error of the mesh at `points`."""
        known = self._of(mesh.tree.anchors)
        if known is not None and known.facts:
            return known.facts
        found = mesh_facts(mesh, in_parts(field.values, points, cancel), points)
        if known is not None:
            known.facts.update(found)
        return found

    def explain(self, grid: Grid, cell: int) -> str:
        """Say what is known about a cell: place, ranks, errors, and why it was split or not."""
        known = self._of(grid.anchors)
        if known is None:
            return f"Cell {cell:,} is of an older mesh that was let go; click the one on screen."
        judge = Judge(known.field, known.spec.rule, self._widths)
        return explain_cell(known.mesh, known.field, judge, cell)

    def clear(self) -> None:
        """Let go of every mesh."""
        self._meshes.clear()
        self._known.clear()
        self._shown = None

    def _of(self, anchors: np.ndarray) -> _Known | None:
        """What is known of the mesh with these anchors."""
        if self._shown is not None and self._shown.mesh.tree.anchors is anchors:
            return self._shown
        return self._known.get(id(anchors))

    def _nearest(self, field: Slice, spec: MeshSpec) -> AdaptiveMesh | None:
        """The mesh of the nearest moment, if it is near enough to save work."""
        same = [
            (abs(other.time - field.time), mesh)
            for other, mesh in self._meshes.values()
            if mesh.spec == spec
            and other.network is field.network
            and abs(other.time - field.time) <= NEAR
        ]
        return min(same, key=lambda pair: pair[0])[1] if same else None


def _on_screen(grid: Grid) -> np.ndarray:
    """Cells that are drawn: all in 2D, those that the cut meets in 3D; (C,) bool."""
    if grid.cut is None:
        return np.ones(len(grid.cells), bool)
    axis, position = grid.cut
    along = grid.points[grid.cells][:, :, axis]
    return (along.min(axis=1) <= position) & (position <= along.max(axis=1))


def mesh_facts(
    mesh: AdaptiveMesh, wanted: np.ndarray, points: np.ndarray, near: np.ndarray | None = None
) -> dict[str, float]:
    """Count a mesh and measure it against the field.

    Parameters
    ----------
    mesh : AdaptiveMesh
    wanted : (n,) float32
        The field at `points`.
    points : (n, dimension) float64
        In the unit box.
    near : (n,) bool or None
        Points near a surface.

    Returns
    -------
    dict
        ``cells``, ``dofs``, ``rmse`` with ``rmse_error`` (in units of value), ``mesh_bytes``;
        with `near` also ``near_rmse`` of those points.
    """
    wrong = mesh.interpolate(points).astype(np.float64) - wanted
    beside = {} if near is None else {"near_rmse": Deviation.of(wrong[near]).rmse}
    return beside | {
        "cells": float(len(mesh.cells)),
        **Deviation.of(wrong).columns(),
        "dofs": float(mesh.dofs),
        "mesh_bytes": float(mesh_bytes(mesh)),
    }


def mesh_bytes(mesh: AdaptiveMesh) -> int:
    """Count what a mesh takes: 4 bytes a degree of freedom, a bit for each node of the tree."""
    cells = len(mesh.cells)
    nodes = cells + (cells - 1) // (2**mesh.tree.dimension - 1)
    return 4 * mesh.dofs + -(-nodes // 8)


def trajectory(
    field: Slice,
    spec: MeshSpec,
    widths: tuple[int, ...],
    points: np.ndarray,
    wanted: np.ndarray,
    cancel: CancelToken,
    near: np.ndarray | None = None,
) -> Iterator[dict[str, float]]:
    """Refine by `spec` and give what is known of the mesh after each round that counts.

    That is `mesh_facts` with ``points``, all corners, and ``seconds``.

    Parameters
    ----------
    widths : tuple of int
        Hidden widths of the unpruned network.
    points : (n, dimension) float64
        Where the mesh is compared with the field.
    wanted : (n,) float32
        The field there.
    near : (n,) bool or None
        As for `mesh_facts`.
    """
    last = 0.0
    for mesh in Mesher(field, spec, judge=Judge(field, spec.rule, widths)).rounds(cancel):
        cancel.check()
        if mesh.stopped or mesh.dofs > GROWTH * last:
            last = mesh.dofs
            facts = mesh_facts(mesh, wanted, points, near)
            yield facts | {"points": float(mesh.points), "seconds": mesh.seconds}


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
    low = domain.to_world(lower[None])[0, : domain.dimension]
    corner = ", ".join(f"{place:.4g}" for place in low)
    size = " × ".join(f"{side * whole:.4g}" for whole in domain.size)
    head = f"Cell {cell:,}, level {int(tree.levels[cell])} of {tree.depth}"
    lines = [head, f"Corner: ({corner})", f"Size: {size} {domain.unit}".rstrip()]
    if found.bad:
        return "\n".join([*lines, f"Verdict: {_verdict(found.reason)}"])
    lines += [
        f"Neurons H{number}: {rank} of {width}"
        for number, (rank, width) in enumerate(zip(found.ranks, found.widths, strict=True), 1)
    ]
    limit = judge.spec.threshold
    reason = found.reason
    if found.split:
        ended = mesh.stopped or "the mesh is unfinished"
        reason = f"{reason.rstrip('.')}: wanted, but not done ({ended})."
    lines += [
        f"Cell tolerance: {judge.spec.tolerance:g}",
        f"Kept fraction: {found.kept:.3f} (P {found.proportion:.3f})",
        f"Pruned error: {found.pruned_error:.2g} of range (T {limit:g})",
        f"Interpolation error: {found.interpolation_error:.2g} of range (T {limit:g})",
        f"Change across: {found.gradient:.2g} of range (T {limit:g})",
        f"Verdict: {_verdict(reason)}",
    ]
    return "\n".join(lines)


def _verdict(reason: str) -> str:
    return reason.replace(": ", ", ")


def _key(field: Slice, spec: MeshSpec) -> tuple[int, float, MeshSpec]:
    return id(field.network), field.time, spec
