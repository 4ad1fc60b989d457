"""The folder of a scene as 3DGS writes it: splats, cameras, and what it was made of."""

from __future__ import annotations

import ast
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from ...core.errors import BadInput, Prune3DError
from ..cameras import cameras_json
from ..cameras.capture import BLACK, WHITE, Capture
from ..cameras.formats import capture_kind, read_capture

_CLOUD, _FILE, _SETTINGS = "point_cloud", "point_cloud.ply", "cfg_args"
_STEP = re.compile(r"iteration_(\d+)")


@dataclass(frozen=True, eq=False)
class TrainedScene:
    """What a folder of a trained scene has.

    Parameters
    ----------
    folder : Path
    splats : Path
        The PLY of the newest iteration.
    iteration : int
    capture : Capture or None
        Its cameras and photographs, where they are there.
    initial : Path or None
        The points that training began with.
    settings : mapping
        Of the training, as it wrote them; empty where it did not.
    notices : tuple of str
        Sentences on what was taken, and what is missing.
    """

    folder: Path
    splats: Path
    iteration: int
    capture: Capture | None
    initial: Path | None
    settings: Mapping[str, object]
    notices: tuple[str, ...]


def trained_folder(path: str | Path) -> Path | None:
    """The folder of the trained scene that a folder is, or that a file or folder lies in."""
    target = Path(path)
    for folder in (target, *list(target.parents)[:3]):
        if folder.is_dir() and _iterations(folder):
            return folder
    return None


def find_trained(path: str | Path) -> TrainedScene:
    """Find what a folder of a trained scene has; the splats themselves are not read.

    Parameters
    ----------
    path : path
        The folder, one in it, or the PLY of an iteration, which then is the one that is taken.

    Raises
    ------
    BadInput
        If it is none.
    """
    target = Path(path)
    folder = trained_folder(target)
    if folder is None:
        raise BadInput(
            f"'{target}' is no folder of a trained scene, which has "
            f"{_CLOUD}/iteration_N/{_FILE}; choose another one."
        )
    steps = _iterations(folder)
    asked = [step for step, file in steps.items() if target in (file, file.parent)]
    step = asked[0] if asked else max(steps)
    notices = []
    if len(steps) > 1:
        listed = ", ".join(f"{one:,}" for one in sorted(steps))
        notices.append(f"Of its iterations {listed}, {step:,} was taken.")
    settings = _settings(folder / _SETTINGS, notices)
    capture = _capture(folder, settings, notices)
    first = folder / "input.ply"
    notices += capture.notices if capture else ["It has no cameras."]
    return TrainedScene(
        folder,
        steps[step],
        step,
        capture,
        first if first.is_file() else None,
        settings,
        tuple(notices),
    )


def _iterations(folder: Path) -> dict[int, Path]:
    inner = (folder / _CLOUD).glob("iteration_*")
    found = ((_STEP.fullmatch(each.name), each / _FILE) for each in inner)
    return {int(match[1]): file for match, file in found if match and file.is_file()}


def _settings(path: Path, notices: list[str]) -> dict[str, object]:
    """What ``cfg_args`` says: the text of a namespace, of which only plain values are taken."""
    if not path.is_file():
        return {}
    try:
        call = ast.parse(path.read_text("utf-8").strip(), mode="eval").body
        if not isinstance(call, ast.Call):
            raise ValueError
        return {one.arg: ast.literal_eval(one.value) for one in call.keywords if one.arg}
    except (OSError, ValueError, SyntaxError, RecursionError, MemoryError):
        notices.append(f"'{path}' could not be read as the settings of a training.")
        return {}


def _capture(folder: Path, settings: Mapping[str, object], notices: list[str]) -> Capture | None:
    """Cameras of what the scene was made from where that is there, else those beside it."""
    background = WHITE if settings.get("white_background") else BLACK
    source = _source(folder, settings, notices)
    images = str(settings.get("images") or "images")
    beside = folder / cameras_json.FORMAT
    if source is not None and capture_kind(source) is not None:
        photographs = source / images if (source / images).is_dir() else None
        try:
            return read_capture(source, photographs=photographs, background=background)
        except Prune3DError as error:
            notices.append(f"What it was made from was not read: {error}")
    if not beside.is_file():
        return None
    folders = [] if source is None else [source / images, source / "train", source / "test", source]
    return cameras_json.read(beside, folders, background)


def _source(folder: Path, settings: Mapping[str, object], notices: list[str]) -> Path | None:
    """The folder that training read, at its place or beside the scene."""
    told = settings.get("source_path")
    if not isinstance(told, str) or not told:
        return None
    name = re.split(r"[\\/]", told.rstrip("\\/"))[-1]
    for path in (Path(told), folder / told, folder.parent / name, folder / name):
        if path.is_dir() and path.resolve() != folder.resolve():
            return path
    notices.append(f"What it was made from, '{told}', is not there; put it beside the scene.")
    return None
