"""Cameras and their photographs brought together, and what does not fit between them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from ...core.scene.cameras import Camera
from .capture import BLACK, WHITE, Seen, Shot
from .photographs import Looked, find, look_at
from .straightening import pinhole_focal

_WIDEST = 1 << 20  # pixels of a side
_NAMED = 3  # names in a sentence
_TURNS = {3: 2, 6: 3, 8: 1}
"""Quarter turns counter-clockwise that an EXIF orientation asks for."""
_SENTENCES = {
    "missing": "Photographs that are not there: {many} ({names}); their cameras are kept.",
    "damaged": "Photographs that cannot be read: {many} ({names}); replace them.",
    "shape": "Photographs of another shape than their camera, left out: {many}, {names}.",
    "scaled": "Photographs of another size than their camera, which was scaled to them: {many}.",
    "turned": "Photographs turned as their EXIF says, since only so they fit their camera: {many}.",
    "unturned": "Photographs taken as they are stored, though their EXIF asks to turn them, since "
    "so they fit their camera: {many}.",
    "grey": "Grey photographs, whose red, green and blue are alike: {many}.",
    "alpha": "Photographs with alpha, laid on {background}: {many}.",
    "bent": "Photographs that are straightened, since their lens bends lines: {many}.",
}
_COLOURS = {WHITE: "white", BLACK: "black"}


def shots_of(
    seen: Sequence[Seen], folders: Sequence[Path], background: tuple[int, int, int]
) -> tuple[tuple[Shot, ...], list[str]]:
    """Cameras with their photographs, of the same size and straightened.

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
        file = None if path is None else look_at(path)
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
    shots = list(_as_pinholes(shots))
    told["bent"] = [shot.name for shot in shots if shot.lens is not None]
    notices = [
        sentence.format(
            many=f"{len(names):,} of {len(seen):,}",
            names=some(names),
            background=_COLOURS.get(background, f"rgb{background}"),
        )
        for kind, sentence in _SENTENCES.items()
        if (names := told.get(kind))
    ]
    return tuple(shots), notices + _poses(shots)


def _shot(
    one: Seen,
    path: Path | None,
    file: Looked | None,
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
        if file.grey:
            told.setdefault("grey", []).append(one.name)
        if file.alpha:
            told.setdefault("alpha", []).append(one.name)
        width, height = size
    elif one.size == (0, 0):
        return None
    if one.size == (0, 0):  # focal lengths are in widths, and the middle is the centre
        across = down = float(width)
        centre = (width / 2, height / 2)
    else:
        across, down = width / one.size[0], height / one.size[1]
        cx, cy = one.centre or (one.size[0] / 2, one.size[1] / 2)
        centre = (cx * across, cy * down)
    focal = (one.focal[0] * across, one.focal[1] * down)
    camera = Camera(width, height, *focal, *centre, one.world_to_camera)
    return Shot(one.name, camera, path, one.lens, one.part, turn, background)


def _as_pinholes(shots: Iterable[Shot]) -> Iterator[Shot]:
    """Shots whose cameras see as pinholes; one search serves all with one lens."""
    zooms: dict[tuple[object, ...], float] = {}
    for shot in shots:
        if shot.lens is not None:
            one = shot.camera
            key = (shot.lens, one.width, one.height, one.fx, one.fy, one.cx, one.cy)
            if key not in zooms:
                zooms[key] = pinhole_focal(shot.lens, one, f"'{shot.name}'")
            by = zooms[key]
            camera = replace(one, fx=one.fx * by, fy=one.fy * by)
            shot = replace(shot, camera=camera, zoom=by)
        yield shot


def _turned(file: Looked, wanted: tuple[int, int]) -> tuple[tuple[int, int], int]:
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
    return [
        f"Cameras that stand and look exactly as another one does: {repeated:,} of {len(shots):,}."
    ]


def some(names: Sequence[str]) -> str:
    """The first names, and how many more there are."""
    more = f" and {len(names) - _NAMED:,} more" if len(names) > _NAMED else ""
    return ", ".join(names[:_NAMED]) + more
