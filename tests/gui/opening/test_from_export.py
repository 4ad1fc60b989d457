"""*File > Open from export*: the window returns to what a file was made from."""

import json
import shutil
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtWidgets import QFileDialog

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.registry import Registry
from prune3d_gui.files.moments import read_moment
from tests.conftest import drain, settled
from tests.gui.export.test_exports import turn, written
from tests.toy import Plugin, ToyModel


class Owned(Plugin):
    """A system that opens networks and samples of a person's own."""

    id, title = "owned", "Owned blobs"
    model_files = ("*.blobs",)

    def open(self, ref, cancel=NEVER):
        return OwnedModel(self, ref)


class OwnedModel(ToyModel):
    """Its weights are what its file says; a sample is a file with a seed."""

    def __init__(self, system, ref):
        super().__init__(system, ref.title)
        text = Path(ref.path).read_text() if ref.path else "bundled"
        self.weights_hash, self.own = f"hash of {text}", {}

    def samples(self):
        return (*super().samples(), *self.own.values())

    def open_sample(self, path, cancel=NEVER):
        self.own[str(path)] = Sample(str(path), path.stem, "Yours")
        return self.own[str(path)]

    def field(self, sample, weights, size):
        seed = int(Path(sample).read_text()) if "/" in sample else int(sample[1:])
        return super().field(f"s{seed}", weights, size)


@pytest.fixture
def own(tmp_path):
    """A folder with a network and a sample."""
    folder = tmp_path / "own"
    folder.mkdir()
    (folder / "mine.blobs").write_text("mine")
    (folder / "seed.png").write_text("3")
    return folder


@pytest.fixture
def export(open_window, qtbot, tmp_path):
    """Export a mesh, seen from the side, and do it all otherwise afterwards."""

    def make(window, name="a.ply", role="pruned"):
        turn(window, 0.1)
        window.controller.set_locks(["low"], True)
        grid = knob_named(window.controller.card.knobs, "grid")
        window.controller.set_value(grid, 20)
        window.controller.set_style("points")
        state = window.viewport.camera_state()
        window.viewport.restore(replace(state, position=(3.0, 2.0, 1.0)))
        qtbot.waitUntil(lambda: settled(window))
        path = tmp_path / name
        window.exports.export_mesh(role, path)
        written(window, qtbot, path)
        window.controller.set_style("mesh")
        window.controller.reset()
        window.viewport.reset_camera()
        qtbot.waitUntil(lambda: settled(window))
        return path

    return make


def back(window, qtbot, path):
    said = f"Back at what '{path.name}' was made from."
    qtbot.waitUntil(lambda: said in window.notices.visible, timeout=20_000)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def check(window, plan=True):
    controller = window.controller
    values = dict(controller.plan.values)
    assert values.get("tolerance") == (0.1 if plan else None)
    assert controller.plan.locks == (("low",) if plan else ())
    assert dict(controller.query.values)["grid"] == 20
    assert controller.style == "points"
    assert window.viewport.camera_state().position == (3.0, 2.0, 1.0)


def test_all_of_it_comes_back(open_window, toy, qtbot, export):
    window = open_window(toy)
    window.controller.select_sample("s2")
    path = export(window)
    window.controller.select_sample("s1")
    window.from_export.open(path)
    back(window, qtbot, path)
    check(window)
    assert window.controller.sample == "s2"
    assert not any(kind in ("error", "alarm") for kind, _ in window.notices.log)
    window.actions_by_id["undo"].trigger()
    assert window.controller.sample == "s1"


@pytest.mark.parametrize("role", ["reference", "full"])
def test_a_pane_that_knows_no_plan_brings_none(open_window, toy, qtbot, export, role):
    window = open_window(toy)
    path = export(window, role=role)
    turn(window, 0.4)
    window.from_export.open(path)
    back(window, qtbot, path)
    check(window, plan=False)


def test_by_the_menu_and_the_dialog(open_window, toy, qtbot, export):
    window = open_window(toy)
    path = export(window)
    window.actions_by_id["openExport"].trigger()
    dialog = window.findChild(QFileDialog, "openFromExport")
    dialog.fileSelected.emit(str(path))
    dialog.close()
    back(window, qtbot, path)
    check(window)


