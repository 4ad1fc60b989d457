"""Tables and figures of a paper, on the toy with a paper of its own."""

import json
import math

import pytest
from PIL import Image

from prune3d_gui.cli.study.comparison import agreement, beside, with_limits
from prune3d_gui.core.experiments import Experiment, Printed
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.core.score.thresholds import Threshold

PAPER = """
from prune3d_gui.core.experiments import Experiment, Printed
from prune3d_gui.core.plan.plans import resolve

KNOBS = (TOLERANCE, SCOPE, GRID)

def printed(tolerance, zeroed, l2=None, note="", unit=""):
    values = {"tolerance": tolerance, "scope": "all", "grid": 12}
    plan, query = resolve(KNOBS, values)
    if unit:
        plan = plan.with_value(SCOPE, unit)
    paper = {"zeroed": zeroed, "l2": l2}
    paper = tuple((name, value) for name, value in paper.items() if value is not None)
    return Printed((("tolerance", tolerance), ("unit", unit)), plan, query, paper, note)

def experiments(self):
    rows = (printed(0.01, 31, 1.25), printed(0.1, 61), printed(0.5, 75, 30.5, "a misprint for 76."))
    layers = tuple(printed(t, None, unit=u) for u in ("mid", "high") for t in (0.02, 0.1))
    return (
        Experiment("table", "1", "Facts", (), "name", facts=lambda: [
            {"name": "a", "count": 3, "paper_count": 3},
            {"name": "b", "count": 4, "paper_count": 5},
        ]),
        Experiment("table", "2", "Tolerances", rows, "tolerance", notes=("On other blobs.",)),
        Experiment("figure", "3", "Tolerances", rows, "tolerance"),
        Experiment("figure", "4", "One blob", rows, "tolerance", strip=True),
        Experiment("figure", "5", "Bands", layers, "zeroed", "unit"),
    )

Plugin.id, Plugin.experiments = "paper", experiments
"""

CLIMBING = (
    PAPER
    + """
from dataclasses import replace

LADDER = (0.004, 0.01, 0.03, 0.1, 0.5)

class Steady(ToyModel):
    weights_hash = "steady-1"

    def score(self, *asked):
        scores = super().score(*asked)
        return replace(scores, values={**scores.values, "l2": scores.values["l2"] + 22})

def climbing(self):
    alone = tuple(printed(t, None, unit=u) for u in ("high", "mid") for t in LADDER)
    rows = (printed(0.1, 5, 4.5, unit="mid"), printed(0.004, 9, 3.5, unit="high"))
    about = {"series": "unit", "climbs": "tolerance", "ladder": alone}
    tolerances = tuple(printed(t, None) for t in (0.001, *LADDER))
    return (
        experiments(self)[0],
        Experiment("table", "2", "Bands", rows, "unit", **about),
        Experiment("table", "3", "Tolerances", tolerances, "tolerance", climbs="tolerance"),
        Experiment("figure", "4", "Bands", alone, "zeroed", "unit", climbs="tolerance"),
        Experiment("figure", "5", "One", tolerances, "tolerance", climbs="tolerance", strip=True),
    )

Plugin.id, Plugin.experiments = "climbing", climbing
Plugin.open = lambda self, ref, *rest: Steady(self, ref.title)
"""
)
LADDER = (0.004, 0.01, 0.03, 0.1, 0.5)


@pytest.fixture
def climbing(plugins):
    (plugins / "climbing.py").write_text((plugins / "toy.py").read_text() + CLIMBING)


MEASURED = """
from prune3d_gui.core.experiments import Experiment

def experiments(self):
    def measure(model, report, cancel):
        row = {"level": 1, "title": model.title, "l2": 0.5, "reference_l2": 0.25}
        return [row], (f"Of {len(model.units)} units.",)

    notes = ("By others.",)
    return (Experiment("table", "1", "Meshes", (), "level", notes=notes, measure=measure),)

Plugin.id, Plugin.experiments = "measured", experiments
"""


