"""Shelves with what is in them, cabinets, wardrobes, chests of drawers."""

from __future__ import annotations

import numpy as np

from ..tracing.solids import Draft
from .palette import Palette, Rng
from .pieces import Piece


def shelf(rng: Rng, palette: Palette) -> Piece:
    """A bookcase: thin boards, books, boxes and gaps; with or without a back."""
    w, d = float(rng.uniform(0.6, 1.3)), float(rng.uniform(0.25, 0.36))
    levels = int(rng.integers(3, 6))
    each = float(rng.uniform(0.3, 0.38))
    h, board = 0.08 + levels * each + 0.02, float(rng.uniform(0.018, 0.03))
    piece = Piece("shelf", w, d, h)
    draft, wood = piece.draft, palette.board()
    for x in (-w / 2, w / 2 - board):
        draft.box((x, -d / 2, 0), (x + board, d / 2, h), wood)
    if rng.random() < 0.75:
        draft.box((-w / 2 + board, d / 2 - 0.012, 0), (w / 2 - board, d / 2, h), palette.board())
    for level in range(levels + 1):
        z = 0.06 + level * each
        draft.box((-w / 2 + board, -d / 2, z), (w / 2 - board, d / 2 - 0.012, z + board), wood)
        if level < levels:
            fill(rng, palette, draft, (-w / 2 + board, w / 2 - board), (-d / 2, d / 2 - 0.02),
                 z + board, each - board)  # fmt: skip
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, 0.06 + levels * each + board))
    return piece


def fill(
    rng: Rng,
    palette: Palette,
    draft: Draft,
    across: tuple[float, float],
    along: tuple[float, float],
    z: float,
    room: float,
) -> None:
    """Put books and boxes on a board, from left to right."""
    x, end = across[0] + 0.01, across[1] - 0.01
    while x < end - 0.05:
        pick = rng.random()
        if pick < 0.62:  # a run of books
            for _ in range(int(rng.integers(3, 10))):
                thick = float(rng.uniform(0.018, 0.05))
                if x + thick > end:
                    break
                high = float(rng.uniform(0.62, 0.92)) * room
                deep = float(rng.uniform(0.12, 0.2))
                y = (
                    along[1] - deep - float(rng.uniform(0.0, 0.03))
                    if rng.random() < 0.1
                    else along[0] + float(rng.uniform(0.01, 0.04))
                )
                draft.box(
                    (x, y, z),
                    (x + thick - 0.001, min(y + deep, along[1]), z + high),
                    palette.spine(),
                )
                x += thick
        elif pick < 0.8:  # a box
            wide, high = float(rng.uniform(0.12, 0.3)), float(rng.uniform(0.35, 0.8)) * room
            if x + wide > end:
                break
            draft.box((x, along[0] + 0.02, z), (x + wide, along[1] - 0.02, z + high),
                      palette.cloth() if rng.random() < 0.5 else palette.paint())  # fmt: skip
            x += wide + 0.01
        elif pick < 0.88:  # a vase
            r = float(rng.uniform(0.035, 0.07))
            if x + 2 * r > end:
                break
            middle = (along[0] + along[1]) / 2
            draft.rod(
                (x + r, middle, z), (x + r, middle, z + 0.6 * room), r, palette.pot(), 0.6 * r
            )
            x += 2 * r + 0.02
        else:
            x += float(rng.uniform(0.06, 0.25))


