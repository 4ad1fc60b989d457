"""What the menu of a pane offers: sides to look from, cameras to look through, windows of grey."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu

from ...drawing.framing import SIDES, Side
from ..dress.numbers import number
from .crosshair import Crosshair


def offer_camera(
    menu: QMenu,
    parallel: bool,
    look_from: Callable[[Side], None],
    project: Callable[[bool], None],
    through: tuple[str, Callable[[], None]] | None,
    back: Callable[[], None] | None,
) -> None:
    """Put what can be done with a camera at the end of a menu.

    Parameters
    ----------
    menu : QMenu
    parallel : bool
        Whether it is orthographic now.
    look_from, project : callables
        Look from a side; be orthographic or not.
    through : (name, callable) or None
        The camera under the mouse, and how to look through it.
    back : callable or None
        How to return from a camera that is looked through.
    """
    menu.addSeparator()
    if through is not None:
        name, look = through
        menu.addAction(f"Look through {name}", look)
    if back is not None:
        menu.addAction("Return from the camera", back)
    sides = menu.addMenu("Look from")
    sides.setObjectName("sidesMenu")
    for side in filter(None, SIDES):
        action = QAction(side.capitalize(), sides)
        action.triggered.connect(lambda _=False, side=side: look_from(side))
        sides.addAction(action)
    flat = menu.addAction("Orthographic")
    flat.setCheckable(True)
    flat.setChecked(parallel)
    flat.toggled.connect(project)


def offer_windows(menu: QMenu, crosshair: Crosshair) -> None:
    """Put the values that can be black and white in slices at the end of a menu."""
    if not crosshair.windows:
        return
    menu.addSeparator()
    windows = menu.addMenu("Window of grey")
    windows.setObjectName("windowsMenu")
    windows.setToolTipsVisible(True)
    for name, (low, high) in crosshair.windows.items():
        action = QAction(f"{name}: {number(low)} to {number(high)}", windows)
        action.setCheckable(True)
        action.setChecked(crosshair.window == (low, high))
        action.triggered.connect(lambda _=False, at=(low, high): crosshair.see_with(*at))
        windows.addAction(action)
    hint = windows.addAction("Or drag with Ctrl: right is wider, up is darker")
    hint.setEnabled(False)
