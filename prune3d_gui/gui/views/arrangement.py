"""Where the panes stand: side by side, or one large beside small ones."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from ...core.scene.views import View

Key = tuple[str, str]
"""Role and id of the view of a pane."""
Cell = tuple[int, int, int, int]
"""Row, column, and how many of either."""

ROW = 4
"""Panes that stand in one row before it becomes a grid."""
STRIP = 4
"""Small panes below each other before they take a second column."""
SHARE = 2
"""Width of the large pane, in that of all small ones together."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """Which pane is given more room.

    Parameters
    ----------
    large : (role, view) or None
        The pane that is large beside the others; with None all are alike.
    """

    large: Key | None = None

    @property
    def text(self) -> str:
        """The same in a word, to be kept."""
        return "side" if self.large is None else "large:" + "/".join(self.large)

    @classmethod
    def of(cls, text: str) -> Arrangement:
        """Return what was kept as `text`; side by side where it says nothing."""
        kind, _, pane = text.partition(":")
        role, _, view = pane.partition("/")
        return cls((role, view) if kind == "large" and role and view else None)


def keys_of(views: Sequence[View]) -> tuple[Key, ...]:
    """Every pane of `views`, view by view."""
    return tuple((role, view.id) for view in views for role in view.roles)


def side_by_side(views: Sequence[View], aspect: float) -> dict[Key, Cell]:
    """Give every pane a cell of the same size: in one row, or in a grid where there are many.

    Panes of one role, and those of one view, stay in line where all views have the same roles.

    Parameters
    ----------
    views : sequence of View
    aspect : float
        Width over height of the room for all of them.
    """
    keys = keys_of(views)
    if len(keys) <= ROW:
        return {key: (0, column, 1, 1) for column, key in enumerate(keys)}
    orders = [keys]
    step = 1
    if len({view.roles for view in views}) == 1:
        roles = views[0].roles
        orders.append(tuple((role, view.id) for role in roles for view in views))
        step = len(roles)

    def side(order: int, columns: int) -> float:
        return min(aspect / columns, 1 / math.ceil(len(keys) / columns))

    steps = (step, len(keys) // step if step > 1 else 1)
    choices = [
        (order, columns)
        for order in range(len(orders))
        for columns in range(steps[order], len(keys) + 1, steps[order])
    ]
    order, columns = max(choices, key=lambda choice: side(*choice))
    return {key: (*divmod(place, columns), 1, 1) for place, key in enumerate(orders[order])}


def beside(keys: Sequence[Key], large: Key) -> dict[Key, Cell]:
    """Give one pane the height of the room, and the others cells to the right of it."""
    small = [key for key in keys if key != large]
    columns = math.ceil(len(small) / STRIP)
    rows = math.ceil(len(small) / max(columns, 1))
    cells = {key: (n % rows, 1 + n // rows, 1, 1) for n, key in enumerate(small)}
    return {large: (0, 0, max(rows, 1), 1), **cells}
