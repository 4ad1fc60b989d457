"""The paper that charts are drawn on: colours, size, captions, labels, and the file itself."""

from __future__ import annotations

import io
import math
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ..core.errors import BadInput
from ..core.jobs import Row
from ..core.score.scores import Metric
from ..drawing.palette import RAMP, theme
from ..files.atomic import writing
from ..studies.ask.outcomes import compared

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from matplotlib.figure import Figure

_BARE = {"Date": None, "Creator": None}  # so that the same chart is the same file
Target = str | Path | io.BytesIO
SUFFIXES = (".png", ".svg")
INTERVAL = "Bars: 95 % bootstrap interval of the mean."
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


def new_figure(height: float, colours: Ink, width: float = WIDTH) -> tuple[Figure, Axes]:
    """Return a figure with one set of axes; nothing of matplotlib's state is touched.

    Parameters
    ----------
    height, width : float
        Inches.
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    figure = Figure(figsize=(width, height), layout="constrained", facecolor=colours.ground)
    FigureCanvasAgg(figure)
    axes = figure.add_subplot()
    axes.set_facecolor(colours.ground)
    axes.grid(True, which="major", color=colours.line, lw=0.7)
    axes.set_axisbelow(True)
    axes.spines[["top", "right"]].set_visible(False)
    axes.spines[["left", "bottom"]].set_color(colours.faint)
    axes.tick_params(labelsize=PLAIN, color=colours.faint, labelcolor=colours.text, which="both")
    return figure, axes


def finish(figure: Figure, axes: Axes, colours: Ink, title: str, caption: str) -> None:
    """Set the title above, to the left, and the caption below."""
    axes.set_title(title, fontsize=LARGE, color=colours.text, loc="left", fontweight="bold", pad=10)
    wide = round(figure.get_figwidth() * 15.2)
    lines = [line for part in caption.split("\n") for line in textwrap.wrap(part, wide)]
    figure.supxlabel(
        "\n".join(lines), fontsize=SMALL, color=colours.faint, x=0.01, ha="left", linespacing=1.35
    )


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


def caption_of(
    rows: Sequence[Row], metrics: Iterable[Metric], words: str = "", more: Sequence[str] = ()
) -> str:
    """What must stand beside numbers: definitions, unit, samples, seed, what bars are."""
    parts = [definition(metric) for metric in metrics]
    samples = sorted({int(row["samples"]) for row in rows if row.get("samples") is not None})
    if samples:
        count = " to ".join(str(n) for n in dict.fromkeys((samples[0], samples[-1])))
        counted = "One sample" if count == "1" else f"Means over {count} samples"
        parts.append(counted + (f" ({words})" if words else "") + f", seed {seeds(rows)}.")
    return " ".join([*parts, *compared(rows), *(text for text in more if text)])


def definition(metric: Metric) -> str:
    """One sentence: title, unit, definition, which way is better."""
    unit = f" ({metric.unit})" if metric.unit and metric.unit not in metric.title else ""
    return f"{metric.title}{unit}: {metric.definition.rstrip('.')}; {metric.better} is better."


def seeds(rows: Iterable[Row]) -> str:
    """Seeds of `rows`, each once."""
    found = dict.fromkeys(str(row["seed"]) for row in rows if row.get("seed") is not None)
    return ", ".join(found) or "0"


def interval_note(rows: Sequence[Row], name: str) -> str:
    """What the bars are, where there are any."""
    ends = ((number(row, f"{name}_low"), number(row, f"{name}_high")) for row in rows)
    return INTERVAL if any(high > low for low, high in ends) else ""


def number(row: Row, name: str) -> float:
    """Value of a column; NaN where there is none (JSON keeps NaN as null)."""
    value = row.get(name)
    return math.nan if value is None or isinstance(value, str) else float(value)


def short(value: float) -> str:
    """Three digits, with separators and no exponent where that is readable."""
    if math.isnan(value):
        return "NaN"
    if value and not 1e-3 <= abs(value) < 1e7:
        return f"{value:.2g}".replace("e+0", "e").replace("e-0", "e-")
    if abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


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


def beats(metric: Metric, value: float, threshold: float) -> bool:
    """Whether `value` is on the good side of `threshold`; NaN is not."""
    return value <= threshold if metric.better == "lower" else value >= threshold


def check_rows(rows: Sequence[Row]) -> None:
    """Refuse to draw nothing."""
    if not rows:
        raise BadInput("There are no rows to draw; run the study first.")


def groups_of(rows: Sequence[Row], series: str) -> dict[str, list[Row]]:
    """Rows by the word in column `series`, in order of appearance; one group without it."""
    found: dict[str, list[Row]] = {}
    for row in rows:
        found.setdefault(word(row.get(series, "")) if series else "", []).append(row)
    return found


def ordered(rows: Sequence[Row], unit: str, parts: Mapping[str, str] | None) -> list[str]:
    """Units of `rows`, those in `parts` first and in its order."""
    found = list(dict.fromkeys(str(row.get(unit)) for row in rows))
    known = [name for name in parts or {} if name in found]
    return known + [name for name in found if name not in known]


def word(value: Any) -> str:
    """Text of a value in a column, short where it is a number."""
    return f"{value:g}" if isinstance(value, float) else str(value)


def split(points: Iterable[tuple[float, float]]) -> tuple[list[float], list[float]]:
    """All x, then all y."""
    points = list(points)
    return [a for a, _ in points], [b for _, b in points]


def log_axes(axes: Axes, rows: Sequence[Row], x: str, y: str, log_x: bool, log_y: bool) -> None:
    """Make the wanted axes logarithmic, where all values are above 0."""
    for name, wanted, letter in ((x, log_x, "x"), (y, log_y, "y")):
        found = [v for row in rows if math.isfinite(v := number(row, name))]
        if wanted and found and min(found) > 0:
            getattr(axes, f"set_{letter}scale")("log")
            plain_log(getattr(axes, f"{letter}axis"), min(found), max(found))


def _hex(rgb: tuple[int, int, int]) -> str:
    return "#{:02x}{:02x}{:02x}".format(*rgb)
