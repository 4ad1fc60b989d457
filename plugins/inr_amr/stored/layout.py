"""The plain perceptron in a file: found, put in order, and refused where it is something else."""

from __future__ import annotations

import itertools
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import Checkpoint, find_network, main_tensors

from .facts import Facts, Said
from .fourier import COORDINATES, features_of, starts_of
from .known import omega_role
from .layers import Layer, gather
from .oddities import refuse_blocks, refuse_extra, refuse_structure, refuse_tables
from .order import ordered

MOST_LAYERS = 100
"""Layers beyond which a network is none of a field."""
LONGEST = 200
"""Characters in the longest name that is looked at."""


class _Composed(BadInput):
    """Several networks of different shapes stand in a row."""


@dataclass(frozen=True, eq=False)
class Layout:
    """The layers of a network, and what stands in front of them.

    Attributes
    ----------
    layers : tuple of Layer
        In the order in which they are applied.
    features : (m, d) tensor or None
        Fourier matrix in front.
    key : str
        Its name.
    omegas : tuple of (int, Said)
        Frequencies among the tensors, by the number of the layer; -1 for all layers.
    full : tuple of str
        Names of its layers in the file.
    notices : tuple of str
        What was assumed.
    """

    layers: tuple[Layer, ...]
    features: Tensor | None
    key: str
    omegas: tuple[tuple[int, Said], ...]
    full: tuple[str, ...]
    notices: tuple[str, ...]

    @property
    def outputs(self) -> int:
        """Values at each place."""
        return self.layers[-1].outputs

    @property
    def hidden(self) -> tuple[Layer, ...]:
        """The layers with an activation."""
        return self.layers[:-1]


def take_layout(found: Checkpoint, facts: Facts) -> Layout:
    """Find the perceptron of a file.

    Raises
    ------
    BadInput
        When there is none, with what is there in its place.
    """
    name, order = found.name, facts.texts("layers")
    structure = facts.text("structure").lower()
    if structure not in ("", "plain"):
        raise BadInput(f"'{name}.json' gives the structure {structure!r}; only 'plain' is known.")
    plain = structure == "plain"
    beside = _matrices(found)

    def laid(tensors: Mapping[str, Tensor]) -> Layout:
        return _laid(name, tensors, beside, found.ordered, order, plain)

    def fits(tensors: Mapping[str, Tensor]) -> bool:
        try:
            laid(tensors)
        except BadInput:
            return False
        return True

    network = facts.text("network")
    taken = find_network(found, fits, network)
    if taken and not network:
        try:
            laid(found.tensors)
        except _Composed:
            raise
        except BadInput:  # what else is in the file is looked at below
            pass
    tensors, told = taken or (_meant(found), ())
    if not taken and not plain:
        refuse_structure(name, (key for key, own in found.tensors.items() if own.dim() > 1), ())
    layout = laid(tensors)
    full = {id(tensor): key for key, tensor in found.tensors.items()}
    keys = tuple(full[id(tensors[layer.key])] for layer in layout.layers)
    apart = _apart(found, tensors)
    if not plain:
        refuse_structure(name, keys, () if network else apart)
        if facts.skips:
            said = facts.skips[0]
            raise BadInput(
                f"'{name}' says {said.key} = {said.value!r}, so it has skip connections; choose a "
                "plain perceptron, or, where it is one, put "
                f'{{"structure": "plain"}} into \'{name}.json\'.'
            )
    apart.pop(layout.key, None)
    omegas = {key: own for key, own in apart.items() if omega_role(key)}
    left = [key for key in apart if key not in omegas]
    if left and not told and not network:
        others = f" and {len(left) - 1} more" * (len(left) > 1)
        told = (f"'{left[0]}'{others} in '{name}' is no part of the field, and was left out.",)
    beside_it = [
        (-1, _said(name, key, own))
        for key, own in omegas.items()
        if not re.search(r"\d", key.rpartition(".")[0])  # else of a layer of another network
    ]
    return replace(
        layout,
        omegas=(*layout.omegas, *beside_it),
        full=keys,
        notices=(*told, *layout.notices),
    )


def _matrices(found: Checkpoint) -> dict[str, Tensor]:
    """What may be a Fourier matrix, anywhere in a file."""
    try:
        return gather(found.name, found.tensors).matrices
    except BadInput:
        return {}


