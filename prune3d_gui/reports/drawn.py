"""Charts of a report, drawn for light and for dark pages."""

from __future__ import annotations

import io
from collections.abc import Callable, Sequence
from typing import Any

from ..core.jobs import Row
from .report import Chart


def both(draw: Callable[..., None], rows: Sequence[Row], *, title: str, **about: Any) -> Chart:
    """Draw rows twice with one of `charts`' functions, which takes what else is given."""
    images = []
    for dark in (False, True):
        stream = io.BytesIO()
        draw(stream, rows, title=title, dark=dark, **about)
        images.append(stream.getvalue())
    return Chart(title, *images)
