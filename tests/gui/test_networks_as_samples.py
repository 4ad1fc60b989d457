"""A system whose samples are networks of their own: the gallery opens them."""

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QListWidget, QSlider

from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Plan
from tests.conftest import settled
from tests.gui.drive import drag, each_answered, let_go


@pytest.fixture
def window(open_window, fields):
    return open_window(fields)


def choose(window, name):
    samples = window.findChild(QListWidget, "sampleList")
    ids = [samples.item(row).data(Qt.ItemDataRole.UserRole) for row in range(samples.count())]
    samples.setCurrentRow(ids.index(name))


def marked(window):
    samples = window.findChild(QListWidget, "sampleList")
    return samples.currentItem().data(Qt.ItemDataRole.UserRole)


def shows(window, name):
    controller = window.controller
    return controller.card.title.endswith(name) and controller.sample == name and settled(window)


def test_choosing_a_sample_opens_its_network_and_starts_anew(window, qtbot, fields):
    drag(window.findChild(QSlider, "knob.tolerance"), 100, 700)
    qtbot.waitUntil(lambda: settled(window) and window.controller.history.can_undo)
    said = []
    window.controller.opening.connect(lambda ref: said.append(window.status.hint.text()))
    choose(window, "s1")
    qtbot.waitUntil(lambda: shows(window, "s1"))
    assert said == ["Opening Network of s1…"]
    assert marked(window) == "s1"
    assert window.findChild(QComboBox, "modelList").currentText() == "Network of s1"
    assert window.findChild(QListWidget, "sampleList").count() == 5
    assert window.controller.plan == Plan()
    assert not window.controller.history.can_undo
    assert window.viewport.scene("pruned") is window.controller.frames["pruned"].scene
    assert not window.notices.visible


def test_opening_a_network_selects_its_sample(window, qtbot):
    combo = window.findChild(QComboBox, "modelList")
    combo.activated.emit(combo.findText("Network of s2"))
    qtbot.waitUntil(lambda: shows(window, "s2"))
    assert marked(window) == "s2"


def test_a_hasty_hand_ends_where_it_pointed_last(window, qtbot, fields):
    for name in ("s1", "s2", "s0", "s2", "s1"):
        choose(window, name)
    qtbot.waitUntil(lambda: shows(window, "s1"))
    assert marked(window) == "s1"
    assert not window.notices.visible
    choose(window, "s2")
    choose(window, "s1")
    qtbot.waitUntil(lambda: shows(window, "s1"))
    assert not window.notices.visible


def test_a_network_that_does_not_open_leaves_the_sample_before(window, qtbot, fields):
    fields.broken = "s1"
    choose(window, "s1")
    qtbot.waitUntil(lambda: bool(window.notices.visible))
    assert "The network of s1 is damaged" in window.notices.visible[0]
    qtbot.waitUntil(lambda: shows(window, "s0"))
    assert marked(window) == "s0"
    choose(window, "s2")
    qtbot.waitUntil(lambda: shows(window, "s2"))


def test_time_is_scrubbed_live_in_all_three_views(window, qtbot):
    seen, references = [], []
    window.controller.set_value(knob_named(window.controller.card.knobs, "tolerance"), 0.3)
    qtbot.waitUntil(lambda: settled(window))
    window.controller.frame_shown.connect(seen.append)
    window.controller.reference_shown.connect(references.append)
    slider = window.findChild(QSlider, "knob.time")
    drag(slider, 0, 60, moves=15, release=False, during=each_answered(qtbot, references))
    rough = [f for f in seen if f.quality == "preview"]
    for role in ("full", "pruned"):
        assert len({f.request.query for f in rough if f.role == role}) >= 4, role
    assert len(references) >= 4
    let_go(slider, 60)
    qtbot.waitUntil(lambda: settled(window))
    query = window.controller.query
    assert dict(query.values)["time"] == pytest.approx(0.6, abs=0.03)
    for role in ("full", "pruned"):
        assert window.controller.frames[role].request.query == query
        assert window.controller.frames[role].quality == "full"
    assert window.viewport.scene("reference") is references[-1]
    full = window.viewport.scene("full").layers[0].data.values
    assert (full == references[-1].layers[0].data.values).all()
