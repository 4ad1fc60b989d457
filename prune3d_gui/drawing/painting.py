"""Who makes what takes too long for the thread that draws: itself, or another one."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol, TypeVar

from ..core.cancel import NEVER, CancelToken

Made = TypeVar("Made")


class Later(Protocol):
    """Has something made, and handed to whoever draws, who then draws once more.

    What it was asked to make before for the same `name` and did not hand over is forgotten.
    """

    def __call__(
        self,
        name: str,
        make: Callable[[CancelToken], Made],
        done: Callable[[Made], None],
        moving: bool,
    ) -> None:
        """Ask for it; `moving` says that a camera moves, so that it may wait for rest."""


def at_once(
    name: str, make: Callable[[CancelToken], Made], done: Callable[[Made], None], moving: bool
) -> None:
    """Make it now: a `Later` for pictures without a window."""
    done(make(NEVER))