@pytest.fixture
def paper(plugins):
    (plugins / "paper.py").write_text((plugins / "toy.py").read_text() + PAPER)


def test_a_table_stands_beside_the_printed_one(cli, rows, paper, tmp_path):
    file = tmp_path / "rows.json"
    code, out, err = cli("reproduce paper --table 2 --samples val:2 --json", file)
    assert code == 0, err
    found = json.loads(file.read_text())
    assert [row["tolerance"] for row in found] == [0.01, 0.1, 0.5]
    assert [row["paper_l2"] for row in found] == [1.25, None, 30.5]
    assert all(row["samples"] == 2 and row["l2_low"] <= row["l2"] for row in found)
    assert found[2]["note"] == "a misprint for 76."
    head = out.splitlines()[0].split()
    assert head[:3] == ["tolerance", "zeroed", "paper_zeroed"]
    assert head[-1] == "paper_l2"
    assert "—" in out
    assert "Table 2: Tolerances." in out
    assert "On other blobs." in out
    assert "counts equal the paper's." in out
    sweep = rows("sweep toy --tolerance 0.01,0.1,0.5 --grid 12 --samples val:2")
    assert [row["l2"] for row in sweep] == [row["l2"] for row in found]
    assert [row["zeroed"] for row in sweep] == [row["zeroed"] for row in found]


def test_counts_alone_evaluate_nothing(rows, paper):
    found = rows("reproduce paper --table 2 --counts-only")
    assert all("l2" not in row and "paper_l2" not in row for row in found)
    assert [row["paper_zeroed"] for row in found] == [31, 61, 75]


def test_what_is_measured_of_the_network_is_shown_with_what_is_said(cli, rows, plugins):
    (plugins / "measured.py").write_text((plugins / "toy.py").read_text() + MEASURED)
    code, out, err = cli("reproduce measured --table 1")
    assert code == 0, err
    assert "Table 1: Meshes.\nOf 3 units.\nBy others.\nNetwork: " in out
    head, _, shown, *_ = out.splitlines()
    assert head.split() == ["level", "title", "l2", "reference_l2"], "a metric of the model too"
    assert shown.split()[-2:] == ["0.5", "0.25"]
    (row,) = rows("reproduce measured --table 1")
    assert (row["l2"], row["reference_l2"]) == (0.5, 0.25)
    assert row["title"] in out
    code, out, err = cli("reproduce measured --table 1 --counts-only")
    assert (code, out) == (2, "")
    assert "leave out --counts-only" in err


def test_facts_need_no_network(cli, paper):
    code, out, err = cli("reproduce paper --table 1")
    assert code == 0, err
    assert "1 of 2 counts equal the paper's." in out
    assert "b, count: 4 and not 5" in out


@pytest.mark.parametrize("number", ["3", "5"])
@pytest.mark.parametrize("ending", ["png", "svg"])
def test_a_figure_is_drawn(cli, paper, tmp_path, number, ending):
    path = tmp_path / f"figure.{ending}"
    code, out, err = cli(f"reproduce paper --figure {number} --samples val:2 --out", path)
    assert code == 0, err
    assert f"Wrote {path}." in out
    assert path.stat().st_size > 5000


def test_a_strip_shows_one_sample(cli, rows, paper, tmp_path):
    path = tmp_path / "strip.png"
    found = rows("reproduce paper --figure 4 --samples s1 --out", path)
    assert {row["sample"] for row in found} == {"s1"}
    assert [row["l2"] for row in found] == sorted(row["l2"] for row in found)
    with Image.open(path) as image:
        assert image.width == 3 * 330
        moment = json.loads(image.text[KEY])
        assert moment["about"]["versions"]["prune3d"]
        assert "reproduce paper --figure 4" in moment["command"]
    code, out, _ = cli("reproduce paper --figure 4")
    assert code == 0
    assert "give --out with a name that ends in .png" in out


