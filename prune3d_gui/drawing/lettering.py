"""Titles and the colour bar of a picture, written without a window system."""

from __future__ import annotations

import functools
from importlib.util import find_spec
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

from ..core.score.scores import ColourScale
from .palette import Theme, colours_of, ticks


@functools.cache
def font(size: int, bold: bool = False) -> ImageFont.ImageFont | ImageFont.FreeTypeFont:
    """Return a sans-serif font of `size` pixels that also knows Greek, Cyrillic and signs."""
    spec = find_spec("matplotlib")  # comes with pyvista, and carries DejaVu; not imported
    for root in (spec.submodule_search_locations or ()) if spec else ():
        name = "DejaVuSans-Bold.ttf" if bold else "DejaVuSans.ttf"
        path = Path(root, "mpl-data", "fonts", "ttf", name)
        if path.is_file():
            return ImageFont.truetype(str(path), size)
    return ImageFont.load_default(size)


def write_title(
    canvas: ImageDraw.ImageDraw, box: tuple[int, int, int, int], title: str, theme: Theme, px: float
) -> None:
    """Write ``Title · caption`` at the top left of `box`, the title in bold, cut to fit.

    Parameters
    ----------
    canvas : ImageDraw.ImageDraw
    box : tuple of int
        Left, top, right and bottom in pixels.
    title : str
    theme : Theme
    px : float
        Pixels of the picture per pixel of a plain screen.
    """
    head, dot, rest = title.partition(" · ")
    bold, plain = font(round(13 * px), True), font(round(12 * px))
    left, top, right, _ = box
    x, y = left + 14 * px, top + 26 * px
    head = _cut(canvas, head, bold, right - 14 * px - x)
    canvas.text((x, y), head, (*theme.ink, 255), bold, anchor="ls")
    x += canvas.textlength(head, bold) + 10 * px
    rest = _cut(canvas, rest if dot else "", plain, right - 14 * px - x)
    canvas.text((x, y), rest, (*theme.faint, 255), plain, anchor="ls")


def write_bar(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    scale: ColourScale,
    theme: Theme,
    px: float,
) -> None:
    """Draw the colour bar of `scale`, with its title and ticks, in the middle of `box`."""
    canvas = ImageDraw.Draw(picture)
    left, top, right, _ = box
    width = round(min(360 * px, 0.6 * (right - left)))
    tall = round(10 * px)
    x, y = (left + right - width) // 2, round(top + 24 * px)
    plain, small = font(round(12 * px)), font(round(11 * px))
    canvas.text((x, y - 7 * px), scale.title, (*theme.ink, 255), plain, anchor="ls")
    strip = Image.fromarray(colours_of(scale, theme)[None, :, :]).resize((width, tall))
    picture.paste(strip, (x, y))
    span = scale.maximum - scale.minimum
    for value, text in ticks(scale):
        at = x + (value - scale.minimum) / span * (width - 1) if span > 0 else x
        canvas.line((at, y + tall, at, y + tall + 3 * px), (*theme.faint, 255), max(1, round(px)))
        canvas.text((at, y + tall + 5 * px), text, (*theme.faint, 255), small, anchor="ma")


def _cut(
    canvas: ImageDraw.ImageDraw, text: str, with_font: ImageFont.ImageFont, room: float
) -> str:
    if canvas.textlength(text, with_font) <= room:
        return text
    while text and canvas.textlength(text + "…", with_font) > room:
        text = text[:-1]
    return text.rstrip() + "…" if text else ""
