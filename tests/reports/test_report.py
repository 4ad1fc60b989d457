"""The report: one file that asks for no other, with the very numbers of the rows."""

import base64
import functools
import io
import math
import re
import xml.etree.ElementTree as ET
from html.parser import HTMLParser
from types import SimpleNamespace

import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.reports.finding import Finding
from prune3d_gui.reports.findings import charts_of, compose
from prune3d_gui.reports.report import Chart, Report, data_uri, report_html, write_report
from prune3d_gui.reports.rows.curves import by_column, parts_of, trials
from prune3d_gui.reports.rows.lines import lines_of
from prune3d_gui.reports.rows.values import shown
from prune3d_gui.reports.tables import Table, table_html
from prune3d_gui.studies.ask.answers import RowFound
from tests.reports.rows import ERROR, PARTS, SHARE, SIZES, channels, layers, sweep

CARD = SimpleNamespace(
    title="A small network",
    note="Trained on spheres & cubes <of ours>.",
    notices=("No layout is given & <none> was taken.",),
    weights_hash="0123456789abcdef",
    device="cpu",
    units=tuple(Unit(name, name, (part,), 100) for name, part in PARTS.items()),
    knobs=(Knob("rate", "Rate", "rate", 0.0),),
    metrics=(ERROR, SHARE),
    primary="rate",
    sizes=SIZES,
)
VOID = {"meta", "img", "source", "br", "link", "hr", "input"}


class Page(HTMLParser):
    """Tags with their attributes, the text, and whether every tag is closed in order."""

    def __init__(self, html):
        super().__init__()
        self.tags, self.texts, self.open, self.cells = [], [], [], []
        self.feed(html)
        self.close()
        assert not self.open, f"never closed: {self.open}"

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)
        if tag == "tr":
            self.cells.append([])
        if tag == "td":
            self.cells[-1].append(dict(attrs)["data-value"])

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.texts.append(data)

    def images(self):
        """Content of every image, from wherever a tag may take one."""
        found = [a.get("src") or a.get("srcset") for t, a in self.tags if t in ("img", "source")]
        return [base64.b64decode(uri.partition("base64,")[2], validate=True) for uri in found]


def picture():
    stream = io.BytesIO()
    Image.new("RGB", (8, 6), (200, 30, 60)).save(stream, "PNG")
    return stream.getvalue()


@functools.cache
def whole():
    seeded = [r for seed in range(3) for r in sweep("random", seed, 4.0 + seed)]
    findings = (
        Finding("sweep", "Rate", sweep() + seeded, "rate", "scope", "val:16", 40),
        Finding("sensitivity", "Each unit alone", layers(), "rate", "unit", "val:16"),
    )
    return compose(
        CARD,
        findings,
        threshold=5.0,
        pictures=(("ball, rate 0 %", picture()), ("ball, rate 90 %", picture())),
        citation="Someone et al., 2025.",
        command="prune3d report toy --out 'a b.html'",
        cached="12 of 40 evaluations.",
        notices=("A worker was replaced.",),
    )


def test_one_file_holds_everything_and_asks_for_nothing(tmp_path):
    path = tmp_path / "report.html"
    report = whole()
    write_report(path, report)
    html = path.read_text(encoding="utf-8")
    page = Page(html)
    for tag, attributes in page.tags:
        for name in ("src", "srcset", "href", "action", "data"):
            value = attributes.get(name, "#")
            assert value.startswith(("data:", "#")), f"{tag} {name}={value[:40]}"
        assert tag not in ("link", "iframe", "object", "embed", "base")
    bare = re.sub(r"base64,[A-Za-z0-9+/=]+", "", html)
    assert "http:" not in bare
    assert "https:" not in bare
    assert "url(" not in bare
    assert "@import" not in bare
    for words in ("prefers-color-scheme: dark", "@media print"):
        assert words in html
    assert [p.name for p in tmp_path.iterdir()] == ["report.html"]


