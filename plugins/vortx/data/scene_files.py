"""Scenes as folders, as VoRTX prepares them: written of rooms, and read fast for training.

A folder has ``color/000000.jpg`` and so on, ``depth/000000.png`` in whole millimetres,
``info.json`` with the intrinsics and world-from-camera poses (OpenCV's axes, metres, z up; the
corner of a picture is (0, 0)), ``full_tsdf_layer0.npz`` to ``2`` of 4, 8 and 16 cm with
``tsdf_info.json``, and ``mesh.ply``. Paths in ``info.json`` are relative to it.
"""

from __future__ import annotations

import json
import os
import shutil
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.files.meshes import read_mesh, write_mesh
from prune3d_gui.files.paths import check_folder
from prune3d_gui.files.texts import read_json
from prune3d_gui.geometry.fusion.tsdf import Tsdf

from ..intake.volumes import INFO as ORIGIN
from ..intake.volumes import LAYER, read_tsdf
from .making import VERSION, MadeRoom, Wanted

INFO, MESH = "info.json", "mesh.ply"
COLOUR, DEPTH = "color/{:06d}.jpg", "depth/{:06d}.png"
QUALITY = 92
MILLI = 1000.0
"""Steps of a depth picture in a metre."""
LAYERS = 3


def write_room(
    folder: Path, made: MadeRoom, wanted: Wanted, number: int, depths: bool = True
) -> None:
    """Write a room's folder, all of it or nothing.

    Parameters
    ----------
    folder : Path
        Must not be there yet.
    made : MadeRoom
    wanted : Wanted
    number : int
        What the room was made from.
    depths : bool
        Whether depth pictures are written.

    Raises
    ------
    BadInput
        If it cannot be written.
    """
    check_folder(folder.parent)
    part = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(part, ignore_errors=True)
    try:
        (part / "color").mkdir(parents=True)
        if depths:
            (part / "depth").mkdir()
        for frame, picture in enumerate(made.recording.pictures):
            Image.fromarray(picture).save(part / COLOUR.format(frame), quality=QUALITY)
            if depths:
                steps = np.clip(np.round(made.recording.depths[frame] * MILLI), 0, 65535)
                Image.fromarray(steps.astype(np.uint16)).save(part / DEPTH.format(frame))
        for layer, volume in enumerate(made.layers):
            np.savez_compressed(part / LAYER.format(layer), _halves(volume))
        told = {
            "vol_origin": made.layers[0].origin.tolist(), "voxel_size": made.layers[0].voxel
        }  # fmt: skip
        _write(part / ORIGIN[0], told)
        if made.mesh is not None:
            write_mesh(part / MESH, made.mesh)
        _write(part / INFO, _told(folder, made, wanted, number, depths))
        os.replace(part, folder)
    except OSError as error:
        raise BadInput(f"'{folder}' could not be written: {error.strerror or error}.") from error
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _told(
    folder: Path, made: MadeRoom, wanted: Wanted, number: int, depths: bool
) -> dict[str, Any]:
    frames = []
    for frame, pose in enumerate(made.recording.poses):
        one: dict[str, Any] = {"filename_color": COLOUR.format(frame)}
        if depths:
            one["filename_depth"] = DEPTH.format(frame)
        frames.append({**one, "pose": pose.round(9).tolist()})
    return {
        "scene": folder.name,
        "path": ".",
        "gt_mesh": "" if made.mesh is None else MESH,
        "intrinsics": made.recording.intrinsics.tolist(),
        "frames": frames,
        "made": {"version": VERSION, **asdict(wanted), "number": number},
        "furniture": [asdict(one) for one in made.room.placed],
        "told": "A procedural room, ray traced; no photograph. The mesh is exact where the "
        "cameras see it from up to 3 m.",
    }


