"""What a search is asked: the knob, the metric that must pass, the samples, what to take away."""

from __future__ import annotations

from dataclasses import dataclass, field

from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from ...core.score.thresholds import Threshold
from ..ask.questions import Network
from .removal import Objective


@dataclass(frozen=True, slots=True, kw_only=True)
class Sought:
    """What all searches share.

    Parameters
    ----------
    title : str
    network : Network
    knob : Knob
        What is turned: a rate, or a tolerance, which is searched in factors.
    metric_id : str
    threshold : Threshold
        What the mean must reach.
    samples : tuple of sample id
        Those that the search may look at.
    words : str
        How a person named them, such as ``val:16``.
    plan, query
        What all plans share.
    resolution : float
        How fine, as a share of the knob's range: 0.001 is a tenth of a percent of rate.
    objective : {"weights", "macs", "bytes"}
        What is taken away most of, or told of each plan. MACs of zeroed weights are no speed-up.
    held_out : tuple of sample id
        Samples that the search does not see; what it found is measured on them.
    held_out_words : str
    """

    title: str
    network: Network
    knob: Knob
    metric_id: str
    threshold: Threshold
    samples: tuple[str, ...]
    words: str
    plan: Plan = field(default_factory=Plan)
    query: Query = field(default_factory=Query)
    resolution: float = 0.001
    objective: Objective = "weights"
    held_out: tuple[str, ...] = ()
    held_out_words: str = ""
