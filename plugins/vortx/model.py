"""An opened network: prune its modules, reconstruct rooms, score and show what comes out."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.model import Applied, Model, Sample, Stage
from prune3d_gui.core.names import sayable
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Quality, Query
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.scenes import Image, Layer, Pick, Scene
from prune3d_gui.core.score.scores import Scores
from prune3d_gui.files.artifacts import ArtifactStore

from .controls import (
    CAMERA,
    COLOURS,
    DISTANCE,
    FORMATS,
    KNOBS,
    PRESETS,
    PREVIEWED,
    SHOW,
    SIZES,
    VIEWS,
    WEIGHED,
)
from .network.checkpoint import NetworkInfo
from .network.features import LEVELS
from .network.network import Vortx
from .pruning.controls import NETWORK, RATE_3D, WIDTH_FORWARD
from .pruning.footprint import MODULES, footprint_of
from .pruning.pruner import Effective, Pruner
from .pruning.work import TYPICAL
from .rooms import RoomData, Rooms
from .scoring import METRICS, Scoring
from .showing import REFERENCE, SURFACE, TSDF, Showing, chosen, reference_scene
from .volumes.caches import Caches
from .volumes.found import Level
from .volumes.scene import Keys, reconstruct

MADE_BYTES = 256 << 20
"""Of networks that were made from the opened one and chosen instead."""
FOUND_BYTES = 256 << 20
"""Of levels that were found."""
SCENES = 4
"""Features kept: of a room at rest, dragged, at another rate, and of another room."""
GLANCED = "{} views"
"""What is added to the name of a stage that was made from few photographs."""
Found = tuple[Level, ...]


class VortxModel(Model):
    """A network and the rooms that it is looked at on.

    Parameters
    ----------
    network : Vortx
        As read; the model owns it from now on.
    info : NetworkInfo
    rooms : Rooms
    device : str
    """

    formats, sizes, colours, views = FORMATS, SIZES, COLOURS, VIEWS
    knobs, metrics, presets = KNOBS, METRICS, PRESETS
    primary = RATE_3D.id

    def __init__(self, network: Vortx, info: NetworkInfo, rooms: Rooms, device: str) -> None:
        self.network, self.info = network.eval().requires_grad_(False), info
        count = sum(p.numel() for p in network.parameters())
        self.title = sayable(f"VoRTX, {count:,} parameters ({info.name})")
        self.note = info.metadata.get(
            "note", "A checkpoint of yours; what it was trained on is unknown."
        )
        self.notices = info.notices
        self.weights_hash = info.hash
        self.rooms = rooms
        self._looked = ""
        self._load(device)

    def _load(self, device: str) -> None:
        self.device = device
        self._own = Pruner(self.network.to(device), name=self.info.hash)
        self.units = self._own.units
        self._made: Newest[Pruner] = Newest(MADE_BYTES, _bytes_of)
        self._changed: dict[str, int] = {}
        self.caches = Caches(SCENES)
        self._found: Newest[Found] = Newest(FOUND_BYTES, _bytes_found)
        self._scoring, self._showing = Scoring(), Showing()
        self._references: Newest[Scene] = Newest(64 << 20, lambda scene: scene.nbytes)
        self._previewed: object = None

    # -- samples ----------------------------------------------------------------

    def samples(self) -> tuple[Sample, ...]:
        """Rooms to choose from, those the user opened last."""
        return tuple(self.rooms.samples)

    def open_sample(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in posed photographs of a room; what was found out about them is said."""
        return self.rooms.open(path, cancel)

    def pack(self, sample: str) -> bytes:
        """A room of one's own; empty for one that comes with the program."""
        from .packing import packed

        own = self.rooms.own(sample)
        return b"" if own is None else packed(own)

    def unpack(self, sample: str, data: bytes) -> None:
        """Take in what `pack` gave."""
        from .packing import unpacked

        if data:
            self.rooms.add(sample, unpacked(data))

    def thumbnail(
        self, knob: str, choice: str, longest: int, cancel: CancelToken = NEVER
    ) -> np.ndarray | None:
        """A photograph of the room that was looked at last, made small."""
        from PIL import Image as Picture

        if knob != CAMERA.id:
            return None
        room = self.rooms.of(self._looked or self.rooms.samples[0].id, cancel)
        pixels = room.pictures[chosen(room, choice)]
        small = Picture.fromarray(pixels)
        small.thumbnail((longest, longest))
        return np.asarray(small)

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """The reference mesh, where there is one."""
        room = self.rooms.of(sample, cancel)
        known = self._references.get(room.key)
        if known is not None:
            return known
        found = room.reference(cancel)
        if found is None:
            return None
        made = reference_scene(room, found)
        self._references.put(room.key, made)
        return made

    def inputs(self, sample: str, cancel: CancelToken = NEVER) -> Scene | None:
        """Some of the photographs."""
        room = self.rooms.of(sample, cancel)
        some = np.unique(np.linspace(0, len(room.pictures) - 1, 4).round().astype(int))
        return Scene(
            tuple(Layer(f"Photograph {n + 1}", Image(room.pictures[int(n)])) for n in some)
        )

    # -- pruning ----------------------------------------------------------------

    def prepare(self, cancel: CancelToken = NEVER) -> None:
        """Rank weights, channels and neurons, as all plans need it; this one needs all ranks."""
        self._own.effective(PRESETS[0].plan.with_value(WIDTH_FORWARD, 50.0), cancel)

    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Zero weights and remove channels; modules that the plan does not reach stay the same.

        Raises
        ------
        BadInput
            If a unit is unknown, or the network chosen cannot be used.
        """
        pruner = self._chosen(plan, cancel)
        effective = pruner.effective(plan, cancel)
        bare = footprint_of(pruner, effective, TYPICAL)
        changed = min(self._changed.get(str(plan.value(NETWORK)), 0), bare.total - bare.taken)
        return Applied(plan, replace(bare, changed=changed), effective)

    def _chosen(self, plan: Plan, cancel: CancelToken) -> Pruner:
        """Who prunes the network that a plan chooses."""
        digest = str(plan.value(NETWORK))
        if not digest:
            return self._own
        known = self._made.get(digest)
        if known is None:
            made = self.made(digest)
            cancel.check()
            known = Pruner(made.to(self.device), self.network, name=digest)
            self._changed[digest] = sum(
                int((a != b).sum())
                for a, b in zip(made.parameters(), self.network.parameters(), strict=True)
            )
            self._made.put(digest, known)
        return known

    def made(self, digest: str) -> Vortx:
        """The network of an artifact that was made from the opened one.

        Raises
        ------
        BadInput
            If it is not there, damaged, or was made from another one.
        """
        stored = ArtifactStore().open(digest, NETWORK.takes, self.weights_hash, self.title)
        made = copy.deepcopy(self.network)
        stored.load_into(made, self.title)
        return made.eval().requires_grad_(False)

    # -- reconstruction ---------------------------------------------------------

    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Reconstruct a room: its coarse level first, then the medium and the fine one.

        A preview whose photographs the 2D part has not seen yet, since that part changed, is made
        from the 8 that see most of the room together; its stages say so.
        """
        self._looked = sample
        room = self.rooms.of(sample, cancel)
        asked = (_told(applied.token), sample, query.value(WEIGHED))
        numbers = room.looked_at(int(query.value(WEIGHED)))
        said = ""
        if quality == "preview" and not self._seen(applied.token, room, numbers):
            few = room.glanced(PREVIEWED)
            if len(few) < len(numbers):
                numbers, said = few, GLANCED.format(len(few))
        quiet = quality == "full" and self._previewed == asked
        found: dict[str, Level] = {}
        for level, seconds in self._levels(applied.token, room, numbers, query, cancel):
            found[level.level] = level
            last = level.level == LEVELS[-1] or bool(level.emptied)
            if quiet and not last:
                continue
            shown, photograph = str(query.value(SHOW)), str(query.value(CAMERA))
            scene = self._showing.result(room, level, shown, photograph, found)
            cancel.check()
            times = {MODULES[name]: 1000 * spent for name, spent in seconds.items()}
            done = last and quality == "full"
            name = f"{level.level}, {said}" if said else level.level
            yield Stage("full" if done else "preview", scene, name, times)
        if quality == "preview":
            self._previewed = asked

    def _seen(self, effective: Effective, room: RoomData, numbers: np.ndarray) -> bool:
        """Whether the 2D part has seen these photographs."""
        key = effective.caching.features, room.photographs(numbers).key
        known = (self.caches.features.get((*key, number)) for number in range(len(numbers)))
        return all(one is not None for one in known)

    def _levels(
        self,
        effective: Effective,
        room: RoomData,
        numbers: np.ndarray,
        query: Query,
        cancel: CancelToken,
    ) -> Iterator[tuple[Level, Mapping[str, float]]]:
        """What levels find, and the seconds that took; kept once all of them were found."""
        views, photographs = int(query.value(WEIGHED)), room.photographs(numbers)
        key = (_told(effective), photographs.key, views)
        known = self._found.get(key)
        if known is not None:
            yield from ((level, {}) for level in known)
            return
        found = []
        for level in reconstruct(
            effective.network, photographs, room.box, views, self.info.weighted,
            effective.caching, self.caches, cancel=cancel,
        ):  # fmt: skip
            found.append(level)
            yield level, level.seconds
        self._found.put(key, tuple(found))

    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """One whole reconstruction; nothing is reused."""
        room, views = self.rooms.of(sample), int(query.value(WEIGHED))
        for _ in reconstruct(
            applied.token.network, room.photographs(room.looked_at(views)), room.box, views,
            self.info.weighted, Keys("", ""), Caches(),
        ):  # fmt: skip
            pass

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
        """Acc, Comp, Prec, Rec and F at 5 cm by both protocols; of the fine level alone."""
        if stage.quality == "preview":
            return None
        room = self.rooms.of(sample, cancel)
        scene = self.reference(sample, query, cancel)
        if scene is None:
            known = None if full is None else self._scoring.full(room, full, cancel)
        else:
            found = room.reference(cancel)
            assert found is not None
            known = self._scoring.reference(sample, room, found, cancel)
        if known is None:
            return None
        against = REFERENCE if scene is not None else "full"
        return self._scoring.scores(known, stage.scene, against, cancel)

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say what is known of a vertex, a camera or a pixel."""
        data = scene.layer(pick.layer).data
        if isinstance(data, Cameras):
            room = self.rooms.of(sample)
            number = chosen(room, data.names[pick.index])
            wide, tall = room.cameras.sizes[number]
            return (
                f"Photograph {number + 1} of {len(room.pictures)}, "
                f"'{room.cameras.names[number]}', {wide} x {tall} pixels."
            )
        if pick.of != "vertex" or not hasattr(data, "points"):
            return super().explain(sample, scene, pick)
        x, y, z = data.points[pick.index]
        text = f"{pick.layer.capitalize()} at ({x:.2f}, {y:.2f}, {z:.2f}) m"
        far = data.arrays.get(DISTANCE)
        if far is not None:
            other = "result" if pick.layer == REFERENCE else "reference"
            text += f", {100 * float(far[pick.index]):.1f} cm from the {other}"
        seen = data.arrays.get("seen")
        return f"{text}; {int(seen[pick.index])} photographs look at it." if seen is not None else \
            f"{text}."  # fmt: skip

    # -- files and life ---------------------------------------------------------

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the network without the channels that are gone, with zeros where weights are."""
        from .exports import write_network

        cancel.check()
        whole = applied.footprint.total
        return write_network(applied.token.network, self.info, whole, format_id, path, moment)

    def export_result(
        self,
        scene: Scene,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the surface or the signed distances of a result."""
        from .exports import write_result

        return write_result(scene, format_id, path, moment, (SURFACE, REFERENCE), TSDF)

    def move_to(self, device: str) -> None:
        """Start again on another device."""
        self._load(device)

    def close(self) -> None:
        """Let go of networks and results."""
        for pruner in (self._own, *self._made.values()):
            pruner.clear()
        self._made.clear()
        self._found.clear()
        self.caches = Caches(SCENES)
        self._scoring.forget()
        self._showing.clear()
        self._references.clear()


def _told(effective: Effective) -> tuple[tuple[str, str], ...]:
    """What tells the weights of a network from those of others."""
    return tuple(sorted(effective.keys.items()))


def _bytes_of(pruner: Pruner) -> int:
    return sum(p.nbytes for p in pruner.network.parameters())


def _bytes_found(found: Sequence[Level]) -> int:
    return sum(level.places.nbytes + level.logits.nbytes for level in found)
