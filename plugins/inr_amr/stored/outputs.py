"""Which output of a network of several is taken."""

from __future__ import annotations

from dataclasses import replace

from prune3d_gui.core.errors import BadInput

from .facts import Facts
from .layers import Layer
from .layout import Layout


def outputs_of(facts: Facts, layout: Layout) -> tuple[str, ...]:
    """Names of the outputs; their numbers, from 0, where the file names none.

    Raises
    ------
    BadInput
        When there are names, but not one for each.
    """
    named = facts.texts("components")
    if named and len(set(named)) != layout.outputs:
        raise BadInput(
            f"'{facts.name}.json' names {len(set(named))} components ({', '.join(named)}), but "
            f"'{facts.name}' gives {layout.outputs} values; name each once."
        )
    return named or tuple(map(str, range(layout.outputs)))


def chosen_output(facts: Facts, layout: Layout, wanted: str) -> int:
    """Number of the output to take, from 0.

    Parameters
    ----------
    wanted : str
        Its number or its name; empty for what the JSON file beside the field says.

    Raises
    ------
    BadInput
        When there are several and none is chosen, or there is none of that name.
    """
    names = outputs_of(facts, layout)
    wanted = wanted or facts.text("component")
    if not wanted and len(names) == 1:
        return 0
    if wanted in names:
        return names.index(wanted)
    if wanted.isdecimal() and int(wanted) < len(names):
        return int(wanted)
    name, count = facts.name, len(names)
    choices = "0" if count == 1 else f"0 to {count - 1}"
    choices += f" or {', '.join(names)}" if facts.texts("components") else ""
    if wanted:
        raise BadInput(f"'{name}' has no component {wanted!r}; give {choices}.")
    raise BadInput(
        f"'{name}' gives {count} values at each place ('{layout.layers[-1].key}'), and only one "
        f"can be meshed and contoured; choose it with --component ({choices}), or by "
        f"{{\"component\": 0}} in a file '{name}.json' beside it, or choose a scalar field."
    )


def only_output(last: Layer, number: int) -> Layer:
    """The last layer without its other outputs."""
    rows = slice(number, number + 1)
    bias = None if last.bias is None else last.bias[rows]
    return replace(last, weight=last.weight[rows], bias=bias)
