"""Letters at the edges of a slice that say which side of a patient lies there."""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from ....drawing.cameras import CameraState
from ....drawing.gauges import EDGES, LETTER, edge_letters
from ....drawing.palette import Theme


class EdgeLetters:
    """R or L, A or P, S or I in the middle of each edge of a view.

    Parameters
    ----------
    pane : QWidget
        What they are put into, over the view.
    """

    def __init__(self, pane: QWidget) -> None:
        self.labels = {edge: QLabel(pane) for edge in EDGES}
        for edge, label in self.labels.items():
            label.setObjectName(f"letter.{edge}")
            label.setFixedSize(LETTER, LETTER)
            label.setAlignment(Qt.AlignmentFlag.AlignCenter)
            label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    @property
    def texts(self) -> dict[str, str]:
        """What stands at each edge; nothing while they are hidden."""
        return {edge: one.text() for edge, one in self.labels.items() if not one.isHidden()}

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        ground, ink = QColor(*theme.background), QColor(*theme.ink).name()
        red, green, blue, _ = ground.getRgb()
        for label in self.labels.values():
            label.setStyleSheet(
                f"color: {ink}; background: rgba({red}, {green}, {blue}, 190); "
                "border-radius: 4px; font-size: 12px; font-weight: bold;"
            )

    def show_camera(self, view: QRect, state: CameraState | None) -> None:
        """Say what lies at the edges of a view; nothing without a camera, or without room."""
        if state is None or min(view.width(), view.height()) < 4 * LETTER:
            self.hide()
            return
        half, middle = LETTER // 2, view.center() - QPoint(LETTER // 2, LETTER // 2)
        places = {
            "left": QPoint(view.left() + 2, middle.y()),
            "right": QPoint(view.right() - 1 - LETTER, middle.y()),
            "top": QPoint(middle.x(), view.top() + 2),
            "bottom": QPoint(middle.x(), view.bottom() - 1 - 2 * half),
        }
        for edge, letter in edge_letters(state).items():
            label = self.labels[edge]
            label.setText(letter)
            label.move(places[edge])
            if label.isHidden():
                label.show()
                label.raise_()

    def hide(self) -> None:
        """Show nothing."""
        for label in self.labels.values():
            label.hide()
