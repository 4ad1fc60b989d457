"""Scores of surfaces against the reference of a room, by both protocols."""

from __future__ import annotations

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.scenes import Mesh, Scene
from prune3d_gui.core.score.scores import Scores
from prune3d_gui.metrics.surfaces import METRICS, SurfaceReference, SurfaceScores

from .controls import COMPLETENESS, DISTANCE
from .rooms import Reference, RoomData
from .showing import REFERENCE, SURFACE

__all__ = ["METRICS", "Scoring"]

KEPT = 4
FARTHEST = 10.0
"""Metres that stand for what has nothing to be near to."""


class Scoring:
    """What rooms are scored against; worked out when it is first asked for, and kept."""

    def __init__(self) -> None:
        self._made: Newest[SurfaceReference] = Newest(KEPT, lambda made: 1)
        self._scored: Newest[tuple[object, ...]] = Newest(8 * KEPT, lambda made: 1)

    def reference(
        self, sample: str, room: RoomData, reference: Reference, cancel: CancelToken
    ) -> SurfaceReference:
        """The reference of a room."""
        return self._made.keep(
            (sample, room.key),
            lambda: SurfaceReference(reference.mesh, reference.cameras, reference.scanned, cancel),
        )

    def full(self, room: RoomData, full: Scene, cancel: CancelToken) -> SurfaceReference | None:
        """The full result, where it stands in for a reference; None where it has no surface."""
        mesh = full.layer(SURFACE).data
        cameras = [room.cameras.camera(n) for n in range(len(room.cameras.names))]
        try:
            return self._made.keep(
                id(mesh.points), lambda: SurfaceReference(mesh, cameras, True, cancel)
            )
        except BadInput:  # no surface, or none that is seen
            return None

    def scores(
        self, known: SurfaceReference, scene: Scene, against: str, cancel: CancelToken
    ) -> Scores:
        """Score the surface of a result."""
        mesh: Mesh = scene.layer(SURFACE).data
        key = id(known), id(mesh.points)  # both are kept with the scores, so that ids stay theirs
        held = self._scored.keep(key, lambda: (known, mesh, known.score(mesh, cancel)))
        found = held[2]
        assert isinstance(found, SurfaceScores)
        shown = {layer.name for layer in scene.layers}
        near = np.minimum(found.distance, FARTHEST).astype(np.float32)
        back = np.minimum(found.reference_distance, FARTHEST).astype(np.float32)
        return Scores(
            dict(found.values),
            arrays={SURFACE: {DISTANCE: near}} if SURFACE in shown and len(near) else {},
            against=against,
            on_reference={REFERENCE: {COMPLETENESS: back, DISTANCE: back}}
            if against == REFERENCE
            else {},
            parts=found.parts,
        )

    def forget(self) -> None:
        """Keep nothing."""
        self._made.clear()
        self._scored.clear()
