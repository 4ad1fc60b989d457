"""The axes and the scale in the corners of a picture, drawn without a window system."""

from __future__ import annotations

from PIL import Image, ImageDraw

from .cameras import CameraState, zoom
from .gauges import (
    AXES,
    BALL,
    END,
    INSET,
    LEAST,
    LETTER,
    PATIENT,
    Length,
    SeenAxes,
    axis_colours,
    edge_letters,
    side_for,
)
from .lettering import font
from .palette import Theme

_FINE = 4  # drawn so much larger, for smooth edges
_PAD, _TALL = 6, 30


def write_corners(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    state: CameraState,
    unit: str,
    theme: Theme,
    px: float,
    turns: bool = True,
    patient: bool = False,
) -> None:
    """Draw the axes at the bottom left of a view and the scale at its bottom right.

    A view that is too small for them has none.

    Parameters
    ----------
    picture : Image.Image
        RGBA.
    box : tuple of int
        Left, top, right and bottom of the view in pixels.
    state : CameraState
    unit : str
        Of the lengths of the scene; empty where it is not known.
    theme : Theme
    px : float
        Pixels of the picture per pixel of a plain screen.
    turns : bool
        Whether the camera turns, so that axes tell something.
    patient : bool
        Whether the axes are a patient's; a slice then has letters at its edges.
    """
    left, top, right, bottom = box
    wide, tall = (right - left) / px, (bottom - top) / px
    if patient and not turns and min(wide, tall) >= 4 * LETTER:
        _write_letters(picture, box, state, theme, px)
    if min(wide, tall) < LEAST:
        return
    if turns:
        axes, letters = SeenAxes.of(state), PATIENT if patient else AXES
        tile = _axes(axes, letters, side_for(min(wide, tall)), theme, px)
        picture.alpha_composite(tile, (left + round(2 * px), bottom - tile.height))
    tile = _scale(Length.of(state, zoom(state, wide, tall), unit, wide), theme, px)
    edge = round(INSET * px)
    picture.alpha_composite(tile, (right - edge - tile.width, bottom - edge - tile.height))


def _write_letters(
    picture: Image.Image,
    box: tuple[int, int, int, int],
    state: CameraState,
    theme: Theme,
    px: float,
) -> None:
    left, top, right, bottom = box
    side, edge = round(LETTER * px), round(2 * px)
    x, y = (left + right - side) // 2, (top + bottom - side) // 2
    places = {
        "left": (left + edge, y), "right": (right - edge - side, y),
        "top": (x, top + edge), "bottom": (x, bottom - edge - side),
    }  # fmt: skip
    fine = side * _FINE
    for name, letter in edge_letters(state).items():
        tile = Image.new("RGBA", (fine, fine), (*theme.background, 0))
        pen = ImageDraw.Draw(tile)
        pen.rounded_rectangle((0, 0, fine - 1, fine - 1), fine // 5, (*theme.background, 190))
        letters = font(round(12 * px * _FINE), True)
        pen.text((fine / 2, fine / 2), letter, (*theme.ink, 255), letters, anchor="mm")
        tile = tile.resize((side, side), Image.Resampling.LANCZOS)
        picture.alpha_composite(tile, places[name])


def _axes(axes: SeenAxes, names: str, side: int, theme: Theme, px: float) -> Image.Image:
    size, fine = round(side * px), px * _FINE
    tile = Image.new("RGBA", (size * _FINE, size * _FINE), (*theme.background, 0))
    pen = ImageDraw.Draw(tile)
    letters = font(round(11 * fine), True)
    middle = side * fine / 2
    for axis, sign in axes.ends:
        x, y = (place * fine for place in axes.place(axis, sign, side))
        colour = (*axis_colours(theme)[axis], 255)
        if sign > 0:
            pen.line((middle, middle, x, y), colour, round(2 * fine))
            pen.circle((x, y), BALL * fine, colour)
            pen.text((x, y), names[axis], (*theme.background, 255), letters, anchor="mm")
        else:
            pen.circle((x, y), END * fine, (*theme.background, 255), colour, round(1.4 * fine))
    return tile.resize((size, size), Image.Resampling.LANCZOS)


def _scale(length: Length, theme: Theme, px: float) -> Image.Image:
    fine = px * _FINE
    letters = font(round(12 * fine))
    words = letters.getlength(length.text) / fine
    wide = max(words, length.pixels) + 2 * _PAD
    size = (round(wide * px), round(_TALL * px))
    tile = Image.new("RGBA", (size[0] * _FINE, size[1] * _FINE), (*theme.background, 0))
    pen, ink = ImageDraw.Draw(tile), (*theme.ink, 255)
    pen.rounded_rectangle(
        (0, 0, tile.width - 1, tile.height - 1), 4 * fine, (*theme.background, 190)
    )
    right, foot = tile.width - _PAD * fine, (_TALL - 7) * fine
    pen.text((right, foot - 7 * fine), length.text, ink, letters, anchor="rs")
    left, broad = right - length.pixels * fine, round(1.6 * fine)
    pen.line((left, foot, right, foot), ink, broad)
    for x in (left, right):
        pen.line((x, foot - 3 * fine, x, foot + 3 * fine), ink, broad)
    return tile.resize(size, Image.Resampling.LANCZOS)
