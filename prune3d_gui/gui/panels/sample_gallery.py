"""The sample gallery: thumbnails by category, a filter, and the input image itself."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QColor, QIcon, QImage, QPainter, QPalette, QPixmap
from PySide6.QtWidgets import (
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QListWidget,
    QListWidgetItem,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ...core.model import Sample
from ..dress.theme import GAP

THUMB = 52
ID = Qt.ItemDataRole.UserRole
GROUP = Qt.ItemDataRole.UserRole + 1


class SampleGallery(QWidget):
    """Pick a sample; `chosen` carries its id."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
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
        layout.setRowStretch(1, 1)
        self.filter.textChanged.connect(self._sift)
        self.list.currentItemChanged.connect(self._picked)
        self.list.viewport().installEventFilter(self)

    def set_samples(self, samples: Iterable[Sample]) -> None:
        """Show samples, grouped in the order in which their groups first appear."""
        groups: dict[str, list[Sample]] = {}
        for sample in samples:
            groups.setdefault(sample.group, []).append(sample)
        with QSignalBlocker(self.list):
            self.list.clear()
            for group, members in groups.items():
                if group:
                    self.list.addItem(_heading(group))
                for sample in members:
                    self.list.addItem(_thumb(sample))
        self._stretch_headings()
        self._sift(self.filter.text())

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


class InputImage(QWidget):
    """The input image on a quiet ground, as large as fits."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("inputImage")
        self.setFixedSize(116, 116)
        self._picture, self._clear = QPixmap(), False

    def show_pixels(self, pixels) -> None:
        """Show (H, W, 4) uint8, or nothing; white shows through what is transparent."""
        self._picture = _pixmap(pixels) if pixels is not None else QPixmap()
        self._clear = pixels is not None and bool((pixels[:, :, 3:] < 255).any())
        self.update()

    def paintEvent(self, event) -> None:  # noqa: D102
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        palette = self.palette()
        painter.setPen(palette.color(QPalette.ColorRole.Mid))
        painter.setBrush(QColor("#ffffff") if self._clear else Qt.GlobalColor.transparent)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 5, 5)
        if self._picture.isNull():
            painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, "No image")
            return
        size = self._picture.size().scaled(
            self.size() - QSize(8, 8), Qt.AspectRatioMode.KeepAspectRatio
        )
        x, y = (self.width() - size.width()) // 2, (self.height() - size.height()) // 2
        painter.drawPixmap(x, y, size.width(), size.height(), self._picture)


def _heading(group: str) -> QListWidgetItem:
    item = QListWidgetItem(group)
    item.setFlags(Qt.ItemFlag.ItemIsEnabled)
    item.setData(GROUP, group)
    font = item.font()
    font.setBold(True)
    font.setPointSizeF(font.pointSizeF() * 0.9)
    item.setFont(font)
    return item


def _thumb(sample: Sample) -> QListWidgetItem:
    item = QListWidgetItem()
    picture = _pixmap(sample.thumbnail) if sample.thumbnail is not None else QPixmap(THUMB, THUMB)
    if sample.thumbnail is None:
        picture.fill(Qt.GlobalColor.lightGray)
    fit = Qt.AspectRatioMode.KeepAspectRatio
    picture = picture.scaled(THUMB, THUMB, fit, Qt.TransformationMode.SmoothTransformation)
    made = QIcon()
    for mode in (QIcon.Mode.Normal, QIcon.Mode.Selected):
        made.addPixmap(picture, mode)
    item.setIcon(made)
    item.setSizeHint(QSize(THUMB + 8, THUMB + 8))
    item.setData(ID, sample.id)
    item.setData(GROUP, sample.group)
    item.setToolTip(sample.title)
    return item


def _pixmap(pixels) -> QPixmap:
    height, width, channels = pixels.shape
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    image = QImage(pixels.tobytes(), width, height, width * channels, form)
    return QPixmap.fromImage(image.copy())
