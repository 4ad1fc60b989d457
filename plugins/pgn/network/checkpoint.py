"""AtlasNet networks in and out of files, the structure read from the tensors' shapes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.names import sayable
from prune3d_gui.files.networks.checkpoints import (
    Checkpoint,
    find_network,
    main_tensors,
    read_checkpoint,
    write_tensors,
)
from prune3d_gui.files.networks.sidecars import read_facts

from .network import ACTIVATIONS, AtlasNet

_DECODER = re.compile(r"decoder\.decoder\.(\d+)\.")
_FIRST = "decoder.decoder.0.conv1.weight"
ANCHORS = {_FIRST, "encoder.conv1.weight"}
"""Tensors by which a network of the kind is found in a file."""
_OURS = "AtlasNet v3"
_OPTIONS = "options.json"
"""Where AtlasNet's own training keeps its options, beside the network."""
_STATISTICS = ("running_mean", "running_var", "num_batches_tracked")


@dataclass(frozen=True)
class NetworkInfo:
    """What a network file holds.

    Attributes
    ----------
    name : str
        File name.
    metadata : dict
        What the file says of itself, as text.
    hash : str
        `weights_hash` of the network.
    template : {'SPHERE', 'SQUARE'}
    primitives : int
        Number of deformed templates.
    parameters : int
        Number of trainable values.
    notices : tuple of str
        What was taken, applied or assumed, one sentence each.
    """

    name: str
    metadata: dict[str, str]
    hash: str
    template: str
    primitives: int
    parameters: int
    notices: tuple[str, ...] = ()

    @property
    def title(self) -> str:
        """What people call the network."""
        shape = "sphere" if self.template == "SPHERE" else "square"
        count = f"{self.primitives} {shape}{'s' * (self.primitives > 1)}"
        return sayable(f"AtlasNet, {count}, {self.parameters:,} parameters ({self.name})")


def load_network(path: str | Path) -> tuple[AtlasNet, NetworkInfo]:
    """Open an AtlasNet v3 single-view network, released, trained by its code, or ours.

    Every layer may have a width of its own, as after channels were removed. Whatever wraps the
    names is dropped (see `files.checkpoints.find_network`), missing batch counters are
    tolerated, and masks left by ``torch.nn.utils.prune`` are applied. The activation of the
    decoder, which no tensor tells, is taken from the file, from ``<file>.json`` or from
    AtlasNet's ``options.json`` in the same folder, else it is ReLU.

    Parameters
    ----------
    path : path
        A file of weights; see `files.containers.read_content` for the formats.

    Returns
    -------
    net : AtlasNet
        In evaluation mode, float32, on the CPU.
    info : NetworkInfo

    Raises
    ------
    BadInput
        When the file cannot be read or holds another network.
    """
    path = Path(path)
    name = path.name
    found = read_checkpoint(path)
    beside = read_facts(path.with_name(f"{name}.json"))
    taken = find_network(found, lambda own: own.keys() >= ANCHORS, str(beside.get("network", "")))
    state, notices = taken or (main_tensors(found), ())
    _refuse_relatives(name, state)
    activation, told = _activation(path, found, beside)
    net = _built(name, state, activation)
    wanted = net.state_dict()
    loaded = {}
    for key, target in wanted.items():
        if key not in state:
            if key.endswith("num_batches_tracked"):
                loaded[key] = torch.zeros((), dtype=torch.int64)
                continue
            raise BadInput(
                f"'{name}' has no tensor '{key}', so it is not an AtlasNet v3 "
                "single-view network; choose another file."
            )
        tensor = state[key]
        if tensor.shape != target.shape:
            raise BadInput(
                f"'{name}' has '{key}' of shape {tuple(tensor.shape)} where an AtlasNet v3 with "
                f"its other layers has {tuple(target.shape)}; choose another file."
            )
        if target.is_floating_point() and not tensor.is_floating_point():
            raise BadInput(
                f"'{name}' has '{key}' stored as {str(tensor.dtype)[6:]}, not as "
                "floating point; choose the file from before quantisation."
            )
        loaded[key] = tensor.to(target.dtype)
    extra = next((k for k in state if k not in wanted), None)
    if extra is not None:
        raise BadInput(
            f"'{name}' has a tensor '{extra}' that AtlasNet v3 does not have; choose another file."
        )
    net.load_state_dict(loaded, assign=True)
    net.eval()
    info = NetworkInfo(
        name,
        found.about,
        weights_hash(net),
        net.template,
        net.primitives,
        sum(p.numel() for p in net.parameters()),
        (*found.notices, *notices, *told),
    )
    return net, info


