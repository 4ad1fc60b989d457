"""ONNX: graphs that are written node by node, and what opens them again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

Ends = Mapping[str, Sequence[str | int]]
"""Shapes of the inputs or outputs of a graph by name; a word for a side that is free."""


class GraphNodes:
    """Nodes so far, each by the name of what it gives, and the tensors they use."""

    def __init__(self) -> None:
        self.nodes: list[Any] = []
        self.constants: dict[str, Any] = {}

    def node(self, kind: str, inputs: list[str], output: str, **attributes: Any) -> str:
        """Add a node; gives the name of its output."""
        from onnx import helper

        self.nodes.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def constant(self, name: str, values: np.ndarray) -> str:
        """Add a tensor, once; gives its name."""
        from onnx import numpy_helper

        self.constants.setdefault(name, numpy_helper.from_array(np.ascontiguousarray(values), name))
        return name


def model_bytes(
    title: str,
    nodes: Sequence[Any],
    inputs: Ends,
    outputs: Ends,
    constants: Sequence[Any],
    opset: int,
    metadata: Mapping[str, str],
) -> bytes:
    """Return a checked ONNX model whose inputs and outputs are float32.

    Parameters
    ----------
    title : str
        Of the graph.
    nodes, constants : sequences of what ``onnx.helper`` makes
    inputs, outputs : mapping of name to shape
    opset : int
    metadata : mapping
        Text by name, kept in the model's properties.
    """
    from onnx import TensorProto, checker, helper

    taken, given = (
        [helper.make_tensor_value_info(n, TensorProto.FLOAT, list(s)) for n, s in of.items()]
        for of in (inputs, outputs)
    )
    model = helper.make_model(
        helper.make_graph(list(nodes), title, taken, given, list(constants)),
        producer_name="Prune3D",
        opset_imports=[helper.make_opsetid("", opset)],
        ir_version=8,
    )
    helper.set_model_props(model, dict(metadata))
    checker.check_model(model)
    data: bytes = model.SerializeToString()
    return data


def session_of(path: Path, threads: int) -> Any | None:
    """What runs an ONNX file on the CPU; None where onnxruntime is not installed."""
    try:
        import onnxruntime
    except ImportError:
        return None
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    return onnxruntime.InferenceSession(path.read_bytes(), options, ["CPUExecutionProvider"])
