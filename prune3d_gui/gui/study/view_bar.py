"""The row above a study's view: which view it is, and what is drawn in it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLineEdit, QTabBar, QWidget

from ...core.score.thresholds import FORMS
from ..dress.choice_box import ChoiceBox
from ..dress.theme import GAP
from .table import HELP


class ViewBar(QWidget):
    """A switch of views at the left, boxes at the right; a box for the switch where it is narrow.

    Parameters
    ----------
    titles : sequence of str
        Of the views.
    """

    def __init__(self, titles: Sequence[str]) -> None:
        super().__init__()
        self.switch, self.view_box = QTabBar(), ChoiceBox()
        self.switch.setObjectName("studySwitch")
        self.switch.setDrawBase(False)
        self.switch.setExpanding(False)
        self.switch.setUsesScrollButtons(False)
        self.metric_box, self.cost_box, self.part_box = ChoiceBox(), ChoiceBox(), ChoiceBox()
        for box, name, tip, wide in (
            (self.view_box, "studyView", "How the study is looked at", 8),
            (self.part_box, "studyParts", "Rows of the whole, or of its parts", 6),
            (self.metric_box, "studyShownMetric", "Metric that is drawn", 10),
            (self.cost_box, "studyCost", "What a network costs", 7),
        ):
            box.setObjectName(name)
            box.setToolTip(tip)
            box.setAccessibleName(tip)
            box.setMinimumContentsLength(wide)
            box.setMaximumWidth(280)
            box.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
        for title in titles:
            self.switch.addTab(title)
            self.view_box.addItem(title)
        self.switch.setAccessibleName(self.view_box.toolTip())
        self.threshold_line, self.filter_line = QLineEdit(), QLineEdit()
        self.threshold_line.setObjectName("studyShownThreshold")
        self.threshold_line.setToolTip(
            f"Threshold of the metric: {FORMS} such as +0.5; its line can be dragged"
        )
        self.threshold_line.setAccessibleName("Threshold")
        self.threshold_line.setPlaceholderText("threshold")
        self.threshold_line.setFixedWidth(84)
        self.filter_line.setObjectName("studyFilter")
        self.filter_line.setPlaceholderText("Filter…")
        self.filter_line.setToolTip(HELP)
        self.filter_line.setAccessibleName("Filter of the rows")
        self.filter_line.setClearButtonEnabled(True)
        self.filter_line.setMinimumWidth(90)
        self._boxes = (self.filter_line, self.part_box, self.cost_box, self.metric_box)
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(GAP)
        self._row.addWidget(self.switch)
        self._row.addWidget(self.view_box, 60)
        self._row.addStretch(1)
        for widget in self._boxes:
            self._row.addWidget(widget, 100)
        self._row.addWidget(self.threshold_line)
        self.view_box.hide()
        self.switch.currentChanged.connect(self.view_box.setCurrentIndex)
        self.view_box.currentIndexChanged.connect(self.switch.setCurrentIndex)

    def fit(self) -> None:
        """Show the switch where it has room beside what is shown with it, else the box."""
        beside = [one for one in (*self._boxes, self.threshold_line) if not one.isHidden()]
        needs = sum(_least(one) + GAP for one in beside)
        room = self.width() - needs - 4 * GAP
        wide = self.switch.sizeHint().width()
        self.switch.setMinimumWidth(wide)
        narrow = wide > room
        if narrow is self.view_box.isHidden():
            held = self.switch.hasFocus() or self.view_box.hasFocus()
            self.switch.setVisible(not narrow)
            self.view_box.setVisible(narrow)
            if held:
                (self.view_box if narrow else self.switch).setFocus()

    def resizeEvent(self, event) -> None:  # noqa: D102
        super().resizeEvent(event)
        self.fit()

    def minimumSizeHint(self):  # noqa: D102
        hint = super().minimumSizeHint()
        wide = (*self._boxes, self.threshold_line, self.view_box)
        shown = [one for one in wide if one is self.view_box or not one.isHidden()]
        hint.setWidth(sum(_least(one) + GAP for one in shown) + GAP)
        return hint


def _least(widget: QWidget) -> int:
    return max(widget.minimumSizeHint().width(), widget.minimumWidth())
