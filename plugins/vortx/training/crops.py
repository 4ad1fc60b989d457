"""Crops of rooms: a box with what is known of its voxels, and photographs that see it.

A voxel near a surface stands somewhere in the crop, anywhere; the crop is turned about the
vertical by quarters and a little, as rooms stand along the axes of their box, and in half of the
cases mirrored, photographs as well.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from PIL import Image
from scipy.ndimage import map_coordinates, maximum_filter

from ..network.features import LEVELS
from ..volumes.levels import FACTORS
from .jitter import jittered
from .rooms import OCCUPIED, Room

_MARGIN = 4  # fine voxels around the crop, so that occupancy at its faces is whole
_SAMPLED = 512  # voxels by which views are chosen
_SEES = 0.08  # share of them that a view has to see, within _FAR
_FAR = 4.0
_ASKEW = 0.1
"""Radians that crops are turned beside quarters, either way, at most."""


@dataclass(frozen=True, eq=False)
class Photographed:
    """Photographs with depths, in a frame of their own.

    Attributes
    ----------
    pictures : (V, H, W, 3) float32
        0 to 255.
    depths : tuple of (h, w) float32
        One for each picture, in metres.
    intrinsics : (V, 4) float32
    poses : (V, 4, 4) float32
        World from camera.
    voxel : float
        Side of the finest voxels of the room, in metres.
    """

    pictures: np.ndarray
    depths: tuple[np.ndarray, ...]
    intrinsics: np.ndarray
    poses: np.ndarray
    voxel: float


@dataclass(frozen=True, eq=False)
class Crop(Photographed):
    """A crop, in a frame whose first voxel is at 0.

    Attributes
    ----------
    known : dict of (X, Y, Z) bool
        By level: where something is known.
    truth : dict of (X, Y, Z) float32
        By level: occupancy, 0 or 1; distances of the fine one.
    """

    known: dict[str, np.ndarray]
    truth: dict[str, np.ndarray]


@dataclass(frozen=True)
class Frame:
    """Where a crop stands: world = axes @ own + shift.

    Attributes
    ----------
    axes : (3, 3)
        Turned about the vertical, and maybe mirrored.
    shift : (3,)
    mirrored : bool
    """

    axes: np.ndarray
    shift: np.ndarray
    mirrored: bool


@dataclass(frozen=True)
class Cut:
    """How crops are taken.

    Parameters
    ----------
    dims : (3,) int
        Fine voxels; multiples of 4. A height of 0 takes that of the room, from the bottom of its
        box to the top: what a reconstruction looks at, so that the network learns where floors are.
    views : int
        Photographs.
    width : int
        Of photographs, in pixels; 0 takes them as they are.
    augment : bool
        Whether crops are turned and mirrored, and colours changed.
    """

    dims: tuple[int, int, int] = (80, 80, 0)
    views: int = 8
    width: int = 0
    augment: bool = True


def crop_of(room: Room, cut: Cut, drawn: np.random.Generator) -> Crop:
    """Take a crop at random."""
    anchor = np.array(np.unravel_index(drawn.choice(room.near), room.values.shape))
    anchor = anchor * room.voxel + room.origin
    dims = (*cut.dims[:2], cut.dims[2] or 4 * -(-room.values.shape[2] // 4))
    inside = room.voxel * np.asarray(dims)
    offset = drawn.uniform(room.voxel, inside - room.voxel)
    if not cut.dims[2]:
        offset[2] = anchor[2] - room.origin[2]
    frame = frame_of(anchor, offset, cut, drawn)
    known, truth = _levels(_cut_out(room, dims, frame.axes, frame.shift), dims)
    numbers = _chosen(room, cut, frame.axes, frame.shift, truth, drawn)
    seen = photographed(room, numbers, frame, cut, drawn)
    return Crop(**vars(seen), known=known, truth=truth)


def frame_of(anchor: np.ndarray, offset: np.ndarray, cut: Cut, drawn: np.random.Generator) -> Frame:
    """Draw a frame that is turned about `anchor` of the world, which is at `offset` in it."""
    turn = 0.0
    if cut.augment:
        turn = int(drawn.integers(4)) * math.pi / 2 + drawn.uniform(-_ASKEW, _ASKEW)
    mirrored = bool(cut.augment and drawn.random() < 0.5)
    cosine, sine = math.cos(turn), math.sin(turn)
    axes = np.array([[cosine, -sine, 0], [sine, cosine, 0], [0, 0, 1.0]])
    if mirrored:
        axes = axes @ np.diag((-1.0, 1.0, 1.0))
    return Frame(axes, anchor - axes @ offset, mirrored)


def photographed(
    room: Room, numbers: np.ndarray, frame: Frame, cut: Cut, drawn: np.random.Generator
) -> Photographed:
    """Photographs of a room as they are in a frame."""
    pictures = np.stack([_sized(room.picture(number), cut.width) for number in numbers])
    depths = tuple(room.depth(number) for number in numbers)
    scale = np.array([pictures.shape[2] / room.size[0], pictures.shape[1] / room.size[1]] * 2)
    intrinsics = room.intrinsics[numbers] * scale
    poses = room.poses[numbers].astype(float).copy()
    poses[:, :3, 3] = (poses[:, :3, 3] - frame.shift) @ frame.axes
    poses[:, :3, :3] = frame.axes.T @ poses[:, :3, :3]
    if frame.mirrored:
        # The picture is mirrored, too, and then a camera of the usual hand has taken it.
        poses[:, :3, 0] *= -1
        intrinsics[:, 2] = pictures.shape[2] - intrinsics[:, 2]
        pictures = pictures[:, :, ::-1]
        depths = tuple(depth[:, ::-1] for depth in depths)
    pictures = np.ascontiguousarray(pictures, np.float32)
    if cut.augment:
        pictures = jittered(pictures, drawn)
    return Photographed(
        pictures, depths, intrinsics.astype(np.float32), poses.astype(np.float32), room.voxel
    )


def _cut_out(
    room: Room, dims: tuple[int, int, int], frame: np.ndarray, shift: np.ndarray
) -> np.ndarray:
    """Distances at the voxels of the crop and around it; 1 where nothing is known."""
    axes = [np.arange(-_MARGIN, side + _MARGIN) * room.voxel for side in dims]
    grid = np.stack(np.meshgrid(*axes, indexing="ij"), axis=-1)
    at = ((grid @ frame.T + shift - room.origin) / room.voxel).reshape(-1, 3).T
    at = at.round(6)  # so that the last voxel is not just beyond the room
    shape = tuple(side + 2 * _MARGIN for side in dims)
    values = room.values.astype(np.float32, copy=False)
    near, smooth = (
        map_coordinates(values, at, order=order, mode="constant", cval=1.0).reshape(shape)
        for order in (0, 1)
    )
    return np.where(np.abs(near) > OCCUPIED, near, smooth)


def _levels(
    values: np.ndarray, dims: tuple[int, int, int]
) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """What is known by level: a coarser voxel is occupied if one next to its first one is.

    Columns in which nothing was observed are known to be empty, as in the release: what lies
    outside of a room.
    """
    occupied, observed = np.abs(values) < OCCUPIED, values < OCCUPIED
    truth, known = {}, {}
    for level in reversed(LEVELS):
        if level != "fine":
            wide = maximum_filter(occupied, 3)
            observed = (observed | wide)[::2, ::2, ::2]
            occupied = wide[::2, ::2, ::2]
        margin = _MARGIN // FACTORS[level]
        inner = tuple(slice(margin, margin + -(-side // FACTORS[level])) for side in dims)
        seen = observed[inner]
        known[level] = seen | ~seen.any(axis=2, keepdims=True)
        own = values if level == "fine" else occupied
        truth[level] = own[inner].astype(np.float32)
    return known, truth


def _chosen(
    room: Room,
    cut: Cut,
    frame: np.ndarray,
    shift: np.ndarray,
    truth: dict[str, np.ndarray],
    drawn: np.random.Generator,
) -> np.ndarray:
    """Numbers of views, at random from those that see the crop's surfaces; others fill up."""
    places = np.argwhere(np.abs(truth["fine"]) < OCCUPIED)
    places = places[drawn.integers(len(places), size=_SAMPLED)] if len(places) else places
    points = (places * room.voxel) @ frame.T + shift
    turns, stands = room.poses[:, :3, :3], room.poses[:, :3, 3]
    own = np.einsum("vji,nvj->nvi", turns, points[:, None] - stands)
    depth = np.maximum(own[..., 2], 1e-6)
    pixels = own[..., :2] / depth[..., None] * room.intrinsics[:, :2] + room.intrinsics[:, 2:]
    inside = ((pixels >= 0) & (pixels < room.size)).all(-1)
    share = (inside & (own[..., 2] > 0) & (own[..., 2] < _FAR)).mean(axis=0)
    order = drawn.permutation(len(share))
    good = order[share[order] >= _SEES]
    if len(good) < cut.views:  # the next best ones
        rest = order[share[order] < _SEES]
        good = np.concatenate((good, rest[np.argsort(-share[rest], kind="stable")]))
    return good[: cut.views]


def _sized(picture: np.ndarray, width: int) -> np.ndarray:
    """The picture in a width, in proportion; means over pixels."""
    if not width or picture.shape[1] == width:
        return picture
    height = round(picture.shape[0] * width / picture.shape[1])
    return np.asarray(Image.fromarray(picture).resize((width, height), Image.Resampling.BOX))
