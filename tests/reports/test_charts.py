"""Charts: files that open again, every label there, NaN shown and nothing left behind."""

import io
import math
import sys
import xml.etree.ElementTree as ET

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.reports.charts import draw_curves, draw_heat, draw_pareto, draw_scatter
from prune3d_gui.reports.labels import spread_out
from prune3d_gui.reports.rows.costs import cost_of
from prune3d_gui.reports.rows.front import front
from prune3d_gui.reports.rows.values import short
from tests.reports.rows import ERROR, PARTS, SHARE, SIZES, channels, layers, sweep


def svg(draw, *args, **kwargs):
    """All text of a chart drawn as SVG."""
    stream = io.BytesIO()
    draw(stream, *args, **kwargs)
    root = ET.fromstring(stream.getvalue())
    return "\n".join(text for node in root.iter() for text in [node.text or ""] if text.strip())


def curves(**more):
    rows = sweep() + sweep("decoder", lift=3.0) + more.pop("rows", [])
    about = {"x": "rate", "metric": ERROR, "series": "scope", "title": "Error against the rate"}
    return svg(draw_curves, rows, **(about | more))


def test_a_chart_says_everything_that_its_numbers_need():
    told = curves(
        threshold=5.0,
        baseline=2.0,
        rows=[r for seed in range(3) for r in sweep("random", seed, lift=4 + seed)],
        paper=[{"rate": 10.0, "scope": "encoder", "paper_error": 3.8}],
        x_title="Rate (%)",
        words="val:16",
        caption="One more thing.",
    )
    for words in (
        "Error against the rate", "encoder", "decoder", "random", "threshold 5", "unpruned 2",
        "floor 0.9", "Rate (%)", "16 samples", "val:16", "seed 0", "95 %", "bootstrap", "lower is",
        "3 seeds", "Hollow", "knee", "One more thing.", "Mean squared distance", "(units)",
    ):  # fmt: skip
        assert words in " ".join(told.split("\n")), words


def test_the_knee_is_ringed_where_the_curve_bends():
    drawn = {}
    for knees in (True, False):
        stream = io.BytesIO()
        draw_curves(stream, sweep(), x="rate", metric=ERROR, log_y=False, knees=knees)
        drawn[knees] = stream.getvalue().decode()
    ring = "fill-opacity: 0; stroke: #0072b2; stroke-width: 1.5"
    assert ">50<" in drawn[True]
    assert ring in drawn[True]
    assert ring not in drawn[False]
    assert "Ring" not in drawn[False]


@pytest.mark.parametrize("suffix", [".png", ".svg"])
@pytest.mark.parametrize("dark", [False, True])
def test_every_chart_opens_again(tmp_path, suffix, dark):
    made = {
        "curves": lambda path: draw_curves(path, sweep(), x="rate", metric=SHARE, dark=dark),
        "heat": lambda path: draw_heat(
            path, layers(), x="rate", metric=ERROR, parts=PARTS, threshold=5.0, dark=dark
        ),
        "scatter": lambda path: draw_scatter(
            path, layers(), metric=ERROR, parts=PARTS, threshold=5.0, dark=dark
        ),
        "pareto": lambda path: draw_pareto(
            path, sweep(method="masks") + channels(), cost="ms", metric=ERROR, series="method",
            point="rate", threshold=5.0, dark=dark,
        ),
    }  # fmt: skip
    for name, draw in made.items():
        path = tmp_path / f"{name}{suffix}"
        draw(path)
        if suffix == ".svg":
            assert ET.parse(path).getroot().tag.endswith("svg")
            continue
        with Image.open(path) as image:
            image.load()
            assert 800 <= image.width <= 1000
            corner = np.asarray(image.convert("RGB"))[0, 0]
        assert path.stat().st_size < 120_000
        assert (corner.mean() < 64) == dark


def test_the_same_rows_give_the_same_svg_and_touch_no_global_state():
    known = "matplotlib.pyplot" in sys.modules  # other tests may have brought it
    assert curves() == curves()
    assert ("matplotlib.pyplot" in sys.modules) == known


