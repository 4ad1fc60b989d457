"""The order of layers, from their widths, their numbers and the modules they stand in."""

from __future__ import annotations

import itertools
import re
from collections.abc import Collection, Iterator, Sequence

from prune3d_gui.core.errors import BadInput

from .layers import Layer

MOST_ORDERS = 500
"""Orders that are looked at before a file's own is given up."""
MOST_STEPS = 20_000

_Tree = dict[str, "Layer | _Tree"]


def ordered(
    name: str,
    layers: Sequence[Layer],
    starts: Collection[int],
    own: bool,
    given: Sequence[str] = (),
) -> tuple[tuple[Layer, ...], tuple[str, ...]]:
    """Put layers in the order in which they are applied.

    The layers of one module come one after the other, and those that are named alike but for a
    number in the order of these numbers; the rest follows from the widths. Where this leaves
    several orders, or none, the file's own is taken if it is one in which the widths fit.

    Parameters
    ----------
    name : str
        The file, for what is said.
    layers : sequence of Layer
        In the order of the file.
    starts : collection of int
        Numbers that the first layer may take.
    own : bool
        Whether the file keeps the order in which it was written.
    given : sequence of str
        Names of the layers in order, where somebody said them.

    Returns
    -------
    layers : tuple of Layer
    notices : tuple of str
        What was assumed.

    Raises
    ------
    BadInput
        When the widths fit in no order, or in several and nothing tells which is meant.
    """
    if given:
        found = _as_given(name, layers, given)
        _check_chain(name, found)
        return found, ()
    search = _Search(starts)
    orders = [*itertools.islice(search.orders(layers), MOST_ORDERS)]
    file_order = tuple(layers)
    fits = own and layers[0].inputs in starts and _break_of(file_order) is None
    if len(orders) == 1 and not search.given_up:
        if fits and orders[0] != file_order and [*layers] != sorted(layers, key=lambda x: x.key):
            return orders[0], (
                f"The layers of '{name}' are taken by their numbers ({_listed(orders[0])}), which "
                "is not the order in which the file has them.",
            )
        return orders[0], ()
    if fits and (not orders or file_order in orders):
        return file_order, (
            f"Nothing but the order in the file '{name}' tells that of its layers, so that is "
            f"taken: {_listed(file_order)}.",
        )
    if not orders and not search.given_up:
        anywhere = _Search({layer.inputs for layer in layers}).orders(layers)
        natural = next(anywhere, None) or next(_Search(None).orders(layers))
        _check_chain(name, natural)
        return natural, ()
    found = orders[0] if orders else file_order
    example = ", ".join(f'"{layer.name}"' for layer in found)
    kept = "" if own else ", and a file of its kind keeps none"
    raise BadInput(
        f"'{name}' has layers that fit together in several orders, {_listed(found)} among them"
        f"{kept}; say which is right in a file '{name}.json' beside it, as in "
        f'{{"layers": [{example}]}}.'
    )


def _listed(layers: Sequence[Layer]) -> str:
    return ", ".join(layer.name for layer in layers)


def _as_given(name: str, layers: Sequence[Layer], given: Sequence[str]) -> tuple[Layer, ...]:
    first = [next((own for own in layers if text in (own.name, own.key)), None) for text in given]
    found = [own for own in first if own is not None]
    if len(found) != len(first) or len(set(found)) != len(layers):
        raise BadInput(
            f"'{name}.json' gives the layers {', '.join(given)}, but '{name}' has "
            f"{_listed(layers)}; name each of these once."
        )
    return tuple(found)


def _break_of(layers: Sequence[Layer]) -> tuple[Layer, Layer] | None:
    """The first two neighbours of which one does not take what the other gives."""
    pairs = itertools.pairwise(layers)
    return next(((a, b) for a, b in pairs if a.outputs != b.inputs), None)


def _check_chain(name: str, layers: Sequence[Layer]) -> None:
    broken = _break_of(layers)
    if broken is None:
        return
    before, after = broken
    more = after.inputs - before.outputs
    why = ""
    if more > 0:
        why = f", {more} more, as where a skip connection joins earlier values to it"
    raise BadInput(
        f"'{name}' does not chain: '{before.key}' gives {before.outputs} values but '{after.key}' "
        f"takes {after.inputs}{why}; choose a plain perceptron without skipped layers."
    )


class _Search:
    """Finds every order that names and widths leave.

    Parameters
    ----------
    starts : collection of int or None
        Numbers that the first layer may take; with None widths count for nothing.
    """

    def __init__(self, starts: Collection[int] | None) -> None:
        self._starts = starts
        self._steps = 0

    @property
    def given_up(self) -> bool:
        """Whether there was too much to look at, so that orders may be missing."""
        return self._steps > MOST_STEPS

    def orders(self, layers: Sequence[Layer]) -> Iterator[tuple[Layer, ...]]:
        """Give one order after the other."""
        return self._through(_tree(layers), 0)

    def _through(self, node: Layer | _Tree, width: int) -> Iterator[tuple[Layer, ...]]:
        self._steps += 1
        if self.given_up and self._starts is not None:
            return
        if isinstance(node, dict):
            yield from self._across(_runs(node), width)
        elif self._starts is None or (
            node.inputs == width if width else node.inputs in self._starts
        ):
            yield (node,)

    def _along(self, run: Sequence[Layer | _Tree], width: int) -> Iterator[tuple[Layer, ...]]:
        if not run:
            yield ()
            return
        for first in self._through(run[0], width):
            for rest in self._along(run[1:], first[-1].outputs):
                yield first + rest

    def _across(self, runs: list[list[Layer | _Tree]], width: int) -> Iterator[tuple[Layer, ...]]:
        if not runs:
            yield ()
            return
        for number, run in enumerate(runs):
            others = runs[:number] + runs[number + 1 :]
            for first in self._along(run, width):
                for rest in self._across(others, first[-1].outputs):
                    yield first + rest


def _tree(layers: Sequence[Layer]) -> _Tree:
    """The modules that the layers stand in, as their names tell."""
    tree: _Tree = {}
    for layer in layers:
        *modules, last = layer.name.split(".")
        node = tree
        for module in modules:
            inner = node.setdefault(module, {})
            if not isinstance(inner, dict):  # a layer that holds a layer
                inner = node[module] = {"": inner}
            node = inner
        while isinstance(inner := node.get(last), dict):
            node, last = inner, ""
        node[last if last not in node else f"{last} {len(node)}"] = layer
    return tree


def _runs(node: _Tree) -> list[list[Layer | _Tree]]:
    """What stands in a module; what is named alike but for a number together, numbers rising."""
    runs: dict[str, list[tuple[list[int], Layer | _Tree]]] = {}
    for key, inner in node.items():
        numbers = [int(digits) for digits in re.findall(r"\d+", key)]
        runs.setdefault(re.sub(r"\d+", "#", key), []).append((numbers, inner))
    return [
        [inner for _, inner in sorted(run, key=lambda member: member[0])] for run in runs.values()
    ]
