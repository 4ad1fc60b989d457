"""The plugin of the tutorial in the window: its terrain degrades under the hand."""

import numpy as np
import pytest

from prune3d_gui.core.registry import discover
from prune3d_gui.gui.dress.slider import DirectSlider
from tests.conftest import settled
from tests.gui.drive import drag
from tests.tutorial import tutorial_plugin


@pytest.fixture
def window(open_window, tmp_path, monkeypatch):
    folder = tmp_path / "plugins"
    folder.mkdir()
    (folder / "waves.py").write_text(tutorial_plugin(), encoding="utf-8")
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(folder))
    return open_window(discover(), system="waves")


def test_dragging_the_slider_flattens_the_terrain(window, qtbot):
    control = window.controller
    before = control.frames["pruned"]
    drag(window.findChild(DirectSlider, "knob.rate"), 0, 900)
    qtbot.waitUntil(lambda: settled(window) and control.frames["pruned"] is not before)
    frame = control.frames["pruned"]
    assert frame.request.plan.values[0][1] > 50
    assert frame.scores.values["rms"] > 2 * before.scores.values["rms"]
    heights = [f.scene.layers[0].data.points[:, 1] for f in (before, frame)]
    assert not np.array_equal(*heights)
    assert set(window.viewport.panes["pruned", "space"].view.actors) >= {"ground"}
