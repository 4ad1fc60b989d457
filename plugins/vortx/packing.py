"""A room of one's own as bytes, for a worker on another machine."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import safetensors.numpy

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.core.scene.scenes import Mesh

from .rooms import Pictures, Reference, RoomData
from .volumes.tiles import Box


def packed(room: RoomData) -> bytes:
    """A room as safetensors; `unpacked` gives it back."""
    one, box, found = room.cameras, room.box, room.reference(NEVER)
    tensors = {
        "pictures": np.stack([room.pictures[n] for n in range(len(room.pictures))]),
        "poses": one.poses, "intrinsics": one.intrinsics, "sizes": np.asarray(one.sizes),
    }  # fmt: skip
    about = {
        "names": one.names, "origin": box.origin, "dims": box.dims, "voxel": box.voxel,
        "notices": room.notices, "said": "" if found is None else found.said,
    }  # fmt: skip
    if found is not None:
        seen = found.cameras
        tensors |= {
            "points": found.mesh.points, "faces": found.mesh.faces,
            "seen": np.array([(c.width, c.height, c.fx, c.fy, c.cx, c.cy) for c in seen], float),
            "turns": np.stack([np.asarray(c.world_to_camera, float) for c in seen]),
        }  # fmt: skip
    held = {name: np.ascontiguousarray(value) for name, value in tensors.items()}
    return safetensors.numpy.save(held, {"about": json.dumps(about)})


def unpacked(data: bytes) -> RoomData:
    """A room out of what `packed` gave."""
    held = safetensors.numpy.load(data)
    size = 8 + int.from_bytes(data[:8], "little")
    about = json.loads(json.loads(data[8:size])["__metadata__"]["about"])
    cameras = Cameras(held["poses"], held["intrinsics"], held["sizes"], tuple(about["names"]))
    pictures = Pictures(
        [partial(held["pictures"].__getitem__, n) for n in range(len(held["poses"]))]
    )
    reference = None
    if "points" in held:
        seen = tuple(
            Camera(int(w), int(h), fx, fy, cx, cy, turn)
            for (w, h, fx, fy, cx, cy), turn in zip(held["seen"], held["turns"], strict=True)
        )
        reference = Reference(Mesh(held["points"], held["faces"]), seen, about["said"])
    x, y, z = (float(value) for value in about["origin"])
    i, j, k = (int(side) for side in about["dims"])
    box = Box((x, y, z), (i, j, k), float(about["voxel"]))
    return RoomData(cameras, pictures, box, lambda cancel: reference, tuple(about["notices"]))
