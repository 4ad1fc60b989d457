"""VoRTX from the command line: three axes, modules alone, budgets, files, reports."""

import json

import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.cli.study import studying
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.network.checkpoint import load_network
from prune3d_gui.plugins.vortx.system import VortxSystem
from prune3d_gui.studies.run.local import LocalWorkers
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
    assert {row["group"].split("/")[0] for row in rows} >= {"2D CNN", "Transformers", "3D CNN"}


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


def test_the_shipped_network_is_swept_over_three_axes_of_a_shipped_room(tmp_path):
    rows = rows_of(
        tmp_path, "sweep", "--samples", "study", "--views", "1", "--rate2d", "0,25",
        "--rate-ff", "33", "--rate3d", "25",
    )  # fmt: skip
    whole = [row for row in rows if "part" not in row]
    assert [(row["rate2d"], row["rate_ff"], row["rate3d"]) for row in whole] == [
        (0, 33, 25), (25, 33, 25),
    ]  # fmt: skip
    assert whole[0]["removed"] == whole[1]["removed"] > 0
    assert 0 < whole[0]["zeroed"] < whole[1]["zeroed"]
    assert all(0 <= row["fscore"] <= 1 for row in whole)
    assert len({row["part"] for row in rows if "part" in row}) == 2


def test_modules_alone_are_told(weights, tmp_path):
    units = "conv0.0,coarse.ff0.fc1,fine.stem"
    rows = rows_of(
        tmp_path, "sensitivity", "--weights", weights, "--samples", NAMES[0], "--units", units,
        "--rate3d", "50",
    )  # fmt: skip
    whole = [row for row in rows if "part" not in row and row.get("unit")]
    assert {row["unit"] for row in whole} >= set(units.split(","))
    assert all(row["zeroed"] + row["removed"] > 0 for row in whole)


def test_networks_and_surfaces_are_written(weights, tmp_path):
    path, mesh = tmp_path / "pruned.safetensors", tmp_path / "room.ply"
    given = ["--weights", weights, "--rate3d", "25", "--rate2d", "25"]
    assert main(["prune", "vortx", *given, "--out", str(path)]) == 0
    assert load_network(path)[0].size.unets[0].stem < 8
    assert main(["reconstruct", "vortx", *given, "--sample", NAMES[0], "--out", str(mesh)]) == 0
    assert dict(read_moment(mesh).plan.values)["rate3d"] == 25


def test_without_a_network_it_says_how_to_train_one(monkeypatch, capsys):
    monkeypatch.setattr(shipped, "weights", lambda: None)
    assert main(["units", "vortx"]) != 0
    assert "prune3d train vortx" in capsys.readouterr().err
    with pytest.raises(BadInput, match=r"prune3d data vortx.*prune3d train vortx"):
        VortxSystem().open(ModelRef("vortx", "none"))


def test_a_budget_is_found(weights, tmp_path, monkeypatch):
    here = LocalWorkers(here=True)  # other processes have no floors among their rooms
    monkeypatch.setattr(studying, "open_workers", lambda *_: here)
    plan = tmp_path / "plan.json"
    rows = rows_of(
        tmp_path, "budget", "--weights", weights, "--samples", NAMES[0], "--metric", "comp",
        "--threshold", "3x", "--held-out", NAMES[1], "--uniform-only",
        "--out", str(plan),
    )  # fmt: skip
    assert rows
    assert plan.is_file()


def test_a_report_names_the_protocols(weights, tmp_path):
    page = tmp_path / "report.html"
    given = ["--weights", weights, "--samples", NAMES[0], "--rate3d", "0,50", "--out", str(page)]
    assert main(["report", "vortx", *given]) == 0
    assert "Atlas" in page.read_text()
