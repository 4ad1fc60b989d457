"""Tensors as files store them, made plain: dense, float32, and free of masks and the like."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from ...core.errors import BadInput


def plain(name: str, key: str, value: Tensor | np.ndarray) -> Tensor:
    """Make one tensor plain.

    Parameters
    ----------
    name, key : str
        The file and the tensor, for what is said.
    value : tensor or array
        Dense or sparse, of any type, shape and stride.

    Returns
    -------
    Tensor
        A contiguous copy on the CPU, float32 where it holds numbers with fractions; other
        types stay as they are.

    Raises
    ------
    BadInput
        When it is quantised, or holds complex numbers or text.
    """
    if isinstance(value, np.ndarray):
        if value.dtype.kind not in "biuf":
            raise BadInput(f"'{name}' has '{key}' of type {value.dtype}, not plain numbers.")
        wide = value.dtype.kind == "f" and value.dtype.itemsize > 8
        value = torch.from_numpy(np.array(value, "f8" if wide else value.dtype.newbyteorder("=")))
    if value.is_quantized:
        raise BadInput(
            f"'{name}' has '{key}' quantised ({str(value.dtype)[6:]}); choose the file from before "
            "quantisation."
        )
    if value.is_complex():
        raise BadInput(f"'{name}' has '{key}' of complex numbers, which no network here takes.")
    value = value.detach().cpu()
    if value.layout != torch.strided:
        value = value.to_dense()
    kind = torch.float32 if value.is_floating_point() else value.dtype
    # A copy: tensors inside a mapped file are not aligned, which changes the last bit.
    return value.to(kind, copy=True, memory_format=torch.contiguous_format)


def folded(name: str, tensors: Mapping[str, Tensor]) -> tuple[dict[str, Tensor], tuple[str, ...]]:
    """Put the weights that layers compute with in the place of what they are made from.

    Masks of ``torch.nn.utils.prune`` (``X_orig``, ``X_mask``), weight norm (Salimans & Kingma
    2016; ``X_g``, ``X_v``) and spectral norm (Miyato et al. 2018; ``X_orig``, ``X_u``, ``X_v``),
    as hooks leave them and as ``parametrizations.X``.

    Parameters
    ----------
    name : str
        The file, for what is said.
    tensors : mapping
        Tensors by name.

    Returns
    -------
    tensors : dict
        In the order of the file; parts of what is not known stay as they are.
    notices : tuple of str
        What was folded.

    Raises
    ------
    BadInput
        When parts do not fit together.
    """
    state, told = dict(tensors), Counter[str]()
    for what, hooked, parametrised, make in _RECIPES:
        for key in tensors:
            target, names = _parts(key, hooked, parametrised)
            if not names or not state.keys() >= set(names):
                continue
            try:
                made = make(*(state[part] for part in names))
            except RuntimeError as error:
                shapes = ", ".join(str(tuple(state[part].shape)) for part in names)
                raise BadInput(
                    f"'{name}' has '{target}' in parts of shapes {shapes}, which do not fit."
                ) from error
            if made is None:
                continue
            dropped = set(names) - {key}
            state = {
                target if own == key else own: made if own == key else tensor
                for own, tensor in state.items()
                if own not in dropped
            }
            told[what] += 1
    return state, tuple(
        f"The {what} in '{name}' {'was' if what.endswith('norm') else 'were'} applied to "
        f"{count} tensor{'s' * (count > 1)}."
        for what, count in told.items()
    )


def _parts(
    key: str, hooked: tuple[str, ...], parametrised: tuple[str, ...]
) -> tuple[str, tuple[str, ...]]:
    """Name what a first part belongs to, and all of its parts; nothing for other tensors."""
    match = _PARAMETRISED.fullmatch(key)
    if match is None:
        base = key.removesuffix(hooked[0])
        return base, () if base == key else tuple(base + part for part in hooked)
    names = tuple(f"{match['head']}parametrizations.{match['leaf']}.{p}" for p in parametrised)
    return match["head"] + match["leaf"], names if key == names[0] else ()


def _spectral(weight: Tensor, u: Tensor, v: Tensor) -> Tensor:
    """Divide by the largest singular value as it was last estimated."""
    turned = weight if len(weight) == len(u) else weight.transpose(0, 1)
    return weight / torch.dot(u, turned.flatten(1) @ v)


def _normed(length: Tensor, direction: Tensor) -> Tensor | None:
    """Scale each slice to its length; None for tensors that only happen to be named so."""
    if not length.dim():
        return direction * (length / torch.linalg.vector_norm(direction))
    axes = [axis for axis, count in enumerate(length.shape) if count == 1]
    slices = [1 if axis in axes else count for axis, count in enumerate(direction.shape)]
    if list(length.shape) != slices or not axes:
        return None
    return direction * (length / torch.linalg.vector_norm(direction, dim=axes, keepdim=True))


_PARAMETRISED = re.compile(r"(?P<head>(?:.*\.)?)parametrizations\.(?P<leaf>\w+)\..+")
_RECIPES = (
    ("masks", ("_orig", "_mask"), ("original", "0.mask"), torch.mul),
    ("spectral norm", ("_orig", "_u", "_v"), ("original", "0._u", "0._v"), _spectral),
    ("weight norm", ("_g", "_v"), ("original0", "original1"), _normed),
)
