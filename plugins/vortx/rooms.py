"""The rooms of a model: those that come with it, procedural ones, and one's own."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Sample
from prune3d_gui.core.names import sayable
from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.files.cameras.capture import Shot
from prune3d_gui.files.cameras.photographs import read_photograph, thumbnail
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.texts import read_json
from prune3d_gui.geometry.fusion.tsdf import CUT
from prune3d_gui.metrics.surfaces import NEAR

from .data.making import Wanted, make_room
from .data.scene_files import SceneFolder, read_scene
from .intake.frames import PosedFrames
from .intake.options import options_of
from .intake.reading import read_frames
from .intake.scannet import VORTX, find_info
from .intake.sensor import TITLE, sensor_reference
from .intake.volumes import read_tsdf, within
from .volumes.choosing import chosen_views, sees
from .volumes.photographs import Photographs
from .volumes.tiles import Box, box_of, tiles_of

MADE = 2
"""Procedural rooms to choose from where none are installed."""
PLAN = Wanted("test", 48, 240, 1, 16)
"""How they are made."""
DENSE = NEAR * 3**0.5
"""Metres of a face's longest edge up to which all of it is within 5 cm of a vertex."""
_SHARE = 0.95
"""Of a scan's area that is in such faces."""
_NUMBERS = itertools.count()


@dataclass(frozen=True, eq=False)
class Reference:
    """What a room is scored against.

    Parameters
    ----------
    mesh : Mesh
        In metres, z up.
    cameras : tuple of Camera
        That saw it.
    said : str
        What it is, in a sentence.
    """

    mesh: Mesh
    cameras: tuple[Camera, ...]
    said: str

    @property
    def scanned(self) -> bool:
        """Whether its vertices stand for its surface, wherever it is, as those of a scan do.

        Area counts, not faces: a designed room has most of its vertices in plants, and few in
        walls.
        """
        ends = self.mesh.points[self.mesh.faces].astype(np.float64)
        edges = np.linalg.norm(ends - np.roll(ends, 1, axis=1), axis=2)
        area = np.linalg.norm(np.cross(ends[:, 1] - ends[:, 0], ends[:, 2] - ends[:, 0]), axis=1)
        return bool(area[edges.max(axis=1) <= DENSE].sum() >= _SHARE * area.sum())


class Pictures(Sequence[np.ndarray]):
    """Photographs that are read when they are looked at.

    Parameters
    ----------
    read : sequence of callable
        Each gives (H, W, 3) uint8.
    """

    def __init__(self, read: Sequence[Callable[[], np.ndarray]]) -> None:
        self.read = tuple(read)

    def __len__(self) -> int:
        return len(self.read)

    def __getitem__(self, at):  # type: ignore[no-untyped-def]
        if isinstance(at, slice):
            return Pictures(self.read[at])
        return self.read[at]()


@dataclass(frozen=True, eq=False)
class RoomData:
    """A room.

    Parameters
    ----------
    cameras : Cameras
        Of the photographs as the network sees them.
    pictures : Pictures
    box : Box
        What is reconstructed.
    reference : callable
        Gives what it is scored against, or None.
    notices : tuple of str
    key : str
        That tells its photographs from those of others.
    """

    cameras: Cameras
    pictures: Pictures
    box: Box
    reference: Callable[[CancelToken], Reference | None]
    notices: tuple[str, ...] = ()
    key: str = field(default_factory=lambda: f"room {next(_NUMBERS)}")

    def photographs(self, numbers: np.ndarray) -> Photographs:
        """Some of the photographs."""
        one = self.cameras
        some = Cameras(
            one.poses[numbers], one.intrinsics[numbers], one.sizes[numbers],
            tuple(one.names[n] for n in numbers),
        )  # fmt: skip
        pictures = Pictures([self.pictures.read[n] for n in numbers])
        return Photographs(pictures, some, f"{self.key} {tuple(map(int, numbers))}")

    def looked_at(self, views: int) -> np.ndarray:
        """Numbers of the photographs that tiles are looked at in, `views` each at most."""
        found = [tile.views for tile in tiles_of(self.box, self.cameras, views)]
        if not found:
            raise BadInput(
                "No photograph sees the box of the room; check poses and units, or give them when "
                "the folder is opened."
            )
        return np.unique(np.concatenate(found))

    def glanced(self, views: int) -> np.ndarray:
        """Numbers of the photographs that see most of the room together."""
        ends = np.asarray(self.box.origin), np.asarray(self.box.dims) * self.box.voxel
        points = ends[0] + np.random.default_rng(0).uniform(0, 1, (1000, 3)) * ends[1]
        one = self.cameras
        return chosen_views(sees(points, one.intrinsics, one.poses, one.sizes), views)


