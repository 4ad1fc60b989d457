"""The pruning panel: made from a model's knobs, whatever they are."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QFrame, QLabel, QScrollArea, QVBoxLayout, QWidget

from ...core.plan.artifacts import Artifact
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Preset, Query
from ..dress.theme import GAP
from .knob_group import KnobGroup
from .knob_widgets import ArtifactKnob, ChoiceKnob, KnobWidget, is_plain, widget_for
from .preset_bar import PresetBar


class KnobPanel(QScrollArea):
    """Widgets for every knob: first those that prune, number knobs before choices.

    Then come the groups, which fold, and those that only look, in the order in which the model
    gives them.
    """

    changed = Signal(object, object, bool)
    """Knob, value, and whether a hand still holds it."""
    released = Signal()
    refused = Signal(str)
    """What is wrong with what was typed, in a sentence."""
    preset_chosen = Signal(object)
    folded = Signal()
    """A group was folded or opened: the panel needs another height."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("knobPanel")
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.widgets: dict[str, KnobWidget] = {}
        self._folded: set[str] = set()  # titles
        self.hint = QLabel()
        self.set_knobs(())

    def set_knobs(
        self, knobs: Iterable[Knob], primary: str = "", presets: Sequence[Preset] = ()
    ) -> None:
        """Replace the widgets by those for `knobs`; the `primary` one comes first.

        Plans that are offered by name stand above them.
        """
        self.widgets.clear()
        page = QWidget()
        layout = QVBoxLayout(page)
        layout.setContentsMargins(3 * GAP, 2 * GAP, 3 * GAP, 2 * GAP)
        layout.setSpacing(int(1.5 * GAP))
        knobs = tuple(knobs)
        order = partial(_order, primary=primary)
        alone = [knob for knob in knobs if not knob.group]
        pruning = sorted((k for k in alone if k.invalidates == "prune"), key=order)
        looking = [knob for knob in alone if knob.invalidates != "prune"]
        if presets:
            bar = PresetBar(presets)
            bar.chosen.connect(self.preset_chosen)
            layout.addWidget(bar)
        for widget in self._made(pruning, primary):
            layout.addWidget(widget)
        for title in dict.fromkeys(knob.group for knob in knobs if knob.group):
            members = sorted((k for k in knobs if k.group == title), key=order)
            layout.addWidget(self._make_group(title, self._made(members, primary)))
        if looking:
            label = QLabel("Viewing")
            label.setProperty("role", "heading")
            layout.addSpacing(GAP)
            layout.addWidget(label)
        for widget in self._made(looking, primary):
            layout.addWidget(widget)
        if not knobs:
            empty = QLabel("The pruning sliders of the model appear here.")
            empty.setProperty("role", "muted")
            empty.setWordWrap(True)
            layout.addWidget(empty)
        layout.addStretch(1)
        old = self.takeWidget()
        if old is not None:
            old.deleteLater()
        self.setWidget(page)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its knobs take it
        self.setMinimumHeight(min(page.sizeHint().height(), 88) if self.widgets else 0)

    def focus_chain(self) -> list[QWidget]:
        """What Tab goes through, in the order in which it is seen."""
        page = self.widget()
        found = [
            w
            for w in page.findChildren(QWidget)
            if w.focusPolicy() & Qt.FocusPolicy.TabFocus
            and w.focusProxy() is None
            and w.window() is page.window()  # a list that pops up is not
        ]
        return sorted(found, key=lambda w: (at := w.mapTo(page, QPoint(0, 0))) and (at.y(), at.x()))

    def show_hint(self, text: str) -> bool:
        """Say something below the primary knob; returns whether that changed the height."""
        changed = self.hint.isHidden() == bool(text)
        self.hint.setText(text)
        self.hint.setVisible(bool(text))
        return changed

    def natural_height(self) -> int:
        """Height at which nothing needs scrolling."""
        return self.widget().sizeHint().height() + 2

    def show_plan(self, plan: Plan, query: Query) -> None:
        """Show the values of a plan and a query."""
        for widget in self.widgets.values():
            source = plan if widget.knob.invalidates == "prune" else query
            widget.show_value(source.value(widget.knob))

    def set_chosen_units(self, units: Iterable[str]) -> None:
        """Tell scope-like knobs which units are checked."""
        units = tuple(units)
        for widget in self.widgets.values():
            if isinstance(widget, ChoiceKnob):
                widget.set_units(units)

    def set_artifacts(self, artifacts: Iterable[Artifact]) -> None:
        """Offer artifacts where a knob takes such."""
        artifacts = tuple(artifacts)
        for widget in self.widgets.values():
            if isinstance(widget, ArtifactKnob):
                widget.set_artifacts(artifacts)

    def _made(self, knobs: Iterable[Knob], primary: str) -> list[QWidget]:
        """Widgets for `knobs`, with the hint below the primary one."""
        found: list[QWidget] = []
        for knob in knobs:
            found.append(self._add(knob))
            if knob.id == primary:
                found.append(self._make_hint())
        return found

    def _make_group(self, title: str, widgets: Iterable[QWidget]) -> KnobGroup:
        group = KnobGroup(title, widgets)
        group.set_folded(title in self._folded)

        def keep(folded: bool) -> None:
            (self._folded.add if folded else self._folded.discard)(title)
            self.folded.emit()

        group.folded.connect(keep)
        return group

    def _make_hint(self) -> QLabel:
        self.hint = QLabel()
        self.hint.setObjectName("firstHint")
        self.hint.setProperty("role", "hint")
        self.hint.setWordWrap(True)
        self.hint.hide()
        return self.hint

    def _add(self, knob: Knob) -> KnobWidget:
        widget = widget_for(knob)
        self.widgets[knob.id] = widget
        widget.changed.connect(lambda value, held: self.changed.emit(knob, value, held))
        widget.released.connect(self.released)
        widget.refused.connect(self.refused)
        return widget


def _order(knob: Knob, primary: str) -> tuple[bool, bool, bool]:
    return knob.id != primary, is_plain(knob), not knob.number
