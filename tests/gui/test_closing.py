"""Closing at any moment: no hang, no crash, nothing left."""

import os
import time

import numpy as np
import pytest
from PySide6.QtWidgets import QSlider

from prune3d_gui.core.registry import Registry
from tests.gui.drive import drag, let_go


def close(window):
    """Close a window: it is gone at once, and so is its worker."""
    began = time.perf_counter()
    window.close()
    assert time.perf_counter() - began < 2
    assert not window.isVisible()
    assert not window.controller.session._thread.is_alive()


def test_before_it_starts(qtbot, settings, toy):
    from prune3d_gui.gui.window import MainWindow

    window = MainWindow(lambda: Registry((toy,), ()), settings)
    close(window)
    window.deleteLater()


@pytest.mark.parametrize("moment", [0, 20, 200])
def test_while_it_opens(open_window, toy, qtbot, moment):
    toy.delay = 0.2
    window = open_window(toy, wait=False)
    qtbot.wait(moment)
    close(window)


def test_in_the_middle_of_a_drag(open_window, toy):
    window = open_window(toy)
    toy.delay = 0.3
    slider = window.findChild(QSlider, "knob.tolerance")
    drag(slider, 100, 800, moves=8, release=False)
    close(window)
    let_go(slider, 800)


def test_twice(open_window, toy):
    window = open_window(toy)
    close(window)
    close(window)


def test_an_export_under_way_is_whole_or_not_there(open_window, toy, tmp_path):
    window = open_window(toy)
    window.notices.show("info", "Something.")
    folder = tmp_path / "out"
    folder.mkdir()
    window.exports.export_network("npz", folder / "a.npz")
    close(window)
    assert not window.notices.visible
    for path in folder.iterdir():
        assert path.name == "a.npz"
        with np.load(path) as kept:
            assert "weights" in kept


def test_the_doctor_ends_with_it(open_window, toy):
    window = open_window(toy)
    window.actions_by_id["doctor"].trigger()
    looking = window.commands._process.processId()
    os.kill(looking, 0)  # it is there
    close(window)
    with pytest.raises(ProcessLookupError):
        os.kill(looking, 0)
