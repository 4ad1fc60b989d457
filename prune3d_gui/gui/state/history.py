"""Plans that were, for undo and redo."""

from __future__ import annotations

from ...core.plan.plans import Plan

LIMIT = 200


class History:
    """A bounded line of plans with a place in it."""

    def __init__(self, plan: Plan | None = None) -> None:
        self._plans = [plan or Plan()]
        self._at = 0

    @property
    def plan(self) -> Plan:
        """The plan at the present place."""
        return self._plans[self._at]

    @property
    def can_undo(self) -> bool:
        """Whether there is a plan before this one."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a plan was undone."""
        return self._at < len(self._plans) - 1

    def push(self, plan: Plan) -> bool:
        """Add a plan after the present place; returns whether it differs from it."""
        if plan == self.plan:
            return False
        self._plans = [*self._plans[: self._at + 1], plan][-LIMIT:]
        self._at = len(self._plans) - 1
        return True

    def undo(self) -> Plan:
        """Step back."""
        self._at = max(self._at - 1, 0)
        return self.plan

    def redo(self) -> Plan:
        """Step forward again."""
        self._at = min(self._at + 1, len(self._plans) - 1)
        return self.plan
