"""An opened point generation network: prune it, reconstruct with it, score it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.model import Applied, Model, Sample, Stage
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.scene.scenes import Image, Layer, Mesh, Pick, Points, Scene
from prune3d_gui.core.score.scores import ColourScale, Scores
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.metrics.clouds import compare_many
from prune3d_gui.metrics.points import PointReference, PointScores
from prune3d_gui.pruning.knobs import SEED

from .data.gallery import Gallery
from .data.held import HeldPictures
from .data.strangeness import Strangeness, read_latents
from .exports import write_network
from .network.checkpoint import NetworkInfo
from .network.network import AtlasNet
from .network.template import SPHERE_ORDER, evaluation_template
from .pruning.batches import free_bytes, samples_at_once
from .pruning.controls import (
    CRITERION,
    FORMATS,
    METRICS,
    NETWORK,
    RANKING,
    RATE,
    SCOPE,
    SIZES,
    WAY,
)
from .pruning.prunable import Prunable, made_network
from .pruning.trail import Trails

MADE_BYTES = 600 << 20
"""Networks kept that were made from the opened one and chosen instead; the last always is."""
REFERENCE_BYTES = 32 << 20
PICTURE_BYTES = 1536 << 20
"""Of pictures held on a GPU, and no more than an eighth of what is free; those of the paper's
8,762 validation shapes fit."""
TREE = 8
"""Bytes of a reference with its search tree, over those of its points."""
BATCH = 10
"""Pictures that are encoded at once."""
RESULT, REFERENCE = "reconstruction", "reference"
"""Layers of the scenes."""
UNIT = "radii"
"""Of length: the radius of the ball that a shape is scaled into."""
IMAGES_COMPARED = 3
"""Pictures on which an exported file is compared with the network."""


@dataclass(frozen=True, eq=False)
class _Template:
    """A template of one quality: points of one primitive, triangles over all."""

    points: torch.Tensor
    faces: np.ndarray


class PgnModel(Model):
    """AtlasNet, and networks made from it that are chosen to be pruned instead.

    Parameters
    ----------
    net : AtlasNet
        The network as read; the model owns it from now on.
    info : NetworkInfo
        What is known of it.
    gallery : Gallery
        Samples to reconstruct.
    device : str
        ``cpu``, ``cuda`` or ``mps``.
    latents : path, optional
        Latents of training pictures; see `strangeness.write_latents`.
    """

    knobs = (RATE, WAY, SCOPE, RANKING, CRITERION, SEED, NETWORK)
    formats, sizes = FORMATS, SIZES
    colours = (
        ColourScale(
            "distance",
            "Distance to reference (unit-ball radii)",
            0.0,
            0.15,
            stand_in="Distance to the full model (unit-ball radii)",
        ),
    )
    primary = "rate"

    def __init__(
        self,
        net: AtlasNet,
        info: NetworkInfo,
        gallery: Gallery,
        device: str,
        latents: Path | None = None,
    ) -> None:
        self.title = info.title
        self.note = info.metadata.get(
            "note", "A checkpoint of yours; its training data are unknown."
        )
        self.notices = info.notices
        self.weights_hash = info.hash
        self._gallery = gallery
        shipped = read_latents(latents, info.hash) if latents else None
        gallery.strangeness = Strangeness(self._encoded, gallery.validation, shipped)
        self.network: AtlasNet = net.eval().requires_grad_(False)
        self._load(device)
        self.metrics = tuple(
            replace(m, definition=m.definition.format(outputs=f"{self._outputs:,}"))
            for m in METRICS
        )
        self._references: Newest[PointReference] = Newest(
            REFERENCE_BYTES, lambda reference: TREE * reference.points.nbytes
        )
        self._latest: tuple[np.ndarray | None, torch.Tensor | None] = (None, None)

    def _load(self, device: str) -> None:
        """Put the network on a device and build what is bound to it."""
        self.device = device
        if device.startswith("cuda"):  # numbers do not hang on how many samples go at once
            torch.backends.cudnn.allow_tf32 = False
        self.network.to(device)
        self._templates = {q: self._template(q) for q in ("preview", "full")}
        self._outputs = self._templates["full"].points.shape[0] * self.network.primitives
        self._own = self._prunable(self.network)
        self._active = "", self._own
        self._made: Newest[Prunable] = Newest(MADE_BYTES, lambda made: made.bytes)
        self.units = self._own.units
        self.at_once = samples_at_once(self.network.bottleneck, self._outputs, device)
        limit = 0 if device == "cpu" else min(PICTURE_BYTES, free_bytes(device) // 8)
        self._pictures = HeldPictures(self.image, device, limit)

    def _prunable(self, network: AtlasNet, opened: AtlasNet | None = None) -> Prunable:
        workload = f"one 224 × 224 image, {self._outputs:,} points, dense arithmetic"
        templates = {quality: template.points for quality, template in self._templates.items()}
        return Prunable(network, templates, workload, opened)

    def _chosen(self, plan: Plan, cancel: CancelToken = NEVER) -> Prunable:
        """The network that a plan prunes; states are kept of the passes of one at a time."""
        digest = str(plan.value(NETWORK))
        if digest != self._active[0]:
            chosen = self._own
            if digest:
                chosen = self._made.keep(digest, lambda: self._read(digest, cancel))
            self._active[1].forget()
            self._active = digest, chosen
        return self._active[1]

    def _read(self, digest: str, cancel: CancelToken) -> Prunable:
        stored = ArtifactStore().open(digest, NETWORK.takes, self.weights_hash, self.title)
        cancel.check()
        made = made_network(self.network, self.title, stored).to(self.device)
        with self._own.engine.lifted():
            return self._prunable(made, self.network)

    @property
    def trails(self) -> Trails:
        """What is kept of passes through the opened network."""
        return self._own.trails

    def _template(self, quality: Quality) -> _Template:
        order = SPHERE_ORDER if quality == "full" else SPHERE_ORDER - 1
        count = 2500 if quality == "full" else 625
        vertices, faces = evaluation_template(
            self.network.template, self.network.primitives, count, order
        )
        return _Template(
            torch.tensor(vertices, device=self.device), np.ascontiguousarray(faces, np.int32)
        )

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """Samples of the gallery, those the user opened last."""
        return self._gallery.samples()

    def image(self, sample: str) -> np.ndarray:
        """Give the network's input for `sample`: (3, 224, 224) float32, 0..1."""
        return self._gallery.entry(sample).image()

    def select(self, text: str, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Ids named by ``val:N``, ``train:N``, an image or a data folder; see `Gallery.select`."""
        return self._gallery.select(text, cancel)

    def open_sample(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a picture, whose scores compare with the full model, or a set's first object."""
        return self._gallery.open(path, cancel).sample

    def pack(self, sample: str) -> bytes:
        """A sample that is not bundled, as safetensors: its input, reference and floors."""
        return self._gallery.pack(sample)

    def unpack(self, sample: str, data: bytes) -> None:
        """Take in a packed sample; nothing computed from one of the same id is kept."""
        if self._gallery.unpack(sample, data):
            for prunable in (self._own, self._active[1], *self._made.values()):
                prunable.forget()
            self._references.drop(sample)
            self._pictures.drop(sample)

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """Reference points of `sample`: (2500, 3) float32, unit ball."""
        points = self._gallery.entry(sample).points
        return None if points is None else Scene((Layer(REFERENCE, Points(points)),), unit=UNIT)

    def inputs(self, sample: str, cancel: CancelToken = NEVER) -> Scene | None:
        """The picture as it came, where that is known, and what the network sees of it."""
        entry = self._gallery.entry(sample)
        seen = np.rint(255 * entry.image().transpose(1, 2, 0)).astype(np.uint8)
        pictures = [] if entry.came is None else [("As it came", entry.came)]
        pictures.append(("As the network sees it", np.ascontiguousarray(seen)))
        return Scene(tuple(Layer(words, Image(pixels), view="") for words, pixels in pictures))

    @torch.inference_mode()
    def _encoded(self, images: Sequence[np.ndarray]) -> np.ndarray:
        """Give the latents, (B, bottleneck) float32, of images by the unpruned network."""
        batches = [np.stack(images[i : i + BATCH]) for i in range(0, len(images), BATCH)]
        with self._own.engine.lifted():
            parts = [self.network.encode(torch.from_numpy(b).to(self.device)) for b in batches]
        return torch.cat(parts).cpu().numpy()

    # -- pruning ----------------------------------------------------------------

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Sort all weights once."""
        self._own.engine.prepare(cancel)

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Zero what `plan` asks for, or remove channels, of the network that it chooses.

        Raises
        ------
        BadInput
            If that network is not there, damaged, or was made from another one.
        """
        return self._chosen(plan, cancel).apply(plan, cancel)

    # -- reconstruction ---------------------------------------------------------

    @torch.inference_mode()
    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Give the mesh at `quality`: order 3 of the icosphere for a preview, 4 in full.

        Only what lies after the first changed unit is computed again; see `Trails`.
        """
        chosen = self._chosen(applied.plan)
        if applied.token is None:
            latent = chosen.trails.latent(sample, lambda: self._input(sample))
            cancel.check()
            points = chosen.trails.points(sample, quality, latent)
        else:
            latent = chosen.latents.keep(
                (sample, applied.plan), lambda: applied.token.encode(self._input(sample))
            )
            cancel.check()
            features = applied.token.template_features(self._templates[quality].points)
            points = applied.token.decode_from(features, latent)[0]
        yield Stage(quality, self._scene(points, quality))

    def _scene(self, points: torch.Tensor, quality: Quality) -> Scene:
        found = points.cpu().numpy()
        self._latest = (found, points)
        return Scene((Layer(RESULT, Mesh(found, self._templates[quality].faces)),), unit=UNIT)

    def _input(self, sample: str) -> torch.Tensor:
        return torch.from_numpy(self.image(sample)).to(self.device)[None]

    def template(self, quality: Quality) -> torch.Tensor:
        """Give the template points of one primitive, (n, 3) or (n, 2)."""
        return self._templates[quality].points

    @torch.inference_mode()
    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """Encode, apply the template, decode: the whole pass at full quality, nothing kept."""
        self._effective(applied)(self._input(sample), self._templates["full"].points)

    def _effective(self, applied: Applied) -> AtlasNet:
        """The network under a plan."""
        return self._chosen(applied.plan).network if applied.token is None else applied.token

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
        """Chamfer and F-score against the reference, or the full result where there is none."""
        against = self._against(sample, full)
        if not against:
            return None
        tree = self.tree(sample, full)
        array, tensor = self._latest
        points = stage.scene.layer(RESULT).data.points
        on_device = self.device != "cpu" and array is points
        found = tree.compare(tensor if on_device and tensor is not None else points)
        assert found.distance is not None  # of one cloud both are given
        assert found.reference_distance is not None
        back = {REFERENCE: {"distance": found.reference_distance}}
        return replace(
            self._scores(sample, against, found),
            arrays={RESULT: {"distance": found.distance}},
            on_reference=back if against == "reference" else {},
        )

    def _against(self, sample: str, full: Scene | None) -> str:
        """What a result is compared with; empty where there is nothing."""
        if self._gallery.entry(sample).points is not None:
            return "reference"
        return "" if full is None else "full"

    def _scores(self, sample: str, against: str, found: PointScores) -> Scores:
        values = {
            "chamfer_x1000": 1000 * found.chamfer,
            "fscore": found.fscore,
            "precision": found.precision,
            "recall": found.recall,
        }
        floors = self._gallery.entry(sample).floors if against == "reference" else {}
        return Scores(values, floors, against=against)

    def evaluate(
        self,
        applied: Applied,
        samples: Sequence[str],
        query: Query,
        full: Mapping[str, Scene | None],
        cancel: CancelToken = NEVER,
    ) -> Iterator[Scores | None]:
        """Score a plan on several samples: on a GPU `at_once` of them at a time, on a CPU each.

        Many at once have no distances of single points. Their numbers are those of `score`
        within 1e-5.
        """
        if self.at_once == 1:
            yield from super().evaluate(applied, samples, query, full, cancel)
            return
        start = 0
        while start < len(samples):
            cancel.check()
            some = samples[start : start + self.at_once]
            try:
                found = self._compared(some, self._points(applied, some), full, cancel)
            except torch.OutOfMemoryError:
                if self.at_once == 1:
                    raise
                self.at_once //= 2
                torch.cuda.empty_cache()
                continue
            start += len(some)
            yield from found

    @torch.inference_mode()
    def _points(self, applied: Applied, samples: Sequence[str]) -> torch.Tensor:
        """Points of full results, (B, P, 3)."""
        if applied.token is not None:
            return applied.token(self._pictures.stacked(samples), self.template("full"))
        return self._chosen(applied.plan).batches.points(samples, self._pictures.stacked)

    @torch.inference_mode()
    def _compared(
        self,
        samples: Sequence[str],
        points: torch.Tensor,
        full: Mapping[str, Scene | None],
        cancel: CancelToken,
    ) -> list[Scores | None]:
        against = [self._against(sample, full.get(sample)) for sample in samples]
        rows = [row for row, what in enumerate(against) if what]
        trees = [self.tree(samples[row], full.get(samples[row])) for row in rows]
        some = points if len(rows) == len(samples) else points[rows]
        found = dict(zip(rows, compare_many(some, trees, cancel), strict=True))
        return [
            self._scores(sample, against[row], found[row]) if row in found else None
            for row, sample in enumerate(samples)
        ]

    def tree(self, sample: str, full: Scene | None = None) -> PointReference:
        """Give the kept search structure over the reference of `sample`, or else over `full`."""
        points = self._gallery.entry(sample).points
        if points is None:
            assert full is not None  # `_against` says what there is
            points = full.layer(RESULT).data.points
        kept = self._references.get(sample)
        if kept is None or kept.points is not points:
            kept = PointReference(points)
            self._references.put(sample, kept)
        return kept

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say where a vertex is and how far from the reference, or a reference point from it."""
        vertex, picked = pick.index, scene.layer(pick.layer).data
        x, y, z = picked.points[vertex]
        text = f"Vertex {vertex:,} at ({x:.3f}, {y:.3f}, {z:.3f})"
        distance = picked.arrays.get("distance")
        if distance is None:
            return f"{text}."
        other = "point of the result" if pick.layer == REFERENCE else "reference point"
        return f"{text}, {distance[vertex]:.4f} unit-ball radii from the nearest {other}."

    # -- files and life ---------------------------------------------------------

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the pruned network with its moment; see `exports.write_network`.

        Raises
        ------
        BadInput
            If the format is unknown or the path cannot be written.
        """
        cancel.check()
        return write_network(
            self._effective(applied),
            self._templates["full"].points,
            format_id,
            path,
            moment,
            footprint=applied.footprint,
            note=self.note,
            images=[self.image(sample.id) for sample in self.samples()[:IMAGES_COMPARED]],
        )

    def move_to(self, device: str) -> None:
        """Start again from the original weights on another device."""
        self._own.engine.restore()
        self._load(device)

    def close(self) -> None:
        """Let go of weights and caches."""
        for prunable in (self._own, self._active[1], *self._made.values()):
            prunable.clear()
        self._active = "", self._own
        self._made.clear()
        self._references.clear()
        self._pictures.clear()
        self._latest = (None, None)
