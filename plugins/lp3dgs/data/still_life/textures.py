"""Textures: noise, wood, cloth, print. Colours are linear RGB, (3, R)."""

from __future__ import annotations

import colorsys
from collections.abc import Callable

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFont
from torch import Tensor
from torch.nn.functional import grid_sample

Colour = tuple[float, float, float]
SIDE = 32
"""Cells along each side of the noise, which repeats."""


def linear(colour: str) -> Colour:
    """Linear RGB of a colour written as ``#rrggbb``."""
    shown = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in shown)
    return red, green, blue


def varied(rng: np.random.Generator, colour: str, hue: float = 0.03, light: float = 0.06) -> Colour:
    """Linear RGB of a colour near another one; `hue` in turns."""
    shown = (int(colour[k : k + 2], 16) / 255 for k in (1, 3, 5))
    h, s, v = colorsys.rgb_to_hsv(*shown)
    h, v = (h + rng.uniform(-hue, hue)) % 1, float(np.clip(v + rng.uniform(-light, light), 0, 1))
    made = colorsys.hsv_to_rgb(h, s, v)
    return linear("#" + "".join(f"{round(channel * 255):02x}" for channel in made))


def ink(like: Tensor, colour: Colour) -> Tensor:
    """One colour, (3, 1), where `like` is."""
    return like.new_tensor(colour)[:, None]


def mixed(one: Tensor, other: Tensor, share: Tensor) -> Tensor:
    """From one colour, (3, R) or (3, 1), to the other, by shares (R,)."""
    return one + (other - one) * share.clamp(0, 1)


class Noise:
    """Smooth noise in space, of values 0 to 1 that lie about evenly."""

    def __init__(self, rng: np.random.Generator) -> None:
        cells = rng.random((SIDE,) * 3, np.float32)
        self.cells = torch.as_tensor(np.pad(cells, ((0, 1),) * 3, mode="wrap"))[None, None]

    def __call__(self, points: Tensor) -> Tensor:
        """Values (R,) at points (3, R); a cell is 1 wide."""
        if self.cells.device != points.device:
            self.cells = self.cells.to(points.device)
        whole = points.floor()
        part = points - whole
        smooth = (whole % SIDE + part * part * (3 - 2 * part)) * (2 / SIDE) - 1
        grid = smooth.T[None, None, None]
        return grid_sample(self.cells, grid, align_corners=True)[0, 0, 0, 0]

    def fractal(self, points: Tensor, octaves: int = 4) -> Tensor:
        """Noise with ever finer parts."""
        found, weight = torch.zeros_like(points[0]), 1.0
        for octave in range(octaves):
            weight /= 2
            found = found + weight * self(points * 2.03**octave + 7.1 * octave)
        return found / (1 - weight)


def wood(
    noise: Noise, light: Colour, dark: Colour, plank: float
) -> Callable[[Tensor, Tensor], Tensor]:
    """Planks of a width, along x, with grain; paints points that show seams or do not."""

    def paint(points: Tensor, seams: Tensor) -> Tensor:
        row = (points[1] / plank).floor()
        at = points[1] / plank - row
        shift = row * 5.37
        tone = noise(torch.stack([row * 3.1 + 0.5, row * 1.7, row * 0 + 0.5]))
        slow = noise.fractal(torch.stack([points[0] * 1.3 + shift, points[1] * 5, row * 2.3]), 3)
        rings = torch.stack([points[0] * 0.9 + shift, points[1] * 9 + 4 * slow, row * 1.9])
        grain = noise.fractal(rings * points.new_tensor([1.0, 3.0, 1.0])[:, None], 3)
        pores = noise(torch.stack([points[0] * 9 + shift, points[1] * 130, row]))
        share = 1.15 * (grain - 0.5) + 0.55 * slow + 0.4 * (tone - 0.5)
        share = share + 0.3 * (pores - 0.7).clamp_min(0)
        colour = mixed(ink(points, light), ink(points, dark), share + 0.12)
        seam = ((0.5 - (at - 0.5).abs()) * plank < 0.004) & seams
        return colour * (1 - 0.72 * seam.float())

    return paint


def gingham(points: Tensor, width: float, colour: Colour, ground: Colour, noise: Noise) -> Tensor:
    """Checked cloth: stripes of a width both ways, darkest where they cross."""
    stripes = [((points[k] / (2 * width)) % 1 < 0.5).float() for k in (0, 1)]
    share = 0.12 + 0.4 * (stripes[0] + stripes[1])
    weave = noise(torch.stack([points[0] * 150, points[1] * 150, points[0] * 0]))
    return mixed(ink(points, ground), ink(points, colour), share) * (0.9 + 0.16 * weave)


class Print:
    """Words or letters in black on white, side by side, as coverage to paint by."""

    def __init__(self, words: tuple[str, ...], wide: int, high: int, size: int) -> None:
        font = ImageFont.load_default(size)
        page = Image.new("L", (wide * len(words), high))
        draw = ImageDraw.Draw(page)
        for number, word in enumerate(words):
            middle = (wide * (number + 0.5), high / 2)
            bold = max(1, size // 24)
            draw.text(middle, word, 255, font, "mm", stroke_width=bold, stroke_fill=255)
        self.many = len(words)
        self.page = torch.as_tensor(np.asarray(page, np.float32) / 255)[None, None]

    def __call__(self, number: Tensor, right: Tensor, up: Tensor) -> Tensor:
        """Coverage (R,) by word number; `right` and `up` go from -1 to 1 over its field."""
        if self.page.device != right.device:
            self.page = self.page.to(right.device)
        inside = (right.abs() < 1) & (up.abs() < 1)
        across = (2 * number + right.clamp(-1, 1) + 1) / self.many - 1
        grid = torch.stack([across, -up.clamp(-1, 1)], dim=-1)[None, None]
        return grid_sample(self.page, grid, align_corners=False)[0, 0, 0] * inside


def on_face(chart: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Face of a box, 0 to 5 (x, y, z; then the opposite ones), and what is right and up on it.

    Seen from outside; up is z on the sides and y on top and below.
    """
    face = chart.abs().argmax(dim=0)
    x, y, z = chart
    sign = chart.gather(0, face[None])[0].sign()
    right = torch.where(face == 0, y * sign, torch.where(face == 1, -x * sign, x * sign))
    up = torch.where(face == 2, y, z)
    return face + 3 * (sign < 0), right, up
