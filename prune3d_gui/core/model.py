"""The contract of a model: what is opened, pruned, reconstructed, scored and written."""

from __future__ import annotations

import os
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

import numpy as np

from .cancel import NEVER, CancelToken
from .errors import BadInput, Prune3DError
from .frames import Footprint
from .plan.knobs import Knob
from .plan.plans import Plan, Preset, Quality, Query
from .plan.units import Unit
from .scene.scenes import Image, Layer, Pick, Scene
from .scene.views import SPACE, View
from .score.scores import ColourScale, Comparison, Curve, Metric, Scores


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Something a system can open: its bundled model or a file of the user's.

    Small and picklable, so that any process can open its own copy.
    """

    system: str
    title: str
    path: str = ""
    device: str = "auto"

    @property
    def file(self) -> str:
        """The file of the user's in `path`; empty for what is bundled, or not there.

        A ``#`` and the name of a part of it may follow, such as one output of several, or how
        many of its Gaussians.
        """
        for file in (self.path, self.path.rpartition("#")[0]):
            try:
                if file and Path(file).is_file():
                    return file
            except OSError:  # longer than any name
                break
        return ""

    @property
    def own(self) -> str:
        """The `file` of the user's, or the folder; empty for what is bundled, or not there."""
        folders = (self.path, self.path.rpartition("#")[0])
        return self.file or next((path for path in folders if os.path.isdir(path)), "")


class TooMuch(BadInput):
    """What was to be opened is more than a person may want at once; other ways are offered.

    Parameters
    ----------
    message : str
        A sentence that names these ways, too, for those who cannot click on them.
    offers : tuple of (str, ModelRef)
        A few words for each way, such as ``Open 2,000,000 of them``, and what is opened then.
    """

    def __init__(self, message: str, offers: tuple[tuple[str, ModelRef], ...]) -> None:
        super().__init__(message)
        self.offers = offers


@dataclass(frozen=True, eq=False)
class Sample:
    """Something a model reconstructs.

    Parameters
    ----------
    id, title, group : str
        `group` is a heading in the gallery, such as a category.
    thumbnail : (H, W, 4) uint8 or None
        Shown in the gallery and as the input.
    reference : bool
        Whether there is ground truth for it.
    notices : tuple of str
        What was done to it on the way in, in sentences.
    opens : ModelRef or None
        Where a sample is a network of its own: the model that has it. Choosing the sample
        opens that model, unless it is open.
    file, file_hash : str
        Name and hash of the file or folder of the person's own that it was opened from, put in
        by who opened it; empty for one that comes with the model.
    """

    id: str
    title: str
    group: str = ""
    thumbnail: np.ndarray | None = None
    reference: bool = True
    notices: tuple[str, ...] = ()
    opens: ModelRef | None = None
    file: str = ""
    file_hash: str = ""


@dataclass(frozen=True, slots=True)
class Format:
    """A file that a model can write.

    Parameters
    ----------
    id, title, suffix : str
    of : {"network", "result"}
        What goes into it: the pruned network itself, or a scene that was made with it.
    """

    id: str
    title: str
    suffix: str
    of: Literal["network", "result"] = "network"


@dataclass(frozen=True, eq=False)
class Stage:
    """One step of a reconstruction: a preview first, the full result last.

    Parameters
    ----------
    quality : {"preview", "full"}
    scene : Scene
    name : str
        What people call it where there are several, such as ``coarse``, ``medium``, ``fine``.
    times : mapping of module to float
        Milliseconds that each module of the network took for it, stages before it included, as
        measured; empty where nothing was worked out.
    """

    quality: Quality
    scene: Scene
    name: str = ""
    times: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Applied:
    """A plan put into effect: its footprint, and a token the model knows it by."""

    plan: Plan
    footprint: Footprint
    token: Any = None
    notices: tuple[str, ...] = field(default=())


