"""Flags: made from a model's knobs and from a job's options."""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NoReturn

from ..core.errors import BadInput
from ..core.jobs import Option
from ..core.model import Model
from ..core.numerals import read_number, read_rate, with_unit
from ..core.plan.artifacts import shown
from ..core.plan.axes import axes_of
from ..core.plan.knobs import NONE, Knob, Value
from ..core.plan.plans import Plan
from ..core.plan.units import Unit
from ..files.plans import read_plan
from .artifacts import chosen_artifacts

DEVICE = re.compile(r"auto|cpu|mps|cuda(:\d+)?")
SERIES = "a,b,c or start:stop:step or start:stop:xN"


class Parser(argparse.ArgumentParser):
    """An argument parser whose complaints are `BadInput`, not an exit."""

    def __init__(self, name: str, **kwargs: Any) -> None:
        kwargs.setdefault("formatter_class", argparse.RawDescriptionHelpFormatter)
        super().__init__(prog=f"prune3d {name}".strip(), allow_abbrev=False, **kwargs)

    def error(self, message: str) -> NoReturn:
        """Raise the complaint with a way to mend it."""
        raise BadInput(f"{message}; see '{self.prog} --help'.")


def decimal(text: str) -> float:
    """Type of a flag that takes a number, with a point or a comma."""
    try:
        return read_number(text)
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


def whole(text: str) -> int:
    """Type of a flag that takes a whole number."""
    try:
        return round(read_number(text, whole=True, advice="write a whole one such as 3"))
    except BadInput as error:
        raise argparse.ArgumentTypeError(str(error).rstrip(".")) from None


NUMBERS = {int: whole, float: decimal}


def add_json(parser: Parser) -> None:
    """Add ``--json``."""
    text = "write the rows as JSON to FILE; - writes only JSON to standard output"
    parser.add_argument("--json", metavar="FILE", help=text)


def add_model(parser: Parser) -> None:
    """Add the flags that say which network runs where."""
    group = parser.add_argument_group("network")
    group.add_argument("--weights", metavar="FILE", help="your own weights (default: bundled)")
    text = "which output of a file with several: its number from 0, or its name"
    group.add_argument("--component", metavar="NAME", help=text)
    group.add_argument("--device", default="auto", help="auto (default), cpu, cuda or mps")


def add_sample(parser: argparse._ActionsContainer, text: str) -> None:
    """Add ``--sample``, and ``--samples`` as another spelling of it."""
    parser.add_argument("--sample", "--samples", dest="sample", metavar="NAME", help=text)


def add_axis(parser: argparse._ActionsContainer, model: Model, looking: bool = False) -> None:
    """Add ``--axis``; `looking` where knobs may be turned that do not prune."""
    known = ", ".join(knob.id for knob in axes_of(model.knobs, looking))
    text = f"the number knob that is turned: {known} (default: {model.primary})"
    parser.add_argument("--axis", metavar="KNOB", default=model.primary, help=text)


def check_device(device: str) -> str:
    """Return `device` if it can name one."""
    if not DEVICE.fullmatch(device):
        raise BadInput(f"The device {device!r} is unknown; give auto, cpu, cuda or mps.")
    return device


def add_knobs(parser: Parser, model: Model, *, series: bool, draw: bool = False) -> None:
    """Add a flag for each knob, and those for single units.

    Parameters
    ----------
    series : bool
        Whether a flag takes many values; a choice of units always takes one.
    draw : bool
        Whether to take knobs that only change the picture, too.
    """
    group = parser.add_argument_group("knobs of this system")
    taken = parser._option_string_actions
    for knob in model.knobs:
        if not (knob.counts or draw):
            continue
        flag = "--" + knob.id.replace("_", "-")
        flag = flag.replace("--", "--knob-", 1) if flag in taken else flag
        metavar = "SERIES" if series and not knob.units_allowed else "VALUE"
        group.add_argument(flag, dest=_dest(knob), metavar=metavar, help=_help(knob))
    group.add_argument(
        "--unit-rate",
        action="append",
        default=[],
        metavar="UNIT=PERCENT",
        help="a rate of its own for a unit, which then leaves the common ranking; repeatable",
    )
    group.add_argument(
        "--lock", action="append", default=[], metavar="UNIT,...", help="units never touched"
    )
    text = "start from a plan that 'budget' wrote; flags beside it count more"
    group.add_argument("--plan", metavar="FILE", help=text)
    if series:
        group.description = f"A SERIES is {SERIES}."


