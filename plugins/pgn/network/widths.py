"""How wide each layer of an AtlasNet is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True, slots=True)
class Widths:
    """Channels of every layer; the defaults are those of the released networks.

    Parameters
    ----------
    bottleneck : int
        Length of the latent vector, which is also the width of each decoder's ``conv1``.
    hidden : tuple of (tuple of int)
        For each primitive: outputs of ``conv2`` and of ``conv_list``.
    stages : tuple of 4 int
        Channels between the blocks of ``layer1`` to ``layer4``; the first is the stem's too.
    inner : tuple of 8 int
        Channels within each block, two blocks a layer.
    """

    bottleneck: int = 1024
    hidden: tuple[tuple[int, ...], ...] = ((512, 512, 512),)
    stages: tuple[int, ...] = (64, 128, 256, 512)
    inner: tuple[int, ...] = (64, 64, 128, 128, 256, 256, 512, 512)

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> Widths:
        """Read the widths from the shapes of a state dict.

        Raises
        ------
        KeyError
            With the name of a tensor that is not there.
        """
        blocks = [f"encoder.layer{layer}.{block}" for layer in (1, 2, 3, 4) for block in (0, 1)]
        hidden = []
        for index in _numbers(state, "decoder.decoder."):
            own = f"decoder.decoder.{index}"
            lists = (f"{own}.conv_list.{i}" for i in _numbers(state, f"{own}.conv_list."))
            names = [f"{own}.conv2", *lists]
            hidden.append(tuple(state[f"{name}.weight"].shape[0] for name in names))
        return cls(
            state["encoder.fc.weight"].shape[0],
            tuple(hidden),
            tuple(state[f"{block}.conv2.weight"].shape[0] for block in blocks[::2]),
            tuple(state[f"{block}.conv1.weight"].shape[0] for block in blocks),
        )


def _numbers(state: Mapping[str, Tensor], prefix: str) -> range:
    """Count the modules of a list, given how their names begin."""
    parts = {key.removeprefix(prefix).split(".")[0] for key in state if key.startswith(prefix)}
    return range(sum(part.isdigit() for part in parts))
