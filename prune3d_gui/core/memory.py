"""Memory that was freed goes back to the system."""

from __future__ import annotations

import ctypes
import functools
import sys
from collections.abc import Callable


def give_back() -> None:
    """Hand memory that was freed back to the system, where the C library would keep it.

    glibc keeps what threads freed in pieces for their next pieces: after an opening or a long
    mesh that is a hundred megabytes which nobody else can have. It takes some tens of
    milliseconds, so it is done at rest.
    """
    trim = _trim()
    if trim is not None:
        trim(0)


@functools.cache
def _trim() -> Callable[[int], int] | None:
    if sys.platform != "linux":
        return None
    return getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none
