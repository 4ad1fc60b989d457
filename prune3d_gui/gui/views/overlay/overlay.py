"""What lies over one view: axes, a scale, a patient's sides, a sentence where nothing is seen."""

from __future__ import annotations

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QLabel, QWidget

from ....core.scene.scenes import Scene
from ....drawing.cameras import CameraState
from ....drawing.gauges import INSET, LEAST, side_for
from ....drawing.palette import Theme
from .edge_letters import EdgeLetters
from .scale_bar import ScaleBar
from .triad import Triad


class Overlay:
    """The triad, the scale bar, letters at the edges and a sentence over the view of a pane.

    They are painted by Qt and drawn anew only when they change, so a scene costs nothing more.

    Parameters
    ----------
    pane : QWidget
        What they are put into, over the view.
    turns : bool
        Whether the camera turns, so that axes tell something.
    """

    def __init__(self, pane: QWidget, turns: bool) -> None:
        self.triad = Triad(pane) if turns else None
        self.scale = ScaleBar(pane)
        self.letters = None if turns else EdgeLetters(pane)
        self.said = QLabel(pane)
        self.said.setObjectName("nothingSeen")
        self.said.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.said.setWordWrap(True)
        self.said.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._corners = [part for part in (self.triad, self.scale) if part is not None]
        self._parts = [*self._corners, *([] if self.letters is None else [self.letters])]
        self.hide()

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of `theme`."""
        for part in self._parts:
            part.set_theme(theme)
        ground, ink = (QColor(*colour).name() for colour in (theme.background, theme.ink))
        self.said.setStyleSheet(
            f"color: {ink}; background: {ground}; border-radius: 5px; padding: 6px 10px;"
        )

    def show(
        self, view: QRect, state: CameraState, zoom: float, unit: str, scene: Scene, said: str
    ) -> None:
        """Show what a camera sees, in the corners of a view.

        Parameters
        ----------
        view : QRect
            Where the view is in the pane.
        state : CameraState
        zoom, unit
            As for a `ScaleBar`.
        scene : Scene
            What is seen.
        said : str
            What to say in the middle; may be empty.
        """
        least = min(view.width(), view.height())
        self.scale.show_camera(state, zoom, unit, view.width())
        self.scale.move(
            view.right() + 1 - self.scale.width() - INSET,
            view.bottom() + 1 - self.scale.height() - INSET,
        )
        if self.triad is not None:
            self.triad.set_side(side_for(least))
            self.triad.show_camera(state, scene)
            self.triad.move(view.left() + 2, view.bottom() - 1 - self.triad.height())
        for part in self._corners:
            _put(part, least >= LEAST)
        if self.letters is not None:
            self.letters.show_camera(view, state if scene.patient else None)
        if said:
            self.said.setText(said)
            wide = min(360, view.width() - 2 * INSET)
            box = QRect(0, 0, wide, self.said.heightForWidth(wide))
            box.moveCenter(view.center())
            self.said.setGeometry(box)
        _put(self.said, bool(said))

    def hide(self) -> None:
        """Show nothing."""
        for part in (*self._parts, self.said):
            part.hide()


def _put(part: QWidget, shown: bool) -> None:
    if part.isHidden() is shown:
        part.setVisible(shown)
        part.raise_()
