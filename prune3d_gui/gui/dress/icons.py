"""Line icons: drawn in one colour, tinted by the theme."""

from __future__ import annotations

import functools
import tempfile
from pathlib import Path

from PySide6.QtCore import QByteArray, QRectF, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from prune3d_gui.resources import RESOURCES

SIZES = (16, 20, 40)


@functools.cache
def _source(name: str) -> str:
    return (RESOURCES / "icons" / f"{name}.svg").read_text(encoding="utf-8")


def pixmap(name: str, colour: str, size: int) -> QPixmap:
    """Draw an icon `size` device pixels wide."""
    renderer = QSvgRenderer(QByteArray(_source(name).replace("currentColor", colour).encode()))
    picture = QPixmap(size, size)
    picture.fill(Qt.GlobalColor.transparent)
    painter = QPainter(picture)
    renderer.render(painter, QRectF(0, 0, size, size))
    painter.end()
    return picture


@functools.cache
def _folder() -> tempfile.TemporaryDirectory:
    return tempfile.TemporaryDirectory(prefix="prune3d-icons-")


@functools.cache
def tinted_file(name: str, colour: str) -> str:
    """Path of an icon in `colour`, for style sheets, which only take files."""
    path = Path(_folder().name) / f"{name}-{colour.lstrip('#')}.svg"
    path.write_text(_source(name).replace("currentColor", colour), encoding="utf-8")
    return path.as_posix()


def icon(name: str, colour: str = "", faint: str = "") -> QIcon:
    """Make an icon in `colour`, and in `faint` where it is disabled."""
    made = QIcon()
    for size in SIZES:
        made.addPixmap(pixmap(name, colour, size))
        if faint:
            made.addPixmap(pixmap(name, faint, size), QIcon.Mode.Disabled)
    return made
