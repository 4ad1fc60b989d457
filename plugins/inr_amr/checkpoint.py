"""Neural fields in and out of files, the structure read from the tensors' shapes."""

from __future__ import annotations

import hashlib
import itertools
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.checkpoints import (
    find_network,
    main_tensors,
    read_checkpoint,
    write_tensors,
)
from prune3d_gui.files.sidecars import read_facts

from .domain import Domain
from .network import ACTIVATIONS, FieldNetwork

OMEGA = 30.0
"""Frequency of a SIREN's layers where the file names none (Sitzmann et al. 2020)."""
PROBES = 20_000
"""Points at which a field is evaluated to learn the range of its values."""

_SYNONYMS = {"sin": "sine", "siren": "sine", "swish": "silu"}
_FACTS = tuple(field.name for field in fields(Domain))
_WORDS = ("unit", "value")
_READ = {
    "network",
    "format",
    "activation",
    "omega",
    "omegas",
    "first_omega",
    "fourier",
    "domain",
    *_FACTS,
}

_LAYER = re.compile(r"(?P<head>.*?)(?:weight|weights\.(?P<number>\d+))")
_FOURIER = re.compile(r"(?:^|[._])B(?:$|[._])|(?i:gauss|fourier|features)")
_TABLE = re.compile(r"hash|encoding\.params|embeddings|(?:^|\.)params$", re.I)
_SIREN = re.compile(r"net\.net\.\d+\.0\.weight$|\d+\.linear\.weight$")


@dataclass(frozen=True)
class _Layout:
    """The layers of a file in order, and the (m, d) Fourier matrix in front of them."""

    weights: tuple[Tensor, ...]
    biases: tuple[Tensor, ...]
    features: Tensor | None
    siren: bool
    sine_last: bool


@dataclass(frozen=True)
class FieldInfo:
    """What a field's file holds.

    Attributes
    ----------
    name : str
        File name.
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
    """

    name: str
    hash: str
    parameters: int
    metadata: dict[str, str]
    domain: Domain
    notices: tuple[str, ...] = ()


