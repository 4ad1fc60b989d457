"""The network of a neural field: a small perceptron from coordinates to one value."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import cast

import torch
from torch import Tensor, nn

from prune3d_gui.core.errors import BadInput

ACTIVATIONS = ("sine", "relu", "tanh", "silu")
CHUNK = 65_536
"""Points that pass through the network at once, which bounds the memory it takes."""


class FieldNetwork(nn.Module):
    """A multilayer perceptron, with random Fourier features in front if it has them.

    Every hidden layer is ``a(omega (W x + b))`` with `omega` 1 unless the activation is the
    sine of a SIREN (Sitzmann et al. 2020); the last layer is linear.

    Parameters
    ----------
    widths : sequence of int
        Neurons per layer from the coordinates (or Fourier features) to the output.
    activation : {"sine", "relu", "tanh", "silu"}
    omegas : sequence of float
        Frequency of each hidden layer; only the sine uses it. Empty for 1 everywhere.
    features : (m, d) tensor or None
        Fourier matrix B: the first layer sees cos(2 pi B x), sin(2 pi B x), 2 m numbers
        (Tancik et al. 2020).

    Raises
    ------
    BadInput
        If the activation is unknown or the widths do not fit the features.
    """

    features: Tensor | None

    def __init__(
        self,
        widths: Sequence[int],
        activation: str = "sine",
        omegas: Sequence[float] = (),
        features: Tensor | None = None,
    ) -> None:
        super().__init__()
        if activation not in ACTIVATIONS:
            raise BadInput(
                f"The activation {activation!r} is unknown; take one of {', '.join(ACTIVATIONS)}."
            )
        if features is not None and 2 * features.shape[0] != widths[0]:
            raise BadInput(
                f"The first layer takes {widths[0]} numbers but {features.shape[0]} Fourier "
                f"features give {2 * features.shape[0]}; the checkpoint is not consistent."
            )
        self.activation = activation
        self.omegas = tuple(omegas) or (1.0,) * (len(widths) - 2)
        self.register_buffer("features", features)
        layers = nn.ModuleList(nn.Linear(a, b) for a, b in itertools.pairwise(widths))
        self.layers = cast("Sequence[nn.Linear]", layers)  # a list of them knows modules only

    @property
    def inputs(self) -> int:
        """Number of coordinates."""
        return self.layers[0].in_features if self.features is None else self.features.shape[1]

    @property
    def widths(self) -> tuple[int, ...]:
        """Neurons of each hidden layer."""
        return tuple(layer.out_features for layer in self.layers[:-1])

    @property
    def parameters_count(self) -> int:
        """Weights and biases; the Fourier matrix is fixed and not counted."""
        return sum(parameter.numel() for parameter in self.parameters())

    @property
    def macs(self) -> int:
        """Multiply-accumulates of one evaluation, the Fourier product included."""
        own = 0 if self.features is None else self.features.numel()
        return own + sum(layer.weight.numel() for layer in self.layers)

    def encode(self, coordinates: Tensor) -> Tensor:
        """Give what the first layer sees: the coordinates or their Fourier features."""
        if self.features is None:
            return coordinates
        angles = 2 * math.pi * coordinates @ self.features.T
        return torch.cat([torch.cos(angles), torch.sin(angles)], dim=-1)

    def activate(self, values: Tensor, layer: int) -> Tensor:
        """Apply the nonlinearity of hidden layer number `layer`."""
        if self.activation == "sine":
            return torch.sin(self.omegas[layer] * values)
        return getattr(torch.nn.functional, self.activation)(values)

    def hidden(self, coordinates: Tensor) -> list[Tensor]:
        """Give the activations of every hidden layer: a list of (..., width)."""
        found, values = [], self.encode(coordinates)
        for number, layer in enumerate(self.layers[:-1]):
            values = self.activate(layer(values), number)
            found.append(values)
        return found

    def forward(self, coordinates: Tensor) -> Tensor:
        """Evaluate the field: (..., d) to (...)."""
        values = self.encode(coordinates)
        for number, layer in enumerate(self.layers[:-1]):
            values = self.activate(layer(values), number)
        return self.layers[-1](values)[..., 0]

    @torch.inference_mode()
    def evaluate(self, coordinates: Tensor) -> Tensor:
        """Evaluate the field in chunks, without gradients: (n, d) to (n,)."""
        if len(coordinates) <= CHUNK:
            return self(coordinates)
        return torch.cat([self(part) for part in coordinates.split(CHUNK)])