def most_of(rows, metric="l2"):
    """Its own way: walk up until the first that breaks the threshold, 1.33 times the full model."""
    threshold, most = rows[0][metric] * 1.33, None
    for row in rows[1:]:
        if row[metric] > threshold:
            break
        most = row
    return threshold, most


def test_what_ours_could_lose_in_each_line(cli, rows, climbing, tmp_path):
    file = tmp_path / "rows.json"
    code, out, err = cli("reproduce climbing --table 2 --samples val:2 --json", file)
    assert code == 0, err
    found = {row["unit"]: row for row in json.loads(file.read_text())}
    assert list(found) == ["mid", "high"]
    tried = "0.001," + ",".join(map(str, LADDER))
    for band, row in found.items():
        sweep = rows(f"sweep climbing --tolerance {tried} --scope {band} --grid 12 --samples val:2")
        threshold, most = most_of(sweep)
        assert row["threshold"] == pytest.approx(threshold)
        assert row["passes"] == (row["l2"] <= threshold)
        assert row["own_most_tolerance"] == most["tolerance"]
        assert row["own_most_zeroed"] == most["zeroed"]
        assert row["own_all_pass"] == (most["tolerance"] == LADDER[-1])
    assert found["high"]["own_all_pass"] is True
    assert found["mid"]["own_all_pass"] is False
    assert "(own_most_tolerance): mid 0.1 (5 zeroed), high 0.5 (48 zeroed)." in out
    assert "Every tolerance tried of high passes" in out
    assert "1.33 times its full model's own 22.01 on val:2." in out
    head = out.splitlines()[0].split()
    assert {"own_most_tolerance", "own_most_zeroed", "own_all_pass"} <= set(head)


def test_rows_are_their_own_ladder(rows, climbing):
    found = rows("reproduce climbing --table 3 --samples val:2")
    threshold, most = most_of(found)
    assert LADDER[0] <= most["tolerance"] < LADDER[-1]
    assert [row["passes"] for row in found] == [row["l2"] <= threshold for row in found]
    assert {row["own_most_tolerance"] for row in found} == {most["tolerance"]}
    assert {row["own_most_zeroed"] for row in found} == {most["zeroed"]}
    strip = rows("reproduce climbing --figure 5 --samples s1")
    assert {row["own_most_zeroed"] for row in strip} == {most_of(strip)[1]["zeroed"]}


def test_all_tables_one_after_the_other(cli, climbing, tmp_path):
    file = tmp_path / "rows.json"
    code, out, err = cli("reproduce climbing --table all --samples val:2 --json", file)
    assert code == 0, err
    found = json.loads(file.read_text())
    assert [row["table"] for row in found] == ["1"] * 2 + ["2"] * 2 + ["3"] * 6
    assert not any(isinstance(value, list | dict) for row in found for value in row.values())
    heads = [line for line in out.splitlines() if line.startswith("Table ")]
    assert heads == ["Table 1: Facts.", "Table 2: Bands.", "Table 3: Tolerances."]
    assert "Tables 2, 3 together: 1 of 2 counts equal the paper's." in out
    assert out.count("Means over 2 samples") == 1
    code, out, err = cli("reproduce climbing --table all --counts-only")
    assert code == 0, err
    assert "Tables 2, 3 together: 1 of 2 counts equal the paper's." in out
    assert "Threshold" not in out
    assert "l2" not in out


def test_a_figure_is_drawn_with_our_threshold(cli, climbing, tmp_path):
    path = tmp_path / "figure.svg"
    code, _, err = cli("reproduce climbing --figure 4 --samples val:2 --out", path)
    assert code == 0, err
    assert "threshold 29.3" in path.read_text()


