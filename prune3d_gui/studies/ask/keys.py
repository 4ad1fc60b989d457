"""Where found results are kept, and the keys under which they are found again."""

from __future__ import annotations

import hashlib
import os
from pathlib import Path


def cache_folder() -> Path:
    """Folder of the cache: ``PRUNE3D_CACHE`` or the platform's own."""
    given = os.environ.get("PRUNE3D_CACHE")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_cache_dir("prune3d", appauthor=False)) / "studies"


def key_of(*parts: str | bytes) -> bytes:
    """Hash of several texts, whatever is in them: (32,) bytes."""
    made = hashlib.sha256()
    for part in parts:
        data = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        made.update(len(data).to_bytes(8, "little"))
        made.update(data)
    return made.digest()
