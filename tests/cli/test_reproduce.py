"""Tables and figures of a paper, on the toy with a paper of its own."""

import json

import pytest
from PIL import Image

from prune3d_gui.cli.reproduce import agreement, beside
from prune3d_gui.core.experiments import Printed
from prune3d_gui.core.plans import Plan

PAPER = """
from prune3d_gui.core.experiments import Experiment, Printed
from prune3d_gui.core.plans import resolve

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
        assert json.loads(image.text["versions"])["prune3d"]
        assert "reproduce paper --figure 4" in image.text["command"]
    code, out, _ = cli("reproduce paper --figure 4")
    assert code == 0
    assert "give --out with a name that ends in .png" in out


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("toy --table 1", ["'toy'", "no tables or figures"]),
        ("paper --table 9", ["no table '9'", "--table 1, 2 and --figure 3, 4, 5"]),
        ("paper --figure 2", ["no figure '2'"]),
        ("paper", ["one of the arguments --table --figure is required"]),
        ("paper --table 2 --figure 3", ["not allowed with argument"]),
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
    assert agreement([row]) == [
        "0 of 1 counts equal the paper's.",
        "all at 5 %, zeroed: 8 and not 7; this network is not the paper's, or the rule is another.",
    ]
    assert agreement([{"rate": 5.0, "l2": 0.5}]) == []
