"""AtlasNet as an ONNX graph: from an image to the points of the evaluation template."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from torch import Tensor

from prune3d_gui.files.networks.onnx_files import GraphNodes, model_bytes

from .network import IMAGE_SIZE, AtlasNet

OPSET = 18
"""ONNX operator set, which onnxruntime reads since 1.14."""
_OPERATORS = {
    "relu": "Relu",
    "sigmoid": "Sigmoid",
    "softplus": "Softplus",
    "softsign": "Softsign",
    "tanh": "Tanh",
}


def graph_bytes(network: AtlasNet, template: Tensor, metadata: Mapping[str, str]) -> bytes:
    """Write a network as an ONNX model.

    Node for node what `AtlasNet.forward` does, with the weights under their torch names, so
    that zeros stay visible in them. The input is ``image``, (batch, 3, 224, 224) float32 in
    0..1; the output ``points``, (batch, primitives x n, 3) float32 in the unit ball.

    Parameters
    ----------
    network : AtlasNet
        In evaluation mode, on the CPU.
    template : (n, D) Tensor
        Template points of one primitive.
    metadata : mapping
        Text by name, kept in the model's properties.
    """
    graph = _Graph(network.state_dict())
    latent = _encoder(graph, network)
    parts = [
        _decoder(graph, network, index, template, latent) for index in range(network.primitives)
    ]
    graph.node("Concat", parts, "points", axis=1)
    count = network.primitives * len(template)
    return model_bytes(
        "atlasnet", graph.nodes, {"image": ("batch", 3, IMAGE_SIZE, IMAGE_SIZE)},
        {"points": ("batch", count, 3)}, list(graph.constants.values()), OPSET, metadata,
    )  # fmt: skip


class _Graph(GraphNodes):
    """Nodes by the layers of a state dict."""

    def __init__(self, state: Mapping[str, Tensor]) -> None:
        super().__init__()
        self._state = state

    def weight(self, name: str) -> str:
        return self.constant(name, self._state[name].numpy())

    def conv(self, name: str, x: str, **attributes: Any) -> str:
        inputs = [x, self.weight(f"{name}.weight")]
        if f"{name}.bias" in self._state:
            inputs.append(self.weight(f"{name}.bias"))
        return self.node("Conv", inputs, f"{name}.out", **attributes)

    def norm(self, name: str, x: str, epsilon: float) -> str:
        parts = ("weight", "bias", "running_mean", "running_var")
        inputs = [x, *(self.weight(f"{name}.{part}") for part in parts)]
        return self.node("BatchNormalization", inputs, f"{name}.out", epsilon=epsilon)

    def relu(self, x: str) -> str:
        return self.node("Relu", [x], f"{x}.relu")

    def activate(self, kind: str, x: str) -> str:
        """One of `network.ACTIVATIONS`; log(sigmoid(x)) is -softplus(-x)."""
        if kind != "logsigmoid":
            return self.node(_OPERATORS[kind], [x], f"{x}.{kind}")
        soft = self.node("Softplus", [self.node("Neg", [x], f"{x}.minus")], f"{x}.softplus")
        return self.node("Neg", [soft], f"{x}.{kind}")


def _encoder(graph: _Graph, network: AtlasNet) -> str:
    epsilon = network.encoder.bn1.eps
    x = graph.conv("encoder.conv1", "image", strides=[2, 2], pads=[3, 3, 3, 3])
    x = graph.relu(graph.norm("encoder.bn1", x, epsilon))
    x = graph.node(
        "MaxPool", [x], "encoder.pool", kernel_shape=[3, 3], strides=[2, 2], pads=[1, 1, 1, 1]
    )
    for layer in (1, 2, 3, 4):
        for index, block in enumerate(getattr(network.encoder, f"layer{layer}")):
            name = f"encoder.layer{layer}.{index}"
            strides = list(block.conv1.stride)
            shortcut = x
            if block.downsample is not None:
                shortcut = graph.conv(f"{name}.downsample.0", x, strides=strides)
                shortcut = graph.norm(f"{name}.downsample.1", shortcut, epsilon)
            x = graph.conv(f"{name}.conv1", x, strides=strides, pads=[1, 1, 1, 1])
            x = graph.relu(graph.norm(f"{name}.bn1", x, epsilon))
            x = graph.conv(f"{name}.conv2", x, pads=[1, 1, 1, 1])
            x = graph.norm(f"{name}.bn2", x, epsilon)
            x = graph.relu(graph.node("Add", [x, shortcut], f"{name}.sum"))
    x = graph.node("GlobalAveragePool", [x], "encoder.mean")
    x = graph.node("Flatten", [x], "encoder.flat")
    inputs = [x, graph.weight("encoder.fc.weight"), graph.weight("encoder.fc.bias")]
    return graph.node("Gemm", inputs, "latent", transB=1)


def _decoder(graph: _Graph, network: AtlasNet, index: int, template: Tensor, latent: str) -> str:
    """One primitive: points (batch, n, 3), computed channels first as released."""
    name, mapping = f"decoder.decoder.{index}", network.mappings[index]
    points = graph.constant("template", template.T[None].numpy())
    axis = graph.constant("last_axis", np.array([2], np.int64))
    shift = graph.node("Unsqueeze", [latent, axis], f"{name}.latent")
    x = graph.node("Add", [graph.conv(f"{name}.conv1", points), shift], f"{name}.shifted")
    kind = network.activation
    x = graph.activate(kind, graph.norm(f"{name}.bn1", x, mapping.bn1.eps))
    x = graph.norm(f"{name}.bn2", graph.conv(f"{name}.conv2", x), mapping.bn2.eps)
    x = graph.activate(kind, x)
    for layer, norm in enumerate(mapping.bn_list):
        x = graph.conv(f"{name}.conv_list.{layer}", x)
        x = graph.activate(kind, graph.norm(f"{name}.bn_list.{layer}", x, norm.eps))
    x = graph.conv(f"{name}.last_conv", x)
    return graph.node("Transpose", [x], f"{name}.points", perm=[0, 2, 1])
