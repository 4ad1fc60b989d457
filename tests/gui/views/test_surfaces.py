"""Surfaces are made on the worker: the thread of the window only draws them."""

import threading

from PySide6.QtWidgets import QSlider

from prune3d_gui.geometry import volumes
from tests.conftest import settled
from tests.gui.drive import drag


def test_no_surface_is_made_on_the_thread_of_the_window(open_window, toy, qtbot, monkeypatch):
    made, plain = [], volumes.contour_volume

    def told(*args, **kwargs):
        made.append(threading.current_thread())
        return plain(*args, **kwargs)

    monkeypatch.setattr(volumes, "contour_volume", told)
    window = open_window(toy)
    drag(window.findChild(QSlider, "knob.tolerance"), 100, 500)
    qtbot.waitUntil(lambda: settled(window))
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: settled(window))
    assert window.exports.mesh_files()
    for role in ("reference", "full", "pruned"):
        layer = window.viewport.scene(role).layer("field")
        assert len(layer.surface.faces) > 100
    assert len(made) > 6
    assert threading.main_thread() not in made
