"""What is known of each leaf of a mesh."""

from __future__ import annotations

from collections.abc import ItemsView, Mapping

import numpy as np

from .judgements import Judgement

NUMBERS = ("priority", "kept", "pruned_error", "interpolation_error", "gradient")
FLAGS = ("split", "bad", "judged")
UNKNOWN = (*NUMBERS, "above")
FOUND = (*NUMBERS, "split", "bad", "reason")


class Facts:
    """What is known of each leaf: named arrays with one row per leaf."""

    def __init__(self, count: int, arrays: Mapping[str, np.ndarray] | None = None) -> None:
        self._arrays = dict(arrays or {})
        if arrays is None:
            self._arrays |= {name: np.full(count, np.nan, np.float32) for name in UNKNOWN}
            self._arrays |= {name: np.zeros(count, bool) for name in FLAGS}
            self._arrays["reason"] = np.zeros(count, np.uint8)

    def __getitem__(self, name: str) -> np.ndarray:
        return self._arrays[name]

    def items(self) -> ItemsView[str, np.ndarray]:
        """Names and arrays."""
        return self._arrays.items()

    def taken(self, rows: np.ndarray, unknown: np.ndarray | None = None) -> Facts:
        """Take rows by number, and forget those of the new rows that are marked `unknown`."""
        found = Facts(0, {name: values[rows] for name, values in self.items()})
        if unknown is not None:
            for name, values in found.items():
                values[unknown] = np.nan if name in UNKNOWN else values.dtype.type()
        return found

    def note(self, rows: np.ndarray, judgement: Judgement) -> None:
        """Write what the rule found into rows."""
        for name in FOUND:
            self._arrays[name][rows] = getattr(judgement, name)
        self._arrays["judged"][rows] = True

    def place(self, rows: np.ndarray, other: Facts) -> None:
        """Replace rows by those of `other`."""
        for name, values in other.items():
            self._arrays[name][rows] = values
