"""The process that `apart` runs: reads files with VTK, within bounds of memory and time."""

from __future__ import annotations

import os
import pickle
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np

from ...core.errors import BadInput
from .vtk_images import read_apart

_NONE = np.zeros((0, 0, 0, 0), np.float32)  # stands for values that go by a file


def serve() -> None:
    """Read what is asked for on standard input until it closes."""
    requests, answers = sys.stdin.buffer, os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what VTK prints must not come between answers
    start = _room_taken()
    while True:
        try:
            full, path, ending, limit, values, memory, seconds = pickle.load(requests)
        except EOFError:
            return
        _confine(start + memory, seconds)
        try:
            raster = read_apart(full, ending, limit)
            np.save(values, raster.values)
            answer = replace(raster, values=_NONE)
        except BadInput as error:
            answer = BadInput(str(error).replace(str(full), str(path)))
        except KeyError as error:
            answer = KeyError(*(str(arg) for arg in error.args))
        except Exception as error:  # readers of damaged files raise nearly anything
            answer = ValueError(str(error) or type(error).__name__)
        _confine(None, 0)
        pickle.dump(answer, answers)
        answers.flush()


def _room_taken() -> int:
    """Return the bytes of address space that this process has, where the system says so."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[0])
    except OSError:
        return 1 << 30
    return pages * os.sysconf("SC_PAGE_SIZE")


def _confine(memory: int | None, seconds: float) -> None:
    """Bound memory and time; the time holds where the process beside is gone, too."""
    try:
        import resource
        import signal
    except ImportError:  # Windows
        return
    most = resource.getrlimit(resource.RLIMIT_AS)[1]
    allowed = most if memory is None else memory if most < 0 else min(memory, most)
    resource.setrlimit(resource.RLIMIT_AS, (allowed, most))
    resource.setrlimit(resource.RLIMIT_CORE, (0, resource.getrlimit(resource.RLIMIT_CORE)[1]))
    signal.setitimer(signal.ITIMER_REAL, seconds and seconds + 5)
