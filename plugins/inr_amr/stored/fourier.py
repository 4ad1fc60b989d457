"""Random Fourier features in front of a perceptron (Tancik et al. 2020), as files store them."""

from __future__ import annotations

import math
from collections.abc import Mapping

from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .facts import Facts
from .layers import Layer

COORDINATES = (2, 3, 4)
"""Numbers of coordinates that a field may take."""


def starts_of(matrices: Mapping[str, Tensor]) -> set[int]:
    """Numbers that a first layer takes behind one of the matrices, cosine and sine of each row."""
    sides = {
        2 * max(matrix.shape) for matrix in matrices.values() if min(matrix.shape) in COORDINATES
    }
    return sides | {
        2 * min(matrix.shape) for matrix in matrices.values() if max(matrix.shape) in COORDINATES
    }


def features_of(
    name: str, first: Layer, own: Mapping[str, Tensor], beside: Mapping[str, Tensor]
) -> tuple[Tensor | None, str]:
    """Give the (m, d) Fourier matrix in front of a first layer, and its name.

    Parameters
    ----------
    own, beside : mapping
        Candidates within the network, of which one must fit, and elsewhere in the file.

    Returns
    -------
    matrix : tensor or None
        Its rows are the frequencies.
    key : str

    Raises
    ------
    BadInput
        When a matrix within the network does not fit, or coordinates are joined to features.
    """
    for key, matrix in (*own.items(), *(beside.items() if first.inputs > 4 else ())):
        for turned in (matrix, matrix.T):
            if 2 * len(turned) == first.inputs and turned.shape[1] in COORDINATES:
                return turned.contiguous(), key
    if not own:
        return None, ""
    key, matrix = next(iter(own.items()))
    count, dimension = max(matrix.shape), min(matrix.shape)
    joined = ", but also the coordinates, which is not read" * (
        first.inputs == 2 * count + dimension
    )
    raise BadInput(
        f"'{name}' has '{key}' of shape {tuple(matrix.shape)}, but its first layer '{first.key}' "
        f"takes {first.inputs} numbers, not a sine and a cosine of each{joined}; the checkpoint is "
        "not consistent with a plain perceptron behind Fourier features."
    )


def as_read(
    facts: Facts, weight: Tensor, features: Tensor, ours: bool
) -> tuple[Tensor, Tensor, tuple[str, ...]]:
    """Turn what a file has into what `FieldNetwork` computes: cos(2 pi B x), then sin(2 pi B x).

    Parameters
    ----------
    facts : Facts
    weight : tensor
        Of the first layer.
    features : (m, d) tensor
    ours : bool
        Whether the file is of our own making, which needs no saying.

    Returns
    -------
    weight, features : tensor
    notices : tuple of str
        What was assumed.

    Raises
    ------
    BadInput
        When the order that is given is none.
    """
    name = facts.name
    order = facts.text("fourier", "cos,sin").replace(" ", "").lower()
    if order not in ("cos,sin", "sin,cos"):
        raise BadInput(f"'{name}' gives fourier as {order!r}; give 'cos,sin' or 'sin,cos'.")
    if order == "sin,cos":
        weight = weight.roll(len(features), dims=1)
    scale = facts.number("fourier_scale")
    if scale is not None:
        features = features * (scale / (2 * math.pi))
    unsaid = [fact for fact in ("fourier", "fourier_scale") if facts.said(fact) is None]
    if ours or not unsaid:
        return weight, features, ()
    factor = "2 pi" if scale is None else f"{scale:g}"
    read = ", ".join(f"{wave}({factor} B x)" for wave in order.split(","))
    ways = {
        "fourier": 'where sin comes first, put "fourier": "sin,cos"',
        "fourier_scale": 'where B has another factor, put it as "fourier_scale"',
    }
    hints = " and ".join(ways[fact] for fact in unsaid)
    notice = f"The Fourier features of '{name}' are read as {read}; {hints} in '{name}.json'."
    return weight, features, (notice,)
