"""Which hand moves what is seen in a pane: one for each kind of view."""

from __future__ import annotations

from collections.abc import Callable

from ....drawing.cameras import CameraState
from ..crosshair import Crosshair
from ..scene_pane import ScenePane
from .hand import Hand
from .orbit import Orbit
from .scrolling import Scrolling
from .sliding import Sliding


def hand_on(
    pane: ScenePane,
    name: str,
    crosshair: Crosshair,
    read: Callable[[], CameraState],
    write: Callable[[CameraState], None],
) -> Hand:
    """Return what takes the mouse and the keys of a started pane; a slice moves the crosshair.

    Parameters
    ----------
    pane : ScenePane
    name : str
        Id of its view.
    crosshair : Crosshair
    read, write : callables
        Get and set the camera.
    """
    if pane.bar is None:
        return (Orbit if pane.kind == "space" else Sliding)(pane.view, read, write)
    pane.bar.moved.connect(lambda at: crosshair.go_to(name, at))
    pane.bar.turned.connect(lambda axis: crosshair.turn(name, axis))
    return Scrolling(
        pane.view,
        read,
        write,
        lambda place: crosshair.point_at(name, place),
        lambda count: crosshair.step(name, pane.scene, count),
        crosshair.widen,
    )