class Rooms:
    """Rooms by id, made or read when they are asked for.

    Parameters
    ----------
    width : int
        Of photographs, as the network sees them.
    folders : sequence of Path
        Rooms that come with the program.
    """

    def __init__(self, width: int, folders: Sequence[Path]) -> None:
        self._width = width
        self._make: dict[str, Callable[[CancelToken], RoomData]] = {}
        self._rooms: dict[str, RoomData] = {}
        self.samples: list[Sample] = []
        for folder in folders:
            scene = read_scene(folder)
            self._make[scene.name] = partial(self._installed, scene)
            title = scene.name.replace("_", " ").capitalize()
            picture = square(scene.picture(len(scene) // 2))
            self.samples.append(Sample(scene.name, title, "Procedural, unseen", picture))
        for number in range(0 if folders else MADE):
            name = f"room-{number}"
            self._make[name] = partial(_made, number)
            said = "Made when it is looked at: none is installed."
            self.samples.append(
                Sample(name, f"Room {number}", "Procedural, unseen", notices=(said,))
            )

    def of(self, sample: str, cancel: CancelToken = NEVER) -> RoomData:
        """The data of a room.

        Raises
        ------
        BadInput
            If there is none of that id.
        """
        if sample not in self._rooms:
            if sample not in self._make:
                known = ", ".join(one.id for one in self.samples)
                raise BadInput(f"There is no room {sample!r}; take one of {known}.")
            self._rooms[sample] = self._make[sample](cancel)
        return self._rooms[sample]

    def open(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in posed photographs.

        Raises
        ------
        BadInput
            See `intake.reading`.
        """
        frames = read_frames(path, options_of(path), cancel=cancel)
        data = self._taken(path, frames)
        file = path if path.is_dir() else path.parent
        name = sayable(file.resolve().name)
        reference = _has_reference(path, frames)
        picture = square(data.pictures[len(data.pictures) // 2])
        sample = Sample(name, name, "Yours", picture, reference, data.notices)
        self.add(name, data, sample)
        return sample

    def add(self, name: str, data: RoomData, sample: Sample | None = None) -> None:
        """Have a room of one's own under an id."""
        self._rooms[name] = data
        self._make.pop(name, None)
        shown = sample or Sample(name, name, "Yours")
        self.samples = [shown, *(one for one in self.samples if one.id != name)]

    def own(self, sample: str) -> RoomData | None:
        """The data of a room of one's own; None for one that comes with the program."""
        return None if sample in self._make else self._rooms.get(sample)

    def _installed(self, scene: SceneFolder, cancel: CancelToken) -> RoomData:
        shots = [
            Shot(
                str(frame["filename_color"]), scene.camera(n),
                scene.folder / str(frame["filename_color"]),
            )
            for n, frame in enumerate(scene.told["frames"])
        ]  # fmt: skip
        volume = scene.volume()
        box = Box(_three(volume.origin), volume.values.shape, volume.voxel)

        def reference(cancel: CancelToken) -> Reference | None:
            mesh = scene.mesh()
            cameras = tuple(scene.camera(n) for n in range(len(scene)))
            said = "The reference is the room's exact mesh, where the cameras see it."
            return None if mesh is None else Reference(mesh, cameras, said)

        return _of_shots(shots, self._width, box, reference)

    def _taken(self, path: Path, frames: PosedFrames) -> RoomData:
        """A room of the user's, with what was found out about it."""
        info = find_info(path) if frames.format == VORTX else None
        box, said = None, ""
        if info is not None and _has_volume(info.parent) and np.allclose(frames.world, np.eye(4)):
            volume = read_tsdf(info.parent)
            frames = within(frames, volume)
            box = Box(_three(volume.origin), volume.values.shape, volume.voxel)
            said = "What is reconstructed is the box of the reference volume beside them."
        if box is None:
            box = box_of(frames.cameras(), CUT)
            sides = " x ".join(f"{side * box.voxel:.1f}" for side in box.dims)
            said = f"What is reconstructed is what all photographs see up to {CUT:g} m: {sides} m."
        shots = [frame.shot for frame in frames.frames]
        return _of_shots(
            shots, self._width, box, partial(_reference, path, frames),
            (*frames.sentences(), said, _scored_by(path, frames)),
        )  # fmt: skip


def _of_shots(
    shots: Sequence[Shot],
    width: int,
    box: Box,
    reference: Callable[[CancelToken], Reference | None],
    notices: tuple[str, ...] = (),
) -> RoomData:
    small = [shot.within(width) for shot in shots]
    seen = [shot.camera for shot in small]
    cameras = Cameras(
        np.stack([np.linalg.inv(one.world_to_camera) for one in seen]),
        np.array([(one.fx, one.fy, one.cx, one.cy) for one in seen]),
        np.array([(one.width, one.height) for one in seen]),
        tuple(_apart([shot.name for shot in shots])),
    )
    read = [partial(_read, shot) for shot in small]
    return RoomData(cameras, Pictures(read), box, reference, notices)


def _read(shot: Shot) -> np.ndarray:
    return read_photograph(shot) if shot.stored is None else thumbnail_of(shot)


def thumbnail_of(shot: Shot) -> np.ndarray:
    """A photograph of which no more is unpacked than is needed."""
    width, height = shot.stored or (shot.camera.width, shot.camera.height)
    large = max(width, height) > 4 * max(shot.camera.width, shot.camera.height)
    if not large:
        return read_photograph(shot)
    return thumbnail(shot, max(shot.camera.width, shot.camera.height))


def _apart(names: Sequence[str]) -> list[str]:
    """Names, numbered where two are equal."""
    return list(names) if len(set(names)) == len(names) else [
        f"{number} {name}" for number, name in enumerate(names)
    ]  # fmt: skip


def _made(number: int, cancel: CancelToken) -> RoomData:
    """A procedural room, held in memory."""
    made = make_room(PLAN, number, cancel=cancel)
    record = made.recording
    height, width = record.pictures[0].shape[:2]
    k = np.asarray(record.intrinsics, float)
    numbers = (k[0, 0], k[1, 1], k[0, 2], k[1, 2])
    count = len(record.poses)
    cameras = Cameras(
        np.asarray(record.poses, float), np.tile(np.asarray(numbers), (count, 1)),
        np.tile((width, height), (count, 1)), tuple(f"{n:06d}" for n in range(count)),
    )  # fmt: skip
    pictures = Pictures([partial(record.pictures.__getitem__, n) for n in range(count)])
    volume, mesh = made.layers[0], made.mesh
    box = Box(_three(volume.origin), volume.values.shape, volume.voxel)
    assert mesh is not None
    seen = tuple(cameras.camera(n) for n in range(count))
    said = "The reference is the room's exact mesh, where the cameras see it."
    reference = Reference(mesh, seen, said)
    return RoomData(cameras, pictures, box, lambda cancel: reference)


def _has_volume(folder: Path) -> bool:
    return (folder / "full_tsdf_layer0.npz").is_file()


def _mesh_beside(path: Path) -> Path | None:
    """The reference mesh that an info.json names, where it is there."""
    info = find_info(path)
    name = str(read_json(info).get("gt_mesh") or "") if info is not None else ""
    if info is None or not name:
        return None
    places = (info.parent / name, info.parent / Path(name.replace("\\", "/")).name)
    return next((place for place in places if place.is_file()), None)


def _has_reference(path: Path, frames: PosedFrames) -> bool:
    return frames.has_depth or (frames.format == VORTX and _mesh_beside(path) is not None)


def _scored_by(path: Path, frames: PosedFrames) -> str:
    """What a room will be scored against, in a sentence."""
    file = _mesh_beside(path) if frames.format == VORTX else None
    if file is not None:
        return f"Scores are against '{file.name}', beside the photographs."
    if frames.has_depth:
        return (
            f"Scores are against the {TITLE}: the depth of these frames up to {CUT:g} m, fused; "
            "what the sensor measured, no survey."
        )
    return "There is neither depth nor a mesh to score against; the full network's surface is."


def _reference(path: Path, frames: PosedFrames, cancel: CancelToken) -> Reference | None:
    """The mesh that the folder names, else the depth of its frames, fused; else none."""
    file = _mesh_beside(path) if frames.format == VORTX else None
    if file is not None:
        mesh = read_mesh(file)
        points = mesh.points @ frames.world[:3, :3].T + frames.world[:3, 3]
        cameras = tuple(frame.depth_camera or frame.colour_camera for frame in frames.frames)
        placed = replace(mesh, points=points.astype(np.float32))
        return Reference(placed, cameras, f"The reference is '{file.name}', beside photographs.")
    if not frames.has_depth:
        return None
    found = sensor_reference(frames, cancel=cancel)
    return Reference(found.mesh, found.cameras, found.said)


def square(pixels: np.ndarray, side: int = 96) -> np.ndarray:
    """The middle of a photograph, small: (side, side, 4) uint8."""
    from PIL import Image

    height, width = pixels.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    cut = Image.fromarray(np.ascontiguousarray(pixels[top : top + edge, left : left + edge]))
    return np.asarray(cut.resize((side, side)).convert("RGBA"))


def _three(values: np.ndarray) -> tuple[float, float, float]:
    x, y, z = (float(value) for value in values)
    return x, y, z