def test_limits_of_lines_that_fall_rise_or_were_not_measured():
    experiment = Experiment("table", "1", "Bands", (), "unit", "unit", climbs="rate")
    metric = Metric("error", "Error", "lower", "Mean.", slack=Threshold(1.33, "factor"))
    lines = {
        "falls": (1.0, 1.2, 1.3),
        "dips": (1.2, 1.5, 1.1),
        "late": (1.5, 1.6, 1.2),
        "never": (1.5, math.nan, 1.4),
        "stopped": (1.0, 1.1, None),
    }
    tried = [
        (
            Printed((("rate", float(rate)), ("unit", unit)), Plan()),
            None if error is None else {"error": error, "zeroed": 7 * rate},
        )
        for unit, errors in lines.items()
        for rate, error in zip((5, 10, 15), errors, strict=True)
    ]
    rows = [{"unit": unit, "error": errors[0]} for unit, errors in lines.items()]
    found, said = with_limits(experiment, metric, 1.0, rows, tried, "val:3", "%")
    keys = ("own_most_rate", "own_most_zeroed", "own_all_pass")
    assert [tuple(row[key] for key in keys) for row in found] == [
        (15.0, 105, True),
        (5.0, 35, False),
        (None, None, False),
        (None, None, False),
        (None, None, None),
    ]
    assert [row["passes"] for row in found] == [True, True, False, False, True]
    assert said[1].endswith(
        ": falls 15 %, dips 5 % (15 % passes again), late none (15 % passes again), never none, "
        "stopped not known (stopped before all were measured)."
    )
    assert (
        said[2]
        == "Every rate tried of falls passes, so it may be able to lose more (own_all_pass)."
    )
    for full in (math.nan, 0.0):
        same, said = with_limits(experiment, metric, full, rows, tried, "val:3", "%")
        assert same == rows
        assert said == [
            f"The full model's own error is {full:g} on val:3; nothing can be judged by it."
        ]


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("toy --table 1", ["'toy'", "no tables or figures"]),
        ("paper --table 9", ["no table '9'", "--table 1, 2 and --figure 3, 4, 5"]),
        ("paper --figure 2", ["no figure '2'"]),
        ("paper", ["one of the arguments --table --figure is required"]),
        ("paper --table 2 --figure 3", ["not allowed with argument"]),
        ("toy --table all", ["'toy'", "no tables or figures"]),
        ("paper --figure all", ["no figure 'all'"]),
        ("paper --table all --out a.png", ["'a.png' is for a figure", "--json"]),
        ("paper --table 2 --out a.png", ["'a.png' is for a figure", "--json"]),
        ("paper --figure 3 --out a.gif", ["'a.gif'", ".png or .svg"]),
        ("paper --figure 4 --out a.svg", ["'a.svg'", "take .png"]),
        ("paper --figure 4 --samples val:2", ["names 2 samples; name one"]),
        ("paper --figure 3 --counts-only --out a.png", ["counts alone"]),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(cli, paper, line, words):
    code, out, err = cli(f"reproduce {line}")
    assert (code, out) == (2, "")
    assert len(err.splitlines()) == 1
    for word in words:
        assert word in err


RATE = Knob("rate", "Rate", "rate", 0.0)


def test_rows_keep_what_is_not_known_empty():
    printed = Printed((("rate", 5.0), ("scope", "all")), Plan(), paper=(("zeroed", 7),))
    row = beside(printed, {"zeroed": 8, "l2": 0.5, "samples": 1}, ("zeroed", "l2"))
    assert list(row.items())[:6] == [
        ("rate", 5.0),
        ("scope", "all"),
        ("zeroed", 8),
        ("paper_zeroed", 7),
        ("l2", 0.5),
        ("paper_l2", None),
    ]
    assert agreement([row], (RATE,)) == [
        "0 of 1 counts equal the paper's.",
        "all at 5 %, zeroed: 8 and not 7; this network is not the paper's, or the rule is another.",
    ]
    assert agreement([{"rate": 5.0, "l2": 0.5}], (RATE,)) == []