def test_every_figure_and_picture_is_embedded_and_opens():
    report = whole()
    images = Page(report_html(report)).images()
    wanted = [image for chart in report.figures for image in (chart.dark, chart.data) if image]
    assert images == wanted + [image for _, image in report.pictures]
    for image in images:
        if image.startswith(b"\x89PNG"):
            with Image.open(io.BytesIO(image)) as opened:
                opened.load()
        else:
            assert ET.fromstring(image).tag.endswith("svg")
    titles = " ".join(chart.title for chart in report.figures)
    for words in ("against rate", "each unit can lose", "Zeroed against", "milliseconds"):
        assert words.lower() in titles.lower()


def test_a_report_says_what_its_numbers_rest_on():
    told = " ".join(Page(report_html(whole())).texts)
    for words in (
        CARD.title, CARD.note, "0123456789ab", ERROR.definition, SHARE.definition, "Unit: units",
        "16 (val:16)", "Seed", "0, 1, 2", "Error × 1000 ≤ 5", "cpu", "torch", "python",
        "prune3d report toy --out 'a b.html'", "12 of 40 evaluations.", "A worker was replaced.",
        "Someone et al., 2025.", "NaN", "Bootstrap", "dense fp32", "fp16", "compact sparse",
        "zeroed", "removed", "MACs", "median", "spread", "95 % interval",
    ):  # fmt: skip
        assert words in told, words


def test_the_numbers_of_a_table_are_those_of_the_rows():
    rows = sweep(method="masks") + channels()
    page = Page(table_html(Table("Both", rows), (ERROR, SHARE)))
    lines = [line for line in page.cells if line]
    assert len(lines) == len(rows)
    for line, row in zip(lines, rows, strict=True):
        for name in ("rate", "zeroed", "removed", "bytes", "bytes_sparse", "macs", "error", "ms"):
            assert str(row[name]) in line, name
    assert "In every row:" in " ".join(page.texts)
    assert "scope encoder" in " ".join(page.texts)


def test_nan_none_and_markup_survive_in_a_table():
    rows = [
        {"name": "<b>", "error": math.nan, "error_low": math.nan, "error_high": math.nan},
        {"name": "C&A", "error": None},
        {"name": "x", "error": 3.25, "error_low": 3.0, "error_high": 3.5},
    ]
    html = table_html(Table("Odd", rows), (ERROR,))
    page = Page(html)
    assert "<b>" not in html
    assert {"NaN", "3.25", "3 – 3.5", "<b>", "C&A"} <= set(page.texts)
    assert [line[1] for line in page.cells if line] == ["NaN", "", "3.25"]


def test_rows_repeated_with_several_seeds_become_a_band():
    rows = sweep() + sweep("random", 0) + sweep("random", 1, 2.0)
    plain, band = lines_of(map(RowFound, rows), "rate", "error", ("scope",))
    assert (plain.key, plain.seeds, len(plain.points)) == (("encoder",), 1, 10)
    assert (band.key, band.seeds, len(band.points)) == (("random",), 2, 10)
    assert all(2 * p.least == p.most == p.found.row["error"] == p.y for p in band.points)


def rounds():
    return [
        {"round": i, "rate": 10.0 * i, "error": 2.0 + i, "pruned_error": 4.0 + i,
         "one_shot_error": 3.0**i, "full_error": 1.9, "threshold": 9.0, "passes": True,
         "samples": 8, "seed": 0, "network": f"round{i}.safetensors"}
        for i in range(1, 5)
    ]  # fmt: skip


def searched():
    shared = {"objective_of": "weights", "threshold": 4.0, "samples": 8, "seed": 0}
    roles = (
        ("full", "", 0),
        ("curve", "", 5),
        ("candidate", 30, 20),
        ("candidate", "", 30),
        ("uniform", 35, 25),
        ("best", "", 31),
        ("held-out", "", 0),
        ("held-out", "", 31),
    )
    return [
        shared | {"role": role, "plan": role, "objective_percent": float(percent), "zeroed": i,
                  "error": 2.0 + percent / 20} | ({"rate": float(rate)} if rate else {})
        for i, (role, rate, percent) in enumerate(roles)
    ]  # fmt: skip


