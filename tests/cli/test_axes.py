"""The axis of studies on the command line, with three sliders and branches that go as a whole."""

import pytest

from tests.systems.rooms import WAVES


@pytest.fixture
def whole(rows):
    """Run a command line; its rows, those of parts left out."""
    return lambda line: [row for row in rows(line) if "part" not in row]


def test_a_sweep_runs_along_the_axis_and_keeps_the_others(whole):
    found = whole("sweep rooms --axis fine --fine 0:100:50 --coarse 25 --grid 12 --samples val:1")
    assert [row["fine"] for row in found] == [0, 50, 100]
    assert {row["coarse"] for row in found} == {25.0}
    assert [row["zeroed"] for row in found] == [WAVES, 3 * WAVES, 5 * WAVES]
    usual = whole("sweep rooms --axis middle --grid 12 --samples val:1")
    assert [row["middle"] for row in usual] == list(range(0, 91, 5))


def test_an_axis_may_be_a_knob_that_only_looks(whole):
    found = whole("sweep rooms --axis grid --grid 12:20:4 --samples val:1")
    assert [row["grid"] for row in found] == [12, 16, 20]


@pytest.mark.parametrize("command", ["sweep", "sensitivity", "budget", "report"])
@pytest.mark.parametrize("name", ["order", "lot", "nose"])
def test_what_no_curve_runs_along_is_named(cli, tmp_path, command, name):
    more = ["--out", tmp_path / "x.html"] if command == "report" else []
    code, _, err = cli(f"{command} rooms --axis {name}", *more)
    assert code == 2
    assert f"The axis {name!r} is no number knob" in err
    assert "coarse, middle, fine" in err


def test_sensitivity_takes_out_the_branches_of_the_axis(cli, whole):
    line = "sensitivity rooms --axis middle --grid 12 --samples val:1"
    taken = [(row["unit"], row["middle"]) for row in whole(line)]
    want = [(f"M{number}", rate) for number in (4, 3, 2, 1) for rate in (0.0, 100.0)]
    assert taken == want, "no fractions"
    assert {row["unit"][0] for row in whole(f"{line} --units all")} == {"C", "M", "F"}
    assert "l2 by unit and middle:" in cli(line)[1]


def test_a_fraction_of_a_branch_is_refused(cli, tmp_path):
    code, _, err = cli("sweep rooms --samples val:1 --unit-rate C1=40")
    assert code == 2
    assert "C1 stays or goes as a whole" in err
    plan = tmp_path / "plan.json"
    plan.write_text('{"format": "prune3d-plan", "rates": {"C1": 40}}')
    code, _, err = cli("sweep rooms --samples val:1 --plan", plan)
    assert code == 2
    assert "C1 stays or goes as a whole" in err


def test_a_metric_without_slack_asks_for_a_threshold(cli, rows):
    line = "budget rooms --axis fine --uniform-only --metric overlap --grid 12 --samples val:1"
    code, _, err = cli(line)
    assert code == 2
    assert "how much worse a overlap still passes" in err
    found = rows(f"{line} --threshold -0.2")
    full, uniform = (next(r for r in found if r["role"] == role) for role in ("full", "uniform"))
    assert uniform["threshold"] == pytest.approx(full["overlap"] - 0.2)
    assert uniform["overlap"] >= uniform["threshold"]
    assert uniform["zeroed"] > 0


def test_a_report_repeats_what_chance_decides_and_draws_a_relative_limit(cli, tmp_path):
    out = tmp_path / "rooms.html"
    line = "report rooms --axis fine --fine 0,50 --compare order --seeds 2 --limit 1.5x --grid 12"
    code, text, err = cli(f"{line} --samples val:1 --pictures= --out", out)
    assert code == 0, err
    page = out.read_text(encoding="utf-8")
    assert "Fine rate against error" in page
    assert "Threshold" in page
    assert "no line at" not in text
