"""What artifacts found, as marks along the axis of a chart."""

import io

import pytest

from prune3d_gui.core.plan.artifacts import Artifact, Origin
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.reports.charts import draw_curves
from prune3d_gui.reports.rows.marks import Mark, marks_of
from tests.reports.rows import ERROR, sweep

RATE = Knob("rate", "Pruned", "rate", 0.0)


def artifact(title, **found):
    return Artifact("mask", title * 64, title, Origin("toy", "toy", "x"), 1, tuple(found.items()))


def test_what_was_found_along_the_knob_is_marked_and_what_reads_alike_is_one_mark():
    marks = marks_of(
        [
            artifact("a", rate=63.2), artifact("b", rate=20.9), artifact("c", rate=62.9),
            artifact("d", tolerance=3.0), artifact("e"), artifact("f", rate=float("nan")),
            artifact("g", rate=120.0), artifact("h", rate=0.26),
        ],
        RATE,
    )  # fmt: skip
    assert [mark.label for mark in marks] == ["learned: 0.26 %", "learned: 21 %", "learned: 63 %"]
    assert marks[2] == Mark(pytest.approx(63.05), "learned: 63 %", "a\nc")


@pytest.mark.parametrize("found", [(), (Mark(40.0, "learned: 40 %", "A mask"),)])
def test_curves_of_reports_have_the_marks(found):
    stream = io.BytesIO()
    draw_curves(stream, sweep(), x="rate", metric=ERROR, marks=found)
    assert ("learned: 40 %" in stream.getvalue().decode()) is bool(found)
