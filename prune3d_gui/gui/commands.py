"""What each action does; the methods are named in the table of actions."""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QObject, QProcess
from PySide6.QtWidgets import QApplication, QWhatsThis

from ..files.grids import GRID_SUFFIXES, describe
from ..studies.ask.answers import RowFound
from .about import AboutDialog, TextDialog
from .export.dialog import ExportDialog
from .export.exports import CURVE_FILES, POINT_FILES
from .export.frozen import ROLES
from .export.names import suggested
from .help.dialog import HelpDialog
from .help.pages import page_for
from .opening.dialogs import Kind, ask_file
from .palette import Palette, Shortcuts
from .views.arrangement import Arrangement

SURFACE = "The surface alone, for any 3D program; ParaView shows the cells of .vtu."
NAMES = {
    ".ply": "Polygon file",
    ".obj": "Wavefront",
    ".stl": "Stereolithography",
    ".glb": "glTF binary",
    ".vtu": "VTK unstructured grid",
    ".vtkhdf": "VTK HDF",
    ".htg": "VTK hyper-tree grid",
    ".xyz": "Plain text",
    ".npz": "NumPy arrays",
    ".csv": "Table",
    ".json": "JSON rows",
    ".png": "Picture",
    ".svg": "Vector picture",
    ".html": "Report in one page",
}


