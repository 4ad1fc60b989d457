"""Measures of the window itself: start, memory, frames per second of a drag, idle CPU use.

Run as a program of its own (``python -m prune3d_gui.gui.measure STARTED SYSTEM [study]``), so
that imports and first drawing count; STARTED is the wall-clock time, in seconds since the
epoch, at which it was launched. With ``study`` it measures a drag beside a study, and nothing
else. Prints one JSON list of rows.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from ..core.limits import limited
from ..core.threads import share_cores

DRAG_SECONDS = 6.0
IDLE_SECONDS = 10.0
SETTLE_SECONDS = 2.0
AT_REST_MB = 700.0
LIMITS = {
    "window_visible": "at most 2.5",
    "first_reconstruction": "at most 7",
    "memory_at_rest": f"at most {AT_REST_MB:g}",
    "drag": "at least 10",
    "idle_cpu": "at most 2",
}
"""What is wanted of each system alike, in units of the rows."""


def measure_window(system: str) -> list[dict[str, Any]]:
    """Measure the window with `system` in a process of its own.

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit``, ``note``; ``limit``, and whether it is ``met``, where
        there is one.

    Raises
    ------
    RuntimeError
        If the window did not come up; the message holds what it printed last.
    """
    return _apart(system)


def measure_beside_study(system: str) -> list[dict[str, Any]]:
    """Measure a drag in the window at rest and while a study runs on two processes.

    The study goes on all the while: it is the sensitivity of every unit at many values, asked
    for as in the Studies area and without results from before.

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit``, ``note``, and ``limit`` where there is one.

    Raises
    ------
    RuntimeError
        As `measure_window`.
    """
    return _apart(system, "study")


def _apart(*words: str) -> list[dict[str, Any]]:
    argv = [sys.executable, "-m", "prune3d_gui.gui.measure", repr(time.time()), *words]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"the window could not be measured: {last}")
    return json.loads(done.stdout)


def _main(started: float, system: str, study: bool = False) -> list[dict[str, Any]]:
    from PySide6.QtWidgets import QApplication

    from ..core.registry import discover
    from .state.settings import Settings
    from .window import MainWindow

    share_cores()
    app = QApplication(["prune3d"])
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PRUNE3D_CACHE"] = folder
        window = MainWindow(discover, Settings(Path(folder) / "settings.ini"), system)
        window.show()
        _until(app, lambda: window.windowHandle().isExposed())
        app.processEvents()
        visible = time.time() - started
        window.start()
        _until(app, lambda: "pruned" in window.controller.frames)
        first = time.time() - started
        _until(app, lambda: window.controller.settled)
        window.controller.session.consult("sorted", lambda model, _: model.prepare())
        heard: list[str] = []
        window.controller.done.connect(lambda tag, _: heard.append(tag))
        _until(app, lambda: "sorted" in heard)
        if study:
            rows = _beside_study(app, window)
        else:
            rows = [
                _row("window_visible", visible, "s", "from launch to exposed"),
                _row("first_reconstruction", first, "s", "from launch to its frame"),
                *_idle(app, window),
                _row("memory_at_rest", resident(), "MB", "resident, before the first action"),
                *_drag(app, window),
            ]
        window.close()
        window.deleteLater()
        app.processEvents()
    return rows


def _drag(app, window) -> list[dict[str, Any]]:
    """Move the primary slider as a hand does and count what is drawn."""
    from PySide6.QtCore import Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QWidget

    slider = window.findChild(QWidget, f"knob.{window.controller.card.primary}")
    drawn: list[float] = []
    panes = window.viewport.panes.items()
    pane = next(pane for (role, _), pane in panes if role == "pruned")  # one draw for each frame
    pane.drawn.connect(drawn.append)
    low, high = slider.minimum(), slider.maximum()
    QTest.mousePress(slider, Qt.MouseButton.LeftButton, pos=slider.place_of(low))
    begin = time.perf_counter()
    while (passed := time.perf_counter() - begin) < DRAG_SECONDS:
        share = 0.8 * passed / DRAG_SECONDS
        QTest.mouseMove(slider, slider.place_of(low + round(share * (high - low))))
        app.processEvents()
        time.sleep(0.004)
    frames = len(drawn)
    QTest.mouseRelease(slider, Qt.MouseButton.LeftButton)
    _until(app, lambda: window.controller.settled)
    middle = sorted(drawn)[len(drawn) // 2] if drawn else float("nan")
    return [
        _row("drag", frames / passed, "frames/s", "previews drawn while dragging"),
        _row("draw", middle, "ms", "median of one draw of the pruned view"),
    ]


def _beside_study(app, window) -> list[dict[str, Any]]:
    """Drag at rest, then while a study runs, then at rest again."""
    before = _drag(app, window)[0]["value"]
    record = _start_study(app, window)
    done = record.moved.done
    beside = _drag(app, window)[0]["value"]
    _until(app, lambda: not record.live or record.moved.done > done)
    if not record.live:
        raise SystemExit(f"the study ended during the drag: {record.state} {record.message}")
    window.studies.cancel(record)
    _until(app, lambda: not record.live)
    after = _drag(app, window)[0]["value"]
    rest = max(before, after)
    share = _row("drag_beside_study_against_rest", beside / rest if rest else 0.0, "x", "")
    return [
        _row("drag_at_rest", rest, "frames/s", "previews drawn while dragging"),
        _row("drag_beside_study", beside, "frames/s", "a study on two processes"),
        limited(share, "at least 0.5"),
    ]


def _start_study(app, window):
    """Ask for a study longer than a drag, and come back once it is well under way."""
    from ..core.plan.knobs import knob_named
    from ..studies.run.places import WorkersSpec
    from .study.asking.asked import SENSITIVITY, Asked

    card = window.controller.card
    knob = knob_named(card.knobs, card.primary)
    low, high = knob.minimum, knob.maximum
    step = "x400" if knob.kind == "log" else max(1, round((high - low) / 400))
    values = knob.series(f"{low:g}:{high:g}:{step}")
    two = WorkersSpec(count=2)
    window.studies.ask(Asked(SENSITIVITY, values, axis=knob.id, workers=two))
    _until(app, lambda: window.studies.records)
    record = window.studies.records[0]
    _until(app, lambda: not record.live or record.moved.done >= 20)
    return record


def _idle(app, window) -> list[dict[str, Any]]:
    """CPU time of all threads while nothing happens."""
    _until(app, lambda: window.controller.settled)
    _sleep(SETTLE_SECONDS)
    cpu, begin = time.process_time(), time.perf_counter()
    _sleep(IDLE_SECONDS)
    share = 100 * (time.process_time() - cpu) / (time.perf_counter() - begin)
    return [_row("idle_cpu", share, "% of one core", f"over {IDLE_SECONDS:g} s")]


def _sleep(seconds: float) -> None:
    """Let Qt wait for events, and handle those that come."""
    from PySide6.QtCore import QEventLoop, QTimer

    loop = QEventLoop()
    QTimer.singleShot(round(1000 * seconds), loop.quit)
    loop.exec()


def resident() -> float:
    """Memory of this process that is in use, in MB."""
    import psutil

    return psutil.Process().memory_info().rss / 1e6


def _row(name: str, value: float, unit: str, note: str) -> dict[str, Any]:
    row = {"measure": name, "value": value, "unit": unit, "note": note}
    return limited(row, LIMITS.get(name, "")) | {"value": round(value, 2)}


def _until(app, reached, seconds: float = 120.0) -> None:
    end = time.perf_counter() + seconds
    while not reached():
        if time.perf_counter() > end:
            raise SystemExit("the window did not get there in time")
        app.processEvents()
        time.sleep(0.002)


if __name__ == "__main__":
    print(json.dumps(_main(float(sys.argv[1]), sys.argv[2], "study" in sys.argv[3:])))
