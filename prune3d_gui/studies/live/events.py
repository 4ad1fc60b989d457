"""What a live session reports, each as a frozen value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from ...core.frames import Frame
from ...core.model import Format, Model, ModelRef, Sample
from ...core.plan.knobs import Knob
from ...core.plan.plans import Preset, Query, Request
from ...core.plan.units import Unit
from ...core.scene.views import View, views_of
from ...core.score.scores import ColourScale, Comparison, Curve, Metric, Scores

SOME = 16
"""Samples of the example that forms give."""


@dataclass(frozen=True, eq=False)
class ModelCard:
    """Everything about an opened model that never changes; safe to read on any thread."""

    ref: ModelRef
    title: str
    device: str
    weights_hash: str
    note: str
    notices: tuple[str, ...]
    units: tuple[Unit, ...]
    knobs: tuple[Knob, ...]
    metrics: tuple[Metric, ...]
    formats: tuple[Format, ...]
    sizes: Mapping[str, str]
    colours: tuple[ColourScale, ...]
    comparison: Comparison | None
    primary: str
    views: tuple[View, ...]
    samples: tuple[Sample, ...]
    some: str = ""
    """Words for some samples, as a person may type them."""
    presets: tuple[Preset, ...] = ()

    @classmethod
    def of(cls, ref: ModelRef, model: Model) -> ModelCard:
        """Describe `model`."""
        views, refused = views_of(model)
        return cls(
            ref=ref,
            title=model.title,
            device=model.device,
            weights_hash=model.weights_hash,
            note=model.note,
            notices=(*model.notices, *refused),
            units=model.units,
            knobs=model.knobs,
            metrics=model.metrics,
            formats=model.formats,
            sizes=model.sizes,
            colours=model.colours,
            comparison=model.comparison,
            primary=model.primary,
            views=views,
            samples=model.samples(),
            some=model.some(SOME),
            presets=model.presets,
        )


@dataclass(frozen=True, eq=False)
class Opened:
    """A model was opened and replaces the one before."""

    card: ModelCard


@dataclass(frozen=True, eq=False)
class Done:
    """A queued task finished; `tag` is what it was submitted with."""

    tag: str
    result: Any = None


@dataclass(frozen=True, eq=False)
class SampleOpened:
    """A sample, and the file or folder of the user's that it was taken in from."""

    path: Path
    sample: Sample


@dataclass(frozen=True, eq=False)
class Exported:
    """A file that was written, and what to say about it, in sentences."""

    path: Path
    notices: tuple[str, ...] = ()


@dataclass(frozen=True, eq=False)
class Failed:
    """Something went wrong; the last good picture stays.

    `message` is one sentence for people, `detail` the traceback for those who want it; `offers`
    are other ways to open what was too much, see `TooMuch`.
    """

    message: str
    detail: str = ""
    tag: str = ""
    request: Request | None = None
    offers: tuple[tuple[str, ModelRef], ...] = ()


@dataclass(frozen=True, eq=False)
class CurveFound:
    """A curve of the comparison, worked out while nothing else waited.

    `query` holds what the curve depends on: the knobs that only draw are left out.
    """

    sample: str
    query: Query
    curve: Curve


@dataclass(frozen=True, eq=False)
class Thumbnail:
    """The small picture of an entry of a knob, (H, W, 3 or 4) uint8, or None: it has none."""

    knob: str
    choice: str
    pixels: np.ndarray | None


@dataclass(frozen=True, eq=False)
class PreviewScored:
    """What a preview of the empty plan scores, which other previews are compared with.

    Parameters
    ----------
    sample : str
    query : Query
    stage : str
        As in `Frame`.
    scores : Scores or None
        Without arrays.
    """

    sample: str
    query: Query
    stage: str
    scores: Scores | None

    @classmethod
    def of(cls, frame: Frame) -> PreviewScored:
        """What `frame`, a preview of the empty plan, says."""
        light = frame.scores and replace(frame.scores, arrays={}, on_reference={})
        return cls(frame.request.sample, frame.request.query, frame.stage, light)


@dataclass(frozen=True, slots=True)
class Notice:
    """A sentence a person should read; nothing failed."""

    message: str
    facts: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Working:
    """What the session works on from now on.

    Parameters
    ----------
    kind : str
        ``open``, ``full`` or ``pruned`` (a reconstruction of that role), ``reference``,
        ``prepare``, ``curves``, or the tag of a task; empty at rest.
    about : str
        The title of what is opened.
    since : float
        Its beginning on `time.monotonic`'s clock, s.
    usual : float or None
        How long the last work like it took, s.
    stages : int
        Stages of it that are done.
    stoppable : bool
        Whether `LiveSession.stop` ends it.
    """

    kind: str = ""
    about: str = ""
    since: float = 0.0
    usual: float | None = None
    stages: int = 0
    stoppable: bool = False


@dataclass(frozen=True, eq=False)
class Stopped:
    """What ran was stopped on request; the last good picture stays.

    `tag` is ``open``, ``request``, ``reference``, the name of idle work or that of a task.
    """

    tag: str
    request: Request | None = None
