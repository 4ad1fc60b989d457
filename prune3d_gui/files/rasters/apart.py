"""Readers that may end their process run in one beside it, kept and used again.

VTK's readers trust what a file says; a false size is a failed allocation in C++, which ends the
process. The one that runs them here talks through its standard input and output, and ends when
either of them does: when this process closes it, or is gone. It is no child of `multiprocessing`,
whose daemonic workers may have none.
"""

from __future__ import annotations

import atexit
import contextlib
import pickle
import subprocess
import sys
import tempfile
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from .raster import Raster

_START = "from prune3d_gui.files.rasters.served import serve; serve()"


class Apart:
    """The process beside this one; it starts when it is first needed.

    Parameters
    ----------
    memory : int
        Bytes that reading may take beside those of the file and of what is kept of it.
    seconds : float
        Most that reading takes, beside what the size of the file asks for.
    """

    def __init__(self, memory: int = 1 << 30, seconds: float = 30.0) -> None:
        self._memory, self._seconds = memory, seconds
        self._process: subprocess.Popen[bytes] | None = None
        self._lock = threading.Lock()

    def read(self, path: Path, ending: str, limit: int) -> Raster:
        """Read a file as `vtk_images.read_apart` does, from any thread.

        Raises
        ------
        BadInput
            What the reader found.
        ValueError
            If the reader failed, ended its process or took too long.
        """
        size = path.stat().st_size
        memory, seconds = self._memory + 4 * limit + 8 * size, self._seconds + size / 4e6
        with self._lock, tempfile.TemporaryDirectory(prefix="prune3d-") as folder:
            values = Path(folder) / "values.npy"
            request = (path.absolute(), path, ending, limit, values, memory, seconds)
            found = self._ask(request, seconds)
            if isinstance(found, Raster):
                return replace(found, values=np.load(values))
        raise found

    def close(self) -> None:
        """End the process, if there is one; the next file starts another."""
        with self._lock:
            self._end()

    def _ask(self, request: tuple[Any, ...], seconds: float) -> Raster | Exception:
        process = self._running()
        assert process.stdin is not None
        assert process.stdout is not None
        late = threading.Event()

        def stop() -> None:
            late.set()
            process.kill()

        timer = threading.Timer(seconds, stop)
        timer.start()
        try:
            pickle.dump(request, process.stdin)
            process.stdin.flush()
            return pickle.load(process.stdout)
        except (OSError, EOFError, pickle.UnpicklingError):
            self._end()
            return ValueError(
                f"VTK's reader took more than {seconds:.0f} seconds"
                if late.is_set()
                else "VTK's reader broke down over it, or asked for more memory than it may have"
            )
        except BaseException:  # an answer that nobody took must not be the next one's
            self._end()
            raise
        finally:
            timer.cancel()
            timer.join()

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is not None and self._process.poll() is None:
            return self._process
        self._end()
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-c", _START],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        return self._process

    def _end(self) -> None:
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            with contextlib.suppress(OSError):  # what was still to be written has no reader
                if pipe is not None:
                    pipe.close()


APART = Apart()
atexit.register(APART.close)
