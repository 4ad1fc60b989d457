"""Artifacts on the command line: made by a job, named by a flag, listed, sent and removed."""

import json
import shutil

import numpy as np
import pytest

from prune3d_gui.core.moment import KEY
from prune3d_gui.files.artifacts import ArtifactStore, artifact_folder
from prune3d_gui.files.plans import read_plan, write_plan

SWEEP = "sweep choosing --samples val:1 --tolerance 0.001,0.1"


@pytest.fixture
def made(rows):
    """Hashes of the masks of 60 and of 30 blobs, as the job gives them."""
    return [row["mask"] for row in rows("learn choosing")]


def test_a_job_says_what_it_made_and_a_sweep_compares(cli, rows, made):
    code, out, err = cli("learn choosing")
    assert code == 0
    assert err.count("made the mask") == 2
    assert f"made the mask {made[0][:12]}: The 60 heaviest." in err
    assert made[0][:12] in out
    found = rows(SWEEP, "--mask", f"none,{made[0][:6]},{made[1]}")
    assert [(row["mask"], row["tolerance"]) for row in found] == [
        (mask, tolerance) for mask in ("", *made) for tolerance in (0.001, 0.1)
    ]
    assert [row["zeroed"] for row in found[::2]] == [0, 24, 54]
    assert found[1]["zeroed"] == found[3]["zeroed"] < found[5]["zeroed"]
    assert found[0]["l2"] < found[2]["l2"] < found[4]["l2"]
    assert "mask" not in rows(SWEEP)[0]
    assert [row["l2"] for row in rows(SWEEP)] == [row["l2"] for row in found[:2]]
    table = cli(SWEEP, "--mask", f"none,{made[0]}")[1]
    assert made[0][:12] in table
    assert made[0][:13] not in table
    assert "none" in table


def test_workers_of_their_own_read_it(rows, made):
    here = rows(SWEEP, "--mask", made[1], "--no-cache")
    there = rows(SWEEP, "--mask", made[1], "--no-cache", "--workers", 1)
    assert here == there


def test_what_is_pruned_with_one_names_it(rows, cli, made, tmp_path):
    out = tmp_path / "pruned.npz"
    (row,) = rows("prune choosing --tolerance 0.01 --mask", made[1][:8], "--out", out)
    assert row["mask"] == made[1]
    with np.load(out) as file:
        moment = json.loads(str(file[KEY]))
        assert np.count_nonzero(file["weights"]) == 30
    assert moment["plan"]["values"]["mask"] == made[1]
    assert moment["about"]["artifacts"][made[1]]["title"] == "The 30 heaviest"
    assert moment["about"]["artifacts"][made[1]]["made_by"] == {"blobs": 30, "job": "learn"}
    assert cli("prune choosing --mask none --out", out)[0] == 0
    with np.load(out) as file:
        assert "artifacts" not in json.loads(str(file[KEY]))["about"]


def test_a_report_compares_them_by_name(cli, made, tmp_path):
    out = tmp_path / "report.html"
    code, _, err = cli(
        "report choosing --samples val:1 --tolerance 0.001,0.1 --compare mask --pictures= --mask",
        f"none,{made[1]}", "--out", out,
    )  # fmt: skip
    assert code == 0, err
    html = out.read_text(encoding="utf-8")
    assert made[1][:12] in html
    assert "none" in html
    assert f">{made[1]}<" not in html