def _activation(
    path: Path, found: Checkpoint, beside: Mapping[str, Any]
) -> tuple[str, tuple[str, ...]]:
    """Find the activation of the decoder, and say so where it is not the file that tells it."""
    options = read_facts(path.with_name(_OPTIONS))
    inside = [value for key, value in found.facts.items() if key.endswith("activation")]
    places = ((f"{path.name}.json", beside.get("activation")), (path.name, *inside[:1]))
    places = (*places, (_OPTIONS, options.get("activation")))
    where, given = next(((p[0], p[1]) for p in places if len(p) > 1 and p[1] is not None), ("", ""))
    if not where:
        if found.about.get("format") == _OURS:
            return "relu", ()
        return "relu", (
            f"'{path.name}' does not name its activation, so ReLU, AtlasNet's own choice, is "
            f"taken; '{_OPTIONS}' of its training put beside it says otherwise.",
        )
    activation = str(given).lower()
    if activation not in ACTIVATIONS:
        raise BadInput(
            f"'{where}' gives the activation {given!r}; AtlasNet has {', '.join(ACTIVATIONS)}."
        )
    said = f"The activation of '{path.name}', {activation}, was read from '{where}'."
    return activation, (said,) if where != path.name else ()


def save_network(path: str | Path, net: AtlasNet, metadata: Mapping[str, str]) -> None:
    """Write a network as safetensors: weights as float16, batch norm statistics as they are.

    Parameters
    ----------
    path : path
        File to write.
    net : AtlasNet
    metadata : mapping
        Text by name; the template and the number of primitives are added.

    Raises
    ------
    BadInput
        When the file cannot be written, or a weight does not fit in float16.
    """
    tensors = {}
    for key, tensor in net.state_dict().items():
        half = tensor if key.endswith(_STATISTICS) else tensor.half()
        if not half.isfinite().all():
            raise BadInput(
                f"The network's '{key}' has values that float16 cannot hold, so "
                f"'{Path(path).name}' was not written; choose an earlier network."
            )
        tensors[key] = half
    write_tensors(path, tensors, dict(metadata) | network_facts(net))


def network_facts(net: AtlasNet) -> dict[str, str]:
    """Give what a file of this network says of it, as text by name."""
    facts = {"format": _OURS, "template": net.template, "primitives": str(net.primitives)}
    return facts if net.activation == "relu" else facts | {"activation": net.activation}


def weights_hash(net: AtlasNet) -> str:
    """Give the SHA-256 of a network's parameters, batch norm statistics and activation, in hex."""
    digest = hashlib.sha256(b"" if net.activation == "relu" else net.activation.encode())
    for key, tensor in sorted(net.state_dict().items()):
        if not key.endswith("num_batches_tracked"):
            digest.update(f"{key}{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _refuse_relatives(name: str, state: dict[str, Tensor]) -> None:
    """Tell AtlasNet's other networks apart from the one that can be opened."""
    if any(re.match(r"decoder\.\d+\.", k) for k in state):
        raise BadInput(
            f"'{name}' is a network of AtlasNet's first code (v1 or v2), which is "
            "built differently; choose one of AtlasNet v3 (master)."
        )
    first = state.get("encoder.conv1.weight")
    if _FIRST in state and first is not None and first.dim() == 3:
        raise BadInput(
            f"'{name}' is an AtlasNet autoencoder, which takes points and no "
            "picture; choose a single-view (SVR) network."
        )


def _built(name: str, state: dict[str, Tensor], activation: str) -> AtlasNet:
    """Make a network without values, as wide and deep as the tensors say."""
    foreign = BadInput(
        f"'{name}' has no tensor '{_FIRST}' as AtlasNet v3 has it but {_listed(state)}, so it is "
        "another network; choose an AtlasNet v3 single-view file."
    )
    primitives = {int(m[1]) for k in state if (m := _DECODER.match(k))}
    first, second = state.get(_FIRST), state.get("decoder.decoder.0.conv2.weight")
    if first is None or first.dim() != 3 or first.shape[1] not in (2, 3):
        raise foreign
    if second is None or second.dim() != 3:
        raise BadInput(
            f"'{name}' has no tensor 'decoder.decoder.0.conv2.weight' as AtlasNet "
            "v3 has it; choose another file."
        )
    count = max(primitives) + 1
    if count != len(primitives):
        gap = min(set(range(count)) - primitives)
        raise BadInput(
            f"'{name}' has no tensor 'decoder.decoder.{gap}.conv1.weight' although "
            "later primitives are there; choose another file."
        )
    empty = next((k for k, v in state.items() if 0 in v.shape), None)
    if empty is not None:
        raise BadInput(
            f"'{name}' has '{empty}' of shape {tuple(state[empty].shape)}, a layer without "
            "channels; choose another file."
        )
    try:
        return AtlasNet.like(state, activation)
    except KeyError as missing:
        raise BadInput(
            f"'{name}' has no tensor '{missing.args[0]}', so it is not an AtlasNet v3 "
            "single-view network; choose another file."
        ) from None
    except IndexError:
        flat = next(k for k, v in state.items() if k.endswith("weight") and v.dim() == 0)
        raise BadInput(
            f"'{name}' has '{flat}' of shape () where AtlasNet v3 has a layer's weights; "
            "choose another file."
        ) from None


def _listed(state: dict[str, Tensor]) -> str:
    names = [f"'{key}'" for key in list(state)[:3]]
    more = f" and {len(state) - 3:,} more" if len(state) > 3 else ""
    return ", ".join(names) + more
