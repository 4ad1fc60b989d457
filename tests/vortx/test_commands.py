"""VoRTX from the command line: three axes, modules alone, budgets, files, reports."""

import json

import numpy as np
import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.vortx.network.checkpoint import load_network
from tests.vortx.small_room import NAMES, save_tiny, with_floors


@pytest.fixture
def weights(tmp_path, monkeypatch):
    with_floors(monkeypatch, tmp_path / "rooms")
    return str(save_tiny(tmp_path / "tiny.safetensors"))


def rows_of(tmp_path, command, *flags):
    out = tmp_path / "rows.json"
    assert main([command, "vortx", *flags, "--json", str(out)]) == 0
    return json.loads(out.read_text())


def test_units_belong_to_modules(weights, tmp_path):
    rows = rows_of(tmp_path, "units", "--weights", weights)
    assert {row["group"].split(".")[0] for row in rows} >= {"2D CNN", "Transformers", "3D CNN"}


@pytest.mark.parametrize(("flag", "field"), [
    ("rate2d", "zeroed"), ("rate_ff", "zeroed"), ("rate3d", "removed"),
])  # fmt: skip
def test_a_sweep_over_each_axis_tells_both_protocols(weights, tmp_path, flag, field):
    name = f"--{flag.replace('_', '-')}"
    rows = rows_of(
        tmp_path, "sweep", "--weights", weights, name, "0,50", "--axis", flag,
        "--samples", NAMES[0],
    )  # fmt: skip
    whole = [row for row in rows if "part" not in row]
    assert [row[flag] for row in whole] == [0, 50]
    assert whole[0][field] == 0 < whole[1][field]
    assert all(0 <= row["fscore"] <= 1 for row in whole)
    assert len({row["part"] for row in rows if "part" in row}) == 2


def test_networks_and_surfaces_are_written(weights, tmp_path):
    path, mesh = tmp_path / "pruned.safetensors", tmp_path / "room.ply"
    given = ["--weights", weights, "--rate3d", "25", "--rate2d", "25"]
    assert main(["export", "vortx", *given, "--out", str(path)]) == 0
    assert load_network(path)[0].size.unets[0].stem < 8
    assert main(["export", "vortx", *given, "--sample", NAMES[0], "--out", str(mesh)]) == 0
    assert dict(read_moment(mesh).plan.values)["rate3d"] == 25


def test_without_a_network_it_says_how_to_train_one(monkeypatch, capsys):
    from prune3d_gui.plugins.vortx import shipped

    monkeypatch.setattr(shipped, "weights", lambda: None)
    assert main(["units", "vortx"]) != 0
    said = capsys.readouterr().err
    assert "prune3d data vortx" in said
    assert "prune3d train vortx" in said


def test_budgets_and_reports(weights, tmp_path):
    rows = rows_of(
        tmp_path, "budget", "--weights", weights, "--samples", NAMES[0], "--metric", "comp",
        "--threshold", "3x", "--trials", "4",
    )  # fmt: skip
    assert rows
    page = tmp_path / "report.html"
    assert main(["report", "vortx", "--weights", weights, "--samples", NAMES[0], "--rate3d",
                 "0,50", "--out", str(page)]) == 0  # fmt: skip
    assert np.char.count(page.read_text(), "Atlas") > 0
