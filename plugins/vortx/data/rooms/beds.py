"""Beds, and what only test rooms have: pianos."""

from __future__ import annotations

import numpy as np

from ..tracing.solids import yawed
from .palette import Palette, Rng, plain
from .pieces import Piece


def bed(rng: Rng, palette: Palette) -> Piece:
    """A bed: frame, mattress, a blanket that hangs over, pillows, a headboard."""
    w, d = float(rng.choice([0.9, 1.2, 1.6])), 2.05
    low, mattress = float(rng.uniform(0.2, 0.32)), float(rng.uniform(0.14, 0.24))
    top, head = low + mattress, float(rng.uniform(0.75, 1.15))
    piece = Piece("bed", w + 0.08, d, head)
    draft, wood, cover = piece.draft, palette.board(), palette.cloth()
    draft.box((-w / 2 - 0.03, -d / 2, low - 0.14), (w / 2 + 0.03, d / 2 - 0.05, low), wood)
    for x in (-w / 2, w / 2 - 0.06):
        for y in (-d / 2 + 0.02, d / 2 - 0.12):
            draft.box((x, y, 0), (x + 0.06, y + 0.06, low - 0.14), wood)
    draft.box((-w / 2, -d / 2 + 0.02, low), (w / 2, d / 2 - 0.06, top), palette.white)
    if rng.random() < 0.7:
        draft.box((-w / 2 - 0.04, d / 2 - 0.05, 0.0), (w / 2 + 0.04, d / 2, head), wood)
    else:
        for x in np.linspace(-w / 2, w / 2, 8):
            draft.rod((x, d / 2 - 0.03, 0), (x, d / 2 - 0.03, head), 0.013, palette.steel)
        draft.rod((-w / 2, d / 2 - 0.03, head), (w / 2, d / 2 - 0.03, head), 0.018, palette.steel)
    end = float(rng.uniform(0.2, 0.5))
    draft.box(
        (-w / 2 - 0.025, -d / 2, top - 0.15), (w / 2 + 0.025, d / 2 - end - 0.2, top + 0.05), cover
    )
    count = 1 if w < 1 else 2
    for k in range(count):
        x = (k - (count - 1) / 2) * w / 2
        turn = yawed(float(rng.uniform(-0.15, 0.15)))
        draft.ball(
            (x, d / 2 - 0.28, top + 0.05),
            (0.32, 0.2, 0.09),
            palette.cloth() if rng.random() < 0.5 else palette.white,
            turn,
        )
    if rng.random() < 0.4:
        draft.box(
            (-w / 2 - 0.03, -d / 2 + 0.1, top + 0.03),
            (w / 2 + 0.03, -d / 2 + 0.6, top + 0.07),
            palette.cloth(),
        )
    return piece


def piano(rng: Rng, palette: Palette) -> Piece:
    """An upright piano with its stool; no room that is trained on has one."""
    w, d, h = 1.45, 0.62, float(rng.uniform(1.1, 1.25))
    piece = Piece("piano", w, d + 0.45, h)
    back = (d + 0.45) / 2
    draft, body = piece.draft, palette.wood() if rng.random() < 0.4 else palette.black
    draft.box((-w / 2, back - 0.36, 0), (w / 2, back, h), body)
    draft.box((-w / 2 - 0.01, back - 0.38, h - 0.03), (w / 2 + 0.01, back, h), body)
    draft.box((-w / 2, back - d, 0.6), (w / 2, back - 0.36, 0.7), body)
    ivory = plain((0.8, 0.78, 0.7), 0.3)
    draft.box((-w / 2 + 0.06, back - d + 0.02, 0.7), (w / 2 - 0.06, back - 0.45, 0.725), ivory)
    for k in range(36):
        if k % 7 in (0, 1, 3, 4, 5):
            x = -w / 2 + 0.09 + k * (w - 0.16) / 36
            draft.box((x, back - d + 0.09, 0.725), (x + 0.016, back - 0.45, 0.738), palette.black)
    for x in (-w / 2, w / 2 - 0.05):
        draft.box((x, back - d, 0.7), (x + 0.05, back - 0.36, 0.8), body)
        draft.box((x, back - d + 0.01, 0), (x + 0.05, back - d + 0.06, 0.6), body)
    draft.box((-0.32, back - 0.42, 0.86), (0.32, back - 0.38, 1.02), palette.picture())
    for x in (-0.06, 0.06):
        draft.box((x - 0.02, back - 0.44, 0.02), (x + 0.02, back - 0.36, 0.04), palette.steel)
    draft.box((-0.3, -back, 0.44), (0.3, -back + 0.32, 0.52), palette.cloth())
    for x in (-0.28, 0.25):
        for y in (-back + 0.01, -back + 0.28):
            draft.box((x, y, 0), (x + 0.03, y + 0.03, 0.44), body)
    piece.tops.append((-w / 2, w / 2, back - 0.36, back, h))
    return piece
