"""A small dense network: the same U shape without branches in parallel, as a baseline."""

from __future__ import annotations

import torch

from prune3d_gui.core.errors import BadInput

from ..network.network import Network
from ..network.sizes import SIZES, Size

_KERNEL = ((3, 3, 3),)
_STEP, _MOST = 0.005, 4.0  # of the scale of channels
_FINEST = 20


def parameters_of(size: Size, classes: int) -> int:
    """Parameters of a network of this size."""
    with torch.device("meta"):
        network = Network(size, classes)
    return sum(parameter.numel() for parameter in network.parameters())


def dense_size(parameters: int, classes: int) -> Size:
    """The size of a dense network with so many parameters, as nearly as channels allow.

    It is the laptop size with other channels, all scaled alike, and one ordinary convolution of
    3 x 3 x 3 in the place of a module's branches.

    Raises
    ------
    BadInput
        If there is none of so many parameters.
    """
    low, high = _FINEST, int(_MOST / _STEP)
    while high - low > 1:  # more channels have more parameters
        middle = (low + high) // 2
        few = parameters_of(_scaled(middle), classes) <= parameters
        low, high = (middle, high) if few else (low, middle)
    near = {parameters_of(_scaled(n), classes): _scaled(n) for n in (low, high)}
    count = min(near, key=lambda own: abs(own - parameters))
    if abs(count - parameters) > 0.1 * parameters:
        raise BadInput(
            f"There is no dense network of {parameters:,} parameters; the nearest has {count:,}."
        )
    return near[count]


def _scaled(steps: int) -> Size:
    widths = tuple(max(round(width * steps * _STEP), 1) for width in SIZES["laptop"].channels)
    return Size("dense", widths, 0.5, _KERNEL, half=True)
