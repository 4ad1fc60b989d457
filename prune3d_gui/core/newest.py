"""A cache of results that is bounded by the bytes they take."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator, Mapping
from types import ModuleType
from typing import Any, Generic, TypeVar

Value = TypeVar("Value")


class Newest(Generic[Value]):
    """The results asked for last; the one not asked for longest goes first.

    What is larger than the limit by itself is not kept at all.

    Parameters
    ----------
    limit : int
        Most bytes kept.
    size : callable
        Bytes that a result takes when it is put in; `nbytes` by default.

    Attributes
    ----------
    bytes : int
        Bytes kept.
    """

    def __init__(self, limit: int, size: Callable[[Value], int] | None = None) -> None:
        self.limit, self.bytes = limit, 0
        self._size = size or nbytes
        self._kept: OrderedDict[Hashable, tuple[Value, int]] = OrderedDict()

    def __len__(self) -> int:
        return len(self._kept)

    def __contains__(self, key: Hashable) -> bool:
        return key in self._kept

    def __iter__(self) -> Iterator[Hashable]:
        """Keys, the one not asked for longest first."""
        return iter(tuple(self._kept))

    def values(self) -> tuple[Value, ...]:
        """What is kept, the one not asked for longest first."""
        return tuple(value for value, _ in self._kept.values())

    def get(self, key: Hashable) -> Value | None:
        """Return the result kept for `key`, if it still is."""
        if key not in self._kept:
            return None
        self._kept.move_to_end(key)
        return self._kept[key][0]

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a result in place of the one before; others make room."""
        self.drop(key)
        size = self._size(value)
        if size > self.limit:
            return
        self._kept[key] = value, size
        self.bytes += size
        while self.bytes > self.limit:
            _, (_, freed) = self._kept.popitem(last=False)
            self.bytes -= freed

    def keep(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """Return the result kept for `key`; if there is none, make and keep it."""
        if key in self._kept:
            self._kept.move_to_end(key)
            return self._kept[key][0]
        value = make()
        self.put(key, value)
        return value

    def drop(self, key: Hashable) -> None:
        """Keep it no longer."""
        if key in self._kept:
            self.bytes -= self._kept.pop(key)[1]

    def clear(self) -> None:
        """Keep nothing."""
        self._kept.clear()
        self.bytes = 0


def nbytes(value: Any) -> int:
    """Bytes of what a value holds: arrays, tensors, networks, text, and what holds these.

    An array that occurs several times counts once. Numbers and the containers themselves count
    nothing; what has ``nbytes`` says it for itself.
    """
    seen: set[int] = set()
    total, waiting = 0, [value]
    while waiting:
        held = waiting.pop()
        if id(held) in seen:
            continue
        seen.add(id(held))
        if isinstance(held, str | bytes | bytearray):
            total += len(held)
        elif isinstance(size := getattr(held, "nbytes", None), int):
            total += size
        elif isinstance(held, Mapping):
            waiting += held.values()
        elif isinstance(held, list | tuple | set | frozenset):
            waiting += held
        elif not isinstance(held, type | ModuleType):
            waiting += vars(held).values() if hasattr(held, "__dict__") else _slots(held)
    return total


def _slots(value: Any) -> list[Any]:
    """What an object without a dictionary holds."""
    names = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    return [getattr(value, name) for name in names if hasattr(value, name)]
