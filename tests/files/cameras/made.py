"""Cameras, photographs and models, made with numbers alone."""

import json
import struct

import numpy as np
from PIL import Image
from scipy.spatial.transform import Rotation

LENSES = {
    "SIMPLE_PINHOLE": (60.0, 33.0, 24.5),
    "PINHOLE": (60.0, 62.0, 33.0, 24.5),
    "SIMPLE_RADIAL": (60.0, 33.0, 24.5, -0.08),
    "RADIAL": (60.0, 33.0, 24.5, -0.08, 0.02),
    "OPENCV": (60.0, 62.0, 33.0, 24.5, -0.08, 0.02, 0.003, -0.002),
    "OPENCV_FISHEYE": (60.0, 62.0, 33.0, 24.5, 0.02, -0.01, 0.003, -0.001),
    "FULL_OPENCV": (60.0, 62.0, 33.0, 24.5, 0.1, 0.02, 0.003, -0.002, 0.01, 0.08, 0.03, 0.002),
    "FOV": (60.0, 62.0, 33.0, 24.5, 0.6),
    "SIMPLE_RADIAL_FISHEYE": (60.0, 33.0, 24.5, 0.03),
    "RADIAL_FISHEYE": (60.0, 33.0, 24.5, 0.03, -0.01),
    "THIN_PRISM_FISHEYE": (
        60.0, 62.0, 33.0, 24.5, 0.02, -0.01, 0.003, -0.001, 0.002, 0.001, 0.004, -0.003,
    ),
    "RAD_TAN_THIN_PRISM_FISHEYE": (
        60.0, 62.0, 33.0, 24.5, 0.02, -0.01, 0.003, -0.001, 0.002, 0.001, 0.004, -0.003,
        0.002, 0.001, -0.001, 0.002,
    ),
    "SIMPLE_DIVISION": (60.0, 33.0, 24.5, -0.1),
    "DIVISION": (60.0, 62.0, 33.0, 24.5, 0.1),
    "SIMPLE_FISHEYE": (60.0, 33.0, 24.5),
    "FISHEYE": (60.0, 62.0, 33.0, 24.5),
    "EUCM": (60.0, 62.0, 33.0, 24.5, 0.5, 1.1),
}  # fmt: skip
SIZE = (64, 48)


def poses(count, seed=0):
    """World to camera: (N, 4, 4), all different."""
    rng = np.random.default_rng(seed)
    made = np.tile(np.eye(4), (count, 1, 1))
    made[:, :3, :3] = Rotation.random(count, rng=rng).as_matrix()
    made[:, :3, 3] = rng.normal(0, 2, (count, 3))
    return made


def picture(path, size=SIZE, mode="RGB", seed=0, **saved):
    """A photograph of noise; its pixels."""
    path.parent.mkdir(parents=True, exist_ok=True)
    bands = len(Image.new(mode, (1, 1)).getbands())
    shape = (size[1], size[0], bands) if bands > 1 else (size[1], size[0])
    pixels = np.random.default_rng(seed).integers(0, 256, shape, np.uint8)
    Image.fromarray(pixels, mode if mode != "1" else "L").save(path, **saved)
    return pixels


def binary_model(folder, models=("PINHOLE",), names=("a.png", "b.png"), **wrong):
    """A COLMAP model as its documentation lays it out, one camera for each image or for all."""
    folder.mkdir(parents=True, exist_ok=True)
    numbers = list(LENSES)
    data = struct.pack("<Q", wrong.get("cameras", len(models)))
    for number, model in enumerate(models, 1):
        kind = numbers.index(model) if model in numbers else model
        given = LENSES.get(model, LENSES["PINHOLE"])
        data += struct.pack("<IiQQ", number, kind, *SIZE) + struct.pack(f"<{len(given)}d", *given)
    (folder / "cameras.bin").write_bytes(data)
    data = struct.pack("<Q", wrong.get("images", len(names)))
    for number, (name, pose) in enumerate(zip(names, poses(len(names)), strict=True), 1):
        turn = Rotation.from_matrix(pose[:3, :3]).as_quat(scalar_first=True)
        camera = wrong.get("camera", min(number, len(models)))
        turn = wrong.get("turn", turn)
        data += struct.pack("<I7dI", number, *turn, *pose[:3, 3], camera)
        marks = number % 3
        data += name.encode() + b"\0" + struct.pack("<Q", wrong.get("marks", marks))
        data += struct.pack("<ddq", 1, 2, -1) * marks
    (folder / "images.bin").write_bytes(data)
    return poses(len(names))


def transforms(path, world_to_camera, names, **more):
    """A transforms.json with these poses, by OpenGL's axes as it wants them."""
    turned = np.linalg.inv(world_to_camera) @ np.diag((1, -1, -1, 1))
    frames = [
        {"file_path": name, "transform_matrix": pose.tolist()}
        for name, pose in zip(names, turned, strict=True)
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps({"frames": frames, **more}))


def cameras_json(path, world_to_camera, names, **more):
    """A cameras.json with these poses: of the camera in the world."""
    inverse = np.linalg.inv(world_to_camera)
    told = {"width": SIZE[0], "height": SIZE[1], "fx": 60.0, "fy": 62.0, **more}
    cameras = [
        {
            "id": i,
            "img_name": name,
            "position": pose[:3, 3].tolist(),
            "rotation": pose[:3, :3].tolist(),
            **told,
        }
        for i, (name, pose) in enumerate(zip(names, inverse, strict=True))
    ]
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(cameras))
