"""The bench of studies, on the toy."""

import pytest

from prune3d_gui.cli.benches import studies as bench_studies


@pytest.fixture
def brief(monkeypatch):
    """Little work, and no window."""
    monkeypatch.setattr(bench_studies, "TIMED_S", 0.1)
    monkeypatch.delenv("DISPLAY", raising=False)
    monkeypatch.delenv("WAYLAND_DISPLAY", raising=False)


def test_measures_workers_and_the_cache_of_any_system(brief, rows):
    found = {row["measure"]: row for row in rows("bench studies toy --samples 2")}
    assert list(found) == [
        "one_worker",
        "two_workers",
        "two_workers_against_one",
        "heat_map",
        "heat_map_from_cache",
    ]
    assert all(row["value"] > 0 for row in found.values())
    assert found["two_workers_against_one"]["limit"] == "at least 1.6"
    assert found["heat_map"]["note"].startswith("60 evaluations")
    assert found["heat_map_from_cache"]["note"] == "30 rows equal to the last"


def test_says_what_there_is_not(brief, cli):
    code, _, err = cli("bench studies nowhere")
    assert code == 2
    assert "There is no system 'nowhere'" in err
    code, _, err = cli("bench studies empty")
    assert code == 2
    assert "No model comes with 'empty'" in err
