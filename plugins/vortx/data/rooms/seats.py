"""Chairs, stools, sofas and benches."""

from __future__ import annotations

import numpy as np

from ..tracing.solids import pitched, yawed
from .palette import Palette, Rng
from .pieces import Piece


def chair(rng: Rng, palette: Palette) -> Piece:
    """A chair on four thin legs, its back of slats, of a board, or of cloth."""
    w, d = float(rng.uniform(0.4, 0.48)), float(rng.uniform(0.42, 0.5))
    seat, h = float(rng.uniform(0.43, 0.47)), float(rng.uniform(0.8, 1.0))
    piece = Piece("chair", w, d, h)
    draft = piece.draft
    frame = palette.wood() if rng.random() < 0.7 else palette.steel
    leg = float(rng.uniform(0.022, 0.04))
    for x in (-1, 1):
        a = x * (w - leg) / 2
        draft.box((a - leg / 2, -d / 2, 0), (a + leg / 2, -d / 2 + leg, seat), frame)
        draft.box((a - leg / 2, d / 2 - leg, 0), (a + leg / 2, d / 2, h), frame)
        draft.box((a - 0.01, -d / 2 + leg, 0.2), (a + 0.01, d / 2 - leg, 0.22), frame)
    cover = palette.cloth() if rng.random() < 0.5 else frame
    draft.box((-w / 2, -d / 2, seat - 0.03), (w / 2, d / 2 - leg, seat + 0.01), cover)
    style, y = rng.random(), d / 2 - leg / 2
    if style < 0.4:
        for z in np.linspace(seat + 0.15, h - 0.06, 3):
            draft.box((-w / 2 + leg, y - 0.01, z), (w / 2 - leg, y + 0.01, z + 0.05), frame)
    elif style < 0.7:
        draft.box((-w / 2 + leg, y - 0.01, h - 0.07), (w / 2 - leg, y + 0.012, h), frame)
        for x in np.linspace(-w / 2 + 0.08, w / 2 - 0.08, 4):
            draft.box((x - 0.011, y - 0.008, seat), (x + 0.011, y + 0.008, h - 0.07), frame)
    else:
        draft.box((-w / 2 + leg, y - 0.02, seat + 0.12), (w / 2 - leg, y + 0.015, h - 0.02), cover)
    return piece


def office_chair(rng: Rng, palette: Palette) -> Piece:
    """A swivel chair: a star on castors, a column, seat, back and arms."""
    piece = Piece("office chair", 0.64, 0.64, 1.02)
    draft, cover, dark = piece.draft, palette.cloth(), palette.black
    for angle in np.arange(5) * 2 * np.pi / 5:
        c, s = np.cos(angle), np.sin(angle)
        draft.rod((0.03 * c, 0.03 * s, 0.1), (0.3 * c, 0.3 * s, 0.075), 0.02, dark)
        draft.ball((0.29 * c, 0.29 * s, 0.03), (0.03, 0.03, 0.03), dark)
    draft.rod((0, 0, 0.08), (0, 0, 0.44), 0.028, palette.steel)
    draft.box((-0.24, -0.24, 0.44), (0.24, 0.23, 0.51), cover)
    draft.box(
        (-0.22, 0.22, 0.58), (0.22, 0.27, float(rng.uniform(0.92, 1.05))), cover, pitched(-0.12)
    )
    draft.box((-0.03, 0.21, 0.4), (0.03, 0.24, 0.7), dark)
    if rng.random() < 0.6:
        for x in (-1, 1):
            draft.box((x * 0.28 - 0.02, -0.1, 0.48), (x * 0.28 + 0.02, -0.06, 0.66), dark)
            draft.box((x * 0.28 - 0.03, -0.18, 0.66), (x * 0.28 + 0.03, 0.1, 0.69), dark)
    return piece


def stool(rng: Rng, palette: Palette) -> Piece:
    """A stool on three or four splayed legs, or a soft cylinder."""
    r, h = float(rng.uniform(0.16, 0.22)), float(rng.uniform(0.42, 0.62))
    piece = Piece("stool", 2 * r, 2 * r, h)
    if rng.random() < 0.35:
        piece.draft.rod((0, 0, 0), (0, 0, h - 0.08), r, palette.cloth())
        piece.draft.ball((0, 0, h - 0.08), (r, r, 0.07), palette.cloth())
        return piece
    wood = palette.wood()
    piece.draft.rod((0, 0, h - 0.035), (0, 0, h), r, wood)
    count = int(rng.integers(3, 5))
    for angle in np.arange(count) * 2 * np.pi / count + 0.4:
        c, s = r * np.cos(angle), r * np.sin(angle)
        piece.draft.rod((c, s, 0), (0.6 * c, 0.6 * s, h - 0.03), 0.016, wood)
    return piece


