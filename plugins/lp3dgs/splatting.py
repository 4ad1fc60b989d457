"""Drawing Gaussians for a camera that a hand moves: in space, with colours of one's own."""

from __future__ import annotations

from dataclasses import replace
from threading import Lock

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import KeptGaussians, Splatted
from prune3d_gui.geometry.compiling import shared

from .raster.blending import find_depths
from .raster.projecting import RED
from .raster.seen import Parts, Seen, look

SEEN_BYTES = 160 << 20
"""Of what the last cameras saw, so that pruning alone projects and sorts nothing anew."""


class Splats:
    """Draws one set of Gaussians, all of them or those that are kept: a `Splatter`.

    Parameters
    ----------
    parts : Parts
        See `raster.seen.activated`.
    """

    def __init__(self, parts: Parts) -> None:
        self._parts = parts
        self._lock = Lock()
        self._seen: Newest[Seen] = Newest(SEEN_BYTES, lambda seen: seen.nbytes)

    @property
    def nbytes(self) -> int:
        """Memory that what cameras saw takes."""
        return self._seen.bytes

    def __call__(
        self,
        shown: KeptGaussians,
        camera: Camera,
        colours: np.ndarray | None = None,
        cancel: CancelToken = NEVER,
    ) -> Splatted:
        """Draw those that are kept: see `Splatter`."""
        seen, kept = self._of(camera, cancel), shown.kept
        if colours is not None:
            rows = seen.rows.copy()
            rows[:, RED : RED + 3] = colours
            seen = replace(seen, rows=rows)
        picture = seen.picture(kept, cancel=cancel)
        x, y, z, far = np.asarray(camera.world_to_camera, float)[2]
        by_row = (self._parts[0] @ np.array((x, y, z)) + far).astype(np.float32)
        depths, tiles = np.empty((camera.height, camera.width), np.float32), seen.tiles
        shared(
            lambda _, i, j: find_depths(
                i, j, tiles.starts, tiles.ids, tiles.across, seen.rows, kept, by_row, depths
            ),
            tiles.cuts(),
            cancel,
        )
        return Splatted(picture.colours, picture.left, depths)

    def forget(self) -> None:
        """Keep nothing of what cameras saw."""
        with self._lock:
            self._seen.clear()

    def _of(self, camera: Camera, cancel: CancelToken) -> Seen:
        lens = (camera.fx, camera.fy, camera.cx, camera.cy)
        key = (camera.width, camera.height, lens, camera.world_to_camera.tobytes())
        with self._lock:
            known = self._seen.get(key)
        if known is None:
            known = look(self._parts, camera, cancel)
            with self._lock:
                self._seen.put(key, known)
        return known