class Model(ABC):
    """An opened model. It owns its weights and is used by one thread at a time.

    What few models need has a default here. Where a method takes a token, it looks at it at
    least once a second and lets `Cancelled` pass; what it had by then may be kept.

    Attributes
    ----------
    title, device, weights_hash : str
    note : str
        What every user of these weights must know, such as what they were trained on.
    notices : tuple of str
        What was assumed or left out when the file was opened, in sentences; each front end
        says them once. Empty where everything was read.
    units : tuple of Unit
    knobs : tuple of Knob
    metrics : tuple of Metric
    formats : tuple of Format
    sizes : mapping of column to str
        What the columns of bytes in rows are of, such as ``bytes`` of dense fp32.
    colours : tuple of ColourScale
        Scales for the arrays that scenes carry; the first is that of scenes that name none.
    comparison : Comparison or None
        A chart of one metric against another, where the model has curves for it.
    primary : str
        Id of the knob that the curves are drawn against.
    views : tuple of View
        What the scenes' layers are shown in.
    presets : tuple of Preset
        Plans that are offered by name, such as those of the paper.
    """

    title: str
    device: str = "cpu"
    weights_hash: str
    note: str = ""
    notices: tuple[str, ...] = ()
    units: tuple[Unit, ...]
    knobs: tuple[Knob, ...]
    metrics: tuple[Metric, ...]
    formats: tuple[Format, ...] = ()
    sizes: Mapping[str, str] = {}
    colours: tuple[ColourScale, ...] = ()
    comparison: Comparison | None = None
    primary: str
    views: tuple[View, ...] = SPACE
    presets: tuple[Preset, ...] = ()

    @abstractmethod
    def samples(self) -> tuple[Sample, ...]:
        """Samples to choose from."""

    def select(self, text: str, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Ids of the samples that a ``--samples`` value names: ``val:N``, or ids, ``a,b,c``.

        Raises
        ------
        BadInput
            If there are not so many, or none of that name.
        """
        ids = tuple(sample.id for sample in self.samples())
        name, _, number = text.partition(":")
        if name == "val" and number.isdecimal() and 1 <= int(number) <= len(ids):
            return ids[: int(number)]
        found = tuple(part.strip() for part in text.split(","))
        for name in found:
            if name not in ids:
                raise BadInput(
                    f"{name!r} is no sample; give val:1 to val:{len(ids)}, or some of "
                    f"{', '.join(ids)}."
                )
        return found

    def some(self, count: int) -> str:
        """Words by which `select` gives `count` samples: what is taken where none are named."""
        return f"val:{count}"

    def open_sample(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a file of the user's as a sample; by default there is none that can be."""
        raise BadInput(f"'{path}' cannot be taken in: {self.title} has samples of its own only.")

    def prepare(self, cancel: CancelToken = NEVER) -> None:  # noqa: B027 - few need it
        """Do what makes later plans fast (sorting, say); called once the first frame is out.

        It is called again, where it was stopped, until it has come to its end.
        """

    @abstractmethod
    def apply(self, plan: Plan, cancel: CancelToken = NEVER) -> Applied:
        """Put `plan` into effect, at a cost in proportion to the change."""

    @abstractmethod
    def reconstruct(
        self, applied: Applied, sample: str, query: Query, quality: Quality, cancel: CancelToken
    ) -> Iterator[Stage]:
        """Reconstruct `sample`, cheapest stage first, up to `quality`."""

    def reference(self, sample: str, query: Query, cancel: CancelToken = NEVER) -> Scene | None:
        """Ground truth of `sample`, if there is any."""
        return None

    def inputs(self, sample: str, cancel: CancelToken = NEVER) -> Scene | None:
        """What the model is given of `sample`, as pictures: layers of `Image`, named by words.

        It is shown in place of a reference that is not there; by default the thumbnail.
        """
        found = next((s for s in self.samples() if s.id == sample), None)
        if found is None or found.thumbnail is None:
            return None
        return Scene((Layer("As it was given", Image(found.thumbnail)),))

    @abstractmethod
    def score(
        self,
        applied: Applied,
        sample: str,
        query: Query,
        stage: Stage,
        full: Scene | None,
        cancel: CancelToken = NEVER,
    ) -> Scores | None:
        """Score what `reconstruct` gave for the same plan, sample and query.

        The result is compared with the reference of `sample` under `query`. Without a
        reference it is compared with `full`, the unpruned result, and the scores say so;
        None where there is neither. `scores.told` leaves out what says nothing.
        """

    def evaluate(
        self,
        applied: Applied,
        samples: Sequence[str],
        query: Query,
        full: Mapping[str, Scene | None],
        cancel: CancelToken = NEVER,
    ) -> Iterator[Scores | None]:
        """Score a plan at full quality on several samples, in their order; studies ask this.

        By default one sample after the other is reconstructed and scored. A model that is
        faster with many at once may take them so; the numbers are those of `score`, and arrays
        may be left out.

        Parameters
        ----------
        full : mapping of sample id to Scene or None
            The unpruned results of samples without a reference.
        """
        for sample in samples:
            stage = final_stage(self, applied, sample, query, cancel)
            yield self.score(applied, sample, query, stage, full.get(sample), cancel)

    def run_once(self, applied: Applied, sample: str, query: Query) -> None:
        """Do the whole arithmetic of one full result and reuse nothing: this is what is timed.

        Scoring and what turns the result into a scene are left out. By default a full
        reconstruction is done, which is right where a model keeps nothing from one to the next.
        """
        for _ in self.reconstruct(applied, sample, query, "full", NEVER):
            pass

    def thumbnail(
        self, knob: str, choice: str, longest: int, cancel: CancelToken = NEVER
    ) -> np.ndarray | None:
        """A small picture of an entry of a `pictured` knob; None where it has none.

        Where entries are of a sample, such as its photographs, of the one reconstructed last.

        Called for entries that come into sight, while nothing else is asked: be quick, such as by
        unpacking a photograph no larger than needed, and keep none.

        Parameters
        ----------
        knob, choice : str
            Ids of the knob and of the entry.
        longest : int
            Pixels along the longer side at most.

        Returns
        -------
        (H, W, 3 or 4) uint8 or None
        """
        return None

    def pack(self, sample: str) -> bytes:
        """What another machine needs to reconstruct and score `sample`; empty for a bundled one."""
        return b""

    def unpack(self, sample: str, data: bytes) -> None:  # noqa: B027 - few need it
        """Take in what `pack` gave elsewhere, under the same id."""

    def export(
        self,
        applied: Applied,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write the pruned network itself; returns what to say about the file, in sentences.

        Such as its size, how far what it gives lies from the model, and whether it is smaller
        than the unpruned network at all. `moment` holds plain values (see
        `moment.Moment.as_fields`), which go into the file as JSON under `moment.KEY`; where it
        holds no text, they go into a file beside it (see `files.moments.write_beside`).
        """
        raise BadInput(f"'{path}' cannot be written: {self.title} has no file format.")

    def export_result(
        self,
        scene: Scene,
        format_id: str,
        path: Path,
        moment: Mapping[str, Any],
        cancel: CancelToken = NEVER,
    ) -> tuple[str, ...]:
        """Write a full-quality result, or a reference, as one of the ``result`` formats.

        Returns what to say about the file, in sentences; `moment` is kept as by `export`.
        """
        raise BadInput(f"'{path}' cannot be written: results of {self.title} have no such format.")

    def curves(self, sample: str, query: Query, cancel: CancelToken) -> Iterator[Curve]:
        """Give curves of the comparison, one after the other; called while nothing else waits.

        A curve may come again, with more points.
        """
        return iter(())

    def explain(self, sample: str, scene: Scene, pick: Pick) -> str:
        """Say in one line what is known about what was clicked."""
        return f"{pick.of.capitalize()} {pick.index:,}."

    def move_to(self, device: str) -> None:
        """Move the weights to another device (after running out of memory, say)."""
        raise BadInput(f"{self.title} cannot be moved to {device}; open it there.")

    def close(self) -> None:  # noqa: B027 - few need it
        """Let go of everything."""


def final_stage(
    model: Model,
    applied: Applied,
    sample: str,
    query: Query,
    cancel: CancelToken,
    tell: Callable[[Stage], None] | None = None,
) -> Stage:
    """Return the full-quality reconstruction of one sample; `tell` is told of every stage.

    Raises
    ------
    Prune3DError
        If the model gives none.
    """
    last = None
    for stage in model.reconstruct(applied, sample, query, "full", cancel):
        cancel.check()
        last = stage
        if tell is not None:
            tell(stage)
    if last is None:
        raise Prune3DError(f"The model returned nothing for the sample {sample!r}.")
    return last
