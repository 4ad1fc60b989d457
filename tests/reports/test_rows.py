"""What charts say of rows, before anything is painted."""

import math

import pytest

from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.reports.rows.captions import means_over
from prune3d_gui.reports.rows.cells import cells_of, outline
from prune3d_gui.reports.rows.columns import grouped, heading
from prune3d_gui.reports.rows.costs import cost_of, costs_of, elements_of, taken_words
from prune3d_gui.reports.rows.curves import axis_of, in_order, label_of, telling_columns
from prune3d_gui.reports.rows.levels import baseline_of, levels_of
from prune3d_gui.reports.rows.lines import lines_of
from prune3d_gui.reports.rows.values import shown, value_of
from prune3d_gui.studies.ask.answers import RowFound
from prune3d_gui.studies.ask.questions import cases
from tests.reports.rows import ERROR, SHARE, SIZES, layers, sweep

RATE = Knob("rate", "Rate", "rate", 0.0)
SCOPE = Knob("scope", "Scope", "choice", "all", choices=(Choice("all", "Everything"),))


def found(rows):
    return [RowFound(row) for row in rows]


def test_lines_are_planned_before_there_are_rows_and_skip_what_has_no_place():
    rows = [{"unit": "b", "rate": 2.0, "error": 1.0}, {"unit": "b", "rate": 1.0, "error": None},
            {"unit": "a", "rate": None, "error": 1.0}, {"unit": "a", "rate": 1.0}]  # fmt: skip
    planned = [("a",), ("b",), ("c",)]
    lines = lines_of(found(rows), "rate", "error", ("unit",), planned)
    assert [line.key for line in lines] == planned
    assert [[p.x for p in line.points] for line in lines] == [[], [1.0, 2.0], []]
    assert [p.x for p in lines[1].known] == [2.0], "None is NaN, as JSON keeps it"


def test_a_seed_that_is_not_a_number_makes_its_point_none():
    rows = [row | {"error": math.nan if row["rate"] == 20 else row["error"]} for row in sweep()]
    seeded = rows + sweep(seed=1, lift=2.0) + sweep(seed=2, lift=3.0)
    (line,) = lines_of(found(seeded), "rate", "error")
    assert line.seeds == 3
    assert [p.x for p in line.points if math.isnan(p.y)] == [20.0]
    lost = next(p for p in line.points if p.x == 20.0)
    assert math.isnan(lost.least)
    assert math.isnan(lost.found.row["error"])
    for point in line.known:
        assert point.least < point.y < point.most
        assert point.y == point.found.row["error"], "a click leads to the row that is drawn"
        assert point.found.row["seed"] == 1


def test_a_line_bends_where_it_is_drawn_to():
    rows = [{"rate": 10.0**i, "error": 1.0 + 10.0**i / 64} for i in range(5)]
    (line,) = lines_of(found(rows), "rate", "error")
    assert line.knee(ERROR, True, True).x == 100.0
    assert line.knee(ERROR, False, False) is None, "straight, on axes that are not logarithmic"


def test_cells_fail_or_are_lost_and_one_outline_goes_around_them():
    lines = lines_of(found(layers()), "rate", "error", ("unit",), [("C1",), ("C2",), ("conv[0]",)])
    cells = cells_of(lines, ERROR, [0.0, 30.0, 60.0, 90.0, 95.0])
    assert cells.values[-1] == 95.0
    assert {row[-1] for row in cells.found} == {None}
    assert len(cells.places) == 12
    assert cells.lost == {(1, 3)}
    assert cells.lost < cells.failing(5.0)
    assert cells.failing(None) == frozenset()
    assert cells.failing(1e9) == cells.lost, "what is not a number passes nothing"
    low, high = cells.span
    assert low == 2.0
    assert high == max(r["error"] for r in layers() if not math.isnan(r["error"]))
    alike = cells_of(lines_of(found(layers()[:1]), "rate", "error", ("unit",)), ERROR)
    assert alike.span[0] < alike.span[1]
    assert cells_of((), ERROR).span is None


def test_an_outline_has_no_side_between_two_of_its_cells():
    edges = outline({(0, 0), (0, 1), (1, 0), (1, 1), (5, 5)})
    assert len(edges) == 8 + 4
    assert ((1, 0), (1, 1)) not in edges
    assert ((0, 1), (1, 1)) not in edges
    assert {((0, 0), (1, 0)), ((2, 1), (2, 2)), ((5, 6), (6, 6))} <= set(edges)


def test_levels_are_those_that_rows_say():
    rows = sweep()
    assert baseline_of(rows, "error") == rows[0]["error"]
    assert baseline_of(rows[1:], "error") is None
    assert baseline_of([{"rate": 0.0, "error": 9.0}], "error") is None, "what was taken is not said"
    assert baseline_of([{"full_error": 1.5, "zeroed": 3, "error": 2.0}], "error") == 1.5
    assert baseline_of([{"part": "liver", "zeroed": 0, "error": 2.0}], "error") is None
    told = [(level.name, level.value) for level in levels_of(rows, "error", math.nan, 2.0)]
    assert told == [("unpruned", 2.0), ("floor", 0.9)]


