"""An opened segmenter: prune its branches, segment patients, score and show what comes out."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.model import Applied, Model, Sample, Stage
from prune3d_gui.core.names import sayable
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.scene.scenes import Pick, Scene, Volume
from prune3d_gui.core.score.scores import Curve, Scores
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.pruning.knobs import SEED
from prune3d_gui.resources import resource

from .branches import Branches, Scored, network_of
from .comparing import COMPARISON, dense_curve, order_curves
from .controls import (
    COLOURS,
    CRITERION,
    ERROR,
    FORMATS,
    NETWORK,
    ORDER,
    PARAMETERS,
    SHOW,
    SIZES,
    VIEWS,
    left_knob,
    metrics,
    tolerance_knob,
)
from .data.patients import PatientData
from .data.phantom import patient
from .network.checkpoint import NetworkInfo, load_network
from .network.network import Network
from .network.network import Unit as Branch
from .network.removal import copied
from .patients import CALIBRATED, CALIBRATION, HELD_COUNT, Patients
from .pruning.importance import Case
from .scoring import class_scores
from .shipped import DENSE
from .showing import (
    CT,
    LABELS,
    PROBABILITIES,
    agreement_scene,
    reference_scene,
    result_scene,
    surface_bytes,
)
from .volumes.blocks import is_long
from .volumes.distances import SIGNED, Distances
from .volumes.long import Asked, LongVolumes, Step, is_unfinished
from .volumes.segmented import Segmented

MADE_BYTES = 256 << 20
"""Networks kept that were made from the opened one and chosen instead."""
REFERENCE_BYTES = 64 << 20
"""Surfaces of references."""
SHOWN_BYTES = 192 << 20
"""Results kept by what was asked for."""


class SegmentModel(Model):
    """A network of parallel branches and the patients it is looked at on.

    Parameters
    ----------
    network : Network
        As read; the model owns it from now on.
    info : NetworkInfo
    device : str
    thumbnails : callable
        Gives pictures of the procedural patients by id.
    known : mapping of criterion to scores
        Scores of its branches that were worked out before.
    """

    formats, sizes, colours, views = FORMATS, SIZES, COLOURS, VIEWS
    primary = "branches"
    comparison = COMPARISON

    def __init__(
        self,
        network: Network,
        info: NetworkInfo,
        device: str,
        thumbnails: Callable[[], dict[str, np.ndarray]],
        known: Mapping[str, Scored],
    ) -> None:
        self.network, self.info = network.eval().requires_grad_(False), info
        self.classes = info.classes
        count = sum(p.numel() for p in network.parameters())
        self.title = sayable(
            f"PSP-Seg {network.size.id}, {len(network.units)} branches, {count:,} parameters "
            f"({info.name})"
        )
        self.note = info.metadata.get(
            "note", "A checkpoint of yours; what it was trained on is unknown."
        )
        self.notices = info.notices
        self.weights_hash = info.hash
        self._known = known
        self._patients = Patients(info.spacing, info.classes, thumbnails)
        self.left = left_knob(len(network.units))
        self.tolerance = tolerance_knob(info.spacing)
        self.knobs = (self.left, CRITERION, SEED, ORDER, NETWORK, self.tolerance, SHOW)
        self.metrics = metrics(f"voxels of {info.spacing:g} mm")
        self._load(device)

    def _load(self, device: str) -> None:
        self.device = device
        self._own = self._branches(self.network, self._known)
        self.units = self._own.units
        self._made: Newest[Branches] = Newest(MADE_BYTES, lambda made: made.bytes)
        self._results: Newest[Segmented] = Newest(SHOWN_BYTES)
        self._long = LongVolumes()
        self._references: Newest[Scene | None] = Newest(REFERENCE_BYTES, surface_bytes)
        self._distances = Distances(self.classes)

    def _branches(self, network: Network, known: Mapping[str, Scored]) -> Branches:
        return Branches(network, self.info.window, self.device, lambda: self._cases, known)

    @cached_property
    def _cases(self) -> tuple[Case, ...]:
        """The calibration patients."""
        found = []
        for number in range(CALIBRATED):
            made = patient(CALIBRATION, number)
            image = self.info.window.seen(made.volume)[None, None]
            image = image.to(memory_format=torch.channels_last_3d)
            found.append(Case(image, torch.from_numpy(made.labels).long()[None]))
        return tuple(found)

    def _chosen(self, plan: Plan, cancel: CancelToken = NEVER) -> Branches:
        """The network that a plan prunes."""
        digest = network_of(plan)
        if not digest:
            return self._own
        return self._made.keep(digest, lambda: self._read(digest, cancel))

    def _read(self, digest: str, cancel: CancelToken) -> Branches:
        made = self.made(digest)
        cancel.check()
        return self._branches(made, {})

    def made(self, digest: str) -> Network:
        """The network of an artifact that was made from the opened one.

        Raises
        ------
        BadInput
            If it is not there, damaged, or was made from another one.
        """
        stored = ArtifactStore().open(digest, NETWORK.takes, self.weights_hash, self.title)
        made = copied(self.network)
        stored.load_into(made, self.title)
        return made

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """Patients to choose from, those the user opened last."""
        return tuple(self._patients.samples)

    def patient(self, sample: str) -> PatientData:
        """The data of a patient."""
        return self._patients.of(sample)

    def select(self, text: str, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Ids of patients; ``val:N`` names unseen procedural ones, whatever else was opened."""
        name, _, number = text.partition(":")
        if name == "val" and number.isdecimal() and 1 <= int(number) <= HELD_COUNT:
            own = {s.id for s in self._patients.samples if self._patients.own(s.id) is not None}
            ids = [sample.id for sample in self._patients.samples if sample.id not in own]
            return tuple(ids[: int(number)])
        return super().select(text, cancel)

    def open_sample(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a CT volume, or a label map as the reference of the one opened last."""
        sample = self._patients.open(path, cancel)
        self._forget(sample.id)
        return sample

    def _forget(self, sample: str) -> None:
        for branches in (self._own, *self._made.values()):
            branches.runner.forget(sample)
        self._results.clear()
        self._long.forget(sample)
        self._references.clear()

    def pack(self, sample: str) -> bytes:
        """A patient of one's own as safetensors; empty for a procedural one."""
        from .packing import packed

        own = self._patients.own(sample)
        return b"" if own is None else packed(own)

    def unpack(self, sample: str, data: bytes) -> None:
        """Take in what `pack` gave."""
        from .packing import unpacked

        if data:
            self._patients.add(sample, unpacked(data))
            self._forget(sample)

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """The label map of a patient over its CT, and its surfaces."""
        return self._references.keep(
            sample, lambda: reference_scene(self._patients.of(sample), self.classes)
        )

    # -- pruning ----------------------------------------------------------------

    @property
    def branches(self) -> Branches:
        """The branches of the opened network."""
        return self._own

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Score all branches in one pass of the calibration patients."""
        self._own.scores("change", cancel)

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Say which branches go; they are skipped from then on.

        Raises
        ------
        BadInput
            If a unit is unknown, or the order or network chosen cannot be used.
        """
        chosen = self._chosen(plan, cancel)
        left = int(plan.value(self.left))
        away = chosen.gone(plan, left, self.weights_hash, self.title, cancel)
        ranks = chosen.ranks(plan, self.weights_hash, self.title, cancel)
        return Applied(plan, chosen.footprint(plan, away, ranks), away)

    # -- reconstruction ---------------------------------------------------------

    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Segment a patient: a preview has the same surfaces, without scores of borders.

        A volume longer than a block is shown as it grows; its preview is the crop round the
        organs, see `volumes.long`.
        """
        data = self._patients.of(sample)
        for found, name in self._steps(applied, sample, data, quality, cancel):
            scene = result_scene(data, found, self.classes)
            if query.value(SHOW) == "agreement" and not is_unfinished(name):
                wanted = self._wanted(applied, sample, data, cancel)
                scene = agreement_scene(data, wanted, scene)
            cancel.check()
            yield Stage("preview" if name else quality, scene, name)

    def _steps(
        self,
        applied: Applied,
        sample: str,
        data: PatientData,
        quality: Quality,
        cancel: CancelToken,
    ) -> Iterator[Step]:
        """What a result is shown as on the way, and the result: one step but for long volumes."""
        if not is_long(data.volume.shape):
            yield self._segmented(applied, sample, data, cancel), ""
            return
        asked = self._asked(applied, sample, data, cancel)
        run = self._long.preview if quality == "preview" else self._long.full
        yield from run(asked, cancel)

    def _asked(
        self, applied: Applied, sample: str, data: PatientData, cancel: CancelToken
    ) -> Asked:
        runner = self._chosen(applied.plan, cancel).runner
        network = network_of(applied.plan)
        return Asked(network, runner, sample, data.volume, data.labels, applied.token)

    def _wanted(
        self, applied: Applied, sample: str, data: PatientData, cancel: CancelToken
    ) -> np.ndarray:
        """The label map a result is compared with: the reference, or the full result."""
        if data.labels is not None:
            return data.labels
        plan = Plan()
        whole = Applied(plan, applied.footprint, frozenset[Branch]())
        return self._segmented(whole, sample, data, cancel).labels

    def _segmented(
        self, applied: Applied, sample: str, data: PatientData, cancel: CancelToken
    ) -> Segmented:
        """The full result."""
        if is_long(data.volume.shape):
            asked = self._asked(applied, sample, data, cancel)
            *_, (found, _) = self._long.full(asked, cancel)
            return found
        key = network_of(applied.plan), sample, applied.token
        kept = self._results.get(key)
        if kept is None:
            runner = self._chosen(applied.plan, cancel).runner
            kept = runner.segmented(sample, data.volume, applied.token, cancel)
            self._results.put(key, kept)
        return kept

    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """One whole forward pass; nothing is reused."""
        runner = self._chosen(applied.plan).runner
        runner.forget(sample)
        runner.segmented(sample, self._patients.of(sample).volume, applied.token)

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
        """Dice, surface Dice, lesions; see the metrics' definitions."""
        wanted, against = self._compared(sample, full)
        if wanted is None or is_unfinished(stage.name):
            return None
        found = stage.scene.layer(LABELS).data.values
        if stage.quality == "preview":
            return self._scores(applied, sample, wanted, found, against, 0.0, cancel)
        tolerance = float(query.value(self.tolerance))
        scores = self._scores(applied, sample, wanted, found, against, tolerance, cancel)
        affine = self._patients.of(sample).affine
        arrays = self._distances.of_result(stage.scene, sample, wanted, affine, cancel)
        reference = self.reference(sample, query, cancel)
        if reference is None or query.value(SHOW) != SHOW.default:
            return replace(scores, arrays=arrays)
        back = self._distances.of_reference(reference, found, affine, cancel)
        return replace(scores, arrays=arrays, on_reference=back)

    def _compared(self, sample: str, full: Scene | None) -> tuple[np.ndarray | None, str]:
        """The label map that results are compared with, and what it is; None where none is."""
        labels = self._patients.of(sample).labels
        if labels is not None:
            return labels, "reference"
        return (None if full is None else full.layer(LABELS).data.values), "full"

    def _scores(
        self,
        applied: Applied,
        sample: str,
        wanted: np.ndarray,
        found: np.ndarray,
        against: str,
        tolerance: float,
        cancel: CancelToken,
    ) -> Scores:
        """Scores of a label map, with what the comparison is drawn from."""
        affine = self._patients.of(sample).affine
        scores = class_scores(
            wanted, found, self.classes, affine, sample, against, tolerance, cancel
        )
        more = {PARAMETERS: float(applied.footprint.total - applied.footprint.removed)}
        if "dice" in scores.values:
            more[ERROR] = 1 - scores.values["dice"]
        return replace(scores, values={**scores.values, **more})

    def curves(self, sample: str, query: Query, cancel: CancelToken) -> Iterator[Curve]:
        """Give the Dice error of other orders, random ones too, and of a smaller dense network."""
        data = self._patients.of(sample)
        if is_long(data.volume.shape):  # dozens of full results, each of them minutes
            return
        whole = Applied(Plan(), self._own.footprint(Plan(), frozenset()), frozenset[Branch]())
        wanted, count = self._wanted(whole, sample, data, cancel), len(self.classes)
        yield from order_curves(self._own, sample, data, wanted, count, cancel)
        dense = self.dense()
        if dense is not None:
            yield dense_curve(dense, data, wanted, count, cancel)

    def dense(self) -> Branches | None:
        """The smaller dense network that comes with the program, where it knows the classes."""
        found = resource(DENSE)
        if found is None:
            return None
        network, info = load_network(found)
        return self._branches(network, {}) if info.classes == self.classes else None

    def evaluate(
        self,
        applied: Applied,
        samples: Sequence[str],
        query: Query,
        full: Mapping[str, Scene | None],
        cancel: CancelToken = NEVER,
    ) -> Iterator[Scores | None]:
        """Score label maps as `score` does; no surface is made for it."""
        tolerance = float(query.value(self.tolerance))
        for sample in samples:
            wanted, against = self._compared(sample, full.get(sample))
            if wanted is None:
                yield None
                continue
            data = self._patients.of(sample)
            labels = self._segmented(applied, sample, data, cancel).labels
            yield self._scores(applied, sample, wanted, labels, against, tolerance, cancel)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say what is known of a vertex or a voxel."""
        if pick.layer in (CT, LABELS) or pick.of == "voxel":
            ct = scene.layer(CT).data.values
            return f"{ct.reshape(-1)[pick.index]:.0f} HU."
        picked = scene.layer(pick.layer).data
        x, y, z = picked.points[pick.index]
        text = f"{pick.layer.capitalize()} at ({x:.0f}, {y:.0f}, {z:.0f}) mm"
        signed = picked.arrays.get(SIGNED)
        if signed is None:
            return f"{text}."
        of_result = any(layer.name == PROBABILITIES for layer in scene.carried)
        known = "full model" if self._patients.of(sample).labels is None else "reference"
        other, far = known if of_result else "result", float(signed[pick.index])
        if not np.isfinite(far):
            return f"{text}; the {other} has no {pick.layer}."
        side = "inside" if far < 0 else "outside"
        return f"{text}, {abs(far):.1f} mm {side} the {other}'s border."

    # -- files and life ---------------------------------------------------------

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the network without the branches that are gone."""
        from .exports import write_network

        cancel.check()
        chosen = self._chosen(applied.plan, cancel)
        chosen.network.mask(applied.token)
        return write_network(chosen.network, self.info, format_id, path, moment)

    def export_result(
        self,
        scene: Scene,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write a label map, probabilities or the lesions of a result, on the file's own grid."""
        from .exports import write_result

        ct = scene.first(Volume)
        data = None if ct is None else self._patients.of_volume(ct.values)
        return write_result(
            scene, data, self.classes, format_id, path, moment, PROBABILITIES, cancel
        )

    def move_to(self, device: str) -> None:
        """Start again on another device."""
        self._load(device)

    def close(self) -> None:
        """Let go of networks and results."""
        for branches in (self._own, *self._made.values()):
            branches.runner.forget()
        self._made.clear()
        self._results.clear()
        self._long.forget()
        self._references.clear()
        self._distances.clear()
        self._patients.clear()
