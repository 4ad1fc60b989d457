"""Stamps: a moment as each kind of file holds it, so that a file says what it was made from."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from ..core.moment import KEY, Moment
from .atomic import writing
from .paths import beside

BESIDE = ".moment.json"
"""Ending of the file beside one that holds no text."""
LINE = 200
"""Letters of a moment on one line of comment: some readers give up at 1,024."""
_STL = "Prune3D; moment in the file beside; SHA-256 "


def texts(moment: Moment | None) -> dict[str, str]:
    """What a file that holds texts by name is given."""
    return {} if moment is None else {KEY: moment.as_text()}


def comments(moment: Moment | None) -> list[str]:
    """Lines of comment, without the sign that begins one; none begins or ends with a space."""
    if moment is None:
        return []
    text = moment.as_text()
    parts = re.findall(rf"(?=\S).{{1,{LINE}}}(?<=\S)(?=\S|$)", text)
    if "".join(parts) != text:  # spaces everywhere: JSON can say them otherwise
        text = json.dumps(moment.as_fields(), sort_keys=True, separators=(",", ":"))
        parts = re.findall(rf".{{1,{LINE}}}", text.replace(" ", "\\u0020"))
    return [f"{KEY} {part}" for part in parts]


def of_comments(lines: list[str]) -> str:
    """The text that `comments` cut into lines; empty where none of them is of a moment."""
    parts = [line.partition(KEY + " ")[2].strip() for line in lines if KEY + " " in line]
    return "".join(parts)


def as_values(moment: Moment | None) -> dict[str, Any]:
    """What a file that holds JSON by name is given, such as the ``extras`` of a glTF asset."""
    return {} if moment is None else {KEY: moment.as_fields()}


def svg_with(text: str, moment: Moment | None) -> str:
    """An SVG with the moment in a ``metadata`` element, its first."""
    if moment is None:
        return text
    start = re.search(r"<svg\b[^>]*?(/?)>", text, re.S)
    if start is None or start[1]:
        return text
    held = f'\n<metadata id="{KEY}">{escape(moment.as_text())}</metadata>'
    return text[: start.end()] + held + text[start.end() :]


def html_block(moment: Moment | None) -> str:
    """An element that a page is given; it shows nothing."""
    if moment is None:
        return ""
    held = moment.as_text().replace("<", "\\u003c")
    return f'<script type="application/json" id="{KEY}">{held}</script>'


def stl_header(moment: Moment | None) -> bytes:
    """The 80 bytes before a binary STL: the hash of the moment, which lies beside it."""
    said = "Prune3D" if moment is None else _STL + digest(moment.as_text())
    return said.encode().ljust(80, b" ")


def is_beside(header: bytes, text: str) -> bool:
    """Whether a moment belongs to the STL file of a header; a header of others says nothing."""
    mark = _STL.encode()
    return not header.startswith(mark) or header.startswith(mark + digest(text).encode())


def digest(text: str) -> str:
    """First 32 hex digits of the SHA-256 of a moment's text."""
    return hashlib.sha256(text.encode()).hexdigest()[:32]


def write_beside(path: str | Path, moment: Moment | Mapping[str, Any] | None) -> Path | None:
    """Write a moment, or its fields, beside a file that holds no text; gives where, or None."""
    if not moment:
        return None
    fields = moment.as_fields() if isinstance(moment, Moment) else dict(moment)
    target = beside(path, BESIDE)
    with writing(target) as temporary:
        text = json.dumps(fields, sort_keys=True, ensure_ascii=True)
        temporary.write_text(text + "\n", encoding="ascii")
    return target