def knob_series(model: Model, args: argparse.Namespace) -> dict[str, tuple[Value, ...]]:
    """Values of the model's knobs that were given, as series."""
    return {knob.id: _read(model, knob, text, series=True) for knob, text in _given(model, args)}


def knob_values(model: Model, args: argparse.Namespace) -> dict[str, tuple[Value, ...]]:
    """Values of the model's knobs that were given, one each."""
    return {knob.id: _read(model, knob, text, series=False) for knob, text in _given(model, args)}


def _read(model: Model, knob: Knob, text: str, series: bool) -> tuple[Value, ...]:
    if knob.kind == "artifact":
        return chosen_artifacts(model, knob, text, series)
    values = knob.series(text) if series else (knob.check(text),)
    _check_units(knob, values, model.units)
    return values


def start_of(
    model: Model, args: argparse.Namespace, *, series: bool
) -> tuple[dict[str, tuple[Value, ...]], dict[str, float], tuple[str, ...]]:
    """What ``--plan`` and the flags of `add_knobs` ask for; a flag goes before the file.

    Returns
    -------
    values : mapping of knob id to tuple of values
    rates : mapping of unit id to percent
    locks : tuple of unit id

    Raises
    ------
    BadInput
        If something does not fit the model.
    """
    read = knob_series if series else knob_values
    plan = _given_plan(model, args)
    values = {name: (value,) for name, value in plan.values}
    rates = dict(plan.rates) | unit_rates(args.unit_rate, model.units)
    locks = dict.fromkeys((*plan.locks, *unit_locks(args.lock, model.units)))
    return values | read(model, args), rates, tuple(locks)


def _given_plan(model: Model, args: argparse.Namespace) -> Plan:
    if args.plan is None:
        return Plan()
    plan = read_plan(args.plan)
    check_plan(model, plan, f"'{args.plan}'")
    return plan


def check_plan(model: Model, plan: Plan, where: str) -> None:
    """Check a plan that was read from `where` against the knobs and units of a model.

    Raises
    ------
    BadInput
        If it names what the model has not, or a value does not fit.
    """
    known = {knob.id: knob for knob in model.knobs}
    for name, value in plan.values:
        if name not in known:
            raise BadInput(
                f"There is no knob {name!r}, which {where} names; {model.title!r} has "
                f"{', '.join(known)}."
            )
        checked = known[name].check(value)
        if known[name].kind == "artifact":
            chosen_artifacts(model, known[name], str(checked), series=False)
        _check_units(known[name], (checked,), model.units)
    units = {unit.id: unit for unit in model.units}
    for unit in (*dict(plan.rates), *plan.locks):
        _known(unit, model.units)
    for unit, rate in plan.rates:
        units[unit].check_rate(rate)


def unit_rates(texts: Iterable[str], units: Sequence[Unit]) -> dict[str, float]:
    """Read ``--unit-rate C15=30,C16=50``."""
    rates = {}
    known = {unit.id: unit for unit in units}
    for part in _parts(texts):
        name, sign, number = part.partition("=")
        try:
            rate = read_rate(number)
        except BadInput:
            sign = ""
        if not sign:
            raise BadInput(f"--unit-rate {part!r} is not UNIT=PERCENT with 0 to 100.")
        unit = known[_known(name.strip(), units)]
        rates[unit.id] = unit.check_rate(rate)
    return rates