def test_readings_of_one_metric_are_curves_side_by_side():
    lines = by_column(rounds(), ERROR, "rate", "fine-tuned")
    assert list(dict.fromkeys(row["drawn"] for row in lines)) == [
        "fine-tuned", "pruned", "one shot",
    ]  # fmt: skip
    assert [row["error"] for row in lines if row["drawn"] == "one shot"] == [3.0, 9.0, 27.0, 81.0]
    assert by_column(sweep(), ERROR, "rate", "x") == []
    chart = charts_of(CARD, Finding("fine-tuned", "Rounds", rounds(), "rate"), ERROR)[0]
    for words in (b"fine-tuned", b"one shot", b"unpruned 1.9"):
        assert words in chart.data


def test_curves_are_called_what_the_panel_calls_them():
    scope = Knob("scope", "Scope", "choice", "all", choices=(Choice("encoder", "Encoder half"),))
    card = SimpleNamespace(**vars(CARD) | {"knobs": (*CARD.knobs, scope)})
    rows = sweep() + sweep("decoder", lift=2.0)
    charts = charts_of(card, Finding("sweep", "Rate", rows, "rate", "scope"), ERROR)
    for chart in charts:
        for words in (b">Encoder half<", b">decoder<"):
            assert words in chart.data, chart.title


def test_plans_that_a_search_tried_are_told_apart():
    found = trials(searched(), CARD.knobs)
    assert [row["drawn"] for row in found] == [
        "uniform, tried", "by unit, tried", "largest uniform plan", "best plan",
        "on held-out samples",
    ]  # fmt: skip
    charts = charts_of(CARD, Finding("budget", "Best plan", searched(), "objective_percent"), ERROR)
    assert len(charts) == 1
    for words in (b"best plan", b"held-out", b"threshold 4", b"% of weights"):
        assert words in charts[0].data
    assert trials(sweep(), CARD.knobs) == []


def test_an_unfinished_study_says_so():
    report = compose(CARD, [Finding("sweep", "Rate", sweep()[:4], "rate", expected=10)])
    assert "Rate: 4 of 10 rows are done." in report.notices
    assert compose(CARD, [Finding("sweep", "Rate", [], "rate")]).figures == ()


def test_parts_are_the_first_level_that_tells_units_apart():
    units = [Unit("a", "a", ("net", "left"), 1), Unit("b", "b", ("net", "right"), 1)]
    assert parts_of(units) == {"a": "left", "b": "right"}
    assert parts_of(units[:1]) == {"a": ""}


def test_texts_of_cells():
    cells = {"bytes": 51046812, "seed": 1234, "ms": 20.123456, "x": True, "y": 123456.7}
    found = [shown(value, name) for name, value in cells.items()]
    assert found == ["51,046,812", "1234", "20.12", "yes", "123,457"]


def test_a_report_that_cannot_be_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(BadInput, match=r"page\.txt.*\.html"):
        write_report(tmp_path / "page.txt", whole())
    with pytest.raises(BadInput, match="neither PNG nor SVG"):
        data_uri(b"GIF89a")
    broken = Report("t", "n", "h", figures=(Chart("c", b"oops"),))
    with pytest.raises(BadInput):
        write_report(tmp_path / "page.html", broken)
    assert not list(tmp_path.iterdir())


def test_parts_have_charts_and_tables_of_their_own():
    def part(rate, name, error):
        values = {"rate": rate, "zeroed": int(rate), "part_kind": "class", "part": name}
        return values | {"error": error, "samples": 4, "undefined": 0, "seed": 0}

    rows = [row | {"undefined": 2, "interval_over": "class"} for row in sweep()[:4]]
    rates = [row["rate"] for row in rows]
    parts = [part(rate, name, 1.0 + rate) for rate in rates for name in ("liver", "kidney")]
    finding = Finding("sweep", "Rate", rows, "rate", words="val:4", parts=parts)
    report = compose(CARD, [finding])
    chart = next(chart for chart in report.figures if chart.title == "Error × 1000 by class")
    for name in (b"liver", b"kidney"):
        assert name in chart.data
    whole, by_class = report.tables
    assert by_class.title == "Rate, by class"
    assert [row["part"] for row in by_class.rows[:2]] == ["liver", "kidney"]
    assert all("part" not in row for row in whole.rows)
    page = report_html(report)
    assert "Up to 2 parts in a row have no value" in page
    assert "intervals are over its parts (class)" in page
    assert "kidney" in page
