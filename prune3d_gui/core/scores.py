"""Metrics and scores: numbers that carry their own definition."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from .scenes import Arrays, Layer, Scene


@dataclass(frozen=True, slots=True)
class Metric:
    """A number by which a result is judged.

    Parameters
    ----------
    id : str
        Column name in rows, such as ``chamfer_x1000``.
    title : str
        Label in plots.
    better : {"lower", "higher"}
    definition : str
        One sentence: formula, threshold, points, seed.
    unit : str
    plot : bool
        Whether the window draws a curve of it.
    log : bool
        Whether that curve has a logarithmic axis.
    own : bool
        Whether it is a number of the result alone, which is compared with nothing.
    """

    id: str
    title: str
    better: Literal["lower", "higher"]
    definition: str
    unit: str = ""
    plot: bool = True
    log: bool = False
    own: bool = False


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
    """

    values: Mapping[str, float]
    floors: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, Arrays] = field(default_factory=dict)
    against: str = "reference"
    on_reference: Mapping[str, Arrays] = field(default_factory=dict)


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
    kept = {name: value for name, value in scores.values.items() if name in own}
    return Scores(kept, against="itself")


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
    palette : {"sequential", "grey"}
        ``grey`` for densities as radiology shows them.
    """

    array: str
    title: str
    minimum: float
    maximum: float
    palette: Literal["sequential", "grey"] = "sequential"


def scale_of(scales: Sequence[ColourScale], layer: Layer) -> ColourScale | None:
    """The scale that `layer` is coloured by: of the array it names, else the first."""
    return next((s for s in scales if layer.colour in ("", s.array)), None)


def scale_shown(scales: Sequence[ColourScale], scene: Scene | None) -> ColourScale | None:
    """The scale to be shown beside `scene`: of the first layer with the values, else the first."""
    layers = scene.layers if scene is not None else ()
    found = [(layer, scale_of(scales, layer)) for layer in layers]
    filled = (s for layer, s in found if s is not None and layer.values(s.array) is not None)
    return next(filled, found[0][1] if found else next(iter(scales), None))


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
