"""Keeps the studies of the window on disk, on a thread of its own."""

from __future__ import annotations

import contextlib
import queue
import threading
import time
import traceback
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Qt, Signal

from ...studies.ask.answers import Ended, RowFound
from .record import CANCELLED, Record

PATIENCE_S = 5.0
STOPPED = (
    "Not at its end: it stopped with the program, or goes on in another window; resume it to go "
    "on here."
)
TROUBLE = "Studies are not kept on this disk ({error}); they are gone when the window closes."


class StudyArchive(QObject):
    """Reads the studies that were there before, and writes what is found, as it comes.

    `read` carries the records of a run before, newest first; `failed` a sentence, once.
    """

    read = Signal(object)
    failed = Signal(str)
    _arrived = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._todo: queue.SimpleQueue[Callable[[Any], None] | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._last = 0
        self._told = False
        self._arrived.connect(self._hand_out, Qt.ConnectionType.QueuedConnection)

    def open(self) -> None:
        """Start, and read what there is."""
        self._thread = threading.Thread(target=self._work, name="prune3d-kept", daemon=True)
        self._thread.start()
        self._todo.put(lambda studies: self._arrived.emit(studies.read()))

    def put(self, record: Record) -> None:
        """Keep all that a study is and has by now, in place of what is kept of it."""
        record.kept = record.kept or self._name()
        kept, name = _kept_of(record), record.kept
        kept.found, kept.name = list(record.found), name
        self._do(lambda studies: studies.write(kept))

    def add(self, record: Record, found: list[RowFound]) -> None:
        """Keep rows more, and the end where the study has come to it."""
        if record.kept and (found or not record.live):
            kept, found = _kept_of(record), list(found)
            self._do(lambda studies: studies.add(kept, found))

    def remove(self, record: Record) -> None:
        """Keep a study no longer."""
        if name := record.kept:
            self._do(lambda studies: studies.remove(name))

    def close(self) -> None:
        """Write what is still to be written, and end."""
        self._todo.put(None)
        if self._thread is not None:
            self._thread.join(PATIENCE_S)

    # -- inside ------------------------------------------------------------------------

    def _name(self) -> str:
        """A name that sorts after all before."""
        self._last = max(self._last + 1, time.time_ns())
        return f"{self._last:020d}"

    def _do(self, act: Callable[[Any], None]) -> None:
        if self._thread is not None:
            self._todo.put(act)

    def _work(self) -> None:
        from ...studies.keep.studies import KeptStudies

        studies = KeptStudies()
        while (act := self._todo.get()) is not None:
            try:
                act(studies)
            except Exception as error:
                traceback.print_exc()
                with contextlib.suppress(RuntimeError):  # the window is gone
                    self._arrived.emit(TROUBLE.format(error=error))

    def _hand_out(self, found: object) -> None:
        if isinstance(found, str):
            if not self._told:
                self._told = True
                self.failed.emit(found)
        elif found:
            self.read.emit([_record_of(kept) for kept in found])


def _kept_of(record: Record) -> Any:
    from ...studies.keep.studies import KeptStudy

    ended = None if record.live else Ended(record.state, record.message)
    return KeptStudy(
        record.kept, record.question, record.card, record.words, record.workers, record.packs,
        dict(record.thresholds), ended=ended, notes=list(record.notes), moved=record.moved,
    )  # fmt: skip


def _record_of(kept: Any) -> Record:
    record = Record(
        kept.question, kept.card, kept.words, kept.workers, kept.packs, dict(kept.thresholds)
    )
    record.kept = kept.name
    for found in kept.found:
        record.take(found)
    record.notes, record.moved = list(kept.notes), kept.moved
    record.take(kept.ended or Ended(CANCELLED, STOPPED))
    return record
