"""A limit of time that is asked for like a stop."""

from __future__ import annotations

import math
import time

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled


class Clock(CancelToken):
    """A cancel token that also runs out of time; it stands still between rounds."""

    def __init__(self, cancel: CancelToken, seconds: float) -> None:
        super().__init__()
        self._outer, self._limit = cancel, seconds or math.inf
        self._spent, self._since = 0.0, time.perf_counter()

    @property
    def cancelled(self) -> bool:
        """Whether a stop was asked for or the time is over."""
        spent = self._spent + time.perf_counter() - self._since
        return self._outer.cancelled or spent > self._limit

    def check(self) -> None:
        """Raise `Cancelled` if `cancelled`."""
        if self.cancelled:
            raise Cancelled(f"Stopped: {self.reason}.")

    @property
    def reason(self) -> str:
        """Why it stopped."""
        return "cancelled" if self._outer.cancelled else "time"

    def pause(self) -> float:
        """Stand still, and give the seconds spent so far."""
        self._spent += time.perf_counter() - self._since
        return self._spent

    def go_on(self) -> None:
        """Run again after a pause."""
        self._since = time.perf_counter()
