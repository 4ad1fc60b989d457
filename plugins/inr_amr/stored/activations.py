"""The activation of a stored network and the frequencies of its sines."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping, Sequence

from prune3d_gui.core.errors import BadInput

from ..network.network import ACTIVATIONS
from .facts import Facts, Said, numbers_of
from .known import omega_role
from .layout import Layout

OMEGA = 30.0
"""Frequency of a SIREN's layers where the file names none (Sitzmann et al. 2020)."""
SMALL = 0.3
"""Largest RMS of weights times the root of their inputs that is taken for a SIREN's of `OMEGA`.

It starts at sqrt(2) / 30 = 0.05 and has grown to 0.1 to 0.2 in the fields that come with the
program; other networks start from 0.58 (torch's own) or 1.4 (He et al. 2015) and grow.
"""

_SYNONYMS = {"sin": "sine", "siren": "sine", "sinelayer": "sine", "swish": "silu"}
_NONE = ("", "none", "linear", "identity", "null", "false")
_SINE_NAMES = re.compile(r"(^|\.)net\.\d+\.0$|(^|\.)\d+\.linear$|siren|(^|[._])sine?([._]|$)", re.I)
_TORCH = "torch.nn.modules.activation."


def activation_of(
    facts: Facts, layout: Layout, classes: Mapping[str, str]
) -> tuple[str, tuple[str, ...]]:
    """Tell the activation of the hidden layers.

    What is said counts first, then the classes of objects in the file. Names of SIREN code mean
    sine only where a frequency is said too, or the weights are as small as those of sines of
    omega 30: the same code comes with other activations.

    Returns
    -------
    activation : str
        One of `ACTIVATIONS`.
    notices : tuple of str
        What was assumed.

    Raises
    ------
    BadInput
        When it is not known, or one that is not read.
    """
    name = facts.name
    last = facts.text("output_activation").lower()
    where = facts.said("output_activation")
    if where is not None and _plain_name(last) not in _NONE:
        raise BadInput(
            f"'{where.file}' gives its last layer the activation {last!r} ({where.key}), and only "
            "fields whose last layer is linear are read; choose one."
        )
    found = _of_classes(name, len(layout.hidden), classes)
    said, where = facts.text("activation"), facts.said("activation")
    if said and where is not None:
        activation = _plain_name(said)
        if activation not in ACTIVATIONS:
            raise _asked(where.file, name, f"gives the activation {said!r}")
        if found not in ("", activation) and "activation" not in facts.given:
            raise _asked(name, name, f"gives the activation {said!r} but holds that of {found!r}")
        return activation, _of_last(layout) if activation == "sine" else ()
    if found:
        return found, ()
    if not any(_SINE_NAMES.search(key) for key in layer_names(layout)):
        raise _asked(name, name, "names no activation")
    timed = layout.omegas or any(map(omega_role, (*facts.given, *facts.stored)))
    if not timed and not small(layout):
        raise _asked(
            name, name, "names no activation, and its weights are not as small as those of the "
            f"sines of omega {OMEGA:g} that the names of its layers stand for"
        )  # fmt: skip
    why = "frequency" if timed else "small weights"
    return "sine", (
        f"'{name}' has the names and the {why} of a SIREN, so sine is taken as its activation.",
        *_of_last(layout),
    )


def omegas_of(facts: Facts, layout: Layout) -> tuple[tuple[float, ...], tuple[str, ...]]:
    """Tell the frequency of each hidden layer of sines.

    Returns
    -------
    omegas : tuple of float
    notices : tuple of str
        What was assumed.

    Raises
    ------
    BadInput
        When a frequency contradicts another, or is neither said nor to be guessed.
    """
    name, hidden = facts.name, len(layout.hidden)
    given = [(-1, said) for fact, said in facts.given.items() if omega_role(fact)]
    omegas = _resolved(name, given, hidden)
    if None in omegas:
        stored = [
            (-1, said) for fact, found in facts.stored.items() if omega_role(fact) for said in found
        ]
        inner = _resolved(name, [*stored, *layout.omegas], hidden)
        omegas = [inner[n] if own is None else own for n, own in enumerate(omegas)]
    known = tuple(own for own in omegas if own is not None)
    if len(known) == hidden:
        return known, ()
    if not small(layout):
        raise BadInput(
            f"'{name}' does not say the frequency of its sines, and its weights are not as small "
            f"as those of SIREN's {OMEGA:g}; say it in a file '{name}.json' beside it, as in "
            '{"activation": "sine", "first_omega": 30, "hidden_omega": 1}.'
        )
    return tuple(OMEGA if own is None else own for own in omegas), (
        f"'{name}' gives no omega{' for all layers' * (omegas.count(None) < hidden)}, so that of "
        f"SIREN, {OMEGA:g}, is taken.",
    )


