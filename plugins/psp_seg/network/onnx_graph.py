"""The network as an ONNX graph: from Hounsfield units to logits."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from torch import nn

from prune3d_gui.files.networks.onnx_files import GraphNodes, model_bytes

from .branches import SLOPE, ParallelModule
from .network import Down, Fine, Network, Residual, Up
from .normal import Window

OPSET = 18
"""ONNX operator set, which onnxruntime reads since 1.14."""


def graph_bytes(network: Network, window: Window, metadata: Mapping[str, str]) -> bytes:
    """Write a network as an ONNX model, node for node what it does.

    The input is ``volume``, (batch, 1, X, Y, Z) float32 in Hounsfield units, each side a multiple
    of `Size.multiple`; the window is part of the graph. The output is ``logits``, (batch, classes,
    X, Y, Z). Masked branches are left out.

    Parameters
    ----------
    network : Network
        On the CPU.
    window : Window
        Hounsfield units that it tells apart.
    metadata : mapping
        Text by name, kept in the model's properties.
    """
    graph = _Graph(network)
    graph.seen(window)
    last = graph.whole()
    graph.node("Identity", [last], "logits")
    sides = ("x", "y", "z")
    return model_bytes(
        "psp_seg", graph.nodes, {"volume": ("batch", 1, *sides)},
        {"logits": ("batch", network.classes, *sides)},
        list(graph.constants.values()), OPSET, metadata,
    )  # fmt: skip


class _Graph(GraphNodes):
    """The nodes of a network."""

    def __init__(self, network: Network) -> None:
        super().__init__()
        self._network = network

    def seen(self, window: Window) -> None:
        """`Window.seen`: the volume clipped, then -1 to 1, as the image."""
        low, high = (self.number(name, getattr(window, name)) for name in ("low", "high"))
        x = self.node("Clip", ["volume", low, high], "clipped")
        x = self.node("Sub", [x, low], "above")
        x = self.node("Div", [x, self.number("half", (window.high - window.low) / 2)], "scaled")
        self.node("Sub", [x, self.number("one", 1.0)], "image")

    def number(self, name: str, value: float) -> str:
        """A number as a constant of that name."""
        from onnx import numpy_helper

        self.constants[name] = numpy_helper.from_array(np.array(value, np.float32), name)
        return name

    def whole(self) -> str:
        """All steps; gives the name of the logits."""
        network, last = self._network, len(self._network.size.channels) - 1
        x = self.conv("stem", network.stem, "image")
        skips = [x := self.residual("encoder.0", network.encoder[0], x)]
        for level in range(1, last + 1):
            x = self.down(f"down.{level - 1}", network.down[level - 1], x)
            name = "bottleneck" if level == last else f"encoder.{level}"
            x = self.module(name, network.module(name), x)
            skips.append(x)
        for level in range(last - 1, -1, -1):
            up = self.up(f"up.{level}", network.up[level], x)
            x = self.add(up, skips[level])
            own = network.decoder[level]
            name = f"decoder.{level}"
            if isinstance(own, ParallelModule):
                x = self.module(name, own, x)
            else:
                x = self.residual(name, own, x)
        if network.fine is None:
            return self.conv("heads.0", network.heads[0], x)
        return self.fine(network.fine, x)

    # -- parts ---------------------------------------------------------------------------

    def add(self, one: str, other: str) -> str:
        return self.node("Add", [one, other], f"{one}+{len(self.nodes)}")

    def active(self, x: str) -> str:
        return self.node("LeakyRelu", [x], f"{x}.active", alpha=SLOPE)

    def conv(self, name: str, layer: nn.Module, x: str) -> str:
        assert isinstance(layer, nn.Conv3d)
        assert layer.bias is not None
        inputs = [
            x,
            self.constant(f"{name}.weight", layer.weight.detach().cpu().numpy()),
            self.constant(f"{name}.bias", layer.bias.detach().cpu().numpy()),
        ]
        pads = [int(side) for side in layer.padding] * 2
        return self.node(
            "Conv", inputs, f"{name}.out",
            kernel_shape=list(layer.kernel_size), strides=list(layer.stride), pads=pads,
        )  # fmt: skip

    def norm(self, layer: nn.Module, x: str) -> str:
        assert isinstance(layer, nn.InstanceNorm3d)
        channels = layer.num_features
        ones = self.constant(f"ones.{channels}", np.ones(channels, np.float32))
        zeros = self.constant(f"zeros.{channels}", np.zeros(channels, np.float32))
        inputs = [x, ones, zeros]
        return self.node("InstanceNormalization", inputs, f"{x}.norm", epsilon=layer.eps)

    def residual(self, name: str, layer: nn.Module, x: str) -> str:
        assert isinstance(layer, Residual)
        found = self.norm(layer.norm, self.conv(f"{name}.conv", layer.conv, x))
        return self.active(self.add(found, x))

    def down(self, name: str, layer: nn.Module, x: str) -> str:
        assert isinstance(layer, Down)
        found = self.norm(layer.stride_norm, self.conv(f"{name}.stride", layer.stride, x))
        found = self.conv(f"{name}.conv", layer.conv, self.active(found))
        found = self.norm(layer.conv_norm, found)
        return self.active(self.add(found, self.conv(f"{name}.bypass", layer.bypass, x)))

    def up(self, name: str, layer: nn.Module, x: str) -> str:
        assert isinstance(layer, Up)
        scales = self.constant("twice", np.array((1, 1, 2, 2, 2), np.float32))
        found = self.conv(f"{name}.conv", layer.conv, x)
        return self.node(
            "Resize", [found, "", scales], f"{name}.fine",
            mode="nearest", coordinate_transformation_mode="asymmetric", nearest_mode="floor",
        )  # fmt: skip

    def module(self, name: str, layer: ParallelModule, x: str) -> str:
        found = x
        for at, place in enumerate(layer.places):
            if place in layer.masked:
                continue
            branch, own = layer.branch(place), f"{name}.branches.{place}"
            given = self.norm(branch.spread_norm, self.conv(f"{own}.spread", branch.spread, x))
            given = self.conv(f"{own}.mix", branch.mix, self.active(given))
            given = self.norm(branch.mix_norm, given)
            scale = layer.scales[at].detach().cpu().numpy().reshape(1)
            scaled = self.node(
                "Mul", [given, self.constant(f"{own}.scale", scale)], f"{own}.scaled"
            )
            found = self.add(found, scaled)
        return x if found == x else self.active(found)

    def fine(self, layer: Fine, x: str) -> str:
        image = self.norm(layer.norm, self.conv("fine.image", layer.image, "image"))
        found = self.active(self.add(image, self.up("fine.up", layer.up, x)))
        mixed = self.norm(layer.mix_norm, self.conv("fine.mix", layer.mix, found))
        return self.conv("fine.head", layer.head, self.active(self.add(found, mixed)))
