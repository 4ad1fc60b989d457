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
