"""Trained weights, samples, pictures and icons that come with the program."""

from __future__ import annotations

from pathlib import Path

RESOURCES = Path(__file__).parent


def resource(name: str) -> Path | None:
    """Return a file or folder by its path under the resources; None where it is not installed."""
    found = RESOURCES / name
    return found if found.exists() else None
