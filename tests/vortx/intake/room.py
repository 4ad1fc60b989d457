"""A furnished room, photographed and measured along a path, and the folders it is written to."""

import json
from dataclasses import dataclass, replace

import numpy as np
import trimesh
from PIL import Image

from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion.depths import depth_maps

WIDTH, HEIGHT, FOCAL = 160, 120, 140.0
FLIP = np.diag((1.0, -1.0, -1.0, 1.0))
# (middle, sides) in metres, z up: walls are the inside of the first.
BOXES = (
    ((0, 0, 1.3), (4.2, 3.6, 2.6)),
    ((0.3, 0.1, 0.72), (1.3, 0.8, 0.06)),
    *(((0.3 + x, 0.1 + y, 0.34), (0.07, 0.07, 0.7)) for x in (-0.55, 0.55) for y in (-0.3, 0.3)),
    ((1.75, 1.2, 0.5), (0.5, 0.9, 1.0)),
    ((-1.7, -1.3, 0.9), (0.6, 0.5, 1.8)),
    ((0.1, 0.0, 0.85), (0.25, 0.2, 0.2)),
    ((0.6, 0.2, 0.81), (0.12, 0.12, 0.12)),
    ((-0.9, 1.55, 0.45), (0.9, 0.45, 0.9)),
    ((1.2, -1.4, 0.25), (0.5, 0.5, 0.5)),
)


def room_mesh():
    parts = []
    for middle, sides in BOXES:
        box = trimesh.creation.box(sides)
        box.apply_translation(middle)
        parts.append(box)
    whole = trimesh.util.concatenate(parts)
    return Mesh(whole.vertices.astype(np.float32), whole.faces.astype(np.int32))


def looking(place, target):
    front = np.subtract(target, place)
    front = front / np.linalg.norm(front)
    right = np.cross(front, (0, 0, 1.0))
    right /= np.linalg.norm(right)
    pose = np.eye(4)
    pose[:3, :3] = np.column_stack([right, np.cross(front, right), front])
    pose[:3, 3] = place
    return pose


def walk(count):
    """Poses of a walk around a table, z up, metres, OpenCV's axes."""
    made = []
    for t in np.linspace(0, 1, count):
        a = 2 * np.pi * 0.8 * t
        place = (1.1 * np.cos(a), 1.1 * np.sin(a), 1.45 + 0.05 * np.sin(5 * a))
        aim = (0.3 - 0.9 * np.cos(a + 0.5), 0.1 - 0.9 * np.sin(a + 0.5), 0.55 + 0.2 * np.sin(3 * a))
        made.append(looking(place, aim))
    return np.stack(made)


def painted(mesh, camera):
    """A photograph: each thing has a grey of its own, with soft patches that stick to it."""
    depth = next(depth_maps(mesh, [camera])).astype(float)
    v, u = np.mgrid[: camera.height, : camera.width] + 0.5
    rays = np.stack([(u - camera.cx) / camera.fx, (v - camera.cy) / camera.fy, np.ones_like(u)], -1)
    pose = np.linalg.inv(camera.world_to_camera)
    at = (rays * depth[..., None]) @ pose[:3, :3].T + pose[:3, 3]
    grey = np.full(depth.shape, 0.55)
    for number, (middle, sides) in enumerate(BOXES[1:]):
        inside = (np.abs(at - middle) <= np.array(sides) / 2 + 2e-3).all(-1)
        grey[inside] = (0.1, 0.95, 0.25, 0.8, 0.4)[number % 5]
    for axis, scale in ((0, 3.1), (1, 4.3), (2, 5.7)):
        bumps = np.sin(9 * at[..., axis - 1] + 2 * np.sin(scale * at[..., axis]) + scale)
        grey = grey + 0.05 * bumps * np.sin(13 * at[..., axis] + 3 * at[..., axis - 2])
    colour = grey[..., None] * (1, 0.92, 0.85)
    return (np.clip(colour, 0, 1) * 255).astype(np.uint8)


@dataclass
class Recording:
    """What a sensor recorded: poses world from camera, metres, z up, OpenCV's axes."""

    poses: np.ndarray
    photographs: list
    depths: list
    colour_focal: float = FOCAL


def record(count=30, colour_focal=FOCAL, shift=0.0):
    mesh, poses = room_mesh(), walk(count)
    deep = [camera(pose) for pose in poses]
    beside = np.eye(4)
    beside[0, 3] = shift
    photos = [painted(mesh, camera(pose @ beside, colour_focal)) for pose in poses]
    return Recording(poses, photos, list(depth_maps(mesh, deep)), colour_focal)


def camera(pose, focal=FOCAL):
    return Camera(WIDTH, HEIGHT, focal, focal, WIDTH / 2, HEIGHT / 2, np.linalg.inv(pose))


def stored(poses, kind="camera-to-world", axes="opencv", unit=1.0, world=None):
    """Poses as a file would hold them; `unit` is metres of a unit, `world` from ours to its."""
    found = poses if world is None else world @ poses
    found = found.copy()
    found[:, :3, 3] /= unit
    found = found @ FLIP if axes == "opengl" else found
    return np.linalg.inv(found) if kind == "world-to-camera" else found


def rows(matrix):
    return "\n".join(" ".join(f"{x:.9g}" for x in row) for row in matrix) + "\n"


