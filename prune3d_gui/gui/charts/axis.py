"""An axis that can be read at any size: labels never touch, and there are always two.

Importing this module imports pyqtgraph, so it waits until the window shows.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Iterator, Sequence

import pyqtgraph as pg
from PySide6.QtCore import QRectF
from PySide6.QtGui import QFont, QFontMetricsF

BESIDE, ABOVE, MOST, OVER = 8.0, 3.0, 6, 12.0
"""Pixels between labels side by side and one above another; most labels; how far, in pixels,
half a label may stand beyond the end of a lower axis."""
LETTERS = ((1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


class QuietAxis(pg.AxisItem):
    """An axis with as many even ticks as have room for their labels, and no fewer than two.

    On a logarithmic axis ticks read 1, 10, 100; 1, 3, 10; 1, 2, 5, 10 or, over a small range,
    stand at even steps; its label ends in "(log)".
    """

    def tickValues(self, minVal, maxVal, size):  # noqa: D102
        return [(1.0, self._marks(minVal, maxVal, size))]

    def tickStrings(self, values, scale, spacing):  # noqa: D102
        return tick_texts([10**value if self.logMode else value for value in values])

    def setLogMode(self, *args, **kwargs):  # noqa: D102
        super().setLogMode(*args, **kwargs)
        self.label.setHtml(self.labelString())

    def labelString(self):  # noqa: D102
        text = super().labelString()
        return text.replace("</span>", "(log)</span>") if self.logMode else text

    def boundingRect(self) -> QRectF:  # noqa: D102
        return super().boundingRect().adjusted(-OVER, -OVER, OVER, OVER)

    def _marks(self, low: float, high: float, size: float) -> list[float]:
        """Places of the ticks: the most that have room."""
        best, pair = [], []
        for marks in _log_marks(low, high) if self.logMode else _even_marks(low, high):
            whole, apart, narrow = self._laid(marks, low, high, size)
            if not (apart and narrow):
                ends = [whole[0], whole[-1]] if len(whole) > 1 else whole
                if len(pair) < len(ends) and self._laid(ends, low, high, size)[1]:
                    pair = ends
            elif len(best) < len(whole) <= MOST:
                best = whole
        return max(best, pair, key=lambda marks: min(len(marks), 2))

    def _laid(
        self, marks: Sequence[float], low: float, high: float, size: float
    ) -> tuple[list[float], bool, bool]:
        """Ticks whose labels are not cut off at an end, if those are apart, and narrow enough."""
        metrics = QFontMetricsF(self.style["tickFont"] or QFont())
        lying = self.orientation in ("bottom", "top")
        gap, over = (BESIDE, OVER) if lying else (ABOVE, metrics.height() / 2)
        widths = [metrics.horizontalAdvance(text) for text in self.tickStrings(marks, 1, 1)]
        boxes = []
        for mark, width in zip(marks, widths, strict=True):
            at = (mark - low) / ((high - low) or 1) * size
            half = (width if lying else metrics.height()) / 2
            if at - half >= -over and at + half <= size + over:
                boxes.append((mark, at - half, at + half))
        apart = all(one[2] + gap <= other[1] for one, other in itertools.pairwise(boxes))
        narrow = lying or max(widths, default=0) <= (self.fixedWidth or math.inf) - 6
        return [mark for mark, _, _ in boxes], apart, narrow


def tick_texts(values: Sequence[float]) -> list[str]:
    """Write values with as many digits as tell each from the others, thousands with a letter."""
    for digits in range(3, 10):
        texts = [_text(value, digits) for value in values]
        exact = all(
            math.isclose(float(f"{value:.{digits}g}"), value, rel_tol=1e-6) for value in values
        )
        if exact and len(set(texts)) == len(texts):
            break
    return texts


def _text(value: float, digits: int) -> str:
    if abs(value) < 1e-12:
        return "0"
    if not 1e-3 <= abs(value) < 1e15:
        power = math.floor(math.log10(abs(value)) + 1e-9)
        return f"{value / 10.0**power:.{digits}g}e{power}"
    for least, letter in LETTERS:
        if abs(value) >= 0.9995 * least:
            return f"{value / least:.{digits}g}{letter}"
    return f"{value:.{digits}g}"


def _log_marks(low: float, high: float) -> Iterator[list[float]]:
    """Sets of ticks between two powers of ten, from few to many."""
    first, last = math.floor(low), math.ceil(high) + 1
    for stride in (10, 5, 4, 3, 2, 1):
        yield [float(d) for d in range(first, last) if d % stride == 0 and low <= d <= high]
    for digits in ((1, 3), (1, 2, 5), range(1, 10)):
        marks = [d + math.log10(digit) for d in range(first, last) for digit in digits]
        yield [mark for mark in marks if low <= mark <= high]
    if high - low < 2:
        for values in _even_marks(10**low, 10**high):
            yield [math.log10(value) for value in values if value > 0]


def _even_marks(low: float, high: float) -> Iterator[list[float]]:
    """Sets of even ticks between two values, from few to many."""
    span = high - low
    if not (math.isfinite(span) and span > 0):
        yield [low]
        return
    top = math.ceil(math.log10(span))
    for power in range(top, top - 4, -1):
        for digit in (5, 2, 1):
            step = digit * 10.0**power
            first, last = math.ceil(low / step - 1e-9), math.floor(high / step + 1e-9)
            if last - first > 8 * MOST:
                return
            yield [float(f"{number * step:.12g}") for number in range(first, last + 1)]
