"""Closing at any moment: no hang, no crash, nothing left."""

import time

import pytest
from PySide6.QtWidgets import QSlider

from tests.gui.drive import drag, let_go


def test_before_it_starts(qtbot, settings, toy):
    from prune3d_gui.core.registry import Registry
    from prune3d_gui.gui.window import MainWindow

    window = MainWindow(lambda: Registry((toy,), ()), settings)
    window.close()
    window.deleteLater()


@pytest.mark.parametrize("moment", [0, 20, 200])
def test_while_it_opens(open_window, toy, qtbot, moment):
    toy.delay = 0.2
    window = open_window(toy, wait=False)
    qtbot.wait(moment)
    began = time.perf_counter()
    window.close()
    assert time.perf_counter() - began < 2


def test_in_the_middle_of_a_drag(open_window, toy):
    window = open_window(toy)
    toy.delay = 0.3
    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 100, 800, moves=8, release=False)
    began = time.perf_counter()
    window.close()
    assert time.perf_counter() - began < 2
    assert not window.controller.session._thread.is_alive()
    let_go(slider, 800)


def test_twice(open_window, toy):
    window = open_window(toy)
    window.close()
    window.close()


def test_with_notices_and_an_export_under_way(open_window, toy, tmp_path):
    window = open_window(toy)
    window.notices.show("info", "Something.")
    window.exports.export_network("npz", tmp_path / "a.npz")
    window.close()


def test_while_the_doctor_looks(open_window, toy):
    window = open_window(toy)
    window.actions_by_id["doctor"].trigger()
    window.close()
