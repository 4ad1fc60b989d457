"""The fields of a job's own options."""

from __future__ import annotations

from PySide6.QtWidgets import QGridLayout, QWidget

from ....core.jobs import Job, Option
from ...dress.theme import GAP
from .fields import Field, read_option, widget_of


class OptionFields(QWidget):
    """A field for each option of the job that is chosen."""

    def __init__(self) -> None:
        super().__init__()
        self.widgets: dict[str, tuple[Option, QWidget]] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(5 * GAP)
        self._grid.setVerticalSpacing(2 * GAP)

    def show_job(self, job: Job | None) -> None:
        """Show the options of a job, or none."""
        while self._grid.count():
            self._grid.takeAt(0).widget().deleteLater()
        self.widgets.clear()
        for number, option in enumerate(job.options if job else ()):
            widget = widget_of(option)
            self.widgets[option.name] = (option, widget)
            title = option.name.replace("_", " ").capitalize()
            field = Field(title, widget, tip=option.help)
            self._grid.addWidget(field, number // 2, number % 2)
        self.setVisible(bool(self.widgets))

    def read(self) -> tuple[tuple[str, object], ...]:
        """What is filled in, by the names of the options.

        Raises
        ------
        BadInput
            If something is not of its option's type.
        """
        found = self.widgets.items()
        return tuple((name, read_option(option, widget)) for name, (option, widget) in found)
