"""The live plots of a scene: time of a picture beside its size, no MACs, and what was learned."""

import pytest
import torch

from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.gui.charts.quantities import BYTES, NONZERO, TIME
from prune3d_gui.plugins.lp3dgs.model import hash_of
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.lp3dgs.balls import hiding, photographed

FOUND = 28.0


@pytest.fixture
def window(open_window, qtbot, tmp_path):
    scene = photographed(tmp_path / "ball", hiding())
    origin = Origin("lp3dgs", "ball", hash_of(hiding()), (("job", "mask"), ("reading", "code")))
    mask = {"mask": torch.arange(360.0) - 100}
    ArtifactStore().keep("splat_mask", "A mask", origin, mask, found={"rate": FOUND})
    made = open_window(SplatSystem(), file=scene)
    qtbot.waitUntil(lambda: settled(made), timeout=60_000)
    return made


def test_plots_tell_time_size_and_what_was_learned(window, qtbot):
    plots, control = window.plots, window.controller
    rate = next(knob for knob in control.card.knobs if knob.id == "rate")
    for value in (20.0, 50.0):
        control.set_value(rate, value)
        qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert {"psnr", "ssim", NONZERO, BYTES, TIME} <= set(plots.charts)
    time = plots.charts[TIME]
    assert [x for x, _ in time.points] == [0.0, 20.0, 50.0]
    assert all(y > 0 for _, y in time.points)
    words = time.words_at(time.place_of(time.visits[1]))
    assert "of 288 Gaussians at 48 x 48" in words
    assert "ms" in words
    for chart in plots.charts.values():
        assert [(mark.x, mark.label) for mark in chart.marks] == [(FOUND, "learned: 28 %")]
    frame = control.frames["pruned"]
    assert frame.footprint.macs is None
    table = window.parts.numbers.table
    rows = {
        item.text(0): item.isHidden()
        for item in map(table.topLevelItem, range(table.topLevelItemCount()))
    }
    assert rows["MACs"]
    assert not rows["Removed"]