def test_nan_is_shown_and_never_drawn_as_a_value():
    rows = sweep()
    rows[3]["error"] = math.nan
    assert "NaN" in svg(draw_curves, rows, x="rate", metric=ERROR)
    rows[4]["error"] = None  # as JSON keeps it
    assert "NaN" in svg(draw_curves, rows, x="rate", metric=ERROR)
    every = [row | {"error": math.nan} for row in rows]
    about = {"metric": ERROR, "threshold": 5.0}
    for draw, more in (
        (draw_curves, {"x": "rate"}),
        (draw_heat, {"x": "rate", "y": "scope"}),
        (draw_scatter, {"unit": "scope"}),
        (draw_pareto, {"cost": "ms"}),
    ):
        svg(draw, every, **about, **more)


def test_the_map_hatches_nan_outlines_what_is_beyond_and_keeps_the_order():
    told = svg(draw_heat, layers(), x="rate", metric=ERROR, parts=PARTS, threshold=5.0)
    assert "Hatched: NaN" in told
    assert "Outlined: beyond the threshold 5" in told
    assert told.index("C1") < told.index("C2") < told.index("conv[0]")
    assert "encoder" in told
    easy = svg(draw_heat, layers(), x="rate", metric=ERROR, threshold=1e6)
    assert "Outlined" not in easy


def test_the_scatter_names_every_layer_in_a_colour_of_its_own():
    rows = [row | {"unit": f"L{i}"} for i in range(23) for row in layers() if row["unit"] == "C1"]
    stream = io.BytesIO()
    draw_scatter(stream, rows, metric=ERROR, threshold=5.0)
    root = ET.fromstring(stream.getvalue())
    named = {t.text: t.get("style", "") for t in root.iter() if t.tag.endswith("text")}
    styles = [named[f"L{i}"] for i in range(23)]
    colours = {part for style in styles for part in style.split(";") if "fill" in part}
    assert len(colours) == 23


@pytest.mark.parametrize("cost", ["ms", "bytes", "bytes_fp16", "bytes_sparse", "macs"])
def test_masks_and_channels_stand_in_one_chart(cost):
    rows = sweep(method="masks") + channels()
    about = {"metric": ERROR, "sizes": SIZES, "series": "method", "point": "rate"}
    told = svg(draw_pareto, rows, cost=cost, **about)
    assert "masks" in told
    assert "channels" in told
    axis = cost_of(rows, cost, SIZES)
    assert axis.title in told
    assert (axis.scale == 1e3) == cost.startswith("bytes")
    assert ("middle half" in told) == (cost == "ms")


def test_nothing_beats_a_point_of_the_front():
    rng = np.random.default_rng(0)
    points = [tuple(p) for p in rng.random((200, 2))]
    for metric in (ERROR, SHARE):
        best = [points[number] for number in front(points, metric.better)]
        sign = 1 if metric.better == "lower" else -1
        for cost, value in best:
            assert not any(
                c <= cost and sign * v <= sign * value and (c, v) != (cost, value)
                for c, v in points
            )
        assert {*best} <= {*points}
    gained = [points[number] for number in front(points, "lower", gain=True)]
    for gain, value in gained:
        assert not any(g >= gain and v <= value and (g, v) != (gain, value) for g, v in points)


def test_labels_keep_their_order_and_their_distance():
    rng = np.random.default_rng(1)
    for count in (1, 2, 9, 23):
        wanted = list(rng.random(count) ** 3)
        places = spread_out(wanted, 0.04, 0.0, 1.0)
        order = np.argsort(wanted, kind="stable")
        steps = np.diff(np.array(places)[order])
        assert (steps >= 0.04 - 1e-9).all()
        assert min(places) >= -1e-9
        assert max(places) <= 1 + 1e-9
    assert spread_out([0.1, 0.9], 0.04, 0.0, 1.0) == [0.1, 0.9]


def test_numbers_on_axes_are_read_at_a_glance():
    assert [short(v) for v in (0.0, 5.0, 0.961, 37.54, 1000.0, 2e6)] == [
        "0", "5", "0.961", "37.5", "1,000", "2,000,000",
    ]  # fmt: skip
    assert short(math.nan) == "NaN"


def test_what_cannot_be_drawn_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(BadInput, match=r"chart\.pdf.*\.png or \.svg"):
        draw_curves(tmp_path / "chart.pdf", sweep(), x="rate", metric=ERROR)
    with pytest.raises(BadInput, match="no rows"):
        draw_heat(tmp_path / "chart.png", [], x="rate", metric=ERROR)
    with pytest.raises(BadInput, match="folder"):
        draw_curves(tmp_path / "away" / "chart.png", sweep(), x="rate", metric=ERROR)
    assert not list(tmp_path.iterdir())
