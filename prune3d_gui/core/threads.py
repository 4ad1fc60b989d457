"""How threads share the cores."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

NICENESS = 15
"""Of work that nobody waits for: it takes what all else leaves."""
Found = TypeVar("Found")


def share_cores() -> None:
    """Let idle threads sleep and small matrices have one; call it before torch and scipy.linalg.

    Torch's threads spin between two layers by default and so hold the cores that draw:
    on two cores a drag showed 8 frames per second spinning and 15 sleeping. OpenBLAS, which
    numpy and scipy bring, shares even a small matrix among threads that contend with torch's:
    a QR of the neurons in one cell then took 15 times as long. It looks when it is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def gently(work: Callable[[], Found]) -> Found:
    """Run `work` on one thread of low priority and wait for it; what it raises is raised here.

    The thread is a new one, for a priority that was given up cannot be had back. Torch's helpers
    do without; Linux alone has priorities of threads.
    """
    found: Future[Found] = Future()

    def run() -> None:
        if sys.platform == "linux":
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), NICENESS)
        torch = sys.modules.get("torch")
        many = torch.get_num_threads() if torch else 1
        try:
            if torch:
                torch.set_num_threads(1)
            found.set_result(work())
        except BaseException as error:
            found.set_exception(error)
        finally:
            if torch:
                torch.set_num_threads(many)  # threads to come take the number set last

    thread = threading.Thread(target=run, name=f"{threading.current_thread().name}-gently")
    thread.daemon = True
    thread.start()
    thread.join()
    return found.result()
