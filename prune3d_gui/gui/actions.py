"""The one table of actions: menus, toolbar, palette and shortcut page are made from it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu, QToolBar

from .dress.icons import icon
from .dress.theme import Theme

MENUS = ("File", "Edit", "View", "Studies", "Help")
SUBMENUS = {"Look from": "resetCamera"}
"""Menus inside another: the action below which they stand."""


@dataclass(frozen=True, slots=True)
class ActionSpec:
    """One action.

    Parameters
    ----------
    id : str
        The object name is ``action.<id>``.
    slot : str
        Method of `Commands` that does it; checkable ones get the new state.
    menu : str
        Menu it is in.
    section : int
        A line is drawn between sections of a menu, and of the toolbar.
    toolbar : bool
        Whether the toolbar shows it too.
    group : str
        Checkable actions of one group exclude each other.
    given : str
        What the method is given, where one does several actions.
    """

    id: str
    text: str
    tooltip: str
    shortcut: str
    icon: str
    slot: str
    menu: str
    section: int = 0
    toolbar: bool = False
    checkable: bool = False
    group: str = ""
    needs_model: bool = False
    given: str = ""


ACTIONS = (
    ActionSpec(
        "openSample", "Open sample…", "Reconstruct a file of your own", "Ctrl+O",
        "picture", "open_sample", "File", 0, True,
    ),
    ActionSpec(
        "openModel", "Open model…", "Open a checkpoint of your own", "Ctrl+Shift+O",
        "network", "open_model", "File", 0, True,
    ),
    ActionSpec(
        "openExport", "Open from export…", "Return to what an exported file was made from",
        "Ctrl+Alt+O", "export-in", "open_export", "File", 0,
    ),
    ActionSpec(
        "exportMesh", "Export mesh…", "Write a result as PLY, OBJ, STL or GLB", "Ctrl+E",
        "mesh-out", "export_mesh", "File", 1, True, needs_model=True,
    ),
    ActionSpec(
        "exportPoints", "Export points…", "Write a result as PLY, XYZ or NPZ", "Ctrl+Shift+E",
        "points-out", "export_points", "File", 1, True, needs_model=True,
    ),
    ActionSpec(
        "exportResult", "Export result…", "Write a result as a label map or what else it is",
        "Ctrl+Alt+S", "mesh-out", "export_result", "File", 1, needs_model=True,
    ),
    ActionSpec(
        "exportNetwork", "Export pruned network…", "Write the pruned network itself", "Ctrl+S",
        "network-out", "export_network", "File", 1, True, needs_model=True,
    ),
    ActionSpec(
        "exportCurves", "Export curves…", "Write the curves as CSV, JSON, PNG or SVG",
        "Ctrl+Shift+C", "curves", "export_curves", "File", 1, True, needs_model=True,
    ),
    ActionSpec(
        "screenshot", "Screenshot…", "Write the views as a PNG", "Ctrl+P",
        "camera", "screenshot", "File", 1, True, needs_model=True,
    ),
    ActionSpec("quit", "Quit", "Close the program", "Ctrl+Q", "quit", "quit", "File", 9),
    ActionSpec(
        "undo", "Undo", "Go back to what was before: plan, sample, view settings or look", "Ctrl+Z",
        "undo", "undo", "Edit", 0, True, needs_model=True,
    ),
    ActionSpec(
        "redo", "Redo", "Go forward again", "Ctrl+Shift+Z",
        "redo", "redo", "Edit", 0, True, needs_model=True,
    ),
    ActionSpec(
        "reset", "Reset pruning", "Return every knob, unit rate and lock to its start",
        "Ctrl+R", "reset", "reset", "Edit", 0, True, needs_model=True,
    ),
    ActionSpec(
        "viewMesh", "Surfaces", "Draw meshes as surfaces", "S",
        "mesh", "view_mesh", "View", 0, True, True, "style",
    ),
    ActionSpec(
        "viewPoints", "Points", "Draw meshes as their points", "P",
        "points", "view_points", "View", 0, True, True, "style",
    ),
    ActionSpec(
        "colourByDistance", "Colour by distance", "Colour results on the fixed scale", "C",
        "distance", "colour_by_distance", "View", 1, True, True,
    ),
    ActionSpec(
        "resetCamera", "Reset camera", "Look from the front, with everything in view", "F",
        "frame", "reset_camera", "View", 1, True,
    ),
    ActionSpec(
        "cameraBack", "Camera back", "Return to where the camera was before", "Alt+Left",
        "back", "camera_back", "View", 1,
    ),
    ActionSpec(
        "cameraForward", "Camera forward", "Go to where the camera was taken back from",
        "Alt+Right", "forward", "camera_forward", "View", 1,
    ),
    ActionSpec(
        "lookFront", "From the front", "Frame all, seen straight from the front", "Ctrl+1",
        "cube", "look_from", "Look from", given="front",
    ),
    ActionSpec(
        "lookBack", "From behind", "Frame all, seen from behind", "Ctrl+2",
        "cube", "look_from", "Look from", given="back",
    ),
    ActionSpec(
        "lookLeft", "From the left", "Frame all, seen from the left", "Ctrl+3",
        "cube", "look_from", "Look from", given="left",
    ),
    ActionSpec(
        "lookRight", "From the right", "Frame all, seen from the right", "Ctrl+4",
        "cube", "look_from", "Look from", given="right",
    ),
    ActionSpec(
        "lookTop", "From above", "Frame all, seen straight from above", "Ctrl+5",
        "cube", "look_from", "Look from", given="top",
    ),
    ActionSpec(
        "lookBottom", "From below", "Frame all, seen straight from below", "Ctrl+6",
        "cube", "look_from", "Look from", given="bottom",
    ),
    ActionSpec(
        "lookIsometric", "Isometric", "Frame all, with the three axes alike", "Ctrl+7",
        "cube", "look_from", "Look from", given="isometric",
    ),
    ActionSpec(
        "orthographic", "Orthographic", "Keep parallel lines parallel: lengths compare", "O",
        "parallel", "set_orthographic", "View", 1, False, True,
    ),
    ActionSpec(
        "worstSlice", "Worst slice", "Cut where the pruned result differs most", "W",
        "worst", "worst_slice", "View", 1, needs_model=True,
    ),
    ActionSpec(
        "sideBySide", "Views side by side", "Give every view the same room", "",
        "side-by-side", "side_by_side", "View", 1,
    ),
    ActionSpec(
        "enlarge", "Enlarge view", "Make the view with the keyboard, or the pruned one, large "
        "beside the others; again puts them side by side", "L",
        "enlarge", "enlarge", "View", 1,
    ),
    ActionSpec(
        "theme", "Light or dark", "Switch between light and dark", "Ctrl+T",
        "theme", "switch_theme", "View", 2, True,
    ),
    ActionSpec(
        "themeSystem", "Theme of the system", "Follow the desktop's theme", "",
        "theme", "theme_system", "View", 2, False, True, "theme",
    ),
    ActionSpec(
        "themeLight", "Light theme", "Dark ink on a light ground", "",
        "theme", "theme_light", "View", 2, False, True, "theme",
    ),
    ActionSpec(
        "themeDark", "Dark theme", "Light ink on a dark ground", "",
        "theme", "theme_dark", "View", 2, False, True, "theme",
    ),
    ActionSpec(
        "resetLayout", "Reset layout", "Put every panel back to its first size", "",
        "layout", "reset_layout", "View", 3,
    ),
    ActionSpec(
        "showStudies", "Show studies", "Show the studies below the views, or the live plots",
        "Ctrl+J", "studies", "show_studies", "Studies", 0, True,
    ),
    ActionSpec(
        "newStudy", "New study…", "Try many plans on many samples", "Ctrl+N",
        "plus", "new_study", "Studies", 0, needs_model=True,
    ),
    ActionSpec(
        "cancelStudy", "Cancel study", "Stop the chosen study; its rows stay", "",
        "stop", "cancel_study", "Studies", 1, needs_model=True,
    ),
    ActionSpec(
        "resumeStudy", "Resume study", "Go on with the chosen study; what is computed is kept",
        "", "resume", "resume_study", "Studies", 1, needs_model=True,
    ),
    ActionSpec(
        "removeStudy", "Remove study", "Take the chosen study off the list", "",
        "close", "remove_study", "Studies", 1, needs_model=True,
    ),
    ActionSpec(
        "exportStudy", "Export study…", "Write the rows as CSV or JSON, the chart as PNG or SVG",
        "Ctrl+Alt+E", "curves", "export_study", "Studies", 2, needs_model=True,
    ),
    ActionSpec(
        "reportStudy", "HTML report…", "Write figures, tables and 3D pictures into one page",
        "Ctrl+Alt+R", "report", "report_study", "Studies", 2, needs_model=True,
    ),
    ActionSpec(
        "help", "Help", "Say what the panel with the keyboard shows and does", "F1",
        "help", "help", "Help", 0,
    ),
    ActionSpec(
        "whatsThis", "What is this?", "Click on anything to be told what it is", "Shift+F1",
        "help", "whats_this", "Help", 0,
    ),
    ActionSpec(
        "palette", "Command palette…", "Find any action by typing", "Ctrl+K",
        "palette", "palette", "Help", 0,
    ),
    ActionSpec(
        "shortcuts", "Keyboard shortcuts", "List every shortcut", "Ctrl+F1",
        "keyboard", "shortcuts", "Help", 0,
    ),
    ActionSpec(
        "doctor", "Check this machine", "Say what is wrong with this machine, and how to mend it",
        "", "check", "doctor", "Help", 1,
    ),
    ActionSpec(
        "about", "About Prune3D", "Versions, model, citation and plugins", "",
        "info", "about", "Help", 1,
    ),
)  # fmt: skip


def make_actions(window: QMainWindow, commands: object) -> dict[str, QAction]:
    """Make every action of the table and connect it to the method it names."""
    groups: dict[str, QActionGroup] = {}
    made = {}
    for spec in ACTIONS:
        action = QAction(spec.text, window)
        action.setObjectName(f"action.{spec.id}")
        keys = QKeySequence(spec.shortcut).toString(QKeySequence.SequenceFormat.NativeText)
        action.setToolTip(f"{spec.tooltip} ({keys})" if keys else spec.tooltip)
        action.setStatusTip(spec.tooltip)
        if spec.shortcut:
            action.setShortcut(QKeySequence(spec.shortcut))
        action.setCheckable(spec.checkable)
        if spec.group:
            group = groups.setdefault(spec.group, QActionGroup(window))
            group.addAction(action)
        slot = getattr(commands, spec.slot)
        slot = partial(slot, spec.given) if spec.given else slot
        if spec.checkable:
            action.toggled.connect(slot)
        else:
            action.triggered.connect(lambda checked=False, slot=slot: slot())
        action.setEnabled(not spec.needs_model)
        window.addAction(action)
        made[spec.id] = action
    return made


def fill_menus(window: QMainWindow, actions: dict[str, QAction]) -> dict[str, QMenu]:
    """Put every action into its menu."""
    menus = {}
    for name in MENUS:
        menu = menus[name] = window.menuBar().addMenu(f"&{name}")
        section = None
        for spec in ACTIONS:
            if spec.menu != name:
                continue
            if section not in (None, spec.section):
                menu.addSeparator()
            section = spec.section
            menu.addAction(actions[spec.id])
            if spec.checkable:  # an icon would hide the mark
                actions[spec.id].setIconVisibleInMenu(False)
            for title in (title for title, after in SUBMENUS.items() if after == spec.id):
                inner = menus[title] = menu.addMenu(title)
                inner.addActions([actions[one.id] for one in ACTIONS if one.menu == title])
    return menus


def fill_toolbar(toolbar: QToolBar, actions: dict[str, QAction]) -> None:
    """Put the actions that are wanted often into the toolbar."""
    before = None
    for spec in ACTIONS:
        if not spec.toolbar:
            continue
        here = (spec.menu, spec.section)
        if before not in (None, here):
            toolbar.addSeparator()
        before = here
        toolbar.addAction(actions[spec.id])


def tint(actions: dict[str, QAction], theme: Theme) -> None:
    """Draw the icons in the colours of a theme."""
    for spec in ACTIONS:
        actions[spec.id].setIcon(icon(spec.icon, theme.text, theme.faint))