def _meant(found: Checkpoint) -> Mapping[str, Tensor]:
    """What to name the faults of, where nothing fits: the usual network, if it is most of it."""
    usual = main_tensors(found)
    return usual if len(found.tensors) / 2 <= len(usual) < len(found.tensors) else found.tensors


def _apart(found: Checkpoint, tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """What is in a file beside the network, but for counters and copies of the network."""
    mine = {id(tensor) for tensor in tensors.values()}
    by_shape: dict[tuple[int, ...], list[Tensor]] = {}
    for own in tensors.values():
        by_shape.setdefault(tuple(own.shape), []).append(own)
    return {
        key: own
        for key, own in found.tensors.items()
        if id(own) not in mine
        and own.is_floating_point()
        and own.numel()
        and not any(torch.equal(own, other) for other in by_shape.get(tuple(own.shape), ()))
    }


def _laid(
    name: str,
    tensors: Mapping[str, Tensor],
    beside: Mapping[str, Tensor],
    keeps_order: bool,
    order: Sequence[str],
    plain: bool,
) -> Layout:
    long = next((key for key in tensors if len(key) > LONGEST), "")
    if long:
        raise BadInput(f"'{name}' has a name of {len(long)} characters, '{long[:40]}...'.")
    refuse_tables(name, tensors)
    gathered = gather(name, tensors)
    refuse_extra(name, gathered.extra)
    if not plain:
        refuse_structure(name, (layer.key for layer in gathered.layers), ())
    count = len(gathered.layers)
    if not 2 <= count <= MOST_LAYERS:
        what = "so no hidden neurons to prune" if count < 2 else "more than any field"
        raise BadInput(
            f"'{name}' has {count} layer(s), {what}; choose a field of two to {MOST_LAYERS} layers."
        )
    starts = starts_of(gathered.matrices) or {*COORDINATES, *starts_of(beside)}
    layers, notices = ordered(name, gathered.layers, starts, keeps_order, order)
    features, key = features_of(name, layers[0], gathered.matrices, beside)
    unused = next((own for own in gathered.matrices if own != key), None)
    if unused is not None:
        refuse_extra(name, {unused: gathered.matrices[unused]})
    _check_inputs(name, layers, features)
    if not plain:
        notices += refuse_blocks(name, layers)
    said = tuple(
        (_layer_of(key_, layers), _said(name, key_, own)) for key_, own in gathered.omegas.items()
    )
    return Layout(layers, features, key, said, (), (*gathered.notices, *notices))


def _check_inputs(name: str, layers: Sequence[Layer], features: Tensor | None) -> None:
    """Refuse inputs that are no place, and several networks in a row."""
    first = layers[0]
    inputs = first.inputs if features is None else features.shape[1]
    if inputs not in COORDINATES:
        why = ""
        if inputs > max(COORDINATES):
            why = ", so something that is not in the file (an encoding, a code) stands in front"
        raise BadInput(
            f"'{name}' takes {inputs} coordinate(s) ('{first.key}'){why}; choose a field of 2 or 3 "
            "coordinates of space, with or without time."
        )
    parts = [layer.name.split(".") for layer in layers]
    depth = next((n for n, own in enumerate(zip(*parts, strict=False)) if len({*own}) > 1), 0)
    modules = itertools.groupby(layers, lambda layer: layer.name.split(".")[: depth + 1])
    chained = [[*own] for _, own in modules]
    if min(map(len, chained)) > 1 < len(chained) and all(
        own[0].inputs == inputs for own in chained
    ):
        shapes = {tuple(layer.weight.shape for layer in own) for own in chained}
        raise (BadInput if len(shapes) == 1 else _Composed)(
            f"'{name}' has several networks in a row: '{chained[0][-1].key}' gives {inputs} "
            f"values, as many as '{first.key}' takes, to '{chained[1][0].key}'; choose a file of "
            f"one network, or name one in '{name}.json', as in "
            f'{{"network": "{parts[0][depth]}"}}.'
        )


def _said(name: str, key: str, tensor: Tensor) -> Said:
    values = tensor.flatten().tolist()
    return Said(values[0] if len(values) == 1 else values, name, key)


def _layer_of(key: str, layers: Sequence[Layer]) -> int:
    """The layer whose module a frequency stands in; -1 where it is that of several."""
    module = key.rpartition(".")[0]
    own = [
        n for n, layer in enumerate(layers) if module and f"{layer.name}.".startswith(f"{module}.")
    ]
    return own[0] if len(own) == 1 else -1
