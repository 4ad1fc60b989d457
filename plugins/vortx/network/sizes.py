"""How networks are made: widths of features, of feed-forwards and of U-Nets."""

from __future__ import annotations

from dataclasses import dataclass, field

from prune3d_gui.core.errors import BadInput

from .unet import Widths, usual

FEATURES = (80, 40, 24)
LAYERS = 2


@dataclass(frozen=True)
class Size:
    """A network.

    Parameters
    ----------
    unets : (3,) Widths
        Of the coarse, medium and fine level.
    heads : int
        Of attention; 0 takes the mean over views instead.
    features : (3,) int
        Channels of a view.
    hidden : (3,) tuple of int
        Width of the feed-forward of each layer of each level.

    Raises
    ------
    BadInput
        If heads do not divide channels.
    """

    unets: tuple[Widths, Widths, Widths]
    heads: int = 2
    features: tuple[int, int, int] = FEATURES
    hidden: tuple[tuple[int, ...], ...] = field(
        default=tuple((2 * width,) * LAYERS for width in FEATURES)
    )

    def __post_init__(self) -> None:
        if self.heads < 0 or (self.heads and any(w % self.heads for w in self.features)):
            raise BadInput(
                f"{self.heads} heads of attention do not divide {self.features} channels; take "
                "0 (the mean over views), 1, 2, 4 or 8."
            )


def made(bases: tuple[int, int, int], heads: int = 2) -> Size:
    """A network whose U-Nets have these base widths."""
    unets, before = [], 0
    for level, (base, width) in enumerate(zip(bases, FEATURES, strict=True)):
        unets.append(usual(before + width + (level > 0), base))
        before = unets[-1].outputs
    return Size((unets[0], unets[1], unets[2]), heads)


BASES = {"full": (32, 16, 8), "small": (16, 8, 4)}
"""Base widths of the U-Nets: as released, and of half the width."""


def named(name: str, heads: int = 2) -> Size:
    """The size of this name: full, as released, or small.

    Raises
    ------
    BadInput
        If there is none.
    """
    if name not in BASES:
        raise BadInput(f"The width {name!r} is unknown; take one of {', '.join(BASES)}.")
    return made(BASES[name], heads)
