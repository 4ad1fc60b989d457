"""The fields of a job's own options."""

from __future__ import annotations

import os

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QLabel,
    QLineEdit,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ....core.errors import BadInput
from ....core.jobs import Job, Option
from ....core.numerals import read_number
from ...dress.choice_box import ChoiceBox
from ...dress.theme import GAP
from .columns import Columns
from .fields import Field

Filled = dict[str, dict[str, object]]


class OptionField(Field):
    """A field that is filled in as its option's kind wants it.

    Parameters
    ----------
    option : Option
    """

    edited = Signal()

    def __init__(self, option: Option) -> None:
        self.option = option
        kinds = {"choice": ChoiceBox, "toggle": QCheckBox}
        self.widget: QWidget = kinds.get(option.sort, QLineEdit)()
        super().__init__(option.title, self.widget, *self._beside(), tip=_tip(option))
        self.widget.setObjectName(f"option.{option.name}")
        self.widget.setAccessibleName(option.title)
        self.widget.setMinimumHeight(24)
        self._fill()
        self.usual = self.filled

    def read(self) -> object:
        """What is filled in, in the option's own type; a path is absolute.

        Raises
        ------
        BadInput
            If it is of another type, out of range, or a place that cannot be used.
        """
        option, kind = self.option, self.option.of
        if option.sort == "toggle":
            return self.widget.isChecked()
        text = self._text()
        if not text:
            return option.default
        if option.sort == "number":
            value = read_number(text, option.title, whole=kind is int, advice="write one")
            return option.check(kind(value))
        if option.place:
            return option.check_place(os.path.abspath(os.path.expanduser(text)))
        return option.check(kind(text))

    @property
    def filled(self) -> str | bool:
        """What is filled in, as it stands there."""
        return self.widget.isChecked() if self.option.sort == "toggle" else self._text()

    def fill(self, value: object) -> None:
        """Fill in what `filled` gave once, where the option still takes it."""
        if self.option.sort == "toggle":
            self.widget.setChecked(value is True)
        elif not isinstance(value, str):
            return
        elif self.option.sort != "choice":
            self.widget.setText(value)
        elif self.option.others or value in self.option.choices:
            self.widget.setCurrentText(value)

    # -- inside ------------------------------------------------------------------------

    def _text(self) -> str:
        box = self.option.sort == "choice"
        return (self.widget.currentText() if box else self.widget.text()).strip()

    def _beside(self) -> list[QWidget]:
        if self.option.place:
            button = QPushButton("Browse…")
            button.setAccessibleName(f"Browse for {self.option.title.lower()}")
            button.clicked.connect(self._browse)
            return [button]
        if self.option.unit:
            unit = QLabel(self.option.unit)
            unit.setProperty("role", "muted")
            return [unit]
        return []

    def _fill(self) -> None:
        option = self.option
        default = "" if option.default is None else str(option.default)
        if option.sort == "toggle":
            self.widget.setChecked(bool(option.default))
            self.widget.toggled.connect(self.edited)
        elif option.sort == "choice":
            self.widget.setEditable(option.others)
            self.widget.addItems(option.choices)
            self.widget.setMinimumContentsLength(8)
            self.widget.setSizeAdjustPolicy(
                QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
            )
            self.widget.setCurrentText(default)
            self.widget.currentTextChanged.connect(self.edited)
        else:
            place = option.place and default
            self.widget.setText(os.path.abspath(default) if place else default)
            self.widget.setPlaceholderText(_hint(option))
            self.widget.textChanged.connect(self._typed)

    def _typed(self, text: str) -> None:
        self.tell("")
        relative = self.option.place and text.strip() and not os.path.isabs(text.strip())
        self.hint(f"= {os.path.abspath(os.path.expanduser(text.strip()))}" if relative else "")
        self.edited.emit()

    def _browse(self) -> None:
        option, text = self.option, self._text()
        start = os.path.abspath(os.path.expanduser(text)) if text else os.getcwd()
        while not os.path.exists(start) and option.sort != "write_file":
            start = os.path.dirname(start)
        endings = " ".join(f"*{ending}" for ending in option.endings)
        kinds = f"{option.title} ({endings});;All files (*)" if endings else "All files (*)"
        if option.sort.endswith("folder"):
            found = QFileDialog.getExistingDirectory(self, option.title, start)
        elif option.sort == "read_file":
            found, _ = QFileDialog.getOpenFileName(self, option.title, start, kinds)
        else:
            found, _ = QFileDialog.getSaveFileName(self, option.title, start, kinds)
        if found:
            self.widget.setText(found)


class OptionFields(QWidget):
    """A field for each option of the job that is chosen."""

    edited = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.job: Job | None = None
        self.fields: dict[str, OptionField] = {}
        self._filled: Filled = {}
        self._columns = Columns()
        self.starts = QLabel(self)
        self.starts.setProperty("role", "muted")
        self.starts.setWordWrap(True)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * GAP)
        column.addWidget(self._columns)
        column.addWidget(self.starts)
        self.hide()

    @property
    def filled(self) -> Filled:
        """What is filled in by hand, by the ids of jobs and the names of their options."""
        if self.job is not None:
            fields = self.fields.items()
            mine = {name: one.filled for name, one in fields if one.filled != one.usual}
            self._filled[self.job.id] = mine
        return {job: dict(values) for job, values in self._filled.items() if values}

    def remember(self, filled: Filled) -> None:
        """Show no job; those that are shown from here on have these values again."""
        self.show_job(None)
        self._filled = {job: dict(values) for job, values in filled.items()}

    def show_job(self, job: Job | None) -> None:
        """Show the options of a job, or none; what was filled in for a job before is there."""
        if job is self.job:
            return
        self._filled = self.filled
        self._columns.show_fields(())
        for field in self.fields.values():
            field.deleteLater()
        self.job, self.fields = job, {}
        options = job.options if job else ()
        for option in sorted(options, key=lambda option: not option.place):
            field = self.fields[option.name] = OptionField(option)
            field.edited.connect(self.edited)
        for name, value in self._filled.get(job.id if job else "", {}).items():
            if name in self.fields:
                self.fields[name].fill(value)
        fields = self.fields.values()
        self._columns.show_fields(tuple(fields), [one for one in fields if one.option.place])
        places = any(option.place for option in options)
        self.starts.setText(f"Relative paths start at {os.getcwd()}." if places else "")
        self.starts.setVisible(places)
        self.setVisible(bool(self.fields))

    def read(self) -> tuple[tuple[str, object], ...] | None:
        """What is filled in, by the names of the options; None where a field says what is wrong."""
        found, wrong = {}, False
        for name, field in self.fields.items():
            try:
                found[name] = field.read()
                field.tell("")
            except BadInput as error:
                field.tell(str(error))
                wrong = True
        order = (option.name for option in (self.job.options if self.job else ()))
        return None if wrong else tuple((name, found[name]) for name in order)


def _tip(option: Option) -> str:
    return f"{option.help} {option.limits.capitalize()}".strip()


def _hint(option: Option) -> str:
    if option.sort == "number":
        return option.limits or "not set"
    return "" if option.default else "not set"
