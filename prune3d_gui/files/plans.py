"""Plans as small JSON files, for people to keep, send and edit."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan

from .atomic import writing
from .paths import check_file, reason_of
from .stamps import as_values
from .texts import read_json

FORMAT = "prune3d-plan"
MOST_BYTES = 4_000_000
KNOWN = {"format", "values", "rates", "locks", "about"}


def write_plan(
    path: str | Path,
    plan: Plan,
    about: Mapping[str, Any] | None = None,
    moment: Moment | None = None,
) -> None:
    """Write `plan` as JSON; `about`, with what it was found on, stands beside it.

    Raises
    ------
    BadInput
        If the file cannot be written.
    """
    content = {
        "format": FORMAT,
        **plan.as_fields(),
        "about": {**(about or {}), **as_values(moment)},
    }
    text = json.dumps(content, indent=1) + "\n"
    with writing(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def read_plan(path: str | Path) -> Plan:
    """Read what `write_plan` wrote; knob values are not checked against any model.

    Raises
    ------
    BadInput
        If the file cannot be read or is no plan.
    """
    try:
        if Path(path).exists():
            check_file(path, "the JSON of a plan")
        if Path(path).stat().st_size > MOST_BYTES:
            raise BadInput(f"'{path}' is too large to be a plan; give the JSON of one.")
        content = read_json(path)
    except OSError as error:
        reason = reason_of(error)
        raise BadInput(f"'{path}' could not be read ({reason}); give the JSON of a plan.") from None
    except (ValueError, RecursionError):
        raise BadInput(f"'{path}' is not JSON; give a plan that 'budget' wrote.") from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInput(f"'{path}' is no plan of Prune3D; give one that 'budget' wrote.")
    return _plan(path, content)


def _plan(path: str | Path, content: Mapping[str, Any]) -> Plan:
    unknown = next((name for name in content if content[name] and name not in KNOWN), None)
    if unknown is not None:
        raise BadInput(f"'{path}' says {unknown!r}, which no plan has; take that out.")
    values, rates = content.get("values", {}), content.get("rates", {})
    locks = content.get("locks", [])
    if not isinstance(values, dict) or not all(map(_value, values.values())):
        raise BadInput(f"'{path}' is damaged: its values are not numbers or words by knob.")
    if not isinstance(rates, dict):
        raise BadInput(f"'{path}' is damaged: its rates are not percents by unit.")
    for unit, rate in rates.items():
        number = isinstance(rate, int | float) and not isinstance(rate, bool)
        if not number or not 0 <= rate <= 100:
            raise BadInput(f"'{path}' is damaged: the rate {rate!r} of {unit} is not 0 to 100.")
    if not isinstance(locks, list) or not all(isinstance(lock, str) for lock in locks):
        raise BadInput(f"'{path}' is damaged: its locks are not a list of units.")
    return Plan(
        values=tuple(sorted(values.items())),
        rates=tuple(sorted((unit, float(rate)) for unit, rate in rates.items())),
        locks=tuple(sorted(set(locks))),
    )


def _value(value: Any) -> bool:
    return isinstance(value, str | bool | int) or (
        isinstance(value, float) and math.isfinite(value)
    )
