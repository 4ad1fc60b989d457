"""Every number of the full and the pruned result, side by side."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ..core.frames import Footprint, Frame
from ..core.scores import Metric
from .numbers import number, short_bytes, short_count, whole
from .theme import GAP

ARROWS = {"lower": "↓", "higher": "↑"}
MASKED = "Zeroed in place: dense file and MACs are unchanged."


class NumbersTable(QWidget):
    """Scores above, sizes below; zeroed and removed are never mixed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = QTableWidget(0, 3)
        self.table.setObjectName("numbers")
        self.table.setHorizontalHeaderLabels(["", "Full", "Pruned"])
        self.table.verticalHeader().hide()
        self.table.setShowGrid(False)
        self.table.setFrameShape(QFrame.Shape.NoFrame)
        self.table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        header = self.table.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setHighlightSections(False)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        font = self.table.font()
        font.setPointSizeF(font.pointSizeF() * 0.9)
        self.table.setFont(font)
        header.setFont(font)
        self.table.verticalHeader().setMinimumSectionSize(16)
        self.table.verticalHeader().setDefaultSectionSize(self.table.fontMetrics().height() + 5)
        self.note = QLabel()
        self.note.setObjectName("footprintNote")
        self.note.setProperty("role", "muted")
        self.note.setWordWrap(True)
        self.note.setFont(font)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, 2 * GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self._metrics: tuple[Metric, ...] = ()
        self._formats: tuple[str, ...] = ()
        self.setMinimumWidth(270)

    def set_metrics(self, metrics: Iterable[Metric]) -> None:
        """Make rows for another model."""
        self._metrics = tuple(metrics)
        self._make_rows(())

    def _make_rows(self, formats: tuple[str, ...]) -> None:
        self._formats = formats
        names = [f"{m.title} {ARROWS[m.better]}" for m in self._metrics]
        tips = [
            f"{m.definition}\nUnit: {m.unit}" if m.unit else m.definition for m in self._metrics
        ]
        others = ((f"File, {name}", _OTHER) for name in formats)
        for name, tip in (*_SIZES, *others, _MACS):
            names.append(name)
            tips.append(tip)
        self.table.setRowCount(len(names))
        for row, (name, tip) in enumerate(zip(names, tips, strict=True)):
            item = QTableWidgetItem(name)
            item.setToolTip(tip)
            self.table.setItem(row, 0, item)
            for column in (1, 2):
                cell = QTableWidgetItem("–")
                cell.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                self.table.setItem(row, column, cell)
        self.note.clear()

    def show_frame(self, frame: Frame) -> None:
        """Show the numbers of a frame in the column of its role."""
        if tuple(frame.footprint.sizes) != self._formats:
            self._make_rows(tuple(frame.footprint.sizes))
        column = 1 if frame.role == "full" else 2
        values = frame.scores.values if frame.scores else {}
        texts = [number(values.get(metric.id, float("nan"))) for metric in self._metrics]
        texts += [text for text, _ in _sizes(frame.footprint)]
        tips = ["" for _ in self._metrics] + [tip for _, tip in _sizes(frame.footprint)]
        about = "≈" if frame.quality == "preview" else ""
        for row, (text, tip) in enumerate(zip(texts, tips, strict=True)):
            cell = self.table.item(row, column)
            cell.setText(about + text if row < len(self._metrics) else text)
            cell.setToolTip(tip)
        if frame.role == "pruned":
            masked = frame.footprint.zeroed and not frame.footprint.removed
            self.note.setText(MASKED if masked else "")

    def clear_frames(self) -> None:
        """Show no numbers until the next frame."""
        for row in range(self.table.rowCount()):
            for column in (1, 2):
                self.table.item(row, column).setText("–")
        self.note.clear()


_SIZES = (
    ("Zeroed", "Set to zero in place: still stored, still multiplied."),
    ("Removed", "Gone from the network."),
    ("Parameters", "All parameters that are left in the network, zeroed ones included."),
    ("File", "Size of the file in the format named."),
)
_MACS = ("MACs", "Multiply-accumulates of the dense arithmetic on the workload named.")


_OTHER = "Size of the same parameters in another format, the file's header not counted."


def _sizes(footprint: Footprint) -> tuple[tuple[str, str], ...]:
    others = ((short_bytes(size), _OTHER) for size in footprint.sizes.values())
    return (
        (whole(footprint.zeroed), f"of {whole(footprint.prunable)} in scope"),
        (whole(footprint.removed), ""),
        (whole(footprint.total - footprint.removed), ""),
        (short_bytes(footprint.bytes), footprint.format),
        *others,
        (short_count(footprint.macs), footprint.workload),
    )
