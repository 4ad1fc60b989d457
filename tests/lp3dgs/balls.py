"""Small scenes of splats in files, alone and with photographs."""

import json

import numpy as np
from PIL import Image

from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.splats.formats import write_splats
from prune3d_gui.plugins.lp3dgs.placing import cameras_round
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from prune3d_gui.plugins.lp3dgs.training.fitting import begun

PARTS = ("means", "log_scales", "quaternions", "logits", "harmonics")


def ball(count, seed=0, radius=1.0, smaller=0.0):
    """Opaque coloured Gaussians on a sphere."""
    random = np.random.default_rng(seed)
    points = random.normal(size=(count, 3))
    points /= np.linalg.norm(points, axis=1, keepdims=True)
    made = begun(points, 0.5 + 0.5 * points, 0)
    solid = np.full(count, 6, np.float32)
    return Gaussians(
        made.means * np.float32(radius), made.log_scales + np.float32(0.4 - smaller),
        made.quaternions, solid, made.harmonics,
    )  # fmt: skip


def joined(*scenes):
    """All Gaussians of several scenes, one after the other."""
    return Gaussians(*(np.concatenate([getattr(s, name) for s in scenes]) for name in PARTS))


def hiding(outer=300, inner=60):
    """A ball, and small Gaussians in its middle that no camera outside sees."""
    return joined(ball(outer), ball(inner, 5, 0.1, 2.0))


def picture(gaussians, camera, background=(1.0, 1.0, 1.0)):
    """What a camera sees, (H, W, 3) float32."""
    return look(activated(gaussians), camera).picture(None, background).colours


def photographed(folder, gaussians, count=10, side=48):
    """A folder with a scene, its cameras as ``transforms.json``, and pictures of it."""
    (folder / "images").mkdir(parents=True)
    cameras = cameras_round(gaussians, count, side)
    frames = []
    for number in range(count):
        camera = cameras.camera(number)
        name = f"images/{number:02d}.png"
        pixels = np.clip(255 * picture(gaussians, camera) + 0.5, 0, 255).astype(np.uint8)
        Image.fromarray(pixels).save(folder / name)
        pose = cameras.poses[number] @ np.diag([1.0, -1.0, -1.0, 1.0])
        frames.append({"file_path": name, "transform_matrix": pose.tolist()})
    lens = {"fl_x": camera.fx, "fl_y": camera.fy, "cx": camera.cx, "cy": camera.cy}
    told = {**lens, "w": side, "h": side, "frames": frames}
    (folder / "transforms.json").write_text(json.dumps(told))
    write_splats(folder / "scene.ply", gaussians)
    return folder
