"""Metrics and scores: numbers that carry their own definition."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np


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
    """

    id: str
    title: str
    better: Literal["lower", "higher"]
    definition: str
    unit: str = ""
    plot: bool = True
    log: bool = False


@dataclass(frozen=True, eq=False)
class Scores:
    """Values by metric id, with what they are made of.

    Parameters
    ----------
    values : mapping of metric id to float
    floors : mapping of metric id to float
        Best value that could be told from perfect: the sampling floor.
    arrays : mapping of name to (N,) float32
        Values per vertex of the scored scene's first layer.
    against : str
        What it was compared with: ``reference`` or ``full``.
    """

    values: Mapping[str, float]
    floors: Mapping[str, float] = field(default_factory=dict)
    arrays: Mapping[str, np.ndarray] = field(default_factory=dict)
    against: str = "reference"


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
    """

    array: str
    title: str
    minimum: float
    maximum: float
