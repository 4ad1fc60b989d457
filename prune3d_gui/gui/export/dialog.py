"""A small dialog in front of every export: what, how, and where to."""

from __future__ import annotations

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

from ..dress.number_box import whole_box
from ..dress.theme import GAP


class ExportDialog(QDialog):
    """Asks and calls `act(dialog)` on Export; it blocks nothing.

    Parameters
    ----------
    roles : sequence of str
        Results to choose from; empty for exports that have none.
    formats : sequence of (title, suffix, advice)
        The advice says when to take it; it may be empty.
    picture : bool
        Whether scale and transparency are asked for.
    """

    def __init__(
        self,
        parent: QWidget,
        title: str,
        folder: str,
        name: str,
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
        if picture:
            form.addRow("Scale", self.scale_box)
            form.addRow("", self.transparent_box)
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
        self.path_line.setText(str(Path(folder) / (name + self._formats[0][1])))
        self.format_box.currentIndexChanged.connect(self._change_suffix)

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
        text = Path(self.path_line.text()).expanduser()
        return text if text.suffix else text.with_name(text.name + self._suffix())

    def _suffix(self) -> str:
        return self._formats[self.format_index][1]

    def _change_suffix(self) -> None:
        text = self.path_line.text()
        known = sorted((suffix for _, suffix, _ in self._formats), key=len, reverse=True)
        ending = next((suffix for suffix in known if text.endswith(suffix)), None)
        if ending is not None:
            self.path_line.setText(text.removesuffix(ending) + self._suffix())

    def _advise(self) -> None:
        self.advice.setText(self._formats[self.format_index][2])

    def _warn(self) -> None:
        exists = self.path.is_file()
        self.warning.setText("This file exists and will be replaced." if exists else "")

    def _browse(self) -> None:
        chosen, _ = QFileDialog.getSaveFileName(
            self, self.windowTitle(), str(self.path), f"*{self._suffix()}"
        )
        if chosen:
            self.path_line.setText(chosen)

    def _accept(self) -> None:
        if self.scale_box.take_complaint():
            return  # it is said above the button, which does not act on another number
        self._act(self)
        self.accept()
