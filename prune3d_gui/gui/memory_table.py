"""Who takes the window's memory: step after step from the start, against what is wanted."""

from __future__ import annotations

import importlib
from typing import Any

from ..core.limits import limited
from .measure import AT_REST_MB, resident

AT_REST = "memory_at_rest"
PLATEAU = "memory_back_at_first"
PLATEAU_MB = 1200.0
"""What the window may take, back at the first model with its caches emptied."""
LIBRARIES = {
    "torch": ("torch",),
    "VTK, pyvista and the matplotlib it imports": ("pyvista", "pyvistaqt"),
    "scipy and pyqtgraph": ("scipy.spatial", "scipy.ndimage", "pyqtgraph"),
}
"""What the worker and the views import while the first model opens."""


class MemoryTable:
    """Resident memory in MB that each step took, in the order in which they come.

    What a step took is what the process has more of than after the step before, so the rows add
    up to the whole. A library that two of them need counts for the first.

    Attributes
    ----------
    rows : list of dict
        ``measure``, ``value``, ``limit``, ``met``; the last two are empty where nothing is
        wanted.
    note : str
        How much of the memory at rest is no model's.
    """

    def __init__(self) -> None:
        self.rows: list[dict[str, Any]] = []
        self.note = ""
        self._before = self._bare = 0.0

    def step(self, name: str) -> None:
        """Count what has come since the step before for `name`."""
        now = resident()
        self.rows.append(row(f"MB: {name}", round(now - self._before)))
        self._before = now

    def libraries(self) -> None:
        """Import what opening a model needs anyway, one library after another."""
        for name, modules in LIBRARIES.items():
            for module in modules:
                importlib.import_module(module)
            self.step(name)
        self._bare = self._before

    def at_rest(self) -> None:
        """Close with the whole before the first action."""
        self._total(AT_REST, AT_REST_MB)
        models = self._before - self._bare
        self.note = (
            f"Of the {self._before:,.0f} MB at rest, {self._bare:,.0f} MB are libraries and what "
            f"draws the window, there before any model; the model and its pictures take "
            f"{models:,.0f} MB."
        )

    def back(self) -> None:
        """Close with the whole, back at the first model."""
        self._total(PLATEAU, PLATEAU_MB)

    def _total(self, name: str, limit: float) -> None:
        self.rows.append(row(f"{name}_MB", round(self._before), limit))


def row(name: str, value: float, limit: float | None = None) -> dict[str, Any]:
    """A measure, and whether it is at most what is wanted."""
    bare = {"measure": name, "value": value, "limit": "", "met": ""}
    return limited(bare, "" if limit is None else f"at most {limit:g}")
