"""Digests: what a file or a folder holds, as one hash."""

from __future__ import annotations

import hashlib
from pathlib import Path

_PIECE = 1 << 20


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file; of a folder, that of its files' names and digests.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    made = hashlib.sha256()
    if path.is_dir():
        for file in sorted(file for file in path.rglob("*") if file.is_file()):
            said = f"{file.relative_to(path).as_posix()} {digest_of(file)}\n"
            made.update(said.encode("utf-8", "surrogatepass"))
        return made.hexdigest()
    with path.open("rb") as stream:
        while piece := stream.read(_PIECE):
            made.update(piece)
    return made.hexdigest()
