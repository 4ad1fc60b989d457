"""A small dialog in front of every export: what, how, and where to."""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Sequence
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QWidget,
)

from ...core.errors import BadInput
from ...files.paths import check_target
from ..dress.number_box import whole_box
from ..dress.theme import GAP

ENDING = re.compile(r"\.[A-Za-z]\w*")
"""What follows the last dot of a name and is no part of a number."""


class ExportDialog(QDialog):
    """Asks and calls `act(dialog)` on Export; it blocks nothing.

    Parameters
    ----------
    folder : str
        Where a file without a folder goes.
    name : callable
        ``name(role)``: what the file is called at first, without its ending; asked again when
        another result is chosen, until a hand has typed a name.
    roles : sequence of str
        Results to choose from; empty for exports that have none.
    formats : sequence of (title, suffix, advice)
        The advice says when to take it; it may be empty.
    picture : bool
        Whether scale, transparency and axes are asked for.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        folder: str,
        name: Callable[[str], str],
        formats: Sequence[tuple[str, str, str]],
        act: Callable[[ExportDialog], None],
        roles: Sequence[str] = (),
        picture: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("exportDialog")
        self.setWindowTitle(title)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._formats, self._act = tuple(formats), act
        self._folder, self._name = Path(folder), name
        form = QFormLayout(self)
        form.setContentsMargins(4 * GAP, 4 * GAP, 4 * GAP, 3 * GAP)
        form.setSpacing(2 * GAP)
        form.setLabelAlignment(Qt.AlignmentFlag.AlignVCenter)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        self.role_box = QComboBox()
        for role in roles:
            self.role_box.addItem(role.capitalize(), role)
        self.role_box.setCurrentIndex(len(roles) - 1)
        if roles:
            form.addRow("Result", self.role_box)
        self.format_box = QComboBox()
        for text, suffix, advice in self._formats:
            self.format_box.addItem(f"{text} (*{suffix})")
            tip = Qt.ItemDataRole.ToolTipRole
            self.format_box.setItemData(self.format_box.count() - 1, advice, tip)
        form.addRow("Format", self.format_box)
        self.advice = QLabel()
        self.advice.setObjectName("formatAdvice")
        self.advice.setProperty("role", "muted")
        self.advice.setWordWrap(True)
        if any(advice for *_, advice in self._formats):
            form.addRow("", self.advice)
            self.advice.setMinimumHeight(3 * self.fontMetrics().height())
            self.advice.setAlignment(Qt.AlignmentFlag.AlignTop)
            self.format_box.currentIndexChanged.connect(self._advise)
            self._advise()
        self.scale_box = whole_box(1, 8)
        self.scale_box.setPrefix("× ")
        self.transparent_box = QCheckBox("Leave the background out")
        self.corners_box = QCheckBox("Show axes and scales, as the views do")
        self.corners_box.setChecked(True)
        if picture:
            form.addRow("Scale", self.scale_box)
            form.addRow("", self.transparent_box)
            form.addRow("", self.corners_box)
        self.path_line = QLineEdit()
        self.path_line.setMinimumWidth(340)
        browse = QPushButton("Browse…")
        browse.setAutoDefault(False)
        browse.clicked.connect(self._browse)
        row = QHBoxLayout()
        row.addWidget(self.path_line, 1)
        row.addWidget(browse)
        form.addRow("File", row)
        self.warning = QLabel()
        self.warning.setProperty("role", "warn")
        self.warning.setWordWrap(True)
        form.addRow("", self.warning)
        self.path_line.textChanged.connect(self._warn)
        self.scale_box.refused.connect(self.warning.setText)
        self.scale_box.valueChanged.connect(self._warn)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel)
        self.export_button = buttons.addButton("Export", QDialogButtonBox.ButtonRole.AcceptRole)
        self.export_button.setDefault(True)
        buttons.accepted.connect(self._accept)
        buttons.rejected.connect(self.close)
        form.addRow(buttons)
        self._suggest()
        self.path_line.textEdited.connect(self._follow_ending)
        self.format_box.currentIndexChanged.connect(self._change_suffix)
        self.role_box.currentIndexChanged.connect(self._suggest)

    @property
    def role(self) -> str:
        """The result chosen."""
        return self.role_box.currentData() or ""

    @property
    def scale(self) -> int:
        """Pixels of the picture for each on screen."""
        return round(self.scale_box.value())

    @property
    def format_index(self) -> int:
        """Place of the format chosen among those offered."""
        return self.format_box.currentIndex()

    @property
    def path(self) -> Path:
        """The file chosen, with the ending of its format where none was typed."""
        path = Path(self.path_line.text().strip())
        with contextlib.suppress(RuntimeError):  # a home that is not known
            path = path.expanduser()
        path = self._folder / path
        if not path.name or path.is_dir() or ENDING.fullmatch(path.suffix):
            return path
        return path.with_name(path.name + self._suffix())

    def _suffix(self) -> str:
        return self._formats[self.format_index][1]

    def _suggest(self) -> None:
        """Name the file after what goes into it, unless it has a name of its own."""
        if not self.path_line.isModified():
            name = self._name(self.role) + self._suffix()
            self.path_line.setText(str(self._folder / name))

    def _follow_ending(self, text: str) -> None:
        """Choose the format whose ending was typed."""
        fit = [i for i, (_, suffix, _) in enumerate(self._formats) if text.endswith(suffix)]
        if fit and self.format_index not in fit:
            self.format_box.setCurrentIndex(max(fit, key=lambda i: len(self._formats[i][1])))

    def _change_suffix(self) -> None:
        text = self.path_line.text()
        known = sorted((suffix for _, suffix, _ in self._formats), key=len, reverse=True)
        ending = next((suffix for suffix in known if text.endswith(suffix)), None)
        if ending is not None and not text.endswith(self._suffix()):
            typed = self.path_line.isModified()
            self.path_line.setText(text.removesuffix(ending) + self._suffix())
            self.path_line.setModified(typed)

    def _advise(self) -> None:
        self.advice.setText(self._formats[self.format_index][2])

    def _warn(self) -> None:
        path = self.path
        if path.is_dir():
            self.warning.setText("This is a folder; add the name of a file.")
        elif not path.parent.is_dir():
            self.warning.setText("This folder does not exist.")
        else:
            exists = path.is_file()
            self.warning.setText("This file exists and will be replaced." if exists else "")

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), str(self.path), f"*{self._suffix()}"
        )
        if chosen:
            self.path_line.setText(chosen)
            self.path_line.setModified(True)
            self._follow_ending(chosen)

    def _accept(self) -> None:
        if self.scale_box.take_complaint():
            return  # it is said above the button, which does not act on another number
        try:
            check_target(self.path)
        except BadInput as error:
            self.warning.setText(str(error))
            return
        self._act(self)
        self.accept()
