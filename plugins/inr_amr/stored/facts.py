"""What is said of a field: in its file, and in the JSON file beside it, which wins."""

from __future__ import annotations

import difflib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import Checkpoint
from prune3d_gui.files.networks.sidecars import read_facts

from .known import (
    ANYWHERE,
    BOX,
    BY_NAME,
    CALLED,
    KEPT,
    LINEAR_LAST,
    SKIPS,
    known_fact,
    normal,
    omega_role,
)

_WORDS_FOR = {
    "number": "a number",
    "numbers": "numbers",
    "whole number": "a whole number",
    "text": "one text",
    "text or number": "one text or number",
    "texts": "a list of texts",
}
_MOST = 1e30
"""Beyond this single precision soon overflows."""


@dataclass(frozen=True)
class Said:
    """One thing said: the value, the file it stands in, and its name there."""

    value: Any
    file: str
    key: str


@dataclass(frozen=True, eq=False)
class Facts:
    """Everything said of a field.

    Attributes
    ----------
    name : str
        The field's file.
    stored : dict of tuple of Said
        What the file itself says, by fact; it may say one thing several times.
    given : dict of Said
        What the JSON file beside it says.
    others : dict of str
        Whatever else is said, as text.
    skips : tuple of Said
        Options in the file that stand for skip connections.
    notices : tuple of str
        Names that are not known.
    """

    name: str
    stored: dict[str, tuple[Said, ...]]
    given: dict[str, Said]
    others: dict[str, str]
    skips: tuple[Said, ...] = ()
    notices: tuple[str, ...] = ()

    def said(self, fact: str) -> Said | None:
        """What is said of a fact; the JSON file before the field's own.

        Raises
        ------
        BadInput
            When the file contradicts itself.
        """
        if fact in self.given:
            return self.given[fact]
        found = self.stored.get(fact, ())
        for other in found[1:]:
            if _plain(other.value) != _plain(found[0].value):
                raise BadInput(
                    f"'{self.name}' contradicts itself: {found[0].key} is {found[0].value!r} and "
                    f"{other.key} is {other.value!r}; say which is right in a file "
                    f"'{self.name}.json' beside it, as {fact}."
                )
        return found[0] if found else None

    def check(self) -> None:
        """Read everything that the JSON file says, needed or not.

        Raises
        ------
        BadInput
            When something is of another kind than is wanted.
        """
        for fact, said in self.given.items():
            kind = BY_NAME[fact].kind
            if kind in ("text", "text or number"):
                self.text(fact)
            elif kind == "texts":
                self.texts(fact)
            else:
                found = numbers_of(said, fact)
                if kind != "numbers" and len(found) != 1 and not omega_role(fact):
                    raise _wrong(said, fact)

    def text(self, fact: str, default: str = "") -> str:
        """A fact that is a text, or `default`."""
        said = self.said(fact)
        if said is None:
            return default
        if isinstance(said.value, bool) or not isinstance(said.value, str | int | float):
            raise _wrong(said, fact)
        return str(said.value).strip()

    def texts(self, fact: str) -> tuple[str, ...]:
        """A fact that is a list of texts; empty where it is not said."""
        said = self.said(fact)
        if said is None:
            return ()
        value = _parsed(said.value)
        if not isinstance(value, list) or not all(isinstance(own, str | int) for own in value):
            raise _wrong(said, fact)
        return tuple(map(str, value))

    def numbers(self, fact: str) -> tuple[float, ...] | None:
        """A fact of numbers, as JSON or as its text, or None."""
        said = self.said(fact)
        return None if said is None else numbers_of(said, fact)

    def number(self, fact: str) -> float | None:
        """A fact that is one number, or None."""
        said = self.said(fact)
        return None if said is None else number_of(said, fact)

    def whole(self, fact: str, least: int) -> int | None:
        """A fact that is a whole number from `least` to a million, or None."""
        said = self.said(fact)
        if said is None:
            return None
        found = number_of(said, fact)
        if found != round(found) or not least <= found <= 1e6:
            raise _wrong(said, fact, f" from {least} to a million")
        return round(found)


def number_of(said: Said, fact: str) -> float:
    """Read one number.

    Raises
    ------
    BadInput
    """
    found = numbers_of(said, fact)
    if len(found) != 1:
        raise _wrong(said, fact)
    return found[0]


def numbers_of(said: Said, fact: str) -> tuple[float, ...]:
    """Read one number or a list of them.

    Raises
    ------
    BadInput
        When there is none, or one is not finite or too large for single precision.
    """
    value = _parsed(said.value)
    values = value if isinstance(value, list) else [value]
    try:
        found = tuple(float(own) for own in values)
        right = found and not any(isinstance(own, bool | str) for own in values)
        if right and np.isfinite(found).all() and max(map(abs, found)) <= _MOST:
            return found
    except (TypeError, ValueError, OverflowError):
        pass
    raise _wrong(said, fact, f" between -{_MOST:g} and {_MOST:g}")


