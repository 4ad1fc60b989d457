"""What a person asks for: a moment, with the moments before it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from ...core.model import Sample
from ...core.moment import Moment
from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from .history import History

STEPPED = ("sample", "sample_title", "sample_file", "sample_hash", "plan", "query", "look")
"""Fields of a moment that undo goes over."""


class Intention:
    """A moment over some knobs; defaults are left out of its plan and query.

    Leaving them out makes a plan that prunes nothing the empty plan, whichever way the
    hand came back to it.
    """

    def __init__(self, knobs: Iterable[Knob] = (), moment: Moment | None = None) -> None:
        self._knobs = tuple(knobs)
        self.moment = moment or Moment()
        self.history = History(self.moment, lambda moment: moment.state)
        self._source = ""

    @property
    def plan(self) -> Plan:
        """What is to be pruned."""
        return self.moment.plan

    @property
    def query(self) -> Query:
        """How to look at it."""
        return self.moment.query

    @property
    def can_undo(self) -> bool:
        """Whether there is something before, counting what is no step of history yet."""
        return self.history.can_undo or self.history.differs(self.moment)

    def turn(self, source: str = "", **changes: Any) -> bool:
        """Change parts of the moment; returns whether plan, sample, query or look differ.

        Quick turns of one `source` become one step of history, which `commit` makes;
        a change without a source is a step of its own.
        """
        wished = self._with(changes)
        if wished.state == self.moment.state:
            return False
        if source != self._source or not source:
            self.commit()
        self._source, self.moment = source, wished
        if not source:
            self.commit()
        return True

    def begin(self, **changes: Any) -> None:
        """Change parts of the moment where it is; this is no step."""
        self.commit()
        self.moment = self._with(changes)
        self.history.amend(self.moment)

    def commit(self) -> bool:
        """Make the present moment a step of history; returns whether it was none yet."""
        return self.history.push(self.moment)

    def step(self, forward: bool) -> bool:
        """Redo or undo; returns whether plan, sample, query or look differ."""
        self.commit()
        before, self._source = self.moment, ""
        there = self.history.redo() if forward else self.history.undo()
        self.moment = replace(before, **{name: getattr(there, name) for name in STEPPED})
        return self.moment.state != before.state

    def _with(self, changes: dict[str, Any]) -> Moment:
        made = replace(self.moment, **changes)
        bare = made.plan.bare(self._knobs), made.query.bare(self._knobs)
        return replace(made, plan=bare[0], query=bare[1])


def facts_of(sample: Sample) -> dict[str, str]:
    """What a moment says of a sample, by the names of its fields."""
    return {
        "sample": sample.id,
        "sample_title": sample.title,
        "sample_file": sample.file,
        "sample_hash": sample.file_hash,
    }