def test_a_cost_is_called_what_the_model_calls_it():
    rows = sweep()
    assert cost_of(rows, "bytes_sparse", SIZES).title == "kB on disk, compact sparse file"
    assert cost_of(rows, "bytes_packed_4", {}).title == "Bytes on disk, packed 4"
    assert cost_of(rows, "bytes", {}).title == "kB on disk"
    assert cost_of(rows, "bytes", SIZES).read(rows[0]) == 480.0
    assert cost_of(rows, "bytes", SIZES).words == "bytes on disk, dense fp32"
    costs = costs_of(rows, SIZES)
    assert [c.column for c in costs if c.changes] == ["bytes_sparse", "nonzero"]
    assert {c.column for c in costs} >= {"ms", "macs", "bytes"}
    assert next(c for c in costs if c.column == "nonzero").read(rows[9]) == 30.0
    assert grouped("bytes_sparse", SIZES) == ("Bytes on disk", "compact sparse file")
    assert heading("bytes_fp16", (), (), SIZES) == "File, fp16"
    assert taken_words(rows) == taken_words([]) == "Zeroed"
    assert taken_words([{"removed": 1}]) == "Removed"
    assert taken_words([{"removed": 1}, {"zeroed": 2}]) == "Zeroed or removed"


@pytest.mark.parametrize(
    ("noun", "total", "row", "title", "what"),
    [
        ("weights", 100, {"zeroed": 40}, "Nonzero parameters", "parameters"),  # biases beside them
        ("neurons", 100, {"removed": 40}, "Parameters left", "parameters"),
        ("Gaussians", 90, {"removed": 40}, "Gaussians left", "Gaussians"),
        ("branches", 90, {"zeroed": 40}, "Branches left", "branches"),
    ],
)
def test_what_is_left_is_called_what_it_is(noun, total, row, title, what):
    units = [Unit("a", "a", (), 60, noun=noun), Unit("b", "b", (), 30, noun=noun)]
    rows = [{"total": total, "zeroed": 0, "removed": 0}, {"total": total, "zeroed": 0} | row]
    cost = cost_of(rows, "nonzero", {}, units)
    assert (cost.title, elements_of(rows, units)) == (title, what)
    assert cost.read(rows[1]) == total - 40


def test_what_tells_curves_apart_is_what_a_question_varies():
    knobs = (RATE, SCOPE, Knob("seed", "Seed", "steps", 0))
    asked = cases(knobs, {"rate": (0.0, 10.0), "scope": ("all",), "seed": (0, 1)})
    assert telling_columns(sweep(), asked, "rate", (RATE, SCOPE)) == ()
    told = telling_columns([row | {"part": "liver"} for row in sweep()], asked, "rate", knobs)
    assert "part" in told
    rows = [{"role": "best", "n": 1}, {"role": "full", "n": 2}]
    assert telling_columns(rows, (), "rate", knobs) == ("role",)
    assert label_of(knobs, "scope", "all") == "Everything"
    assert label_of(knobs, "unit", "C1") == "C1"
    assert axis_of(rows, "rate", (ERROR,)) == "n"
    assert axis_of(sweep(), "rate", (ERROR,)) == "rate"
    assert in_order(["c", "a", "b", "a"], ["b", "a", "x"]) == ["b", "a", "c"]


@pytest.mark.parametrize(
    ("value", "text"),
    [(None, ""), (True, "yes"), (1234, "1,234"), (math.nan, "NaN"), (0.12344, "0.1234"),
     (123456.7, "123,457"), ("f" * 64, "f" * 12), ("words", "words")],
)  # fmt: skip
def test_values_as_people_read_them(value, text):
    assert shown(value) == text


def test_numbers_of_rows():
    row = {"a": 1, "b": "2", "c": None, "d": True}
    assert value_of(row, "a") == 1.0
    assert all(math.isnan(value_of(row, name)) for name in "bcde")
    assert means_over(sweep(), "val:16") == "Means over 16 samples (val:16)"
    assert means_over([{"samples": 1}], "s0") == "One sample (s0)"
    assert means_over([{"samples": 4}, {"samples": 16}], "") == "Means over 4 to 16 samples"
    assert means_over([{}], "s0") == ""


def test_metrics_have_headings_of_their_own():
    metrics = (ERROR, SHARE, Metric("x", "X", "lower", "."))
    assert heading("error_low", metrics, (), {}) == "Error × 1000 low"
    assert heading("rate", metrics, (RATE,), {}) == "Rate"
    assert heading("unit_rates", metrics, (RATE,), {}) == "Unit rates"
