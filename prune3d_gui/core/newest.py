"""A cache of a bounded number of results."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class Newest(OrderedDict[Hashable, Value], Generic[Value]):
    """The results asked for last; the one not asked for longest goes first.

    Parameters
    ----------
    limit : int
        Most results kept.
    """

    def __init__(self, limit: int) -> None:
        super().__init__()
        self._limit = limit

    def keep(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the result kept for `key`; if there is none, make and keep it."""
        if key not in self:
            self[key] = make()
            if len(self) > self._limit:
                self.popitem(last=False)
        self.move_to_end(key)
        return self[key]
