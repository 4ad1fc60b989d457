"""Pages of text: about the program, and what the doctor says."""

from __future__ import annotations

from html import escape

from PySide6.QtCore import Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QVBoxLayout,
    QWidget,
)

from .. import __version__
from ..core.registry import Registry, plugin_folder
from ..core.system import System
from ..studies.ask.versions import versions
from ..studies.live.events import ModelCard
from .dress.icons import pixmap
from .dress.theme import GAP


class AboutDialog(QDialog):
    """Versions, model, citation, plugins and those that did not load."""

    def __init__(
        self,
        parent: QWidget,
        card: ModelCard | None,
        system: System | None,
        registry: Registry | None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("about")
        self.setWindowTitle("About Prune3D")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        mark = QLabel()
        mark.setPixmap(pixmap("prune3d", "", 64))
        self.text = QLabel(_about(card, system, registry))
        self.text.setWordWrap(True)
        self.text.setTextInteractionFlags(Qt.TextInteractionFlag.TextBrowserInteraction)
        self.text.setMinimumWidth(420)
        row = QHBoxLayout()
        row.setSpacing(4 * GAP)
        row.addWidget(mark, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self.text, 1)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(5 * GAP, 5 * GAP, 5 * GAP, 4 * GAP)
        layout.setSpacing(4 * GAP)
        layout.addLayout(row)
        layout.addWidget(buttons)


class TextDialog(QDialog):
    """Plain text in columns."""

    def __init__(self, parent: QWidget, title: str, text: str) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.box = QPlainTextEdit(text)
        self.box.setReadOnly(True)
        self.box.setFont(QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont))
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        layout.addWidget(self.box)
        layout.addWidget(buttons)
        self.resize(760, 460)

    def show_text(self, text: str) -> None:
        """Replace the text."""
        self.box.setPlainText(text)


def _about(card: ModelCard | None, system: System | None, registry: Registry | None) -> str:
    parts = [
        f"<h3>Prune3D {__version__}</h3>",
        "<p>Drag a pruning slider and watch a 3D reconstruction degrade.</p>",
    ]
    if system is not None:
        parts.append(f"<p><b>{escape(system.title)}</b><br>{escape(system.citation)}</p>")
    if card is not None:
        parts.append(
            f"<p>{escape(card.title)}: {escape(card.note)}<br>"
            f"Weights {escape(card.weights_hash[:16])}, on {escape(card.device)}."
            f"{''.join(f'<br>{escape(notice)}' for notice in card.notices)}</p>"
        )
    for broken in registry.broken if registry else ():
        parts.append(
            f"<p>The plugin {escape(broken.name)} did not load: {escape(broken.reason)}</p>"
        )
    known = ", ".join(f"{name} {number}" for name, number in versions().items())
    parts.append(f"<p>Your own plugins go into {escape(str(plugin_folder()))}.</p>")
    parts.append(f"<p>{escape(known)}</p>")
    return "".join(parts)
