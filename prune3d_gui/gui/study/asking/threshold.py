"""The field of a metric and how bad it may become."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit

from ....core.score.scores import Metric
from ....core.score.thresholds import FORMS, Threshold, read_threshold
from ....studies.ask.defaults import usual_threshold
from ...dress.choice_box import ChoiceBox
from .fields import Field


class ThresholdField(Field):
    """A metric and a threshold, which only searches need."""

    edited = Signal()

    def __init__(self) -> None:
        box, line = ChoiceBox(), QLineEdit()
        super().__init__("Threshold", box, line)
        self.box, self.line = box, line
        self.line.setMaximumWidth(90)
        self._metrics: tuple[Metric, ...] = ()
        self._searched = False
        self.line.textEdited.connect(self.edited)
        self.box.currentIndexChanged.connect(self.edited)
        self.box.activated.connect(self._hint)

    @property
    def metric(self) -> Metric | None:
        """The metric chosen."""
        wanted = self.box.currentData()
        return next((metric for metric in self._metrics if metric.id == wanted), None)

    def offer(self, metrics: Sequence[Metric]) -> None:
        """Take the metrics of another model."""
        self._metrics = tuple(metrics)
        self.box.clear()
        for metric in metrics:
            self.box.addItem(metric.title, metric.id)

    def turn(self, searched: bool) -> None:
        """Know whether plans are searched for by it, or a line is drawn."""
        self._searched = searched
        self._hint()

    def read(self) -> Threshold | None:
        """The threshold; None where that of the metric is meant.

        Raises
        ------
        BadInput
            If what is typed is none, or none is known and a search needs one.
        """
        metric = self.metric
        if text := self.line.text().strip():
            return read_threshold(text, "The threshold", metric.unit if metric else "")
        if self._searched and metric is not None:
            usual_threshold(metric)
        return None

    def _hint(self, *_: object) -> None:
        """Say what is taken where no threshold is given, and what may be."""
        metric = self.metric
        slack = metric.slack.words(metric.unit) if metric and metric.slack else ""
        self.line.setPlaceholderText(slack or ("needed" if self._searched else "optional"))
        sign = "-" if metric and metric.better == "higher" else "+"
        text = f"{'' if self._searched else 'Drawn as a line: '}{FORMS} such as {sign}0.5"
        self.line.setToolTip(text[:1].upper() + text[1:])
