"""Pictures of scenes side by side, drawn off screen: the same views without a window."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pyvista
from PIL import Image, ImageDraw
from PIL.PngImagePlugin import PngInfo

from ..core.errors import BadInput
from ..core.moment import Moment, paired
from ..core.scene.scenes import Scene
from ..core.scene.views import Kind, View, shown_in
from ..core.score.scores import ColourScale, scale_shown
from ..files.atomic import writing
from ..files.stamps import texts
from ..geometry.scenes import unit_of
from ..geometry.slices import Plane
from .cameras import CameraState, extent, place, zoom
from .corners import write_corners
from .framing import framing
from .lettering import write_bar, write_title
from .looks import Look, Style
from .palette import theme as theme_of
from .shots import NAME, Shot
from .views import SceneView

_TITLE, _BAR = 38, 62  # heights of the strips above and below the views


def strips(lines: int = 1) -> int:
    """Return the pixels that titles and the colour bar take from the height of a picture."""
    return lines * _TITLE + _BAR


def picture(
    scenes: Sequence[tuple[str, Scene]],
    path: str | Path,
    *,
    size: tuple[int, int] = (1200, 480),
    scale: int = 1,
    transparent: bool = False,
    style: Style = "points",
    colours: Sequence[ColourScale] = (),
    cameras: Sequence[CameraState] = (),
    planes: Sequence[Plane | None] = (),
    window: tuple[float, float] | None = None,
    dark: bool = False,
    moment: Moment | None = None,
    columns: int = 0,
    corners: Sequence[Kind | None] = (),
) -> None:
    """Write one PNG that shows `scenes` side by side, under one camera.

    Parameters
    ----------
    scenes : sequence of (title, Scene)
        A title such as ``Pruned · 45.0 %``; what follows the dot is set in grey.
    path : path
        File to write; ends in ``.png``.
    size : (width, height)
        Of the whole picture in pixels, before `scale`.
    scale : int
        Pixels per pixel of `size`, for print.
    transparent : bool
        Leave the background out.
    style : {"points", "mesh"}
        How meshes are drawn.
    colours : sequence of ColourScale
        Each scene takes the one it names, else the first; the bar shows that of the last
        scene.
    cameras : sequence of CameraState
        One for all scenes, or one for each; none frames the first scene, from the front.
    planes : sequence of Plane or None
        Where each scene is cut by a slice; none leaves all whole.
    window : (black, white) or None
        As for a `Look`.
    dark : bool
    moment : Moment or None
        What is needed to make the picture again; kept as text inside the file.
    columns : int
        How many scenes stand in a row; 0 puts all in one.
    corners : sequence of kind of view or None
        Of each scene, where it has its axes and its scale; none leaves all without.

    Raises
    ------
    BadInput
        When there is nothing to draw, or the file cannot be written.
    """
    target = Path(path)
    if target.suffix.lower() != ".png":
        raise BadInput(f"'{target}' is not a name for a picture; end it in .png.")
    if not scenes:
        raise BadInput(f"There is nothing to draw in '{target}'; give at least one scene.")
    with writing(target) as temporary:
        canvas = compose(
            scenes,
            size=(size[0] * scale, size[1] * scale),
            px=scale,
            transparent=transparent,
            look=Look(style, tuple(colours), theme_of(dark), window=window),
            cameras=cameras,
            planes=planes,
            columns=columns,
            corners=corners,
        )
        notes = PngInfo()
        for key, value in texts(moment).items():
            notes.add_text(key, value)
        canvas.save(temporary, format="PNG", pnginfo=notes)


def take(
    shot: Shot,
    path: str | Path,
    scenes: Mapping[str, Scene],
    views: Sequence[View],
    scales: Sequence[ColourScale],
    moment: Moment,
) -> None:
    """Draw a shot into a PNG, which has it in its moment.

    Parameters
    ----------
    shot : Shot
    path : path
    scenes : mapping of role to Scene
        All that the shot shows.
    views : sequence of View
        Of the model.
    scales : sequence of ColourScale
        Of the model.
    moment : Moment

    Raises
    ------
    BadInput
        If the model has no such view, or the file cannot be written.
    """
    known = {view.id: view for view in views}
    shown = []
    for role, name, title in shot.panes:
        part = shown_in(scenes[role], known[name]) if role in scenes and name in known else None
        if part is None:
            raise BadInput(f"This model shows no {role} result in a view {name!r}; open it anew.")
        shown.append((title, part))
    look = dict(moment.look) | {NAME: shot.as_pairs()}
    picture(
        shown,
        path,
        size=shot.size,
        scale=shot.scale,
        transparent=shot.transparent,
        style=shot.style,
        colours=scales if shot.coloured else (),
        cameras=shot.cameras,
        planes=shot.planes,
        window=shot.window,
        dark=shot.dark,
        moment=replace(moment, look=paired(look)),
        columns=shot.columns,
        corners=[known[name].kind for _, name, _ in shot.panes] if shot.corners else (),
    )


def compose(
    scenes: Sequence[tuple[str, Scene]],
    *,
    size: tuple[int, int],
    px: float,
    transparent: bool,
    look: Look,
    cameras: Sequence[CameraState],
    planes: Sequence[Plane | None],
    columns: int = 0,
    corners: Sequence[Kind | None] = (),
) -> Image.Image:
    """Draw `scenes` side by side with their titles, and the colour bar below.

    Parameters
    ----------
    size : (width, height)
        Of the whole picture in pixels.
    px : float
        Pixels per pixel of a plain screen, for the lettering and the points.
    look : Look
    transparent, cameras, planes, columns, corners
        As for `picture`.

    Returns
    -------
    Image.Image
        RGBA when transparent, otherwise RGB.
    """
    theme = look.theme
    scale = scale_shown(look.scales, scenes[-1][1])
    width, height = size
    above = round(_TITLE * px)
    below = round(_BAR * px) if scale is not None else round(12 * px)
    columns = columns or len(scenes)
    lines = math.ceil(len(scenes) / columns)
    edges = np.linspace(0, width, columns + 1).round().astype(int)
    tall = max((height - below) // lines - above, 1)
    tops = [line * (above + tall) + above for line in range(lines)]
    boxes = [(int(a), y, int(b), y + tall) for y in tops for a, b in pairwise(edges)]
    boxes = boxes[: len(scenes)]
    cameras = _one_for_each(cameras or (framing([scenes[0][1]]),), len(scenes))
    shots = _shots([scene for _, scene in scenes], boxes, look, cameras, planes, transparent)
    ground = (*theme.background, 0 if transparent else 255)
    canvas = Image.new("RGBA", size, ground)
    for (title, _), box, shot in zip(scenes, boxes, shots, strict=True):
        canvas.paste(shot, box[:2])
        write_title(
            ImageDraw.Draw(canvas), (box[0], box[1] - above, box[2], box[1]), title, theme, px
        )
    for (_, scene), box, state, kind in zip(scenes, boxes, cameras, corners, strict=False):
        if kind in ("space", "slice"):
            write_corners(
                canvas, box, state, unit_of(scene), theme, px, kind == "space", scene.patient
            )
    if scale is not None:
        write_bar(canvas, (0, height - below, width, height), scale, theme, px)
    return canvas if transparent else canvas.convert("RGB")


def _one_for_each(cameras: Sequence[CameraState], count: int) -> Sequence[CameraState]:
    return cameras if len(cameras) > 1 else list(cameras) * count


def _shots(
    scenes: Sequence[Scene],
    boxes: Sequence[tuple[int, int, int, int]],
    look: Look,
    cameras: Sequence[CameraState],
    planes: Sequence[Plane | None],
    transparent: bool,
) -> list[Image.Image]:
    wide, tall = boxes[0][2] - boxes[0][0], boxes[0][3] - boxes[0][1]
    planes = planes or [None] * len(scenes)
    around = extent(scenes)
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        os.environ.setdefault("VTK_DEFAULT_OPENGL_WINDOW", "vtkEGLRenderWindow")
    plotter = pyvista.Plotter(off_screen=True, lighting="none", window_size=(wide, tall))
    try:
        plotter.render_window.SetMultiSamples(8)
        plotter.camera_set = True
        view = SceneView(plotter)
        shots = []
        for scene, box, state, plane in zip(scenes, boxes, cameras, planes, strict=True):
            wide, tall = box[2] - box[0], box[3] - box[1]
            seen = zoom(state, wide, tall)
            view.show(scene, replace(look, pixels=min(wide, tall), zoom=seen, plane=plane))
            place(plotter.camera, state, around, wide / tall)
            plotter.window_size = (wide, tall)
            plotter.render()
            shot = plotter.screenshot(None, transparent_background=transparent, return_img=True)
            shots.append(Image.fromarray(shot).convert("RGBA"))
        return shots
    finally:
        plotter.close()
