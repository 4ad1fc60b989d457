"""Shots: how a picture of several panes was taken, so that it can be taken again."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from ..core.errors import BadInput
from ..core.moment import Moment, Pairs, paired
from ..geometry.slices import Plane
from .cameras import CameraState, camera_of
from .looks import Style

NAME = "picture"
"""Name under which the look of a moment has its shot."""


@dataclass(frozen=True)
class Shot:
    """All that a picture of panes is drawn with, but the scenes.

    Parameters
    ----------
    panes : tuple of (role, id of the view, title)
    cameras : tuple of CameraState
        One for each pane.
    planes : tuple of Plane or None
        Where each pane is cut.
    size, scale, transparent, style, window, dark, columns
        As for `pictures.picture`.
    coloured : bool
        Whether the scales of the model colour it.
    corners : bool
        Whether axes and scales are in it, as they are over the views.
    """

    panes: tuple[tuple[str, str, str], ...]
    cameras: tuple[CameraState, ...]
    planes: tuple[Plane | None, ...]
    size: tuple[int, int]
    scale: int = 1
    transparent: bool = False
    style: Style = "mesh"
    coloured: bool = True
    window: tuple[float, float] | None = None
    dark: bool = False
    columns: int = 0
    corners: bool = False

    @property
    def roles(self) -> tuple[str, ...]:
        """The roles that it shows, each once."""
        return tuple(dict.fromkeys(role for role, _, _ in self.panes))

    def as_pairs(self) -> Pairs:
        """The same in plain values."""
        cameras = tuple(paired(asdict(camera)) for camera in self.cameras)
        planes = tuple(plane and paired(asdict(plane)) for plane in self.planes)
        return paired({**vars(self), "cameras": cameras, "planes": planes})

    @classmethod
    def of_pairs(cls, pairs: Pairs) -> Shot:
        """Read what `as_pairs` gave.

        Raises
        ------
        BadInput
            If it is damaged.
        """
        try:
            held: dict[str, Any] = dict(pairs)
            held["cameras"] = tuple(camera_of(dict(one)) for one in held["cameras"])
            held["planes"] = tuple(one and Plane(**dict(one)) for one in held["planes"])
            shot = cls(**held)
            if not len(shot.panes) == len(shot.cameras) == len(shot.planes) > 0:
                raise ValueError
            if not (all(0 < side * shot.scale <= 1 << 15 for side in shot.size)):
                raise ValueError
        except (TypeError, ValueError, KeyError, BadInput):
            raise BadInput(
                "The moment does not say how its picture was taken, or that is damaged; give --out "
                "the ending of a mesh instead."
            ) from None
        return shot


def shot_of(moment: Moment) -> Shot | None:
    """The shot that a moment has, if it has one."""
    found = dict(moment.look).get(NAME)
    return Shot.of_pairs(found) if isinstance(found, tuple) else None
