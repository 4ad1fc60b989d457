"""VoRTX in the real window: three sliders, the preset, photographs, files."""

import numpy as np
import pytest
from PySide6.QtWidgets import QPushButton, QSlider

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.vortx.pruning.controls import PRESETS
from prune3d_gui.plugins.vortx.showing import SURFACE
from prune3d_gui.plugins.vortx.system import VortxSystem
from tests.conftest import settled
from tests.gui.drive import click, drag, let_go
from tests.vortx.small_room import NAMES, save_tiny, with_floors


class Floors(VortxSystem):
    """The system with a tiny network in the place of the one that comes with it."""

    def __init__(self, path):
        self._path = str(path)

    def bundled(self):
        return (ModelRef(self.id, "Tiny", self._path, "cpu"),)


@pytest.fixture
def window(open_window, monkeypatch, tmp_path):
    with_floors(monkeypatch, tmp_path / "rooms")
    return open_window(Floors(save_tiny(tmp_path / "tiny.safetensors")))


def surface(window, role):
    return window.controller.frames[role].scene.layer(SURFACE).data


def pull(window, qtbot, knob, value):
    slider = window.findChild(QSlider, f"knob.{knob}")
    window.parts.knobs.ensureWidgetVisible(slider)
    stop = round(slider.minimum() + (slider.maximum() - slider.minimum()) * value / 100)
    drag(slider, slider.value(), stop, moves=5)
    let_go(slider, stop)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def test_three_sliders_a_preset_photographs_and_files(window, qtbot, tmp_path):
    control, shown = window.controller, []
    full = surface(window, "full")
    assert len(full.faces)
    control.frame_shown.connect(shown.append)
    before = control.frames["pruned"].footprint
    for knob, field in (("rate2d", "zeroed"), ("rate_ff", "zeroed"), ("rate3d", "removed")):
        shown.clear()
        pull(window, qtbot, knob, 30)
        now = control.frames["pruned"].footprint
        assert getattr(now, field) > getattr(before, field), knob
        assert {frame.stage for frame in shown} >= {"coarse", "fine"}, knob
        before = now
    assert not np.array_equal(surface(window, "pruned").points, full.points)
    assert set(control.frames["pruned"].timings.modules) == {"2D CNN", "Transformer", "3D CNN"}
    control.frame_shown.disconnect(shown.append)

    button = window.findChild(QPushButton, "preset.0")
    window.parts.knobs.ensureWidgetVisible(button)
    click(button, button.rect().center())
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert dict(control.plan.values) == dict(PRESETS["paper"])
    parts = control.frames["pruned"].scores.parts
    assert {part.kind for part in parts} == {"protocol"}
    assert len(parts) == 2

    path = tmp_path / "room.ply"
    window.exports.export_mesh("pruned", path)
    qtbot.waitUntil(path.exists, timeout=20_000)
    qtbot.waitUntil(lambda: window.controller.settled, timeout=20_000)
    assert read_mesh(path).faces.shape == surface(window, "pruned").faces.shape
    assert dict(read_moment(path).plan.values) == dict(PRESETS["paper"])

    strip = window.parts.strip
    assert strip.knob.id == "camera"
    qtbot.waitUntil(lambda: strip.entries.knows("1"), timeout=20_000)
    control.set_value(strip.knob, "24")
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    cameras = control.frames["pruned"].scene.first(Cameras)
    assert cameras.chosen == cameras.names[-1]

    first = strip.entries.pictures.get("1")
    control.select_sample(NAMES[1])
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    qtbot.waitUntil(lambda: strip.entries.knows("1"), timeout=20_000)
    assert strip.entries.pictures.get("1") is not first, "a room has photographs of its own"
    assert dict(control.plan.values) == dict(PRESETS["paper"]), "the plan stays"