def small(layout: Layout) -> bool:
    """Whether the weights between hidden layers are as small as those of sines of omega 30."""
    sizes = sorted(
        float(layer.weight.square().mean().sqrt()) * math.sqrt(layer.inputs)
        for layer in layout.hidden[1:]
    )
    return bool(sizes) and sizes[len(sizes) // 2] <= SMALL


def layer_names(layout: Layout) -> list[str]:
    """Names of the hidden layers in the file, without what only says that they are weights."""
    return [key.removesuffix(".weight") for key in layout.full[:-1]]


def _of_last(layout: Layout) -> tuple[str, ...]:
    """Say where a last layer has the name of a layer of sines."""
    first, last = (key.removesuffix(".weight") for key in (layout.full[0], layout.full[-1]))
    if not first.endswith(".linear") or not last.endswith(".linear"):
        return ()
    return (
        f"The last layer, '{last}', is read as linear, although its name is that of a sine layer.",
    )


def _plain_name(text: str) -> str:
    """Write ``torch.nn.ReLU(inplace=True)`` as ``relu``."""
    name = text.partition("(")[0].rpartition(".")[2].strip().lower()
    return _SYNONYMS.get(name, name)


def _of_classes(name: str, hidden: int, classes: Mapping[str, str]) -> str:
    """The activation of the objects in a file, which tell nothing but their class."""
    lists: dict[str, list[str]] = {}
    for key, own in classes.items():
        known = own.startswith(_TORCH) or _plain_name(own) in (*ACTIVATIONS, "identity")
        if known:
            lists.setdefault(key.rpartition(".")[0], []).append(_plain_name(own))
    for own in lists.values():
        if len(own) == hidden + 1 and own[-1] != "identity":
            raise BadInput(
                f"'{name}' puts the activation {own[-1]!r} behind its last layer, and only fields "
                "whose last layer is linear are read; choose one."
            )
        if "identity" in own[:-1] or (own[-1] == "identity" and len(own) != hidden + 1):
            raise BadInput(
                f"'{name}' leaves out the activation of a layer ({', '.join(own)}), and only "
                "fields with the same one behind every hidden layer are read; choose one."
            )
    found = sorted({act for own in lists.values() for act in own} - {"identity"})
    if len(found) > 1:
        raise BadInput(
            f"'{name}' holds several activations, {' and '.join(found)}, and only fields with the "
            "same one behind every hidden layer are read; choose one."
        )
    if found and found[0] not in ACTIVATIONS:
        raise _asked(name, name, f"holds the activation {found[0]!r}")
    return found[0] if found else ""


def _resolved(name: str, said: Sequence[tuple[int, Said]], hidden: int) -> list[float | None]:
    """Lay what is said of frequencies out over the layers; what is said narrowly counts first."""
    omegas: list[float | None] = [None] * hidden
    laid: list[tuple[slice, float, Said]] = []
    for layer, own in said:
        role = omega_role(own.key)
        values = numbers_of(own, role)
        if role == "omegas" or len(values) > 1:
            if len(values) != hidden:
                raise BadInput(
                    f"'{own.file}' gives {len(values)} omegas for {hidden} hidden layers; give one "
                    "each."
                )
            laid += [(slice(n, n + 1), value, own) for n, value in enumerate(values)]
        elif layer >= 0:
            laid.append((slice(layer, layer + 1), values[0], own))
        elif role == "first_omega":
            laid.append((slice(0, 1), values[0], own))
        else:
            laid.append((slice(role == "hidden_omega", hidden), values[0], own))
    laid.sort(key=lambda part: part[0].start - part[0].stop)
    by: list[Said | None] = [None] * hidden
    for part, value, own in laid:
        if not value:
            raise BadInput(f"'{own.file}' gives {own.key} as 0, which makes every sine 0.")
        count = len(omegas[part])
        omegas[part], by[part] = [value] * count, [own] * count
    for part, value, own in laid:
        if omegas[part] and value not in omegas[part] and (other := by[part][0]) is not None:
            if hidden == 1 and omega_role(other.key) != omega_role(own.key):
                continue  # said of the layers that are not there
            raise BadInput(
                f"'{own.file}' contradicts itself: {own.key} is {own.value} and {other.key} is "
                f"{other.value}; say which is right in a file '{name}.json' beside it, as in "
                f'{{"omega": {value:g}}}.'
            )
    return omegas


def _asked(file: str, name: str, what: str) -> BadInput:
    return BadInput(
        f"'{file}' {what}; say it in a file '{name}.json' beside it, as in "
        '{"activation": "relu", "omega": 30, "lower": [-1, -1, -1], "upper": [1, 1, 1]}, '
        f"with one of {', '.join(ACTIVATIONS)}."
    )
