"""The measure of U-Nets without channels."""

import pytest

from prune3d_gui.plugins.vortx.pruning import speed

from .shapes import tiny


def test_it_tells_what_was_measured_beside_what_is_predicted(monkeypatch):
    room = {"coarse": speed.typical_room()["coarse"]}
    few = dict.fromkeys(("coarse", "medium", "fine"), room["coarse"])
    monkeypatch.setattr(speed, "typical_room", lambda _device: few)
    rows = {row["measure"]: row for row in speed.structured(tiny(), rounds=1)}
    parts = [rows[f"3D {level}, {name}"]["value"] for name in ("full", "pruned") for level in few]
    assert min(parts) > 0
    ratio = sum(parts[:3]) / sum(parts[3:])
    assert rows["3D, full / pruned"]["value"] == pytest.approx(ratio, rel=1e-2)
    assert rows["3D, by multiply-accumulates"]["value"] > 1.4
