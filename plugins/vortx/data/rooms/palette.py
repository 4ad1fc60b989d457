"""Colours and materials of a room, drawn once so that they go together."""

from __future__ import annotations

import colorsys

import numpy as np

from ..tracing.solids import Material

Rng = np.random.Generator
Colour = tuple[float, float, float]
_WOODS = (
    ((0.42, 0.25, 0.12), (0.28, 0.15, 0.07)), ((0.60, 0.42, 0.24), (0.46, 0.30, 0.16)),
    ((0.20, 0.11, 0.06), (0.12, 0.065, 0.035)), ((0.68, 0.55, 0.38), (0.56, 0.42, 0.27)),
    ((0.33, 0.16, 0.08), (0.22, 0.09, 0.045)), ((0.48, 0.40, 0.32), (0.36, 0.29, 0.23)),
)  # fmt: skip
BLACK: Colour = (0.025, 0.025, 0.028)
STEEL: Colour = (0.42, 0.43, 0.45)


def colour(rng: Rng, saturation: tuple[float, float], value: tuple[float, float]) -> Colour:
    """A colour of any hue, in linear RGB."""
    found = colorsys.hsv_to_rgb(rng.random(), rng.uniform(*saturation), rng.uniform(*value))
    return _linear(found)


def _linear(found: tuple[float, float, float]) -> Colour:
    r, g, b = (float(each**2.2) for each in found)
    return r, g, b


def darker(given: Colour, by: float) -> Colour:
    """The same colour, so many times as bright."""
    r, g, b = (float(min(0.95, each * by)) for each in given)
    return r, g, b


