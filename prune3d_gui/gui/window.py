"""The main window: puts the parts in their places and connects them to the controller."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSize, Qt, QTimer
from PySide6.QtGui import QAction, QGuiApplication, QKeySequence
from PySide6.QtWidgets import QApplication, QMainWindow, QToolBar

from ..core.frames import Frame
from ..core.model import ModelRef, Sample
from ..core.plan.knobs import is_hash
from ..core.plan.plans import Plan
from ..core.registry import Registry
from ..core.scene.scenes import Pick
from ..files.paths import sweep
from ..studies.ask.answers import RowFound
from ..studies.live.events import Failed, ModelCard, Stopped
from .actions import fill_menus, fill_toolbar, make_actions, tint
from .captions import told
from .commands import Commands
from .dress.dressing import apply_theme
from .dress.icons import icon
from .dress.notice_list import NoticeButton
from .dress.notices import Notices
from .dress.numbers import whole
from .dress.theme import Theme, resolve_theme
from .export.exports import Exports
from .field_keys import FieldKeys
from .layout import Layout
from .opening.from_export import FromExport
from .opening.opening import Opening
from .opening.recent import RecentMenu
from .panels.status_line import StatusLine
from .state.controller import Controller
from .state.losses import Losses
from .state.settings import Settings
from .study.controller import FOUND, StudiesController
from .study.exports import StudiesExports
from .study.record import CANCELLED, FAILED, Record
from .views.overlay.pick_card import PickCard

PATIENCE_MS = 500
"""How long an answer may take before the status bar says that it is worked on."""
STUDY_TOOLS = ("newStudy", "exportStudy", "reportStudy")
FIRST_HINT = "Drag the {knob} slider: the pruned view follows your hand."


class MainWindow(QMainWindow):
    """The window.

    Parameters
    ----------
    discover : callable
        Returns a `Registry`; called on the session's worker once `start` was.
    settings : Settings
    system : str
        Id of the system to open first; empty for that of `file`, or of what was open last.
    file : Path, optional
        What to open at the start: a network, a sample, a folder; else what was open last.
    """

    def __init__(
        self,
        discover: Callable[[], Registry],
        settings: Settings,
        system: str = "",
        file: Path | None = None,
    ) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Prune3D")
        self.setWindowIcon(icon("prune3d"))
        self.setAcceptDrops(True)
        self.setMinimumSize(900, 480)
        self.settings = settings
        self.theme: Theme | None = None
        self._discover = discover
        self._started = self._closed = self._picked = False
        self.controller = Controller(self)
        self.studies = StudiesController(self.controller, self)
        self.parts = Layout(self.studies, self)
        self.viewport, self.plots = self.parts.viewport, self.parts.plots
        self.setCentralWidget(self.parts)
        self.notices = Notices(self, self.parts.left)
        self.pick_card = PickCard(self.viewport, self.viewport.bar, self.viewport.picked_place)
        self.opening = Opening(self.controller, self.parts.models, self.notices, settings)
        self.opening.start_with(system, file)
        self.from_export = FromExport(
            self.controller, self.opening, self.viewport, self.notices, settings, self
        )
        self.losses = Losses(self.controller)
        self.exports = Exports(self.controller, self.viewport, self.plots, self.notices)
        self.studies_exports = StudiesExports(
            self.controller, self.opening, self.parts.studies, self.notices
        )
        self.status = StatusLine(self)
        self.setStatusBar(self.status)
        self.notice_button = NoticeButton(self.notices)
        self.status.addPermanentWidget(self.notice_button)
        self.status.addPermanentWidget(self.exports.chip)
        self.commands = Commands(self)
        self.actions_by_id: dict[str, QAction] = make_actions(self, self.commands)
        self.field_keys = FieldKeys(self, self.actions_by_id.values())
        self.menus = fill_menus(self, self.actions_by_id)
        self.recent = RecentMenu(self.menus["File"], self.actions_by_id["exportMesh"], settings)
        self.recent.chosen.connect(self.opening.open_path)
        self.toolbar = QToolBar("Tools", self)
        self.toolbar.setObjectName("toolbar")
        self.toolbar.setMovable(False)
        self.toolbar.setIconSize(QSize(20, 20))
        self.toolbar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        fill_toolbar(self.toolbar, self.actions_by_id)
        self.addToolBar(self.toolbar)
        self.parts.offer_studies([self.actions_by_id[name] for name in STUDY_TOOLS])
        self._patience = QTimer(self)
        self._patience.setSingleShot(True)
        self._patience.setInterval(PATIENCE_MS)
        self._patience.timeout.connect(lambda: self.status.work("Working…"))
        self._connect()
        self._on_style(self.controller.style)
        self._on_coloured(self.controller.coloured)
        self._on_camera()
        self.choose_theme(settings.theme)
        self.resize(1280, 800)
        self._restore_layout()
        self.status.say("Starting…")

    # -- starting and closing --------------------------------------------------------

    def start(self) -> None:
        """Load what is heavy; called once the window is visible."""
        if self._started or self._closed:
            return
        self._started = True
        self.controller.session.run("discover", self._discover)
        self.controller.when_settled(self._sweep)
        self.status.say("Looking for systems…")
        self.plots.start()
        self.viewport.start()

    def closeEvent(self, event) -> None:
        """Stop the worker and the plotters, in that order; never waits for long."""
        if not self._closed:
            self._closed = True
            self._keep_layout()
            self.hide()  # a stage may take a while to end; nobody need watch it
            self._patience.stop()
            self.status.progress.stop()
            self.notices.clear()
            self.commands.stop()
            self.field_keys.stop()
            self.studies.close()
            self.studies_exports.close()
            self.controller.close()
            self.viewport.shutdown()
            QGuiApplication.styleHints().colorSchemeChanged.disconnect(self._desktop_theme)
        super().closeEvent(event)

    def _sweep(self) -> None:
        """Sweep the folders used last, once the first picture is there: a disk may be slow."""
        folders = {self.settings.folder, *map(self.settings.folder_of, ("network", "sample"))}
        self.controller.session.run("sweep", lambda: sum(map(sweep, sorted(folders))))

    # -- intents -----------------------------------------------------------------------

    def choose_theme(self, choice: str) -> None:
        """Dress in ``light``, ``dark`` or ``system``, and remember it."""
        self.settings.theme = choice
        theme = resolve_theme(choice)
        if theme is not self.theme:
            self.theme = theme
            apply_theme(QApplication.instance(), theme)
            tint(self.actions_by_id, theme)
            self.parts.set_theme(theme)
            self.notices.set_theme(theme)
            self.notice_button.set_theme(theme)
            self.exports.chip.set_theme(theme)
            self.pick_card.set_theme(theme)
        self.actions_by_id[f"theme{choice.capitalize()}"].setChecked(True)

    def reset_layout(self) -> None:
        """Put every panel back to its first size."""
        self.settings.forget_layout()
        self.parts.first_sizes()

    def keyPressEvent(self, event) -> None:
        """Let go on Esc: of what was picked or looked through, else of what takes its time."""
        if event.key() == Qt.Key.Key_Escape:
            picked = self.viewport.picked_place() is not None
            self.viewport.unpick()
            if not (self.viewport.look_back() or picked) and self.status.progress.stoppable:
                self.controller.stop()
        else:
            super().keyPressEvent(event)

    # -- drag and drop -------------------------------------------------------------------

    def dragEnterEvent(self, event) -> None:
        """Take files and folders."""
        if event.mimeData().hasUrls():
            event.acceptProposedAction()

    def dropEvent(self, event) -> None:
        """Open each file or folder dropped."""
        for url in event.mimeData().urls():
            if url.isLocalFile():
                self.opening.open_path(Path(url.toLocalFile()))
        event.acceptProposedAction()

    # -- connections ---------------------------------------------------------------------

    def _connect(self) -> None:
        controller, parts = self.controller, self.parts
        self.opening.nothing_here.connect(self._on_nothing)
        self.studies.wrote.connect(self.opening.offer_written)
        self.studies.made.connect(self._on_made)
        controller.opening.connect(self._on_opening)
        controller.opened.connect(self._on_opened)
        controller.sample_changed.connect(self._on_sample)
        controller.frame_shown.connect(self._on_frame)
        controller.plan_changed.connect(self._on_plan)
        controller.style_changed.connect(self._on_style)
        controller.coloured_changed.connect(self._on_coloured)
        controller.history_changed.connect(self._on_history)
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        controller.working.connect(self.status.progress.show_work)
        controller.stopped.connect(self._on_stopped)
        self.status.progress.stopped.connect(controller.stop)
        controller.noticed.connect(self.notices_show)
        for typed in (parts.knobs, parts.tree, parts.matrix, parts.studies.views):
            typed.refused.connect(lambda sentence: self.notices.show("error", sentence))
        parts.connect_to(controller)
        self.losses.changed.connect(parts.numbers.show_lost)
        self.losses.told.connect(lambda sentence: self.notices.show("alarm", sentence))
        parts.studies.turned.connect(self._on_study)
        self.studies.removed.connect(self._on_removed)
        self.studies.restored.connect(lambda record: self.notices.drop(_removed(record)))
        self._on_study()
        self.viewport.past.changed.connect(self._on_camera)
        self.viewport.drawn.connect(self.status.show_draw)
        self.viewport.picked.connect(self._on_picked)
        self.viewport.unpicked.connect(self._on_unpicked)
        self.viewport.refused.connect(lambda said: self.notices.show("error", said))
        self.viewport.projected.connect(self.actions_by_id["orthographic"].setChecked)
        self.viewport.outdated.connect(lambda: self.pick_card.set_stale(True))
        self.pick_card.closed.connect(self.viewport.unpick)
        QGuiApplication.styleHints().colorSchemeChanged.connect(self._desktop_theme)

    def notices_show(self, kind: str, message: str, details: str) -> None:
        """Show a notice."""
        self.notices.show(kind, message, details)

    def _on_done(self, tag: str, result: object) -> None:
        if tag == "explain" and self._picked:
            first, *more = result.splitlines() or [""]
            self.status.say(first)
            if more:
                self.pick_card.tell(result)
            else:
                self.pick_card.hide()

    def _on_opening(self, ref: ModelRef) -> None:
        self._patience.stop()
        self.status.work(f"Opening {ref.title}…")

    def _on_opened(self, card: ModelCard) -> None:
        self.setWindowTitle(f"{card.title} – Prune3D")
        self.status.show_device(card.device)
        self.status.say("First reconstruction…")
        self.parts.studies.set_card(card, self.opening.system)
        for action in self.actions_by_id.values():
            action.setEnabled(True)
        self._on_study()
        self._on_history()
        self._on_camera()

    def _on_nothing(self) -> None:
        self.status.say("No model is here; open one of your own.")

    def _on_failed(self, failed: Failed) -> None:
        self._patience.stop()
        if failed.tag == "open":
            self.parts.show_open()
            self.status.say("The model could not be opened.")

    def _on_stopped(self, stopped: Stopped) -> None:
        self._patience.stop()
        if stopped.tag == "open":
            self.parts.show_open()
        frame = self.controller.frames.get("pruned") if stopped.tag != FOUND else None
        if frame is not None:
            words = told(frame.request.plan, self.controller.card, self.controller.axis)
            preview = "a preview of" if frame.quality == "preview" else "of"
            self.status.show_stop(f"{preview} {words}")
        else:
            self.status.show_stop("")

    def _on_sample(self, sample: Sample) -> None:
        self.viewport.unpick()
        self.status.work(f"Reconstructing {sample.title}…")

    def _on_frame(self, frame: Frame) -> None:
        if frame.role == "pruned":
            self._patience.stop()
            first = not self.settings.has_dragged and frame.request.plan == Plan()
            hint = FIRST_HINT.format(knob=self.controller.primary.title.lower())
            if self.parts.knobs.show_hint(hint if first else ""):
                self.parts.fit_knobs()
            self.status.show_frame(frame)
            self.status.say(self._hint(frame))

    def _hint(self, frame: Frame) -> str:
        footprint = frame.footprint
        pruned = footprint.taken
        if not pruned:
            return FIRST_HINT.format(knob=self.controller.primary.title.lower())
        share = 100 * pruned / footprint.prunable if footprint.prunable else 0.0
        why = f"; {footprint.why}" if footprint.why else ""
        of, end = f"of {whole(footprint.prunable)}", f"({share:.1f} %){why}"
        if footprint.zeroed and footprint.removed:
            zeroed, removed = whole(footprint.zeroed), whole(footprint.removed)
            return f"{zeroed} zeroed in place and {removed} removed {of} {end}"
        how = "zeroed in place" if footprint.zeroed else "removed"
        return f"{whole(pruned)} {of} {how} {end}"

    def _on_plan(self, plan: Plan) -> None:
        if not self._patience.isActive():
            self._patience.start()
        if plan != Plan():
            self.settings.has_dragged = True

    def _on_history(self) -> None:
        intention = self.controller.intention
        for name, word, what in (
            ("undo", "Undo", intention.undoes),
            ("redo", "Redo", intention.redoes),
        ):
            action = self.actions_by_id[name]
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            action.setEnabled(bool(what))
            action.setText(f"{word} {what}".strip())
            action.setToolTip(f"{action.text()} ({keys})")

    def _on_camera(self) -> None:
        past = self.viewport.past
        self.actions_by_id["cameraBack"].setEnabled(past.can_go_back)
        self.actions_by_id["cameraForward"].setEnabled(past.can_go_forward)

    def _on_style(self, style: str) -> None:
        self.viewport.set_style(style)
        self.actions_by_id["viewMesh" if style == "mesh" else "viewPoints"].setChecked(True)

    def _on_coloured(self, coloured: bool) -> None:
        self.viewport.set_coloured(coloured)
        self.actions_by_id["colourByDistance"].setChecked(coloured)

    def _on_study(self) -> None:
        """Offer what can be done with the study that is chosen."""
        record = self.parts.studies.record
        offered = {
            "cancelStudy": record is not None and record.live,
            "resumeStudy": record is not None and record.state in (CANCELLED, FAILED),
            "removeStudy": record is not None,
            "exportStudy": record is not None and bool(record.found),
            "reportStudy": record is not None and bool(record.found),
        }
        for name, possible in offered.items():
            self.actions_by_id[name].setEnabled(possible)

    def _on_made(self, record: Record, found: RowFound) -> None:
        digests = {value for value in found.row.values() if is_hash(value)}
        titles = [a.title for a in self.controller.artifacts if a.hash in digests]
        words = "Choose it" if len(digests) == 1 else "Choose them together"
        names = " and ".join(f"'{title}'" for title in titles) or "what its last row names"
        self.notices.show(
            "success", f"'{record.title}' is done: it made {names}.",
            actions=[(words, lambda: self.studies.show(record, found))],
        )  # fmt: skip

    def _on_removed(self, record: Record) -> None:
        self.notices.show(
            "info", _removed(record), actions=[("Undo", lambda: self.studies.restore(record))]
        )

    def _on_picked(self, role: str, pick: Pick) -> None:
        scene = self.viewport.scene(role)
        if scene is not None:
            self._picked = True
            self.controller.choose(scene.layer(pick.layer).data, pick.index)
            self.controller.session.explain(self.controller.sample, scene, pick)

    def _on_unpicked(self) -> None:
        answered, self._picked = self._picked, False
        self.pick_card.hide()
        frame = self.controller.frames.get("pruned")
        if answered and frame is not None:
            self.status.say(self._hint(frame))

    def _desktop_theme(self) -> None:
        if self.settings.theme == "system":
            self.choose_theme("system")

    # -- layout ----------------------------------------------------------------------------

    def _keep_layout(self) -> None:
        self.settings.keep_layout("window", self.saveGeometry())
        self.parts.keep(self.settings)

    def _restore_layout(self) -> None:
        geometry = self.settings.layout("window")
        if geometry is not None:
            self.restoreGeometry(geometry)
        self.parts.restore(self.settings)


def _removed(record: Record) -> str:
    return f"Removed from the list: {record.title}."
