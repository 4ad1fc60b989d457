"""AtlasNet networks in and out of files, the structure read from the tensors' shapes."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.checkpoints import read_tensors, write_tensors

from .network import AtlasNet

_DECODER = re.compile(r"decoder\.decoder\.(\d+)\.")
_FIRST = "decoder.decoder.0.conv1.weight"
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
    """

    name: str
    metadata: dict[str, str]
    hash: str
    template: str
    primitives: int
    parameters: int


def load_network(path: str | Path) -> tuple[AtlasNet, NetworkInfo]:
    """Open an AtlasNet v3 single-view network, released, trained by its code, or ours.

    Every layer may have a width of its own, as after channels were removed. A ``module.``
    prefix is dropped, missing batch counters are tolerated, and masks left by
    ``torch.nn.utils.prune`` are applied.

    Parameters
    ----------
    path : path
        A ``.safetensors``, ``.pth`` or ``.pt`` file.

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
    name = Path(path).name
    tensors, metadata = read_tensors(path)
    state = _plain({k.removeprefix("module."): v for k, v in tensors.items()})
    _refuse_relatives(name, state)
    net = _built(name, state)
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
        # A copy: tensors inside a mapped file are not aligned, which changes the last bit.
        loaded[key] = tensor.to(target.dtype, copy=True)
    extra = next((k for k in state if k not in wanted), None)
    if extra is not None:
        raise BadInput(
            f"'{name}' has a tensor '{extra}' that AtlasNet v3 does not have; choose another file."
        )
    net.load_state_dict(loaded, assign=True)
    net.eval()
    info = NetworkInfo(
        name,
        metadata,
        weights_hash(net),
        net.template,
        net.primitives,
        sum(p.numel() for p in net.parameters()),
    )
    return net, info


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
    about = {"format": "AtlasNet v3", "template": net.template, "primitives": str(net.primitives)}
    write_tensors(path, tensors, dict(metadata) | about)


def weights_hash(net: AtlasNet) -> str:
    """Give the SHA-256 of a network's parameters and batch norm statistics, in hex."""
    digest = hashlib.sha256()
    for key, tensor in sorted(net.state_dict().items()):
        if not key.endswith("num_batches_tracked"):
            digest.update(f"{key}{tuple(tensor.shape)}".encode())
            digest.update(tensor.detach().float().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _plain(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Apply the masks ``torch.nn.utils.prune`` leaves beside its ``_orig`` tensors."""
    masked = [
        k.removesuffix("_orig")
        for k in state
        if k.endswith("_orig") and k.removesuffix("_orig") + "_mask" in state
    ]
    for key in masked:
        state[key] = state.pop(f"{key}_orig") * state.pop(f"{key}_mask")
    return state


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


def _built(name: str, state: dict[str, Tensor]) -> AtlasNet:
    """Make a network without values, as wide and deep as the tensors say."""
    foreign = BadInput(
        f"'{name}' has no tensor '{_FIRST}' as AtlasNet v3 has it, so it is "
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
        return AtlasNet.like(state)
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
