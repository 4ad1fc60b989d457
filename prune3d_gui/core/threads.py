"""How threads share the cores."""

from __future__ import annotations

import os


def share_cores() -> None:
    """Let idle OpenMP threads sleep instead of spin; call it before torch is imported.

    Torch's threads spin between two layers by default and so hold the cores that draw:
    on two cores a drag showed 8 frames per second spinning and 15 sleeping.
    """
    os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
