"""Curves of the model's comparison that were worked out so far."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.plan.knobs import Knob
from ...core.plan.plans import Query
from ...core.score.scores import Curve
from ...studies.live.events import CurveFound


class Compared:
    """Curves by sample and query; knobs that only draw make no difference."""

    def __init__(self, knobs: Iterable[Knob] = ()) -> None:
        self._knobs = tuple(knobs)
        self._found: dict[tuple[str, Query], dict[str, Curve]] = {}

    def add(self, found: CurveFound) -> None:
        """Take in a curve; it replaces the one of the same id."""
        self._found.setdefault((found.sample, found.query), {})[found.curve.id] = found.curve

    def curves(self, sample: str, query: Query) -> tuple[Curve, ...]:
        """Curves for a sample under a query, in the order in which they came."""
        return tuple(self._found.get((sample, query.lasting(self._knobs)), {}).values())
