"""Moments: everything that a picture, a number or a file was made from, as one small value."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from pathlib import PurePath
from typing import Any

from .errors import BadInput
from .names import all_sayable
from .plan.knobs import Value
from .plan.plans import Plan, Query

FORMAT, VERSION = "prune3d-moment", 1
KEY = "prune3d_moment"
"""Name under which a file that holds texts by name has its moment."""
ROLES = ("reference", "full", "pruned", "network", "")
"""Whose result a file holds; empty where it is of no single one, as a screenshot."""

Plain = str | int | float | bool | None | tuple["Plain", ...]
Pairs = tuple[tuple[str, Plain], ...]


@dataclass(frozen=True, slots=True)
class Moment:
    """What was open, asked and seen at one moment: enough to come back to it.

    Snapshots, steps of undo, session entries and what exported files carry are all this. It
    has names and hashes and no path, so a file that leaves the machine says nothing of its disk.

    Parameters
    ----------
    system, model : str
        Id of the system, and title of the model.
    weights : str
        Name of the weights' file or folder (and ``#`` part), without where it lies; empty for
        a bundled model.
    weights_hash : str
    sample, sample_title : str
    sample_file, sample_hash : str
        Name and hash of a file of the person's own that the sample is; empty for one that
        comes with the model.
    plan : Plan
    query : Query
    role : {"reference", "full", "pruned", "network", ""}
        Whose result the file holds.
    quality : {"full", "preview", ""}
    cameras : tuple of (kind of view, tuple of (field, value))
        Where each kind of view is seen from; see `drawing.cameras.CameraState`.
    look : tuple of (name, value)
        How it is drawn: style, colours, arrangement; of a picture, all it was drawn with.
    about : tuple of (name, value)
        What helps a reader and is not needed to come back: seed, samples in words, device,
        versions, note on the training data, titles of artifacts.
    command : str
        The command line that does the same; empty where there is none.
    """

    system: str = ""
    model: str = ""
    weights: str = ""
    weights_hash: str = ""
    sample: str = ""
    sample_title: str = ""
    sample_file: str = ""
    sample_hash: str = ""
    plan: Plan = field(default_factory=Plan)
    query: Query = field(default_factory=Query)
    role: str = ""
    quality: str = ""
    cameras: tuple[tuple[str, Pairs], ...] = ()
    look: Pairs = ()
    about: Pairs = ()
    command: str = ""

    def __post_init__(self) -> None:
        for name in ("weights", "sample_file"):
            object.__setattr__(self, name, PurePath(getattr(self, name)).name)

    @property
    def state(self) -> tuple[Plan, str, Query, Pairs]:
        """What a step of undo is about: plan, sample, query and look."""
        return (self.plan, self.sample, self.query, self.look)

    def of(self, role: str) -> Moment:
        """Return the moment of another role: the reference and the full result know no plan."""
        bare = Plan() if role in ("reference", "full") else self.plan
        return replace(self, role=role, plan=bare)

    def as_fields(self) -> dict[str, Any]:
        """Return it in values that JSON holds; what is empty is left out.

        A model or sample that a system calls by a path has the name of its file.
        """
        found: dict[str, Any] = {"format": FORMAT, "version": VERSION}
        for one in fields(self):
            value = getattr(self, one.name)
            if isinstance(value, Plan):
                value = {name: held for name, held in value.as_fields().items() if held}
            elif isinstance(value, Query):
                value = dict(value.values)
            elif one.name in ("model", "sample", "sample_title"):
                value = PurePath(value).name if PurePath(value).is_absolute() else value
            elif one.name in ("cameras", "look", "about"):
                value = _thawed(value)
            if value not in ("", {}, [], ()):
                found[one.name] = value
        return all_sayable(found)

    def as_text(self) -> str:
        """Return it as JSON on one line, names sorted."""
        return json.dumps(self.as_fields(), sort_keys=True, ensure_ascii=True, allow_nan=False)

    @classmethod
    def of_text(cls, text: str, where: str = "this file") -> Moment:
        """Read what `as_text` gave.

        Parameters
        ----------
        where : str
            What holds it, for the sentence of an error.

        Raises
        ------
        BadInput
            If it is no JSON, damaged, or from a version of the program that is newer.
        """
        try:
            held = json.loads(text)
        except (ValueError, RecursionError):
            raise _damaged(where, "it is not JSON") from None
        return cls.of_fields(held, where)

    @classmethod
    def of_fields(cls, held: Any, where: str = "this file") -> Moment:
        """Read what `as_fields` gave; raises as `of_text`."""
        if not isinstance(held, Mapping) or held.get("format") != FORMAT:
            raise _damaged(where, f"its format is not {FORMAT!r}")
        version = held.get("version")
        if not isinstance(version, int) or isinstance(version, bool) or version < 1:
            raise _damaged(where, f"its version is {version!r}")
        if version > VERSION:
            raise BadInput(
                f"The moment in {where} is of version {version}, and this Prune3D reads up to "
                f"{VERSION}; open it with a newer one."
            )
        read: dict[str, Any] = {}
        for one in fields(cls):
            if one.name not in held:
                continue
            value = held[one.name]
            if one.name == "plan":
                read["plan"] = _plan(value, where)
            elif one.name == "query":
                read["query"] = Query(_values(value, where, "query"))
            elif one.name == "cameras":
                if not isinstance(value, Mapping):
                    raise _damaged(where, f"cameras is {value!r}")
                kinds = sorted(value.items())
                read["cameras"] = tuple((k, _pairs(v, where, "cameras")) for k, v in kinds)
            elif one.name in ("look", "about"):
                read[one.name] = _pairs(value, where, one.name)
            elif isinstance(value, str):
                read[one.name] = value
            else:
                raise _damaged(where, f"{one.name} is {value!r}")
        moment = cls(**read)
        if not moment.system:
            raise _damaged(where, "it names no system")
        if moment.role not in ROLES:
            raise _damaged(where, f"its role is {moment.role!r}")
        return moment


def paired(values: Mapping[str, Any]) -> Pairs:
    """Plain values by name as pairs, sorted, lists as tuples."""
    return tuple((name, _frozen(value)) for name, value in sorted(values.items()))


def _thawed(value: Plain) -> Any:
    """Pairs as a mapping where `paired` makes the same of it again, else tuples as lists."""
    if not isinstance(value, tuple):
        return value
    pairs = [one for one in value if isinstance(one, tuple) and len(one) == 2]
    names = [one[0] for one in pairs if isinstance(one[0], str)]
    if value and len(names) == len(value) and names == sorted(set(names)):
        return {name: _thawed(held) for name, held in pairs}
    return [_thawed(one) for one in value]


def _frozen(value: Any) -> Plain:
    if isinstance(value, Mapping):
        return paired(value)
    if isinstance(value, Sequence) and not isinstance(value, str):
        return tuple(map(_frozen, value))
    return value


def _pairs(value: Any, where: str, name: str) -> Pairs:
    if not isinstance(value, Mapping) or not all(map(_finite, value.values())):
        raise _damaged(where, f"{name} is {value!r}")
    return paired(value)


def _values(value: Any, where: str, name: str) -> tuple[tuple[str, Value], ...]:
    """Read what knobs were at: single values, none of them nothing."""
    if not isinstance(value, Mapping) or not all(
        isinstance(held, Value) and _finite(held) for held in value.values()
    ):
        raise _damaged(where, f"{name} is {value!r}")
    return tuple(sorted(value.items()))


def _plan(value: Any, where: str) -> Plan:
    if not isinstance(value, Mapping):
        raise _damaged(where, f"plan is {value!r}")
    rates, locks = value.get("rates", {}), value.get("locks", [])
    if not isinstance(rates, Mapping) or not all(
        isinstance(r, int | float) and not isinstance(r, bool) and 0 <= r <= 100
        for r in rates.values()
    ):
        raise _damaged(where, f"the rates of its plan are {rates!r}")
    if not isinstance(locks, Sequence) or not all(isinstance(lock, str) for lock in locks):
        raise _damaged(where, f"the locks of its plan are {locks!r}")
    return Plan(
        _values(value.get("values", {}), where, "plan"),
        tuple(sorted((unit, float(rate)) for unit, rate in rates.items())),
        tuple(sorted(set(locks))),
    )


def _finite(value: Any) -> bool:
    if isinstance(value, float):
        return math.isfinite(value)
    if isinstance(value, Mapping):
        return all(map(_finite, value.values()))
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(map(_finite, value))
    return value is None or isinstance(value, str | int | bool)


def _damaged(where: str, what: str) -> BadInput:
    return BadInput(f"The moment in {where} is damaged ({what}); open what it was made from.")
