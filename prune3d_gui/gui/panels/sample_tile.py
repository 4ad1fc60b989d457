"""Small pictures of samples on quiet tiles that suit light and dark ones in either theme."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPixmap

from ..dress.theme import Theme

RADIUS = 5
LIGHT_GROUND, DARK_GROUND = "#edf0f4", "#4b525d"
"""Of what is transparent: dark things stand out from both, and so do light ones."""


def pixmap_of(pixels: np.ndarray) -> QPixmap:
    """Make a pixmap of (H, W, 3) or (H, W, 4) uint8."""
    height, width, channels = pixels.shape
    form = QImage.Format.Format_RGBA8888 if channels == 4 else QImage.Format.Format_RGB888
    image = QImage(pixels.tobytes(), width, height, width * channels, form)
    return QPixmap.fromImage(image.copy())


def tile(picture: QPixmap, words: str, side: int, ratio: float, theme: Theme) -> QPixmap:
    """Draw a picture, or `words` where it is null, as a tile.

    Parameters
    ----------
    side : int
        Of the tile, in points.
    ratio : float
        Pixels per point.
    """
    made = QPixmap(round(side * ratio), round(side * ratio))
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    paint_tile(painter, QRect(0, 0, side, side), picture, words, theme)
    painter.end()
    return made


def paint_tile(painter: QPainter, place: QRect, picture: QPixmap, words: str, theme: Theme) -> None:
    """Paint a picture as large as fits, or `words` where it is null, on a tile."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    frame = QRectF(place).adjusted(0.5, 0.5, -0.5, -0.5)
    outline = QPainterPath()
    outline.addRoundedRect(frame, RADIUS, RADIUS)
    ground = theme.sunken if picture.isNull() else DARK_GROUND if theme.dark else LIGHT_GROUND
    painter.fillPath(outline, QColor(ground))
    if picture.isNull():
        small = QFont(painter.font())
        small.setPointSizeF(small.pointSizeF() * (0.7 if place.width() < 80 else 0.9))
        painter.setFont(small)
        painter.setPen(QColor(theme.muted))
        inside = place.adjusted(3, 3, -3, -3)
        wrap = Qt.TextFlag.TextWrapAnywhere | Qt.AlignmentFlag.AlignCenter
        painter.drawText(inside, wrap, words)
    else:
        painter.setClipPath(outline)
        ratio = painter.device().devicePixelRatioF()
        shown = picture.scaled(
            round(place.width() * ratio), round(place.height() * ratio),
            Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation,
        )  # fmt: skip
        shown.setDevicePixelRatio(ratio)
        size = shown.deviceIndependentSize()
        x, y = (place.width() - size.width()) / 2, (place.height() - size.height()) / 2
        painter.drawPixmap(round(place.x() + x), round(place.y() + y), shown)
        painter.setClipping(False)
    painter.setPen(QColor(theme.edge if theme.dark else theme.border))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(frame, RADIUS, RADIUS)
    painter.restore()
