"""Text files that people made, as UTF-8 with or without a byte order mark."""

from __future__ import annotations

import codecs
import json
from pathlib import Path
from typing import Any

from prune3d_gui.core.errors import BadInput

_WIDE = (codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE, codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)


def read_text(path: str | Path) -> str:
    """Read a text.

    Raises
    ------
    BadInput
        If it is text in another encoding, such as UTF-16.
    ValueError
        If it is no text at all.
    OSError
        If the file cannot be read.
    """
    return decoded(path, Path(path).read_bytes())


def read_json(path: str | Path) -> Any:
    """Read JSON.

    Raises
    ------
    BadInput
        If it is text in another encoding.
    ValueError, RecursionError
        If it is no text or no JSON, or nested beyond reason.
    OSError
        If the file cannot be read.
    """
    return json.loads(read_text(path))


def decoded(path: str | Path, data: bytes) -> str:
    """Text of the bytes of a file; a byte order mark is left out.

    Raises
    ------
    BadInput
        If they are text in another encoding.
    ValueError
        If they are no text at all.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError:
        if b"\0" in data and not data.startswith(_WIDE):
            raise
        text = None
    if text is None or _wide(data):
        kind = "not UTF-8" if text is None and not _wide(data) else "UTF-16 or UTF-32"
        raise BadInput(f"'{path}' is text in another encoding ({kind}); save it as UTF-8.")
    return text


def _wide(data: bytes) -> bool:
    """Whether letters take two bytes or four, as a mark or zeros between them tell."""
    return data.startswith(_WIDE) or (b"\0" in data[:2] and any(0x20 <= b < 0x7F for b in data[:4]))