class Palette:
    """Materials of one room; each call draws another one of a kind.

    Parameters
    ----------
    rng : numpy.random.Generator
    """

    def __init__(self, rng: Rng) -> None:
        self.rng = rng
        self.bare = rng.random() < 0.25
        """Whether nearly everything is of one colour: rooms that are hard to match."""
        self._woods = [_WOODS[k] for k in rng.permutation(len(_WOODS))[:2]]
        self._accent = rng.random()
        self.white = plain(_linear((0.93, 0.92, 0.90)))
        self.steel = plain(STEEL, gloss=0.6)
        self.black = plain(BLACK, gloss=0.4)

    def _seed(self) -> int:
        return int(self.rng.integers(65536))

    def wood(self) -> Material:
        """One of the room's two woods."""
        rng = self.rng
        first, second = self._woods[int(rng.random() < 0.35)]
        if self.bare and rng.random() < 0.6:
            return plain(darker(first, 1.1), 0.15, self._seed())
        return Material(
            "wood", first, second, seed=self._seed(), gloss=float(rng.uniform(0.05, 0.35))
        )

    def paint(self) -> Material:
        """Plain paint of a piece of furniture."""
        rng = self.rng
        tone = colour(rng, (0.0, 0.15), (0.75, 0.95)) if rng.random() < 0.5 else self.accent()
        return plain(tone, float(rng.uniform(0, 0.3)), self._seed())

    def board(self) -> Material:
        """What cupboards and shelves are made of."""
        return self.wood() if self.rng.random() < 0.6 else self.paint()

    def accent(self) -> Colour:
        """A strong colour near the room's own hue, or of another one."""
        rng = self.rng
        hue = self._accent + rng.normal(0, 0.06) if rng.random() < 0.55 else rng.random()
        return _linear(
            colorsys.hsv_to_rgb(hue % 1, rng.uniform(0.15, 0.62), rng.uniform(0.3, 0.85))
        )

    def cloth(self) -> Material:
        """What seats and beds are covered with."""
        rng, first = self.rng, self.accent()
        if rng.random() < 0.4:
            first = colour(rng, (0.03, 0.2), (0.35, 0.8))
        second = darker(first, float(rng.uniform(0.45, 0.75)))
        pick = rng.random()
        if self.bare or pick < 0.25:
            return plain(first, 0.0, self._seed())
        if pick < 0.65:
            return Material("carpet", first, second, seed=self._seed())
        other = colour(rng, (0.0, 0.5), (0.5, 0.95))
        kind = "stripes" if pick < 0.78 else ("plaid" if pick < 0.88 else "damask")
        return Material(kind, first, other, float(rng.uniform(0.06, 0.22)), self._seed())

    def wall(self) -> Material:
        """Paint, paper, or bricks."""
        rng = self.rng
        base = colour(rng, (0.02, 0.22), (0.72, 0.95))
        pick = rng.random()
        if self.bare or pick < 0.5:
            return plain(base, 0.0, self._seed())
        if pick < 0.66:
            return Material("damask", base, darker(base, float(rng.uniform(0.55, 0.8))),
                            float(rng.uniform(0.12, 0.4)), self._seed())  # fmt: skip
        if pick < 0.78:
            return Material("stripes", base, darker(base, float(rng.uniform(0.6, 0.85))),
                            float(rng.uniform(0.1, 0.35)), self._seed())  # fmt: skip
        if pick < 0.88:
            red = (0.36, 0.15, 0.09) if rng.random() < 0.6 else (0.62, 0.60, 0.56)
            return Material("brick", red, (0.5, 0.47, 0.43), 0.075, self._seed())
        if pick < 0.94:
            return Material("wood", *self._woods[0], seed=self._seed())
        return Material("speckle", base, darker(base, 0.75), seed=self._seed())

    def floor(self) -> Material:
        """Boards, tiles, carpet, or stone."""
        rng, pick = self.rng, self.rng.random()
        if pick < (0.15 if not self.bare else 0.5):
            return plain(colour(rng, (0.02, 0.25), (0.4, 0.75)), 0.25, self._seed())
        if pick < 0.58:
            return Material("planks", *self._woods[1], float(rng.uniform(0.07, 0.2)), self._seed(),
                            float(rng.uniform(0.1, 0.5)))  # fmt: skip
        if pick < 0.74:
            base = colour(rng, (0.02, 0.2), (0.5, 0.9))
            return Material("tile", base, darker(base, 0.45), float(rng.uniform(0.2, 0.6)),
                            self._seed(), 0.5)  # fmt: skip
        if pick < 0.9:
            base = colour(rng, (0.05, 0.45), (0.3, 0.75))
            return Material("carpet", base, darker(base, 0.5), seed=self._seed())
        base = colour(rng, (0.0, 0.12), (0.4, 0.85))
        return Material("speckle", base, darker(base, 0.5), seed=self._seed(), gloss=0.4)

    def rug(self) -> Material:
        """A carpet with a border."""
        return Material("rug", self.accent(), colour(self.rng, (0.05, 0.4), (0.6, 0.95)),
                        seed=self._seed())  # fmt: skip

    def picture(self) -> Material:
        """A poster, or a landscape."""
        kind = "poster" if self.rng.random() < 0.5 else "landscape"
        return Material(kind, colour(self.rng, (0.05, 0.6), (0.5, 0.95)),
                        colour(self.rng, (0.1, 0.7), (0.3, 0.95)), seed=self._seed())  # fmt: skip

    def screen(self) -> Material:
        """A screen that is on."""
        return Material("screen", colour(self.rng, (0.2, 0.8), (0.2, 0.8)), seed=self._seed(),
                        gloss=0.5, glow=float(self.rng.uniform(0.25, 0.7)))  # fmt: skip

    def spine(self) -> Material:
        """The back of a book."""
        first = colour(self.rng, (0.1, 0.65), (0.2, 0.8))
        second = colour(self.rng, (0.0, 0.5), (0.75, 1.0)) if self.rng.random() < 0.7 else BLACK
        return Material("spine", first, second, float(self.rng.random()), self._seed(), 0.1)

    def pot(self) -> Material:
        """Glazed or burnt clay."""
        if self.rng.random() < 0.5:
            return plain((0.42, 0.17, 0.09), 0.1, self._seed())
        return plain(self.accent(), 0.6, self._seed())

    def leaf(self) -> Material:
        """Green of a plant."""
        hue = float(self.rng.uniform(0.22, 0.4))
        first = _linear(
            colorsys.hsv_to_rgb(hue, self.rng.uniform(0.5, 0.8), self.rng.uniform(0.3, 0.6))
        )
        return Material("leaf", first, darker(first, 1.7), seed=self._seed(), gloss=0.15)


def plain(given: Colour, gloss: float = 0.0, seed: int = 0, glow: float = 0.0) -> Material:
    """Paint of one colour."""
    return Material("plain", given, given, seed=seed, gloss=gloss, glow=glow)