def test_another_system_is_opened_for_it(open_window, toy, fields, qtbot, export):
    window = open_window(Registry((fields, toy), ()))
    window.controller.select_sample("s2")
    qtbot.waitUntil(lambda: window.controller.sample == "s2" and settled(window))
    path = export(window)
    window.opening.open_ref(toy, toy.bundled()[0])
    qtbot.waitUntil(lambda: window.controller.card.ref.system == "toy" and settled(window))
    window.from_export.open(path)
    back(window, qtbot, path)
    check(window)
    assert (window.controller.card.ref.system, window.controller.sample) == ("fields", "s2")


def test_the_program_begins_with_it(open_window, toy, fields, qtbot, export, tmp_path):
    window = open_window(fields)
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: window.controller.sample == "s1" and settled(window))
    path = export(window)
    window.close()
    drain()
    window = open_window(Registry((toy, fields), ()), wait=False)
    window.from_export.start_with(read_moment(path), path)
    back(window, qtbot, path)
    check(window)
    assert (window.controller.card.ref.system, window.controller.sample) == ("fields", "s1")


@pytest.fixture
def owned(open_window, own, export, qtbot, settings):
    """An export of a network and a sample of one's own, and a window without them."""
    window = open_window(Owned())
    ref = ModelRef("owned", "mine.blobs", str(own / "mine.blobs"))
    window.opening.open_ref(window.opening.registry.systems[0], ref)
    qtbot.waitUntil(lambda: window.controller.card.ref == ref and settled(window))
    window.controller.open_sample(own / "seed.png")
    qtbot.waitUntil(lambda: "seed.png" in window.controller.sample and settled(window))
    path = export(window)
    window.close()
    drain()
    settings._store.clear()  # else it begins with them, or finds them among the recent
    return open_window(Owned()), path


def test_what_lies_beside_the_file_is_found(owned, own, qtbot):
    window, path = owned
    copy = shutil.copy(path, own / "copy.ply")
    window.from_export.open(own / "copy.ply")
    back(window, qtbot, own / "copy.ply")
    assert copy
    check(window)
    assert window.controller.card.weights_hash == "hash of mine"
    assert window.controller.samples[window.controller.sample].file == "seed.png"


def test_what_is_missing_is_asked_for(owned, own, qtbot):
    window, path = owned
    window.from_export.open(path)
    for name, word in (("mine.blobs", "weights mine.blobs"), ("seed.png", "sample seed.png")):
        qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
        dialog = window.findChild(QFileDialog)
        assert word in dialog.windowTitle()
        dialog.fileSelected.emit(str(own / name))
        dialog.done(QFileDialog.DialogCode.Accepted)
        drain()
    back(window, qtbot, path)
    check(window)
    assert window.controller.card.weights_hash == "hash of mine"


def test_without_what_is_missing_the_rest_comes_back(owned, qtbot):
    window, path = owned
    window.from_export.open(path)
    for _ in range(2):
        qtbot.waitUntil(lambda: window.findChild(QFileDialog) is not None)
        window.findChild(QFileDialog).reject()
        drain()
    back(window, qtbot, path)
    check(window)
    (said,) = [text for kind, text in window.notices.log if kind == "alarm"]
    assert "It was made with other weights, mine.blobs" in said
    assert "open the file 'seed.png' to see it" in said


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"system": "gone"}, "There is no system 'gone'; installed: toy."),
        ({"version": 9}, "is of version 9"),
        (None, "carries no moment"),
        ({"role": "nobody"}, "is damaged (its role is 'nobody')"),
    ],
)
def test_what_cannot_be_opened_is_one_sentence(
    open_window, toy, qtbot, tmp_path, export, change, said
):
    window = open_window(toy)
    path = export(window)
    text = "ply\nend_header\n"
    if change is not None:
        fields = read_moment(path).as_fields() | change
        text = f"ply\ncomment {KEY} {json.dumps(fields)}\nend_header\n"
    path.write_text(text)
    turn(window, 0.4)
    window.from_export.open(path)
    qtbot.waitUntil(lambda: any(said in text for text in window.notices.visible))
    assert dict(window.controller.plan.values)["tolerance"] == 0.4


def test_an_unknown_knob_is_said_and_the_rest_comes_back(open_window, toy, qtbot, export):
    window = open_window(toy)
    path = export(window)
    fields = read_moment(path).as_fields()
    fields["plan"]["values"]["lost"] = 3
    path.write_text(f"ply\ncomment {KEY} {json.dumps(fields)}\nend_header\n")
    window.from_export.open(path)
    back(window, qtbot, path)
    check(window)
    assert any("lost" in text for kind, text in window.notices.log if kind == "alarm")
