"""How the panes on screen look, as a value that pictures are drawn anew from."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from ...core.errors import BadInput
from ...drawing.cameras import CameraState
from ...drawing.looks import Look
from ...drawing.palette import theme
from ...drawing.shots import Shot
from .arrangement import Key
from .crosshair import Crosshair
from .pane_grid import PaneGrid
from .scene_pane import ScenePane


def shot_of(
    grid: PaneGrid,
    panes: Mapping[Key, ScenePane],
    crosshair: Crosshair,
    look: Look,
    coloured: bool,
    seen_from: Callable[[Key], CameraState | None],
    scale: int,
    transparent: bool,
    corners: bool,
) -> Shot:
    """How the panes that show something look, drawn at their size times `scale`.

    Raises
    ------
    BadInput
        When no pane shows anything.
    """
    from ...drawing.pictures import strips

    keys = [key for key in grid.cells if panes[key].scene is not None]
    shown = [panes[key] for key in keys]
    if not shown:
        raise BadInput("No view shows anything to put in a picture; open a sample first.")
    columns = grid.columns(len(shown))
    lines = math.ceil(len(shown) / columns)
    wide = sum(pane.body().width() for pane in shown[:columns])
    titles = [" · ".join(filter(None, (pane.title, pane.caption))) for pane in shown]
    return Shot(
        panes=tuple((*key, title) for key, title in zip(keys, titles, strict=True)),
        cameras=tuple(map(seen_from, keys)),
        planes=tuple(crosshair.plane(name) for _, name in keys),
        size=(wide, lines * shown[0].body().height() + strips(lines)),
        scale=scale,
        transparent=transparent,
        style=look.style,
        coloured=coloured,
        window=crosshair.window,
        dark=look.theme is theme(True),
        columns=columns,
        corners=corners,
    )
