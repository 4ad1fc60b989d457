"""The bench of studies, on the toy."""

import math

import pytest

from prune3d_gui.cli.benches import studies as bench_studies
from prune3d_gui.cli.benches.evaluations import apart
from prune3d_gui.core.score.scores import Scores


@pytest.fixture
def brief(monkeypatch):
    """Little work, and no window."""
    monkeypatch.setattr(bench_studies, "TIMED_S", 0.1)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def test_measures_workers_and_the_cache_of_any_system(brief, rows):
    found = {row["measure"]: row for row in rows("bench studies toy --samples 2")}
    assert list(found) == [
        "evaluations_one_by_one",
        "evaluations_at_once",
        "at_once_against_one_by_one",
        "at_once_off_one_by_one",
        "evaluations_in_a_study",
        "one_worker",
        "two_workers",
        "two_workers_against_one",
        "heat_map",
        "heat_map_from_cache",
    ]
    off = found.pop("at_once_off_one_by_one")
    assert (off["value"], off["limit"]) == (0, "at most 1e-5")
    assert all(row["value"] > 0 for row in found.values())
    assert found["evaluations_one_by_one"]["note"] == "10 plans x 2 samples on cpu"
    assert found["two_workers_against_one"]["limit"] == "at least 1.6"
    assert found["heat_map"]["note"].startswith("60 evaluations")
    assert found["heat_map_from_cache"]["note"] == "30 rows equal to the last"


def test_ways_that_give_other_numbers_are_told_apart():
    one = [[Scores({"l2": 2.0}), None], [Scores({"l2": math.nan})]]
    assert apart(one, one) == 0
    assert apart(one, [[Scores({"l2": 2.001}), None], one[1]]) == pytest.approx(5e-4)
    assert apart(one, [[Scores({"l2": 2.0}), Scores({})], one[1]]) == math.inf


def test_says_what_there_is_not(brief, cli):
    code, _, err = cli("bench studies nowhere")
    assert code == 2
    assert "There is no system 'nowhere'" in err
    code, _, err = cli("bench studies toy --device gpu")
    assert code == 2
    assert "The device 'gpu' is unknown" in err
    code, _, err = cli("bench studies empty")
    assert code == 2
    assert "No model comes with 'empty'" in err
