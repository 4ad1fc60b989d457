"""Knobs: what a person can turn; panels and command-line flags are made from them."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from ..errors import BadInput
from ..numerals import read_number, with_unit

Kind = Literal["rate", "log", "linear", "steps", "choice", "toggle", "artifact"]
Value = float | int | str | bool
Invalidates = Literal["prune", "reconstruct", "score", "show", "draw"]
NONE = "none"
"""How people write that an artifact knob chooses nothing; its value is then the empty text."""
HASH = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True, slots=True)
class Choice:
    """One entry of a choice knob.

    Parameters
    ----------
    id, title, help : str
    seed : str
        Id of the knob that seeds it, where chance decides: a baseline that studies repeat.
    mark : str
        What sets it apart from most others, in a word or two, such as ``held out``.
    """

    id: str
    title: str
    help: str = ""
    seed: str = ""
    mark: str = ""


@dataclass(frozen=True, slots=True)
class Knob:
    """A value a person can set, with its range and what a change of it invalidates.

    Parameters
    ----------
    id : str
        Name in plans, queries, rows and flags (``rate`` becomes ``--rate``).
    title : str
        Label in the panel.
    kind : {"rate", "log", "linear", "steps", "choice", "toggle", "artifact"}
        ``rate`` is in percent, ``log`` a positive number on a logarithmic scale,
        ``linear`` any number on an even scale, ``steps`` whole numbers. The value of an
        ``artifact`` is its hash, or the empty text for none.
    default : float, int, str or bool
        The value of a fresh panel.
    invalidates : {"prune", "reconstruct", "score", "show", "draw"}
        ``prune`` knobs make up a plan, the others a query. ``reconstruct`` changes the result,
        ``score`` only its scores, ``show`` only what the model shows of it: no number. ``draw``
        never reaches the model: it is a choice of the array by which scenes are coloured, whose
        names its entries have as ids; its default is what the model colours them by.
    minimum, maximum, step : float
        Range of the numeric kinds; `step` is in the knob's own unit.
    choices : tuple of Choice
        Entries of a ``choice`` knob.
    units_allowed : bool
        A ``choice`` knob that also takes a comma-separated list of unit ids.
    takes : str
        Kind of the artifacts that an ``artifact`` knob chooses among.
    sets : str
        Of an ``artifact`` knob, id of the number knob whose value it was made for, such as a rate:
        a row of a job that names both turns both.
    pictured : bool
        Whether the entries of a ``choice`` have pictures, which `Model.thumbnail` makes, such as
        cameras; the window shows them as a strip.
    unit : str
        Unit shown behind the number.
    help : str
        One sentence for tooltips and ``--help``.
    group : str
        Module that the knob belongs to: its heading in the panel. Where units have it as the
        first part of their path, those are the units that the knob prunes.
    """

    id: str
    title: str
    kind: Kind
    default: Value
    invalidates: Invalidates = "prune"
    minimum: float = 0.0
    maximum: float = 100.0
    step: float = 0.1
    choices: tuple[Choice, ...] = ()
    units_allowed: bool = False
    takes: str = ""
    sets: str = ""
    pictured: bool = False
    unit: str = ""
    help: str = ""
    group: str = ""

    @property
    def counts(self) -> bool:
        """Whether a number depends on it, rather than only a picture."""
        return self.invalidates not in ("show", "draw")

    def check(self, value: Value) -> Value:
        """Return `value` in the knob's own type.

        Raises
        ------
        BadInput
            If it is of another type, not a number, or out of range.
        """
        if self.kind == "toggle":
            return self._toggle(value)
        if self.kind == "choice":
            return self._choice(value)
        if self.kind == "artifact":
            return self._artifact(value)
        if isinstance(value, str):
            return self._typed(value)
        try:
            number = float(value)
        except (TypeError, ValueError):
            raise BadInput(f"{self.id} {value!r} is not a number; {self._range()}.") from None
        if not math.isfinite(number) or not self.minimum <= number <= self.maximum:
            raise BadInput(f"{self.id} {value} is out of range; {self._range()}.")
        if self.kind == "steps":
            if number != round(number):
                raise BadInput(f"{self.id} {value} is not a whole number; {self._range()}.")
            return round(number)
        return number

    @property
    def number(self) -> bool:
        """Whether its values are numbers, so that a curve can run along it."""
        return self.kind in ("rate", "log", "linear", "steps")

    @property
    def falls(self) -> bool:
        """Whether it prunes less the larger it is: its default is nearer to the upper end."""
        if not self.number:
            return False
        default = float(self.default)
        return default - self.minimum > self.maximum - default

    @property
    def label(self) -> str:
        """Its title, behind that of its group: what tells it from knobs of other groups."""
        return f"{self.group} {self.title.lower()}" if self.group else self.title

    @property
    def words(self) -> str:
        """The label within a sentence."""
        return self.label if self.group else self.title.lower()

    @property
    def suffix(self) -> str:
        """Unit behind a number; percent where a rate names none."""
        return self.unit or ("%" if self.kind == "rate" else "")

    @property
    def axis_title(self) -> str:
        """The label and, in brackets, its unit."""
        return f"{self.label} ({self.suffix})" if self.suffix else self.label

    def told(self, value: Value) -> str:
        """A value with its unit: ``30 %``."""
        text = f"{value:g}" if isinstance(value, float) else str(value)
        return with_unit(text, self.suffix)

    def series(self, text: str) -> tuple[Value, ...]:
        """Read a command-line value: ``a,b,c``, ``start:stop:step`` or ``start:stop:xN``.

        ``start:stop:step`` includes the stop when a whole number of steps reaches
        it; ``start:stop:xN`` gives N values evenly spaced in the logarithm. Values may also be
        apart by semicolons; a comma is then a decimal comma, as it is beside colons.

        Raises
        ------
        BadInput
            If the text does not follow that grammar or a value is out of range.
        """
        if self.kind == "choice" and self.units_allowed:
            return (self.check(text),)
        if ":" in text:
            return tuple(self.check(value) for value in self._span(text))
        mark = ";" if ";" in text else ","
        try:
            return tuple(self.check(part.strip()) for part in text.split(mark))
        except BadInput as error:
            if mark not in text or not self.number:
                raise
            raise BadInput(
                f"{str(error)[:-1]} (in {text!r}, where {mark!r} parts values)."
            ) from None

    def _span(self, text: str) -> Iterable[float]:
        parts = text.split(":")
        spaced = len(parts) == 3 and parts[2].startswith("x")
        try:
            start, stop = read_number(parts[0]), read_number(parts[1])
            last = parts[2].removeprefix("x") if len(parts) == 3 else ""
            step = read_number(last, whole=spaced)
        except BadInput:
            step = math.nan
        if not step > 0 or (not spaced and stop < start):
            raise BadInput(
                f"{self.id} {text!r} is not a series; "
                "write a,b,c or start:stop:step or start:stop:xN."
            )
        if spaced:
            if start <= 0 or stop <= 0:
                raise BadInput(f"{self.id} {text!r} needs ends above 0 for a logarithmic series.")
            count = round(step)
            ratio = (stop / start) ** (1 / max(count - 1, 1))
            inner = [start * ratio**i for i in range(1, count - 1)]
            return [start, *inner, stop][:count]
        count = math.floor((stop - start) / step + 1e-9) + 1
        if count > 100_000:
            raise BadInput(f"{self.id} {text!r} has {count} values; take a larger step.")
        return [round(start + i * step, 10) for i in range(count)]

    def _typed(self, text: str) -> float | int:
        whole = self.kind == "steps"
        number = read_number(
            text, self.id, whole=whole, low=self.minimum, high=self.maximum,
            units=(self.suffix,), advice=self._range(),
        )  # fmt: skip
        return round(number) if whole else number

    def _toggle(self, value: Value) -> bool:
        words = {"on": True, "true": True, "1": True, "off": False, "false": False, "0": False}
        found = words.get(str(value).lower())
        if found is None:
            raise BadInput(f"{self.id} {value!r} is neither on nor off; write on or off.")
        return found

    def _choice(self, value: Value) -> str:
        text = str(value).strip()
        names = [choice.id for choice in self.choices]
        if text in names:
            return text
        if self.units_allowed and text:
            return ",".join(part.strip() for part in text.split(","))
        raise BadInput(f"{self.id} {text!r} is unknown; take one of {', '.join(names)}.")

    def _artifact(self, value: Value) -> str:
        text = "" if value == NONE else str(value)
        if text and not is_hash(text):
            raise BadInput(
                f"{self.id} {text!r} is not the hash of an artifact; give its 64 hexadecimal "
                f"digits, or {NONE}."
            )
        return text

    def _range(self) -> str:
        return f"give a value from {self.minimum:g} to {self.maximum:g}"


def is_hash(value: Value) -> bool:
    """Whether a value is the hash of an artifact."""
    return isinstance(value, str) and HASH.fullmatch(value) is not None


def knob_named(knobs: Iterable[Knob], name: str) -> Knob:
    """Find a knob by id.

    Raises
    ------
    BadInput
        If there is none of that name.
    """
    knobs = tuple(knobs)
    for knob in knobs:
        if knob.id == name:
            return knob
    known = ", ".join(knob.id for knob in knobs)
    raise BadInput(f"There is no knob {name!r}; this model has {known}.")
