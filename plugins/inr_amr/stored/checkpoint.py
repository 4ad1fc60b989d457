"""Neural fields in and out of files."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from prune3d_gui.files.networks.checkpoints import read_checkpoint, write_tensors

from ..network.domain import Domain
from ..network.network import FieldNetwork
from .activations import activation_of, omegas_of
from .box import domain_of
from .facts import Facts, facts_of
from .fourier import as_read
from .layout import Layout, take_layout
from .outputs import chosen_output, only_output, outputs_of

OURS = "neural field"
"""What files of our own say that they are."""


@dataclass(frozen=True)
class FieldInfo:
    """What a field's file holds.

    Attributes
    ----------
    name : str
        File name, and the output that was taken of several, as in ``flow.pth#1``.
    hash : str
        `field_hash` of the network.
    parameters : int
        Number of weights and biases.
    metadata : dict
        What else the file says of itself, as text; what the network and the domain say
        already is not repeated.
    domain : Domain
    notices : tuple of str
        What had to be assumed, one sentence each.
    outputs : tuple of str
        Names of all outputs in the file, of which this field is one.
    """

    name: str
    hash: str
    parameters: int
    metadata: dict[str, str]
    domain: Domain
    notices: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ("0",)


def load_field(path: str | Path, component: str = "") -> tuple[FieldNetwork, FieldInfo]:
    """Open a neural field: ours, a SIREN, or a plain perceptron, Fourier features included.

    What the tensors cannot say is taken from what else the file holds, or from ``<file>.json``
    beside it, which wins; `stored.facts.FACTS` is all that can be said there.

    Parameters
    ----------
    path : path
        See `read_checkpoint`.
    component : str
        Number or name of the output to take, where there are several; empty for what the JSON
        file says.

    Returns
    -------
    network : FieldNetwork
        In evaluation mode, float32, on the CPU.
    info : FieldInfo

    Raises
    ------
    BadInput
        When the file cannot be read, holds no plain perceptron, or leaves open what it computes.
    """
    path = Path(path)
    found = read_checkpoint(path)
    facts = facts_of(found, path)
    facts.check()
    layout = take_layout(found, facts)
    outputs = outputs_of(facts, layout)
    number = chosen_output(facts, layout, component)
    activation, said = activation_of(facts, layout, found.classes)
    omegas, guessed = omegas_of(facts, layout) if activation == "sine" else ((), ())
    last = only_output(layout.layers[-1], number)
    layout = replace(layout, layers=(*layout.layers[:-1], last))
    ours = found.facts.get("format") == OURS
    network, encoded = _built(facts, layout, activation, omegas, ours)
    several = len(outputs) > 1
    value = outputs[number] if several and not outputs[number].isdecimal() else ""
    domain, placed = domain_of(network, facts, value)
    info = FieldInfo(
        f"{path.name}#{outputs[number]}" if several else path.name,
        field_hash(network),
        network.parameters_count,
        facts.others,
        domain,
        (*found.notices, *facts.notices, *layout.notices, *said, *guessed, *encoded, *placed),
        outputs,
    )
    return network, info


def save_field(
    path: str | Path,
    network: FieldNetwork,
    domain: Domain,
    metadata: Mapping[str, str],
    half: bool = False,
) -> None:
    """Write a field as safetensors; `load_field` gives it back bit for bit.

    Parameters
    ----------
    path : path
        File to write.
    network : FieldNetwork
    domain : Domain
    metadata : mapping
        Text by name; activation, frequencies and domain are added.
    half : bool
        Round weights and biases to float16, but for tensors with values that do not fit in it;
        the Fourier matrix stays as it is.

    Raises
    ------
    BadInput
        When the file cannot be written.
    """
    tensors = {}
    for key, tensor in network.state_dict().items():
        kept = tensor.half() if half and key != "features" else tensor.float()
        fits = kept.isfinite().all() or not tensor.isfinite().all()
        tensors[key] = kept if fits else tensor.float()
    write_tensors(path, tensors, dict(metadata) | field_facts(network, domain))


def field_facts(network: FieldNetwork, domain: Domain) -> dict[str, str]:
    """Give what `load_field` must read beside the tensors, as text for a file's metadata."""
    return {
        "format": OURS,
        "activation": network.activation,
        "omegas": json.dumps(network.omegas),
        "domain": domain.to_json(),
    }


def field_hash(network: FieldNetwork) -> str:
    """Give the SHA-256 of a field's weights, activation and frequencies, in hex."""
    digest = hashlib.sha256(f"{network.activation}{network.omegas}".encode())
    for key, tensor in sorted(network.state_dict().items()):
        digest.update(f"{key}{tuple(tensor.shape)}".encode())
        digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _built(
    facts: Facts, layout: Layout, activation: str, omegas: Sequence[float], ours: bool
) -> tuple[FieldNetwork, tuple[str, ...]]:
    """Make the network, and say what was assumed of the features in front of it."""
    first, features, notices = layout.layers[0], layout.features, ()
    if features is not None:
        weight, features, notices = as_read(facts, first.weight, features, ours)
        first = replace(first, weight=weight)
    layers = (first, *layout.layers[1:])
    widths = [first.inputs, *(layer.outputs for layer in layers)]
    network = FieldNetwork(widths, activation, omegas, features)
    with torch.no_grad():
        for own, layer in zip(network.layers, layers, strict=True):
            own.weight.copy_(layer.weight)
            own.bias.copy_(torch.zeros(layer.outputs) if layer.bias is None else layer.bias)
    return network.eval(), notices
