"""Whole rooms that networks reconstruct, each scored against its exact mesh by both protocols."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.core.score.parts import Part
from prune3d_gui.metrics.surfaces import SurfaceReference

from ..controls import WEIGHED
from ..model import VortxModel
from ..network.checkpoint import NetworkInfo
from ..network.network import Vortx
from ..rooms import Rooms
from ..scoring import Scoring
from ..showing import SURFACE

PROTOCOL = "protocol"
"""The kind of parts that scores of surfaces have."""
UNTOLD = 640
"""Width of photographs where nothing is looked at in them."""


@dataclass(frozen=True, eq=False)
class Entrant:
    """A network under a plan.

    Parameters
    ----------
    title : str
    network : Vortx
        Not changed; a plan prunes copies of its modules.
    info : NetworkInfo
    plan : Plan
    """

    title: str
    network: Vortx
    info: NetworkInfo
    plan: Plan


@dataclass(frozen=True, eq=False)
class Made:
    """What an entrant made of a room.

    Parameters
    ----------
    mesh : Mesh
        Its surface, in metres; without faces where there is none.
    seconds : float
        Of the reconstruction, nothing of which was known before.
    costs : mapping of str to int
        ``parameters`` that are left, ``zeroed`` ones among them, and ``macs`` in the usual crop.
    """

    mesh: Mesh
    seconds: float
    costs: Mapping[str, int]


class Judge:
    """One room.

    Parameters
    ----------
    folder : Path
        As 'prune3d data vortx' writes one.
    cancel : CancelToken

    Raises
    ------
    BadInput
        If it has no reference mesh.
    """

    def __init__(self, folder: Path, cancel: CancelToken = NEVER) -> None:
        self.folder = folder
        rooms = Rooms(UNTOLD, (folder,))
        self.name = rooms.samples[0].id
        room = rooms.of(self.name, cancel)
        found = room.reference(cancel)
        if found is None:
            raise BadInput(
                f"'{folder}' has no reference mesh to score against; make rooms with meshes."
            )
        self.box = room.box
        self.reference: Mesh = found.mesh
        self._known: SurfaceReference = Scoring().reference(self.name, room, found, cancel)

    def score(self, surface: Mesh, cancel: CancelToken = NEVER) -> tuple[Part, ...]:
        """Scores of a surface, a part for each protocol."""
        return self._known.score(surface, cancel).parts

    def reconstruct(
        self, entrant: Entrant, views: int, device: str = "cpu", cancel: CancelToken = NEVER
    ) -> Made:
        """Have a network reconstruct the room as the window does, from nothing.

        Raises
        ------
        Cancelled
        """
        rooms = Rooms(entrant.info.picture, (self.folder,))
        model = VortxModel(entrant.network, entrant.info, rooms, device)
        try:
            applied = model.apply(entrant.plan, cancel)
            query = Query().with_value(WEIGHED, views)
            start = time.perf_counter()
            *_, stage = model.reconstruct(applied, self.name, query, "full", cancel)
            seconds = time.perf_counter() - start
            left = applied.footprint
            costs = {
                "parameters": left.total - left.removed, "zeroed": left.zeroed,
                "macs": left.macs or 0,
            }  # fmt: skip
            return Made(stage.scene.layer(SURFACE).data, seconds, costs)
        finally:
            model.close()

    def walls(self) -> Mapping[str, Mesh]:
        """The room as a box, which knows nothing of what stands in it.

        Returns
        -------
        mapping of str to Mesh
            ``box of the reference``, whose walls, floor and ceiling are where the exact mesh
            ends; ``box that is looked at``, which a reconstruction is given.
        """
        points = self.reference.points
        low = np.asarray(self.box.origin)
        high = low + (np.asarray(self.box.dims) - 1) * self.box.voxel
        return {
            "box of the reference": box_mesh(points.min(0), points.max(0)),
            "box that is looked at": box_mesh(low, high),
        }


def box_mesh(low: np.ndarray, high: np.ndarray) -> Mesh:
    """The six sides of a box, two triangles each: (8, 3) points, (12, 3) faces."""
    corners = np.array([(x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1)])
    points = np.asarray(low) + corners * (np.asarray(high) - np.asarray(low))
    quads = ((0, 1, 3, 2), (4, 6, 7, 5), (0, 4, 5, 1), (2, 3, 7, 6), (0, 2, 6, 4), (1, 5, 7, 3))
    faces = [three for a, b, c, d in quads for three in ((a, b, c), (a, c, d))]
    return Mesh(points.astype(np.float32), np.array(faces, np.int32))
