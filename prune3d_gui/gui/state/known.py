"""What the window knows: what is open, asked for and on screen, and who is told of it."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from ...core.drawn import drawn
from ...core.frames import Frame
from ...core.model import Sample
from ...core.moment import Moment, paired
from ...core.plan.artifacts import Artifact
from ...core.plan.knobs import Knob, knob_named
from ...core.plan.plans import Plan, Query, Request
from ...core.scene.scenes import Scene
from ...core.score.scores import Curve
from ...studies.live.events import ModelCard
from .fitting import LOOKS
from .history import History
from .intention import Intention
from .kept import Kept
from .shown import Shown
from .visited import Visit, Visited


class Known(QObject):
    """The state of a window, to be read, and the signals that tell when it is another."""

    opening = Signal(object)  # ModelRef
    model_wanted = Signal(object)  # ModelRef of the network that a chosen sample is
    opened = Signal(object)  # ModelCard; what is known of the model comes after
    ready = Signal(object)  # ModelCard of a model that all parts know: intents are welcome
    samples_changed = Signal(object)  # tuple of Sample
    sample_changed = Signal(object)  # Sample
    plan_changed = Signal(object)  # Plan
    query_changed = Signal(object)  # Query
    look_changed = Signal()  # what only draws is another
    style_changed = Signal(str)
    coloured_changed = Signal(bool)
    history_changed = Signal()
    frame_shown = Signal(object)  # Frame
    reference_shown = Signal(object)  # Scene or None
    inputs_shown = Signal(object)  # Scene of pictures, where there is no reference
    visited_changed = Signal()
    axis_changed = Signal(object)  # Knob that curves run along
    curves_changed = Signal()
    thumbnail_made = Signal(str, str, object)  # knob, entry, pixels or None
    artifacts_changed = Signal(object)  # tuple of Artifact that were made from the open model
    noticed = Signal(str, str, str)  # kind, sentence, details
    done = Signal(str, object)  # tag, result
    failed = Signal(object)  # Failed
    working = Signal(object)  # Working: what the session does from now on
    stopped = Signal(object)  # Stopped

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.card: ModelCard | None = None
        self.samples: dict[str, Sample] = {}
        self.shown = Shown()
        self.artifacts: tuple[Artifact, ...] = ()
        first = paired({name: values[0] for name, values in LOOKS.items()})
        self._blank = Intention(moment=Moment(look=first))  # while no model is open
        self._kept: Kept | None = None  # of the open model
        self._asked: Request | None = None
        self._opening = self._held = False

    @property
    def wished(self) -> Query:
        """What the model is asked for: the query without what only draws."""
        return self.query.asked(self.card.knobs)

    @property
    def primary(self) -> Knob:
        """The knob that curves run along until another is turned."""
        return knob_named(self.card.knobs, self.card.primary)

    @property
    def axis(self) -> Knob:
        """The number knob that curves run along: the one turned last."""
        return self.visited.axis

    @property
    def intention(self) -> Intention:
        """What is asked of the open model, with the steps before."""
        return self._blank if self._kept is None else self._kept.intention

    @property
    def moment(self) -> Moment:
        """What is open and asked for."""
        return self.intention.moment

    @property
    def sample(self) -> str:
        """Id of the sample; empty while there is none."""
        return self.moment.sample

    @property
    def style(self) -> str:
        """How meshes are drawn: ``mesh`` or ``points``."""
        return dict(self.moment.look)["style"]

    @property
    def coloured(self) -> bool:
        """Whether results are coloured on the fixed scale."""
        return dict(self.moment.look)["coloured"]

    @property
    def visited(self) -> Visited | None:
        """What was visited of the open model."""
        return self._kept and self._kept.visited

    @property
    def plan(self) -> Plan:
        """What is to be pruned."""
        return self.intention.plan

    @property
    def query(self) -> Query:
        """How to look at it."""
        return self.intention.query

    @property
    def history(self) -> History:
        """Moments before and after."""
        return self.intention.history

    @property
    def frames(self) -> dict[str, Frame]:
        """The frames on screen, by role."""
        return self.shown.frames

    @property
    def held(self) -> bool:
        """Whether a hand holds a slider."""
        return self._held

    @property
    def settled(self) -> bool:
        """Whether the screen shows, at full quality, what was asked for last."""
        if self._opening or self._asked is None:
            return False
        wanted = Request(self.sample, self.plan, self.wished, self._asked.quality)
        return wanted == self._asked and self.shown.settles(wanted)

    def drawn(self, scene: Scene) -> Scene:
        """A scene as the knobs that only draw want it."""
        return drawn(scene, self.query, self.card.knobs)

    def curve(self) -> tuple[Visit, ...]:
        """Points visited on the curve of the present plan."""
        if self.visited is None:
            return ()
        return self.visited.curve(self.sample, self.plan, self.query)

    def visits(self) -> tuple[Visit, ...]:
        """All points visited of the present sample."""
        return self.visited.of(self.sample) if self.visited is not None else ()

    def curves(self) -> tuple[Curve, ...]:
        """Curves of the comparison for the present sample and query."""
        if self._kept is None:
            return ()
        return self._kept.compared.curves(self.sample, self.query)
