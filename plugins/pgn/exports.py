"""A pruned AtlasNet as a file: safetensors, torch state dict, compact sparse file, ONNX."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput, Prune3DError
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.moment import KEY
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.files.networks.onnx_files import session_of
from prune3d_gui.files.networks.sparse import write_sparse
from prune3d_gui.files.stamps import write_beside

from .network.checkpoint import load_network, network_facts, weights_hash
from .network.network import AtlasNet
from .network.onnx_graph import graph_bytes
from .network.widths import Widths

FORMATS = ("safetensors", "pth", "sparse", "sparse16", "onnx")


def write_network(
    network: AtlasNet,
    template: Tensor,
    format_id: str,
    path: str | Path,
    moment: Mapping[str, Any],
    *,
    footprint: Footprint,
    note: str = "",
    images: Sequence[np.ndarray] = (),
) -> tuple[str, ...]:
    """Write a network, open the file again and compare.

    Parameters
    ----------
    network : AtlasNet
        What to write, with zeros in place or with channels removed.
    template : (n, D) Tensor
        Template points of one primitive, for the ONNX graph.
    format_id : {"safetensors", "pth", "sparse", "sparse16", "onnx"}
    path : path
        File to write, whole or not at all.
    moment : mapping
        How it was made, in plain values; kept as JSON under `moment.KEY`, or beside a ``.pth``
        in ``<name>.moment.json``, since a state dict holds only tensors.
    footprint : Footprint
        What was zeroed and removed.
    note : str
        What every user of the weights must know.
    images : sequence of (3, 224, 224) float32
        Inputs on which files that are not exact are compared with the network.

    Returns
    -------
    tuple of str
        What to say about the file.

    Raises
    ------
    BadInput
        If the format is unknown or the file cannot be written.
    Prune3DError
        If the file, opened again, holds other weights.
    """
    path = Path(path)
    if format_id not in FORMATS:
        raise BadInput(
            f"There is no network format {format_id!r}; take one of {', '.join(FORMATS)}."
        )
    sizes = {"zeroed": footprint.zeroed, "removed": footprint.removed}
    told = {**moment, "about": {**moment.get("about", {}), **sizes}}
    facts = network_facts(network) | {"note": note, KEY: json.dumps(told, sort_keys=True)}
    network = _on_cpu(network)
    state = network.state_dict()
    dense = sum(tensor.nbytes for tensor in state.values())
    beside: Path | None = None
    if format_id == "onnx":
        return _onnx(network, template.cpu(), path, facts, footprint, images)
    if format_id == "safetensors":
        write_tensors(path, state, facts)
    elif format_id == "pth":
        with writing(path) as temporary:
            torch.save(state, temporary)
        beside = write_beside(path, told)
        if network.activation != "relu":
            facts_path = path.with_name(f"{path.name}.json")
            with writing(facts_path) as temporary:
                temporary.write_text(json.dumps({"activation": network.activation}) + "\n")
    else:
        dtype = torch.float16 if format_id == "sparse16" else torch.float32
        write_sparse(path, state, facts, dtype)
    size = path.stat().st_size
    if format_id.startswith("sparse"):
        said = [_sparse_size(size, dense, footprint)]
    else:
        said = [_dense_size(size, footprint)]
    if format_id == "pth":
        said += [f"What it was made from is beside it: {beside.name}."] if beside else []
        if not _as_atlasnet_builds(network):
            said.append(
                "AtlasNet's own code builds layers of fixed widths and cannot load it; Prune3D can."
            )
    return (*said, _reopened(path, network, template.cpu(), images, exact=format_id != "sparse16"))


def _onnx(
    network: AtlasNet,
    template: Tensor,
    path: Path,
    facts: Mapping[str, str],
    footprint: Footprint,
    images: Sequence[np.ndarray],
) -> tuple[str, ...]:
    with writing(path) as temporary:
        temporary.write_bytes(graph_bytes(network, template, facts))
    said = _dense_size(path.stat().st_size, footprint)
    session = session_of(path, torch.get_num_threads())
    if session is None:
        return (said, "It was not checked: onnxruntime is not installed.")
    images = _inputs(images)
    largest = max(
        np.abs(session.run(["points"], {"image": image[None]})[0] - points).max()
        for image, points in zip(images, _points(network, template, images), strict=True)
    )
    return (said, _difference("The points of onnxruntime and of torch", largest, len(images)))


def _reopened(
    path: Path, network: AtlasNet, template: Tensor, images: Sequence[np.ndarray], exact: bool
) -> str:
    again, _ = load_network(path)
    if exact:
        if weights_hash(again) != weights_hash(network):
            raise Prune3DError(
                f"'{path}', opened again, holds other weights than were written; the disk may be "
                "failing, so write it somewhere else."
            )
        return "Opened again, it holds the same weights bit for bit."
    images = _inputs(images)
    both = zip(_points(network, template, images), _points(again, template, images), strict=True)
    largest = max(np.abs(ours - theirs).max() for ours, theirs in both)
    return "Values are rounded to fp16. " + _difference(
        "The file's points and the network's", largest, len(images)
    )


def _difference(what: str, largest: float, count: int) -> str:
    return (
        f"{what} differ by {largest:.2g} at most (unit-ball radii, "
        f"{count} image{'s' * (count > 1)})."
    )


@torch.inference_mode()
def _points(network: AtlasNet, template: Tensor, images: Sequence[np.ndarray]) -> list[np.ndarray]:
    return [network(torch.from_numpy(image)[None], template).numpy() for image in images]


def _inputs(images: Sequence[np.ndarray]) -> list[np.ndarray]:
    """The images, or one of seeded noise where there is none."""
    found = [np.ascontiguousarray(image, np.float32) for image in images]
    return found or [np.random.default_rng(0).random((3, 224, 224), np.float32)]


def _on_cpu(network: AtlasNet) -> AtlasNet:
    state = {
        key: tensor.detach().cpu().contiguous() for key, tensor in network.state_dict().items()
    }
    copy = AtlasNet.like(state, network.activation)
    copy.load_state_dict(state, assign=True)
    return copy.eval().requires_grad_(False)


def _as_atlasnet_builds(network: AtlasNet) -> bool:
    hidden = ((network.hidden,) * (1 + network.layers),) * network.primitives
    return network.widths == Widths(network.bottleneck, hidden)


def _dense_size(size: int, footprint: Footprint) -> str:
    said = f"{_mb(size)}, all weights dense"
    if footprint.removed:
        said += f"; {footprint.removed:,} parameters are gone from it"
    if footprint.zeroed:
        said += (
            f"; {footprint.zeroed:,} weights are zeros in place, which makes the file no smaller"
        )
    return said + "."


def _sparse_size(size: int, dense: int, footprint: Footprint) -> str:
    if size >= dense:
        return f"{_mb(size)}: as few as {footprint.zeroed:,} zeros make no smaller file."
    return (
        f"{_mb(size)}, where the same network takes {_mb(dense)} dense in fp32; opened, it is "
        "dense again and computes as much."
    )


def _mb(size: int) -> str:
    return f"{size / 1e6:.2f} MB"
