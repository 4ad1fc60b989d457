"""What a person asks for: a plan and a query, with the plans before it."""

from __future__ import annotations

from collections.abc import Iterable

from ...core.plan.knobs import Knob
from ...core.plan.plans import Plan, Query
from .history import History


class Intention:
    """A plan and a query over some knobs; defaults are left out of both.

    Leaving them out makes a plan that prunes nothing the empty plan, whichever way the
    hand came back to it.
    """

    def __init__(self, knobs: Iterable[Knob] = ()) -> None:
        self._knobs = tuple(knobs)
        self.plan, self.query = Plan(), Query()
        self.history = History()
        self._source = ""

    def turn(self, plan: Plan, source: str = "") -> bool:
        """Change the plan; returns whether it differs.

        Quick turns of one `source` become one step of history, which `commit` makes;
        a change without a source is a step of its own.
        """
        plan = plan.bare(self._knobs)
        if plan == self.plan:
            return False
        if source != self._source or not source:
            self.commit()
        self._source, self.plan = source, plan
        if not source:
            self.commit()
        return True

    def look(self, query: Query) -> bool:
        """Change the query; returns whether it differs."""
        query = query.bare(self._knobs)
        changed = query != self.query
        self.query = query
        return changed

    def commit(self) -> bool:
        """Make the present plan a step of history; returns whether it was none yet."""
        return self.history.push(self.plan)

    def step(self, forward: bool) -> bool:
        """Redo or undo; returns whether the plan differs."""
        self.commit()
        before, self._source = self.plan, ""
        self.plan = self.history.redo() if forward else self.history.undo()
        return self.plan != before
