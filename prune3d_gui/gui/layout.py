"""Where the parts of the window are, and which signal of one is heard by which."""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QSplitter,
    QTabWidget,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ..core.frames import Frame
from ..core.model import ModelRef, Sample
from ..core.plan.knobs import Knob
from ..core.plan.plans import Plan
from ..core.scene.cameras import Cameras
from ..core.scene.scenes import Image, Scene
from ..studies.live.events import ModelCard
from .captions import caption_of
from .charts.metric_plots import MetricPlots
from .dress.theme import GAP, Theme
from .help.pages import gist_of
from .lower_tabs import NUMBERS, LowerTabs
from .opening.model_selector import ModelSelector
from .panels.choice_strip import LONGEST, ChoiceStrip
from .panels.knob_panel import KnobPanel
from .panels.module_table import ModuleTable
from .panels.numbers_table import NumbersTable
from .panels.sample_gallery import SampleGallery
from .panels.unit_map import UnitMap
from .panels.unit_tree import UnitTree
from .state.controller import Controller
from .state.settings import Settings
from .study.controller import StudiesController
from .study.panel import StudiesPanel
from .views.arrangement import Arrangement
from .views.viewport import Viewport

LEFT, BOTTOM, KNOBS, KNOBS_SHARE = 400, 276, 400, 0.55
STUDIES, LEAST, LEFT_SHARE, LOW = 0.45, 260, 0.3125, 640
"""Share of the height that the studies get at first, pixels that they get in a low window where
the views leave them, most of the width for the left, and the height below which it is low."""


