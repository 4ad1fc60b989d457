"""Layers on occupied voxels, with the names and kernels of torchsparse 1.4.

A convolution looks at what stands around each voxel; where nothing stands it sees zeros, and
where none stands it says nothing (a submanifold convolution). Kernels are (k^3, in, out), those of
one voxel (in, out); there are no biases.
"""

from __future__ import annotations

import math
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.functional import batch_norm

from .sites import Halved, Sites

CHUNK = 1 << 17
"""Most numbers that are gathered at a time; more of them leave the caches (2 to 3 times slower)."""


class _Gathered:
    """What stands around voxels, side by side, some of them at a time, in memory that is reused.

    Parameters
    ----------
    values : (N, C)
    table : (M, 27) int64
        Numbers of neighbours, N for none, who reads as zeros.
    """

    def __init__(self, values: Tensor, table: Tensor) -> None:
        self._rows, self._table = torch.cat((values, values.new_zeros((1, values.shape[1])))), table
        across = table.shape[1] * values.shape[1]
        length = max(CHUNK // across, 64)
        self.parts = [slice(at, at + length) for at in range(0, len(table), length)]
        self._made = values.new_empty((min(length, len(table)), across))

    def __getitem__(self, part: slice) -> Tensor:
        """(n, 27 * C); good until the next one is asked for."""
        numbers = self._table[part]
        made = self._made[: len(numbers)]
        rows = made.view(-1, self._rows.shape[1])
        torch.index_select(self._rows, 0, numbers.view(-1), out=rows)
        return made


def _around(values: Tensor, table: Tensor, kernel: Tensor) -> Tensor:
    """Sum over offsets of kernel times neighbour: (N, out)."""
    count, inner, outer = kernel.shape
    gathered = _Gathered(values, table)
    flat = kernel.reshape(count * inner, outer)
    out = values.new_empty((len(table), outer))
    for part in gathered.parts:
        torch.mm(gathered[part], flat, out=out[part])
    return out


class _Around(torch.autograd.Function):
    """`_around` of neighbours; being one is mutual, so that the gradient gathers, too."""

    @staticmethod
    def forward(ctx: Any, values: Tensor, table: Tensor, kernel: Tensor) -> Tensor:
        ctx.save_for_backward(values, table, kernel)
        return _around(values, table, kernel)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor | None, None, Tensor | None]:
        values, table, kernel = ctx.saved_tensors
        given = gradients[0].contiguous()
        before = of_kernel = None
        if ctx.needs_input_grad[0]:
            before = _around(given, table, kernel.flip(0).transpose(1, 2).contiguous())
        if ctx.needs_input_grad[2]:
            gathered = _Gathered(values, table)
            flat = kernel.new_zeros((kernel.shape[0] * kernel.shape[1], kernel.shape[2]))
            for part in gathered.parts:
                flat.addmm_(gathered[part].t(), given[part])
            of_kernel = flat.view(kernel.shape)
        return before, None, of_kernel


class Conv3d(nn.Module):
    """A convolution of 3^3 voxels, or of one.

    Parameters
    ----------
    inner, outer : int
        Channels.
    size : int
        3 or 1.
    """

    def __init__(self, inner: int, outer: int, size: int = 3) -> None:
        super().__init__()
        volume = size**3
        shape = (volume, inner, outer) if volume > 1 else (inner, outer)
        bound = 1 / math.sqrt(inner * volume)
        self.kernel = nn.Parameter(torch.empty(shape).uniform_(-bound, bound))

    def forward(self, values: Tensor, sites: Sites) -> Tensor:
        """(N, in) to (N, out)."""
        if self.kernel.ndim == 2:
            return values @ self.kernel
        result: Tensor = _Around.apply(values, sites.around, self.kernel)
        return result


class BatchNorm(nn.BatchNorm1d):
    """Batch norm over voxels; one voxel alone is normed as it will be after training."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C) to (N, C)."""
        if self.training and len(input) > 1:
            return super().forward(input)
        return batch_norm(
            input, self.running_mean, self.running_var, self.weight, self.bias, eps=self.eps
        )


class Down(nn.Module):
    """A convolution of 2^3 voxels into the one that holds them.

    Parameters
    ----------
    inner, outer : int
        Channels.
    """

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(inner * 8)
        self.kernel = nn.Parameter(torch.empty(8, inner, outer).uniform_(-bound, bound))

    def forward(self, values: Tensor, halved: Halved) -> Tensor:
        """(N, in) to (M, out)."""
        parts = values.index_select(0, halved.order).split(halved.counts)
        made = torch.cat([part @ own for part, own in zip(parts, self.kernel, strict=True)])
        out = made.new_zeros((len(halved.sites), made.shape[1]))
        return out.index_add(0, halved.parents, made)


class Up(nn.Module):
    """A transposed convolution: from a voxel into those of the 2^3 finer ones that are there.

    Parameters
    ----------
    inner, outer : int
        Channels.
    """

    def __init__(self, inner: int, outer: int) -> None:
        super().__init__()
        bound = 1 / math.sqrt(inner)
        self.kernel = nn.Parameter(torch.empty(8, inner, outer).uniform_(-bound, bound))

    def forward(self, values: Tensor, halved: Halved) -> Tensor:
        """(M, in) to (N, out)."""
        parts = values.index_select(0, halved.parents).split(halved.counts)
        made = torch.cat([part @ own for part, own in zip(parts, self.kernel, strict=True)])
        return made.index_select(0, halved.back)
