"""What is worked on, how far it is, and a button that stops it."""

from __future__ import annotations

import time

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QWidget

from ...studies.live.events import Working
from ..dress.theme import GAP

PATIENCE_S = 1.0
"""What takes less is not worth a word."""
LOOK_MS = 250
ALMOST = 0.97
"""Where the bar waits for work that takes longer than the last of its kind."""
WORDS = {
    "open": "Opening {about}",
    "full": "Reconstructing the full model",
    "pruned": "Reconstructing the pruned model",
    "reference": "Making the reference",
    "prepare": "Preparing for the drag",
    "curves": "Working out the comparison",
    "sample": "Reading the sample",
    "study samples": "Finding the samples",
    "discover": "Looking for systems",
}
"""What is spoken of; exports have a chip of their own."""


class Progress(QWidget):
    """A bar, words and *Stop*; hidden but while work takes over a second.

    How far the work is, is guessed from the last like it, and said to be a guess; where there
    was none the bar says no more than that something goes on.
    """

    appeared = Signal(bool)
    """Whether it is on screen now."""
    stopped = Signal()
    """*Stop* was pressed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("progress")
        self.bar = QProgressBar()
        self.bar.setObjectName("workProgress")
        self.bar.setAccessibleName("Progress")
        self.bar.setTextVisible(False)
        self.bar.setFixedSize(96, 6)
        self.words = QLabel()
        self.words.setObjectName("workWords")
        self.button = QPushButton("Stop")
        self.button.setObjectName("stopWork")
        self.button.setToolTip("Stop this, and keep what is on screen (Esc)")
        self.button.clicked.connect(self.stopped)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(GAP)
        row.addWidget(self.bar)
        row.addWidget(self.words)
        row.addWidget(self.button)
        row.addStretch(1)
        self._working = Working()
        self._look = QTimer(self)
        self._look.setInterval(LOOK_MS)
        self._look.timeout.connect(self._tell)
        self.hide()

    @property
    def stoppable(self) -> bool:
        """Whether something that can be stopped is on screen."""
        return not self.isHidden() and self._working.stoppable

    def show_work(self, working: Working) -> None:
        """Take what the session works on."""
        self._working = working
        if working.kind in WORDS:
            self._look.start()
            if not self.isHidden():
                self._tell()
        else:
            self.stop()

    def stop(self) -> None:
        """Look at the clock no more."""
        self._working = Working()
        self._look.stop()
        self._appear(False)

    def _tell(self) -> None:
        """Say how far the work is; nothing is said of what has only begun."""
        now = self._working
        taken = time.monotonic() - now.since
        if self.isHidden() and taken < PATIENCE_S:
            return
        self.words.setText(said(now, taken))
        self.bar.setMaximum(1000 if now.usual else 0)
        if now.usual:
            self.bar.setValue(round(1000 * min(taken / now.usual, ALMOST)))
        self.button.setVisible(now.stoppable)
        self._appear(True)

    def _appear(self, shown: bool) -> None:
        if shown is self.isHidden():
            self.setVisible(shown)
            self.appeared.emit(shown)


def said(working: Working, taken: float) -> str:
    """Words for work that began `taken` seconds ago."""
    words = WORDS[working.kind].format(about=working.about)
    done = f", {working.stages} {'stage' if working.stages == 1 else 'stages'} done"
    words += done if working.stages else ""
    if working.usual is None:
        return f"{words}: {taken:.0f} s"
    if taken > working.usual:
        return f"{words}: {taken:.0f} s; the last one took {working.usual:.0f} s"
    return f"{words}: {taken:.0f} s of about {max(working.usual, 1):.0f} s"
