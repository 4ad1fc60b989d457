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
    def undoes(self) -> str:
        """What undo would take back, in words; empty where there is nothing.

        What is no step of history yet counts too.
        """
        pending = self.history.differs(self.moment)
        return self._differing(self.history.present if pending else self.history.before)

    @property
    def redoes(self) -> str:
        """What redo would bring back, in words; empty where there is nothing."""
        pending = self.history.differs(self.moment)
        return "" if pending else self._differing(self.history.after)

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

    def _differing(self, other: Moment) -> str:
        """What is another in a moment than it is now: its name, or how many things are."""
        titles = {knob.id: knob.words for knob in self._knobs}
        titles |= {"style": "style", "coloured": "colours"}
        now, found = self.moment, []
        for mine, theirs in (
            (now.plan.values, other.plan.values),
            (now.query.values, other.query.values),
            (now.look, other.look),
        ):
            turned = {name for name, _ in set(mine) ^ set(theirs)}
            found += sorted(titles.get(name, name) for name in turned)
        for title, same in (
            ("sample", now.sample == other.sample),
            ("unit rates", now.plan.rates == other.plan.rates),
            ("locks", now.plan.locks == other.plan.locks),
        ):
            found += [] if same else [title]
        return found[0] if len(found) == 1 else f"{len(found)} changes" if found else ""

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
