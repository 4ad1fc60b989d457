"""Compiled loops: how they are made, kept and shared among threads.

They are numba's. Neither its threads nor its parallel loops are used: those are a pool of their
own beside torch's, and one kind of them ends the process when two threads of a program come at
once. A loop over tiles, Gaussians or voxels gives up the interpreter's lock instead, and as many
threads as torch may take have a part of it each.

Compiled code is kept beside the module, or in the user's cache where that folder is read only
(``NUMBA_CACHE_DIR`` names another). It is made again when the module changes, but not when one
that it imports does: what a loop calls is in its own module, and who changes a constant of
another one empties ``__pycache__``.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from typing import Any

import numba
import numpy as np
import torch

from ..core.cancel import NEVER, CancelToken

_FAST = {"reassoc", "contract", "nsz", "arcp"}  # sums in any order, the same one every time
_HELPERS = ThreadPoolExecutor(max(1, (os.cpu_count() or 1) - 1))
_SMALL = 2_000  # things that one thread is through with sooner than two


def compiled(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop when it is first called with numbers of a kind."""
    return _made(function, _FAST)


def exact(function: Callable[..., Any]) -> Callable[..., Any]:
    """Compile a loop whose sums are as written, for loops that agree with each other to the bit."""
    return _made(function, set())


def _made(function: Callable[..., Any], fast: set[str]) -> Callable[..., Any]:
    options: dict[str, Any] = {"nogil": True, "fastmath": fast, "error_model": "numpy"}
    try:
        return numba.njit(cache=True, **options)(function)
    except RuntimeError:  # there is no folder to keep it in
        return numba.njit(**options)(function)


inlined: Callable[..., Any] = numba.njit(inline="always", error_model="numpy", nogil=True)
"""Compile what a loop calls at every step as if it were written there."""


def threads() -> int:
    """How many threads work is shared among: as many as torch takes."""
    return torch.get_num_threads()


def even(count: int, parts: int) -> np.ndarray:
    """Where to cut `count` things into equal parts, one if they are few: (parts + 1,) int64."""
    return np.linspace(0, count, (parts if count > _SMALL else 1) + 1).astype(np.int64)


def shared(
    work: Callable[[int, int, int], object],
    cuts: Sequence[int] | np.ndarray,
    cancel: CancelToken = NEVER,
) -> None:
    """Do ``work(part, first, last)`` for every part between `cuts`, on torch's number of threads.

    The caller's thread takes parts, too, and waits for no helper that has not begun: where other
    programs have the cores, it does all of it.

    Raises
    ------
    Cancelled
        If `cancel` was set; parts that have begun are ended first.
    """
    left = iter(range(len(cuts) - 1))  # its next is one step of the interpreter, never two

    def take() -> None:
        for part in left:
            cancel.check()
            work(part, int(cuts[part]), int(cuts[part + 1]))

    helpers = min(threads(), len(cuts) - 1) - 1
    if helpers < 1:
        take()
        return
    others = [_HELPERS.submit(take) for _ in range(helpers)]
    try:
        take()
    finally:
        begun = [other for other in others if not other.cancel()]
        wait(begun)
    for other in begun:
        other.result()
