import math

import pytest

from prune3d_gui.cli import output
from prune3d_gui.cli.console import progress_text
from prune3d_gui.core.jobs import Progress


def test_numbers_line_up():
    rows = [
        {"rate": 0.0, "zeroed": 0, "chamfer": 4.4, "fscore": 0.51},
        {"rate": 90.0, "zeroed": 10367251, "chamfer": 108.25, "fscore": 0.0123456},
    ]
    assert output.table(rows) == [
        "rate      zeroed  chamfer  fscore",
        "----  ----------  -------  ------",
        "   0           0     4.40  0.5100",
        "  90  10,367,251   108.25  0.0123",
    ]


def test_what_never_changes_is_told_once():
    rows = [
        {"a": i, "b": "x", "c": 1, "d": 2.5, "e": True, "f": None, "g": math.nan} for i in (1, 2)
    ]
    lines = output.table(rows)
    assert lines[0] == "a"
    assert lines[-1] == "In every row: b x, c 1, d 2.5, e yes, f —, g nan."


def test_a_narrow_table_shows_all_columns():
    assert output.table([{"a": 1, "b": 2}, {"a": 1, "b": 2}])[0] == "a  b"
    assert output.table([]) == ["(nothing)"]


def test_small_numbers_keep_their_digits():
    assert output.column("tolerance", [1e-6, 0.1]) == ["1e-06", "0.1"]
    assert output.column("rate", [0.0, 12.5]) == ["0.0", "12.5"]
    assert output.column("seed", [12345]) == ["12345"]
    assert output.column("bytes", [12345]) == ["12,345"]


def test_one_row_is_a_list_of_fields():
    assert output.fields({"rate": 45.0, "zeroed": 5183626, "score": 0.123456789}) == [
        "rate    45",
        "zeroed  5,183,626",
        "score   0.123457",
    ]


@pytest.mark.parametrize(
    ("progress", "text"),
    [
        (Progress(5, 10, "rate 45"), "[ 50% 1:00, 1:00 left] rate 45"),
        (Progress(0, 10, "start"), "[  0% 1:00] start"),
        (Progress(7, 0, "reading"), "[1:00] reading"),
        (Progress(30, 10, "over"), "[100% 1:00, 0:00 left] over"),
    ],
)
def test_progress_is_one_line(progress, text):
    assert progress_text(progress, 60) == text
