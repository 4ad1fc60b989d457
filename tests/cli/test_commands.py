import csv
import json

import numpy as np
import pytest

from prune3d_gui.cli.benches.bench import near_middle
from prune3d_gui.cli.machine.display import why_no_window
from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.studies.ask.defaults import usual_values
from tests.toy import GRID, SIZES, TOLERANCE, Plugin


def test_systems_lists_broken_plugins_with_their_reason(cli, rows):
    found = {row["id"]: row for row in rows("systems")}
    assert found["toy"]["status"] == "ok"
    assert found["sad"] == {
        "id": "sad",
        "title": "",
        "summary": "",
        "citation": "",
        "status": "broken",
        "reason": "RuntimeError: its data file is gone",
    }
    code, out, _ = cli("systems")
    assert code == 0
    assert "did not load: RuntimeError: its data file is gone" in out


def test_units_are_flat_rows(rows):
    assert rows("units toy") == [
        {
            "label": name,
            "name": f"field.{name}.weight",
            "group": f"field/{name[:1]}",
            "count": size,
            "macs": 1000 * size,
        }
        for name, size in SIZES.items()
    ]


def test_a_sweep_gives_the_means_of_the_scores(rows):
    found = rows("sweep toy --tolerance 0.01,0.1,0.5 --samples val:3")
    model = Plugin().open(Plugin().bundled()[0])
    for row, tolerance in zip(found, (0.01, 0.1, 0.5), strict=True):
        applied = model.apply(Plan().with_value(TOLERANCE, tolerance))
        query = Query().with_value(GRID, 24)
        scores = []
        for sample in ("s0", "s1", "s2"):
            *_, last = model.reconstruct(applied, sample, query, "full", CancelToken())
            scores.append(model.score(applied, sample, query, last, None).values["l2"])
        assert row["l2"] == np.mean(scores)
        assert row["zeroed"] == applied.footprint.zeroed
    assert list(found[0]) == [
        *("tolerance", "scope", "grid"),
        *("zeroed", "removed", "prunable", "total", "bytes", "macs"),
        *("l2", "l2_low", "l2_high", "l2_floor", "peak", "peak_low", "peak_high"),
        *("samples", "seed"),
    ]
    assert found[0]["l2_low"] < found[0]["l2"] < found[0]["l2_high"]
    plain = {name: value for name, value in found[0].items() if "_" not in name}
    assert plain | {"zeroed": 0, "l2": 0, "peak": 0} == {
        **{"tolerance": 0.01, "scope": "all", "grid": 24, "zeroed": 0, "removed": 0},
        **{"prunable": 84, "total": 84, "bytes": 336, "macs": 84000, "l2": 0, "peak": 0},
        **{"samples": 3, "seed": 0},
    }


def test_a_sweep_visits_its_primary_knob_by_default(rows):
    found = rows("sweep toy --samples val:1")
    assert [row["tolerance"] for row in found][::9] == [1e-3, 1.0]
    assert [row["zeroed"] for row in found] == sorted(row["zeroed"] for row in found)


def test_a_sweep_combines_series(rows):
    found = rows("sweep toy --tolerance 0.1,0.5 --grid 12:20:4 --samples val:1 --scope low,mid")
    assert [(row["grid"], row["tolerance"]) for row in found] == [
        (grid, tolerance) for grid in (12, 16, 20) for tolerance in (0.1, 0.5)
    ]
    assert {row["scope"] for row in found} == {"low,mid"}


