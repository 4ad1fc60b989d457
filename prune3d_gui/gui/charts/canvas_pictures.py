"""A canvas of charts as a picture or as vectors."""

from __future__ import annotations

from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QWidget


def picture_of(canvas: QWidget, paper: str, scale: float = 2.0) -> QImage:
    """Draw a graphics view on `paper`, `scale` times as large as on screen."""
    image = QImage(canvas.size() * scale, QImage.Format.Format_ARGB32)
    image.fill(QColor(paper))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    canvas.render(painter, image.rect(), canvas.rect())
    painter.end()
    return image


def write_svg(canvas: QWidget, path: str, title: str) -> None:
    """Write a graphics view as vectors."""
    from PySide6.QtSvg import QSvgGenerator

    rect = canvas.rect()
    generator = QSvgGenerator()
    generator.setFileName(path)
    generator.setSize(rect.size())
    generator.setViewBox(rect)
    generator.setTitle(title)
    painter = QPainter(generator)
    canvas.render(painter, rect, rect)
    painter.end()
