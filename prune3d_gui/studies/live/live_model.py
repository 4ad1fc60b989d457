"""A model that a session has open: its frames, what is kept of them, and its idle work."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, final

from ...core.cancel import CancelToken
from ...core.errors import BadInput, Cancelled, Prune3DError
from ...core.frames import Frame, Recipe, Role, Timings
from ...core.model import Applied, Model, ModelRef, Stage
from ...core.newest import Newest
from ...core.plan.plans import Plan, Query, Request
from ...core.scene.scenes import Scene
from ...core.score.scores import Curve
from ...core.system import System
from ...core.threads import gently
from ...geometry.scenes import with_surfaces
from ..ask.results import scored
from ..ask.versions import versions
from .curve_store import CurveStore
from .events import CurveFound, Notice, PreviewScored, Thumbnail
from .telling import Telling

SCENE_BYTES = 1 << 30
"""Of one scene: more is refused, for the window holds several and copies what it draws."""
FULL_BYTES = 64 << 20
"""Of kept results of the empty plan."""
CURVES = "curves"
"""Name of the idle work that finds the curves of the comparison."""

Key = tuple[str, Query]
_Whole = tuple[Plan, str, Query]


@final
class LiveModel:
    """Answers requests with a model, on whatever thread it is called.

    Parameters
    ----------
    model : Model
    ref : ModelRef
        What it was opened from.
    system : System
        What opened it.
    show : callable
        Takes each `Frame`.
    emit : callable
        Takes each `Notice`, `CurveFound`, `PreviewScored` and `Thumbnail`.
    telling : Telling
        Tells what is worked on.
    """

    def __init__(
        self,
        model: Model,
        ref: ModelRef,
        system: System,
        show: Callable[[Frame], None],
        emit: Callable[[Any], None],
        telling: Telling,
    ) -> None:
        self.model, self.ref = model, ref
        self._curve_store = CurveStore(model, ref, system)
        self._show, self._emit, self._telling = show, emit, telling
        self._prepared = False
        self._full: Newest[Frame] = Newest(FULL_BYTES, lambda frame: frame.scene.nbytes)
        self._last: tuple[Key, Frame] | None = None  # of the empty plan, a preview maybe
        self._against_full: set[str] = set()  # samples that only `full` can be compared with
        self._curved: set[Key] = set()
        self._now: Key | None = None  # what was asked for last
        self._previewed: set[Key] = set()  # where a preview of the empty plan was seen
        self._said: set[str] = set()
        self._rescored = any(knob.invalidates == "score" for knob in model.knobs)
        self._stages: dict[str, tuple[_Whole, Applied, Stage]] = {}  # the last in full, by role

    def answer(
        self, generation: int, request: Request, with_full: bool, cancel: CancelToken
    ) -> None:
        """Show the pruned result and, where it is not known, that of the empty plan.

        A preview of the pruned one comes first, unless its scores need the other.

        Raises
        ------
        Cancelled
            When the token is set; what was shown by then stands.
        """
        self._said.clear()
        self._now = (request.sample, request.query)
        full, early = self._known(request), None
        if full is not None and with_full:
            self._show(replace(full, generation=generation))
        if request.plan == Plan():
            if full is None:
                self._unpruned(generation, request, cancel, twice=True)
            else:
                self._show(replace(full, request=request, generation=generation, role="pruned"))
            return
        if full is None and request.sample not in self._against_full:
            preview = replace(request, quality="preview")
            early = self._pruned(generation, preview, None, cancel, alone=True)
        if full is None:
            full = self._unpruned(generation, request, cancel)
        if early is None or request.quality == "full":
            self._pruned(generation, request, full.scene, cancel)

    def idle_work(self, present: Key | None) -> tuple[str, Callable[[CancelToken], None]] | None:
        """What is left to do while nothing is asked, and its name.

        A preview of the empty plan, so that others can be compared with it; preparing; curves.

        Parameters
        ----------
        present : (sample, Query) or None
            What curves are wanted of, if that is at rest.
        """
        if self._last is None:
            return None
        now = self._now
        if now is not None and now not in self._previewed and self._full.get(now) is not None:
            return "preview", lambda cancel: self._preview(now, cancel)
        if not self._prepared:
            return "prepare", self._prepare
        if self.model.comparison is None or present is None or present in self._curved:
            return None
        return CURVES, lambda cancel: gently(lambda: self._curves(*present, cancel))

    def thumbnail(self, knob: str, choice: str, longest: int, cancel: CancelToken) -> None:
        """Tell the small picture of an entry of a knob, or that it has none."""
        known = next((one for one in self.model.knobs if one.id == knob), None)
        if known is None or choice not in {entry.id for entry in known.choices}:
            return  # of the model before
        try:
            pixels = self.model.thumbnail(knob, choice, longest, cancel)
        except Cancelled:
            raise
        except Prune3DError:  # a photograph that is damaged is told of where it is looked at
            pixels = None
        self._emit(Thumbnail(knob, choice, pixels))

    @property
    def shown(self) -> bool:
        """Whether it has shown a result."""
        return self._last is not None

    def close(self) -> None:
        """Let go of the model."""
        self.model.close()

    # -- inside ------------------------------------------------------------------

    def _preview(self, key: Key, cancel: CancelToken) -> None:
        """Score a preview of the empty plan."""
        self._previewed.add(key)  # a failure is told once
        try:
            bare = Request(key[0], Plan(), key[1], "preview")
            for frame in self._framed(0, bare, "full", None, cancel):
                self._preview_is(frame)
        except Cancelled:
            self._previewed.discard(key)
            raise

    def _preview_is(self, frame: Frame) -> None:
        self._previewed.add((frame.request.sample, frame.request.query))
        self._emit(PreviewScored.of(frame))

    def _prepare(self, cancel: CancelToken) -> None:
        self._prepared = True  # a failure is told once
        try:
            with self._telling.of("prepare", like=("prepare", self.model.weights_hash)):
                self.model.prepare(cancel)
        except Cancelled:
            self._prepared = False
            raise

    def _curves(self, sample: str, query: Query, cancel: CancelToken) -> None:
        """Tell the curves of the comparison, worked out once, until something is asked."""
        self._curved.add((sample, query))  # a failure is told once
        stored = self._curve_store.read(sample, query)
        found: dict[str, Curve] = {}
        try:
            with self._telling.of(CURVES, like=(CURVES, self.model.weights_hash)):
                for curve in stored or self.model.curves(sample, query, cancel):
                    cancel.check()
                    found[curve.id] = curve
                    self._emit(CurveFound(sample, query, curve))
        except Cancelled:
            self._curved.discard((sample, query))
            raise
        if not stored:
            self._curve_store.keep(sample, query, tuple(found.values()))

    def _known(self, request: Request) -> Frame | None:
        """The frame of the empty plan, where it was computed; previews do for a preview."""
        key = (request.sample, request.query)
        known = self._full.get(key)
        if known is None and self._last is not None and self._last[0] == key:
            last = self._last[1]
            known = last if last.quality == "full" or request.quality == "preview" else None
        return known

    def _unpruned(
        self, generation: int, request: Request, cancel: CancelToken, twice: bool = False
    ) -> Frame:
        """Show the result of the empty plan, `twice` also as the pruned one, and keep it."""
        bare = replace(request, plan=Plan())
        last = None
        for frame in self._framed(generation, bare, "full", None, cancel):
            last = frame
            if frame.quality == "preview":
                self._preview_is(frame)
            self._show(frame)
            if twice:
                self._show(replace(frame, role="pruned"))
        key = (request.sample, request.query)
        assert last is not None  # `_framed` gives one at least
        self._last = (key, last)
        if last.quality == "full":
            self._full.put(key, last)
        return last

    def _pruned(
        self,
        generation: int,
        request: Request,
        full: Scene | None,
        cancel: CancelToken,
        alone: bool = False,
    ) -> Frame | None:
        """Show every stage of the pruned result and return the last.

        `alone`, without `full`: nothing is shown, and nothing returned, where the model cannot
        score without it.
        """
        frame = None
        for frame in self._framed(generation, request, "pruned", full, cancel):
            if alone and frame.scores is None:
                self._against_full.add(request.sample)
                return None
            self._show(frame)
        return frame

    def _framed(
        self, generation: int, request: Request, role: Role, full: Scene | None, cancel: CancelToken
    ) -> Iterator[Frame]:
        """Reconstruct and score, stage by stage, and tell of it."""
        cancel.check()
        key = (request.plan, request.sample, request.query.reconstructed(self.model.knobs))
        kept = self._stages.get(role)
        again = kept if kept and kept[0] == key and request.quality == "full" else None
        like = None if again else (self.model.weights_hash, request.quality, *key[1:])
        with self._telling.of(role, like=like):
            for frame in self._made(generation, request, role, full, cancel, key, again):
                self._telling.stage()
                yield frame

    def _made(
        self,
        generation: int,
        request: Request,
        role: Role,
        full: Scene | None,
        cancel: CancelToken,
        key: _Whole,
        again: tuple[_Whole, Applied, Stage] | None,
    ) -> Iterator[Frame]:
        """Reconstruct and score, or score `again` what is kept."""
        model, clock, found = self.model, time.perf_counter, False
        start = clock()
        applied = again[1] if again else model.apply(request.plan, cancel)
        prune = (clock() - start) * 1e3
        for notice in applied.notices:
            if notice not in self._said:
                self._said.add(notice)
                self._emit(Notice(notice))
        asked = (applied, request.sample, request.query)
        start, forward = clock(), 0.0
        stages = (again[2],) if again else model.reconstruct(*asked, request.quality, cancel)
        for stage in stages:
            forward += (clock() - start) * 1e3
            cancel.check()
            check_size(stage.scene, request.sample)
            start = clock()
            result = scored(model, *asked, stage, full, cancel)
            took = (clock() - start) * 1e3
            scene = with_surfaces(result.scene)
            found = True
            if self._rescored and stage.quality == "full":
                self._stages[role] = key, applied, stage
            yield Frame(
                request,
                generation,
                role,
                stage.quality,
                scene,
                result.scores,
                applied.footprint,
                Timings(prune, forward, took, stage.times),
                self._recipe(),
                stage.name,
            )
            start = clock()
        if not found:
            raise Prune3DError(f"The model returned nothing for the sample {request.sample!r}.")

    def _recipe(self) -> Recipe:
        model = self.model
        return Recipe(self.ref.system, model.title, model.weights_hash, model.device, versions())


def check_size(scene: Scene, sample: str) -> None:
    """Refuse a scene that is too large to be shown.

    Raises
    ------
    BadInput
        If it takes more than `SCENE_BYTES`.
    """
    size = scene.nbytes
    if size > SCENE_BYTES:
        raise BadInput(
            f"What the model shows of {sample!r} takes {size / 2**30:.1f} GiB, and at most "
            f"{SCENE_BYTES >> 30} GiB can be shown; ask for something coarser."
        )
