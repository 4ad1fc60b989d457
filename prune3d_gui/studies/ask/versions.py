"""Versions of what a result depends on."""

from __future__ import annotations

import functools
import platform
from importlib.metadata import PackageNotFoundError, version


@functools.cache
def versions() -> dict[str, str]:
    """Versions of Python, Prune3D and the numerical libraries, by name."""
    found = {"python": platform.python_version()}
    for name in ("prune3d", "torch", "numpy", "scipy"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "not installed"
    return found
