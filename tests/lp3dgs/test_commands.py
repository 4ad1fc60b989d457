"""Scenes from the command line: sweeps, budgets, files, a mask that is learned and chosen."""

import base64
import json
import re

import numpy as np
import pytest
import torch

from prune3d_gui.cli.main import main
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.splats.formats import read_splats
from prune3d_gui.plugins.lp3dgs.model import hash_of
from tests.lp3dgs.balls import hiding, photographed

PICTURES = re.compile(r"data:image/svg\+xml;base64,([A-Za-z0-9+/=]+)")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return str(photographed(tmp_path_factory.mktemp("scenes") / "ball", hiding()))


def rows_of(tmp_path, command, *flags):
    out = tmp_path / "rows.json"
    assert main([command, "lp3dgs", *flags, "--json", str(out)]) == 0
    return json.loads(out.read_text())


def test_a_sweep_loses_decibels_with_views_apart(folder, tmp_path):
    rows = rows_of(tmp_path, "sweep", "--weights", folder, "--rate", "0,50,90")
    whole = [row for row in rows if "part" not in row]
    assert [row["rate"] for row in whole] == [0, 50, 90]
    psnr = [row["psnr"] for row in whole]
    assert psnr == sorted(psnr, reverse=True)
    assert {row["part"] for row in rows if row.get("part_kind") == "views"} == {
        "held out", "trained on",
    }  # fmt: skip
    assert [row["gaussians"] for row in whole] == [360, 180, 36]


def test_a_budget_in_decibels_is_kept(folder, tmp_path):
    rows = rows_of(
        tmp_path, "budget", "--weights", folder, "--metric", "psnr", "--threshold", "-3",
        "--uniform-only",
    )  # fmt: skip
    full = next(row["psnr"] for row in rows if row.get("removed") == 0)
    assert rows[-1]["removed"] > 0
    assert rows[-1]["psnr"] >= full - 3


def test_what_is_kept_is_written_and_pictured(folder, tmp_path):
    out, drawn = tmp_path / "kept.spz", tmp_path / "view.png"
    prune = ["--weights", folder, "--rate", "40"]
    assert main(["prune", "lp3dgs", *prune, "--out", str(out)]) == 0
    assert read_splats(out).gaussians.count == 216
    assert main(["reconstruct", "lp3dgs", *prune, "--out", str(drawn)]) == 0
    assert drawn.stat().st_size > 100


def test_a_mask_is_learned_chosen_and_cut_as_it_says(folder, tmp_path):
    rows = rows_of(
        tmp_path, "mask", "--scene", folder, "--out", str(tmp_path / "mask"), "--steps", "60",
        "--finetune", "10", "--refresh", "20", "--weight", "0.3",
    )  # fmt: skip
    states = {row["state"]: row for row in rows if "state" in row}
    assert set(states) == {"full", "pruned", "fine-tuned"}
    cut = states["pruned"]
    assert 0 < cut["pruned"] < 100
    assert cut["gaussians"] == states["fine-tuned"]["gaussians"] < states["full"]["gaussians"]
    kept = {one.kind: one.hash for one in ArtifactStore().known()}
    chosen = ["--mask", kept["splat_mask"], "--network", kept["network"]]
    swept = rows_of(
        tmp_path, "sweep", "--weights", folder, *chosen, "--rate", f"{cut['pruned']:.6f}"
    )
    (row,) = (row for row in swept if "part" not in row)
    assert row["gaussians"] == cut["gaussians"]
    assert row["psnr"] == pytest.approx(states["fine-tuned"]["psnr"], abs=0.05)


def test_a_mask_that_keeps_next_to_nothing_is_said_and_not_kept(folder, tmp_path, capsys):
    before = len(ArtifactStore().known())
    flags = ["--scene", folder, "--out", str(tmp_path / "mask"), "--steps", "80", "--weight", "1e4"]
    assert main(["mask", "lp3dgs", *flags]) == 0
    assert "the scene stays as it was" in capsys.readouterr().err
    assert len(ArtifactStore().known()) == before


