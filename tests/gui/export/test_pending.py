"""What is exported is what was asked for at the click; what is under way is seen and stopped."""

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import Stage
from prune3d_gui.core.registry import Registry
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.export.test_exports import turn, written
from tests.gui.test_window import slider_of
from tests.toy import Plugin, ToyModel


class Held(Plugin):
    """A toy whose full results wait, while the gate is shut."""

    id = "held"

    def __init__(self):
        self.gate, self.waits = threading.Event(), threading.Event()
        self.gate.set()

    def open(self, ref, cancel=NEVER):
        return HeldModel(self, ref.title)


class HeldModel(ToyModel):
    """Looks at the token while it waits."""

    weights_hash = "held-1"

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            if stage.quality == "full":
                self.system.waits.set()
                while not self.system.gate.wait(0.01):
                    cancel.check()
            yield Stage(stage.quality, stage.scene)


@pytest.fixture
def held():
    return Held()


def expected(system, tolerance, tmp_path):
    """The mesh that the toy gives at a tolerance, written by itself."""
    from prune3d_gui.core.cancel import CancelToken
    from prune3d_gui.core.plan.plans import Plan, Request
    from prune3d_gui.geometry.scenes import surface_of
    from prune3d_gui.studies.ask.panes import pane_result
    from tests.toy import TOLERANCE

    model = system.open(system.bundled()[0])
    request = Request("s0", Plan().with_value(TOLERANCE, tolerance))
    return surface_of(pane_result(model, request, "pruned", CancelToken()).scene)


def test_a_slider_that_moves_on_changes_nothing(open_window, held, qtbot, tmp_path):
    window = open_window(held)
    path = tmp_path / "a.ply"
    held.gate.clear()
    turn(window, 0.1)
    window.exports.export_mesh("pruned", path)
    drag(slider_of(window), 600, 900, pause=1)
    held.gate.set()
    written(window, qtbot, path)
    qtbot.waitUntil(lambda: settled(window))
    assert window.controller.plan.values[0][1] != 0.1
    mesh = read_mesh(path)
    wanted = expected(held, 0.1, tmp_path)
    np.testing.assert_array_equal(mesh.points, wanted.points)
    moment = read_moment(path)
    assert dict(moment.plan.values)["tolerance"] == 0.1


def test_another_model_and_another_sample_change_nothing(open_window, held, toy, qtbot, tmp_path):
    window = open_window(Registry((held, toy), ()))
    path = tmp_path / "a.ply"
    held.gate.clear()
    turn(window, 0.1)
    window.exports.export_mesh("pruned", path)
    window.exports.export_network("npz", tmp_path / "a.npz")
    window.controller.select_sample("s1")
    window.opening.open_ref(toy, toy.bundled()[0])
    turn(window, 0.7)
    held.gate.set()
    written(window, qtbot, path)
    written(window, qtbot, tmp_path / "a.npz")
    qtbot.waitUntil(lambda: window.controller.card.ref.system == "toy" and settled(window))
    np.testing.assert_array_equal(read_mesh(path).points, expected(held, 0.1, tmp_path).points)
    for name in ("a.ply", "a.npz"):
        moment = read_moment(tmp_path / name)
        assert (moment.system, dict(moment.plan.values)["tolerance"]) == ("held", 0.1)
    assert read_moment(path).sample == "s0"


def test_an_export_is_seen_and_stopped(open_window, held, qtbot, tmp_path):
    window = open_window(held)
    chip = window.exports.chip
    assert chip.isHidden()
    before = tmp_path / "a.ply"
    before.write_text("before")
    held.gate.clear()
    held.waits.clear()
    turn(window, 0.1, dragging=True)
    for name in ("a.ply", "b.ply"):
        window.exports.export_mesh("pruned", tmp_path / name)
    qtbot.waitUntil(chip.isVisible)
    assert chip.text.text() == "Writing 2 files…"
    assert window.rect().contains(chip.mapTo(window, chip.rect().center()))
    click(chip.stop, chip.stop.rect().center())
    qtbot.waitUntil(chip.isHidden)
    held.gate.set()
    window.controller.release()
    qtbot.waitUntil(lambda: settled(window))
    window.exports.export_mesh("pruned", tmp_path / "c.ply")
    written(window, qtbot, tmp_path / "c.ply")
    assert before.read_text() == "before"
    assert not (tmp_path / "b.ply").exists()
    assert not any(kind == "error" for kind, _ in window.notices.log)


def test_the_chip_names_one_file_and_goes_with_it(open_window, held, qtbot, tmp_path):
    window = open_window(held)
    chip = window.exports.chip
    held.gate.clear()
    turn(window, 0.1, dragging=True)
    window.exports.export_points("pruned", tmp_path / "cloud.xyz")
    qtbot.waitUntil(chip.isVisible)
    assert chip.text.text() == "Writing cloud.xyz…"
    assert chip.stop.focusPolicy() & Qt.FocusPolicy.TabFocus
    held.gate.set()
    qtbot.waitUntil(chip.isHidden)
    written(window, qtbot, tmp_path / "cloud.xyz")
    window.exports.export_mesh("pruned", tmp_path / "no" / "such.ply")
    assert "no/such.ply' could not be written: its folder" in window.notices.visible[-1]
    assert chip.names == ()


def test_a_failure_takes_its_chip_away(open_window, toy, qtbot, tmp_path, monkeypatch):
    def fails(*_):
        raise RuntimeError("the disk is on fire")

    window = open_window(toy)
    monkeypatch.setattr("prune3d_gui.drawing.shapes.write_mesh", fails)
    window.exports.export_mesh("pruned", tmp_path / "a.ply")
    qtbot.waitUntil(lambda: any("on fire" in text for text in window.notices.visible))
    assert window.exports.chip.names == ()


def test_colours_are_in_the_file_while_they_are_on_screen(open_window, toy, qtbot, tmp_path):
    import trimesh

    window = open_window(toy)
    turn(window, 0.3)
    qtbot.waitUntil(lambda: settled(window))
    for name, coloured in (("on", True), ("off", False)):
        if not coloured:
            window.actions_by_id["colourByDistance"].trigger()
            qtbot.waitUntil(lambda: not window.controller.coloured)
        for suffix in ("ply", "obj", "glb"):
            path = tmp_path / f"{name}.{suffix}"
            window.exports.export_mesh("pruned", path)
            written(window, qtbot, path)
            kind = trimesh.load(path, force="mesh").visual.kind
            assert (kind == "vertex") == coloured
            scale = dict(read_moment(path).about).get("colours")
            assert (dict(scale)["array"] == "error") if coloured else scale is None
