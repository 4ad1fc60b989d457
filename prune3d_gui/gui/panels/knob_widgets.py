"""One widget for each kind of knob."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QWidget,
)

from ...core.plan.artifacts import Artifact, shown
from ...core.plan.knobs import Knob, Value
from ..dress.choice_box import ChoiceBox
from ..dress.number_box import NumberBox, box_for
from ..dress.slider import DirectSlider
from ..dress.theme import GAP
from .knob_scales import Scale

CHOSEN = "Chosen units"
ROW = 24


class KnobWidget(QWidget):
    """Base of the widgets: tells of changes by hand, shows changes from elsewhere."""

    changed = Signal(object, bool)
    """The new value, and whether a hand still holds it."""
    released = Signal()
    refused = Signal(str)
    """What is wrong with what was typed, in a sentence."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.knob = knob
        self.setToolTip(knob.help)

    def show_value(self, value: Value) -> None:
        """Show `value` without telling anyone."""
        raise NotImplementedError


PLAIN_STEPS = 500


def is_plain(knob: Knob) -> bool:
    """Whether a knob has too many whole steps for a slider, as a seed has."""
    return knob.kind == "steps" and knob.maximum - knob.minimum > PLAIN_STEPS


class NumberKnob(KnobWidget):
    """A slider with a number beside its title: rate, log, linear and steps."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.scale = Scale(knob)
        plain = is_plain(knob)
        title = QLabel(knob.title)
        title.setProperty("role", "" if plain else "title")
        self.slider = DirectSlider()
        self.slider.setObjectName(f"knob.{knob.id}")
        self.slider.setRange(0, self.scale.positions)
        page = max(self.scale.positions // 20, 1)
        self.slider.setSingleStep(max(self.scale.positions // 200, 1))
        self.slider.setPageStep(page)
        self.slider.setAccessibleName(knob.label)
        self.slider.setToolTip(knob.help)
        self.spin = self._make_spin()
        self.spin.setAccessibleName(knob.label)
        title.setBuddy(self.spin)
        layout = QGridLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setVerticalSpacing(0)
        layout.addWidget(title, 0, 0)
        layout.addWidget(self.spin, 0, 1, Qt.AlignmentFlag.AlignRight)
        layout.addWidget(self.slider, 1, 0, 1, 2)
        self.slider.setVisible(not plain)
        self.slider.valueChanged.connect(self._slid)
        self.slider.sliderReleased.connect(self.released)
        self.spin.valueChanged.connect(self._typed)
        self.spin.refused.connect(self.refused)

    def show_value(self, value: Value) -> None:
        """Show `value` without telling anyone."""
        with QSignalBlocker(self.slider), QSignalBlocker(self.spin):
            self.spin.setValue(float(value))
            if not self.slider.isSliderDown():
                self.slider.setValue(self.scale.position(float(value)))

    def _make_spin(self) -> NumberBox:
        spin = box_for(self.knob, self.scale.decimals)
        spin.setObjectName(f"spin.{self.knob.id}")
        spin.setMinimumSize(92, ROW)
        return spin

    def _number(self, value: float) -> Value:
        if self.knob.kind == "steps":
            return round(value)
        return min(max(value, self.knob.minimum), self.knob.maximum)  # the box rounds its ends

    def _slid(self, position: int) -> None:
        value = self.scale.value(position)
        with QSignalBlocker(self.spin):
            self.spin.setValue(value)
        self.changed.emit(self._number(value), self.slider.isSliderDown())

    def _typed(self, value: float) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(self.scale.position(value))
        self.changed.emit(self._number(value), False)


class ChoiceKnob(KnobWidget):
    """A combo box; with `units_allowed` its last entry stands for units chosen by hand."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.combo = ChoiceBox()
        self.combo.setObjectName(f"choice.{knob.id}")
        self.combo.setAccessibleName(knob.label)
        self.combo.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.combo.setMinimumContentsLength(8)
        self.combo.setMinimumHeight(ROW)
        for choice in knob.choices:
            self.combo.addItem(choice.title, choice.id)
            self.combo.setItemData(self.combo.count() - 1, choice.help, Qt.ItemDataRole.ToolTipRole)
        if knob.units_allowed:
            self.combo.addItem(CHOSEN, None)
            tip = "The units that are checked in the unit tree."
            self.combo.setItemData(self.combo.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        label = QLabel(knob.title)
        label.setBuddy(self.combo)
        label.setMinimumWidth(76)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2 * GAP)
        layout.addWidget(label)
        layout.addWidget(self.combo, 1)
        self._units: tuple[str, ...] = ()
        self.combo.activated.connect(self._activated)

    def set_units(self, units: Iterable[str]) -> None:
        """Name the units that the last entry stands for."""
        self._units = tuple(units)

    def show_value(self, value: Value) -> None:
        """Show `value` without telling anyone."""
        row = self.combo.findData(value)
        with QSignalBlocker(self.combo):
            self.combo.setCurrentIndex(row if row >= 0 else self.combo.count() - 1)

    def _activated(self, row: int) -> None:
        data = self.combo.itemData(row)
        self.changed.emit(data if data is not None else ",".join(self._units), False)


class ArtifactKnob(ChoiceKnob):
    """A combo box of the artifacts there are for the model; none comes first."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self._value = ""
        self._offered: tuple[Artifact, ...] = ()
        self._fill()

    def set_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Offer those that the knob takes; what is chosen stays chosen."""
        self._offered = tuple(a for a in artifacts if a.kind == self.knob.takes)
        self._fill()

    def show_value(self, value: Value) -> None:
        """Show `value` without telling anyone."""
        self._value = str(value)
        self._fill()

    def _fill(self) -> None:
        """Have the entries that are wanted; those that stay are not touched, nor an open list."""
        combo = self.combo
        entries = {"": ("None", "As it was opened."), **{a.hash: _named(a) for a in self._offered}}
        if self._value not in entries:
            entries[self._value] = (f"{shown(self._value)} (not here)", "")
        with QSignalBlocker(combo):
            for row in reversed(range(combo.count())):
                if combo.itemData(row) not in entries:
                    combo.removeItem(row)
            for row, (digest, (title, tip)) in enumerate(entries.items()):
                if combo.itemData(row) != digest:
                    combo.insertItem(row, title, digest)
                    combo.setItemData(row, tip, Qt.ItemDataRole.ToolTipRole)
            while combo.count() > len(entries):
                combo.removeItem(combo.count() - 1)
            combo.setCurrentIndex(list(entries).index(self._value))
            combo.setToolTip(combo.currentText())


def _named(artifact: Artifact) -> tuple[str, str]:
    by = ", ".join(f"{name} {value}" for name, value in artifact.made_from.by)
    return artifact.title, f"{artifact.title}\n{artifact.kind} {artifact.short}\n{by}".strip()


class ToggleKnob(KnobWidget):
    """A check box."""

    def __init__(self, knob: Knob, parent: QWidget | None = None) -> None:
        super().__init__(knob, parent)
        self.box = QCheckBox(knob.title)
        self.box.setObjectName(f"toggle.{knob.id}")
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.box)
        self.box.toggled.connect(lambda on: self.changed.emit(on, False))

    def show_value(self, value: Value) -> None:
        """Show `value` without telling anyone."""
        with QSignalBlocker(self.box):
            self.box.setChecked(bool(value))


def widget_for(knob: Knob) -> KnobWidget:
    """Make the widget for a knob of any kind."""
    kinds = {"choice": ChoiceKnob, "toggle": ToggleKnob, "artifact": ArtifactKnob}
    return kinds.get(knob.kind, NumberKnob)(knob)
