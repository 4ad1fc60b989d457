"""VoRTX in the real window, with the network and the rooms that come with it."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton, QSlider

from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.vortx.controls import STRIP, WEIGHED
from prune3d_gui.plugins.vortx.pruning.controls import KNOBS, PRESETS
from prune3d_gui.plugins.vortx.showing import REFERENCE, SURFACE
from prune3d_gui.plugins.vortx.system import VortxSystem
from tests.conftest import settled
from tests.gui.drive import click, drag

PATIENCE = 300_000
"""Milliseconds for a room on a machine that does much else."""
SLIDERS = (("rate2d", "zeroed"), ("rate_ff", "zeroed"), ("rate3d", "removed"))


@pytest.fixture
def window(open_window, qtbot):
    """Looking at rooms in two photographs a part."""
    made = open_window(VortxSystem(), wait=False)
    made.controller.ready.connect(lambda card: made.controller.set_value(WEIGHED, 2))
    qtbot.waitUntil(lambda: "full" in made.controller.frames, timeout=PATIENCE)
    return made


def rest(window, qtbot):
    qtbot.waitUntil(lambda: settled(window), timeout=PATIENCE)


def surface(window, role):
    return window.controller.frames[role].scene.layer(SURFACE).data


def pull(window, qtbot, knob, percent):
    """Drag a slider, and wait for no more than the coarse level."""
    shown = []
    window.controller.frame_shown.connect(shown.append)
    slider = window.findChild(QSlider, f"knob.{knob}")
    window.parts.knobs.ensureWidgetVisible(slider)
    stop = round(slider.minimum() + (slider.maximum() - slider.minimum()) * percent / 100)
    drag(slider, slider.value(), stop, moves=4)

    def seen():
        mine = [f for f in shown if f.role == "pruned" and f.request.plan == window.controller.plan]
        return bool(mine) and mine[0].stage.startswith("coarse")

    qtbot.waitUntil(seen, timeout=PATIENCE)
    window.controller.frame_shown.disconnect(shown.append)


def take_preset(window, qtbot):
    button = window.findChild(QPushButton, "preset.0")
    window.parts.knobs.ensureWidgetVisible(button)
    click(button, button.rect().center())
    rest(window, qtbot)
    assert dict(window.controller.plan.values) == dict(PRESETS["paper"])
    parts = window.controller.frames["pruned"].scores.parts
    assert [part.kind for part in parts] == ["protocol"] * 2


def exported(window, qtbot, path):
    """Export what there is a surface of, open it again, and return its role."""
    role = "pruned" if len(surface(window, "pruned").faces) else "full"
    window.exports.export_mesh(role, path)
    qtbot.waitUntil(path.exists, timeout=20_000)
    rest(window, qtbot)
    assert read_mesh(path).faces.shape == surface(window, role).faces.shape
    plan = read_moment(path).plan.bare(KNOBS).values
    assert plan == (window.controller.plan.values if role == "pruned" else ())
    return role


@pytest.mark.timeout(1200)  # a minute of one core, of which a busy machine gives little
def test_both_rooms_by_three_sliders_the_preset_and_files(window, qtbot, tmp_path):
    control, strip, modules = window.controller, window.parts.strip, window.parts.modules
    rest(window, qtbot)
    first, second = (sample.id for sample in control.samples.values())
    assert len(surface(window, "full").faces)
    assert window.viewport.scene("reference").layer(REFERENCE).one_sided
    assert control.frames["full"].timings.modules.keys() == {"2D CNN", "Transformer", "3D CNN"}
    assert [strip.entries.index(row, 0).data() for row in (0, STRIP - 1)] == ["000000", "000047"]
    qtbot.waitUntil(lambda: strip.entries.knows("1"), timeout=20_000)
    picture = strip.entries.pictures.get("1")

    roles, gone = [], {"zeroed": 0, "removed": 0}
    for room, name in enumerate((first, second)):
        if room:
            control.select_sample(name)
            assert not strip.entries.knows("1"), "a room has photographs of its own"
        for percent, (knob, field) in enumerate(SLIDERS, 20 + 30 * room):
            pull(window, qtbot, knob, percent)
            now = control.frames["pruned"]
            assert getattr(now.footprint, field) > gone[field], knob
            assert now.request.sample == name
            gone[field] = getattr(now.footprint, field)
        take_preset(window, qtbot)
        assert control.frames["full"].request.sample == name
        left = control.frames["pruned"].footprint
        said = f"{left.zeroed:,} zeroed in place and {left.removed:,} removed of {left.prunable:,}"
        assert window.status.hint.text().startswith(said)
        roles.append(exported(window, qtbot, tmp_path / f"{name}.ply"))
    qtbot.waitUntil(lambda: strip.entries.knows("1"), timeout=20_000)
    assert strip.entries.pictures.get("1") is not picture

    bar, at = window.parts.lower.tabBar(), window.parts.lower.indexOf(modules)
    click(bar, bar.tabRect(at).center())
    (row,) = modules.table.findItems("3D CNN", Qt.MatchFlag.MatchExactly)
    assert row.childCount() == 3, "coarse, medium, fine"
    assert row.text(4) != "0"
    assert row.text(10) != "–"

    control.set_value(strip.knob, "24")
    rest(window, qtbot)
    cameras = control.frames["pruned"].scene.first(Cameras)
    assert cameras.titles[cameras.names.index(cameras.chosen)] == "color/000047.jpg"
    window.from_export.open(tmp_path / f"{first}.ply")
    qtbot.waitUntil(lambda: settled(window) and control.sample == first, timeout=PATIENCE)
    assert dict(control.plan.values) == (dict(PRESETS["paper"]) if roles[0] == "pruned" else {})
