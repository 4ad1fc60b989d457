"""What is worked on is seen, said and stopped, in the real window."""

import time

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.gui.panels.progress import said
from prune3d_gui.studies.live.events import Working
from tests.gui.drive import click, drag
from tests.toy import Plugin, ToyModel


class Slow(Plugin):
    """A toy that can be stopped in the middle of a stage and while a model is opened."""

    waits, open_waits, reference_waits = 0.0, 0.0, 0.0

    def open(self, ref, cancel):
        _wait(self.open_waits, cancel)
        super().open(ref, cancel)
        return SlowModel(self, ref.title)


class SlowModel(ToyModel):
    def reference(self, sample, query, cancel):
        _wait(self.system.reference_waits, cancel)
        return super().reference(sample, query, cancel)

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            if stage.quality == "full" and applied.plan != Plan():
                _wait(self.system.waits, cancel)
            yield stage


def _wait(seconds, cancel):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        cancel.check()
        time.sleep(0.01)


@pytest.fixture
def slow():
    return Slow()


@pytest.fixture
def window(open_window, slow):
    return open_window(slow)


def turn(window, value):
    """Drag the slider to a value of the tolerance and let go."""
    slider = window.findChild(QWidget, "knob.tolerance")
    drag(slider, slider.minimum(), value, moves=3)


def middle(window):
    slider = window.findChild(QWidget, "knob.tolerance")
    return (slider.minimum() + slider.maximum()) // 2


def stopped(window, qtbot):
    """Wait for the session to say that it stopped."""
    return qtbot.waitSignal(window.controller.stopped, timeout=20_000)


def test_quick_work_is_not_spoken_of(window, qtbot):
    progress, seen = window.status.progress, []
    progress.appeared.connect(seen.append)
    turn(window, middle(window))
    qtbot.waitUntil(lambda: window.controller.settled)
    assert seen == []
    assert window.status.hint.isVisible()


def test_slow_work_says_how_far_it_is_and_the_button_stops_it(window, qtbot, slow):
    status, control = window.status, window.controller
    high, tall = status.height(), control.frames["pruned"]
    slow.waits = 60.0
    turn(window, middle(window))
    qtbot.waitUntil(lambda: status.progress.isVisible(), timeout=20_000)
    assert status.progress.words.text().startswith("Reconstructing the pruned model, 1 stage done")
    assert not status.hint.isVisible()
    assert status.height() == high
    shown = control.frames["pruned"]
    assert shown is not tall
    with stopped(window, qtbot):
        click(status.progress.button, status.progress.button.rect().center())
    assert status.progress.isHidden()
    assert control.frames["pruned"] is shown
    said_now = status.hint.text()
    assert said_now.startswith("Stopped; the picture is a preview of tolerance 0.0")
    assert status.chip.text() == "Stopped"
    assert not control.settled
    slow.waits = 0.0
    turn(window, middle(window) + 40)
    qtbot.waitUntil(lambda: control.settled)
    assert status.chip.text() == "Full quality"


def test_the_second_time_it_says_how_long_it_may_take(window, qtbot, slow):
    status, control = window.status, window.controller
    slow.waits = 1.6
    turn(window, middle(window))
    qtbot.waitUntil(lambda: control.settled, timeout=20_000)
    turn(window, middle(window) + 40)
    qtbot.waitUntil(lambda: status.progress.isVisible(), timeout=20_000)
    assert status.progress.words.text().endswith("s of about 2 s")
    assert 0 < status.progress.bar.value() < status.progress.bar.maximum()
    qtbot.waitUntil(lambda: control.settled, timeout=20_000)
    qtbot.waitUntil(lambda: status.progress.isHidden())


def test_esc_stops_when_nothing_is_picked(window, qtbot, slow):
    slow.waits = 60.0
    turn(window, middle(window))
    qtbot.waitUntil(lambda: window.status.progress.isVisible(), timeout=20_000)
    with stopped(window, qtbot):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    asked = window.controller.plan
    assert asked != Plan(), "the knob stays where the hand put it"
    QTest.keyClick(window, Qt.Key.Key_Escape)
    assert window.controller.plan == asked
    slow.waits = 0.0
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: window.controller.settled)
    assert window.controller.plan == Plan()


def test_asking_for_the_same_again_goes_on(window, qtbot, slow):
    slow.waits = 60.0
    turn(window, middle(window))
    qtbot.waitUntil(lambda: window.status.progress.isVisible(), timeout=20_000)
    with stopped(window, qtbot):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    slow.waits = 0.0
    turn(window, middle(window))
    qtbot.waitUntil(lambda: window.controller.settled)


def test_choosing_the_open_model_again_goes_on(window, qtbot, slow):
    slow.waits = 60.0
    turn(window, middle(window))
    qtbot.waitUntil(lambda: window.status.progress.isVisible(), timeout=20_000)
    with stopped(window, qtbot):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    slow.waits = 0.0
    before = window.controller.card
    window.opening.open_ref(slow, before.ref)
    qtbot.waitUntil(lambda: window.controller.settled)
    assert window.controller.card is before


def test_a_reference_that_was_stopped_comes_with_the_rest(window, qtbot, slow):
    control, other = window.controller, window.controller.card.samples[1].id
    slow.reference_waits = 60.0
    control.select_sample(other)
    qtbot.waitUntil(lambda: window.status.progress.isVisible(), timeout=20_000)
    with stopped(window, qtbot):
        QTest.keyClick(window, Qt.Key.Key_Escape)
    slow.reference_waits = 0.0
    control.select_sample(other)
    qtbot.waitUntil(lambda: control.settled and control.shown.reference is not None)


def test_opening_is_stopped_and_the_model_before_stays(window, qtbot, slow):
    control, twin = window.controller, slow.bundled()[1]
    before = control.card
    slow.open_waits = 60.0
    control.open(slow, twin)
    progress = window.status.progress
    qtbot.waitUntil(lambda: progress.isVisible(), timeout=20_000)
    assert progress.words.text().startswith("Opening Twin: ")
    with stopped(window, qtbot):
        click(progress.button, progress.button.rect().center())
    qtbot.waitUntil(lambda: control.settled)
    assert control.card is before
    slow.open_waits = 0.0
    control.open(slow, twin)
    qtbot.waitUntil(lambda: control.settled and control.card is not before)


def test_the_first_opening_can_be_stopped(open_window, qtbot, slow):
    slow.open_waits = 60.0
    window = open_window(slow, wait=False)
    progress = window.status.progress
    qtbot.waitUntil(lambda: progress.isVisible(), timeout=20_000)
    with stopped(window, qtbot):
        click(progress.button, progress.button.rect().center())
    assert window.controller.card is None
    assert window.status.hint.text() == "Stopped."
    slow.open_waits = 0.0
    window.controller.open(slow, ModelRef(slow.id, "Eighty-four blobs"))
    qtbot.waitUntil(lambda: window.controller.settled)


def test_words():
    assert said(Working("prepare"), 3.2) == "Preparing for the drag: 3 s"
    assert said(Working("full", usual=21.2), 3.2).endswith("the full model: 3 s of about 21 s")
    assert said(Working("full", usual=2.0), 5.0).endswith("5 s; the last one took 2 s")
