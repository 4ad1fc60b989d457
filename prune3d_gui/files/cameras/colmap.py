"""COLMAP models, as text and as binary: cameras, images and sparse points."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

import numpy as np
from scipy.spatial.transform import Rotation

from ...core.errors import BadInput
from ...core.scene.scenes import Points
from ..texts import read_text
from .capture import WHITE, Capture, Seen, rigid
from .lenses import known, split
from .pairing import shots_of

FORMAT = "COLMAP"
T = TypeVar("T")
_ENDINGS = (".bin", ".txt")  # COLMAP prefers the former, too
_PLACES = ("", "sparse", "colmap/sparse", "colmap", "dense/sparse", "distorted/sparse")
_PHOTOGRAPHS = ("images", "", "input", "images_2", "images_4", "images_8", "rgb")
_INNER = ("sparse", "colmap", "dense", "distorted")
"""Names of folders that lie in a project's, where its photographs are beside them."""
_NAME = 1024  # letters
_POINT = struct.Struct("<Q3d3Bd")


@dataclass(frozen=True)
class _Camera:
    model: str
    size: tuple[int, int]
    numbers: tuple[float, ...]


@dataclass(frozen=True)
class _Image:
    name: str
    camera: int
    turn: tuple[float, float, float, float]
    shift: tuple[float, float, float]


def find_models(folder: Path) -> dict[str, Path]:
    """The models in a folder, by the names of theirs; those of the first place that has any."""
    for place in _PLACES:
        base = folder / place
        if _is_model(base):
            return {base.name: base}
        if base.is_dir():
            inner = sorted(each for each in base.iterdir() if each.is_dir() and _is_model(each))
            if inner:
                return {each.name: each for each in inner}
    return {}


def read(
    folder: Path,
    model: str = "",
    photographs: Path | None = None,
    background: tuple[int, int, int] = WHITE,
) -> Capture:
    """Read the model with most images, or that of a name.

    Parameters
    ----------
    folder : path
        A model, or a folder that has some, such as that of a project.
    model : str
        Name of one, such as ``1``; empty for the one with most images.
    photographs : path, optional
        Folder of the photographs, where they are not in ``images`` or another usual place.
    background : (r, g, b)
        What photographs with alpha are laid on.

    Raises
    ------
    BadInput
        If there is no such model, it is damaged, or a camera sees as no pinhole can.
    """
    models = find_models(folder)
    if not models or (model and model not in models):
        there = f"; there are {', '.join(models)}" if models else ", none of which is there"
        raise BadInput(
            f"'{folder}' has no COLMAP model{f' {model!r}' if model else ''} (a folder with "
            f"cameras and images){there}; choose another folder."
        )
    notices = []
    found = {model: models[model]} if model else models
    counts = {name: _tried(path, _count) for name, path in found.items()}
    name = max(counts, key=lambda each: counts[each])
    if len(found) > 1:
        listed = ", ".join(f"{each} with {counts[each]:,}" for each in counts)
        notices.append(
            f"It has {len(found)} models that are apart; '{name}' was taken, which has most "
            f"images ({listed})."
        )
    path = found[name]
    cameras, images = _tried(path, _cameras), _tried(path, _images)
    seen = [_seen(path, cameras, image) for image in images]
    if not seen:
        raise BadInput(f"The COLMAP model '{path}' has no image; reconstruct it again.")
    shots, said = shots_of(seen, _folders(folder, path, photographs), background)
    return Capture(shots, FORMAT, _tried(path, _points), (*notices, *said))


def _is_model(folder: Path) -> bool:
    return all(_file(folder, what) is not None for what in ("cameras", "images"))


def _file(folder: Path, what: str) -> Path | None:
    paths = (folder / f"{what}{ending}" for ending in _ENDINGS)
    return next((path for path in paths if path.is_file()), None)


def _folders(folder: Path, model: Path, photographs: Path | None) -> list[Path]:
    if photographs is not None:
        return [photographs]
    bases = [folder, model]
    while bases[-1].name in _INNER or bases[-1].name.isdecimal():
        bases.append(bases[-1].parent)
    found = [base / place for base in dict.fromkeys(bases) for place in _PHOTOGRAPHS]
    return [*found, bases[-1].parent / _PHOTOGRAPHS[0]]


def _tried(folder: Path, work: Callable[[Path], T]) -> T:
    try:
        return work(folder)
    except BadInput:
        raise
    except (OSError, ValueError, IndexError, struct.error) as error:
        raise BadInput(
            f"The COLMAP model '{folder}' could not be read ({str(error)[:100]}); it may be "
            "damaged, export it again."
        ) from error


def _seen(folder: Path, cameras: dict[int, _Camera], image: _Image) -> Seen:
    if image.camera not in cameras:
        raise BadInput(
            f"The COLMAP model '{folder}' has no camera {image.camera}, which '{image.name}' was "
            "taken by; export it again."
        )
    camera = cameras[image.camera]
    focal, centre, lens = split(camera.model, camera.numbers)
    pose = np.eye(4)
    if np.isfinite(image.turn).all() and np.any(image.turn):
        pose[:3, :3] = Rotation.from_quat(image.turn, scalar_first=True).as_matrix()
    else:
        pose[:3, :3] = np.nan
    pose[:3, 3] = image.shift
    pose = rigid(pose, f"'{image.name}' in '{folder}'")
    return Seen(image.name, pose, camera.size, focal, centre, lens)


