"""A field's network as a file that other programs open."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.onnx_files import model_bytes, session_of

from .network.network import FieldNetwork
from .stored.checkpoint import FieldInfo, field_facts, load_field, save_field

OPSET = 17
"""ONNX operator set, which onnxruntime reads since 1.12."""
CHECKED = 1_000
"""Points at which a written file is compared with the network."""


def write_network(
    network: FieldNetwork,
    info: FieldInfo,
    format_id: str,
    path: str | Path,
    moment: Mapping[str, Any],
) -> float | None:
    """Write a network, open the file again and compare.

    Parameters
    ----------
    network : FieldNetwork
        The network to write, pruned or not.
    info : FieldInfo
        Of the field it comes from: its domain and metadata go into the file.
    format_id : {"safetensors", "pth", "onnx"}
        Our layout; a torch state dict with the names of an ``nn.Sequential``; ONNX with the
        input "coordinates" (n, d) and the output "value" (n,), float32.
    path : path
        File to write, whole or not at all.
    moment : mapping
        How the network was made; goes into the file as JSON under `moment.KEY`.

    Returns
    -------
    float or None
        Largest difference between the file's values and the network's at 1,000 points of the
        domain; None for ONNX where onnxruntime is not installed.

    Raises
    ------
    BadInput
        If the format is unknown or the file cannot be written.
    """
    formats = {"safetensors": _safetensors, "pth": _torch, "onnx": _onnx}
    if format_id not in formats:
        raise BadInput(
            f"A network cannot be written as {format_id!r}; take one of {', '.join(formats)}."
        )
    metadata = info.metadata | {KEY: json.dumps(dict(moment))}
    reopened = formats[format_id](network, info, Path(path), metadata)
    if reopened is None:
        return None
    lower, upper = np.array(info.domain.lower), np.array(info.domain.upper)
    unit = np.random.default_rng(0).random((CHECKED, len(lower)))
    points = (lower + unit * (upper - lower)).astype(np.float32)
    own = network.evaluate(torch.as_tensor(points).to(network.layers[0].weight.device))
    own = own.cpu().numpy()
    finite = np.isfinite(own)
    return float(np.abs(reopened(points) - own)[finite].max(initial=0.0))


def said_of(path: str | Path, difference: float | None, removed: int) -> tuple[str, ...]:
    """Say in sentences what was written.

    Parameters
    ----------
    path : path
        The file.
    difference : float or None
        What `write_network` returned.
    removed : int
        Parameters that are gone.
    """
    size = f"{Path(path).stat().st_size / 1e6:.3g} MB, all weights dense"
    gone = f"; {removed:,} parameters are gone from it." if removed else "."
    if difference is None:
        return (size + gone, "It was not checked: onnxruntime is not installed.")
    return (
        size + gone,
        f"Opened again, its values differ from the network's by {difference:.2g} at most "
        f"({CHECKED:,} points of the domain).",
    )


Field = Callable[[np.ndarray], np.ndarray]


def _field(path: Path) -> Field:
    network, _ = load_field(path)
    return lambda points: network.evaluate(torch.as_tensor(points)).numpy()


def _safetensors(
    network: FieldNetwork, info: FieldInfo, path: Path, metadata: dict[str, str]
) -> Field:
    save_field(path, network, info.domain, metadata)
    return _field(path)


def _torch(network: FieldNetwork, info: FieldInfo, path: Path, metadata: dict[str, str]) -> Field:
    state = {
        f"{2 * number}.{key}": tensor.float().cpu()
        for number, layer in enumerate(network.layers)
        for key, tensor in layer.state_dict().items()
    }
    if network.features is not None:
        state["features"] = network.features.float().cpu()
    with writing(path) as temporary:
        torch.save(field_facts(network, info.domain) | metadata | {"state_dict": state}, temporary)
    return _field(path)


def _onnx(
    network: FieldNetwork, info: FieldInfo, path: Path, metadata: dict[str, str]
) -> Field | None:
    content = _graph(network, field_facts(network, info.domain) | metadata)
    with writing(path) as temporary:
        temporary.write_bytes(content)
    session = session_of(path, threads=1)
    if session is None:
        return None
    return lambda points: session.run(["value"], {"coordinates": points})[0]


def _graph(network: FieldNetwork, metadata: Mapping[str, str]) -> bytes:
    """Write the network as an ONNX graph, node for node what `FieldNetwork.forward` does."""
    from onnx import helper, numpy_helper

    nodes, constants = [], []

    def constant(name: str, values: Any) -> str:
        constants.append(numpy_helper.from_array(np.asarray(values, np.float32), name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    values = "coordinates"
    if network.features is not None:
        scaled = node("Mul", [values, constant("two_pi", 2 * math.pi)], "scaled")
        matrix = constant("features", network.features.cpu().numpy().T)
        angles = node("MatMul", [scaled, matrix], "angles")
        waves = [node("Cos", [angles], "cosines"), node("Sin", [angles], "sines")]
        values = node("Concat", waves, "encoded", axis=1)
    for number, layer in enumerate(network.layers):
        weight = constant(f"layers.{number}.weight", layer.weight.detach().cpu().numpy())
        bias = constant(f"layers.{number}.bias", layer.bias.detach().cpu().numpy())
        values = node("Gemm", [values, weight, bias], f"sum.{number}", transB=1)
        if number == len(network.layers) - 1:
            break
        active = f"active.{number}"
        if network.activation == "sine":
            omega = constant(f"omega.{number}", network.omegas[number])
            values = node("Sin", [node("Mul", [values, omega], f"angle.{number}")], active)
        elif network.activation == "silu":
            gate = node("Sigmoid", [values], f"gate.{number}")
            values = node("Mul", [values, gate], active)
        else:
            values = node({"relu": "Relu", "tanh": "Tanh"}[network.activation], [values], active)
    constants.append(numpy_helper.from_array(np.array([1]), "last_axis"))
    node("Squeeze", [values, "last_axis"], "value")
    return model_bytes(
        "neural_field", nodes, {"coordinates": ("n", network.inputs)}, {"value": ("n",)},
        constants, OPSET, metadata,
    )  # fmt: skip