def sofa(rng: Rng, palette: Palette) -> Piece:
    """A sofa of two or three seats, with cushions."""
    return _soft(rng, palette, "sofa", int(rng.integers(2, 4)), float(rng.uniform(0.6, 0.72)))


def armchair(rng: Rng, palette: Palette) -> Piece:
    """A sofa of one seat."""
    return _soft(rng, palette, "armchair", 1, float(rng.uniform(0.55, 0.68)))


def _soft(rng: Rng, palette: Palette, name: str, seats: int, each: float) -> Piece:
    arm, d = float(rng.uniform(0.1, 0.2)), float(rng.uniform(0.8, 0.95))
    w, h = seats * each + 2 * arm, float(rng.uniform(0.75, 0.92))
    piece = Piece(name, w, d, h)
    draft, cover = piece.draft, palette.cloth()
    leg = float(rng.uniform(0.04, 0.14))
    for x in (-w / 2 + 0.06, w / 2 - 0.06):
        for y in (-d / 2 + 0.07, d / 2 - 0.07):
            draft.rod((x, y, 0), (x, y, leg), 0.02, palette.steel, 0.028)
    draft.box((-w / 2, -d / 2 + 0.02, leg), (w / 2, d / 2, 0.3), cover)
    back = float(rng.uniform(0.16, 0.24))
    draft.box((-w / 2, d / 2 - back, 0.3), (w / 2, d / 2, h - 0.08), cover)
    draft.rod(
        (-w / 2, d / 2 - back / 2, h - 0.08), (w / 2, d / 2 - back / 2, h - 0.08), back / 2, cover
    )
    top = float(rng.uniform(0.5, 0.64))
    for x in (-1, 1):
        a, b = sorted((x * w / 2, x * (w / 2 - arm)))
        draft.box((a, -d / 2, leg), (b, d / 2 - 0.02, top - arm / 2), cover)
        middle = (a + b) / 2
        draft.rod(
            (middle, -d / 2, top - arm / 2), (middle, d / 2 - 0.02, top - arm / 2), arm / 2, cover
        )
    seat = palette.cloth() if rng.random() < 0.3 else cover
    for k in range(seats):
        x = -w / 2 + arm + k * each
        draft.box((x + 0.008, -d / 2 - 0.01, 0.3), (x + each - 0.008, d / 2 - back, 0.44), seat)
        if rng.random() < 0.7:
            low = (x + 0.02, d / 2 - back - 0.14, 0.46)
            high = (x + each - 0.02, d / 2 - back + 0.02, h - 0.06)
            draft.box(low, high, seat, pitched(-0.14))
    for _ in range(int(rng.integers(0, seats + 2))):
        x = float(rng.uniform(-w / 2 + arm + 0.2, w / 2 - arm - 0.2)) if seats > 1 else 0.0
        turn = yawed(float(rng.uniform(-0.5, 0.5))) @ pitched(-0.35)
        draft.ball((x, d / 2 - back - 0.2, 0.62), (0.22, 0.08, 0.2), palette.cloth(), turn)
    return piece


def bench(rng: Rng, palette: Palette) -> Piece:
    """A bench of boards."""
    w, d, h = (
        float(rng.uniform(0.9, 1.4)),
        float(rng.uniform(0.3, 0.4)),
        float(rng.uniform(0.42, 0.48)),
    )
    piece = Piece("bench", w, d, h)
    wood = palette.wood()
    for k in range(3):
        y = -d / 2 + k * d / 3
        piece.draft.box((-w / 2, y + 0.006, h - 0.03), (w / 2, y + d / 3 - 0.006, h), wood)
    for x in (-w / 2 + 0.1, w / 2 - 0.14):
        piece.draft.box((x, -d / 2 + 0.03, 0), (x + 0.04, d / 2 - 0.03, h - 0.03), wood)
    return piece
