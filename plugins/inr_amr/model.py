"""An opened neural field: prune it, mesh it, show it, score it."""

from __future__ import annotations

import hashlib
import time as clock
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

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
from prune3d_gui.files.paths import check_file
from prune3d_gui.files.volumes import read_volume

from .data.truth import Truth, VolumeTruth, pack_truth, unpack_truth
from .exports import said_of, write_network
from .mesh.interpolant import AdaptiveMesh
from .mesh.meshing import MeshCache, comparison_curves
from .mesh.specs import MeshSpec
from .network.controls import (
    COMPARISON,
    CRITERION,
    FORMATS,
    KEEP,
    OFF,
    SEED,
    SIZES,
    TIME,
    TOLERANCE,
    controls,
)
from .network.domain import Domain, Evaluate, Slice, in_parts
from .network.network import FieldNetwork
from .network.neurons import NeuronPruner
from .scoring import FieldScorer
from .stored.checkpoint import FieldInfo
from .views import (
    Lattice,
    View,
    cut_of,
    field_scene,
    lattice,
    mesh_scene,
    surface_scene,
)

PREVIEW_STEPS = 40
"""Points per side of the regular grid that previews in 3D are contoured on."""
REFERENCE_STEPS = {False: 88, True: 56}
"""The same for the reference, without and with time."""
NETWORK_BYTES, REFERENCE_BYTES, LATTICE_BYTES = 64 << 20, 64 << 20, 32 << 20
"""Of pruned networks, of references as scenes, and of values on regular points."""
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
        self._samples = list(samples)
        self.own = next(sample.id for sample in samples if sample.opens is None)
        self._truths: dict[str, Truth | None] = {self.own: truth}
        self._packs: dict[str, str] = {}
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
        self._references: Newest[Scene] = Newest(REFERENCE_BYTES)
        self._lattices: Newest[Lattice] = Newest(LATTICE_BYTES)
        self._meshes = MeshCache(self.domain, self.network.widths)

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """All samples: this field, the others that come with the system, the user's."""
        return tuple(self._samples)

    def select(self, text: str) -> tuple[str, ...]:
        """Ids named by a comma-separated list, or this field for ``val:1``.

        Raises
        ------
        BadInput
            If a name is not a sample of this field.
        """
        own = [s.id for s in self._samples if s.id in self._truths]
        if text.partition(":")[0] == "val":
            return (self.own,)
        found = tuple(part.strip() for part in text.split(","))
        for name in found:
            if name not in own:
                raise BadInput(f"{name!r} is no sample of this field; it has {', '.join(own)}.")
        return found

    def some(self, count: int) -> str:
        """Name this field, however many are wanted: the others are networks of their own."""
        return self.own

    def open_sample(self, path: Path) -> Sample:
        """Take in a volume as another reference of this field; its box is the field's box.

        Raises
        ------
        BadInput
            If the file cannot be read or has another number of dimensions.
        """
        volume = read_volume(check_file(path, "a volume"))
        space = volume.values.ndim - (volume.times > 1)
        if space != self.domain.dimension:
            raise BadInput(
                f"'{path}' has {space} dimensions but this field has {self.domain.dimension}; "
                "open a volume of the same dimension."
            )
        key, name = sayable(str(path)), sayable(path.name)
        sample = Sample(key, name, "Yours", notices=volume.notices)
        self._truths[sample.id] = VolumeTruth(volume.values, volume.times)
        self._packs.pop(sample.id, None)
        self._scorers.pop(sample.id, None)
        self._samples = [s for s in self._samples if s.id != sample.id] + [sample]
        return sample

    def pack(self, sample: str) -> bytes:
        """The volume a sample is compared with; empty for a function or the field itself."""
        return pack_truth(self._truth(sample))

    def unpack(self, sample: str, data: bytes) -> None:
        """Take in a packed volume as the reference of `sample`.

        Raises
        ------
        BadInput
            If the data are no packed volume.
        """
        digest = hashlib.sha256(data).hexdigest()
        if not data or self._packs.get(sample) == digest:
            return
        self._truths[sample] = unpack_truth(sample, data)
        self._packs[sample] = digest
        self._scorers.pop(sample, None)
        self._references.clear()
        if sample not in {known.id for known in self._samples}:
            self._samples.append(Sample(sample, Path(sample).name, "Yours"))

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """Ground truth of `sample` as the query shows it; regular points, no mesh."""
        truth = self._truth(sample)
        if truth is None:
            return None
        view, time = self._view(query), self._time(query)
        steps = REFERENCE_STEPS[self.domain.timed]

        def evaluate(unit: np.ndarray) -> np.ndarray:
            return in_parts(lambda part: truth.values(part, time), unit, cancel)

        def make() -> Scene:
            if view.kind != "surface":
                return field_scene(evaluate, self.domain, view, steps)
            scene = surface_scene(self._lattice(truth, time, evaluate, steps), self.domain, view)
            none = np.zeros(len(scene.layer("surface").data.points), np.float32)
            return scene.with_arrays({"surface": {"error": none}})

        return self._references.keep((sample, time, view), make)

    def _lattice(self, source: Any, time: float, evaluate: Evaluate, steps: int) -> Lattice:
        """Values of a source on regular points, kept: the iso value asks for them again."""
        return self._lattices.keep(
            (source, time, steps), lambda: lattice(evaluate, self.domain, steps)
        )

    def _truth(self, sample: str) -> Truth | None:
        try:
            return self._truths[sample]
        except KeyError:
            raise BadInput(
                f"The sample {sample!r} is another field; open it to reconstruct it."
            ) from None

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
        network = pruner.prune(sizes, str(plan.value(CRITERION)), int(plan.value(SEED)))
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
        """Give a quick look on regular points or few cells, then the adaptive mesh.

        A mesh that takes long is shown as far as it is.
        """
        self._truth(sample)
        view, field = self._view(query), self.slice(applied, query)
        meshes = self._meshes
        spec = meshes.spec(query, self._by_id)
        mesh = meshes.kept(field, spec)
        if mesh is None or quality == "preview":
            yield Stage("preview", self._quick(field, view, spec, mesh, cancel))
        if quality == "preview":
            return
        shown = clock.perf_counter()
        for mesh in meshes.rounds(field, spec, cancel):
            if not mesh.stopped and clock.perf_counter() - shown > PATIENCE:
                yield Stage("preview", self._scene(field, spec, mesh, view, cancel))
                shown = clock.perf_counter()
        cancel.check()
        yield Stage("full", self._scene(field, spec, mesh, view, cancel))

    def _quick(
        self,
        field: Slice,
        view: View,
        spec: MeshSpec,
        mesh: AdaptiveMesh | None,
        cancel: CancelToken,
    ) -> Scene:
        if view.kind == "cells" or self.domain.dimension == 2:
            quick = mesh or self._meshes.quick(field, spec, cancel)
            return self._scene(field, spec, quick, view, cancel)
        evaluate = partial(in_parts, field.values, cancel=cancel)
        if view.kind == "surface":
            found = self._lattice(field.network, field.time, evaluate, PREVIEW_STEPS)
            return surface_scene(found, self.domain, view)
        return field_scene(evaluate, self.domain, view, PREVIEW_STEPS)

    def _scene(
        self, field: Slice, spec: MeshSpec, mesh: AdaptiveMesh, view: View, cancel: CancelToken
    ) -> Scene:
        grid = self._meshes.grid(field, spec, mesh, cut_of(view, self.domain))
        if view.kind == "cells":
            grid = self._meshes.coloured(grid, view.cells_by, cancel)
        return mesh_scene(grid, self.domain, view)

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
            unit = np.clip(self.domain.to_unit(stage.scene.layer("surface").data.points), 0, 1)
            wanted = scorer.wanted(unit, field.time, cancel)
            arrays = {"surface": {"error": np.abs(wanted - view.iso).astype(np.float32)}}
        return Scores(values, {}, arrays, scorer.against)

    def scorer(self, sample: str) -> FieldScorer:
        """What scores this field as the sample `sample`."""
        if sample not in self._scorers:
            self._scorers[sample] = FieldScorer(self.domain, self._truth(sample), self.network)
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
        recipe: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the smaller dense network; says its size and how far the file's values lie off.

        Raises
        ------
        BadInput
            If the format is unknown or the path cannot be written.
        """
        cancel.check()
        difference = write_network(applied.token.network, self._info, format_id, path, recipe)
        return said_of(path, difference, applied.footprint.removed)

    def move_to(self, device: str) -> None:
        """Start again on another device."""
        self._load(device)

    def close(self) -> None:
        """Let go of networks and meshes."""
        self._pruned.clear()
        self._scorers.clear()
        self._references.clear()
        self._lattices.clear()
        self._meshes.clear()
