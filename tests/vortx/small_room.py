"""A folder with a small floor, as rooms are written, and a tiny network for it."""

import json

import numpy as np
import torch
from PIL import Image

from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.files.meshes import write_mesh
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.network.checkpoint import save_network
from prune3d_gui.plugins.vortx.volumes.photographs import Photographs
from prune3d_gui.plugins.vortx.volumes.scene import reconstruct
from prune3d_gui.plugins.vortx.volumes.tiles import Box

from . import floors
from .pruning.shapes import tiny

NAMES = ("floor", "ground")
ORIGIN = floors.ORIGIN + (12 * floors.VOXEL, 12 * floors.VOXEL, 0)
DIMS = (24, 24, 12)


def write_floor(folder, count=9):
    """A floor with a pattern, seen by cameras round it: box, reference mesh, photographs."""
    (folder / "color").mkdir(parents=True)
    frames = []
    for number, (pose, picture) in enumerate(
        zip(floors.poses(count), floors.pictures(count), strict=True)
    ):
        name = f"color/{number:06d}.jpg"
        Image.fromarray(picture).save(folder / name, quality=95)
        frames.append({"filename_color": name, "pose": pose.tolist()})
    focal, wide, tall = floors.FOCAL, floors.WIDTH, floors.HEIGHT
    matrix = [[focal, 0, wide / 2], [0, focal, tall / 2], [0, 0, 1]]
    told = {"scene": folder.name, "path": ".", "gt_mesh": "mesh.ply", "intrinsics": matrix,
            "frames": frames}  # fmt: skip
    (folder / "info.json").write_text(json.dumps(told))
    place = {"vol_origin": ORIGIN.tolist(), "voxel_size": floors.VOXEL}
    (folder / "tsdf_info.json").write_text(json.dumps(place))
    np.savez_compressed(folder / "full_tsdf_layer0.npz", floors.values()[12:36, 12:36, :12])
    corners = np.array([(-0.9, -0.9, 0), (0.9, -0.9, 0), (0.9, 0.9, 0), (-0.9, 0.9, 0)], np.float32)
    write_mesh(folder / "mesh.ply", Mesh(corners, np.array([(0, 1, 2), (0, 2, 3)], np.int32)))
    return folder


def save_tiny(path):
    """A network that finds surfaces somewhere, though not where they are."""
    network = tiny()
    last, seen = network.output_layers["fine"], []
    with torch.no_grad():
        for level in ("coarse", "medium"):  # what they read is not negative: all voxels go on
            network.output_layers[level].kernel.abs_()
        hook = last.register_forward_pre_hook(lambda _, given: seen.append(given[0]))
        whole = Photographs(floors.pictures(), floors.cameras())
        *_, _ = reconstruct(network, whole, Box(tuple(ORIGIN), DIMS, floors.VOXEL), views=8)
        hook.remove()
        ways = torch.tensor([1.0, -1.0]).repeat(len(last.kernel) // 2)[:, None]
        size = last.kernel.abs() / (seen[0].mean(0)[:, None] + 0.1 * seen[0].mean())
        last.kernel.copy_(ways * size)  # half of the voxels are behind a surface
        last.kernel.mul_(1 / (seen[0] @ last.kernel).std())
    facts = {"picture_width": str(floors.WIDTH), "weighted": "True", "note": "Not trained."}
    save_network(path, network, facts)
    return path


def with_floors(monkeypatch, folder):
    """Have two floors in the place of the rooms that are installed."""
    made = tuple(write_floor(folder / name) for name in NAMES)
    monkeypatch.setattr(shipped, "rooms", lambda: made)
    return made
