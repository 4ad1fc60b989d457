"""The paper that charts are drawn on: colours, size, captions, labels, and the file itself."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.jobs import Row
from ..core.score.scores import Metric
from ..drawing.palette import RAMP, theme
from ..files.atomic import writing
from .rows.captions import caption_of
from .rows.values import short, value_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

_BARE = {"Date": None, "Creator": None}  # so that the same chart is the same file
Target = str | Path | io.BytesIO
SUFFIXES = (".png", ".svg")
DPI, WIDTH = 110, 8.4  # 924 pixels: what a README shows
SMALL, PLAIN, LARGE = 8.5, 9.5, 11.5


@dataclass(frozen=True, slots=True)
class Ink:
    """Colours of a chart, as ``#rrggbb``.

    `series` are Okabe and Ito's, which colour-blind readers tell apart, without yellow.
    """

    ground: str
    text: str
    faint: str
    line: str
    missing: str
    limit: str
    series: tuple[str, ...]


_SERIES = ("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#7f7f7f")
_LIFTED = ("#4ba3e3", "#f28c4a", "#2fc79b", "#e29cc4", "#f0b93d", "#8ed0f5", "#a8a8a8")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")


def ink(dark: bool = False) -> Ink:
    """Colours of the light or the dark theme."""
    known = theme(dark)
    names = ("ink", "faint", "line", "missing")
    text, faint, line, missing = (_hex(getattr(known, name)) for name in names)
    ground = _hex(known.background) if dark else "#ffffff"
    limit = "#f2857c" if dark else "#b3261e"
    return Ink(ground, text, faint, line, missing, limit, _LIFTED if dark else _SERIES)


class Sheet:
    """A chart that is being drawn, on axes of its own; nothing of matplotlib's state is touched.

    Parameters
    ----------
    rows : sequence of flat rows
        What it is of.
    height : float
        Inches.
    dark : bool
        Whether it is for a dark page.

    Raises
    ------
    BadInput
        If there are no rows.
    """

    def __init__(self, rows: Sequence[Row], height: float, dark: bool = False) -> None:
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure

        if not rows:
            raise BadInput("There are no rows to draw; run the study first.")
        self.rows, self.colours = rows, ink(dark)
        ground, line, faint = self.colours.ground, self.colours.line, self.colours.faint
        size = (WIDTH, height)
        self.figure = Figure(figsize=size, layout="constrained", facecolor=ground)
        FigureCanvasAgg(self.figure)
        self.axes = self.figure.add_subplot()
        self.axes.set_facecolor(ground)
        self.axes.grid(True, which="major", color=line, lw=0.7)
        self.axes.set_axisbelow(True)
        self.axes.spines[["top", "right"]].set_visible(False)
        self.axes.spines[["left", "bottom"]].set_color(faint)
        text = self.colours.text
        self.axes.tick_params(labelsize=PLAIN, color=faint, labelcolor=text, which="both")

    def name_axes(self, x: str, y: str = "") -> None:
        """Write titles beside the axes."""
        self.axes.set_xlabel(x, fontsize=PLAIN, color=self.colours.text)
        if y:
            self.axes.set_ylabel(y, fontsize=PLAIN, color=self.colours.text)

    def finish(
        self, target: Target, title: str, metric: Metric, words: str, more: Sequence[str]
    ) -> None:
        """Set the title above, to the left, and the caption below; then write the file.

        Parameters
        ----------
        target : path or stream
            See `save`.
        words : str
            How the samples were named.
        more : sequence of str
            What else to say below.
        """
        caption = caption_of(self.rows, [metric], words, more)
        self.axes.set_title(
            title, fontsize=LARGE, color=self.colours.text, loc="left", fontweight="bold", pad=10
        )
        wide = round(self.figure.get_figwidth() * 15.2)
        lines = [line for part in caption.split("\n") for line in textwrap.wrap(part, wide)]
        self.figure.supxlabel(
            "\n".join(lines), fontsize=SMALL, color=self.colours.faint, x=0.01, ha="left",
            linespacing=1.35,
        )  # fmt: skip
        save(self.figure, target)


def save(figure: Figure, target: Target) -> None:
    """Write a figure as the ending of `target` says; a stream takes SVG.

    Raises
    ------
    BadInput
        If the ending is neither ``.png`` nor ``.svg``, or the file cannot be written.
    """
    import matplotlib

    # Text stays text.
    settings = {"svg.fonttype": "none", "svg.hashsalt": "prune3d"}
    with matplotlib.rc_context(settings):
        if isinstance(target, io.BytesIO):
            figure.savefig(target, format="svg", metadata=_BARE)
            return
        suffix = check_suffix(target)
        with writing(target) as temporary:
            if suffix == ".svg":
                figure.savefig(temporary, format="svg", metadata=_BARE)
            else:
                _save_png(figure, temporary)


def check_suffix(path: str | Path) -> str:
    """Return the ending of a chart's file.

    Raises
    ------
    BadInput
        If it is neither ``.png`` nor ``.svg``.
    """
    suffix = Path(path).suffix.lower()
    if suffix not in SUFFIXES:
        raise BadInput(f"'{path}' is not a name for a chart; end it in {' or '.join(SUFFIXES)}.")
    return suffix


def _save_png(figure: Figure, path: Path) -> None:
    """Write with a palette of 256 colours, which a chart does not miss."""
    from PIL import Image

    plain = io.BytesIO()
    figure.savefig(plain, format="png", dpi=DPI)
    image = Image.open(plain).convert("RGB")
    image.quantize(256, dither=Image.Dither.NONE).save(path, format="PNG", optimize=True)


def plain_log(axis: Any, low: float, high: float) -> None:
    """Write numbers, not powers, along a logarithmic axis that spans from `low` to `high`."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    steps = (1.0, 2.0, 5.0) if low > 0 and high / low < 3e3 else (1.0,)
    axis.set_major_locator(LogLocator(subs=steps))
    axis.set_major_formatter(FuncFormatter(lambda value, _: short(value)))
    axis.set_minor_formatter(NullFormatter())


def ramp(metric: Metric) -> Colormap:
    """The ramp of the 3D views, so that a bad value glows in both."""
    from matplotlib.colors import ListedColormap

    table = RAMP / 255.0
    return ListedColormap(table if metric.better == "lower" else table[::-1])


def split(points: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """All x, then all y."""
    points = list(points)
    return [a for a, _ in points], [b for _, b in points]


def log_axes(axes: Axes, rows: Sequence[Row], x: str, y: str, log_x: bool, log_y: bool) -> None:
    """Make the wanted axes logarithmic, where all values are above 0."""
    for name, wanted, letter in ((x, log_x, "x"), (y, log_y, "y")):
        found = [v for row in rows if math.isfinite(v := value_of(row, name))]
        if wanted and found and min(found) > 0:
            getattr(axes, f"set_{letter}scale")("log")
            plain_log(getattr(axes, f"{letter}axis"), min(found), max(found))


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