def cabinet(rng: Rng, palette: Palette) -> Piece:
    """A sideboard: a body on a plinth or legs, doors with gaps and handles."""
    w, d, h = (
        float(rng.uniform(0.8, 1.8)),
        float(rng.uniform(0.36, 0.5)),
        float(rng.uniform(0.55, 0.95)),
    )
    piece = Piece("cabinet", w, d, h)
    _body(rng, palette, piece, float(rng.choice([0.06, 0.16])), int(np.ceil(w / 0.5)), 1)
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def drawers(rng: Rng, palette: Palette) -> Piece:
    """A chest of drawers."""
    w, d, h = (
        float(rng.uniform(0.6, 1.0)),
        float(rng.uniform(0.4, 0.5)),
        float(rng.uniform(0.7, 1.15)),
    )
    piece = Piece("drawers", w, d, h)
    _body(rng, palette, piece, 0.08, 1 if w < 0.8 else 2, int(rng.integers(3, 5)))
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def wardrobe(rng: Rng, palette: Palette) -> Piece:
    """A tall cupboard."""
    w, d, h = (
        float(rng.uniform(0.8, 1.8)),
        float(rng.uniform(0.5, 0.62)),
        float(rng.uniform(1.8, 2.15)),
    )
    piece = Piece("wardrobe", w, d, h)
    _body(rng, palette, piece, 0.07, max(2, int(w / 0.5)), 1)
    return piece


def _body(rng: Rng, palette: Palette, piece: Piece, foot: float, across: int, up: int) -> None:
    w, d, h, draft = piece.width, piece.depth, piece.height, piece.draft
    body = palette.board()
    front = body if rng.random() < 0.5 else palette.board()
    handle = palette.steel if rng.random() < 0.7 else palette.black
    draft.box((-w / 2, -d / 2 + 0.02, foot), (w / 2, d / 2, h), body)
    if foot > 0.1:
        for x in (-w / 2 + 0.05, w / 2 - 0.05):
            for y in (-d / 2 + 0.06, d / 2 - 0.05):
                draft.rod((x, y, 0), (x, y, foot), 0.014, palette.steel, 0.02)
    else:
        draft.box((-w / 2 + 0.02, -d / 2 + 0.05, 0), (w / 2 - 0.02, d / 2, foot), palette.black)
    wide, high = w / across, (h - foot - 0.02) / up
    knobs = rng.random() < 0.5
    for i in range(across):
        for j in range(up):
            x, z = -w / 2 + i * wide, foot + j * high
            draft.box(
                (x + 0.006, -d / 2, z + 0.006),
                (x + wide - 0.006, -d / 2 + 0.02, z + high - 0.006),
                front,
            )
            hx = x + wide / 2 if up > 1 else (x + wide - 0.05 if i % 2 == 0 else x + 0.05)
            hz = z + high / 2 if up > 1 else z + high * 0.6
            if knobs:
                draft.ball((hx, -d / 2 - 0.012, hz), (0.014, 0.014, 0.014), handle)
            elif up > 1:
                draft.box(
                    (hx - 0.07, -d / 2 - 0.025, hz - 0.006), (hx + 0.07, -d / 2, hz + 0.006), handle
                )
            else:
                draft.box(
                    (hx - 0.006, -d / 2 - 0.025, hz - 0.08), (hx + 0.006, -d / 2, hz + 0.08), handle
                )


def rack(rng: Rng, palette: Palette) -> Piece:
    """An open rack of thin rods and boards."""
    w, d, h = (
        float(rng.uniform(0.6, 1.0)),
        float(rng.uniform(0.3, 0.4)),
        float(rng.uniform(1.0, 1.7)),
    )
    piece = Piece("rack", w, d, h)
    rod = palette.steel if rng.random() < 0.5 else palette.black
    for x in (-w / 2 + 0.015, w / 2 - 0.015):
        for y in (-d / 2 + 0.015, d / 2 - 0.015):
            piece.draft.rod((x, y, 0), (x, y, h), 0.0125, rod)
    levels = int(rng.integers(3, 5))
    board = palette.board()
    for level, z in enumerate(np.linspace(0.15, h - 0.03, levels)):
        piece.draft.box((-w / 2, -d / 2, z), (w / 2, d / 2, z + 0.02), board)
        if level < levels - 1:
            across, along = (-w / 2 + 0.03, w / 2 - 0.03), (-d / 2 + 0.03, d / 2 - 0.03)
            room = min(0.3, (h - 0.2) / levels)
            fill(rng, palette, piece.draft, across, along, float(z) + 0.02, room)
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h - 0.01))
    return piece
