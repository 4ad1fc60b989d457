import json

import pytest

from tests.toy import SIZES


def test_each_unit_alone_in_the_order_of_the_network(cli, rows):
    found = rows("sensitivity toy --tolerance 0.01,0.1,0.5 --samples val:2")
    assert [row["unit"] for row in found][::3] == list(reversed(SIZES)), (
        "what lies last comes first"
    )
    assert [row["tolerance"] for row in found[:3]] == [0.01, 0.1, 0.5]
    alone = rows("sweep toy --tolerance 0.5 --scope high --samples val:2")[0]
    high = next(row for row in found if row["unit"] == "high" and row["tolerance"] == 0.5)
    assert (high["zeroed"], high["l2"]) == (alone["zeroed"], alone["l2"])
    code, out, _ = cli("sensitivity toy --tolerance 0.01,0.1,0.5 --samples val:2")
    lines = out.splitlines()
    assert code == 0
    assert lines[0] == "l2 by unit and tolerance:"
    assert lines[2].split() == ["unit", "0.01", "0.1", "0.5"]
    assert [line.split()[0] for line in lines[4:7]] == list(SIZES)
    assert any("95 % bootstrap interval" in line for line in lines)


def test_only_the_units_that_are_named(rows, cli):
    found = rows("sensitivity toy --units mid --tolerance 0.1,0.5 --samples val:1")
    assert [row["unit"] for row in found] == ["mid", "mid"]
    assert rows("sensitivity toy --units all --tolerance 0.1 --samples val:1")[2]["unit"] == "low"
    code, _, err = cli("sensitivity toy --units mid,nose --samples val:1")
    assert code == 2
    assert "'nose'" in err


def test_other_knobs_take_one_value(cli):
    code, _, err = cli("sensitivity toy --grid 12,20 --samples val:1")
    assert code == 2
    assert "--grid has 2 values" in err


SWEEP = "sweep toy --tolerance 0.01:0.5:x12 --grid 12 --samples val:4"


def test_workers_here_and_elsewhere_give_the_same_rows(rows):
    assert (
        rows(f"{SWEEP} --no-cache")
        == rows(f"{SWEEP} --no-cache --workers 1")
        == rows(f"{SWEEP} --no-cache --workers 2")
    )


def test_a_second_run_comes_from_the_cache(rows, plugins, monkeypatch, own_cache):
    first = rows(SWEEP)
    assert any(own_cache.iterdir())
    from prune3d_gui.studies.run import worker

    def refused(*given):
        raise AssertionError(given)

    monkeypatch.setattr(worker, "compute", refused)
    assert rows(SWEEP) == first


def test_without_a_cache_nothing_is_written(rows, own_cache):
    rows(f"{SWEEP} --no-cache")
    assert not own_cache.exists()


def test_a_cache_that_cannot_be_used_is_told(cli, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("PRUNE3D_CACHE", str(tmp_path / "file"))
    code, out, err = cli(f"{SWEEP} --json -")
    assert code == 0
    assert len(json.loads(out)) == 12
    assert "cannot be used" in err
    assert "stay in memory" in err


def test_milliseconds_on_request(rows, cli):
    found = rows("sweep toy --tolerance 0.1,0.5 --grid 12 --samples val:2 --repeats 3")
    assert all(row["ms"] > 0 <= row["ms_spread"] for row in found)
    _, out, _ = cli("sweep toy --tolerance 0.1,0.5 --grid 12 --samples val:2 --repeats 3")
    assert "ms: median of 3 runs on s0 with one thread on cpu" in out


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ("--workers 0", "--workers 0 are none"),
        ("--workers 2 --cluster tcp://127.0.0.1:9", "leave out --cluster"),
        ("--gpus", "--gpus is for a cluster"),
        ("--repeats -1", "--repeats -1 is below 0"),
        ("--cluster tcp://127.0.0.1:9", "tcp://127.0.0.1:9"),
        ("--cluster nowhere", "'nowhere'"),
    ],
)
def test_bad_places_are_refused_in_a_sentence(cli, flags, words):
    code, out, err = cli(f"sweep toy --tolerance 0.1 --samples val:1 {flags}")
    assert (code, out) == (2, "")
    assert words in err
    assert len(err.splitlines()) == 1


def test_an_empty_set_of_samples_is_refused(cli):
    code, _, err = cli("sensitivity toy --samples val:0")
    assert code == 2
    assert "val:0" in err


def test_a_network_that_fails_says_where(cli, plugins):
    with open(plugins / "toy.py", "a") as file:
        file.write("\nPlugin.fail_above = 0.3\n")
    code, _, err = cli("sweep toy --tolerance 0.1,0.5 --samples val:1")
    assert code == 2
    assert "tolerance 0.5" in err
    assert "the blobs fell apart" in err


def test_fields_are_studied_with_the_network_of_their_sample(rows):
    found = rows("sensitivity fields --sample s2 --tolerance 0.5 --grid 12 --time 0.5 --workers 1")
    assert [row["unit"] for row in found] == ["high", "mid", "low"]
    assert all(row["samples"] == 1 for row in found)


def test_parts_are_rows_of_their_own(cli, rows):
    command = "sweep parted --tolerance 0.001,0.1,0.5 --samples val:2 --grid 12"
    found = rows(command)
    assert [row.get("part") for row in found] == [None, *SIZES] * 3
    assert {row.get("part_kind") for row in found} == {None, "class"}
    assert (found[3]["share"], found[3]["undefined"], found[0]["undefined"]) == (1.0, 1, 1)
    assert found[7]["share"] == 0.0
    code, out, _ = cli(command)
    assert code == 0
    lines = [line.split() for line in out.splitlines()]
    at = lines.index(["By", "class:"])
    assert [line[:2] for line in lines[at + 4 : at + 7]] == [["0.001", name] for name in SIZES]
    assert "class high (first at tolerance 0.1)" in out
    assert "undefined: parts without a value" in out


def test_with_one_sample_the_interval_is_over_its_parts(cli, rows):
    command = "sweep parted --tolerance 0.001,0.02 --samples s0 --grid 12"
    row = rows(command)[4]
    assert row["interval_over"] == "class"
    assert row["share_low"] < row["share"] < row["share_high"]
    _, out, _ = cli(command)
    assert "interval of the mean over the parts (class) of the one sample" in out
    assert "± share" in out


def test_one_reconstruction_tells_its_parts(cli, rows, tmp_path):
    found = rows(f"reconstruct parted --sample s0 --tolerance 0.1 --out {tmp_path / 'a.ply'}")
    assert [row.get("part") for row in found] == [None, *SIZES]
    assert "share_low" not in found[1]
    _, out, _ = cli(f"reconstruct parted --sample s0 --tolerance 0.1 --out {tmp_path / 'a.ply'}")
    assert "By class:" in out
