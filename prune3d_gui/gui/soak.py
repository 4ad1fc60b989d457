"""A soak of the window: random actions of a hand, over all systems, and what they leave.

Run as a program of its own (``python -m prune3d_gui.gui.soak ACTIONS SEED``), so that what is
left alive is its own. Prints one JSON object: ``rows`` and ``notes``.
"""

from __future__ import annotations

import gc
import json
import os
import random
import subprocess
import sys
import tempfile
import threading
import time
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QCoreApplication, QEvent, QPoint, QPointF, Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QTabBar, QWidget
from shiboken6 import isValid

from ..core.errors import Prune3DError
from ..core.memory import give_back
from ..core.registry import Registry, discover
from ..core.threads import share_cores
from .dress.slider import DirectSlider
from .export.pending import PendingChip
from .memory_table import MemoryTable, row
from .state.settings import Settings
from .study.asking.asked import SENSITIVITY, Asked
from .window import MainWindow

SETTLE_S = 120.0
READY = "soak.ready"
REST_S = 4.0
"""After so long at rest the session has given back what it can."""
LOOK_MS = 150
"""How often what blocks the hand, a dialog or a menu, is closed."""
LEFT_OUT = {"quit", "doctor"}
"""Actions that are not tried: the one ends the soak, the other starts a program."""
KEYS = "spfc123456mw?"
CHORDS = ("Ctrl+Z", "Ctrl+Shift+Z", "Ctrl+1", "Ctrl+7", "Alt+Left", "Alt+Right", "Escape", "Tab")
EXPORTS = ("mesh.ply", "mesh.glb", "points.xyz", "curves.csv", "curves.svg", "views.png")
WEIGHTS = {
    "drag": 20, "wheel": 14, "press": 12, "orbit": 10, "key": 12, "action": 12,
    "sample": 8, "model": 3, "export": 5, "study": 2, "stop": 2,
}  # fmt: skip


