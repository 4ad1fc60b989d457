"""Compact sparse files: a bit for every element, and the values that are not zero.

``docs/sparse.md`` describes the format for those who read it without this program.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping
from pathlib import Path

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput

from ..atomic import writing
from .containers import read_content

VERSION = "1"
MARK, SHAPES = "sparse_format", "sparse_shapes"
MASK, VALUES = "::mask", "::values"


def write_sparse(
    path: str | Path,
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str],
    dtype: torch.dtype = torch.float32,
) -> int:
    """Write a state dict, each tensor as mask and values where that is smaller.

    Parameters
    ----------
    path : path
        File to write, whole or not at all.
    tensors : mapping
        Tensors by name, on any device.
    metadata : mapping
        Text by name; the version and the shapes are added.
    dtype : {torch.float32, torch.float16}
        Of the values; with float16 only tensors of two dimensions or more are halved, and of
        them those whose values float16 can hold: the others cost little and need the digits.

    Returns
    -------
    int
        Size of the file in bytes.

    Raises
    ------
    BadInput
        When the file cannot be written.
    """
    content = safetensors.torch.save(*packed(tensors, metadata, dtype))
    with writing(path) as temporary:
        temporary.write_bytes(content)
    return len(content)


def packed(
    tensors: Mapping[str, Tensor],
    metadata: Mapping[str, str],
    dtype: torch.dtype = torch.float32,
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Give what a sparse file holds, its tensors and its text; see `write_sparse`."""
    stored, shapes = {}, {}
    for name, tensor in tensors.items():
        own = _cast(tensor.detach().cpu().contiguous(), dtype)
        flat = own.reshape(-1)
        kept = _kept(flat)
        if mask_bytes(len(flat), int(kept.sum()), own.element_size()) < own.nbytes:
            bits = np.packbits(kept.numpy(), bitorder="little")
            stored[name + MASK] = torch.from_numpy(bits)
            stored[name + VALUES] = flat[kept]
            shapes[name] = list(own.shape)
        else:
            stored[name] = own.clone()
    return stored, dict(metadata) | {MARK: VERSION, SHAPES: json.dumps(shapes)}


def read_sparse(path: str | Path) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Read what `write_sparse` wrote, as dense tensors.

    Returns
    -------
    tensors : dict
        By name, in the type they are stored in; bit for bit what was written in that type.
    metadata : dict
        Text by name.

    Raises
    ------
    BadInput
        When the file cannot be read or is none of these.
    """
    content = read_content(Path(path))
    if MARK not in content.about:
        raise BadInput(f"'{Path(path).name}' is no compact sparse file; open it as a checkpoint.")
    return expand(Path(path).name, content.tree, content.about)


def expand(
    name: str, stored: Mapping[str, Tensor], metadata: Mapping[str, str]
) -> tuple[dict[str, Tensor], dict[str, str]]:
    """Make dense tensors of the masks and values of a file that has the mark `MARK`.

    Parameters
    ----------
    name : str
        Of the file, for what is said when it is damaged.
    stored, metadata : mapping
        What is in the file.
    """
    if metadata[MARK] != VERSION:
        raise BadInput(
            f"'{name}' is a compact sparse file of version {metadata[MARK]!r}, and this program "
            f"reads version {VERSION}; update it."
        )
    try:
        shapes = json.loads(metadata[SHAPES])
        tensors = {key: stored[key] for key in stored if not key.endswith((MASK, VALUES))} | {
            key: _dense(stored[key + MASK], stored[key + VALUES], shape)
            for key, shape in shapes.items()
        }
    except (KeyError, ValueError, TypeError, AttributeError, RuntimeError) as error:
        raise BadInput(
            f"'{name}' is damaged: its masks and values do not belong together; download or "
            "save it again."
        ) from error
    return tensors, {k: v for k, v in metadata.items() if k not in (MARK, SHAPES)}


def mask_bytes(elements: int, nonzero: int, itemsize: int = 4) -> int:
    """Bytes of one tensor as mask and values: ``ceil(elements / 8) + itemsize x nonzero``."""
    return math.ceil(elements / 8) + itemsize * nonzero


def sparse_bytes(tensors: Iterable[tuple[int, int]], itemsize: int = 4) -> int:
    """Bytes that tensors take in a sparse file, its header left out.

    Parameters
    ----------
    tensors : iterable of (elements, nonzero)
        One pair for each tensor; it stays dense where that is smaller.
    itemsize : int
        Bytes of a value: 4 for float32, 2 for float16.
    """
    return sum(min(itemsize * n, mask_bytes(n, nonzero, itemsize)) for n, nonzero in tensors)


def _cast(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    if dtype != torch.float16 or tensor.dim() < 2 or not tensor.is_floating_point():
        return tensor
    half = tensor.half()
    return half if half.isfinite().all() else tensor


def _kept(flat: Tensor) -> Tensor:
    """Which elements are anything else than the bits of zero; a negative zero is kept."""
    return (flat != 0) | flat.signbit() if flat.is_floating_point() else flat != 0


def _dense(mask: Tensor, values: Tensor, shape: list[int]) -> Tensor:
    count = math.prod(shape)
    if min(shape, default=0) < 0 or len(mask) != math.ceil(count / 8):
        raise ValueError("mask and shape differ")
    bits = np.unpackbits(mask.numpy(), count=count, bitorder="little").astype(bool)
    if int(bits.sum()) != len(values):
        raise ValueError("mask and values differ")
    dense = torch.zeros(count, dtype=values.dtype)
    dense[torch.from_numpy(bits)] = values
    return dense.reshape(shape)
