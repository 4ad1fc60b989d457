"""How close a reconstructed surface is to a reference, by two protocols that may not be mixed.

Of nearest distances d1 (result to reference) and d2 (reference to result), accuracy and
completeness are the means, precision and recall the shares below 5 cm, F their harmonic mean.
The protocols differ in what points stand for the surfaces:

*Atlas* (Murez et al. 2020, and most since): the result is rendered at every frame, pixels are
dropped where the reference renders nothing, and the rest is fused again at 4 cm, so that one wall
is left of two and nothing beyond what the frames saw. Vertices of both, thinned to 2 cm.

*TransformerFusion* (Bozic et al. 2021): 200,000 points drawn on the result as it is, without those
in what no frame saw, the vertices of the reference, and distances of at most 1 m.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from ..core.cancel import NEVER, CancelToken
from ..core.errors import BadInput
from ..core.scene.cameras import Camera
from ..core.scene.scenes import Mesh
from ..core.score.parts import Part
from ..core.score.scores import Metric
from ..core.score.thresholds import Threshold
from ..geometry.fusion.boxes import box_of
from ..geometry.fusion.depths import depth_maps
from ..geometry.fusion.samples import sampled, spread, thinned
from ..geometry.fusion.tsdf import fuse
from ..geometry.fusion.visible import mark_seen
from .points import PointReference

ATLAS, TRANSFORMERFUSION = "Atlas, trimmed single wall", "TransformerFusion"
NEAR = 0.05
"""Distance of precision and recall, in metres."""
VOXEL, THIN = 0.04, 0.02
DRAWN, FARTHEST = 200_000, 1.0
_BEYOND = 1.0  # metres around the reference in which a result is looked at
_SLACK = 0.03  # metres that a point may be behind what hides it
_FAR = 1e3  # no depth of a room is cut

_BY = f"; the Atlas protocol: rendered, trimmed and fused again at {VOXEL:g} m, thinned to 2 cm."
_LESS, _MORE = Threshold(1.33, "factor"), Threshold(-0.05, "difference")
METRICS = (
    Metric(
        "fscore", "F at 5 cm", "higher", f"Harmonic mean of precision and recall{_BY}", slack=_MORE
    ),
    Metric(
        "prec", "Precision", "higher", f"Share of the result within 5 cm{_BY}", slack=_MORE
    ),
    Metric("rec", "Recall", "higher", f"Share of the reference within 5 cm{_BY}", slack=_MORE),
    Metric("acc", "Acc", "lower", f"Mean distance of the result{_BY}", "m", slack=_LESS),
    Metric("comp", "Comp", "lower", f"Mean distance of the reference{_BY}", "m", slack=_LESS),
)  # fmt: skip
"""What `SurfaceScores.values` holds, by id."""


@dataclass(frozen=True, eq=False)
class SurfaceScores:
    """Scores of one surface.

    Parameters
    ----------
    parts : tuple of Part
        Of the kind ``protocol``. What is not defined is left out, never NaN: a result without a
        surface has the recall and F 0, but no precision.
    trimmed : Mesh
        The single wall that the Atlas protocol made of the result.
    distance : (V,) float32
        From each vertex of the result to the nearest point of the reference, in metres.
    reference_distance : (W,) float32
        From each vertex of the reference to the nearest point of the result; infinite without one.
    notices : tuple of str
        What could not be scored and why; what a protocol leaves out.
    """

    parts: tuple[Part, ...]
    trimmed: Mesh
    distance: np.ndarray
    reference_distance: np.ndarray
    notices: tuple[str, ...] = ()

    @property
    def values(self) -> Mapping[str, float]:
        """Those of the Atlas protocol, which most papers are judged by."""
        return self.parts[0].values


@dataclass(eq=False)
class SurfaceReference:
    """A reference that results are scored against; what it takes is worked out once.

    Parameters
    ----------
    mesh : Mesh
        In metres.
    cameras : sequence of Camera
        Of the frames, as their depth is seen.
    scanned : bool
        Whether its vertices are dense and all were seen, as those of a scan or of fused depth
        are. Those of a designed mesh are not: points are spread over its faces, 2 cm apart, and
        count where a camera sees them.
    cancel : CancelToken
        Looked at while this is made.

    Raises
    ------
    BadInput
        If the mesh has no faces, there are no cameras, or none sees any of it.
    Cancelled
    """

    mesh: Mesh
    cameras: Sequence[Camera]
    scanned: bool = True
    cancel: CancelToken = NEVER
    notices: tuple[str, ...] = ()
    _masks: list[np.ndarray] = field(default_factory=list, repr=False)

    def __post_init__(self) -> None:
        if not len(self.mesh.faces):
            raise BadInput("The reference surface has no faces; choose another one.")
        if not self.cameras:
            raise BadInput("There are no cameras to score a surface by; give those of its frames.")
        points = np.asarray(self.mesh.points, np.float64)
        if not self.scanned:
            points = thinned(spread(self.mesh, THIN), THIN)
        seen = np.zeros(len(points), bool)
        count = 0

        def looked() -> Iterator[np.ndarray]:
            nonlocal count
            for one, depth in zip(
                self.cameras, depth_maps(self.mesh, self.cameras, self.cancel), strict=True
            ):
                self._masks.append(np.packbits(depth > 0))
                count += int((depth > 0).sum())
                if not self.scanned:
                    mark_seen(points, one, depth, _SLACK, seen)
                yield depth

        low, high = (getattr(self.mesh.points, way)(0) for way in ("min", "max"))
        origin, dims = box_of(low, high, VOXEL, 4 * VOXEL)
        matrices, poses = _pinholes(self.cameras)
        self._observed = fuse(
            looked(), matrices, poses, origin, dims, VOXEL, cut=_FAR, cancel=self.cancel
        )
        if not count:
            raise BadInput(
                f"None of the {len(self.cameras)} cameras sees the reference surface; their world "
                "may be another one."
            )
        if not self.scanned:
            self.notices += (
                f"The reference is a designed mesh: {int(seen.sum()):,} of {len(points):,} points "
                "2 cm apart on it are seen by a camera, and stand for its vertices.",
            )
            points = points[seen]
        self._thin = PointReference(thinned(points, THIN), NEAR**2)
        self._whole = PointReference(points, NEAR**2)

    def score(self, result: Mesh, cancel: CancelToken = NEVER) -> SurfaceScores:
        """Score a surface by both protocols.

        Raises
        ------
        Cancelled
        """
        trimmed = self._trimmed(result, cancel)
        cancel.check()
        atlas, said = self._atlas(trimmed, bool(len(result.faces)))
        cancel.check()
        other, more = self._transformer_fusion(result)
        cancel.check()
        near, far = self._apart(result)
        parts = Part("protocol", ATLAS, atlas), Part("protocol", TRANSFORMERFUSION, other)
        return SurfaceScores(parts, trimmed, near, far, (*self.notices, *said, *more))

    def _trimmed(self, result: Mesh, cancel: CancelToken) -> Mesh:
        """What the frames saw of a result where they see the reference, as one wall."""
        if not len(result.faces):
            return result

        def kept() -> Iterator[np.ndarray]:
            for depth, bits in zip(
                depth_maps(result, self.cameras, cancel), self._masks, strict=True
            ):
                mask = np.unpackbits(bits, count=depth.size).reshape(depth.shape)
                yield depth * mask

        ends = [(m.points[m.faces].min((0, 1)), m.points[m.faces].max((0, 1))) for m in
                (result, self.mesh)]  # fmt: skip
        low = np.maximum(np.minimum(ends[0][0], ends[1][0]), ends[1][0] - _BEYOND)
        high = np.minimum(np.maximum(ends[0][1], ends[1][1]), ends[1][1] + _BEYOND)
        origin, dims = box_of(low, high, VOXEL, 4 * VOXEL)
        matrices, poses = _pinholes(self.cameras)
        return fuse(kept(), matrices, poses, origin, dims, VOXEL, cut=_FAR, cancel=cancel).surface()

    def _atlas(self, trimmed: Mesh, there: bool) -> tuple[dict[str, float], list[str]]:
        points = thinned(trimmed.points, THIN)
        if not len(points):
            reason = (
                "no frame sees any of it where it sees the reference" if there
                else "it has no surface"
            )  # fmt: skip
            return {"fscore": 0.0, "rec": 0.0}, [
                f"{ATLAS}: the result has no precision, accuracy and completeness, since {reason}."
            ]
        return _values(self._thin, points), []

    def _transformer_fusion(self, result: Mesh) -> tuple[dict[str, float], list[str]]:
        points = sampled(result, DRAWN)
        if not len(points):
            return {"fscore": 0.0, "rec": 0.0, "comp": FARTHEST}, [
                f"{TRANSFORMERFUSION}: the result has no precision and accuracy, since it has no "
                f"surface; its completeness is {FARTHEST:g} m by definition."
            ]
        seen = self._seen(points)
        said = [] if seen.any() else [
            f"{TRANSFORMERFUSION}: no frame saw the space of any of the result; all of it counts."
        ]  # fmt: skip
        return _values(self._whole, points, seen if seen.any() else None, FARTHEST), said

    def _seen(self, points: np.ndarray) -> np.ndarray:
        """Whether all voxels around each point were observed."""
        volume = self._observed
        low = np.floor((points - volume.origin) / volume.voxel).astype(np.int64)
        inside = ((low >= 0) & (low + 1 < volume.counts.shape)).all(1)
        found = inside.copy()
        at = low[inside]
        good = np.ones(len(at), bool)
        for corner in np.ndindex(2, 2, 2):
            good &= volume.counts[tuple((at + corner).T)] > 0
        found[inside] = good
        return found

    def _apart(self, result: Mesh) -> tuple[np.ndarray, np.ndarray]:
        """Distances of vertices of the result and of the reference, to be coloured by."""
        own = np.asarray(self.mesh.points, np.float32)
        if not len(result.faces):
            empty = np.full(len(result.points), np.inf, np.float32)
            return empty, np.full(len(own), np.inf, np.float32)
        near = self._whole.nearest(result.points)
        dense = thinned(np.concatenate([result.points, sampled(result, DRAWN)]), THIN)
        return near, PointReference(dense).nearest(own)


def _values(
    reference: PointReference,
    points: np.ndarray,
    counted: np.ndarray | None = None,
    farthest: float = np.inf,
) -> dict[str, float]:
    """Scores of points; only those `counted` tell precision and accuracy."""
    found = reference.compare(points)
    assert found.distance is not None
    assert found.reference_distance is not None
    there = np.minimum(found.distance if counted is None else found.distance[counted], farthest)
    back = np.minimum(found.reference_distance, farthest)
    precision, recall = float((there < NEAR).mean()), float((back < NEAR).mean())
    both = precision + recall
    return {
        "fscore": 2 * precision * recall / both if both else 0.0,
        "prec": precision,
        "rec": recall,
        "acc": float(there.mean(dtype=float)),
        "comp": float(back.mean(dtype=float)),
    }


def _pinholes(cameras: Sequence[Camera]) -> tuple[np.ndarray, np.ndarray]:
    """Intrinsics (N, 3, 3) and poses (N, 4, 4) of cameras, as fusion takes them."""
    matrices = np.array([((c.fx, 0, c.cx), (0, c.fy, c.cy), (0, 0, 1)) for c in cameras])
    return matrices, np.linalg.inv(np.stack([c.world_to_camera for c in cameras]))
