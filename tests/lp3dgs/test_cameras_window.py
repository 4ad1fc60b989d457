"""Cameras of a small scene in the real window: the strip of photographs, and frusta in space."""

import time

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QToolTip

from prune3d_gui.geometry.cameras import pyramids
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.gui.drive import click, wheel
from tests.lp3dgs.balls import hiding, photographed

COUNT = 12


@pytest.fixture
def window(open_window, qtbot, tmp_path):
    folder = photographed(tmp_path / "ball", hiding(), count=COUNT)
    made = open_window(SplatSystem(), file=folder)
    strip = made.parts.strip
    qtbot.waitUntil(lambda: all(map(strip.entries.knows, names(made))), timeout=20_000)
    return made


def names(window):
    return [choice.id for choice in window.parts.strip.knob.choices]


def chosen(window):
    return window.controller.query.value(window.parts.strip.knob)


def choose(window, qtbot, row):
    strip = window.parts.strip
    click(strip.list.viewport(), strip.list.visualRect(strip.entries.index(row, 0)).center())
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)


def layer(window, name="cameras"):
    return window.controller.frames["pruned"].scene.layer(name).data


def at_rest(window, qtbot):
    """Wait until the space view is framed in the room that it has in the end."""
    seen, since = [None], [time.monotonic()]

    def same():
        view = window.viewport.panes["pruned", "space"].view
        now = window.viewport.camera_state(), view.width(), view.height()
        if now != seen[0] or window.viewport._dirty:
            seen[0], since[0] = now, time.monotonic()
        return time.monotonic() - since[0] > 0.4

    qtbot.waitUntil(same, timeout=20_000)


def place_of(window, name):
    """Where in the space view the frustum of a camera is, and nothing is before it."""
    key = ("pruned", "space")
    view, cameras = window.viewport.panes[key].view, layer(window)
    number = cameras.names.index(name)
    renderer = view.renderer
    flat = []
    for point in pyramids(cameras)[number]:
        renderer.SetWorldPoint(*point, 1)
        renderer.WorldToDisplay()
        x, y, _ = renderer.GetDisplayPoint()
        flat.append((x, view.height() - y))
    (left, top), (right, low) = np.min(flat, 0), np.max(flat, 0)
    for y in np.linspace(top, low, 12).round().astype(int):
        for x in np.linspace(left, right, 12).round().astype(int):
            found = window.viewport.cameras_at(key, QPointF(x, y))
            if found is not None and found[0].names[found[1]] == name:
                return view, QPoint(int(x), int(y))
    return None


def test_the_strip_has_the_photographs_and_marks_those_held_out(window, qtbot):
    strip = window.parts.strip
    assert strip.isVisible()
    assert strip.title.text() == "Camera"
    held = [choice.id for choice in strip.knob.choices if choice.mark == "held out"]
    assert held == names(window)[: len(held)]
    assert 0 < len(held) < COUNT
    picture = strip.entries.pictures.get(names(window)[0]).toImage()
    photograph = window.controller.shown.reference.layer("photograph").data.pixels
    assert (picture.width(), picture.height()) == (48, 48)
    assert picture.pixelColor(24, 24).getRgb()[:3] == tuple(photograph[24, 24])


def test_a_click_arrows_and_the_wheel_choose_and_undo_takes_back(window, qtbot):
    strip, combo = window.parts.strip, window.parts.knobs.widgets["camera"].combo
    first, before = chosen(window), layer(window, "picture").pixels.copy()
    choose(window, qtbot, 3)
    third = chosen(window)
    assert third == names(window)[3] == combo.currentData()
    assert (layer(window, "picture").pixels != before).any()
    assert layer(window).chosen == third
    QTest.keyClick(strip.list, Qt.Key.Key_Right)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert chosen(window) == names(window)[4]
    for wanted in (third, first):
        window.actions_by_id["undo"].trigger()
        qtbot.waitUntil(lambda: settled(window), timeout=20_000)
        assert chosen(window) == wanted
        assert strip.list.currentIndex().row() == names(window).index(wanted)
    np.testing.assert_array_equal(layer(window, "picture").pixels, before)
    wheel(strip.list.viewport(), -3)
    assert chosen(window) == first, "the wheel looks, and chooses nothing"


def test_a_click_on_a_frustum_chooses_its_camera_and_undo_takes_it_back(window, qtbot):
    first = chosen(window)
    at_rest(window, qtbot)
    places = {name: place_of(window, name) for name in names(window) if name != first}
    name, (view, place) = next((n, found) for n, found in places.items() if found)
    click(view, place)
    qtbot.waitUntil(lambda: chosen(window) == name, timeout=20_000)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert layer(window).chosen == name
    assert window.parts.strip.list.currentIndex().row() == names(window).index(name)
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert chosen(window) == first


def test_the_chosen_frustum_is_set_off(window, qtbot):
    theme = window.viewport._look.theme
    key = ("pruned", "space")
    window.parts.viewport.grid.maximise(key)

    def coloured():
        pane = window.viewport.panes[key]
        pane.view.render()
        shot = np.asarray(pane.view.screenshot(return_img=True))[..., :3].astype(int)
        return np.argwhere((abs(shot - theme.accent) < 12).all(axis=2))

    qtbot.waitUntil(lambda: len(coloured()) > 10, timeout=20_000)
    before = coloured().mean(axis=0)
    name = next(n for n in names(window)[3:] if n != chosen(window))
    choose(window, qtbot, names(window).index(name))
    qtbot.waitUntil(
        lambda: len(found := coloured()) > 10 and abs(found.mean(axis=0) - before).max() > 10,
        timeout=20_000,
    )


def test_a_mouse_at_rest_over_a_frustum_is_told_its_name(window, qtbot):
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow, timeout=5_000)
    at_rest(window, qtbot)
    places = {name: place_of(window, name) for name in names(window)}
    name, (view, place) = next((n, found) for n, found in places.items() if found)
    QTest.mouseMove(view, place - QPoint(3, 3))
    QTest.mouseMove(view, place)
    qtbot.waitUntil(lambda: QToolTip.isVisible() and QToolTip.text() == name, timeout=5_000)
    QToolTip.hideText()
    qtbot.waitUntil(lambda: not QToolTip.isVisible(), timeout=5_000)
