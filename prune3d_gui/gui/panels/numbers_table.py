"""Every number of the full and the pruned result, side by side."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import (
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.frames import Footprint, Frame
from ...core.score.parts import Part
from ...core.score.scores import Metric
from ...studies.ask.losses import lost_sentence
from ..dress.numbers import number, short_bytes, short_count, whole
from ..dress.theme import GAP, LIGHT, Theme
from .number_tree import RIGHT, NumberTree

MASKED = "Zeroed in place: dense file and MACs are unchanged."
COLUMNS = {"full": 1, "pruned": 2}
NONE, AWAITED = "–", "…"
ESTIMATE = (
    "Estimated from a preview, which has fewer points: corrected by how the full model's own "
    "preview differs from its full result. The full result follows when the hand rests."
)
TOO_LITTLE = "The preview says too little of this one; the full result follows."


@dataclass(frozen=True, slots=True)
class Rows:
    """What has a row beside the metrics and the sizes that all have.

    Parameters
    ----------
    formats : tuple of str
    parts : tuple of (metric id, kind of part, name)
    """

    formats: tuple[str, ...] = ()
    parts: tuple[tuple[str, str, str], ...] = ()


class NumbersTable(QWidget):
    """Scores above, with those of parts folded below them, and sizes at the end.

    Zeroed and removed are never mixed.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.table = NumberTree(
            "numbers", "Numbers of the full and the pruned result", ("", "Full", "Pruned"),
            COLUMNS.values(),
        )  # fmt: skip
        self.table.setExpandsOnDoubleClick(False)
        self.table.itemClicked.connect(lambda item: item.setExpanded(not item.isExpanded()))
        self.table.header().setSectionsClickable(False)
        self.note = self.table.note()
        self.note.setObjectName("footprintNote")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(GAP, GAP, 2 * GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self._metrics: tuple[Metric, ...] = ()
        self._rows = Rows()
        self._frames: dict[str, Frame] = {}
        self._lost: dict[tuple[str, str], None] = {}
        self._theme = LIGHT
        self.setMinimumWidth(270)

    def set_metrics(self, metrics: Iterable[Metric]) -> None:
        """Make rows for another model."""
        self._metrics = tuple(metric for metric in metrics if metric.listed)
        self._frames.clear()
        self._lost = {}
        self._make_rows(Rows())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self._fill()

    def show_frame(self, frame: Frame) -> None:
        """Show the numbers of a frame in the column of its role."""
        formats = tuple(frame.footprint.sizes)
        self._frames[frame.role] = frame
        self._frames = {
            role: one for role, one in self._frames.items() if tuple(one.footprint.sizes) == formats
        }
        rows = Rows(formats, self._parts())
        if rows != self._rows:
            self._make_rows(rows)
        self._fill()

    def show_lost(self, lost: Iterable[Part]) -> None:
        """Mark the parts that vanished, and say which."""
        self._lost = {(part.kind, part.name): None for part in lost}
        self._fill()

    def clear_frames(self) -> None:
        """Show no numbers until the next frame."""
        self._frames.clear()
        self._lost = {}
        for item in _items(self.table):
            for column in COLUMNS.values():
                item.setText(column, NONE)
        self.note.clear()

    # -- inside ------------------------------------------------------------------------

    def _parts(self) -> tuple[tuple[str, str, str], ...]:
        """The rows of parts that the frames ask for, by metric."""
        found = dict.fromkeys(
            (metric, part.kind, part.name)
            for frame in self._frames.values()
            for part in (frame.scores.parts if frame.scores else ())
            for metric in part.values
        )
        return tuple(found)

    def _make_rows(self, rows: Rows) -> None:
        unfolded = {item.text(0) for item in _items(self.table) if item.isExpanded()}
        self._rows = rows
        self.table.clear()
        self.table.setRootIsDecorated(bool(rows.parts))
        folds = Qt.FocusPolicy.TabFocus if rows.parts else Qt.FocusPolicy.NoFocus
        self.table.setFocusPolicy(folds)
        for metric in self._metrics:
            unit = f"\nUnit: {metric.unit}" if metric.unit else ""
            item = self._add(metric.headed, metric.definition + unit)
            for own, kind, name in rows.parts:
                if own == metric.id:
                    _child(item, name, f"{kind.capitalize()} {name}: {metric.title}")
            item.setExpanded(item.text(0) in unfolded)
        others = ((f"File, {name}", _OTHER) for name in rows.formats)
        for name, tip in (*_SIZES, *others, _MACS):
            self._add(name, tip)
        self.note.clear()

    def _add(self, name: str, tip: str) -> QTreeWidgetItem:
        item = QTreeWidgetItem(self.table)
        _dress(item, name, tip)
        return item

    def _fill(self) -> None:
        for role, frame in self._frames.items():
            self._fill_column(COLUMNS[role], frame)
        pruned = self._frames.get("pruned")
        if pruned is not None:
            masked = pruned.footprint.zeroed and not pruned.footprint.removed
            lost = lost_sentence([" ".join(key) for key in self._lost])
            self.note.setText(" ".join(filter(None, (lost, MASKED if masked else ""))))

    def _fill_column(self, column: int, frame: Frame) -> None:
        preview, scores = frame.quality == "preview", frame.scores
        parts = {(p.kind, p.name): p.values for p in (scores.parts if scores else ())}
        for row, metric in enumerate(self._metrics):
            item = self.table.topLevelItem(row)
            _tell(item, column, scores.values.get(metric.id) if scores else None, preview)
            mine = [(kind, name) for own, kind, name in self._rows.parts if own == metric.id]
            for place, key in enumerate(mine):
                child, lost = item.child(place), column == 2 and key in self._lost
                _tell(child, column, parts.get(key, {}).get(metric.id), preview)
                child.setForeground(column, QColor(self._theme.error if lost else self._theme.text))
                if lost:
                    child.setToolTip(column, "Vanished: the full model has it.")
        for row, (text, tip) in enumerate(_sizes(frame.footprint), len(self._metrics)):
            item = self.table.topLevelItem(row)
            item.setText(column, text)
            item.setToolTip(column, tip)
        item.setText(0, ": ".join(filter(None, (_MACS[0], frame.footprint.workload))))
        item.setHidden(frame.footprint.macs is None)


def _items(table: QTreeWidget) -> Iterator[QTreeWidgetItem]:
    """All rows, those of parts too."""
    for row in range(table.topLevelItemCount()):
        item = table.topLevelItem(row)
        yield item
        yield from (item.child(place) for place in range(item.childCount()))


def _tell(item: QTreeWidgetItem, column: int, value: float | None, preview: bool) -> None:
    """Write a score, or an estimate of it while there is a preview."""
    known = value is not None and value == value
    text = number(value) if known else AWAITED if preview else NONE
    item.setText(column, f"≈{text}" if preview and known else text)
    item.setToolTip(column, (ESTIMATE if known else TOO_LITTLE) if preview else "")


def _child(item: QTreeWidgetItem, name: str, tip: str) -> None:
    _dress(QTreeWidgetItem(item), name, tip)


def _dress(item: QTreeWidgetItem, name: str, tip: str) -> None:
    item.setText(0, name)
    item.setToolTip(0, tip)
    for column in COLUMNS.values():
        item.setText(column, NONE)
        item.setTextAlignment(column, RIGHT)


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
        (short_count(footprint.macs or 0), footprint.workload),
    )
