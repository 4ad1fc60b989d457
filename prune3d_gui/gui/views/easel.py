"""What a pane has made for it off the GUI thread, such as pictures of splats."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from ...core.cancel import CancelToken
from ...core.errors import Cancelled

STILL_MS = 120
"""Milliseconds without a move of the camera after which something is made for where it is."""


@dataclass(eq=False)
class _Work:
    make: Callable[[CancelToken], Any]
    done: Callable[[Any], None]
    cancel: CancelToken = field(default_factory=CancelToken)


class Easel(QObject):
    """Makes what drawers ask for on a thread of its own, and hands it over on the GUI thread.

    Of each name the newest that was asked for waits. What a moving camera asks for waits for its
    rest, too, and stops what is being made for where it was; else what was begun is handed over,
    so that a hand at a slider always sees something. The thread lives while there is work.
    """

    made = Signal()
    """Something was handed over: draw once more."""
    failed = Signal(str)
    """Why something could not be made, in a sentence."""
    _ready = Signal(object, object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._lock = threading.Lock()
        self._waiting: dict[str, _Work] = {}
        self._due: dict[str, _Work] = {}
        self._running: _Work | None = None
        self._thread: threading.Thread | None = None
        self._closed = False
        self._rest = QTimer(self, singleShot=True, interval=STILL_MS)
        self._rest.timeout.connect(self._go)
        self._ready.connect(self._hand, Qt.ConnectionType.QueuedConnection)

    def later(
        self,
        name: str,
        make: Callable[[CancelToken], Any],
        done: Callable[[Any], None],
        moving: bool,
    ) -> None:
        """Have something made: see `drawing.painting.Later`."""
        if self._closed:
            return
        with self._lock:
            self._waiting[name] = _Work(make, done)
            if moving:
                self._due.pop(name, None)
                if self._running is not None:
                    self._running.cancel.cancel()
        if moving:
            self._rest.start()
        elif not self._rest.isActive():
            self._go()

    def close(self) -> None:
        """Stop what is made, and hand over nothing more."""
        self._closed = True
        self._rest.stop()
        with self._lock:
            self._waiting.clear()
            self._due.clear()
            if self._running is not None:
                self._running.cancel.cancel()
            thread = self._thread
        if thread is not None:
            thread.join()

    def _go(self) -> None:
        """What waits is due: the camera is at rest."""
        with self._lock:
            self._due |= self._waiting
            self._waiting.clear()
            if self._due and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="prune3d-easel", daemon=True)
                self._thread.start()

    def _run(self) -> None:
        while True:
            with self._lock:
                name = next(iter(self._due), None)
                if name is None:
                    self._running = self._thread = None
                    return
                self._running = work = self._due.pop(name)
            try:
                found = work.make(work.cancel)
            except Cancelled:
                continue
            except Exception as error:
                text = f"{type(error).__name__}: {(str(error).splitlines() or [''])[0]}"
                self.failed.emit(f"The splats cannot be drawn ({text.rstrip('.:')}).")
                continue
            if not self._closed:
                self._ready.emit(work, found)

    def _hand(self, work: _Work, found: Any) -> None:
        if not (self._closed or work.cancel.cancelled):
            work.done(found)
            self.made.emit()
