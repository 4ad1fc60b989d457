"""The bench of the rasteriser, on a few Gaussians."""

import pytest
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.lp3dgs import bench


@pytest.fixture(autouse=True)
def _few(monkeypatch):
    monkeypatch.setattr(bench, "FEW", 300)
    monkeypatch.setattr(bench, "COUNTS", (300, 600))
    monkeypatch.setattr(bench, "PREVIEWED", {300: "at most 1000000"})


def test_every_ratio_is_measured_and_held_to_its_limit():
    told, threads = [], torch.get_num_threads()
    rows = bench.measure({"rounds": 1}, told.append, NEVER)
    assert [one.row for one in told] == rows
    assert torch.get_num_threads() == threads
    assert len(rows) == 7
    assert all(row["value"] > 0 for row in rows)
    assert [row["measure"] for row in rows if "limit" not in row] == [
        "time of each of 300 / of each of 300"
    ]
    assert next(row for row in rows if row["measure"] == "preview of 300")["met"] == "yes"


def test_it_may_be_stopped():
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        bench.measure({"rounds": 1}, print, token)


def test_the_ball_fills_the_picture():
    made = bench.look(bench.activated(bench.ball(2000)), bench.facing()).picture()
    assert 0.4 < (made.left < 0.5).mean() < 0.95
