"""What a hand filled into a form, as plain values that are there again after a restart."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QWidget

from ...dress.number_box import NumberBox

Widgets = Mapping[str, QWidget]


def filled(widgets: Widgets) -> dict[str, Any]:
    """What is in the widgets of a form, by the name of each."""
    return {name: _read(widget) for name, widget in widgets.items()}


def fill(widgets: Widgets, told: Mapping[str, Any]) -> None:
    """Put back what `filled` gave; what a widget does not take, or does not have, is passed by."""
    for name, widget in widgets.items():
        if name in told:
            _write(widget, told[name])


def _read(widget: QWidget) -> Any:
    if isinstance(widget, QComboBox):
        return widget.currentData()
    if isinstance(widget, QCheckBox):
        return widget.isChecked()
    return round(widget.value()) if isinstance(widget, NumberBox) else widget.text()


def _write(widget: QWidget, value: Any) -> None:
    if isinstance(widget, QComboBox):
        at = widget.findData(value)
        if at >= 0:
            widget.setCurrentIndex(at)
    elif isinstance(widget, QCheckBox):
        widget.setChecked(value is True)
    elif isinstance(widget, NumberBox):
        if type(value) is int:
            widget.setValue(value)
    elif isinstance(widget, QLineEdit) and isinstance(value, str):
        widget.setText(value)
