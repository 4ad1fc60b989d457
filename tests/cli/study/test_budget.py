import json
from dataclasses import replace

import pytest

from prune3d_gui.cli.study.budget import threshold_of
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.files.plans import read_plan

SEARCH = "budget rated --grid 12 --samples val:2 --held-out val:4 --threshold 8 --objective macs"


@pytest.fixture
def plan(tmp_path):
    """A plan file in which half of the middle band goes."""
    path = tmp_path / "half.json"
    path.write_text('{"format": "prune3d-plan", "rates": {"mid": 50}, "locks": ["low"]}')
    return path


def test_the_best_plan_is_found_told_and_written(cli, rows, tmp_path):
    out, table = tmp_path / "best.json", tmp_path / "rows.json"
    code, text, err = cli(SEARCH, "--out", out, "--json", table)
    assert code == 0, err
    for words in ("uniform", "best", "held-out", "no speed-up", "unseen by the search", "val:2"):
        assert words in text
    found = json.loads(table.read_text())
    assert "curve" not in {row["role"] for row in found}
    best = next(row for row in found if row["role"] == "best")
    uniform = next(row for row in found if row["role"] == "uniform")
    assert best["objective"] > uniform["objective"]
    assert [row["role"] for row in found[-4:]] == ["held-out"] * 4

    plan = read_plan(out)
    assert plan.rates
    about = json.loads(out.read_text())["about"]
    assert about[KEY]["command"].startswith("prune3d budget rated")
    assert about[KEY]["weights_hash"] == "blobs-1"
    assert about["searched_on"] == "val:2"
    (again,) = rows("sweep rated --grid 12 --samples val:2 --plan", out)
    assert again["zeroed"] == best["zeroed"]
    assert again["l2"] == best["l2"]
    (pruned,) = rows("prune rated --plan", out, "--out", tmp_path / "pruned.npz")
    assert pruned["zeroed"] == best["zeroed"]


def test_only_the_uniform_plan_is_found_on_request(cli, rows):
    found = rows(SEARCH, "--uniform-only")
    assert {row["role"] for row in found} == {"full", "candidate", "uniform", "held-out"}


def test_units_are_chosen_by_name(rows):
    found = rows(SEARCH, "--units", "mid,high")
    best = next(row for row in found if row["role"] == "best")
    uniform = next(row for row in found if row["role"] == "uniform")
    assert "low" not in best.get("unit_rates", "")
    assert uniform["locks"] == "low"


def test_a_plan_is_a_start_and_flags_count_more(rows, plan):
    (found,) = rows("sweep rated --grid 12 --samples val:1 --plan", plan)
    assert (found["unit_rates"], found["locks"], found["zeroed"]) == ("mid=50", "low", 12)
    found = rows("sweep rated --grid 12 --samples val:1 --unit-rate mid=25 --plan", plan)
    assert found[0]["zeroed"] == 6
    found = rows("sweep rated --grid 12 --samples val:1 --tolerance 0.001,1 --plan", plan)
    assert [row["zeroed"] for row in found] == [12, 60]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("--threshold lots", "'lots' is not a number"),
        ("--threshold 0x", "'0x' is not a number"),
        ("--threshold 0.001", "floor of 0.01"),
        ("--metric beauty", "no metric 'beauty'"),
        ("--objective fame", "'fame' is unknown"),
        ("--units nowhere", "no unit 'nowhere'"),
        ("--tolerance 0.5", "--tolerance is what is searched for"),
        ("--out /nowhere/at/all.json", "folder does not exist"),
        ("--plan /nowhere.json", "'/nowhere.json' could not be read"),
        ("--workers 0", "--workers 0"),
    ],
)
def test_bad_input_is_one_sentence(cli, line, words):
    code, _, err = cli(f"budget rated --grid 12 --samples val:2 {line}")
    assert code == 2
    assert words in err
    assert "Traceback" not in err


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("nonsense", "not JSON"),
        ('{"format": "prune3d-plan", "rates": {"C99": 5}}', "no unit 'C99'"),
        ('{"format": "prune3d-plan", "values": {"volume": 5}}', "no knob 'volume'"),
        ('{"format": "prune3d-plan", "values": {"tolerance": 50}}', "tolerance 50 is out of range"),
        ('{"format": "prune3d-plan", "values": {"scope": "moon"}}', "no unit 'moon'"),
        ('{"format": "prune3d-plan", "base": "tuned"}', "says 'base', which no plan has"),
    ],
)
def test_a_plan_that_does_not_fit_is_refused(cli, tmp_path, content, words):
    path = tmp_path / "plan.json"
    path.write_text(content)
    code, _, err = cli("prune toy --plan", path, "--out", tmp_path / "out.npz")
    assert code == 2
    assert words in err


def test_thresholds_are_numbers_or_multiples():
    lower = Metric("c", "C", "lower", "C.", slack=Threshold(1.33, "factor"))
    assert threshold_of("5.0", lower) == Threshold(5.0)
    assert threshold_of("1.33x", lower) == threshold_of(None, lower) == lower.slack
    assert threshold_of("+0.5", lower) == Threshold(0.5, "difference")
    with pytest.raises(BadInput, match="give a threshold"):
        threshold_of(None, replace(lower, slack=None))
    with pytest.raises(BadInput):
        threshold_of("nan", lower)
