"""Memory of a training step: what is kept of the network, and what the backward pass needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from torch import Tensor, nn
from torch.autograd.graph import saved_tensors_hooks

COPIES = 5
"""Of each weight: itself, its gradient, two moments of AdamW, and the average."""


class Held:
    """Bytes that a forward pass holds for the backward one.

    Attributes
    ----------
    bytes : int
        Of storages, each once; weights are left out.
    """

    def __init__(self, network: nn.Module) -> None:
        self._weights = {parameter.data_ptr() for parameter in network.parameters()}
        self._seen: dict[int, int] = {}

    def see(self, tensor: Tensor) -> Tensor:
        """Count what is kept, and keep it."""
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in self._weights:
            self._seen[storage.data_ptr()] = storage.nbytes()
        return tensor

    @property
    def bytes(self) -> int:
        """Bytes by now."""
        return sum(self._seen.values())


@contextmanager
def held_by(network: nn.Module) -> Iterator[Held]:
    """Count what forward passes inside hold; the numbers they give stay the same."""
    held = Held(network)
    with saved_tensors_hooks(held.see, lambda tensor: tensor):
        yield held


def weight_bytes(network: nn.Module) -> int:
    """Bytes of weights, gradients, moments and averages, float32."""
    return COPIES * 4 * sum(parameter.numel() for parameter in network.parameters())
