"""The scene as a folder: photographs, their cameras, points to start from, what it is."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.scenes import Points
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.paths import check_folder, sweep
from prune3d_gui.files.points import write_points
from prune3d_gui.files.texts import read_json

from .photographs import Shooting, Wanted

FACTS, POSES, POINTS, IMAGES = "scene.json", "transforms.json", "points.ply", "images"
VERSION = 1
"""Of the still life: to be raised when its pictures change, so that old and new do not mix."""
MOST = 5000
"""Points to start from."""
Tell = Callable[[int, int, str], None]


def write_scene(
    folder: Path, wanted: Wanted, tell: Tell, cancel: CancelToken, device: str = "cpu"
) -> None:
    """Photograph the scene of a seed into a folder.

    ``images/000.png`` and so on are sRGB with alpha. ``transforms.json`` has the cameras as
    nerfstudio and instant-ngp read them, world from camera by OpenGL's axes (x right, y up, z
    backwards), with what is held out under ``test_filenames``; it is written last. ``points.ply``
    has points to start from, with the columns that 3DGS reads. ``scene.json`` says what it is.
    Photographs that are there already are left alone, so that a stopped run goes on.

    Parameters
    ----------
    folder : Path
    wanted : Wanted
    tell : callable
        Of how many views are done, of how many, and a text.
    cancel : CancelToken
    device : str
        Where rays are followed.

    Raises
    ------
    BadInput
        If the folder holds another scene or other images, or cannot be written.
    """
    check_folder(folder)
    _check_free(folder, wanted)
    check_folder(folder / IMAGES)
    sweep(folder / IMAGES)
    shooting = Shooting(wanted, device)
    _write_json(folder / FACTS, _facts(shooting))
    each = math.ceil(MOST / (wanted.views - wanted.held))
    cloud = []
    for number in range(wanted.views):
        cancel.check()
        path = folder / _name(number)
        photograph = _read(path, wanted.side)
        if photograph is None:
            photograph = shooting.photograph(number, cancel)
            with writing(path) as place:
                Image.fromarray(photograph).save(place, "PNG", optimize=True)
        if number not in shooting.held:
            cloud.append(shooting.points(number, photograph, each))
        tell(number + 1, wanted.views, f"{number + 1} of {wanted.views} views")
    _write_points(folder / POINTS, np.concatenate(cloud))
    _write_json(folder / POSES, _poses(shooting))


def _name(number: int) -> str:
    return f"{IMAGES}/{number:03d}.png"


def _check_free(folder: Path, wanted: Wanted) -> None:
    """Refuse a folder that holds another scene, or images that nothing is said of."""
    facts = folder / FACTS
    if not facts.exists():
        if (folder / POSES).exists() or (folder / IMAGES).exists():
            raise BadInput(
                f"'{folder}' holds images or cameras of something else; choose an empty folder."
            )
        return
    try:
        found = read_json(facts)
        other = Wanted(**{name: int(found[name]) for name in asdict(wanted)})
        version = int(found["version"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError, BadInput) as error:
        raise BadInput(
            f"'{facts}' does not say which scene the folder holds; choose an empty folder."
        ) from error
    if version != VERSION:
        raise BadInput(
            f"'{folder}' holds a scene that version {version} of the still life was begun with, "
            f"and this is version {VERSION}; choose an empty folder."
        )
    if other != wanted:
        told = ", ".join(f"{name} {value}" for name, value in asdict(other).items())
        raise BadInput(f"'{folder}' holds another scene ({told}); choose an empty folder.")


def _read(path: Path, side: int) -> np.ndarray | None:
    """A photograph that an earlier run left; None where there is none that can be used."""
    try:
        with Image.open(path) as image:
            found = np.asarray(image)
    except FileNotFoundError:
        return None
    except (OSError, ValueError, SyntaxError, Image.DecompressionBombError):
        return None  # damaged: it is made anew
    return found if found.shape == (side, side, 4) else None


def _facts(shooting: Shooting) -> dict[str, Any]:
    wanted = shooting.wanted
    return {
        "version": VERSION,
        **asdict(wanted),
        "told": f"A procedural still life of seed {wanted.seed}, ray traced; no photograph.",
        "unit": "the radius of the table; z is up, the table's top is z = 0",
        "objects": [asdict(one) for one in shooting.placed],
    }


def _poses(shooting: Shooting) -> dict[str, Any]:
    names = [_name(number) for number in range(shooting.wanted.views)]
    held = [names[number] for number in shooting.held]
    camera = shooting.cameras[0]
    return {
        "camera_model": "PINHOLE",
        "camera_angle_x": 2 * math.atan(camera.width / 2 / camera.fx),
        "ply_file_path": POINTS,
        "train_filenames": [name for name in names if name not in held],
        "val_filenames": held,
        "test_filenames": held,
        "frames": [_frame(*pair) for pair in zip(names, shooting.cameras, strict=True)],
    }


def _frame(name: str, camera: Camera) -> dict[str, Any]:
    pose = np.linalg.inv(camera.world_to_camera) @ np.diag([1.0, -1.0, -1.0, 1.0])
    return {
        "file_path": name,
        "w": camera.width, "h": camera.height,
        "fl_x": camera.fx, "fl_y": camera.fy, "cx": camera.cx, "cy": camera.cy,
        "transform_matrix": pose.round(9).tolist(),
    }  # fmt: skip


def _write_points(path: Path, cloud: np.ndarray) -> None:
    zeros = np.zeros(len(cloud), np.float32)
    points = Points(cloud[:, :3].astype(np.float32), {"nx": zeros, "ny": zeros, "nz": zeros})
    write_points(path, points, colours=cloud[:, 3:].round().astype(np.uint8))


def _write_json(path: Path, content: dict[str, Any]) -> None:
    with writing(path) as place:
        place.write_text(json.dumps(content, indent=1), encoding="utf-8")