def _count(folder: Path) -> int:
    path = _file(folder, "images")
    assert path is not None  # it is a model
    if path.suffix == ".txt":
        return sum(1 for _ in _text_images(path))
    with path.open("rb") as stream:
        return int(_unpack(stream, "<Q")[0])


def _cameras(folder: Path) -> dict[int, _Camera]:
    path = _file(folder, "cameras")
    assert path is not None
    found = dict(_text_cameras(path) if path.suffix == ".txt" else _binary_cameras(path))
    for number, camera in found.items():
        if not (np.isfinite(camera.numbers).all() and min(camera.size) > 0):
            raise ValueError(f"its camera {number} has no finite parameters or no size")
    return found


def _images(folder: Path) -> list[_Image]:
    path = _file(folder, "images")
    assert path is not None
    return list(_text_images(path) if path.suffix == ".txt" else _binary_images(path))


def _points(folder: Path) -> Points | None:
    path = _file(folder, "points3D")
    if path is None:
        return None
    found = _text_points(path) if path.suffix == ".txt" else _binary_points(path)
    table = np.array(list(found), np.float64).reshape(-1, 6)
    if not len(table):
        return None
    return Points(table[:, :3].astype(np.float32), {"rgb": table[:, 3:].astype(np.uint8)})


def _unpack(stream: BinaryIO, layout: str) -> tuple[float, ...]:
    data = stream.read(struct.calcsize(layout))
    if len(data) < struct.calcsize(layout):
        raise ValueError("it ends too early")
    return struct.unpack(layout, data)


def _promised(path: Path, stream: BinaryIO, least: int) -> int:
    """How many records follow; `ValueError` if the file cannot hold them."""
    count = int(_unpack(stream, "<Q")[0])
    if count * least > path.stat().st_size:
        raise ValueError(f"{path.name} promises {count:,} records, more than it can hold")
    return count


def _binary_cameras(path: Path) -> Iterator[tuple[int, _Camera]]:
    with path.open("rb") as stream:
        for _ in range(_promised(path, stream, 24)):
            number, kind, width, height = map(int, _unpack(stream, "<IiQQ"))
            model, count = known(kind, path)
            yield number, _Camera(model, (width, height), _unpack(stream, f"<{count}d"))


def _binary_images(path: Path) -> Iterator[_Image]:
    size = path.stat().st_size
    with path.open("rb") as stream:
        for _ in range(_promised(path, stream, 73)):
            _, *numbers, camera = _unpack(stream, "<I7dI")
            name = _name(stream)
            w, x, y, z, *shift = numbers
            yield _Image(name, int(camera), (w, x, y, z), (shift[0], shift[1], shift[2]))
            marks = int(_unpack(stream, "<Q")[0])
            if stream.tell() + 24 * marks > size:
                raise ValueError(f"'{name}' promises {marks:,} points, more than can follow")
            stream.seek(24 * marks, 1)


def _name(stream: BinaryIO) -> str:
    start = stream.tell()
    data = stream.read(_NAME)
    end = data.find(b"\0")
    if end < 0:
        raise ValueError("a name has no end")
    stream.seek(start + end + 1)
    return data[:end].decode()


def _binary_points(path: Path) -> Iterator[tuple[float, ...]]:
    size = path.stat().st_size
    with path.open("rb") as stream:
        for _ in range(_promised(path, stream, _POINT.size + 8)):
            _, *point, _ = _unpack(stream, _POINT.format)
            yield tuple(point)
            track = int(_unpack(stream, "<Q")[0])
            if stream.tell() + 8 * track > size:
                raise ValueError("a point promises more images than can follow")
            stream.seek(8 * track, 1)


def _lines(path: Path) -> Iterator[list[str]]:
    for line in read_text(path).splitlines():
        if line.strip() and not line.lstrip().startswith("#"):
            yield line.split()


def _text_cameras(path: Path) -> Iterator[tuple[int, _Camera]]:
    for number, model, width, height, *numbers in _lines(path):
        name, count = known(model, path)
        if len(numbers) != count:
            raise ValueError(f"a camera {name} has {len(numbers)} parameters, not {count}")
        yield int(number), _Camera(name, (int(width), int(height)), tuple(map(float, numbers)))


def _text_images(path: Path) -> Iterator[_Image]:
    lines = iter(read_text(path).splitlines())
    for line in lines:
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        _, *words, name = line.split(maxsplit=9)
        w, x, y, z, *shift = map(float, words[:7])
        yield _Image(name.strip(), int(words[7]), (w, x, y, z), (shift[0], shift[1], shift[2]))
        next(lines, None)  # its points, perhaps none


def _text_points(path: Path) -> Iterator[tuple[float, ...]]:
    for _, *words in _lines(path):
        yield tuple(map(float, words[:6]))
