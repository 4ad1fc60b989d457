"""Where the cameras were: back and forward, apart from undo."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer, Signal

from ..state.history import History
from .linked import Pose

PAUSE_MS = 400
"""After so long without a move, keys and the wheel have come to their end."""

Poses = tuple[Pose, ...]


class CameraHistory(QObject):
    """A step for every gesture that came to an end, bounded as undo is.

    Parameters
    ----------
    read, write : callables
        Get and set the cameras of all kinds.
    """

    changed = Signal()

    def __init__(
        self, read: Callable[[], Poses], write: Callable[[Poses], None], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._read, self._write = read, write
        self._history = History(read())
        self._moving = self._held = self._going = False
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(PAUSE_MS)
        self._pause.timeout.connect(self.finish)

    @property
    def can_go_back(self) -> bool:
        """Whether the cameras were elsewhere before."""
        return self._history.can_undo or (self._moving and self._history.differs(self._read()))

    @property
    def can_go_forward(self) -> bool:
        """Whether they were taken back."""
        return self._history.can_redo and not self._moving

    def follow(self) -> None:
        """Take note of where the cameras were put without a hand: that is no step."""
        if not self._moving:
            self._history.amend(self._read())

    def grasp(self) -> None:
        """A drag begins; it is one gesture, however long it rests, until `finish`."""
        self.finish()
        self._held = True

    def moved(self) -> None:
        """A hand moved a camera."""
        if self._going:
            return
        began, self._moving = not self._moving, True
        if not self._held:
            self._pause.start()
        if began:
            self.changed.emit()

    def finish(self) -> None:
        """The gesture came to its end."""
        self._pause.stop()
        self._held = False
        if self._moving:
            self._moving = False
            self._history.push(self._read())
            self.changed.emit()

    def back(self) -> None:
        """Return to where the cameras were before the last gesture."""
        self._go(forward=False)

    def forward(self) -> None:
        """Go forward again."""
        self._go(forward=True)

    def stop(self) -> None:
        """Wait for nothing more."""
        self._pause.stop()

    def _go(self, forward: bool) -> None:
        self.finish()
        self._going = True
        self._write(self._history.redo() if forward else self._history.undo())
        self._going = False
        self.changed.emit()