class Commands(QObject):
    """Slots of the actions; those that ask do so in a dialog that blocks nothing."""

    def __init__(self, window) -> None:
        super().__init__(window)
        self._window = window
        self._process: QProcess | None = None
        window.parts.studies.views.answer.wanted.connect(self.export_plan)

    # -- file --------------------------------------------------------------------------

    def open_sample(self) -> None:
        """Ask for a sample file."""
        self._ask_file("sample")

    def open_model(self) -> None:
        """Ask for a checkpoint."""
        self._ask_file("network")

    def open_export(self) -> None:
        """Ask for an exported file, and return to what it was made from."""
        self._window.from_export.ask()

    def export_mesh(self) -> None:
        """Ask which result to write as a surface or an adaptive mesh, and where."""
        exports = self._window.exports
        self._ask_export(
            "Export mesh", "", _formats(exports.mesh_files()),
            lambda asked: exports.export_mesh(asked.role, asked.path), ROLES,
        )  # fmt: skip

    def export_points(self) -> None:
        """Ask which result to write as points, and where."""
        exports = self._window.exports
        self._ask_export(
            "Export points", "points", _formats(POINT_FILES),
            lambda asked: exports.export_points(asked.role, asked.path), ROLES,
        )  # fmt: skip

    def export_result(self) -> None:
        """Ask which result to write in a format of the model's own, and where."""
        formats = [f for f in self._window.controller.card.formats if f.of == "result"]
        if not formats:
            said = "Results of this model have no format of their own; export a mesh or points."
            self._window.notices.show("info", said)
            return
        exports = self._window.exports
        self._ask_export(
            "Export result", "", [(f.title, f.suffix, "") for f in formats],
            lambda asked: exports.export_result(
                asked.role, formats[asked.format_index].id, asked.path
            ),
            ROLES,
        )  # fmt: skip

    def export_network(self) -> None:
        """Ask where to write the pruned network."""
        formats = [f for f in self._window.controller.card.formats if f.of == "network"]
        if not formats:
            self._window.notices.show("info", "This model has no network file to export.")
            return
        exports = self._window.exports
        self._ask_export(
            "Export pruned network", "network", [(f.title, f.suffix, "") for f in formats],
            lambda asked: exports.export_network(formats[asked.format_index].id, asked.path),
        )  # fmt: skip

    def export_curves(self) -> None:
        """Ask how and where to write the curves."""
        exports = self._window.exports
        self._ask_export(
            "Export curves", "curves", _formats(CURVE_FILES),
            lambda asked: exports.export_curves(asked.path),
        )  # fmt: skip

    def screenshot(self) -> None:
        """Ask where to write a picture of the views."""
        exports = self._window.exports
        self._ask_export(
            "Screenshot", "views", _formats((".png",)),
            lambda asked: exports.screenshot(
                asked.path, asked.scale, asked.transparent_box.isChecked(),
                asked.corners_box.isChecked(),
            ),
            picture=True,
        )  # fmt: skip

    def quit(self) -> None:
        """Close the window."""
        self._window.close()

    # -- edit --------------------------------------------------------------------------

    def undo(self) -> None:
        """Go back one step."""
        self._window.controller.undo()

    def redo(self) -> None:
        """Go forward one step."""
        self._window.controller.redo()

    def reset(self) -> None:
        """Return everything to its start."""
        self._window.controller.reset()

    # -- view --------------------------------------------------------------------------

    def view_mesh(self, on: bool) -> None:
        """Draw surfaces."""
        if on:
            self._window.controller.set_style("mesh")

    def view_points(self, on: bool) -> None:
        """Draw points."""
        if on:
            self._window.controller.set_style("points")

    def colour_by_distance(self, on: bool) -> None:
        """Colour results on the fixed scale, or calmly."""
        self._window.controller.set_coloured(on)

    def reset_camera(self) -> None:
        """Frame everything from the front."""
        self._window.viewport.reset_camera()

    def camera_back(self) -> None:
        """Return to where the camera was before."""
        self._window.viewport.past.back()

    def camera_forward(self) -> None:
        """Go forward again."""
        self._window.viewport.past.forward()

    def look_from(self, side: str) -> None:
        """Frame everything from one side."""
        self._window.viewport.look_from(side)

    def set_orthographic(self, on: bool) -> None:
        """Switch between a parallel camera and a perspective."""
        self._window.viewport.set_projection(on)

    def worst_slice(self) -> None:
        """Have the slices go where the pruned result differs most."""
        window = self._window
        pruned = window.controller.frames.get("pruned")
        place = pruned.scores.worst if pruned is not None and pruned.scores else None
        if not window.viewport.crosshair.axes:
            window.notices.show("info", "This model is not seen in slices.")
        elif place is None:
            window.notices.show("info", "No slice differs from what the result is compared with.")
        else:
            window.viewport.crosshair.go(*place)

    def side_by_side(self) -> None:
        """Give every view the same room."""
        self._window.viewport.arrangement = Arrangement()

    def enlarge(self) -> None:
        """Make one view large beside the others, or all alike again."""
        self._window.viewport.enlarge()

    def switch_theme(self) -> None:
        """Go from light to dark, or back."""
        self._window.choose_theme("light" if self._window.theme.dark else "dark")

    def theme_system(self, on: bool) -> None:
        """Follow the desktop."""
        if on:
            self._window.choose_theme("system")

    def theme_light(self, on: bool) -> None:
        """Be light."""
        if on:
            self._window.choose_theme("light")

    def theme_dark(self, on: bool) -> None:
        """Be dark."""
        if on:
            self._window.choose_theme("dark")

    def reset_layout(self) -> None:
        """Put every panel back to its first size."""
        self._window.reset_layout()

    # -- studies -----------------------------------------------------------------------

    def show_studies(self) -> None:
        """Turn to the studies, or back to the live plots."""
        self._window.parts.show_studies()

    def new_study(self) -> None:
        """Open the form that starts a study."""
        self._window.parts.studies.new_study()

    def cancel_study(self) -> None:
        """Stop the study that is chosen."""
        self._with_study(self._window.studies.cancel)

    def resume_study(self) -> None:
        """Go on with the study that is chosen."""
        self._with_study(self._window.studies.resume)

    def remove_study(self) -> None:
        """Take the study that is chosen off the list."""
        self._with_study(self._window.studies.remove)

    def export_study(self) -> None:
        """Ask how and where to write the study that is chosen."""
        exports = self._window.studies_exports
        self._ask_export(
            "Export study", "study", _formats(CURVE_FILES),
            lambda asked: exports.export(asked.path),
        )  # fmt: skip

    def export_plan(self, found: RowFound) -> None:
        """Ask where to write the plan that a search found."""
        exports = self._window.studies_exports
        self._ask_export(
            "Export plan", "plan", [("Plan", ".json", "")],
            lambda asked: exports.export_plan(found, asked.path),
        )  # fmt: skip

    def report_study(self) -> None:
        """Ask where to write the report."""
        exports = self._window.studies_exports
        self._ask_export(
            "HTML report", "study", _formats((".html",)),
            lambda asked: exports.report(asked.path),
        )  # fmt: skip

    # -- help --------------------------------------------------------------------------

    def help(self) -> None:
        """Show the page about what has the focus, or a dialog in front of it."""
        page = page_for(QApplication.focusWidget())
        shown = self._window.findChild(HelpDialog)
        if shown is None:
            shown = HelpDialog(self._window, page)
            shown.show()
        shown.show_page(page)
        shown.raise_()
        shown.activateWindow()

    def whats_this(self) -> None:
        """Wait for a click, and say what was clicked."""
        QWhatsThis.enterWhatsThisMode()

    def palette(self) -> None:
        """Open the command palette."""
        window = self._window
        palette = Palette(window, window.actions_by_id)
        corner = window.mapToGlobal(window.rect().topLeft())
        palette.move(corner.x() + (window.width() - palette.width()) // 2, corner.y() + 90)
        palette.show()
        palette.line.setFocus()

    def shortcuts(self) -> None:
        """Open the shortcut page."""
        Shortcuts(self._window, self._window.actions_by_id).show()

    def about(self) -> None:
        """Open the page about the program."""
        window = self._window
        opening, card = window.opening, window.controller.card
        AboutDialog(window, card, opening.system, opening.registry).show()

    def doctor(self) -> None:
        """Check this machine in a process of its own, and show what it says."""
        if self._process is not None:
            return
        page = TextDialog(self._window, "Check this machine", "Looking…")
        page.show()
        code = "from prune3d_gui.cli.main import main; raise SystemExit(main(['doctor']))"
        self._process = QProcess(self)
        self._process.setProcessChannelMode(QProcess.ProcessChannelMode.MergedChannels)
        self._process.finished.connect(lambda: self._examined(page))
        self._process.start(sys.executable, ["-c", code])

    def stop(self) -> None:
        """End what still runs."""
        if self._process is not None:
            self._process.finished.disconnect()
            self._process.kill()
            self._process.waitForFinished(2000)
            self._process = None

    # -- inside ------------------------------------------------------------------------

    def _examined(self, page: TextDialog) -> None:
        text = bytes(self._process.readAll().data()).decode(errors="replace")
        self._process.deleteLater()
        self._process = None
        page.show_text(text or "It said nothing.")

    def _with_study(self, act: Callable) -> None:
        record = self._window.parts.studies.record
        if record is not None:
            act(record)

    def _ask_file(self, kind: Kind) -> None:
        window, opening = self._window, self._window.opening
        ask_file(window, kind, opening.registry.systems, window.settings, opening.open_path)

    def _ask_export(
        self, title: str, what: str, formats, act, roles=(), picture: bool = False
    ) -> None:
        """Ask how and where to write; `what` stands in the name where it is no single result."""
        settings, controller = self._window.settings, self._window.controller

        def keep_and_act(asked: ExportDialog) -> None:
            settings.folder = str(asked.path.parent)
            act(asked)

        def name(role: str) -> str:
            return suggested(controller, role, what)

        ExportDialog(
            self._window, title, settings.folder, name, formats, keep_and_act, roles, picture
        ).open()


def _formats(suffixes: tuple[str, ...]) -> list[tuple[str, str, str]]:
    """Titles and endings, with advice where a surface and an adaptive mesh are offered."""
    grids = {suffix: describe(suffix) for suffix in suffixes if suffix in GRID_SUFFIXES}
    other = SURFACE if grids else ""
    return [(NAMES[suffix], suffix, grids.get(suffix, other)) for suffix in suffixes]
