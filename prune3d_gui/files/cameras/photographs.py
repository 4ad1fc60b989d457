"""Photographs: found beside their cameras, and read as those see."""

from __future__ import annotations

import warnings
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.errors import BadInput
from ...core.scene.cameras import Camera
from .capture import Seen, Shot, resized
from .straightening import pinhole_focal, straightened

_ENDINGS = (".png", ".jpg", ".jpeg", ".webp", ".bmp", ".tif", ".tiff")
_LARGEST = 1 << 28  # pixels
_WIDEST = 1 << 20  # pixels of a side
_TURNS = {3: 2, 6: 3, 8: 1}
"""Quarter turns counter-clockwise that an EXIF orientation asks for."""
_NAMED = 3  # names in a sentence


@dataclass(frozen=True)
class _File:
    """What a picture's first bytes say."""

    size: tuple[int, int]
    mode: str
    alpha: bool
    orientation: int


def find(folders: Iterable[Path], name: str) -> Path | None:
    """The photograph of that name in one of the folders, with an ending where it has none."""
    for folder in folders:
        path = folder / name
        for each in (path, *(path.parent / f"{path.name}{end}" for end in _ENDINGS)):
            if each.is_file():
                return each
    return None


def shots_of(
    seen: Sequence[Seen], folders: Sequence[Path], background: tuple[int, int, int]
) -> tuple[tuple[Shot, ...], list[str]]:
    """Cameras with their photographs, each of the size of its photograph.

    Parameters
    ----------
    seen : sequence of Seen
    folders : sequence of Path
        Where photographs are looked for, the likeliest first.
    background : (r, g, b)
        What those with alpha are laid on.

    Returns
    -------
    shots, notices

    Raises
    ------
    BadInput
        If a lens cannot be straightened, or nothing tells the size of any picture.
    """
    shots: list[Shot] = []
    told: dict[str, list[str]] = {}
    for one in seen:
        path = find(folders, one.name)
        file = None if path is None else _looked_at(path)
        if file is None:
            kind = "missing" if path is None else "damaged"
            told.setdefault(kind, []).append(one.name)
            path = None
        shot = _shot(one, path, file, background, told)
        if shot is not None:
            shots.append(shot)
    if not shots:
        raise BadInput(
            f"None of the {len(seen):,} cameras, such as that of '{seen[0].name}', has a "
            "photograph that fits it, and their files do not say its size; put the photographs "
            "beside them."
        )
    notices = [
        sentence.format(count=len(names), all=len(seen), names=_some(names))
        for kind, sentence in _SENTENCES.items()
        if (names := told.get(kind))
    ]
    return tuple(shots), notices + _laid(told, background) + _poses(shots)


def read_photograph(shot: Shot) -> np.ndarray:
    """The photograph of a camera, straightened, turned and laid on its background.

    Returns
    -------
    (H, W, 3) uint8
        sRGB, of the camera's size.

    Raises
    ------
    BadInput
        If there is none, it is damaged, or of another size than when it was found.
    """
    from PIL import Image

    pixels = _pixels(shot)
    wanted = (shot.camera.width, shot.camera.height)
    width, height = shot.stored or wanted
    if pixels.shape[:2] != (height, width):
        raise BadInput(
            f"The photograph '{shot.path}' has {pixels.shape[1]} x {pixels.shape[0]} pixels now, "
            f"where it had {width} x {height}; open its cameras again."
        )
    if shot.lens is not None:
        camera = resized(shot.camera, width, height)
        focal = (camera.fx / shot.zoom, camera.fy / shot.zoom)
        pixels = straightened(pixels, shot.lens, camera, focal)
    if wanted != (width, height):
        image = Image.fromarray(np.ascontiguousarray(pixels))
        pixels = np.asarray(image.resize(wanted, Image.Resampling.BICUBIC))
    return np.ascontiguousarray(pixels)


