"""An opened neural field: prune it, mesh it, show it, score it."""

from __future__ import annotations

import time as clock
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.model import Applied, Model, Sample, Stage
from prune3d_gui.core.names import sayable
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.scenes import Grid, Pick, Scene
from prune3d_gui.core.score.scores import Curve, Scores
from prune3d_gui.pruning.knobs import SEED

from .data.truth import Truth
from .exports import said_of, write_network
from .mesh.meshing import MeshCache, comparison_curves
from .network.controls import (
    COMPARISON,
    CRITERION,
    FORMATS,
    KEEP,
    OFF,
    SIZES,
    TIME,
    TOLERANCE,
    controls,
)
from .network.domain import Domain, Slice
from .network.network import FieldNetwork
from .network.neurons import Criterion, NeuronPruner
from .references import References
from .scoring import FieldScorer
from .showing import REFERENCE_STEPS, Showing
from .stored.checkpoint import FieldInfo
from .views import View

NETWORK_BYTES = 64 << 20
"""Of pruned networks."""
PATIENCE = 1.0
"""Seconds of meshing after which the mesh so far is shown."""


@dataclass(frozen=True, eq=False)
class Pruned:
    """A pruned network and the neurons that each of its layers kept."""

    network: FieldNetwork
    sizes: tuple[int, ...]


