"""What was, for undo and redo, back and forward."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

LIMIT = 200

Step = TypeVar("Step")


class History(Generic[Step]):
    """A bounded line of steps with a place in it.

    Parameters
    ----------
    first : Step
    state : callable
        What two steps must differ in; by default all of them.
    """

    def __init__(self, first: Step, state: Callable[[Step], Hashable] = lambda step: step) -> None:
        self._steps, self._at = [first], 0
        self._state = state

    def __len__(self) -> int:
        return len(self._steps)

    @property
    def present(self) -> Step:
        """The step at the present place."""
        return self._steps[self._at]

    @property
    def before(self) -> Step:
        """The step before the present one; the present one where it is the first."""
        return self._steps[max(self._at - 1, 0)]

    @property
    def after(self) -> Step:
        """The step after the present one; the present one where it is the last."""
        return self._steps[min(self._at + 1, len(self._steps) - 1)]

    @property
    def can_undo(self) -> bool:
        """Whether there is a step before this one."""
        return self._at > 0

    @property
    def can_redo(self) -> bool:
        """Whether a step was undone."""
        return self._at < len(self._steps) - 1

    def differs(self, step: Step) -> bool:
        """Whether it is another than the one at the present place."""
        return self._state(step) != self._state(self.present)

    def push(self, step: Step) -> bool:
        """Add a step after the present place; returns whether it differs from it."""
        if not self.differs(step):
            return False
        self._steps = [*self._steps[: self._at + 1], step][-LIMIT:]
        self._at = len(self._steps) - 1
        return True

    def amend(self, step: Step) -> None:
        """Put a step in place of the present one."""
        self._steps[self._at] = step

    def sift(self, stays: Callable[[Step], bool]) -> None:
        """Forget the steps that cannot be gone to any more; the present one stays."""
        kept = [n for n, step in enumerate(self._steps) if n == self._at or stays(step)]
        self._steps, self._at = [self._steps[n] for n in kept], kept.index(self._at)

    def undo(self) -> Step:
        """Step back."""
        self._at = max(self._at - 1, 0)
        return self.present

    def redo(self) -> Step:
        """Step forward again."""
        self._at = min(self._at + 1, len(self._steps) - 1)
        return self.present
