"""Metrics and scores: numbers that carry their own definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from ..scene.scenes import Arrays, Image, Layer, Scene
from .parts import Part
from .thresholds import Threshold

Better = Literal["lower", "higher", ""]
_ARROWS = {"lower": "↓", "higher": "↑", "": ""}


@dataclass(frozen=True, slots=True)
class Metric:
    """A number by which a result is judged.

    Parameters
    ----------
    id : str
        Column name in rows, such as ``chamfer_x1000``.
    title : str
        Label in plots.
    better : {"lower", "higher", ""}
        Which way is better; empty where neither is, as for a volume.
    definition : str
        One sentence: formula, threshold, points, seed.
    unit : str
    plot : bool
        Whether the window draws a curve of it.
    log : bool
        Whether that curve has a logarithmic axis.
    own : bool
        Whether it is a number of the result alone, which is compared with nothing.
    slack : Threshold or None
        How much worse than the full model's own value still passes, where a person says
        nothing: a factor for an error, a difference for decibels or a share. None where that
        has no usual answer.
    listed : bool
        Whether the table of numbers has a row of it; what only a chart needs may say no.
    """

    id: str
    title: str
    better: Better
    definition: str
    unit: str = ""
    plot: bool = True
    log: bool = False
    own: bool = False
    slack: Threshold | None = None
    listed: bool = True

    @property
    def headed(self) -> str:
        """Its title with an arrow the way that is better."""
        return f"{self.title} {_ARROWS[self.better]}".rstrip()

    @property
    def defined(self) -> str:
        """Its definition, and which way is better, in words."""
        way = f"; {self.better} is better" if self.better else ""
        return f"{self.definition.rstrip('.')}{way}."


@dataclass(frozen=True, eq=False)
class Scores:
    """Values by metric id, with what they are made of.

    Parameters
    ----------
    values : mapping of metric id to float
    floors : mapping of metric id to float
        Best value that could be told from perfect: the sampling floor.
    arrays : mapping of layer name to arrays
        Values of what the layers of the scored scene hold, (N,) float32 by name.
    against : str
        What it was compared with: ``reference``, or ``full``, the unpruned result that stands in
        for it. See `told` for ``itself``.
    on_reference : mapping of layer name to arrays
        The same for the layers of the reference: how far each part of it is from the result.
    parts : tuple of Part
        What is scored by itself. A metric that parts have and `values` lacks has no value as a
        whole, and is left out of means over samples.
    over : str
        Kind of the parts of which `values` are the plain means (see `parts.means_over`); empty
        where they are no such means. With one sample the interval is taken over these parts.
    worst : (x, y, z) or None
        Where slices show the result at its worst: along each axis of the world, the place of the
        slice that differs most from what it was compared with. None where nothing differs, or
        nothing is cut.
    """

    values: Mapping[str, float]
    floors: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, Arrays] = field(default_factory=dict)
    against: str = "reference"
    on_reference: Mapping[str, Arrays] = field(default_factory=dict)
    parts: tuple[Part, ...] = ()
    over: str = ""
    worst: tuple[float, float, float] | None = None


def compared_with(against: str, touched: int) -> str:
    """What a result of which `touched` parameters were pruned or changed was compared with.

    Where the unpruned result stands in for a reference and nothing is touched, the two are one,
    and every error is 0: it was compared with ``itself``.
    """
    return "itself" if against == "full" and not touched else against


def told(metrics: Iterable[Metric], scores: Scores | None, touched: int) -> Scores | None:
    """The part of `scores` that says something: a comparison with itself does not."""
    if scores is None or compared_with(scores.against, touched) != "itself":
        return scores
    own = {metric.id for metric in metrics if metric.own}

    def kept(values: Mapping[str, float]) -> dict[str, float]:
        return {name: value for name, value in values.items() if name in own}

    parts = tuple(
        p for part in scores.parts if (p := replace(part, values=kept(part.values))).values
    )
    return Scores(kept(scores.values), against="itself", parts=parts, over=scores.over)


def vanished(
    metrics: Iterable[Metric], full: Iterable[Part] | None, pruned: Iterable[Part]
) -> tuple[Part, ...]:
    """Parts that the full model has and the pruned one lost.

    A part is there by a metric of which it has a value, above 0 where higher is better. It has
    vanished when it is there by no such metric any more; the others count only where the full
    model has it by none of these, for an error can stay defined for what is gone.

    Parameters
    ----------
    metrics : iterable of Metric
    full : iterable of Part, or None
        None where `pruned` was compared with the full result: what is 0 there is then lost.
    pruned : iterable of Part
    """
    compared = [metric for metric in metrics if not metric.own]
    now = {(part.kind, part.name): part for part in pruned}
    if full is None:
        full = [replace(part, values=_perfect(compared, part)) for part in now.values()]

    def there(part: Part | None, metric: Metric) -> bool:
        if part is None or not part.has(metric.id):
            return False
        return metric.better == "lower" or part.values[metric.id] > 0

    lost = []
    for part in full:
        by = [metric for metric in compared if there(part, metric)]
        by = [metric for metric in by if metric.better == "higher"] or by
        left = now.get((part.kind, part.name))
        if by and not any(there(left, metric) for metric in by):
            lost.append(part)
    return tuple(lost)


def _perfect(metrics: Iterable[Metric], part: Part) -> dict[str, float]:
    """What the full result has of a part when it is compared with itself."""
    return {m.id: 1.0 for m in metrics if m.better == "higher" and part.has(m.id)}


@dataclass(frozen=True, slots=True)
class ColourScale:
    """The one fixed scale by which scenes are coloured, so that two pictures compare.

    Parameters
    ----------
    array : str
        Name of the per-vertex array.
    title : str
        Label of the bar, with its unit.
    minimum, maximum : float
    palette : {"sequential", "grey", "diverging"}
        ``grey`` for densities as radiology shows them; ``diverging`` for what lies to both sides
        of its middle.
    stand_in : str
        Label instead of `title` where the full model's result stands in for a reference that is
        not there; empty where that says the same.
    """

    array: str
    title: str
    minimum: float
    maximum: float
    palette: Literal["sequential", "grey", "diverging"] = "sequential"
    stand_in: str = ""

    def told(self, reference: bool) -> ColourScale:
        """The scale as it is labelled for what has a reference, or has none."""
        return self if reference or not self.stand_in else replace(self, title=self.stand_in)


def scale_of(scales: Sequence[ColourScale], layer: Layer) -> ColourScale | None:
    """The scale that `layer` is coloured by: of the array it names, else the first."""
    return next((s for s in scales if layer.colour in ("", s.array)), None)


def scale_shown(scales: Sequence[ColourScale], scene: Scene | None) -> ColourScale | None:
    """The scale to be shown beside `scene`: of the first layer with the values, else the first.

    None where all that could have values have their own colours.
    """
    layers = scene.layers if scene is not None else ()
    found = [(layer, scale_of(scales, layer)) for layer in layers]
    filled = (s for layer, s in found if s is not None and layer.values(s.array) is not None)
    able = [s for layer, s in found if _colourable(layer)]
    if able and not any(able):
        return None
    return next(filled, found[0][1] if found else next(iter(scales), None))


def _colourable(layer: Layer) -> bool:
    return hasattr(layer.data, "arrays") and not isinstance(layer.data, Image)


@dataclass(frozen=True, slots=True)
class Comparison:
    """A chart of one metric against another, such as error against size.

    Parameters
    ----------
    title : str
    x, y : str
        Ids of the metrics on the axes; both axes are logarithmic.
    definition : str
        What the model's curves in it are, in a sentence.
    """

    title: str
    x: str
    y: str
    definition: str


@dataclass(frozen=True, slots=True)
class Curve:
    """What one way of working reaches: a line in a comparison.

    Parameters
    ----------
    id, title : str
        `id` is that of the way, such as a choice of a knob.
    points : tuple of (x, y)
    """

    id: str
    title: str
    points: tuple[tuple[float, float], ...]
