"""Sources: a hash of the code that results come from, so that none outlives its code."""

from __future__ import annotations

import functools
import hashlib
import sys
from collections.abc import Iterable
from pathlib import Path

from ...core.system import System

ROOMS = ("core", "geometry", "metrics", "pruning")
"""Parts of the program that results depend on."""


def sources_hash(system: System) -> str:
    """Hash of the system's own Python files and of those of the program that it builds on."""
    module = sys.modules.get(type(system).__module__)
    file = Path(getattr(module, "__file__", None) or "")
    packaged = file.name == "__init__.py" or "." in type(system).__module__
    return _hash_of(file.parent if packaged and file.name else file) + _own_hash()


@functools.cache
def _own_hash() -> str:
    root = Path(__file__).parents[2]
    return "".join(_hash_of(root / room) for room in ROOMS)


def _hash_of(place: Path) -> str:
    made = hashlib.sha256()
    for path in _files(place):
        data = path.read_bytes()
        made.update(f"{path.relative_to(place)} {len(data)} ".encode())
        made.update(data)
    return made.hexdigest()


def _files(place: Path) -> Iterable[Path]:
    if place.is_file():
        return (place,)
    return sorted(place.rglob("*.py")) if place.name else ()