def _halves(volume: Tsdf) -> np.ndarray:
    """Its values as float16; what was observed stays below 1, which says that nothing was."""
    below = np.nextafter(np.float16(1), np.float16(0))
    halves = volume.values.astype(np.float16)
    return np.where(volume.values < 1, np.minimum(halves, below), np.float16(1))


def _write(path: Path, content: dict[str, Any]) -> None:
    path.write_text(json.dumps(content), encoding="utf-8")


@dataclass(frozen=True, eq=False)
class SceneFolder:
    """A scene's folder, of which is read what is asked for.

    Parameters
    ----------
    folder : Path
    told : dict
        What ``info.json`` says.
    """

    folder: Path
    told: dict[str, Any]

    def __len__(self) -> int:
        return len(self.told["frames"])

    @property
    def name(self) -> str:
        """What the scene is called."""
        return str(self.told.get("scene") or self.folder.name)

    @cached_property
    def intrinsics(self) -> np.ndarray:
        """(3, 3) float64."""
        return np.asarray(self.told["intrinsics"], np.float64)[:3, :3]

    @cached_property
    def poses(self) -> np.ndarray:
        """World from camera: (N, 4, 4) float64."""
        return np.array([frame["pose"] for frame in self.told["frames"]], np.float64)

    def picture(self, frame: int) -> np.ndarray:
        """One picture: (H, W, 3) uint8."""
        with Image.open(self._path(frame, "filename_color")) as image:
            return np.asarray(image.convert("RGB"))

    def depth(self, frame: int) -> np.ndarray | None:
        """Metres along the axis: (H, W) float32, 0 for nothing; None where it is left out."""
        if not self.told["frames"][frame].get("filename_depth"):
            return None
        with Image.open(self._path(frame, "filename_depth")) as image:
            return np.asarray(image, np.float32) / np.float32(MILLI)

    def camera(self, frame: int) -> Camera:
        """The camera of one picture."""
        height, width = self.size
        k = self.intrinsics
        return Camera(
            width, height, float(k[0, 0]), float(k[1, 1]), float(k[0, 2]), float(k[1, 2]),
            np.linalg.inv(self.poses[frame]),
        )  # fmt: skip

    @cached_property
    def size(self) -> tuple[int, int]:
        """Height and width of pictures."""
        with Image.open(self._path(0, "filename_color")) as image:
            return image.height, image.width

    def volume(self, layer: int = 0) -> Tsdf:
        """The fused reference: 0 for the finest layer."""
        return read_tsdf(self.folder, layer)

    def mesh(self) -> Mesh | None:
        """The reference mesh; None where there is none."""
        name = self.told.get("gt_mesh")
        return read_mesh(self.folder / str(name)) if name else None

    def _path(self, frame: int, key: str) -> Path:
        return self.folder / str(self.told["frames"][frame][key])


def read_scene(folder: Path) -> SceneFolder:
    """Open a scene's folder as `write_room` leaves it.

    Folders of others, whose poses and paths have to be looked at first, are the intake's.

    Raises
    ------
    BadInput
        If it is none.
    """
    path = folder / INFO
    try:
        told = read_json(path)
        count = len(told["frames"])
        poses = np.array([frame["pose"] for frame in told["frames"]], np.float64)
        good = poses.shape == (count, 4, 4) and np.isfinite(poses).all() and count > 0
        good &= np.asarray(told["intrinsics"], np.float64).shape[0] >= 3
    except (OSError, ValueError, KeyError, TypeError, RecursionError, BadInput) as error:
        raise BadInput(
            f"'{folder}' has no {INFO} with frames and poses; give a folder such as 'prune3d data "
            "vortx' fills."
        ) from error
    if not good:
        raise BadInput(f"'{path}' has poses that are none of 4 x 4 finite numbers.")
    return SceneFolder(folder, told)


def scenes_in(folder: Path, split: str) -> tuple[Path, ...]:
    """Folders of a split's finished rooms, in their order; more may come while rooms are made."""
    return tuple(sorted(each.parent for each in (folder / split).glob(f"[!.]*/{INFO}")))