class Layout(QSplitter):
    """Model, knobs, samples and units at the left; views above plots in the centre."""

    def __init__(self, studies: StudiesController, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.models, self.knobs = ModelSelector(), KnobPanel()
        self.gallery, self.tree, self.map = SampleGallery(), UnitTree(), UnitMap()
        self.matrix = self.map.matrix
        self.viewport, self.plots = Viewport(), MetricPlots()
        self.strip = ChoiceStrip()
        self.above = _column(self.viewport, self.strip)
        self._captions: dict[str, tuple[str, bool]] = {}
        self._told: Scene | None = None  # the reference on screen
        self.numbers = NumbersTable()
        self.tabs = QTabWidget()
        self.tabs.setObjectName("leftTabs")
        self.tabs.setDocumentMode(True)
        self.tabs.setAccessibleName("Samples and units")
        self.tabs.addTab(self.gallery, "Samples")
        self.units = _splitter(Qt.Orientation.Vertical, "units", self.map, self.tree)
        self.units.setStretchFactor(1, 1)
        self.tabs.addTab(self.units, "Units")
        top = _panel(self.models, self.knobs)
        self.left = _splitter(Qt.Orientation.Vertical, "left", top, _panel(self.tabs))
        beside = _panel(self.numbers)
        self.bottom = _splitter(Qt.Orientation.Horizontal, "bottom", _panel(self.plots), beside)
        self.studies, self.modules = StudiesPanel(studies), ModuleTable()
        self.lower = LowerTabs(self.bottom, beside, self.modules, self.studies)
        self.centre = _splitter(Qt.Orientation.Vertical, "centre", self.above, _panel(self.lower))
        self.setObjectName("main")
        self.setHandleWidth(1)
        self.setChildrenCollapsible(False)
        self.addWidget(self.left)
        self.addWidget(self.centre)
        self.setStretchFactor(1, 1)
        self.left.setStretchFactor(1, 1)
        self.centre.setStretchFactor(0, 1)
        self.bottom.setStretchFactor(0, 1)
        self.viewport.setMinimumHeight(180)
        self.left.setMinimumWidth(260)
        self.tabs.setMinimumHeight(200)
        self.viewport.show_scene("reference", None, "The reference appears here")
        for part, page in (
            (self.viewport, "views"), (self.knobs, "knobs"), (self.units, "units"),
            (self.gallery, "samples"), (self.plots, "charts"), (self.numbers, "numbers"),
            (self.modules, "numbers"),
            (self.studies, "studies"), (self.models, "opening"),
        ):  # fmt: skip
            part.setWhatsThis(gist_of(page))
        self.first_sizes()
        self.splitterMoved.connect(self._keep_width)
        self.left.splitterMoved.connect(self._chosen)
        self.centre.splitterMoved.connect(self._keep_height)
        self.lower.currentChanged.connect(self._turned)
        self.studies.shown.connect(lambda: self.lower.setCurrentWidget(self.studies))

    # -- sizes -------------------------------------------------------------------------

    def first_sizes(self) -> None:
        """Give every panel its first size."""
        self._chosen_width = False
        self._fit_left()
        self.lower.heights.clear()
        self.strip.set_folded(False)
        self._fit_lower()
        self.bottom.setSizes([10_000, NUMBERS])
        self._chosen_knobs = False
        self.viewport.arrangement = Arrangement()
        self.fit_knobs()

    def fit_knobs(self) -> None:
        """Give the knobs the height they need, unless a hand has chosen another."""
        if not self._chosen_knobs:
            top = self.models.sizeHint().height() + self.knobs.natural_height()
            most = max(KNOBS, round(KNOBS_SHARE * self.left.height()))
            self.left.setSizes([min(top, most), 10_000])

    def keep(self, settings: Settings) -> None:
        """Remember the sizes."""
        for splitter in (self, self.left, self.bottom, self.studies):
            if splitter is not self.bottom or not self.lower.folded:
                settings.keep_layout(splitter.objectName(), splitter.saveState())
        settings.keep_layout("width", QByteArray(b"chosen" if self._chosen_width else b"fitted"))
        settings.keep_layout("knobs", QByteArray(b"chosen" if self._chosen_knobs else b"fitted"))
        arranged = self.viewport.arrangement.text
        settings.keep_layout("arrangement", QByteArray(arranged.encode()))
        settings.keep_layout("lower", QByteArray(self.lower.kept().encode()))
        settings.keep_layout("strip", QByteArray(b"folded" if self.strip.folded else b"shown"))
        settings.forms = self.studies.form.filled

    def restore(self, settings: Settings) -> None:
        """Take the sizes of the last run."""
        for splitter in (self, self.left, self.bottom, self.studies):
            state = settings.layout(splitter.objectName())
            if state is not None:
                splitter.restoreState(state)
                splitter.setHandleWidth(1)
        width = settings.layout("width")
        self._chosen_width = width is not None and bytes(width.data()) == b"chosen"
        self._fit_left()
        knobs = settings.layout("knobs")
        self._chosen_knobs = knobs is not None and bytes(knobs.data()) == b"chosen"
        arranged = settings.layout("arrangement")
        if arranged is not None:
            self.viewport.arrangement = Arrangement.of(bytes(arranged.data()).decode())
        kept = settings.layout("lower")
        if kept is not None:
            self.lower.restore(bytes(kept.data()).decode())
        strip = settings.layout("strip")
        self.strip.set_folded(strip is not None and bytes(strip.data()) == b"folded")
        self._fit_lower()
        self.studies.form.filled = settings.forms

    def offer_studies(self, actions: list[QAction]) -> None:
        """Put actions beside the tabs, to be seen with the studies."""
        corner = QWidget()
        row = QHBoxLayout(corner)
        row.setContentsMargins(0, 0, GAP, 0)
        row.setSpacing(0)
        for action in actions:
            button = QToolButton()
            button.setDefaultAction(action)
            button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
            button.setAutoRaise(True)
            button.setProperty("role", "quiet")
            button.setIconSize(QSize(16, 16))
            row.addWidget(button)
        self.lower.setCornerWidget(corner)
        self._corner = corner
        corner.hide()

    def show_studies(self) -> None:
        """Turn to the studies, or back to the live plots."""
        here = self.lower.currentWidget() is self.studies
        self.lower.setCurrentWidget(self.bottom if here else self.studies)

    def set_theme(self, theme: Theme) -> None:
        """Take the colours of a theme."""
        self.models.set_theme(theme)
        self.gallery.set_theme(theme)
        self.tree.set_theme(theme)
        self.matrix.set_theme(theme)
        self.studies.set_theme(theme)
        self.plots.set_theme(theme)
        self.numbers.set_theme(theme)
        self.viewport.set_theme(theme.dark)
        self.strip.set_theme(theme)

    def show_open(self) -> None:
        """Mark the model and the sample that are open."""
        controller = self._controller
        self.models.show_card(controller.card)
        if controller.sample:
            self.gallery.show_sample(controller.samples[controller.sample])

    # -- connections -------------------------------------------------------------------

    def connect_to(self, controller: Controller) -> None:
        """Show what the controller knows; tell it what hands do."""
        self._controller = controller
        controller.opening.connect(self._on_opening)
        controller.opened.connect(self._on_opened)
        controller.samples_changed.connect(self.gallery.set_samples)
        controller.sample_changed.connect(self._on_sample)
        controller.plan_changed.connect(self._on_plan)
        controller.query_changed.connect(self._on_query)
        controller.look_changed.connect(self._on_look)
        controller.frame_shown.connect(self._on_frame)
        controller.reference_shown.connect(self._on_reference)
        controller.inputs_shown.connect(self._on_inputs)
        controller.visited_changed.connect(self._on_visited)
        controller.axis_changed.connect(self._on_axis)
        controller.curves_changed.connect(self._on_curves)
        self.gallery.chosen.connect(controller.select_sample)
        self.knobs.changed.connect(controller.set_value)
        self.knobs.released.connect(controller.release)
        self.knobs.preset_chosen.connect(controller.take_preset)
        self.strip.chosen.connect(controller.set_value)
        self.strip.wanted.connect(
            lambda knob, entries: controller.session.picture(knob, entries, LONGEST)
        )
        controller.thumbnail_made.connect(self.strip.show_thumbnail)
        controller.artifacts_changed.connect(self.knobs.set_artifacts)
        controller.artifacts_changed.connect(self.plots.set_artifacts)
        controller.artifacts_changed.connect(self.studies.set_artifacts)
        self.knobs.folded.connect(self.fit_knobs)
        self.plots.chosen.connect(controller.go_to)
        self.plots.axis_chosen.connect(controller.set_axis)
        self.plots.comparing.connect(controller.session.compare)
        self.tree.units.rates_edited.connect(controller.set_rates)
        self.tree.units.locks_edited.connect(controller.set_locks)
        self.tree.units.scope_edited.connect(self._on_scope)
        self.matrix.rates_edited.connect(controller.set_rates)
        self.matrix.locks_edited.connect(controller.set_locks)
        self.matrix.chosen.connect(self.tree.choose)

    def _chosen(self) -> None:
        self._chosen_knobs = True

    def _keep_width(self) -> None:
        self._chosen_width = True

    def _keep_height(self) -> None:
        self.lower.heights[self.lower.title] = self.centre.sizes()[1]

    def resizeEvent(self, event) -> None:
        """Let the left panel have its share, unless a hand has chosen another."""
        super().resizeEvent(event)
        self.strip.set_low(self.height() < LOW)
        self._fit_left()
        self.fit_knobs()

    def _fit_left(self) -> None:
        """Give the left panel its share of the width."""
        if not self._chosen_width:
            left = min(LEFT, round(LEFT_SHARE * self.width()))
            self.setSizes([left, max(self.width() - left, 1)])

    def _turned(self) -> None:
        self._fit_lower()
        here = self.lower.currentWidget() is self.studies
        self._corner.setVisible(here)
        if here:
            self.studies.start()

    def _fit_lower(self) -> None:
        """Give the lower tabs the height that the one shown had last."""
        room = self.centre.height()
        studies = min(
            max(round(STUDIES * room), LEAST), room - self.above.minimumSizeHint().height()
        )
        first = studies if self.lower.currentWidget() is self.studies else BOTTOM
        height = self.lower.heights.get(self.lower.title, first)
        self.centre.setSizes([max(room - height, 1), height])

    def _on_opening(self, ref: ModelRef) -> None:
        if self._controller.card is None:
            self.viewport.show_scene("pruned", None, f"Opening {ref.title}…")

    def _on_opened(self, card: ModelCard) -> None:
        self.models.show_card(card)
        self.knobs.set_knobs(card.knobs, card.primary, card.presets)
        self.strip.set_knobs(card.knobs)
        self.tree.set_units(card.units, _scope_knob(card) is not None)
        self.matrix.set_units(card.units)
        self.map.setVisible(bool(self.matrix.cells))
        self.units.setSizes([self.map.wanted, 10_000])
        self.plots.set_card(card)
        self.numbers.set_metrics(card.metrics)
        self.modules.clear_frames()
        self.lower.offer(self.modules, False)
        self.viewport.set_views(card.views)
        self.viewport.set_colours(card.colours)
        self._show_values()
        self._follow()
        self.fit_knobs()
        self._order_tabs()

    def _order_tabs(self) -> None:
        """Let Tab go from the model through the knobs to the samples and units."""
        chain = [self.models.combo, *self.knobs.focus_chain()]
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _on_sample(self, sample: Sample) -> None:
        self.gallery.show_sample(sample)
        self.strip.show_another()
        self.plots.show_full(None)
        self.plots.show_caption(sample.title, "")
        self.numbers.clear_frames()
        self.modules.clear_frames()
        self._told = None
        colours = self._controller.card.colours
        self.viewport.set_colours([scale.told(sample.reference) for scale in colours])
        self.viewport.show_inputs(())
        for role in ("reference", "full", "pruned"):
            self.viewport.show_scene(role, None, "Reconstructing…")

    def _on_plan(self, plan: Plan) -> None:
        self._show_values()
        self.tree.units.show_plan(plan)
        self.matrix.show_plan(plan)
        self.studies.show_plan(plan)
        self._follow()

    def _on_query(self, query: object) -> None:
        self._show_values()

    def _on_frame(self, frame: Frame) -> None:
        preview = frame.quality == "preview"
        controller = self._controller
        caption, cameras = "", frame.scene.first(Cameras)
        if cameras is not None:
            self.strip.show_cameras(cameras)
        self.strip.resume()
        self._plot(frame)
        if frame.role == "pruned":
            plan, card = frame.request.plan, controller.card
            caption = caption_of(plan, card, controller.axis, controller.artifacts)
            self.tree.units.show_left(frame.footprint.nonzero, frame.footprint.scope)
            self.map.show_left(frame.footprint)
            self.knobs.set_chosen_units(
                unit.id for unit in controller.card.units if unit.id in frame.footprint.scope
            )
        else:
            unscored = "" if preview else "itself"
            against = frame.scores.against if frame.scores else unscored
            sample = controller.samples[frame.request.sample]
            self.plots.show_caption(sample.title, against)
        self._captions[frame.role] = (caption, preview)
        self._draw(frame)
        if frame.role == "pruned":
            self._show_reference()
        self.numbers.show_frame(self._comparable(frame))
        self.modules.show_frame(frame)
        self.lower.offer(self.modules, self.modules.known)

    def _draw(self, frame: Frame) -> None:
        scene = self._controller.drawn(frame.scene)
        self.viewport.show_scene(frame.role, scene, *self._captions[frame.role])

    def _plot(self, frame: Frame) -> None:
        if frame.role == "pruned":
            value = float(frame.request.plan.value(self._controller.axis))
            self.plots.show_frame(value, self._comparable(frame))
        else:
            self.plots.show_full(frame)

    def _comparable(self, frame: Frame) -> Frame:
        return self._controller.shown.told(frame, self._controller.card.metrics)

    def _on_reference(self, scene: Scene | None) -> None:
        if scene is None:
            self._told = None
            self.viewport.show_scene("reference", None, "No reference for this sample")
        else:
            self._show_reference()

    def _on_inputs(self, scene: Scene) -> None:
        given = ((layer.name, layer.data) for layer in scene.layers)
        self.viewport.show_inputs([(w, d.pixels) for w, d in given if isinstance(d, Image)])

    def _show_reference(self) -> None:
        """Show the reference, where it is known by how far each part is from the pruned result."""
        shown = self._controller.shown
        told = shown.told_reference()
        if told is not None and told is not self._told:
            self._told = told
            caption = "" if told is shown.reference else "by distance to the pruned result"
            self.viewport.show_scene("reference", self._controller.drawn(told), caption)

    def _on_look(self) -> None:
        for frame in self._controller.frames.values():
            self._draw(frame)
        self._told = None
        self._show_reference()

    def _on_axis(self, axis: Knob) -> None:
        self.plots.set_axis(axis)
        self.studies.show_axis(axis)
        for frame in self._controller.frames.values():
            self._plot(frame)
        self._follow()

    def _on_visited(self) -> None:
        self.plots.show_curve(self._controller.curve())
        self._on_curves()

    def _on_curves(self) -> None:
        self.plots.show_compared(self._controller.visits(), self._controller.curves())

    def _on_scope(self, scope: frozenset[str]) -> None:
        card = self._controller.card
        ids = [unit.id for unit in card.units if unit.id in scope]
        self._controller.set_value(_scope_knob(card), ",".join(ids))

    def _show_values(self) -> None:
        controller = self._controller
        self.knobs.show_plan(controller.plan, controller.query)
        knob = self.strip.knob
        if knob is not None:
            source = controller.plan if knob.invalidates == "prune" else controller.query
            self.strip.show_value(source.value(knob))

    def _follow(self) -> None:
        controller = self._controller
        if controller.card is not None:
            self.plots.follow(float(controller.plan.value(controller.axis)))


def _scope_knob(card: ModelCard) -> Knob | None:
    return next((knob for knob in card.knobs if knob.units_allowed), None)


def _splitter(orientation: Qt.Orientation, name: str, *parts: QWidget) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setObjectName(name)
    splitter.setHandleWidth(1)
    splitter.setChildrenCollapsible(False)
    for part in parts:
        splitter.addWidget(part)
    return splitter


def _column(first: QWidget, *below: QWidget) -> QWidget:
    """The first widget with all the room that those below it leave."""
    made = QWidget()
    column = QVBoxLayout(made)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(first, 1)
    for part in below:
        column.addWidget(part)
    return made


def _panel(*parts: QWidget) -> QFrame:
    panel = QFrame()
    panel.setObjectName("panel")
    layout = QVBoxLayout(panel)
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(0)
    for part in parts:
        layout.addWidget(part)
    layout.setStretchFactor(parts[-1], 1)
    return panel
