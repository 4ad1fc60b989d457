"""The small picture of a system: its own, or a neutral one."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPixmap

from ...core.system import System
from ..dress.icons import pixmap
from ..dress.theme import Theme

RADIUS = 6


def picture_of(system: System) -> QPixmap:
    """The picture that a system gives; a null one where it gives none that can be read."""
    found = QPixmap()
    try:
        found.loadFromData(system.picture())
    except Exception:  # a plugin's own code; a picture is not worth a notice
        return QPixmap()
    return found


def paint_picture(
    painter: QPainter, place: QRect, picture: QPixmap, theme: Theme, sign: str = "network"
) -> None:
    """Paint a picture on a quiet tile, or the icon `sign` where it is null."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QColor(theme.border))
    painter.setBrush(QColor(theme.sunken))
    painter.drawRoundedRect(place.adjusted(0, 0, -1, -1), RADIUS, RADIUS)
    ratio = painter.device().devicePixelRatioF()
    if picture.isNull():
        side = round(place.width() * 0.55)
        shown = pixmap(sign, theme.muted, round(side * ratio))
    else:
        side = place.width() - 4
        shown = picture.scaled(
            round(side * ratio), round(side * ratio),
            Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
    shown.setDevicePixelRatio(ratio)
    size = shown.deviceIndependentSize()
    x = place.x() + (place.width() - size.width()) / 2
    y = place.y() + (place.height() - size.height()) / 2
    painter.drawPixmap(round(x), round(y), shown)
    painter.restore()