def facts_of(checkpoint: Checkpoint, path: Path) -> Facts:
    """Collect what a file and the JSON file beside it say of the field.

    Parameters
    ----------
    checkpoint : Checkpoint
    path : Path
        Where it was read.

    Raises
    ------
    BadInput
        When the JSON file cannot be read, or says one thing twice.
    """
    stored, skips = _stored(checkpoint)
    given, unknown, notices = _given(path.with_name(f"{path.name}.json"))
    others = {
        key: own
        for key, own in checkpoint.about.items()
        if not known_fact(key) and normal(key) not in (*LINEAR_LAST, *SKIPS, "format")
    }
    facts = Facts(checkpoint.name, stored, given, others | unknown, skips, notices)
    texts = {fact: facts.text(fact) for fact in ("note", "truth", "trained_on")}
    iso = facts.number("iso")
    texts["iso"] = "" if iso is None else repr(iso)
    return replace(facts, others=facts.others | {k: own for k, own in texts.items() if own})


def _stored(checkpoint: Checkpoint) -> tuple[dict[str, tuple[Said, ...]], tuple[Said, ...]]:
    name = checkpoint.name
    stored: dict[str, tuple[Said, ...]] = {}
    skips = []
    for key, own in checkpoint.facts.items():
        fact, leaf = known_fact(key), normal(key.rpartition(".")[2])
        if leaf in SKIPS and own not in (False, 0, -1, "", [], "none", "None", "False"):
            skips.append(Said(own, name, key))
        if leaf in LINEAR_LAST and str(own).lower() in ("false", "0"):
            fact, own = "output_activation", "sine"
        is_text = isinstance(own, str) or omega_role(key)  # else an option of something else
        if fact in ANYWHERE and is_text:
            stored[fact] = (*stored.get(fact, ()), Said(own, name, key))
    top = {key: own for key, own in checkpoint.facts.items() if "." not in key}
    said = {known_fact(key): Said(own, name, key) for key, own in _flat(name, top)}
    boxed = {"lower", "upper"} <= said.keys()  # else its "size" and the like are of something else
    for fact in (*(BOX if boxed else ()), *KEPT, "fourier", "fourier_scale"):
        if fact in said:
            stored[fact] = (said[fact],)
    return stored, tuple(skips)


def _given(path: Path) -> tuple[dict[str, Said], dict[str, str], tuple[str, ...]]:
    given: dict[str, Said] = {}
    unknown: dict[str, str] = {}
    notices = []
    for key, value in _flat(path.name, read_facts(path)):
        fact = known_fact(key)
        if value is None:
            continue
        if not fact:
            unknown[key] = _text(value)
            near = difflib.get_close_matches(normal(key), [*BY_NAME, *CALLED], 1)
            hint = f"did you mean {near[0]!r}?" if near else "it was not used."
            notices.append(f"'{path.name}' says {key!r}, which is no fact that is known; {hint}")
        elif fact in given and _plain(given[fact].value) != _plain(value):
            raise BadInput(
                f"'{path.name}' contradicts itself: {given[fact].key} is {given[fact].value!r} and "
                f"{key} is {value!r}; leave one out."
            )
        else:
            given[fact] = Said(value, path.name, key)
    return given, unknown, tuple(notices)


def _flat(name: str, said: dict[str, Any]) -> list[tuple[str, Any]]:
    """Put what is said under "domain" behind the rest."""
    flat: list[tuple[str, Any]] = []
    inner: dict[str, Any] = {}
    for key, value in said.items():
        if normal(key) != "domain":
            flat.append((key, value))
        elif value is not None:
            inner = _parsed(value)
            if not isinstance(inner, dict):
                raise BadInput(
                    f"'{name}' has its domain written in no JSON object; write it again."
                )
    return [*flat, *inner.items()]


def _parsed(value: Any) -> Any:
    """Read text as JSON where it is some."""
    try:
        found = json.loads(value) if isinstance(value, str) else value
    except (ValueError, RecursionError):
        return value
    return list(found) if isinstance(found, tuple) else found


def _plain(value: Any) -> Any:
    """What two ways to write one thing have in common."""
    found = _parsed(value)
    found = found[0] if isinstance(found, list) and len(found) == 1 else found
    return found.strip().lower() if isinstance(found, str) else found


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _wrong(said: Said, fact: str, range_: str = "") -> BadInput:
    known = BY_NAME[fact]
    return BadInput(
        f"'{said.file}' gives {said.key} as {said.value!r}; give {_WORDS_FOR[known.kind]}{range_}, "
        f'as in {{"{fact}": {json.dumps(known.example, ensure_ascii=False)}}}.'
    )
