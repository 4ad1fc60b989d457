"""What of a moment fits a model that is open, and what is left out."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from ...core.errors import BadInput
from ...core.model import Sample
from ...core.moment import Moment, Pairs, paired
from ...core.plan.knobs import Knob, Value, knob_named
from ...core.plan.plans import Plan, Query
from ...studies.live.events import ModelCard

LOOKS = {"style": ("mesh", "points"), "coloured": (True, False)}
"""What belongs to the look of all views, with the values that it can have; the first at first."""
Say = Callable[[str], None]


def fitted(
    moment: Moment, card: ModelCard, samples: Mapping[str, Sample]
) -> tuple[Moment, tuple[str, ...]]:
    """Return what of a moment a model has, and a sentence on each thing that it has not.

    Parameters
    ----------
    moment : Moment
    card : ModelCard
        The model that is open.
    samples : mapping of id to Sample
        All that it has by now; those that open another model are not its own.

    Returns
    -------
    moment : Moment
        Its sample is empty where this model has none such; its look has what belongs to all
        views.
    left_out : tuple of str

    Raises
    ------
    BadInput
        If the moment is of another system.
    """
    if moment.system != card.ref.system:
        raise BadInput(
            f"This was made with the system {moment.system!r}, and {card.title!r} is of "
            f"{card.ref.system!r}; open a model of that system first."
        )
    said: list[str] = []
    if moment.weights_hash and moment.weights_hash != card.weights_hash:
        said.append(
            f"It was made with other weights, {moment.weights or moment.model} "
            f"({moment.weights_hash[:8]}), than those of {card.title} ({card.weights_hash[:8]})."
        )
    found = replace(
        moment,
        plan=_plan(moment.plan, card, said.append),
        query=_query(moment.query, card, said.append),
        sample=_sample(moment, card, samples, said.append),
        look=_look(moment.look, said.append),
    )
    return found, tuple(said)


def _plan(plan: Plan, card: ModelCard, say: Say) -> Plan:
    units = {unit.id: unit for unit in card.units}
    made = Plan()
    for name, value in plan.values:
        knob = _knob(name, value, card, True, say)
        made = made if knob is None else made.with_value(knob, value)
    for name, rate in plan.rates:
        if name not in units:
            say(f"{card.title} has no unit {name!r}; its rate of {rate:g} % is left out.")
            continue
        try:
            made = made.with_rate(units[name], rate)
        except BadInput as error:
            say(str(error))
    for name in plan.locks:
        if name in units:
            made = made.with_lock(name, True)
        else:
            say(f"{card.title} has no unit {name!r}; its lock is left out.")
    return made


def _query(query: Query, card: ModelCard, say: Say) -> Query:
    made = Query()
    for name, value in query.values:
        knob = _knob(name, value, card, False, say)
        made = made if knob is None else made.with_value(knob, value)
    return made


def _knob(name: str, value: Value, card: ModelCard, prunes: bool, say: Say) -> Knob | None:
    """The knob of a value, if there is one that takes it."""
    try:
        knob = knob_named(card.knobs, name)
        if (knob.invalidates == "prune") != prunes:
            raise BadInput(f"The knob {name!r} is of another kind here; {value!r} is left out.")
        checked = knob.check(value)
        choices = {choice.id for choice in knob.choices}
        if knob.units_allowed and checked not in choices:
            known = {unit.id for unit in card.units}
            gone = [unit for unit in str(checked).split(",") if unit not in known]
            if gone:
                raise BadInput(
                    f"{card.title} has no unit {gone[0]!r}; {name} {value!r} is left out."
                )
    except BadInput as error:
        say(str(error))
        return None
    return knob


def _look(look: Pairs, say: Say) -> Pairs:
    found = {}
    for name, value in look:
        if name in LOOKS and value in LOOKS[name]:
            found[name] = value
        elif name in LOOKS:
            say(f"There is no {name} {value!r}; what is on screen stays.")
    return paired(found)


def _sample(
    moment: Moment,
    card: ModelCard,
    samples: Mapping[str, Sample],
    say: Say,
) -> str:
    own = {name: sample for name, sample in samples.items() if sample.opens in (None, card.ref)}
    same = own.get(moment.sample)
    if same is not None and same.file_hash == moment.sample_hash:
        return same.id
    if moment.sample_hash:
        for sample in own.values():
            if sample.file_hash == moment.sample_hash:
                return sample.id
    title = moment.sample_title or moment.sample
    if moment.sample_file:
        say(f"The sample {title!r} is not open; open the file {moment.sample_file!r} to see it.")
    elif title:
        say(f"{card.title} has no sample {title!r}; the one on screen stays.")
    return ""
