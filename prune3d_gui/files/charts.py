"""Charts that jobs draw: checked before the work, written whole, with the moment they are from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadInput
from ..core.moment import Moment
from .atomic import writing
from .paths import check_target
from .stamps import svg_with, texts

if TYPE_CHECKING:
    from matplotlib.figure import Figure

ENDINGS = (".png", ".svg")
DPI = 150


def check_chart(out: str) -> None:
    """Raise BadInput unless a chart can be written to `out`; an empty one asks for none."""
    if out and Path(out).suffix.lower() not in ENDINGS:
        raise BadInput(f"'{out}' has no ending that is known here; take .png or .svg.")
    if out:
        check_target(out)


def write_chart(figure: Figure, out: str, moment: Moment | None = None) -> None:
    """Write a figure as the ending of `out` says."""
    kind = Path(out).suffix[1:].lower()
    with writing(out) as temporary:
        held = texts(moment) if kind == "png" else None
        figure.savefig(temporary, dpi=DPI, format=kind, metadata=held)
        if kind == "svg":
            drawn = temporary.read_text(encoding="utf-8")
            temporary.write_text(svg_with(drawn, moment), encoding="utf-8")
