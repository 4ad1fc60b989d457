"""What was assumed when a network was opened is said once, whatever is done with it."""

import json

import pytest

LAYOUT, LAYER = "The layout was taken to be ours.", "Its last layer was left out."
COMMANDS = [
    "units assumes",
    "prune assumes --tolerance 0.1 --out OUT.npz",
    "sweep assumes --tolerance 0.1,0.5 --samples val:1",
    "sensitivity assumes --tolerance 0.5 --samples val:1",
    "budget assumes --uniform-only --grid 12 --samples val:1",
    "reconstruct assumes --tolerance 0.1 --out OUT.png",
    "report assumes --tolerance 0.1,0.5 --samples val:1 --grid 12 --pictures= --out OUT.html",
]


@pytest.mark.parametrize("line", COMMANDS)
def test_every_command_says_it_once_on_standard_error(cli, tmp_path, line):
    code, out, err = cli(line.replace("OUT", str(tmp_path / "out")))
    assert code == 0, err
    for notice in (LAYOUT, LAYER):
        assert err.count(f"prune3d: {notice}\n") == 1
        assert notice not in out


def test_spawned_workers_do_not_repeat_it(spawn):
    process = spawn(
        "sweep", "assumes", "--tolerance", "0.1,0.5", "--samples", "val:1", "--workers", "2",
        "--no-cache", "--json", "-",
    )  # fmt: skip
    out, err = process.communicate(timeout=120)
    assert len(json.loads(out)) == 2
    assert (err.count(LAYOUT), err.count(LAYER)) == (1, 1)


def test_no_score_is_given_to_what_could_only_be_compared_with_itself(cli, tmp_path):
    out = tmp_path / "out.png"
    code, said, _ = cli("reconstruct blind --json", tmp_path / "a.json", "--out", out)
    (row,) = json.loads((tmp_path / "a.json").read_text())
    assert (code, row["zeroed"], row["against"]) == (0, 0, "itself")
    assert "l2" not in row
    assert "l2 (%)" not in said
    assert "could only be compared with itself, so it has no score." in said
    code, said, _ = cli(
        "reconstruct blind --tolerance 0.5 --json", tmp_path / "b.json", "--out", out
    )
    (row,) = json.loads((tmp_path / "b.json").read_text())
    assert (row["against"], row["l2"] > 0) == ("full", True)
    assert "the unpruned result stands in for it." in said


def test_a_search_without_a_reference_takes_a_threshold_in_the_metrics_unit(cli):
    line = "budget blind --uniform-only --grid 12 --samples val:1 --threshold"
    code, _, err = cli(f"{line} 1.5x")
    assert code == 2
    assert "Without a reference the full model has no l2 of its own" in err
    code, out, err = cli(f"{line} 0.05 --json -")
    assert code == 0, err
    full, *_ = rows = json.loads(out)
    assert full["l2"] is None
    assert all(0 < row["l2"] <= 0.05 for row in rows if row["role"] == "uniform")


def test_help_does_not_say_it(cli):
    assert LAYOUT not in cli("units assumes --help")[2]


def test_a_report_keeps_it(cli, tmp_path):
    out = tmp_path / "r.html"
    cli("report assumes --tolerance 0.1,0.5 --samples val:1 --grid 12 --pictures= --out", out)
    page = out.read_text(encoding="utf-8")
    assert (page.count(LAYOUT), page.count(LAYER)) == (1, 1)


def test_a_sentence_of_a_job_stays_while_progress_goes(cli):
    code, out, err = cli("look assumes --json -")
    assert (code, json.loads(out)) == (0, [{"seen": 2}])
    assert err == "prune3d: The scale was taken to be 1.\n"
