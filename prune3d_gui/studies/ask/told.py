"""A moment in sentences: what a file was made from, for people."""

from __future__ import annotations

from ...core.moment import Moment, Plain
from ...core.plan.artifacts import shown
from ...core.plan.knobs import is_hash

ROLES = {
    "reference": "the reference of",
    "full": "the full, unpruned result of",
    "pruned": "the pruned result of",
    "network": "a pruned network",
}


def told(moment: Moment, name: str) -> list[str]:
    """Say what a file was made from.

    Parameters
    ----------
    moment : Moment
    name : str
        Of the file.

    Returns
    -------
    list of str
        Lines, the most telling first.
    """
    about = dict(moment.about)
    sample = moment.sample_title or moment.sample
    what = ROLES.get(moment.role, _kind(moment))
    head = f"'{name}' holds {what}"
    head += f" {sample}" if sample and moment.role not in ("network", "") else ""
    weights = f"weights {moment.weights} " if moment.weights else "weights "
    lines = [f"{head}, made with {moment.model} ({moment.system}, {weights}"
             f"{moment.weights_hash[:12]})."]  # fmt: skip
    if moment.role == "" and sample:
        lines.append(f"Sample: {sample}.")
    if moment.sample_file:
        lines.append(f"The sample is a file of its own, {moment.sample_file}.")
    lines += _plan(moment)
    if moment.query.values:
        lines.append(f"Seen with: {_pairs(moment.query.values)}.")
    scores = _named(about.get("scores"))
    if scores:
        against = about.get("against", "")
        numbers = ", ".join(f"{name} {_number(value)}" for name, value in scores.items())
        lines.append(f"Scores{f' against the {against}' if against else ''}: {numbers}.")
    scale = _named(about.get("colours"))
    if scale.keys() >= {"title", "minimum", "maximum"}:
        ends = [_number(scale[end]) for end in ("minimum", "maximum")]
        lines.append(f"Colours: {scale['title']} from {ends[0]} to {ends[1]}.")
    if about.get("samples"):
        lines.append(f"Samples: {about['samples']}.")
    if about.get("data"):
        lines.append(str(about["data"]))
    versions = _named(about.get("versions"))
    if versions:
        made = ", ".join(f"{name} {version}" for name, version in versions.items())
        lines.append(f"By {made}, on {about.get('device', 'an unknown device')}.")
    if moment.command:
        lines.append(f"The same again: {moment.command}")
    return lines


def _kind(moment: Moment) -> str:
    if "picture" in dict(moment.look):
        return "a picture of the views"
    return "a curve" if "curve" in dict(moment.about) else "what a study or a command found"


def _plan(moment: Moment) -> list[str]:
    plan = moment.plan
    lines = [f"Pruned by: {_pairs(plan.values)}."] if plan.values else []
    if plan.rates:
        own = ", ".join(f"{unit} {rate:g} %" for unit, rate in plan.rates)
        lines.append(f"Rates of their own: {own}.")
    if plan.locks:
        lines.append(f"Locked: {', '.join(plan.locks)}.")
    return lines


def _named(value: Plain) -> dict[str, Plain]:
    """Values by name where they are that; nothing of what else a damaged file may hold."""
    pairs = value if isinstance(value, tuple) else ()
    return {
        pair[0]: pair[1]
        for pair in pairs
        if isinstance(pair, tuple) and len(pair) == 2 and isinstance(pair[0], str)
    }


def _number(value: Plain) -> str:
    return f"{value:.6g}" if isinstance(value, int | float) else str(value)


def _pairs(values: tuple[tuple[str, object], ...]) -> str:
    return ", ".join(f"{name} {_value(value)}" for name, value in values)


def _value(value: object) -> str:
    if isinstance(value, bool):
        return "on" if value else "off"
    if isinstance(value, float):
        return f"{value:g}"
    return shown(value) if isinstance(value, str) and is_hash(value) else str(value)
