"""Whether this machine draws fast enough to smooth edges while the hand moves."""

from __future__ import annotations

SLOW = 30.0
"""Milliseconds per change beyond which smoothing waits until the hand rests."""
PATIENCE = 6
"""Slow changes in a row before that is believed; a few are slow on any machine."""
REST = 250
"""Milliseconds without a change that count as rest."""
SMOOTH, ROUGH = 4, 0
"""Samples per pixel at rest, and while the hand moves on a slow machine."""


class Pace:
    """Counts slow changes, over all views of a window; once slow, always slow."""

    def __init__(self) -> None:
        self._slow = 0

    @property
    def slow(self) -> bool:
        """Whether smoothing has to wait for rest."""
        return self._slow >= PATIENCE

    def took(self, milliseconds: float) -> None:
        """Take note of how long one change took to draw."""
        if not self.slow:
            self._slow = self._slow + 1 if milliseconds > SLOW else 0
