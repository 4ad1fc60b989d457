"""Whether there is a screen to open a window on."""

from __future__ import annotations

import os
import sys


def why_no_window() -> str:
    """Say why no window can open, or return an empty string."""
    if not sys.platform.startswith("linux"):
        return ""
    platform = os.environ.get("QT_QPA_PLATFORM", "").partition(":")[0]
    if platform and not platform.startswith(("xcb", "wayland")):
        return ""
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return ""
    return (
        "There is no display to open a window on; log in to a desktop, or run "
        "'xvfb-run -a prune3d', or use the commands that 'prune3d --help' lists."
    )
