"""The list of models: systems are seen as such, and hands and keys choose among them."""

from importlib.resources import files

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from prune3d_gui.core.registry import Broken, Registry
from prune3d_gui.gui.opening.model_rows import PICTURE
from prune3d_gui.gui.opening.system_picture import picture_of
from tests.conftest import settled
from tests.gui.drive import click
from tests.gui.opening.systems import Drawings, Nets

MARK = "icons/prune3d.svg"


class Pictured(Nets):
    """Has a line and a picture of its own."""

    summary = "Nets from pictures"

    def picture(self):
        return files("prune3d_gui.resources").joinpath(MARK).read_bytes()


class Careless(Drawings):
    """Fails to give its picture."""

    def picture(self):
        raise OSError("its picture is gone")


@pytest.fixture
def window(open_window):
    return open_window(Registry((Pictured(), Careless()), (Broken("bent", "SyntaxError: no"),)))


@pytest.fixture
def combo(window):
    return window.parts.models.combo


def pop_up(combo, qtbot):
    click(combo, combo.rect().center())
    qtbot.waitUntil(combo.view().isVisible)
    return combo.view()


def row_place(view, row):
    return view.visualRect(view.model().index(row, 0)).center()


def opened(window, title):
    return window.controller.card.ref.title == title and settled(window)


def test_a_click_shows_all_and_a_click_opens_one(window, combo, qtbot):
    view = pop_up(combo, qtbot)
    assert [combo.itemText(row) for row in range(combo.count())] == [
        *("Nets", "A bundled net", "Drawings", "A hand that draws"),
        "bent: did not load (SyntaxError: no)",
    ]
    click(view.viewport(), row_place(view, 3))
    qtbot.waitUntil(lambda: opened(window, "A hand that draws"))
    assert combo.currentText() == "A hand that draws"


def test_a_click_on_a_system_opens_its_first_model_unless_one_is_open(window, combo, qtbot):
    view = pop_up(combo, qtbot)
    click(view.viewport(), row_place(view, 2))
    qtbot.waitUntil(lambda: opened(window, "A hand that draws"))
    asked = []
    window.parts.models.chosen.connect(lambda *one: asked.append(one))
    view = pop_up(combo, qtbot)
    click(view.viewport(), row_place(view, 2))
    qtbot.waitUntil(lambda: not view.isVisible())
    assert asked == []
    assert combo.currentText() == "A hand that draws"


def test_keys_open_the_list_walk_it_and_choose(window, combo, qtbot):
    combo.setFocus()
    QTest.keyClick(combo, Qt.Key.Key_Space)
    qtbot.waitUntil(combo.view().isVisible)
    QTest.keyClick(combo.view(), Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: not combo.view().isVisible())
    assert opened(window, "A bundled net")
    QTest.keyClick(combo, Qt.Key.Key_Down)
    qtbot.waitUntil(combo.view().isVisible)
    QTest.keyClick(combo.view(), Qt.Key.Key_Down)
    QTest.keyClick(combo.view(), Qt.Key.Key_Down)
    QTest.keyClick(combo.view(), Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: opened(window, "A hand that draws"))


def test_the_wheel_and_letters_open_nothing(window, combo):
    asked = []
    window.parts.models.chosen.connect(lambda *one: asked.append(one))
    place = QPointF(combo.rect().center())
    for focused in (False, True):
        if focused:
            combo.setFocus()
        wheel = QWheelEvent(
            place, combo.mapToGlobal(place), QPoint(), QPoint(0, -240), Qt.MouseButton.NoButton,
            Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
        )  # fmt: skip
        QApplication.sendEvent(combo, wheel)
        QTest.keyClicks(combo, "Aa")
    assert asked == []
    assert combo.currentText() == "A bundled net"


def test_each_system_has_its_picture_or_a_neutral_one(window, combo):
    own = combo.itemData(0, PICTURE)
    assert not own.isNull()
    assert own.toImage() == picture_of(Pictured()).toImage()
    assert combo.itemData(2, PICTURE).isNull()
    assert not any("picture is gone" in text for _, text in window.notices.log)
    shots = []
    for theme in ("light", "dark"):
        window.choose_theme(theme)
        shots.append(combo.grab().toImage())
        left = shots[-1].copy(0, 0, combo.height(), combo.height())
        colours = {left.pixel(x, y) for x in range(left.width()) for y in range(left.height())}
        assert len(colours) > 20, "a picture is drawn"
    assert shots[0] != shots[1]