def thumbnail(shot: Shot, longest: int) -> np.ndarray:
    """A small picture of a photograph, soon: straightened only after it was made small.

    Returns
    -------
    (H, W, 3) uint8
        Neither side has more than `longest` pixels.

    Raises
    ------
    BadInput
        As `read_photograph`.
    """
    small = shot.within(longest)
    camera = small.camera
    size = (camera.width, camera.height)
    pixels = _pixels(shot, size[::-1] if shot.turn % 2 else size)
    if shot.lens is None:
        return pixels
    focal = (camera.fx / shot.zoom, camera.fy / shot.zoom)
    return straightened(pixels, shot.lens, camera, focal)


def _pixels(shot: Shot, small: tuple[int, int] | None = None) -> np.ndarray:
    """The photograph as it is stored, or made small first, then turned: (H, W, 3) uint8."""
    from PIL import Image

    if shot.path is None:
        raise BadInput(f"There is no photograph '{shot.name}'; put it beside its camera.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(shot.path) as image:
                _check_size(shot.path, image.size)
                if small is not None:
                    image.draft("RGB", small)  # a JPEG is unpacked no larger than needed
                pixels = _rgb(image, shot.background)
    except BadInput:
        raise
    except Exception as error:  # Pillow's parsers raise nearly anything
        raise BadInput(
            f"The photograph '{shot.path}' could not be read; it may be damaged, replace it."
        ) from error
    if small is not None:
        pixels = np.asarray(Image.fromarray(pixels).resize(small))
    return np.ascontiguousarray(np.rot90(pixels, shot.turn))


def _shot(
    one: Seen,
    path: Path | None,
    file: _File | None,
    background: tuple[int, int, int],
    told: dict[str, list[str]],
) -> Shot | None:
    """The camera at the size of its photograph; None where that is of another shape."""
    width, height = one.size
    if max(one.size) > _WIDEST or min(one.focal) <= 0:
        raise BadInput(
            f"The camera of '{one.name}' has {width:,} x {height:,} pixels and focal lengths "
            f"{one.focal[0]:g}, {one.focal[1]:g}; give sizes up to {_WIDEST:,} and focal lengths "
            "above 0."
        )
    turn = 0
    if file is not None:
        size, turn = _turned(file, one.size)
        if turn:
            told.setdefault("turned", []).append(one.name)
        elif file.orientation != 1:
            told.setdefault("unturned", []).append(one.name)
        if not _alike(size, one.size):
            told.setdefault("shape", []).append(
                f"{one.name} ({size[0]} x {size[1]} for {width} x {height})"
            )
            return None
        if one.size not in ((0, 0), size):
            told.setdefault("scaled", []).append(one.name)
        if file.mode in ("1", "L", "LA", "I", "F") or file.mode.startswith("I;"):
            told.setdefault("grey", []).append(one.name)
        if file.alpha:
            told.setdefault("alpha", []).append(one.name)
        width, height = size
    elif one.size == (0, 0):
        return None
    across, down = _scales(one, width, height)
    cx, cy = one.centre or (one.size[0] / 2, one.size[1] / 2)
    if one.size == (0, 0):
        cx, cy = (width / 2, height / 2) if one.centre is None else one.centre
    else:
        cx, cy = cx * across, cy * down
    focal = (one.focal[0] * across, one.focal[1] * down)
    camera = Camera(width, height, *focal, cx, cy, one.world_to_camera)
    zoom = 1.0
    if one.lens is not None:
        told.setdefault("bent", []).append(one.name)
        zoom = pinhole_focal(one.lens, camera, f"'{one.name}'")
        camera = replace(camera, fx=focal[0] * zoom, fy=focal[1] * zoom)
    return Shot(one.name, camera, path, one.lens, one.part, turn, background, zoom)


def _scales(one: Seen, width: int, height: int) -> tuple[float, float]:
    if one.size == (0, 0):  # focal lengths are in widths
        return float(width), float(width)
    return width / one.size[0], height / one.size[1]


def _looked_at(path: Path) -> _File | None:
    from PIL import ExifTags, Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            with Image.open(path) as image:
                _check_size(path, image.size)
                orientation = int(image.getexif().get(ExifTags.Base.Orientation, 1))
                alpha = image.has_transparency_data
                return _File(image.size, image.mode, alpha, orientation)
    except BadInput:
        raise
    except Exception:  # Pillow's parsers raise nearly anything
        return None


def _turned(file: _File, wanted: tuple[int, int]) -> tuple[tuple[int, int], int]:
    """The size of a picture, and the turn of its EXIF where only that fits its camera.

    COLMAP and what trains from its cameras take pixels as they are stored.
    """
    turn = _TURNS.get(file.orientation, 0)
    other = file.size[::-1]
    if turn % 2 and wanted != (0, 0) and not _alike(file.size, wanted) and _alike(other, wanted):
        return other, turn
    return file.size, 0


def _alike(size: tuple[int, int], wanted: tuple[int, int]) -> bool:
    """Whether a size is another one made smaller or larger, to the pixel that rounding takes."""
    if wanted == (0, 0):
        return True
    by = max(size[0] / wanted[0], size[1] / wanted[1])
    return all(abs(a - b * by) <= max(1.5, 0.005 * a) for a, b in zip(size, wanted, strict=True))


def _check_size(path: Path, size: tuple[int, int]) -> None:
    if size[0] * size[1] > _LARGEST:
        raise BadInput(
            f"The photograph '{path}' has {size[0]:,} x {size[1]:,} pixels, more than "
            f"{_LARGEST / 1e6:,.0f} million; save it smaller."
        )


def _rgb(image: Any, background: tuple[int, int, int]) -> np.ndarray:
    """The picture as (H, W, 3) uint8, on a background where it lets that through."""
    if image.mode.startswith("I;16") or image.mode in ("I", "F"):
        values = np.asarray(image, np.float64)
        top = 255.0 if values.max(initial=0) <= 255 else 65535.0
        grey = np.rint(np.clip(values / top, 0, 1) * 255).astype(np.uint8)
        return np.repeat(grey[:, :, None], 3, axis=2)
    if not image.has_transparency_data:
        return np.asarray(image.convert("RGB"))
    laid = np.asarray(image.convert("RGBA"), np.float64)
    share = laid[:, :, 3:] / 255
    return np.rint(laid[:, :, :3] * share + np.array(background) * (1 - share)).astype(np.uint8)


_SENTENCES = {
    "missing": "{count:,} of {all:,} photographs are not there ({names}); their cameras are kept.",
    "damaged": "{count:,} of {all:,} photographs cannot be read ({names}); replace them.",
    "shape": "{count:,} of {all:,} photographs have another shape than their camera and are left "
    "out: {names}.",
    "scaled": "{count:,} of {all:,} photographs have another size than their camera, which was "
    "scaled to them.",
    "turned": "{count:,} photographs were turned as their EXIF says, since only so they fit their "
    "cameras.",
    "unturned": "{count:,} photographs ask to be turned by their EXIF; they are taken as they are "
    "stored, as their cameras fit that.",
    "grey": "{count:,} photographs are grey: red, green and blue are alike.",
    "bent": "{count:,} photographs are straightened: their lenses bend lines.",
}


def _laid(told: dict[str, list[str]], background: tuple[int, int, int]) -> list[str]:
    names = {(255, 255, 255): "white", (0, 0, 0): "black"}
    if not (laid := told.get("alpha")):
        return []
    colour = names.get(background, "rgb" + str(background))
    return [f"{len(laid):,} photographs have alpha and are laid on {colour}."]


def _poses(shots: Sequence[Shot]) -> list[str]:
    """What is strange about where cameras stand."""
    poses = Counter(shot.camera.world_to_camera.round(9).tobytes() for shot in shots)
    repeated = sum(count - 1 for count in poses.values())
    if len(shots) < 2 or not repeated:
        places = np.stack([shot.camera.place for shot in shots])
        if len(shots) > 1 and np.ptp(places, axis=0).max() < 1e-9:
            return ["All cameras stand at one place, from where no depth can be told."]
        return []
    if len(poses) == 1:
        return ["All cameras have one pose, so that there is one view alone."]
    return [f"{repeated:,} cameras stand and look exactly as another one does."]


def _some(names: Sequence[str]) -> str:
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
