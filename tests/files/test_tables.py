import json
import math

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.tables import columns, json_text, read_rows, write_json, write_rows

ROWS = [
    {"rate": 0.0, "zeroed": 0, "scope": "encoder", "score": 4.25, "on": True},
    {"rate": 5.0, "zeroed": 575958, "scope": "C15,C16", "score": 1e-12, "extra": 'a "b"\nc'},
]


@pytest.mark.parametrize("suffix", [".json", ".csv"])
def test_rows_come_back(tmp_path, suffix):
    path = tmp_path / f"rows{suffix}"
    write_rows(path, ROWS[:1])
    assert read_rows(path) == ROWS[:1]
    write_rows(path, ROWS[1:])
    assert read_rows(path) == ROWS[1:]
    assert list(tmp_path.iterdir()) == [path]


def test_a_missing_value_is_empty(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"a": 1}, {"b": 2}])
    assert (tmp_path / "rows.csv").read_text() == "a,b\n1,\n,2\n"
    assert columns([{"a": 1}, {"b": 2}, {"a": 3}]) == ["a", "b"]


def test_json_is_valid_whatever_the_numbers():
    rows = [{"x": math.nan, "y": math.inf, "z": np.float32(0.5), "n": np.int64(3), "t": (1, 2)}]
    assert json.loads(json_text(rows)) == [{"x": None, "y": None, "z": 0.5, "n": 3, "t": "(1, 2)"}]
    assert json.loads(json_text([])) == []
    assert json.loads(json_text(ROWS)) == ROWS


def test_nan_is_visible_in_csv(tmp_path):
    write_rows(tmp_path / "rows.csv", [{"x": math.nan, "y": np.float64(0.1)}])
    (row,) = read_rows(tmp_path / "rows.csv")
    assert math.isnan(row["x"])
    assert row["y"] == 0.1


def test_a_name_that_is_no_text_is_written_out(tmp_path):
    for name in ("rows.csv", "rows.json"):
        write_rows(tmp_path / name, [{"sample": "caf\udce9"}])
        assert read_rows(tmp_path / name) == [{"sample": "caf\\udce9"}]


def test_json_goes_into_any_file(tmp_path):
    write_json(tmp_path / "rows.txt", ROWS)
    assert json.loads((tmp_path / "rows.txt").read_text()) == ROWS


@pytest.mark.parametrize("work", [lambda p: write_rows(p, ROWS), read_rows])
def test_another_ending_is_refused(tmp_path, work):
    with pytest.raises(BadInput, match=r"rows\.xls' does not end in \.csv or \.json"):
        work(tmp_path / "rows.xls")


def test_what_is_no_table_is_refused(tmp_path):
    for text in ("{", '{"a": 1}', "[1]"):
        (tmp_path / "rows.json").write_text(text)
        with pytest.raises(BadInput, match="not a table"):
            read_rows(tmp_path / "rows.json")
    with pytest.raises(BadInput, match="could not be read"):
        read_rows(tmp_path / "none.json")


def test_a_failure_leaves_the_file_before(tmp_path):
    path = tmp_path / "rows.csv"
    path.write_text("before")
    with pytest.raises(BadInput):
        write_rows(tmp_path / "none" / "rows.csv", ROWS)
    with pytest.raises(AttributeError):
        write_rows(path, ["no row"])
    assert path.read_text() == "before"
    assert list(tmp_path.iterdir()) == [path]