class FieldModel(Model):
    """A neural field and what is known of it.

    Parameters
    ----------
    network : FieldNetwork
        As read; the model owns it from now on.
    info : FieldInfo
    truth : Truth or None
        Ground truth of the field, where there is any.
    samples : tuple of Sample
        All samples to choose from; this field is the first that opens no other model.
    device : str
    """

    comparison = COMPARISON
    formats, sizes = FORMATS, SIZES
    primary = TOLERANCE.id

    def __init__(
        self,
        network: FieldNetwork,
        info: FieldInfo,
        truth: Truth | None,
        samples: tuple[Sample, ...],
        device: str,
    ) -> None:
        self.network = network.eval().requires_grad_(False)
        self.domain: Domain = info.domain
        self._info = info
        widths = "-".join(map(str, (network.inputs, *network.widths, 1)))
        about = [widths, network.activation]
        if network.features is not None:
            about.append(f"{len(network.features)} Fourier features")
        about.append(f"{network.parameters_count:,} parameters")
        self.title = sayable(f"{info.name}: {', '.join(about)}")
        self.note = info.metadata.get(
            "note", "A checkpoint of yours; what it was trained on is unknown."
        )
        self.notices = info.notices
        self.weights_hash = info.hash
        self._references = References(self.domain.dimension, truth, samples)
        self.own = self._references.own
        self._scorers: dict[str, FieldScorer] = {}
        self.iso = float(info.metadata.get("iso", (self.domain.low + self.domain.high) / 2))
        made = controls(network, self.domain, self.iso, truth is not None)
        self.knobs, self.metrics, self.colours = made.knobs, made.metrics, made.colours
        self._by_id = {knob.id: knob for knob in self.knobs}
        self.units = tuple(
            Unit(
                f"H{number}",
                f"layers.{number - 1}",
                ("hidden",),
                layer.out_features,
                layer.weight.numel(),
                "neurons",
            )
            for number, layer in enumerate(network.layers[:-1], 1)
        )
        self._load(device)

    def _load(self, device: str) -> None:
        self.device = device
        self.network.to(device)
        self._pruner: NeuronPruner | None = None
        self._pruned: Newest[Pruned] = Newest(NETWORK_BYTES)
        self._scorers.clear()
        self._meshes = MeshCache(self.domain, self.network.widths)
        self._showing = Showing(self.domain, self._meshes)

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """All samples: this field, the others that come with the system, the user's."""
        return tuple(self._references.samples)

    def select(self, text: str, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Ids named by a comma-separated list, or this field for ``val:1``."""
        return self._references.select(text)

    def some(self, count: int) -> str:
        """Name this field, however many are wanted: the others are networks of their own."""
        return self.own

    def open_sample(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a volume as another reference of this field; its box is the field's box."""
        sample = self._references.open(path, cancel)
        self._scorers.pop(sample.id, None)
        return sample

    def pack(self, sample: str) -> bytes:
        """The volume a sample is compared with; empty for a function or the field itself."""
        return self._references.pack(sample)

    def unpack(self, sample: str, data: bytes) -> None:
        """Take in a packed volume as the reference of `sample`."""
        if self._references.unpack(sample, data):
            self._scorers.pop(sample, None)
            self._showing.clear()

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """Ground truth of `sample` as the query shows it; regular points, no mesh."""
        truth = self._references.of(sample)
        if truth is None:
            return None
        return self._showing.truth(truth, self._time(query), self._view(query), cancel)

    # -- pruning ----------------------------------------------------------------

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Decompose every layer once."""
        self.pruner(cancel)

    def pruner(self, cancel: CancelToken = NEVER) -> NeuronPruner:
        """What removes neurons; it decomposes the layers on first use."""
        if self._pruner is None:
            self._pruner = NeuronPruner(self.network, self.domain, cancel=cancel)
        return self._pruner

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Remove the neurons that `plan` asks for: a smaller dense network.

        Raises
        ------
        BadInput
            If a unit is unknown or the budget cannot be met.
        """
        known = {unit.id for unit in self.units}
        for unit in (*dict(plan.rates), *plan.locks):
            if unit not in known:
                raise BadInput(f"There is no unit {unit!r}; take from {', '.join(sorted(known))}.")
        found = self._pruned.keep(plan, lambda: self._prune(plan, cancel))
        return Applied(plan, self._footprint(plan, found), found)

    def _prune(self, plan: Plan, cancel: CancelToken) -> Pruned:
        tolerance, keep = float(plan.value(TOLERANCE)), float(plan.value(KEEP)) / 100
        budget = int(plan.value(self._by_id["budget"]))
        whole = budget >= self.network.parameters_count
        if tolerance <= OFF and keep >= 1 and whole and not plan.rates:
            return Pruned(self.network, self.network.widths)
        pruner = self.pruner(cancel)
        sizes = pruner.sizes(
            0.0 if tolerance <= OFF else tolerance,
            keep=keep,
            budget=0 if whole else budget,
            rates=dict(plan.rates),
            locks=plan.locks,
        )
        criterion = cast("Criterion", plan.value(CRITERION))  # the knob's choices are these
        network = pruner.prune(sizes, criterion, int(plan.value(SEED)))
        return Pruned(network, tuple(sizes))

    def _footprint(self, plan: Plan, found: Pruned) -> Footprint:
        total, left = self.network.parameters_count, found.network.parameters_count
        grid = " × ".join([str(self._steps())] * self.domain.dimension) + " regular points"
        units = [unit.id for unit in self.units]
        return Footprint(
            total=total,
            prunable=total,
            zeroed=0,
            removed=total - left,
            bytes=4 * left,
            format="dense fp32 parameters",
            macs=found.network.macs,
            workload=f"one evaluation of the field at one point; milliseconds are for {grid}",
            nonzero=dict(zip(units, found.sizes, strict=True)),
            scope=frozenset(units) - set(plan.locks),
            sizes={"fp16": 2 * left},
        )

    # -- reconstruction ---------------------------------------------------------

    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Give a quick look on regular points or few cells, the network in full, then its mesh.

        Where it is the mesh that is shown, one that takes long is shown as far as it is.
        """
        self._references.of(sample)
        view, field = self._view(query), self.slice(applied, query)
        spec = self._meshes.spec(query, self._by_id)
        kept, look = self._meshes.kept(field, spec), None
        if kept is None or quality == "preview":
            yield Stage("preview", self._showing.quick(field, view, spec, kept, cancel))
        if quality == "preview":
            return
        if view.of_network:
            look = self._showing.finest(field, view, cancel)
            if kept is None:
                yield Stage("preview", look, "network")
        shown = clock.perf_counter()
        for mesh in self._meshes.rounds(field, spec, cancel):
            late = not mesh.stopped and clock.perf_counter() - shown > PATIENCE
            if late and look is None:
                yield Stage("preview", self._showing.meshed(field, spec, mesh, view, cancel))
                shown = clock.perf_counter()
        cancel.check()
        yield Stage("full", self._showing.meshed(field, spec, mesh, view, cancel, look))

    def evaluate(
        self,
        applied: Applied,
        samples: Sequence[str],
        query: Query,
        full: Mapping[str, Scene | None],
        cancel: CancelToken = NEVER,
    ) -> Iterator[Scores | None]:
        """Score the network and its mesh as `score` does; nothing is drawn for it."""
        field = self.slice(applied, query)
        spec = self._meshes.spec(query, self._by_id)
        for sample in samples:
            scorer = self.scorer(sample)
            *_, mesh = self._meshes.rounds(field, spec, cancel)
            cancel.check()
            values = scorer.score(field, False, cancel)
            values |= self._meshes.facts(mesh, field, scorer.points, cancel)
            yield Scores(values, against=scorer.against)

    def slice(self, applied: Applied, query: Query) -> Slice:
        """The pruned field at the time of a query."""
        return Slice(applied.token.network, self.domain, self._time(query))

    def _time(self, query: Query) -> float:
        return float(query.value(TIME)) if self.domain.timed else 0.0

    def _view(self, query: Query) -> View:
        return View.of(query, self.domain, self.iso)

    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """Evaluate the pruned field on a regular grid as fine as the references; no mesh is made.

        An adaptive mesh has other cells for each network, so its time would not compare.
        """
        axes = [np.linspace(0.0, 1.0, self._steps())] * self.domain.dimension
        unit = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1).reshape(-1, len(axes))
        self.slice(applied, query).values(unit)

    def _steps(self) -> int:
        """Regular points along each axis of space at full quality."""
        return REFERENCE_STEPS[self.domain.timed] * (4 if self.domain.dimension == 2 else 1)

    # -- scoring ----------------------------------------------------------------

    def score(
        self,
        applied: Applied,
        sample: str,
        query: Query,
        stage: Stage,
        full: Scene | None,
        cancel: CancelToken = NEVER,
    ) -> Scores | None:
        """Score the network and its mesh; see the metrics' definitions."""
        scorer, field = self.scorer(sample), self.slice(applied, query)
        preview = stage.quality == "preview"
        values = scorer.score(field, preview, cancel)
        mesh = self._meshes.mesh_of(stage.scene.first(Grid))
        if mesh is not None and not preview:
            values |= self._meshes.facts(mesh, field, scorer.points, cancel)
        arrays, view = {}, self._view(query)
        if view.kind == "surface":
            points = stage.scene.layer("surface").data.points
            arrays = {"surface": scorer.errors(field, points, view.iso, mesh, cancel)}
        return Scores(values, {}, arrays, scorer.against)

    def scorer(self, sample: str) -> FieldScorer:
        """What scores this field as the sample `sample`."""
        if sample not in self._scorers:
            self._scorers[sample] = FieldScorer(
                self.domain, self._references.of(sample), self.network
            )
        return self._scorers[sample]

    def curves(self, sample: str, query: Query, cancel: CancelToken) -> Iterator[Curve]:
        """Give one curve per mesh rule: the unpruned field at the time of the query."""
        field = Slice(self.network, self.domain, self._time(query))
        points = self.scorer(sample).points
        spec = self._meshes.spec(query, self._by_id)
        yield from comparison_curves(field, spec, points, cancel, self.network.widths)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say what is known about a cell, line by line, or about a vertex, in one."""
        picked = scene.layer(pick.layer).data
        if pick.of == "cell":
            return self._meshes.explain(picked, pick.index)
        x, y, z = picked.points[pick.index]
        text = f"({x:.4g}, {y:.4g}, {z:.4g}) {self.domain.unit}".rstrip()
        for name in ("value", "error"):
            if name in picked.arrays:
                number = picked.arrays[name][pick.index]
                text += f", {name} {number:.4g} {self.domain.value}"
        return f"{text}."

    # -- files and life ---------------------------------------------------------

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the smaller dense network; says its size and how far the file's values lie off.

        Raises
        ------
        BadInput
            If the format is unknown or the path cannot be written.
        """
        cancel.check()
        difference = write_network(applied.token.network, self._info, format_id, path, moment)
        return said_of(path, difference, applied.footprint.removed)

    def move_to(self, device: str) -> None:
        """Start again on another device."""
        self._load(device)

    def close(self) -> None:
        """Let go of networks and meshes."""
        self._pruned.clear()
        self._scorers.clear()
        self._showing.clear()
        self._meshes.clear()
