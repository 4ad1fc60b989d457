"""What is seen in a viewport as plain values, and the way back to that."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict

from ...core.errors import BadInput
from ...core.moment import Pairs, paired
from ...core.scene.views import Kind
from ...drawing.cameras import CameraState, camera_of
from .arrangement import Arrangement
from .crosshair import Crosshair
from .linked import LinkedCamera
from .pane_grid import PaneGrid

Seen = tuple[tuple[str, Pairs], ...]
"""Cameras by kind of view, each as the fields of its `CameraState`."""


def seen_in(
    grid: PaneGrid, cameras: Mapping[Kind, LinkedCamera], crosshair: Crosshair
) -> tuple[Seen, Pairs]:
    """Return cameras by kind, and what else there is to what is seen."""
    kinds = sorted({view.kind for view in grid.views})
    told = tuple((kind, paired(asdict(cameras[kind].state))) for kind in kinds)
    look = {"arrangement": grid.arrangement.text}
    if "slice" in kinds:
        look |= crosshair.as_fields()
    return told, paired(look)


def see_in(
    grid: PaneGrid,
    restore: Callable[[CameraState, Kind], None],
    crosshair: Crosshair,
    cameras: Seen,
    look: Pairs,
) -> tuple[str, ...]:
    """Return to what `seen_in` gave; sentences on what cannot be."""
    kinds, said, told = {view.kind for view in grid.views}, [], dict(look)
    for kind, pairs in cameras:
        try:
            if kind in kinds:
                restore(camera_of(dict(pairs)), kind)
        except BadInput as error:
            said.append(str(error))
    if "arrangement" in told:
        grid.arrangement = Arrangement.of(str(told["arrangement"]))
    if "slice" in kinds:
        said += crosshair.take_fields(told)
    return tuple(said)
