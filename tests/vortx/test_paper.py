"""The paper's tables, made again beside what it printed."""

import json

import pytest

from prune3d_gui.cli.main import main
from tests.vortx.small_room import NAMES, save_tiny, with_floors


def test_its_tables_stand_beside_what_a_network_gives(monkeypatch, tmp_path, capsys):
    with_floors(monkeypatch, tmp_path / "rooms")
    weights, told = save_tiny(tmp_path / "tiny.safetensors"), tmp_path / "rows.json"
    given = ["--weights", str(weights), "--samples", NAMES[0]]
    assert main(["reproduce", "vortx", "--table", "all", *given, "--json", str(told)]) == 0
    rows = json.loads(told.read_text())
    tables = {number: [row for row in rows if row["table"] == number] for number in "245"}
    full, text, equation = tables["2"]
    assert (full["paper_fscore"], text["paper_fscore"]) == (0.641, 0.632)
    assert equation["paper_fscore"] is None
    assert {f"{name}" for name in ("acc", "comp", "prec", "rec", "fscore")} < set(full)
    assert text["zeroed"] > equation["zeroed"] > 0 == full["zeroed"]

    whole, left = tables["4"]
    assert (whole["paper_trainable"], left["paper_trainable"]) == (6.2e6, 5.22e6)
    assert whole["parameters"] - left["parameters"] == left["removed"] > 0
    assert whole["parameters"] - whole["trainable"] == 264_072, "the trunk"

    plans = {row["plan"]: row for row in tables["5"]}
    assert next(iter(plans)) == "full"
    assert plans["full"]["faster"] == 1
    assert plans["3D CNN alone"]["paper_faster"] == pytest.approx(1.081)
    assert plans["2D CNN alone"]["by_macs"] == 1 < plans["3D CNN alone"]["by_macs"]
    assert min(row["seconds"] for row in plans.values()) > 0
    said = " ".join(capsys.readouterr().out.split())
    assert "What is scored is the Atlas protocol's single wall" in said
