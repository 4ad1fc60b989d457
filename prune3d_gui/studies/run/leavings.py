"""What a job that did not come to its end has left on disk."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

from ...core.jobs import Job

MOST_SEEN = 4096
"""Files of a folder that are looked at; a job may write a data set."""
MOST_LEFT = 8


def places_of(job: Job, values: Mapping[str, Any]) -> tuple[str, ...]:
    """Files and folders that a job writes to."""
    written = (option.name for option in job.options if option.sort.startswith("write"))
    return tuple(os.path.abspath(str(values[name])) for name in written if values.get(name))


def left_in(places: Iterable[str], since: float) -> tuple[str, ...]:
    """Files written since a moment, the newest first.

    Parameters
    ----------
    places : iterable of str
        Folders, and files; beside a file, those that are named after it count too.
    since : float
        As `time.time` gives it.
    """
    found: dict[str, float] = {}
    for place in places:
        for path in islice(_near(Path(place)), MOST_SEEN):
            try:
                told = path.stat()
            except OSError:
                continue  # gone meanwhile
            if told.st_size and told.st_mtime >= since and path.suffix != ".part":
                found[str(path)] = told.st_mtime
    return tuple(sorted(found, key=found.__getitem__, reverse=True)[:MOST_LEFT])


def _near(place: Path) -> Iterator[Path]:
    try:
        if place.is_dir():
            yield from (path for path in place.iterdir() if path.is_file())
        elif place.parent.is_dir():
            named = place.parent.iterdir()
            yield from (path for path in named if path.name.startswith(place.stem))
    except OSError:
        return
