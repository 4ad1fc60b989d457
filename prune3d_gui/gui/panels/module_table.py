"""The modules of a network side by side: parameters beside work, of the full and the pruned one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from PySide6.QtGui import QFont
from PySide6.QtWidgets import (
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ...core.frames import Footprint, Frame, ModuleFootprint
from ..dress.numbers import short_bytes, short_count, whole
from ..dress.theme import GAP
from .number_tree import RIGHT, NumberTree

COLUMNS = (
    ("", ""),
    ("Parameters", "Of the full network"),
    ("share", "Of all parameters of the full network"),
    ("Zeroed", "Set to zero in place: still stored, still multiplied"),
    ("Removed", "Gone from the network"),
    ("File, full", "Bytes of the full network's parameters"),
    ("pruned", "Bytes of the parameters that are left, zeros included"),
    ("MACs, full", "Multiply-accumulates of the full network"),
    ("share", "Of all multiply-accumulates of the full network"),
    ("pruned", "Multiply-accumulates that are left; zeros count"),
    ("ms, full", "As measured on this machine, of the whole result"),
    ("pruned", "As measured on this machine, of the whole result"),
)
"""Headings, and what is said of them."""
NONE = "–"


class ModuleTable(QWidget):
    """A row for each module, with those inside it folded below, and the sum at the end.

    Milliseconds stay as they were measured when a result is shown again.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("modules")
        self.table = NumberTree(
            "moduleTable", "Modules of the network", [title for title, _ in COLUMNS],
            range(1, len(COLUMNS)),
        )  # fmt: skip
        self.table.header().setMinimumSectionSize(36)
        for column, (_, tip) in enumerate(COLUMNS):
            self.table.headerItem().setToolTip(column, tip)
        self.note = self.table.note()
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * GAP, GAP, 2 * GAP, GAP)
        layout.setSpacing(GAP)
        layout.addWidget(self.table, 1)
        layout.addWidget(self.note)
        self._frames: dict[str, Frame] = {}
        self._times: dict[str, Mapping[str, float]] = {}

    @property
    def known(self) -> bool:
        """Whether the network that is shown tells of modules."""
        return any(frame.footprint.modules for frame in self._frames.values())

    def show_frame(self, frame: Frame) -> None:
        """Show the modules of a frame, full or pruned."""
        before = self._frames.get(frame.role)
        asked = frame.request.plan, frame.request.sample
        if before is None or asked != (before.request.plan, before.request.sample):
            self._times.pop(frame.role, None)
        if frame.timings.modules:
            self._times[frame.role] = frame.timings.modules
        self._frames[frame.role] = frame
        if self.isVisible():
            self._fill()

    def showEvent(self, event) -> None:  # noqa: D102
        super().showEvent(event)
        self._fill()

    def clear_frames(self) -> None:
        """Show nothing until the next frame."""
        self._frames.clear()
        self._times.clear()
        self._fill()

    def _fill(self) -> None:
        unfolded = {item.text(0) for item in self._rows() if item.isExpanded()}
        self.table.clear()
        frames = [self._frames[role] for role in ("full", "pruned") if role in self._frames]
        if not self.known:
            self.note.clear()
            return
        full, pruned = frames[0].footprint, frames[-1].footprint
        self.table.addTopLevelItems(self._items(full.modules, pruned.modules, full))
        last = _item(_summed(full), _summed(pruned), full, self._took("", ""))
        bold = QFont(self.table.font())
        bold.setBold(True)
        for column in range(len(COLUMNS)):
            last.setFont(column, bold)
        self.table.addTopLevelItem(last)
        for item in self._rows():
            item.setExpanded(item.text(0) in unfolded)
        where = "" if pruned.macs is None else f"MACs are those of {pruned.workload}. "
        self.note.setText(
            f"{where}Milliseconds are as they passed on this sample, where modules are timed; what "
            "is kept from results before takes none. Zeros save neither MACs nor milliseconds."
        )

    def _rows(self) -> list[QTreeWidgetItem]:
        return [self.table.topLevelItem(row) for row in range(self.table.topLevelItemCount())]

    def _items(
        self, full: Sequence[ModuleFootprint], pruned: Sequence[ModuleFootprint], whole: Footprint,
        inside: str = "",
    ) -> list[QTreeWidgetItem]:  # fmt: skip
        made = []
        for before, now in zip(full, pruned, strict=True):
            item = _item(before, now, whole, self._took(before.title, inside))
            item.addChildren(self._items(before.parts, now.parts, whole, before.title))
            made.append(item)
        return made

    def _took(self, module: str, inside: str) -> list[str]:
        """Milliseconds of a module, or of all of them, of the full and the pruned network."""
        found = []
        for role in ("full", "pruned"):
            times = {} if inside else self._times.get(role, {})
            took = times.get(module) if module else sum(times.values()) or None
            found.append(NONE if took is None else f"{took:,.0f}")
        return found


def _summed(footprint: Footprint) -> ModuleFootprint:
    return ModuleFootprint(
        "All", footprint.total, footprint.zeroed, footprint.removed, footprint.bytes,
        footprint.macs,
    )  # fmt: skip


def _item(
    full: ModuleFootprint, pruned: ModuleFootprint, all_: Footprint, took: Sequence[str]
) -> QTreeWidgetItem:
    texts = [
        full.title, whole(full.total), _share(full.total, all_.total),
        whole(pruned.zeroed), whole(pruned.removed),
        short_bytes(full.bytes), short_bytes(pruned.bytes),
        _macs(full.macs), _share(full.macs, all_.macs), _macs(pruned.macs), *took,
    ]  # fmt: skip
    item = QTreeWidgetItem(texts)
    for column in range(1, len(COLUMNS)):
        item.setTextAlignment(column, RIGHT)
        item.setToolTip(column, COLUMNS[column][1])
    return item


def _macs(count: int | None) -> str:
    return NONE if count is None else short_count(count)


def _share(part: int | None, all_: int | None) -> str:
    return f"{100 * part / all_:.1f} %" if part is not None and all_ else NONE