def load_field(path: str | Path) -> tuple[FieldNetwork, FieldInfo]:
    """Open a neural field: ours, a SIREN, or a plain perceptron, Fourier features included.

    What the tensors cannot say is taken from the file's metadata or from ``<file>.json`` beside
    it, which wins: ``activation``, ``omega``, ``first_omega`` or ``omegas``, ``fourier``
    ("cos,sin" or "sin,cos"), and anything of a `Domain`.

    Parameters
    ----------
    path : path
        A ``.safetensors``, ``.pth`` or ``.pt`` file.

    Returns
    -------
    network : FieldNetwork
        In evaluation mode, float32, on the CPU.
    info : FieldInfo

    Raises
    ------
    BadInput
        When the file cannot be read, holds no field, or does not say its activation.
    """
    path = Path(path)
    found = read_checkpoint(path)
    own = read_facts(path.with_name(f"{path.name}.json"))
    taken = find_network(found, _is_field, str(own.get("network", "")))
    tensors, told = taken or (main_tensors(found), ())
    layout = _layout(path.name, tensors)
    facts, beside = _spread(path.name, found.about), _spread(f"{path.name}.json", own)
    if "omega" in beside:
        facts.pop("omegas", None)
    facts |= beside
    notices = [*found.notices, *told]
    network = _built(path.name, layout, facts, notices)
    domain = _domain(path.name, network, facts, notices)
    info = FieldInfo(
        path.name,
        field_hash(network),
        network.parameters_count,
        {k: _text(v) for k, v in facts.items() if k not in _READ},
        domain,
        tuple(notices),
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
        "format": "neural field",
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


def _bias_of(key: str) -> str:
    match = _LAYER.fullmatch(key)
    number = match["number"]
    return match["head"] + ("bias" if number is None else f"biases.{number}")


def _place(key: str, weight: Tensor) -> tuple[int, list[int]]:
    """Sort layers by the numbers in their names; one without is the first if it is narrow."""
    numbers = [int(n) for n in re.findall(r"\d+", key)]
    unnumbered = 0 if len(weight) > 1 and weight.shape[1] <= 4 else 2
    return (1 if numbers else unnumbered), numbers


def _layout(name: str, tensors: Mapping[str, Tensor]) -> _Layout:
    """Find the layers and the Fourier matrix among a file's tensors."""
    table = next((key for key in tensors if _TABLE.search(key)), None)
    if table is not None:
        raise BadInput(
            f"'{name}' has a tensor '{table}' as hash-grid models have; their table of features is "
            "not a layer of neurons and cannot be pruned as such, so choose a plain perceptron."
        )
    flat = {key: tensor for key, tensor in tensors.items() if tensor.dim() == 2}
    keys = [key for key in flat if _LAYER.fullmatch(key)]
    named = [
        k for k in flat if _FOURIER.search(k) and (k not in keys or _bias_of(k) not in tensors)
    ]
    if all(key in named for key in keys):
        named = [key for key in named if key not in keys]
    keys = sorted((k for k in keys if k not in named), key=lambda k: _place(k, flat[k]))
    used = {*keys, *map(_bias_of, keys), *named[:1]}
    extra = next((key for key in tensors if key not in used), None)
    if extra is not None:
        raise BadInput(
            f"'{name}' has a tensor '{extra}' of shape {tuple(tensors[extra].shape)}, which no "
            "plain perceptron has; choose a file of fully connected layers only."
        )
    for key in used & tensors.keys():
        if not tensors[key].is_floating_point():
            raise BadInput(
                f"'{name}' has '{key}' stored as {str(tensors[key].dtype)[6:]}, not as floating "
                "point; choose the file from before quantisation."
            )
    if len(keys) < 2:
        raise BadInput(
            f"'{name}' has {len(keys)} layer(s), so no hidden neurons to prune; choose a field "
            "of two layers or more."
        )
    weights = [flat[key].float() for key in keys]
    biases = [
        tensors[_bias_of(k)].float() if _bias_of(k) in tensors else torch.zeros(len(w))
        for k, w in zip(keys, weights, strict=True)
    ]
    features = _fourier(name, flat, named, keys[0]) if named else None
    _check(name, keys, weights, biases, features)
    siren = _SIREN.search(keys[0]) is not None
    last = siren and keys[-1].endswith(".linear.weight")
    return _Layout(tuple(weights), tuple(biases), features, siren, last)


def _is_field(tensors: Mapping[str, Tensor]) -> bool:
    try:
        _layout("", tensors)
    except BadInput:
        return False
    return True


def _fourier(name: str, flat: Mapping[str, Tensor], named: list[str], first: str) -> Tensor:
    """Turn the Fourier matrix so that its rows are the frequencies."""
    matrix, taken = flat[named[0]].float(), flat[first].shape[1]
    for turned in (matrix, matrix.T):
        if 2 * len(turned) == taken and turned.shape[1] <= 4:
            return turned.contiguous()
    raise BadInput(
        f"'{name}' has '{named[0]}' of shape {tuple(matrix.shape)}, but its first layer '{first}' "
        f"takes {taken} numbers, not a sine and a cosine of each; the checkpoint is not consistent."
    )


def _check(
    name: str,
    keys: list[str],
    weights: list[Tensor],
    biases: list[Tensor],
    features: Tensor | None,
) -> None:
    """Refuse widths that do not chain, inputs that are no place, and outputs of many values."""
    for (a, w), (b, v) in itertools.pairwise(zip(keys, weights, strict=True)):
        if len(w) != v.shape[1]:
            raise BadInput(
                f"'{name}' does not chain: '{a}' gives {len(w)} values but '{b}' takes "
                f"{v.shape[1]}; choose a plain perceptron without skipped layers."
            )
    for key, weight, bias in zip(keys, weights, biases, strict=True):
        if bias.shape != weight.shape[:1]:
            raise BadInput(
                f"'{name}' has {tuple(bias.shape)} biases for the {len(weight)} neurons of "
                f"'{key}'; the checkpoint is not consistent."
            )
    if len(weights[-1]) != 1:
        raise BadInput(
            f"'{name}' gives {len(weights[-1])} values at each place ('{keys[-1]}'), and only one "
            "can be meshed and contoured; choose a scalar field."
        )
    inputs = weights[0].shape[1] if features is None else features.shape[1]
    if not 2 <= inputs <= 4:
        raise BadInput(
            f"'{name}' takes {inputs} coordinate(s) ('{keys[0]}'); choose a field of 2 or 3 "
            "coordinates of space, with or without time."
        )


def _text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def _object(name: str, text: Any, what: str) -> dict[str, Any]:
    try:
        found = json.loads(text) if isinstance(text, str) else text
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise BadInput(f"'{name}' has {what} written in no JSON object; write it again.")
    return found


def _spread(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Put what `facts` says under "domain" beside the rest."""
    own = dict(facts)
    return own | _object(name, own.pop("domain"), "its domain") if "domain" in own else own


def _numbers(name: str, facts: Mapping[str, Any], key: str) -> tuple[float, ...]:
    """Read one number or a list of them, as JSON or as its text."""
    given = facts[key]
    try:
        value = json.loads(given) if isinstance(given, str) else given
        found = tuple(float(v) for v in (value if isinstance(value, list | tuple) else [value]))
        if np.isfinite(found).all():
            return found
    except (TypeError, ValueError):
        pass
    raise BadInput(f"'{name}' gives {key} as {given!r}; give numbers, as in JSON.")


def _built(
    name: str, layout: _Layout, facts: Mapping[str, Any], notices: list[str]
) -> FieldNetwork:
    """Make the network; sine with omega 30 is assumed for the names of the SIREN code."""
    activation = str(facts.get("activation") or ("sine" if layout.siren else "")).lower()
    activation = _SYNONYMS.get(activation, activation)
    if activation not in ACTIVATIONS:
        said = f"gives the activation {activation!r}" if activation else "names no activation"
        raise BadInput(
            f"'{name}' {said}; say it in a file '{name}.json' beside it, as in "
            '{"activation": "relu", "omega": 30, "lower": [-1, -1, -1], "upper": [1, 1, 1]}, '
            f"with one of {', '.join(ACTIVATIONS)}."
        )
    hidden = len(layout.weights) - 1
    omegas: tuple[float, ...] = ()
    if activation == "sine":
        if "omegas" in facts:
            omegas = _numbers(name, facts, "omegas")
        else:
            omega = _numbers(name, facts, "omega")[0] if "omega" in facts else OMEGA
            first = _numbers(name, facts, "first_omega")[0] if "first_omega" in facts else omega
            omegas = (first,) + (omega,) * (hidden - 1)
            if "omega" not in facts and "activation" in facts:
                notices.append(f"'{name}' gives no omega, so that of SIREN, {OMEGA:g}, is taken.")
        if len(omegas) != hidden:
            raise BadInput(
                f"'{name}' gives {len(omegas)} omegas for {hidden} hidden layers; give one each."
            )
        if layout.sine_last:
            notices.append(
                f"The last layer of '{name}' is read as linear, although its name is that of "
                "a sine layer."
            )
    if "activation" not in facts:
        notices.append(
            f"'{name}' has the names of a SIREN, so sine is taken as its activation, with omega "
            f"{omegas[0]:g}."
        )
    weights = list(layout.weights)
    if layout.features is not None:
        order = str(facts.get("fourier", "cos,sin")).replace(" ", "").lower()
        if order not in ("cos,sin", "sin,cos"):
            raise BadInput(f"'{name}' gives fourier as {order!r}; give 'cos,sin' or 'sin,cos'.")
        if order == "sin,cos":
            weights[0] = weights[0].roll(len(layout.features), dims=1)
        if "fourier" not in facts and facts.get("format") != "neural field":
            notices.append(
                f"The Fourier features of '{name}' are read as cos(2 pi B x), sin(2 pi B x); "
                f'where sin comes first, put "fourier": "sin,cos" in \'{name}.json\'.'
            )
    widths = [weights[0].shape[1], *(len(weight) for weight in weights)]
    network = FieldNetwork(widths, activation, omegas, layout.features)
    with torch.no_grad():
        for layer, weight, bias in zip(network.layers, weights, layout.biases, strict=True):
            layer.weight.copy_(weight)
            layer.bias.copy_(bias)
    return network.eval()


def _domain(
    name: str, network: FieldNetwork, facts: Mapping[str, Any], notices: list[str]
) -> Domain:
    """Put the domain together from what the file says, [-1, 1]^d where it says nothing."""
    d = network.inputs
    given = {k: _numbers(name, facts, k) for k in _FACTS if k in facts and k not in _WORDS}
    lower, upper = given.get("lower", (-1.0,) * d), given.get("upper", (1.0,) * d)
    if (
        len(lower) != d
        or len(upper) != d
        or not all(a < b for a, b in zip(lower, upper, strict=True))
    ):
        raise BadInput(
            f"'{name}' takes {d} coordinates but its box goes from {list(lower)} to "
            f"{list(upper)}; give {d} numbers each, lower below upper."
        )
    dimension = int(given.get("dimension", (min(d, 3),))[0])
    if dimension not in (2, 3) or d - dimension not in (0, 1):
        raise BadInput(
            f"'{name}' takes {d} coordinates but gives dimension {dimension}; give 2 or 3, with "
            "one more coordinate only for time."
        )
    span = tuple(b - a for a, b in zip(lower, upper, strict=True))
    origin = given.get("origin", lower[:dimension])
    size = given.get("size", span[:dimension])
    if len(origin) != dimension or len(size) != dimension or min(size) <= 0:
        raise BadInput(
            f"'{name}' gives origin {list(origin)} and size {list(size)}; give {dimension} numbers "
            "each, the sizes above 0."
        )
    low, high = _measured(name, network, lower, span, notices)
    if "lower" not in facts or "upper" not in facts:
        notices.append(
            f"'{name}' does not say where its field lives, so the box [-1, 1]^{d} is taken, with "
            f"values from {low:.4g} to {high:.4g} as measured at {PROBES:,} points; a file "
            f"'{name}.json' with lower and upper can say otherwise."
        )
    words = {k: str(facts[k]) for k in _WORDS if k in facts}
    return Domain(
        lower,
        upper,
        dimension,
        origin,
        size,
        low=given.get("low", (low,))[0],
        high=given.get("high", (high,))[0],
        times=int(given.get("times", (1,))[0]),
        **words,
    )


def _measured(
    name: str,
    network: FieldNetwork,
    lower: tuple[float, ...],
    span: tuple[float, ...],
    notices: list[str],
) -> tuple[float, float]:
    """Give the least and the largest finite value at seeded points of the box."""
    points = np.array(lower) + np.random.default_rng(0).random((PROBES, len(span))) * np.array(span)
    values = network.evaluate(torch.as_tensor(points, dtype=torch.float32)).numpy()
    finite = values[np.isfinite(values)]
    if len(finite) < PROBES:
        notices.append(
            f"'{name}' gives values that are not numbers at {PROBES - len(finite):,} of "
            f"{PROBES:,} points; these places are marked."
        )
    if not len(finite):
        return 0.0, 1.0
    low, high = float(finite.min()), float(finite.max())
    return low, high if high > low else low + 1.0
