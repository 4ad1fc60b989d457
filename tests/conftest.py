"""Fixtures for every room: a Qt that can draw, a window on any system, and a leak check."""

import gc
import os
import sys
import threading
from importlib.metadata import entry_points
from pathlib import Path

import pytest

from prune3d_gui.core.threads import share_cores

share_cores()  # before a test imports numpy, as the window and the command line do
if "PYTEST_XDIST_WORKER" in os.environ:
    os.environ.setdefault("OMP_NUM_THREADS", "1")  # the other process has the other core
if sys.platform.startswith("linux"):
    os.environ.setdefault("QT_QPA_PLATFORM", "xcb")
    os.environ.pop("WAYLAND_DISPLAY", None)
os.environ.setdefault("PYTEST_QT_API", "pyside6")
os.environ.setdefault("QT_API", "pyside6")

# Tests of a plugin go with its folder.
collect_ignore = [
    entry.name
    for entry in entry_points(group="prune3d.systems")
    if not (Path(__file__).parents[1] / "plugins" / entry.name).is_dir()
]

KNOWN_DAEMONS = ("pydevd", "Dummy", "asyncio", "ThreadPoolExecutor", "Dask-Offload")


def pytest_collection_modifyitems(items):
    """Leave windowed tests out, with the reason, where there is no display."""
    if sys.platform.startswith("linux") and not os.environ.get("DISPLAY"):
        mark = pytest.mark.skip(reason="needs a display; run under xvfb-run")
        for item in items:
            if {"qapp", "qtbot"} & set(getattr(item, "fixturenames", ())):
                item.add_marker(mark)


def drain():
    """Deliver what Qt has queued, deferred deletes included, twice over."""
    from PySide6.QtCore import QCoreApplication, QEvent

    for _ in range(2):
        QCoreApplication.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()


@pytest.fixture(scope="session")
def rest_modules():
    """Let the collector pass over what modules hold, again once many more of them are there.

    Most of what is alive is theirs and stays: to look through it four times took longer than most
    tests. What a test makes comes after that, and is looked through.
    """
    seen = 0

    def rest():
        nonlocal seen
        if len(sys.modules) >= seen + 100:
            gc.collect()
            gc.freeze()
            seen = len(sys.modules)

    return rest


def _threads():
    return {
        thread
        for thread in threading.enumerate()
        if thread.is_alive() and not thread.name.startswith(KNOWN_DAEMONS)
    }


def _active_timers():
    import shiboken6
    from PySide6.QtCore import QTimer

    found = [o for o in gc.get_objects() if issubclass(type(o), QTimer) and shiboken6.isValid(o)]
    return {timer for timer in found if timer.isActive()}


def _plotters():
    plotting = sys.modules.get("pyvista.plotting.plotter")
    alive = getattr(plotting, "_ALL_PLOTTERS", {}) if plotting else {}
    return {name for name, plotter in alive.items() if not plotter._closed}


@pytest.fixture(autouse=True)
def leaves_nothing(request, rest_modules):
    """Fail a test that leaves a thread, a top-level widget, a running timer or a plotter."""
    threads = _threads()
    windowed = bool({"qapp", "qtbot"} & set(request.fixturenames))
    if windowed:
        rest_modules()
        from PySide6.QtWidgets import QApplication

        request.getfixturevalue("qapp")
        widgets = {id(w) for w in QApplication.topLevelWidgets()}
        plotters = _plotters()
    yield
    left = []
    if windowed:
        drain()
        left += [w for w in QApplication.topLevelWidgets() if id(w) not in widgets]
        left += sorted(_active_timers(), key=repr)
        left += sorted(_plotters() - plotters)
    for thread in _threads() - threads:
        thread.join(2.0)
        left += [thread] if thread.is_alive() else []
    assert not left, f"left alive: {left}"


@pytest.fixture(autouse=True)
def own_cache(tmp_path, monkeypatch):
    """Keep what studies find and what jobs make in folders of this test alone."""
    folder = tmp_path / "studies"
    monkeypatch.setenv("PRUNE3D_CACHE", str(folder))
    monkeypatch.setenv("PRUNE3D_STUDIES", str(tmp_path / "kept"))
    monkeypatch.setenv("PRUNE3D_ARTIFACTS", str(tmp_path / "artifacts"))
    return folder


@pytest.fixture
def toy():
    """A fresh toy system; set `delay` or `fail_above` on it."""
    from tests.toy import Plugin

    return Plugin()


@pytest.fixture
def fields():
    """A fresh system whose samples are networks of their own."""
    from tests.toy import Fields

    return Fields()


@pytest.fixture
def settings(tmp_path):
    """Settings of this test alone."""
    from prune3d_gui.gui.state.settings import Settings

    return Settings(tmp_path / "settings.ini")


@pytest.fixture
def open_window(qtbot, settings):
    """Make windows: ``open_window(system_or_registry, size=(1280, 800), wait=True)``.

    The window shows and starts as in the program; with `wait` it comes back once the
    full-quality frame of the first sample is on screen. It is closed after the test.
    """
    from prune3d_gui.core.registry import Registry
    from prune3d_gui.gui.window import MainWindow

    made = []

    def make(source, size=(1280, 800), wait=True, timeout=60_000, **options):
        registry = source if isinstance(source, Registry) else Registry((source,), ())
        window = MainWindow(lambda: registry, settings, **options)
        made.append(window)
        window.resize(*size)
        window.show()
        qtbot.waitExposed(window)
        window.start()
        if wait:
            qtbot.waitUntil(lambda: settled(window), timeout=timeout)
        return window

    yield make
    for window in made:
        window.close()
        window.deleteLater()
    made.clear()
    drain()


def settled(window):
    """Whether the window shows the full-quality frame of what is asked for."""
    return window.controller.settled
