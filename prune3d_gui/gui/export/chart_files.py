"""Charts as pictures in files, with what they are made from."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

from PySide6.QtGui import QImage

from ...core.errors import BadInput
from ...core.moment import Moment
from ...files.atomic import writing
from ...files.stamps import svg_with, texts


class Painted(Protocol):
    """Something that is drawn as a chart."""

    def picture(self) -> QImage:
        """The chart as pixels."""

    def write_svg(self, path: str) -> None:
        """Write the chart as an SVG."""


def write_chart(path: str | Path, chart: Painted, moment: Moment) -> None:
    """Write a chart as the ending of `path` says: ``.png`` or ``.svg``.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    with writing(path) as temporary:
        if Path(path).suffix.lower() == ".svg":
            chart.write_svg(str(temporary))
            drawn = temporary.read_text(encoding="utf-8")
            temporary.write_text(svg_with(drawn, moment), encoding="utf-8")
            return
        image = chart.picture()
        for name, text in texts(moment).items():
            image.setText(name, text)
        if not image.save(str(temporary), "PNG"):
            raise BadInput(f"'{path}' could not be written; choose another place.")