def intrinsics(focal=None):
    focal = focal or FOCAL
    return np.array(((focal, 0, WIDTH / 2), (0, focal, HEIGHT / 2), (0, 0, 1.0)))


def png(path, depth, steps):
    values = np.where(depth > 0, np.rint(depth * steps), 0)
    Image.fromarray(np.clip(values, 0, 65534).astype(np.uint16)).save(path, compress_level=1)


def write_7scenes(folder, taken, poses=None, steps=1000, focal=None, depth=True):
    folder.mkdir(parents=True, exist_ok=True)
    poses = taken.poses if poses is None else poses
    (folder / "camera-intrinsics.txt").write_text(rows(intrinsics(focal or FOCAL)))
    for n, (pose, photo) in enumerate(zip(poses, taken.photographs, strict=True)):
        Image.fromarray(photo).save(folder / f"frame-{n:06d}.color.png", compress_level=1)
        (folder / f"frame-{n:06d}.pose.txt").write_text(rows(pose))
        if depth:
            png(folder / f"frame-{n:06d}.depth.png", taken.depths[n], steps)
    return folder


def write_info(folder, taken, poses=None, path="/data/scans/scene0000_00", **changes):
    for part in ("color", "depth"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    frames = []
    poses = taken.poses if poses is None else poses
    for n, (pose, photo) in enumerate(zip(poses, taken.photographs, strict=True)):
        Image.fromarray(photo).save(folder / "color" / f"{n:06d}.jpg", quality=95)
        png(folder / "depth" / f"{n:06d}.png", taken.depths[n], 1000)
        frames.append(
            {
                "filename_color": f"{path}/color/{n:06d}.jpg",
                "filename_depth": f"{path}/depth/{n:06d}.png",
                "pose": pose.tolist(),
            }
        )
    told = {"scene": "scene0000_00", "path": path, "intrinsics": intrinsics().tolist()}
    (folder / "info.json").write_text(json.dumps(told | {"frames": frames} | changes))
    return folder


def write_export(folder, taken, poses=None):
    for part in ("color", "depth", "pose", "intrinsic"):
        (folder / part).mkdir(parents=True, exist_ok=True)
    wide = np.eye(4)
    wide[:3, :3] = intrinsics()
    (folder / "intrinsic" / "intrinsic_color.txt").write_text(rows(wide))
    (folder / "intrinsic" / "intrinsic_depth.txt").write_text(rows(wide))
    (folder / "intrinsic" / "extrinsic_color.txt").write_text(rows(np.eye(4)))
    poses = taken.poses if poses is None else poses
    for n, (pose, photo) in enumerate(zip(poses, taken.photographs, strict=True)):
        Image.fromarray(photo).save(folder / "color" / f"{n}.jpg", quality=95)
        png(folder / "depth" / f"{n}.png", taken.depths[n], 1000)
        (folder / "pose" / f"{n}.txt").write_text(rows(pose))
    return folder


def write_transforms(folder, taken, poses=None, depth=False):
    (folder / "images").mkdir(parents=True, exist_ok=True)
    poses = stored(taken.poses, axes="opengl") if poses is None else poses
    frames = []
    for n, (pose, photo) in enumerate(zip(poses, taken.photographs, strict=True)):
        Image.fromarray(photo).save(folder / "images" / f"{n:03d}.png", compress_level=1)
        frame = {"file_path": f"images/{n:03d}.png", "transform_matrix": pose.tolist()}
        if depth:
            png(folder / "images" / f"{n:03d}.depth.png", taken.depths[n], 1000)
            frame["depth_file_path"] = f"images/{n:03d}.depth.png"
        frames.append(frame)
    told = {"w": WIDTH, "h": HEIGHT, "fl_x": FOCAL, "fl_y": FOCAL}
    told |= {"cx": WIDTH / 2, "cy": HEIGHT / 2}
    (folder / "transforms.json").write_text(json.dumps(told | {"frames": frames}))
    return folder


def write_colmap(folder, taken, poses=None):
    from scipy.spatial.transform import Rotation

    (folder / "images").mkdir(parents=True, exist_ok=True)
    model = folder / "sparse" / "0"
    model.mkdir(parents=True, exist_ok=True)
    views = stored(taken.poses, "world-to-camera") if poses is None else poses
    numbers = f"{FOCAL} {FOCAL} {WIDTH / 2} {HEIGHT / 2}"
    (model / "cameras.txt").write_text(f"1 PINHOLE {WIDTH} {HEIGHT} {numbers}\n")
    lines = []
    for n, (view, photo) in enumerate(zip(views, taken.photographs, strict=True)):
        Image.fromarray(photo).save(folder / "images" / f"{n:03d}.png", compress_level=1)
        turn = Rotation.from_matrix(view[:3, :3]).as_quat(scalar_first=True)
        numbers = " ".join(f"{x:.10g}" for x in (*turn, *view[:3, 3]))
        lines += [f"{n + 1} {numbers} 1 {n:03d}.png", ""]
    (model / "images.txt").write_text("\n".join(lines) + "\n")
    (model / "points3D.txt").write_text("")
    return folder


def only(taken, numbers):
    """Some of the frames."""
    return replace(
        taken,
        poses=taken.poses[numbers],
        photographs=[taken.photographs[n] for n in numbers],
        depths=[taken.depths[n] for n in numbers],
    )
