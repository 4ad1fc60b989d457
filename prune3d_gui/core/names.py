"""Names that can be said: files may have names that are no text."""

from __future__ import annotations

from typing import Any


def sayable(text: str) -> str:
    r"""Text with what is no UTF-8 written out as ``\udcff``; any other text as it is.

    A file name that is not in the encoding of the system comes as text with lone surrogates, which
    opens the file but which no other file can hold.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def all_sayable(value: Any) -> Any:
    """The same for every text in plain values: dictionaries, lists and tuples."""
    if isinstance(value, str):
        return sayable(value)
    if isinstance(value, dict):
        return {sayable(name): all_sayable(held) for name, held in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(map(all_sayable, value))
    return value
