"""Tables and desks."""

from __future__ import annotations

import numpy as np

from .palette import Palette, Rng
from .pieces import Piece


def table(rng: Rng, palette: Palette) -> Piece:
    """A dining table: four legs with an apron, trestles, or one foot under a round top."""
    if rng.random() < 0.3:
        return _round(rng, palette, float(rng.uniform(0.4, 0.65)), 0.74, "table")
    w, d, h = (
        float(rng.uniform(1.0, 2.0)),
        float(rng.uniform(0.7, 1.0)),
        float(rng.uniform(0.71, 0.78)),
    )
    piece = Piece("table", w, d, h)
    top, leg = palette.wood(), palette.board() if rng.random() < 0.5 else palette.steel
    thick = float(rng.uniform(0.02, 0.045))
    piece.draft.box((-w / 2, -d / 2, h - thick), (w / 2, d / 2, h), top)
    if rng.random() < 0.7:
        _legs(piece, w - 0.06, d - 0.06, h - thick, float(rng.uniform(0.025, 0.07)), leg,
              bool(rng.random() < 0.4))  # fmt: skip
        if rng.random() < 0.6:
            for y in (-d / 2 + 0.06, d / 2 - 0.08):
                piece.draft.box(
                    (-w / 2 + 0.08, y, h - thick - 0.08), (w / 2 - 0.08, y + 0.02, h - thick), top
                )
    else:
        for x in (-w / 2 + 0.2, w / 2 - 0.2):
            piece.draft.box((x - 0.03, -d / 2 + 0.1, 0), (x + 0.03, d / 2 - 0.1, 0.05), leg)
            piece.draft.box((x - 0.03, -0.06, 0.05), (x + 0.03, 0.06, h - thick), leg)
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def coffee_table(rng: Rng, palette: Palette) -> Piece:
    """A low table, of boards, or round."""
    if rng.random() < 0.4:
        return _round(
            rng,
            palette,
            float(rng.uniform(0.3, 0.5)),
            float(rng.uniform(0.38, 0.5)),
            "coffee table",
        )
    w, d, h = (
        float(rng.uniform(0.7, 1.2)),
        float(rng.uniform(0.45, 0.65)),
        float(rng.uniform(0.36, 0.48)),
    )
    piece = Piece("coffee table", w, d, h)
    top = palette.board()
    piece.draft.box((-w / 2, -d / 2, h - 0.03), (w / 2, d / 2, h), top)
    _legs(piece, w, d, h - 0.03, float(rng.uniform(0.025, 0.06)), palette.board(), False)
    if rng.random() < 0.5:
        piece.draft.box(
            (-w / 2 + 0.05, -d / 2 + 0.05, 0.12), (w / 2 - 0.05, d / 2 - 0.05, 0.14), top
        )
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def desk(rng: Rng, palette: Palette) -> Piece:
    """A desk with a chest of drawers under one end, or on a thin frame."""
    w, d, h = (
        float(rng.uniform(1.0, 1.7)),
        float(rng.uniform(0.6, 0.8)),
        float(rng.uniform(0.71, 0.77)),
    )
    piece = Piece("desk", w, d, h)
    top, body = palette.wood(), palette.board()
    piece.draft.box((-w / 2, -d / 2, h - 0.03), (w / 2, d / 2, h), top)
    if rng.random() < 0.6:
        side = 1 if rng.random() < 0.5 else -1
        x0, x1 = sorted((side * w / 2, side * (w / 2 - 0.42)))
        piece.draft.box((x0, -d / 2 + 0.05, 0.02), (x1, d / 2 - 0.02, h - 0.03), body)
        for level in range(3):
            z = 0.06 + level * (h - 0.1) / 3
            piece.draft.box(
                (x0 + 0.02, -d / 2 + 0.03, z),
                (x1 - 0.02, -d / 2 + 0.05, z + (h - 0.1) / 3 - 0.02),
                top,
            )
            piece.draft.box(
                ((x0 + x1) / 2 - 0.06, -d / 2 + 0.01, z + 0.1),
                ((x0 + x1) / 2 + 0.06, -d / 2 + 0.03, z + 0.115),
                palette.steel,
            )
        a, b = sorted((-side * w / 2, -side * (w / 2 - 0.03)))
        piece.draft.box((a, -d / 2 + 0.02, 0), (b, d / 2 - 0.02, h - 0.03), body)
    else:
        _legs(piece, w, d, h - 0.03, float(rng.uniform(0.02, 0.04)), palette.steel, False)
        piece.draft.box((-w / 2, d / 2 - 0.03, 0.2), (w / 2, d / 2 - 0.005, 0.24), palette.steel)
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def side_table(rng: Rng, palette: Palette) -> Piece:
    """A small table, a box with a drawer or round."""
    if rng.random() < 0.5:
        return _round(
            rng,
            palette,
            float(rng.uniform(0.19, 0.28)),
            float(rng.uniform(0.48, 0.6)),
            "side table",
        )
    w, d, h = (
        float(rng.uniform(0.38, 0.52)),
        float(rng.uniform(0.35, 0.45)),
        float(rng.uniform(0.42, 0.58)),
    )
    piece = Piece("side table", w, d, h)
    body = palette.board()
    piece.draft.box((-w / 2, -d / 2 + 0.02, 0.12), (w / 2, d / 2, h), body)
    piece.draft.box(
        (-w / 2 + 0.02, -d / 2, 0.14), (w / 2 - 0.02, -d / 2 + 0.02, h - 0.03), palette.board()
    )
    piece.draft.ball((0, -d / 2 - 0.01, h - 0.15), (0.015, 0.015, 0.015), palette.steel)
    _legs(piece, w, d, 0.12, 0.03, body, False)
    piece.tops.append((-w / 2, w / 2, -d / 2, d / 2, h))
    return piece


def _round(rng: Rng, palette: Palette, radius: float, h: float, name: str) -> Piece:
    piece = Piece(name, 2 * radius, 2 * radius, h)
    top, foot = palette.board(), palette.board() if rng.random() < 0.6 else palette.steel
    thick = float(rng.uniform(0.02, 0.035))
    piece.draft.rod((0, 0, h - thick), (0, 0, h), radius, top)
    if rng.random() < 0.6:
        piece.draft.rod((0, 0, 0.02), (0, 0, h - thick), float(rng.uniform(0.025, 0.05)), foot)
        piece.draft.rod((0, 0, 0), (0, 0, 0.025), 0.6 * radius, foot, 0.5 * radius)
    else:
        for angle in np.arange(3) * 2 * np.pi / 3 + rng.random():
            c, s = np.cos(angle), np.sin(angle)
            low = (0.85 * radius * c, 0.85 * radius * s, 0)
            piece.draft.rod(low, (0.6 * radius * c, 0.6 * radius * s, h - thick), 0.018, foot)
    half = 0.65 * radius
    piece.tops.append((-half, half, -half, half, h))
    return piece


def _legs(piece: Piece, w: float, d: float, h: float, side: float, material, round_: bool) -> None:  # type: ignore[no-untyped-def]
    for x in (-1, 1):
        for y in (-1, 1):
            cx, cy = x * (w - side) / 2, y * (d - side) / 2
            if round_:
                piece.draft.rod((cx, cy, 0), (cx, cy, h), side / 2, material)
            else:
                piece.draft.box(
                    (cx - side / 2, cy - side / 2, 0), (cx + side / 2, cy + side / 2, h), material
                )