def soak_apart(actions: int, seed: int) -> dict[str, Any]:
    """Soak a window in a process of its own; see `soak`.

    Raises
    ------
    RuntimeError
        If the window died; the message holds what it printed last.
    """
    argv = [sys.executable, "-m", "prune3d_gui.gui.soak", str(actions), str(seed)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode or not done.stdout.strip():
        last = (done.stderr.strip().splitlines() or ["no message"])[-1]
        raise RuntimeError(f"the window ended with {done.returncode}: {last}")
    return json.loads(done.stdout.splitlines()[-1])


def soak(registry: Registry, actions: int, seed: int, folder: Path) -> dict[str, Any]:
    """Do so many random actions in one window, close it, and count what went wrong or stayed.

    Parameters
    ----------
    registry : Registry
        Its systems are all visited.
    actions, seed : int
    folder : path
        For what is exported, kept and cached.

    Returns
    -------
    dict
        ``rows``: ``measure``, ``value``, ``limit``, ``met``; the last ones say who takes the
        memory, see `MemoryTable`. ``notes``: what was not foreseen.
    """
    app = QApplication.instance() or QApplication(["prune3d"])
    os.environ["PRUNE3D_CACHE"] = str(folder / "cache")
    memory = MemoryTable()
    memory.step("Python, Qt and the window's code")
    threads = set(threading.enumerate())
    widgets = set(map(id, QApplication.topLevelWidgets()))
    window = MainWindow(lambda: registry, Settings(folder / "settings.ini"))
    hand = _Hand(window, registry, random.Random(seed), folder)
    before, sys.excepthook = sys.excepthook, hand.unforeseen
    try:
        window.show()
        hand.until(lambda: window.windowHandle().isExposed())
        memory.step("the window on screen, with what draws it")
        memory.libraries()
        window.start()
        hand.until(lambda: window.controller.card is not None)
        memory.step("the first model, opened")
        hand.settle()
        hand.rest()
        memory.step("its first pictures, and what is kept to go on from them")
        memory.at_rest()
        for number in range(actions):
            hand.act(number)
        memory.step(f"{actions} actions")
        hand.back()
        memory.step("back at the first model, with the caches emptied")
        memory.back()
    finally:
        hand.stop()
        window.close()
        window.deleteLater()
        _drain(app)
        sys.excepthook = before
    left = {
        "threads_left": [t for t in _still(threads) if t.name != "MainThread"],
        "widgets_left": [w for w in QApplication.topLevelWidgets() if id(w) not in widgets],
        "timers_left": _timers(),
    }
    rows = [
        row("actions", actions),
        row("unforeseen", len(hand.wrong), 0),
        *(row(name, len(found), 0) for name, found in left.items()),
        *memory.rows,
    ]
    told = ", ".join(f"{count} {name}" for name, count in sorted(hand.done.items()))
    notes = [f"Seed {seed}: {told}.", memory.note, *hand.wrong]
    notes += [f"{name}: {found}" for name, found in left.items() if found]
    return {"rows": rows, "notes": notes}


class _Hand:
    """A hand that does one thing after another, whatever it hits."""

    def __init__(
        self, window: MainWindow, registry: Registry, chance: random.Random, folder: Path
    ) -> None:
        self._window, self._registry, self._random = window, registry, chance
        self._folder = folder
        self.wrong: list[str] = []
        self.done: Counter[str] = Counter()
        self._doing = "starting"
        window.controller.failed.connect(self._failed)
        self._look = QTimer()
        self._look.timeout.connect(self._close_what_blocks)
        self._look.start(LOOK_MS)

    def act(self, number: int) -> None:
        """Do one thing, and let the window go on for a moment."""
        (name,) = self._random.choices(list(WEIGHTS), list(WEIGHTS.values()))
        self._doing = f"{number} {name}"
        try:
            getattr(self, f"_{name}")()
        except Prune3DError as error:
            self.wrong.append(f"Action {self._doing}: {error}")
        self.done[name] += 1
        self.wait(self._random.choice((0.0, 0.02, 0.1, 0.4)))

    def back(self) -> None:
        """Return to the first model, with nothing pruned and the caches emptied."""
        self._doing = "going back"
        window = self._window
        window.findChild(PendingChip).stop.click()  # a fine mesh takes minutes to write
        for record in list(window.studies.records):
            window.studies.cancel(record)
            self.until(lambda r=record: not r.live)
            window.studies.remove(record)
        system = next(s for s in self._registry.systems if s.bundled())
        window.opening.open_ref(system, system.bundled()[0])
        self.settle()
        window.controller.reset()
        self.settle()
        self.rest()

    def rest(self) -> None:
        """Let the session end what it does ahead of time, and give back what it can."""
        ready: list[str] = []
        controller = self._window.controller
        heard = controller.done.connect(lambda tag, _: ready.append(tag))
        controller.session.consult(READY, lambda model, cancel: model.prepare(cancel))
        self.until(lambda: READY in ready)
        controller.done.disconnect(heard)
        gc.collect()
        self.wait(REST_S)
        give_back()

    def stop(self) -> None:
        """Look at nothing more."""
        self._look.stop()

    def wait(self, seconds: float) -> None:
        """Let the window go on."""
        QTest.qWait(round(1000 * seconds))

    def until(self, reached: Callable[[], bool]) -> None:
        """Let the window go on until something is reached, or say that it was not."""
        end = time.monotonic() + SETTLE_S
        while not reached() and time.monotonic() < end:
            QTest.qWait(20)
        if not reached():
            self.wrong.append(f"Action {self._doing}: not settled within {SETTLE_S:g} s")

    def settle(self) -> None:
        """Let the window go on until it shows what was asked for last."""
        self.until(lambda: self._window.controller.settled)

    def unforeseen(self, kind, error, trace) -> None:
        """Note an exception that nobody caught."""
        text = "".join(traceback.format_exception(kind, error, trace))
        self.wrong.append(f"Action {self._doing}: {text}")

    # -- what a hand does ----------------------------------------------------------------

    def _drag(self) -> None:
        slider = self._any(DirectSlider)
        if slider is not None:
            ends = [slider.place_of(self._within(slider)) for _ in range(2)]
            self._pull(slider, *ends, Qt.MouseButton.LeftButton)

    def _orbit(self) -> None:
        panes = [p.view for p in self._window.viewport.panes.values() if p.view is not None]
        seen = [view for view in panes if view.isVisible()]
        if seen:
            view = self._random.choice(seen)
            button = self._random.choice((Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton))
            self._pull(view, self._place(view), self._place(view), button)

    def _pull(self, widget: QWidget, start: QPoint, stop: QPoint, button) -> None:
        """Pull from one place to another; what is pulled may go, as when a model opens."""
        QTest.mousePress(widget, button, Qt.KeyboardModifier.NoModifier, start)
        for step in range(1, 6):
            if isValid(widget):
                QTest.mouseMove(widget, start + (stop - start) * step / 5)
            QTest.qWait(10)
        target, place = (widget, stop) if isValid(widget) else (self._window, QPoint(1, 1))
        QTest.mouseRelease(target, button, Qt.KeyboardModifier.NoModifier, place)

    def _wheel(self) -> None:
        at = QPointF(self._place(self._window))
        turn = self._random.choice((-240, -120, 120, 240))
        QTest.wheelEvent(self._window.windowHandle(), at, QPoint(0, turn))

    def _press(self) -> None:
        found = self._any(QAbstractButton, QTabBar)
        if found is not None:
            QTest.mouseClick(found, Qt.MouseButton.LeftButton, pos=self._place(found))

    def _key(self) -> None:
        target = QApplication.focusWidget() or self._window
        if self._random.random() < 0.5:
            QTest.keyClick(target, self._random.choice(KEYS))
        else:
            QTest.keySequence(target, self._random.choice(CHORDS))

    def _action(self) -> None:
        offered = [
            action
            for name, action in self._window.actions_by_id.items()
            if action.isEnabled() and name not in LEFT_OUT
        ]
        self._random.choice(offered).trigger()

    def _sample(self) -> None:
        gallery = self._window.parts.gallery.list
        rows = [gallery.item(i) for i in range(gallery.count()) if gallery.item(i).flags()]
        if rows and gallery.isVisible():
            row = self._random.choice(rows)
            gallery.scrollToItem(row)
            place = gallery.visualItemRect(row).center()
            QTest.mouseClick(gallery.viewport(), Qt.MouseButton.LeftButton, pos=place)

    def _model(self) -> None:
        system = self._random.choice([s for s in self._registry.systems if s.bundled()])
        self._window.opening.open_ref(system, self._random.choice(system.bundled()))

    def _export(self) -> None:
        name = self._random.choice(EXPORTS)
        path, exports = self._folder / name, self._window.exports
        role = self._random.choice(("reference", "full", "pruned"))
        if name.startswith("mesh"):
            exports.export_mesh(role, path)
        elif name.startswith("points"):
            exports.export_points(role, path)
        elif name.startswith("curves"):
            exports.export_curves(path)
        else:
            exports.screenshot(path)

    def _study(self) -> None:
        studies, card = self._window.studies, self._window.controller.card
        if studies.records and self._random.random() < 0.7:
            record = self._random.choice(studies.records)
            self._random.choice((studies.cancel, studies.remove))(record)
        elif card is not None and self._window.controller.sample:
            knob = next(k for k in card.knobs if k.id == card.primary)
            values = (knob.default, knob.check(knob.maximum))
            studies.ask(Asked(SENSITIVITY, values, axis=knob.id))

    def _stop(self) -> None:
        self._window.controller.stop()

    # -- inside --------------------------------------------------------------------------

    def _any(self, *kinds: type) -> QWidget | None:
        found = [w for kind in kinds for w in self._window.findChildren(kind)]
        seen = [w for w in found if w.isVisible() and w.isEnabled() and w.width() > 4]
        return self._random.choice(seen) if seen else None

    def _within(self, slider: DirectSlider) -> int:
        return self._random.randint(slider.minimum(), slider.maximum())

    def _place(self, widget: QWidget) -> QPoint:
        width, height = widget.width(), widget.height()
        return QPoint(self._random.randrange(max(width, 1)), self._random.randrange(max(height, 1)))

    def _close_what_blocks(self) -> None:
        blocking = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if blocking is not None:
            blocking.close()
            return
        for widget in QApplication.topLevelWidgets():
            if widget is not self._window and widget.isVisible() and widget.isWindow():
                widget.close()

    def _failed(self, failed) -> None:
        if failed.detail:
            self.wrong.append(f"Action {self._doing}: {failed.message}\n{failed.detail}")


def _drain(app: QApplication) -> None:
    for _ in range(3):
        app.processEvents()
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        gc.collect()


def _still(before: set[threading.Thread]) -> list[threading.Thread]:
    """Threads that do not end in a while."""
    new = [t for t in threading.enumerate() if t not in before]
    for thread in new:
        thread.join(5.0)
    return [t for t in new if t.is_alive()]


def _timers() -> list[QTimer]:
    found = [o for o in gc.get_objects() if issubclass(type(o), QTimer) and isValid(o)]
    return [timer for timer in found if timer.isActive()]


def _main(actions: int, seed: int) -> None:
    share_cores()
    with tempfile.TemporaryDirectory() as folder:
        found = soak(discover(), actions, seed, Path(folder))
    print(json.dumps(found))


if __name__ == "__main__":
    _main(int(sys.argv[1]), int(sys.argv[2]))