def test_a_scene_is_trained_from_its_folder_and_opens(folder, tmp_path, capsys):
    out = tmp_path / "made.ply"
    rows = rows_of(
        tmp_path, "train", "--scene", folder, "--out", str(out), "--steps", "12", "--most", "500",
        "--degree", "1",
    )  # fmt: skip
    assert {row["views"] for row in rows} == {"held out", "trained on"}
    assert all(np.isfinite(row["psnr"]) for row in rows)
    assert read_splats(out).gaussians.degree == 1
    assert not out.with_name("made.ply.training.pt").exists()
    assert main(["units", "lp3dgs", "--weights", str(out)]) == 0


def test_bad_input_is_one_sentence(folder, tmp_path, capsys):
    def said(*flags):
        assert main([*flags]) != 0
        lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
        return lines[-1]

    assert "--scene" in said("train", "lp3dgs", "--out", str(tmp_path / "a.ply"))
    empty = tmp_path / "empty"
    empty.mkdir()
    told = said("train", "lp3dgs", "--scene", str(empty), "--out", str(tmp_path / "a.ply"))
    assert "has no cameras" in told
    assert "'loud'" in said("mask", "lp3dgs", "--scene", folder, "--reading", "loud")


def test_a_sweep_has_no_macs_where_there_is_no_such_arithmetic(folder, tmp_path, capsys):
    (row, *_) = rows_of(tmp_path, "sweep", "--weights", folder, "--rate", "50")
    assert "macs" not in row
    assert row["bytes_splat"] == 32 * row["gaussians"]
    flags = ["--weights", folder, "--threshold", "-3", "--objective", "macs", "--uniform-only"]
    assert main(["budget", "lp3dgs", *flags]) != 0
    assert "has no MACs" in capsys.readouterr().err


def test_a_map_of_units_and_a_report_are_made(folder, tmp_path):
    rows = rows_of(tmp_path, "sensitivity", "--weights", folder, "--rate", "0,60")
    assert {row["unit"] for row in rows if "part" not in row} == {"gaussians"}
    out = tmp_path / "report.html"
    origin = Origin("lp3dgs", "ball", hash_of(hiding()), (("job", "mask"),))
    mask = {"mask": torch.arange(360.0) - 100}
    ArtifactStore().keep("splat_mask", "Mine", origin, mask, found={"rate": 28.0})
    flags = ["--weights", folder, "--rate", "0,30,60", "--pictures", "", "--seeds", "1"]
    assert main(["report", "lp3dgs", *flags, "--out", str(out)]) == 0
    page = out.read_text()
    assert "PSNR" in page
    drawn = [base64.b64decode(part).decode("utf-8", "ignore") for part in PICTURES.findall(page)]
    assert any("learned: 28 %" in svg for svg in drawn)


def test_readings_are_compared_at_equal_counts_and_learned_once(folder, tmp_path, capsys):
    flags = ["--scene", folder, "--steps", "25", "--rates", "20,60", "--out", str(tmp_path / "out")]
    rows = rows_of(tmp_path, "compare", *flags)
    counts = {row["gaussians"] for row in rows}
    for count in counts:
        alike = [row for row in rows if row["gaussians"] == count]
        assert {row["reading"] for row in alike} == {"", "code", "paper", "straight-through"}
        base = next(row["psnr"] for row in alike if not row["reading"])
        assert all(row["apart"] == pytest.approx(row["psnr"] - base) for row in alike)
    masks = [one for one in ArtifactStore().known() if one.kind == "splat_mask"]
    own = {row["rate"] for row in rows if row["cut_of"]}
    assert sorted(dict(one.found)["rate"] for one in masks) == pytest.approx(sorted(own))
    assert "code" in {dict(one.made_from.by)["reading"] for one in masks}
    capsys.readouterr()
    assert rows_of(tmp_path, "compare", *flags) == rows
    assert "step" not in capsys.readouterr().err
    assert main(["compare", "lp3dgs", "--scene", folder, "--readings", "loud"]) != 0
    assert "'loud'" in capsys.readouterr().err