def unit_locks(texts: Iterable[str], units: Sequence[Unit]) -> tuple[str, ...]:
    """Read ``--lock C1,C2``."""
    return tuple(dict.fromkeys(_known(part, units) for part in _parts(texts)))


def add_options(parser: Parser, options: Iterable[Option]) -> None:
    """Add a flag for each option of a job."""
    group = parser.add_argument_group("options of this job")
    for option in options:
        flag = "--" + option.name.replace("_", "-")
        text = escaped(option.help)
        if option.of is bool:
            action = argparse.BooleanOptionalAction
            group.add_argument(
                flag, dest=option.name, default=option.default, action=action, help=text
            )
            continue
        notes = [option.limits or option.unit]
        if option.choices and not all(choice in option.help for choice in option.choices):
            notes.append(", ".join(option.choices) + (", or others" if option.others else ""))
        if option.default not in (None, ""):
            notes.append(f"default: {option.default}")
        if told := "; ".join(filter(None, notes)):
            text += f" ({escaped(told)})"
        kind = NUMBERS.get(option.of, option.of)
        group.add_argument(
            flag, dest=option.name, default=option.default, type=kind, metavar=_metavar(option),
            help=text,
        )  # fmt: skip


def _metavar(option: Option) -> str:
    if option.place:
        return option.sort.partition("_")[2].upper()
    if option.sort == "samples":
        return "NAMES"
    return {int: "N", float: "NUMBER"}.get(option.of, "VALUE")


def option_values(options: Iterable[Option], args: argparse.Namespace) -> Mapping[str, Any]:
    """Values of a job's options.

    Raises
    ------
    BadInput
        If one is out of its range, or none of its choices.
    """
    return {option.name: option.check(getattr(args, option.name)) for option in options}


def _given(model: Model, args: argparse.Namespace) -> Iterable[tuple[Knob, str]]:
    for knob in model.knobs:
        text = getattr(args, _dest(knob), None)
        if text is not None:
            yield knob, text


def _dest(knob: Knob) -> str:
    return f"knob_{knob.id}"


def _help(knob: Knob) -> str:
    text = knob.help.rstrip(".") or knob.title
    if knob.kind == "choice":
        names = [choice.id for choice in knob.choices]
        names += ["a list of units"] if knob.units_allowed else []
        text += ": " + ", ".join(names)
    elif knob.kind == "toggle":
        text += ": on or off"
    elif knob.kind == "artifact":
        text += f": {NONE}, the beginning of a hash that 'prune3d artifacts' lists, or a file"
    else:
        text += f", {with_unit(f'{knob.minimum:g} to {knob.maximum:g}', knob.unit)}"
    default = knob.default if not isinstance(knob.default, float) else f"{knob.default:g}"
    if isinstance(knob.default, bool):
        default = "on" if knob.default else "off"
    elif knob.kind == "artifact":
        default = shown(knob.default)
    return escaped(f"{text} (default: {default})")


def escaped(text: str) -> str:
    """Return a help text in which percent signs stand for themselves."""
    return text.replace("%", "%%")


def _parts(texts: Iterable[str]) -> list[str]:
    return [part.strip() for text in texts for part in text.split(",") if part.strip()]


def _check_units(knob: Knob, values: Iterable[Value], units: Sequence[Unit]) -> None:
    if knob.kind != "choice" or not knob.units_allowed:
        return
    choices = {choice.id for choice in knob.choices}
    for value in values:
        for part in () if value in choices else str(value).split(","):
            _known(part, units, choices)


def _known(name: str, units: Sequence[Unit], choices: Iterable[str] = ()) -> str:
    if any(unit.id == name for unit in units):
        return name
    names = [unit.id for unit in units]
    shown = ", ".join(names[:12]) + (" ..." if len(names) > 12 else "")
    also = f", or {', '.join(sorted(choices))}" if choices else ""
    raise BadInput(f"There is no unit {name!r}; this model has {shown}{also}.")
