"""A room of a number, from its seed to everything that a scene's folder holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.geometry.fusion.boxes import seen_box
from prune3d_gui.geometry.fusion.tsdf import CUT, Tsdf, fuse_levels

from .rooms.room import Room, furnished
from .tracing.casting import tree_of
from .tracing.lighting import lit
from .tracing.meshes import seen_mesh
from .walks.depths import sensed
from .walks.looking import walk_through
from .walks.paths import inside
from .walks.poses import unsteady
from .walks.recording import Recording, height_of, record

SPLITS = ("train", "val", "test")
VERSION = 1
"""Of rooms: to be raised when those of a seed change, so that old and new do not mix."""


@dataclass(frozen=True)
class Wanted:
    """What rooms are made.

    Parameters
    ----------
    split : str
        One of `SPLITS`; only rooms to test on have the class of furniture that is held out.
    frames : int
        Key frames of each room.
    side : int
        Width of pictures in pixels; they are three quarters as high.
    samples : int
        Rays for the colour of each pixel.
    seed : int
    depth_noise : float
        Of depths, in those of a Kinect; 0 leaves them exact.
    pose_noise : float
        Deviation of places in metres; of angles, in radians, a fifth of that.
    """

    split: str = "train"
    frames: int = 70
    side: int = 320
    samples: int = 4
    seed: int = 0
    depth_noise: float = 0.0
    pose_noise: float = 0.0

    def __post_init__(self) -> None:
        if self.split not in SPLITS:
            raise BadInput(f"The split '{self.split}' is unknown; take one of {', '.join(SPLITS)}.")

    def seeds(self, number: int) -> tuple[int, int, int]:
        """The seed of a room of this split."""
        return (self.seed, SPLITS.index(self.split), number)


@dataclass(frozen=True, eq=False)
class MadeRoom:
    """A room and what was recorded in it.

    Parameters
    ----------
    room : Room
    recording : Recording
        With the depths that the sensor gives, and the poses that are told.
    layers : tuple of Tsdf
        Fused from these depths at the true poses: of 4, 8 and 16 cm.
    mesh : Mesh
        Exact: what the cameras see from up to 3 m. None if it was not asked for.
    """

    room: Room
    recording: Recording
    layers: tuple[Tsdf, ...]
    mesh: Mesh | None


def make_room(
    wanted: Wanted,
    number: int,
    meshed: bool = True,
    cancel: CancelToken = NEVER,
    tell: Callable[[int], None] = lambda done: None,
) -> MadeRoom:
    """Make a room, walk through it, and fuse its reference.

    Parameters
    ----------
    wanted : Wanted
    number : int
        Of the room in its split: equal ones give equal rooms.
    meshed : bool
        Whether its exact mesh is made, too.
    cancel : CancelToken
    tell : callable
        Of how many frames are done.

    Raises
    ------
    Cancelled
    """
    seed = wanted.seeds(number)
    room = furnished((*seed, 0), held_out=wanted.split == SPLITS[2])
    tree = tree_of(room.solids)
    walk = walk_through(room, tree, (*seed, 1), wanted.frames, cancel)
    light = lit(tree, room.lamps, (*seed, 2), lambda points: inside(room, points), cancel=cancel)
    exact = record(tree, light, walk, wanted.side, wanted.samples, (*seed, 3), cancel, tell)
    size = (wanted.side, height_of(wanted.side))
    mesh = seen_mesh(tree, exact.intrinsics, size, exact.poses, CUT) if meshed else None
    depths = sensed(exact.depths, wanted.depth_noise, (*seed, 4))
    origin, dims = seen_box(depths, exact.intrinsics, exact.poses)
    x, y, z = (4 * -(-count // 4) for count in dims)
    layers = fuse_levels(depths, exact.intrinsics, exact.poses, origin, (x, y, z), cancel=cancel)
    told = unsteady(exact.poses, wanted.pose_noise, (*seed, 5))
    recording = Recording(exact.pictures, depths, exact.intrinsics, told)
    return MadeRoom(room, recording, layers, mesh)
