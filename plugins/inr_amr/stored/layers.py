"""The layers among the tensors of a file: which belong together, and what is left over."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput

from .known import omega_role

MOST_COMPARED = 1000
"""Layers of which copies are looked for; no field has so many."""

_WEIGHT = re.compile(r"(?<![a-z])(?:weights?|kernels?|w)(?![a-z])", re.I)
_KERNEL = re.compile(r"(?<![a-z])kernels?(?![a-z])", re.I)
_BIAS = re.compile(r"(?<![a-z])(?:bias(?:es)?|b)(?![a-z])", re.I)
_FOURIER = re.compile(r"(?:^|[._])[Bb](?:$|[._])|(?i:gauss|fourier|features|freq)")


@dataclass(frozen=True, eq=False)
class Layer:
    """One layer of neurons.

    Attributes
    ----------
    name : str
        What its tensors' names have in common, such as ``net.0.linear``.
    key : str
        Name of its weight tensor.
    weight : (out, in) float32 tensor
    bias : (out,) float32 tensor or None
    """

    name: str
    key: str
    weight: Tensor
    bias: Tensor | None

    @property
    def inputs(self) -> int:
        """Numbers it takes."""
        return self.weight.shape[1]

    @property
    def outputs(self) -> int:
        """Numbers it gives."""
        return self.weight.shape[0]


@dataclass(frozen=True, eq=False)
class Gathered:
    """The tensors of a file, sorted by what they are.

    Attributes
    ----------
    layers : tuple of Layer
        In the order of the file.
    matrices : dict of Tensor
        What may be a Fourier matrix, by name.
    omegas : dict of Tensor
        Frequencies of sines, by name.
    extra : dict of Tensor
        What no plain perceptron has.
    notices : tuple of str
        What was assumed.
    """

    layers: tuple[Layer, ...]
    matrices: dict[str, Tensor]
    omegas: dict[str, Tensor]
    extra: dict[str, Tensor]
    notices: tuple[str, ...] = ()


def gather(name: str, tensors: Mapping[str, Tensor]) -> Gathered:
    """Sort the tensors of a file by what they are.

    Empty tensors and whole numbers that only count are left out, and so are layers that stand in
    the file a second time, bit for bit.

    Parameters
    ----------
    name : str
        The file, for what is said.
    tensors : mapping
        By name, float32 where they hold fractions.

    Raises
    ------
    BadInput
        When weights are whole numbers, or biases do not fit them.
    """
    left = {
        key: tensor for key, tensor in tensors.items() if tensor.numel() and not _counts(tensor)
    }
    omegas = {key: tensor for key, tensor in left.items() if omega_role(key) and tensor.dim() < 2}
    left = {key: tensor for key, tensor in left.items() if key not in omegas}
    weights = {
        key: tensor.reshape(tensor.shape[:2])
        for key, tensor in left.items()
        if tensor.dim() >= 2 and all(side == 1 for side in tensor.shape[2:])
    }
    biases = {
        _slot(key, _BIAS): key for key, t in left.items() if t.numel() == max(t.shape, default=0)
    }
    slots = {key: _slot(key, _WEIGHT) for key in weights if _slot(key, _WEIGHT)}
    of = {
        key: biases[slot] for key, slot in slots.items() if slot in biases and biases[slot] != key
    }
    named = [
        key for key in weights if _FOURIER.search(key) and key not in of and key not in of.values()
    ]
    if set(slots) <= set(named):
        named = [key for key in named if key not in slots]
    keys = [key for key in slots if key not in named]
    for key in (*keys, *(of[key] for key in keys if key in of)):
        if not left[key].is_floating_point():
            raise BadInput(
                f"'{name}' has '{key}' stored as {str(left[key].dtype)[6:]}, not as floating "
                "point; choose the file from before quantisation."
            )
    layers = [
        Layer(
            ".".join(part.strip("_") for part in re.split(r"[.*]+", slots[key]) if part.strip("_")),
            key,
            weights[key].T.contiguous() if _KERNEL.search(key) else weights[key],
            left[of[key]].flatten() if key in of else None,
        )
        for key in keys
    ]
    layers, notices = _turned(name, layers)
    used = {*keys, *of.values(), *named}
    extra = {key: tensor for key, tensor in left.items() if key not in used}
    matrices = {key: weights[key].float() for key in named}
    return Gathered(tuple(_once(layers)), matrices, omegas, extra, notices)


def _counts(tensor: Tensor) -> bool:
    return tensor.numel() == 1 and not tensor.is_floating_point()


def _slot(key: str, pattern: re.Pattern[str]) -> str:
    """Put a star where a name says what the tensor is; nothing where it does not."""
    found = [*pattern.finditer(key)]
    return f"{key[: found[-1].start()]}*{key[found[-1].end() :]}" if found else ""


def _turned(name: str, layers: list[Layer]) -> tuple[list[Layer], tuple[str, ...]]:
    """Turn all weights around where only then every bias fits."""
    biased = [(layer, layer.bias) for layer in layers if layer.bias is not None]
    wrong = next(((own, bias) for own, bias in biased if len(bias) != own.outputs), None)
    if wrong is None:
        return layers, ()
    if len(biased) == len(layers) and all(len(bias) == own.inputs for own, bias in biased):
        turned = [replace(own, weight=own.weight.T.contiguous()) for own in layers]
        return turned, (f"The weights in '{name}' stand inputs first; they were turned around.",)
    raise BadInput(
        f"'{name}' has {tuple(wrong[1].shape)} biases for the {wrong[0].outputs} neurons of "
        f"'{wrong[0].key}'; the checkpoint is not consistent."
    )


def _once(layers: list[Layer]) -> list[Layer]:
    """Leave out copies where the file holds all of its layers equally often."""
    if len(layers) > MOST_COMPARED:
        return layers
    kept: list[Layer] = []
    copies: list[int] = []
    for layer in layers:
        own = next((number for number, other in enumerate(kept) if _same(layer, other)), None)
        if own is None:
            kept.append(layer)
            copies.append(1)
        else:
            copies[own] += 1
    return kept if len(set(copies)) == 1 else layers


def _same(one: Layer, other: Layer) -> bool:
    if not torch.equal(one.weight, other.weight):
        return False
    if one.bias is None or other.bias is None:
        return one.bias is other.bias
    return torch.equal(one.bias, other.bias)