@pytest.mark.parametrize("flag", ["--sample", "--samples"])
def test_a_sample_that_is_a_network_of_its_own_opens_it(cli, rows, flag, tmp_path):
    for name, network in (("s0", "Network of s0"), ("s2", "Network of s2")):
        code, out, err = cli(f"sweep fields --tolerance 0.1 --grid 12 {flag} {name}")
        assert code == 0, err
        assert f"Network: {network}" in out
        assert f"Means over 1 samples ({name})" in out
        assert f"Network: {network}" in cli(f"units fields {flag} {name} --device cpu")[1]
    (row,) = rows(f"prune fields --tolerance 0.1 {flag} s1 --out", tmp_path / "a.npz")
    assert row["removed"] == (84 - row["bytes"] // 4) > 0
    (row,) = rows(f"reconstruct fields {flag} s1 --grid 12 --out", tmp_path / "a.png")
    assert row["sample"] == "s1"
    assert rows(f"bench fields {flag} s1 --repeats 1")[0]["value"] > 0


def test_without_a_name_a_sweep_takes_what_its_network_holds(cli):
    code, out, err = cli("sweep fields --tolerance 0.1 --grid 12")
    assert code == 0, err
    assert "Means over 1 samples (s0)" in out


def test_a_linear_knob_takes_series(rows):
    found = rows("sweep fields --tolerance 0.5 --grid 12 --time 0:1:0.25 --sample s0")
    assert [row["time"] for row in found] == [0, 0.25, 0.5, 0.75, 1]
    found = rows("sweep fields --tolerance 0.5 --grid 12 --time 0.3,0.9 --sample s0")
    assert [row["time"] for row in found] == [0.3, 0.9]


def test_a_linear_knob_is_visited_and_moved_evenly():
    knob = Knob("time", "Time", "linear", 0.0, "prune", -0.25, 0.5, 0.01)
    values = usual_values(knob)
    assert (values[0], values[-1]) == (-0.25, 0.5)
    assert np.allclose(np.diff(values), 0.075)
    low, high = near_middle(knob)
    assert (low, high) == (0.125, 0.135)


def test_units_take_rates_and_locks_of_their_own(rows):
    free, locked = (
        rows("sweep toy --tolerance 0.5 --samples val:1", *more)[0]
        for more in ((), ("--lock", "low,high", "--unit-rate", "mid=1"))
    )
    assert locked["unit_rates"] == "mid=1"
    assert locked["locks"] == "high,low"
    assert locked["zeroed"] == 24
    assert "locks" not in free


def test_a_sample_without_reference_is_compared_with_the_unpruned_result(cli, rows):
    found = rows("sweep blind --tolerance 0.001,0.5 --samples val:2")
    assert found[0]["l2"] is None, "the unpruned result would be compared with itself"
    assert found[1]["l2"] > 0
    assert [row["against"] for row in found] == ["itself", "full"]
    assert found[0]["peak"] is None, "NaN is null in JSON"
    out = cli("sweep blind --tolerance 0.001,0.5 --samples val:2")[1]
    assert "nan" in out
    assert "the unpruned result stands in for it" in out
    assert "could only be compared with itself, so it has no score" in out


def test_the_table_defines_its_metrics_and_says_seed_and_samples(cli):
    code, out, _ = cli("sweep toy --tolerance 0.01,0.5 --samples val:2")
    assert code == 0
    lines = out.splitlines()
    assert lines[0].split() == ["tolerance", "zeroed", "l2", "±", "l2", "peak"]
    assert "In every row: scope all, grid 24, removed 0, prunable 84" in out
    assert "l2 (%): ||f - g|| / ||g|| on the grid; lower is better." in lines
    assert "Means over 2 samples (val:2), seed 0." in lines
    assert any(line.startswith("±: half of the 95 % bootstrap interval") for line in lines)
    assert "Sampling floor, the mean over samples: l2 0.01." in lines
    assert "Network: Eighty-four blobs (blobs-1) on cpu." in lines


def test_prune_writes_the_network(rows, tmp_path):
    out = tmp_path / "pruned.npz"
    (row,) = rows("prune toy --tolerance 0.1 --out", out)
    with np.load(out) as found:
        assert int((found["weights"] == 0).sum()) == row["zeroed"] > 0
    assert row["out"] == str(out)


def test_prune_says_what_the_model_says_of_the_file(cli, plugins, tmp_path):
    source = (plugins / "toy.py").read_text()
    said = 'Plugin.id, Plugin.said = "says", ("336 bytes.", "Nothing is gone.")\n'
    (plugins / "says.py").write_text(source + said)
    code, out, err = cli("prune says --tolerance 0.1 --lock low --out", tmp_path / "a.npz")
    assert code == 0, err
    assert "336 bytes.\nNothing is gone.\n" in out
    with np.load(tmp_path / "a.npz") as found:
        moment = json.loads(str(found[KEY]))
    assert moment["plan"] == {"values": {"tolerance": 0.1, "scope": "all"}, "locks": ["low"]}
    assert (moment["system"], moment["about"]["seed"]) == ("says", 0)
    said = "prune3d prune says --scope all --tolerance 0.1 --lock low --out a.npz"
    assert moment["command"] == said


def test_json_goes_to_a_file_beside_the_table(cli, tmp_path):
    path = tmp_path / "rows.txt"
    code, out, _ = cli("units toy --json", path)
    assert code == 0
    assert out.startswith("label")
    assert [row["label"] for row in json.loads(path.read_text())] == list(SIZES)


def test_a_job_is_a_command_with_flags_of_its_options(cli, rows):
    assert rows("count busy --steps 5 --loud") == [{"steps": 5, "loud": True, "name": None}]
    assert rows("count busy --no-loud --name x") == [{"steps": 3, "loud": False, "name": "x"}]
    code, out, _ = cli("count busy --help")
    assert code == 0
    assert "How far to count, 100 % of it. (default: 3)" in out


def test_standard_output_holds_only_json_even_if_a_job_prints(cli):
    code, out, err = cli("count busy --json -")
    assert code == 0
    assert json.loads(out)
    assert "said on standard output" in err


def test_bench_times_each_step(rows):
    found = rows("bench toy --repeats 2")
    assert all(row["value"] > 0 for row in found[:4])
    assert {row["unit"] for row in found[:4]} == {"ms"}
    drawn, worst = found[4:6]
    assert drawn["measure"] == "preview marker, l2: drawn"
    assert (drawn["unit"], worst["limit"]) == ("of 32", "at most 10")
    assert worst["met"] == ("yes" if worst["value"] <= 10 else "no")
    window = {row["measure"]: row["value"] for row in found[6:]}
    if why_no_window():
        assert not window
    else:
        assert 0 < window["window_visible"] < window["first_reconstruction"]
        assert window["drag"] > 0


def test_help_shows_the_knobs_of_the_system(cli):
    code, out, _ = cli("sweep toy --help")
    assert code == 0
    for words in ("--tolerance SERIES", "--scope", "--grid", "Drop blobs below it", "--samples"):
        assert words in out
    code, out, _ = cli("sweep --help")
    assert code == 0
    assert "toy" in out


def test_top_help_lists_commands_and_jobs(cli):
    code, out, _ = cli("--help")
    assert code == 0
    for name in ("gui", "systems", "doctor", "units", "sweep", "prune", "reconstruct", "bench"):
        assert f"\n  {name} " in out
    assert "count SYSTEM" in out


@pytest.mark.parametrize("value", ["1:4", "4:1:1", "a,b", "1:x", "::", "1:2:-1", "0:1:x3"])
def test_a_bad_series_is_refused_with_what_was_given(cli, value):
    code, out, err = cli("sweep toy --samples val:1 --tolerance", value)
    assert (code, out) == (2, "")
    assert err.startswith("prune3d: ")
    assert len(err.splitlines()) == 1
    assert value.split(",")[0] in err


def test_rows_survive_as_csv(rows, tmp_path):
    from prune3d_gui.files.tables import read_rows, write_rows

    found = rows("sweep toy --tolerance 0.1 --samples val:1")
    write_rows(tmp_path / "t.csv", found)
    assert read_rows(tmp_path / "t.csv") == found
    with open(tmp_path / "t.csv", newline="") as file:
        assert next(csv.reader(file)) == list(found[0])


def test_a_sample_may_be_a_file(cli, plugins, tmp_path):
    source = (plugins / "toy.py").read_text()
    (plugins / "taking.py").write_text(
        source
        + """
from prune3d_gui.core.model import Sample
Plugin.id = "taking"
def open_sample(self, path, cancel=None):
    return Sample("s1", path.name, notices=(f"{path.name} was taken in.",))
ToyModel.open_sample = open_sample
"""
    )
    file = tmp_path / "mine.txt"
    file.write_text("x")
    code, out, err = cli("sweep taking --tolerance 0.1 --samples", file)
    assert code == 0, err
    assert "mine.txt was taken in." in err
    assert f"Means over 1 samples ({file})" in out
