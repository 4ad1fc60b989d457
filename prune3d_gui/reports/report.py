"""The report: one HTML file with everything in it, to read, print and pass on."""

from __future__ import annotations

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from ..core.errors import BadInput
from ..core.moment import Moment
from ..core.names import sayable
from ..core.score.scores import Metric
from ..files.atomic import writing
from ..files.stamps import html_block
from .page import SORT, STYLE
from .tables import Table, table_html

SUFFIXES = (".html", ".htm")
PNG, SVG = b"\x89PNG\r\n\x1a\n", (b"<?xml", b"<svg")
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'"


@dataclass(frozen=True, eq=False)
class Chart:
    """A figure of a report.

    Parameters
    ----------
    title : str
        For readers who do not see it.
    data : bytes
        PNG or SVG.
    dark : bytes
        The same on a dark ground, where there is one.
    note : str
        A line below.
    """

    title: str
    data: bytes
    dark: bytes = b""
    note: str = ""


@dataclass(frozen=True, eq=False)
class Report:
    """Everything a report says.

    Parameters
    ----------
    title : str
    network : str
        Title of the network.
    weights_hash : str
    note : str
        What the weights were trained on, and what else every reader must know.
    metrics : tuple of Metric
    settings : tuple of (name, value)
        Samples, words, seed, device, versions, threshold: how it was measured.
    command : str
        The command line that makes it again.
    figures : tuple of Chart
    pictures : tuple of (caption, PNG)
        The 3D results at chosen rates.
    tables : tuple of Table
    cached : str
        What was not computed again, in a sentence.
    notices : tuple of str
    citation : str
        The paper of the system.
    moment : Moment or None
        What it was made from; the page holds it and shows nothing of it.
    """

    title: str
    network: str
    weights_hash: str
    note: str = ""
    metrics: tuple[Metric, ...] = ()
    settings: tuple[tuple[str, str], ...] = ()
    command: str = ""
    figures: tuple[Chart, ...] = ()
    pictures: tuple[tuple[str, bytes], ...] = ()
    tables: tuple[Table, ...] = ()
    cached: str = ""
    notices: tuple[str, ...] = ()
    citation: str = ""
    moment: Moment | None = None


def write_report(path: str | Path, report: Report) -> None:
    """Write `report` as one HTML file that asks nothing of any other.

    Raises
    ------
    BadInput
        If `path` does not end in ``.html``, an image is neither PNG nor SVG, or the file
        cannot be written.
    """
    check_report(path)
    text = report_html(report)
    with writing(path) as temporary:
        temporary.write_text(sayable(text), encoding="utf-8")


def check_report(path: str | Path) -> None:
    """Refuse a name that is not one of a report, before any work is done.

    Raises
    ------
    BadInput
        If it does not end in ``.html``.
    """
    if Path(path).suffix.lower() not in SUFFIXES:
        raise BadInput(f"'{path}' is not a name for a report; end it in .html.")


def report_html(report: Report) -> str:
    """The whole page."""
    parts = {
        "figures": ("Figures", "".join(_chart(chart) for chart in report.figures)),
        "pictures": ("The results", _pictures(report.pictures)),
        "tables": ("Tables", "".join(table_html(t, report.metrics) for t in report.tables)),
        "metrics": ("What is measured", _definitions(report.metrics)),
        "settings": ("How it was measured", _settings(report)),
    }
    kept = {key: part for key, part in parts.items() if part[1]}
    links = "".join(f'<a href="#{key}">{title}</a>' for key, (title, _) in kept.items())
    sections = "".join(
        f'<section id="{key}"><h2>{title}</h2>{body}</section>'
        for key, (title, body) in kept.items()
    )
    notices = "".join(f'<p class="panel notice">{escape(text)}</p>' for text in report.notices)
    brief = escape(report.weights_hash[:12])
    cited = f"<p>{escape(report.citation)}</p>" if report.citation else ""
    return f"""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(report.title)}</title>
<style>{STYLE}</style>
{html_block(report.moment)}
</head>
<body>
<main>
<header>
<h1>{escape(report.title)}</h1>
<p class="sub">{escape(report.network)} · weights <code>{brief}</code></p>
{f"<p>{escape(report.note)}</p>" if report.note else ""}
<nav>{links}</nav>
</header>
{notices}
{sections}
<footer>{cited}<p>Made with Prune3D. A mask sets weights to zero in place: the dense file and the
arithmetic stay as they are. Zeroed and removed are told apart everywhere.</p></footer>
</main>
<script>{SORT}</script>
</body>
</html>
"""


def data_uri(image: bytes) -> str:
    """Return a PNG or an SVG as a ``data:`` address.

    Raises
    ------
    BadInput
        If it is neither.
    """
    if image.startswith(PNG):
        kind = "image/png"
    elif image.lstrip().startswith(SVG):
        kind = "image/svg+xml"
    else:
        raise BadInput("An image of the report is neither PNG nor SVG; give one of these.")
    return f"data:{kind};base64,{base64.b64encode(image).decode('ascii')}"


def _chart(chart: Chart) -> str:
    dark = (
        f'<source media="(prefers-color-scheme: dark)" srcset="{data_uri(chart.dark)}">'
        if chart.dark
        else ""
    )
    note = f"<figcaption>{escape(chart.note)}</figcaption>" if chart.note else ""
    image = f'<img src="{data_uri(chart.data)}" alt="{escape(chart.title)}">'
    return f"<figure><picture>{dark}{image}</picture>{note}</figure>\n"


def _pictures(pictures: Iterable[tuple[str, bytes]]) -> str:
    shown = "".join(
        f'<figure><img src="{data_uri(image)}" alt="{escape(caption)}">'
        f"<figcaption>{escape(caption)}</figcaption></figure>\n"
        for caption, image in pictures
    )
    return f'<div class="pictures">{shown}</div>' if shown else ""


def _definitions(metrics: Iterable[Metric]) -> str:
    items = "".join(
        f"<dt>{escape(m.title)}</dt><dd>{escape(m.definition)} "
        f"{escape(f'Unit: {m.unit}. ' if m.unit else '')}"
        f"{f'{m.better.title()} is better. ' if m.better else ''}"
        f"Column <code>{escape(m.id)}</code>.</dd>"
        for m in metrics
    )
    if not items:
        return ""
    items += (
        "<dt>95 % interval</dt><dd>Bootstrap interval of the mean over the samples: percentiles "
        "of the means of 2,000 resampled sets.</dd><dt>Milliseconds</dt><dd>Median of the timed "
        "runs on this machine; the spread is the width of their middle half.</dd>"
    )
    return f'<div class="panel"><dl>{items}</dl></div>'


def _settings(report: Report) -> str:
    pairs = [*report.settings, ("Weights", report.weights_hash)]
    pairs += [("From the cache", report.cached)] if report.cached else []
    items = "".join(f"<dt>{escape(a)}</dt><dd>{escape(b)}</dd>" for a, b in pairs)
    if report.command:
        items += f"<dt>Command line</dt><dd><code>{escape(report.command)}</code></dd>"
    return f'<div class="panel"><dl>{items}</dl></div>'