def test_they_are_listed_shown_sent_and_removed(rows, cli, made, tmp_path):
    listed = rows("artifacts")
    assert {row["hash"] for row in listed} == set(made)
    assert {row["title"] for row in listed} == {"The 60 heaviest", "The 30 heaviest"}
    assert all(row["status"] == "ok" and row["kind"] == "mask" for row in listed)
    text = cli("artifacts list")[1]
    assert made[0][:12] in text
    assert str(artifact_folder()) in text
    (shown,) = rows("artifacts show", made[0][:5])
    assert shown["hash"] == made[0]
    assert json.loads(shown["made_by"]) == {"blobs": 60, "job": "learn"}
    assert shown["bytes"] == len(ArtifactStore().data(made[0]))
    file = tmp_path / "mask.safetensors"
    assert cli("artifacts export", made[0][:5], "--out", file)[0] == 0
    assert rows("artifacts remove", made[0], made[1]) == [
        {"hash": digest, "status": "removed"} for digest in made
    ]
    assert "no artifacts are kept" in cli("artifacts")[1]
    code, _, err = cli(SWEEP, "--mask", made[0][:8])
    assert code == 2
    assert f"--mask '{made[0][:8]}': There is no artifact" in err
    assert len(rows(SWEEP)) == 2
    assert rows(SWEEP, "--mask", file)[0]["mask"] == made[0]  # taken in
    assert [row["hash"] for row in rows("artifacts")] == [made[0]]
    assert rows("artifacts import", file)[0]["hash"] == made[0]


def test_a_damaged_one_is_one_sentence_and_can_be_removed(cli, rows, made):
    path = ArtifactStore().path(made[0])
    data = path.read_bytes()
    path.write_bytes(data[:-1] + bytes([data[-1] ^ 255]))
    code, _, err = cli(SWEEP, "--mask", made[0])
    assert code == 2
    assert err.count("\n") == 1
    assert f"The artifact {made[0][:12]} is damaged" in err
    assert cli("artifacts show", made[0])[0] == 2
    assert len(rows(SWEEP)) == 2
    path.write_bytes(b"")
    (bad,) = [row for row in rows("artifacts") if row["status"] == "damaged"]
    assert bad["hash"] == made[0]
    assert "damaged" in cli("artifacts")[1]
    assert cli("artifacts remove", made[0][:8])[0] == 0
    assert [row["hash"] for row in rows("artifacts")] == [made[1]]


def test_one_of_another_network_or_no_artifact_is_refused(cli, tmp_path):
    code, out, _ = cli("learn choosing --weights", "f" * 64, "--json", "-")
    digest = json.loads(out)[0]["mask"]
    assert code == 0
    code, _, err = cli(SWEEP, "--mask", digest)
    assert code == 2
    assert "belongs to 'Eighty-four blobs' (ffffffffffff), not to 'Eighty-four blobs' (b" in err
    network = tmp_path / "network.npz"
    shutil.copy(__file__, network)
    code, _, err = cli(SWEEP, "--mask", network)
    assert code == 2
    assert f"'{network}' is no artifact" in err


def test_a_plan_file_holds_it_and_one_that_names_an_unknown_knob_is_refused(
    cli, rows, made, tmp_path
):
    from prune3d_gui.core.plan.plans import Plan

    file = tmp_path / "plan.json"
    write_plan(file, Plan((("mask", made[1]), ("tolerance", 0.002))))
    assert read_plan(file).values[0] == ("mask", made[1])
    (row,) = rows("sweep choosing --samples val:1 --plan", file)
    assert (row["mask"], row["tolerance"], row["zeroed"]) == (made[1], 0.002, 54)
    ArtifactStore().remove(made[1])
    code, _, err = cli("sweep choosing --samples val:1 --plan", file)
    assert code == 2
    assert "There is no artifact" in err
    write_plan(file, Plan((("colour", "red"),)))
    code, _, err = cli("sweep choosing --plan", file)
    assert code == 2
    assert f"There is no knob 'colour', which '{file}' names; 'Eighty-four blobs' has " in err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("artifacts burn", "There is no action 'burn'; take one of list, show"),
        ("artifacts list abcd", "'list' takes no names"),
        ("artifacts show", "needs one name; you gave 0"),
        ("artifacts show aaaa bbbb", "needs one name; you gave 2"),
        ("artifacts export aaaa", "needs --out FILE"),
        ("artifacts show aaaa --out x", "needs --out FILE, and nothing else does"),
        ("artifacts show aaaa", "There is no artifact 'aaaa'"),
        ("artifacts import nowhere.safetensors", "There is no file 'nowhere.safetensors'"),
    ],
)
def test_what_cannot_be_done_is_said(cli, words, said):
    code, _, err = cli(words)
    assert code == 2
    assert said in err
    assert err.count("\n") == 1
