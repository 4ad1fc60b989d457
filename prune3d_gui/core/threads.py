"""How threads share the cores."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Let idle threads sleep and small matrices have one; call it before torch and scipy.linalg.

    Torch's threads spin between two layers by default and so hold the cores that draw:
    on two cores a drag showed 8 frames per second spinning and 15 sleeping. OpenBLAS, which
    numpy and scipy bring, shares even a small matrix among threads that contend with torch's:
    a QR of the neurons in one cell then took 15 times as long. It looks when it is imported.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
