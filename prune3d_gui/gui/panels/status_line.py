"""The status bar: device, milliseconds per frame, and preview or full."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QStatusBar, QWidget

from ...core.frames import Frame, Timings
from ..dress.elided import ElidedLabel
from ..dress.theme import GAP
from .progress import Progress


class StatusLine(QStatusBar):
    """What is being worked on at the left; how, and how fast, at the right."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("statusLine")
        self.setSizeGripEnabled(False)
        self.setContentsMargins(GAP, 0, 2 * GAP, 0)
        self.hint = ElidedLabel()
        self.hint.setObjectName("hint")
        self.times = QLabel()
        self.times.setObjectName("timings")
        self.times.setProperty("role", "muted")
        self.device = QLabel()
        self.device.setObjectName("device")
        self.device.setProperty("role", "chip")
        self.chip = QLabel()
        self.chip.setObjectName("quality")
        self.chip.setProperty("role", "chip")
        self.progress = Progress()
        self.progress.appeared.connect(lambda shown: self.hint.setVisible(not shown))
        self.addWidget(self.hint, 1)
        self.addWidget(self.progress, 1)
        self.progress.hide()  # what is added to a status bar is shown
        for widget in (self.times, self.device, self.chip):
            self.addPermanentWidget(widget)
        self.times.setToolTip("Milliseconds of the frame on screen, as measured")
        self._timings, self._draw = Timings(), 0.0
        for widget in (self.device, self.chip):
            widget.hide()

    def say(self, text: str) -> None:
        """Show a hint, or what is being worked on."""
        self.hint.setText(text)

    def work(self, text: str) -> None:
        """Say what is being worked on; what is on screen is not what was asked for."""
        self.say(text)
        if not self.chip.isHidden():
            self._show_chip("Working…", "What is on screen was asked for before.", True)

    def show_stop(self, of: str) -> None:
        """Say that work was stopped, and what the picture on screen is of."""
        self.say(f"Stopped; the picture is {of}." if of else "Stopped.")
        if of and not self.chip.isHidden():
            self._show_chip("Stopped", f"What is on screen is {of}; any knob asks anew.", True)

    def show_device(self, device: str) -> None:
        """Name the device that does the work."""
        self.device.setText(device.upper() if len(device) < 6 else device)
        self.device.setToolTip(f"The network runs on {device}.")
        self.device.show()

    def show_frame(self, frame: Frame) -> None:
        """Show the timings and the quality of a frame."""
        self._timings = frame.timings
        self.show_device(frame.recipe.device)
        preview = frame.quality == "preview"
        words = "Preview" if preview else "Full quality"
        self._show_chip(
            f"{words}: {frame.stage}" if frame.stage else words,
            "Fewer points, while the hand moves" if preview else "Everything, as it is scored",
            preview,
        )
        self.chip.show()
        self._tell()

    def show_draw(self, milliseconds: float) -> None:
        """Show how long drawing took."""
        self._draw = milliseconds
        self._tell()

    def _show_chip(self, text: str, tip: str, hollow: bool) -> None:
        self.chip.setText(text)
        self.chip.setToolTip(tip)
        if self.chip.property("hollow") is not hollow:
            self.chip.setProperty("hollow", hollow)
            self.chip.style().unpolish(self.chip)
            self.chip.style().polish(self.chip)

    def _tell(self) -> None:
        t = self._timings
        parts = {"prune": t.prune, "forward": t.forward, "score": t.score, "draw": self._draw}
        words = {name: f"{name} {value:.0f}" for name, value in parts.items()}
        if t.modules:
            of = ", ".join(f"{name} {value:.0f}" for name, value in t.modules.items())
            words["forward"] += f" ({of})"
        self.times.setText(f"{' · '.join(words.values())} ms")
