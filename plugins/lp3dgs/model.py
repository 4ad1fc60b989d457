"""An opened scene of splats: rank its Gaussians, prune them, make and score pictures."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.model import Applied, Model, ModelRef, Sample, Stage
from prune3d_gui.core.names import sayable
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.core.scene.gaussians import Gaussians, KeptGaussians
from prune3d_gui.core.scene.scenes import Image, Layer, Pick, Scene
from prune3d_gui.core.score.scores import Curve, Scores
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.pruning.knobs import SEED

from .captured import up_of
from .comparing import COMPARISON, mask_curves, score_curves
from .controls import (
    BACKGROUND,
    COLOUR,
    COLOURS,
    CRITERION,
    FORMATS,
    MASK,
    MASK_KIND,
    NETWORK,
    NEXT,
    RATE,
    SIZES,
    VIEWS,
    camera_knob,
    metrics,
)
from .picturing import Picturing, Wanted, apart, as_bytes
from .raster.pixel import shares_at
from .raster.seen import activated, look
from .scenes import BLACK, LONGEST, WHITE, Background, SplatScene
from .scored import compared, glanced, means, root_error, summed, views_scored
from .scoring.kept import KeptScores
from .scoring.scores import SCORES, kept_at, ranking, scores_of
from .scoring.shares import Shares, shares_of

PREVIEW = 200
"""Pixels along the longer side of pictures while a hand moves."""
MADE_BYTES = 512 << 20
"""Of scenes that were made from the opened one."""
ROUNDS, ENOUGH_MS = 3, 100.0
"""How often a picture is timed, unless that takes long."""
MOST_TOLD = 4
"""Gaussians of a pixel that are told."""
PARAMETERS = ("means", "log_scales", "quaternions", "logits", "harmonics")
SCENE = "scene"
"""Id of the one sample: the scene itself."""


class SplatModel(Model):
    """A scene of Gaussians with its cameras.

    Parameters
    ----------
    ref : ModelRef
    scene : SplatScene
    note : str
        What every user of it must know.
    device : str
    """

    formats, sizes, colours, views = FORMATS, SIZES, COLOURS, VIEWS
    primary = RATE.id
    comparison = COMPARISON

    def __init__(self, ref: ModelRef, scene: SplatScene, note: str, device: str) -> None:
        self.scene, self.device, self.note = scene, device, note
        gaussians = scene.splats.gaussians
        self.title = sayable(f"{ref.title}: {gaussians.count:,} Gaussians")
        self.weights_hash = hash_of(gaussians)
        self.notices = (*scene.splats.notices, *scene.notices)
        self.units = (Unit("gaussians", "All Gaussians", (), gaussians.count, noun="Gaussians"),)
        self.camera = camera_knob(scene.cameras.names, scene.held)
        self.knobs = (RATE, CRITERION, SEED, MASK, NETWORK, self.camera, BACKGROUND, COLOUR)
        self.metrics = metrics("photographs" if scene.photographs else "the full scene's own")
        self._name = sayable(ref.title)
        self._numbers = {name: n for n, name in enumerate(scene.cameras.names)}
        self.whole = Picturing(scene, gaussians)
        self.wanted = Wanted(self.whole)
        self._made: Newest[Picturing] = Newest(MADE_BYTES, lambda made: made.nbytes)
        self._up = up_of(scene.cameras)
        self._shown = scene.cameras
        self._glanced: tuple[Plan, Query] | None = None  # whose preview was made last
        self._kept = KeptScores(self.title, self.weights_hash, self._training(), scene.background)
        self._shares: Shares | None = None
        self._ranks: dict[tuple[str, str, int], np.ndarray] = {}

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """The scene itself."""
        picture = self.thumbnail(self.camera.id, str(self.camera.default), 96)
        thumbnail = np.dstack([picture, np.full(picture.shape[:2], 255, np.uint8)])
        there = bool(self.scene.photographs)
        return (Sample(SCENE, self._name, thumbnail=thumbnail, reference=there),)

    def thumbnail(
        self, knob: str, choice: str, longest: int, cancel: CancelToken = NEVER
    ) -> np.ndarray:
        """The photograph of a camera made small, or what the full scene looks like from there."""
        number, scene = self._numbers[choice], self.scene
        if number in scene.thumbnails:
            return scene.thumbnails[number](longest)
        return as_bytes(self.whole.glance(number, scene.background, longest, cancel))

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """The photograph of the camera chosen."""
        number = self._number(query)
        if number not in self.scene.photographs:
            return None
        pixels = as_bytes(self.wanted.of(number, self._background(query), LONGEST, cancel))
        return Scene((Layer("photograph", Image(pixels, told=True), view="picture"),))

    def _number(self, query: Query) -> int:
        return self._numbers[str(query.value(self.camera))]

    def _background(self, query: Query) -> Background:
        own = {"white": WHITE, "black": BLACK}
        return own.get(str(query.value(BACKGROUND)), self.scene.background)

    # -- pruning ----------------------------------------------------------------

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Look at all training views, for what each Gaussian gives to them."""
        self.shares(cancel)

    def shares(self, cancel: CancelToken = NEVER) -> Shares:
        """What all training views see of each Gaussian; worked out when a scene is first opened."""
        if self._shares is None:

            def work() -> dict[str, np.ndarray]:
                found = shares_of(self.whole.gaussians, self._training(), cancel=cancel)
                return {"largest": found.largest, "total": found.total, "pixels": found.pixels}

            self._shares = Shares(**self._kept.of("shares", work))
        return self._shares

    def _training(self) -> list[Camera]:
        return [self.scene.camera(number) for number in self.scene.training]

    def scores(self, criterion: str, seed: int = 0, cancel: CancelToken = NEVER) -> np.ndarray:
        """How much each Gaussian matters by a criterion: (N,) float64."""
        if criterion in ("largest", "total"):
            found: np.ndarray = getattr(self.shares(cancel), criterion)
            return found
        cameras = self._training() if SCORES[criterion].cameras else ()

        def work() -> dict[str, np.ndarray]:
            found = scores_of(
                criterion, self.whole.gaussians, cameras, seed=seed,
                background=self.scene.background, cancel=cancel,
            )  # fmt: skip
            return {criterion: found}

        return (self._kept.of(criterion, work) if cameras else work())[criterion]

    def ranks(self, plan: Plan, cancel: CancelToken = NEVER) -> np.ndarray:
        """The ranking that a plan cuts: numbers of Gaussians from the first to go, (N,) int64.

        Raises
        ------
        BadInput
            If its mask is not there, damaged, or was learned for another scene.
        """
        key = _key(plan)
        if key not in self._ranks:
            self._ranks[key] = self._ranked(*key, cancel)
        return self._ranks[key]

    def _ranked(self, kind: str, name: str, seed: int, cancel: CancelToken) -> np.ndarray:
        count = self.whole.gaussians.count
        if kind == MASK.id:
            digest = name
            stored = ArtifactStore().open(digest, MASK_KIND, self.weights_hash, self.title)
            mask = stored.tensors["mask"].numpy()
            if mask.shape != (count,):
                raise BadInput(
                    f"The mask '{stored.artifact.title}' is of {len(mask):,} Gaussians, and this "
                    f"scene has {count:,}; choose one that was learned for it."
                )
            return ranking(mask)
        return ranking(self.scores(name, seed, cancel))

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Say which Gaussians stay."""
        count = self.whole.gaussians.count
        rate = self.rate_of(plan)
        kept = kept_at(self.ranks(plan, cancel), rate) if rate else np.ones(count, bool)
        picturing = self._picturing(plan)
        changed = 0 if picturing is self.whole else _changed(self.whole, picturing, kept)
        return Applied(plan, self._footprint(plan, kept, changed), kept)

    def rate_of(self, plan: Plan) -> float:
        """Percent of the Gaussians that go."""
        unit = self.units[0].id
        for name in (*dict(plan.rates), *plan.locks):
            if name != unit:
                raise BadInput(f"There is no unit {name!r}; all Gaussians are one, {unit!r}.")
        if unit in plan.locks:
            return 0.0
        return float(dict(plan.rates).get(unit, plan.value(RATE)))

    def _footprint(self, plan: Plan, kept: np.ndarray, changed: int) -> Footprint:
        unit, each = self.units[0], self.each
        left = int(np.count_nonzero(kept))
        return Footprint(
            total=each * len(kept),
            prunable=each * len(kept),
            zeroed=0,
            removed=each * (len(kept) - left),
            bytes=4 * (each + 3) * left,  # a PLY has normals, too
            format="3DGS PLY",
            macs=None,  # pictures are no matrix products: their time is measured
            workload="",
            nonzero={unit.id: left},
            scope=frozenset({unit.id}) - set(plan.locks),
            sizes={"splat": 32 * left},
            changed=changed,
        )

    @property
    def each(self) -> int:
        """Parameters of one Gaussian."""
        return 11 + 3 * self.whole.gaussians.harmonics.shape[1]

    # -- scenes made from this one ------------------------------------------------

    def _picturing(self, plan: Plan) -> Picturing:
        digest = str(plan.value(NETWORK))
        if not digest:
            return self.whole
        return self._made.keep(digest, lambda: Picturing(self.scene, self.made(digest)))

    def made(self, digest: str) -> Gaussians:
        """The Gaussians of an artifact that was made from the opened scene.

        Raises
        ------
        BadInput
            If it is not there, damaged, or was made from another one.
        """
        stored = ArtifactStore().open(digest, NETWORK.takes, self.weights_hash, self.title)
        try:
            parts = [stored.tensors[name].float().numpy() for name in PARAMETERS]
            found = Gaussians(*parts)
        except KeyError as error:
            raise BadInput(
                f"The artifact '{stored.artifact.title}' has no {error}; make it anew."
            ) from error
        if found.harmonics.shape != self.whole.gaussians.harmonics.shape:
            raise BadInput(
                f"The artifact '{stored.artifact.title}' does not fit {self.title}; choose one "
                "that was made from it."
            )
        return found

    # -- pictures -----------------------------------------------------------------

    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Make the picture of the camera chosen; a preview has fewer pixels, and comes first."""
        asked = (applied.plan, query)
        if quality == "full" and self._glanced != asked:  # scores of all views take a while
            yield from self.reconstruct(applied, sample, query, "preview", cancel)
        self._glanced = asked
        picturing, kept = self._picturing(applied.plan), applied.token
        number, background = self._number(query), self._background(query)
        longest = PREVIEW if quality == "preview" else LONGEST
        found = picturing.picture(number, kept, background, longest, cancel)
        wanted = self.wanted.of(number, background, longest, cancel)
        layers = (
            Layer("picture", Image(as_bytes(found), told=True), view="picture"),
            Layer("difference", Image(apart(found, wanted), told=True), view="difference"),
            Layer("cameras", self._cameras(number), view="space"),
            self._gaussians(applied, picturing),
        )
        taken = Layer("camera", self.scene.one(number))
        times = self._timed(applied, picturing, number, cancel) if quality == "full" else {}
        yield Stage(quality, Scene(layers, (taken,), up=self._up), times=times)

    def _timed(
        self, applied: Applied, picturing: Picturing, number: int, cancel: CancelToken
    ) -> dict[str, float]:
        """Milliseconds that a whole picture takes, with its words: the least of a few."""
        parts = activated(picturing.gaussians.kept(applied.token))
        camera = self.scene.camera(number)
        took: list[float] = []
        while len(took) < ROUNDS and sum(took) < ENOUGH_MS:
            begun = time.perf_counter()
            look(parts, camera, cancel).picture(cancel=cancel)
            took.append(1e3 * (time.perf_counter() - begun))
        size = f"{camera.width} x {camera.height} pixels"
        return {f"picture of {len(parts[0]):,} Gaussians at {size}": min(took)}

    def _cameras(self, number: int) -> Cameras:
        """All cameras, of which one is chosen: the same object as long as that is the same."""
        name = self.scene.cameras.names[number]
        if self._shown.chosen != name:
            self._shown = replace(self.scene.cameras, chooses=self.camera.id, chosen=name)
        return self._shown

    def _gaussians(self, applied: Applied, picturing: Picturing) -> Layer:
        """The Gaussians in space, with what they can be coloured by."""
        arrays = {"opacity": picturing.gaussians.opacities}
        if self._shares is not None:
            arrays["unseen"] = self._shares.unseen.astype(np.float32)
        ranks = self._ranks.get(_key(applied.plan))
        if ranks is not None:
            later = kept_at(ranks, min(self.rate_of(applied.plan) + NEXT, 100.0))
            arrays["next"] = (applied.token & ~later).astype(np.float32)
            places = np.empty(len(ranks), np.float32)
            places[ranks] = np.arange(1, len(ranks) + 1) * np.float32(100 / len(ranks))
            arrays["importance"] = places
        shown = KeptGaussians(picturing.gaussians, applied.token, arrays, picturing.splats)
        return Layer("Gaussians", shown, "none", "space")

    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """One whole picture: projected, sorted and blended anew."""
        picturing = self._picturing(applied.plan)
        some = Picturing(self.scene, picturing.gaussians.kept(applied.token))
        some.picture(self._number(query), None, self._background(query))

    # -- scoring ------------------------------------------------------------------

    def score(
        self,
        applied: Applied,
        sample: str,
        query: Query,
        stage: Stage,
        full: Scene | None,
        cancel: CancelToken = NEVER,
    ) -> Scores | None:
        """PSNR and SSIM of held-out and training views; a preview of few held-out ones, smaller."""
        picturing, preview = self._picturing(applied.plan), stage.quality == "preview"
        longest = PREVIEW if preview else LONGEST
        numbers, background = compared(self.scene, preview), self._background(query)
        if preview:
            numbers = glanced(numbers)
        found = views_scored(
            picturing, self.wanted, numbers, applied.token, background, longest, cancel
        )
        return summed(self.scene, found, int(applied.token.sum()), preview)

    def curves(self, sample: str, query: Query, cancel: CancelToken) -> Iterator[Curve]:
        """Give the error of several scores and of learned masks against Gaussians left."""
        background = self._background(query)

        def judge(kept: np.ndarray) -> float:
            numbers = compared(self.scene, preview=True)
            views = views_scored(
                self.whole, self.wanted, numbers, kept, background, PREVIEW, cancel
            )
            return root_error(means(list(views.values()))["psnr"])

        def order(score: str) -> np.ndarray:
            return ranking(self.scores(score, 0, cancel))

        yield from score_curves(order, judge, cancel)
        yield from mask_curves(self.weights_hash, self.title, judge, cancel)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say what is known of a Gaussian, or which Gaussians make a pixel."""
        if pick.of == "pixel":
            return self._pixel(scene, pick)
        if pick.of == "camera":
            return self._camera(scene.layer(pick.layer).data, pick.index)
        if pick.of != "gaussian":
            return super().explain(sample, scene, pick)
        shown = scene.layer(pick.layer).data
        base, n = shown.base, pick.index
        x, y, z = base.means[n]
        sizes = ", ".join(f"{size:.3g}" for size in base.scales[n])
        text = f"Gaussian {n:,} at ({x:.3g}, {y:.3g}, {z:.3g}), opacity {base.opacities[n]:.2f}"
        text += f", standard deviations {sizes}"
        if self._shares is not None:
            text += f", largest share {self._shares.largest[n]:.3f}"
        return f"{text}."

    def _camera(self, cameras: Cameras, number: int) -> str:
        """What is known of a camera."""
        name, (wide, tall) = cameras.names[number], cameras.sizes[number]
        part = "held out" if self._numbers.get(name) in self.scene.held else "trained on"
        return f"Camera '{name}', {part}, {wide} x {tall} pixels."

    def _pixel(self, scene: Scene, pick: Pick) -> str:
        """Which Gaussians make a pixel of a result; of a photograph, where it is."""
        wide = scene.layer(pick.layer).data.pixels.shape[1]
        row, column = divmod(pick.index, wide)
        where = f"Pixel {column}, {row}"
        carried = next((one.data for one in scene.layers if one.name == "Gaussians"), None)
        if carried is None:
            return f"{where} of the photograph."
        number = self._numbers[scene.carried[0].data.names[0]]
        longest = max(scene.layer(pick.layer).data.pixels.shape[:2])
        seen = self._of(carried.base).seen(number, longest)
        found = shares_at(seen, carried.kept, row, column)
        if not len(found.ids):
            return f"{where}: no Gaussian, only background."
        most = np.argsort(-found.shares, kind="stable")[:MOST_TOLD]
        told = ", ".join(f"{found.ids[n]:,} ({found.shares[n]:.0%})" for n in most)
        rest = f", background {found.left:.0%}" if found.left >= 0.005 else ""
        return f"{where}: {len(found.ids)} Gaussians make it; most by {told}{rest}."

    def _of(self, gaussians: Gaussians) -> Picturing:
        """Who pictured these Gaussians."""
        every = (self.whole, *self._made.values())
        return next((one for one in every if one.gaussians is gaussians), self.whole)

    # -- files and life -------------------------------------------------------------

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the Gaussians that are kept, or the mask of them."""
        from .exports import write_scene

        changed = self._picturing(applied.plan)
        gaussians = None if changed is self.whole else changed.gaussians
        return write_scene(self.scene.splats, gaussians, applied.token, format_id, path, moment)

    def export_result(
        self,
        scene: Scene,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the picture, or the difference picture, of a result."""
        from .exports import write_picture

        return write_picture(scene, format_id, path, moment)

    def close(self) -> None:
        """Let go of pictures and rankings."""
        self.whole.forget()
        self._made.clear()
        self._ranks.clear()
        self._shares = None


def _key(plan: Plan) -> tuple[str, str, int]:
    """What a plan ranks by: the knob, its value, and the seed where it counts."""
    digest, criterion = str(plan.value(MASK)), str(plan.value(CRITERION))
    if digest:
        return MASK.id, digest, 0
    return CRITERION.id, criterion, int(plan.value(SEED)) if criterion == "random" else 0


def hash_of(gaussians: Gaussians) -> str:
    """SHA-256 of all parameters."""
    digest = hashlib.sha256()
    for name in PARAMETERS:
        digest.update(np.ascontiguousarray(getattr(gaussians, name)).tobytes())
    return digest.hexdigest()


def _changed(whole: Picturing, made: Picturing, kept: np.ndarray) -> int:
    """Parameters of those that are kept that have another value than in the opened scene."""
    pairs = ((getattr(one.gaussians, name)[kept] for one in (whole, made)) for name in PARAMETERS)
    return int(sum(np.count_nonzero(a != b) for a, b in pairs))
