"""Opening a scene: a file of splats, or a folder with cameras and photographs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.cameras.formats import capture_kind, read_capture
from prune3d_gui.files.paths import check_file
from prune3d_gui.files.splats.formats import read_splats, splat_kind
from prune3d_gui.files.splats.splat_file import SplatFile
from prune3d_gui.files.splats.trained import find_trained, trained_folder

from .captured import with_capture
from .large import most_of, place_and_part
from .model import SplatModel
from .placing import EVERY, cameras_round
from .scenes import SplatScene
from .shipped import NOTE, TITLE, installed

OWN = "A scene of yours; what it was trained on is unknown."


def open_model(ref: ModelRef, cancel: CancelToken = NEVER) -> SplatModel:
    """Open a scene of splats: a file, a folder as 3DGS writes it, or one of cameras and splats.

    Raises
    ------
    BadInput
        If there is no such file, or it is damaged or none of splats.
    TooMuch
        If it holds very many Gaussians, and the path does not say ``#all`` or how many.
    """
    place, part = place_and_part(ref.path)
    path = Path(place) if place else installed()
    if path is None:
        raise BadInput(
            f"The bundled scene '{TITLE}' is not installed; open a file of splats, or run 'prune3d "
            "data lp3dgs' and 'prune3d train lp3dgs'."
        )
    scene = scene_of(path, cancel, lambda file: most_of(file, ref, part))
    if not ref.path:  # what was assumed of a file of ours is told in the documentation
        scene = replace(scene, splats=replace(scene.splats, notices=()), notices=())
    cancel.check()
    device = chosen_device(ref.device, mps=False)
    return SplatModel(ref, scene, OWN if ref.path else NOTE, device)


def scene_of(
    path: Path,
    cancel: CancelToken = NEVER,
    most: Callable[[Path], int | None] = lambda file: None,
) -> SplatScene:
    """Read a scene, with the cameras and photographs that are found beside it.

    `most` says how many Gaussians of its file are read at most.
    """
    if trained_folder(path) is not None:
        found = find_trained(path)
        read = read_splats(found.splats, most(found.splats), cancel=cancel)
        splats = _with(read, found.notices)
        return alone(splats) if found.capture is None else with_capture(splats, found.capture)
    file = _splats_in(path) if path.is_dir() else check_file(path, "a file of Gaussian splats")
    splats = read_splats(file, most(file), cancel=cancel)
    if path.is_dir() and capture_kind(path) is not None:
        return with_capture(splats, read_capture(path))
    return alone(splats)


def _with(splats: SplatFile, notices: tuple[str, ...]) -> SplatFile:
    return replace(splats, notices=(*splats.notices, *notices))


def _splats_in(folder: Path) -> Path:
    """The one file of splats of a folder."""
    found = splat_files(folder)
    if len(found) != 1:
        listed = ", ".join(f"'{file.name}'" for file in found) or "none"
        raise BadInput(
            f"'{folder}' should have one file of splats and has {listed}; choose the file itself."
        )
    return found[0]


def splat_files(folder: Path) -> list[Path]:
    """Files of a folder that are of splats for sure."""
    kinds = {file: splat_kind(file) for file in sorted(folder.iterdir()) if file.is_file()}
    return [file for file, kind in kinds.items() if kind is not None and kind[1]]


def alone(splats: SplatFile) -> SplatScene:
    """A scene of splats that came without cameras: they are put round it, which is said."""
    cameras = cameras_round(splats.gaussians)
    count, side = len(cameras.names), int(cameras.sizes[0, 0])
    told = (
        f"The file has no cameras: {count} were put round the scene by where its Gaussians are, "
        f"{side} x {side} pixels, with y taken to point down; its own full pictures are the "
        "reference."
    )
    held = frozenset(range(0, count, EVERY))
    return SplatScene(splats, cameras, held, notices=(told,))
