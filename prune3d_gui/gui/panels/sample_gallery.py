"""The sample gallery: thumbnails by category, a filter, and the input image itself."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ...core.model import Sample
from ..dress.theme import GAP, LIGHT, Theme
from .sample_tile import paint_tile, pixmap_of, tile

THUMB = 52
ID = Qt.ItemDataRole.UserRole
GROUP = Qt.ItemDataRole.UserRole + 1


class SampleGallery(QWidget):
    """Pick a sample; `chosen` carries its id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = LIGHT
        self._samples: dict[str, Sample] = {}
        self.image = InputImage()
        self.title = QLabel()
        self.title.setProperty("role", "title")
        self.about = QLabel()
        self.about.setProperty("role", "muted")
        for label in (self.title, self.about):
            label.setWordWrap(True)
            label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.filter = QLineEdit()
        self.filter.setObjectName("sampleFilter")
        self.filter.setAccessibleName("Filter of the samples")
        self.filter.setPlaceholderText("Filter by name or category")
        self.filter.setClearButtonEnabled(True)
        self.list = QListWidget()
        self.list.setObjectName("sampleList")
        self.list.setAccessibleName("Samples")
        self.list.setFrameShape(QFrame.Shape.NoFrame)
        self.list.setFlow(QListView.Flow.LeftToRight)
        self.list.setWrapping(True)
        self.list.setResizeMode(QListView.ResizeMode.Adjust)
        self.list.setIconSize(QSize(THUMB, THUMB))
        self.list.setSpacing(1)
        self.list.setMovement(QListView.Movement.Static)
        self.list.setVerticalScrollMode(QListWidget.ScrollMode.ScrollPerPixel)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMinimumHeight(THUMB + 8)
        words = QVBoxLayout()
        words.setSpacing(GAP // 2)
        words.addWidget(self.title)
        words.addWidget(self.about)
        words.addStretch(1)
        words.addWidget(self.filter)
        top = QHBoxLayout()
        top.setSpacing(2 * GAP)
        top.addWidget(self.image, 0, Qt.AlignmentFlag.AlignTop)
        top.addLayout(words, 1)
        layout = QGridLayout(self)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 2 * GAP, GAP)
        layout.setSpacing(2 * GAP)
        layout.addLayout(top, 0, 0)
        layout.addWidget(self.list, 1, 0)
        layout.addWidget(self._make_nothing(), 1, 0)
        layout.setRowStretch(1, 1)
        self.filter.textChanged.connect(self._sift)
        self.list.currentItemChanged.connect(self._picked)
        self.list.viewport().installEventFilter(self)

    def set_samples(self, samples: Iterable[Sample]) -> None:
        """Show samples, grouped in the order in which their groups first appear."""
        self._samples = {sample.id: sample for sample in samples}
        groups: dict[str, list[Sample]] = {}
        for sample in self._samples.values():
            groups.setdefault(sample.group, []).append(sample)
        with QSignalBlocker(self.list):
            self.list.clear()
            for group, members in groups.items():
                if group:
                    self.list.addItem(_heading(group))
                for sample in members:
                    self.list.addItem(self._thumb(sample))
        self._stretch_headings()
        self._sift(self.filter.text())

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.image.set_theme(theme)
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(ID):
                item.setIcon(self._icon(self._samples[item.data(ID)]))

    def show_sample(self, sample: Sample) -> None:
        """Mark a sample as the present one and show its image large."""
        with QSignalBlocker(self.list):
            for row in range(self.list.count()):
                if self.list.item(row).data(ID) == sample.id:
                    self.list.setCurrentRow(row)
                    self.list.scrollToItem(self.list.item(row))
        self.image.show_pixels(sample.thumbnail)
        self.title.setText(sample.title)
        told = [sample.group, *sample.notices]
        if not sample.reference:
            told.append("No reference: what is pruned is compared with the full model.")
        self.about.setText("\n".join(text for text in told if text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: D102
        if event.type() == QEvent.Type.Resize:
            self._stretch_headings()
        return super().eventFilter(watched, event)

    def _picked(self, item: QListWidgetItem | None) -> None:
        if item is not None and item.data(ID):
            self.chosen.emit(item.data(ID))

    def _stretch_headings(self) -> None:
        width = self.list.viewport().width() - 2 * self.list.spacing() - 1
        height = self.fontMetrics().height() + 6
        for row in range(self.list.count()):
            item = self.list.item(row)
            if not item.data(ID):
                item.setSizeHint(QSize(max(width, 10), height))

    def _sift(self, text: str) -> None:
        words = text.lower().split()
        seen: set[str] = set()
        for row in range(self.list.count()):
            item = self.list.item(row)
            if item.data(ID):
                told = f"{item.toolTip()} {item.data(GROUP)}".lower()
                item.setHidden(not all(word in told for word in words))
                if not item.isHidden():
                    seen.add(item.data(GROUP))
        for row in range(self.list.count()):
            item = self.list.item(row)
            if not item.data(ID):
                item.setHidden(item.data(GROUP) not in seen)
        empty = not any(not self.list.item(row).isHidden() for row in range(self.list.count()))
        self.list.setVisible(not empty)
        self.nothing.setVisible(empty)
        self.clear_button.setVisible(bool(words))
        quoted = f"No sample has “{text.strip()}” in its name or category."
        self.nothing_label.setText(quoted if words else "No samples come with this model.")

    def _make_nothing(self) -> QWidget:
        """Make what stands in place of the list where that would be blank."""
        self.nothing = QWidget()
        self.nothing_label = QLabel()
        self.nothing_label.setObjectName("noSamples")
        self.nothing_label.setProperty("role", "muted")
        self.nothing_label.setWordWrap(True)
        self.nothing_label.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.clear_button = QPushButton("Show all samples")
        self.clear_button.setObjectName("clearSampleFilter")
        self.clear_button.clicked.connect(self.filter.clear)
        column = QVBoxLayout(self.nothing)
        column.addStretch(1)
        column.addWidget(self.nothing_label)
        column.addSpacing(2 * GAP)
        column.addWidget(self.clear_button, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(2)
        self.nothing.hide()
        return self.nothing

    def _thumb(self, sample: Sample) -> QListWidgetItem:
        item = QListWidgetItem()
        item.setIcon(self._icon(sample))
        item.setSizeHint(QSize(THUMB + 8, THUMB + 8))
        item.setData(ID, sample.id)
        item.setData(GROUP, sample.group)
        item.setToolTip(sample.title)
        item.setData(Qt.ItemDataRole.AccessibleTextRole, sample.title)
        return item

    def _icon(self, sample: Sample) -> QIcon:
        pixels = sample.thumbnail
        picture = pixmap_of(pixels) if pixels is not None else QPixmap()
        made = tile(picture, sample.title, THUMB, self.devicePixelRatioF(), self._theme)
        found = QIcon()
        for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
            found.addPixmap(made, mode)
        return found


class InputImage(QWidget):
    """The input image on a quiet tile, as large as fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputImage")
        self.setFixedSize(116, 116)
        self._picture, self._theme = QPixmap(), LIGHT

    def show_pixels(self, pixels) -> None:
        """Show (H, W, 4) uint8, or nothing; the tile shows through what is transparent."""
        self._picture = pixmap_of(pixels) if pixels is not None else QPixmap()
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self._theme = theme
        self.update()

    def paintEvent(self, event) -> None:  # noqa: D102
        painter = QPainter(self)
        paint_tile(painter, self.rect(), self._picture, "No image", self._theme)


def _heading(group: str) -> QListWidgetItem:
    item = QListWidgetItem(group)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setData(GROUP, group)
    font = item.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 0.9)
    item.setFont(font)
    return item
