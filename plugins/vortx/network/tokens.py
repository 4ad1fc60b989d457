"""Pairs of a voxel and a view that sees it, packed: those that are not there cost nothing."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True, eq=False)
class Tokens:
    """Valid pairs of voxels and views; those of a voxel follow each other.

    Attributes
    ----------
    voxels : (T,) int64
        Number of the voxel of each; voxels that few views see come first.
    views : (T,) int64
        Number of the view.
    order : (N,) int64
        Voxels in their order, those that no view sees included, first.
    sizes : list of int
        Voxels that 0, 1, 2, ... views see.
    """

    voxels: Tensor
    views: Tensor
    order: Tensor
    sizes: list[int]

    def __len__(self) -> int:
        return len(self.voxels)

    def groups(self, rows: Tensor) -> list[Tensor]:
        """Rows of tokens (T, ...) as voxels and views: (G, n, ...), for each number of views n.

        Numbers that no voxel has are left out, as is 0.
        """
        there = [(n, count) for n, count in enumerate(self.sizes) if n and count]
        parts = rows.split([n * count for n, count in there])
        return [
            part.view(count, n, *rows.shape[1:])
            for part, (n, count) in zip(parts, there, strict=True)
        ]

    def of_voxels(self, parts: list[Tensor], unseen: Tensor) -> Tensor:
        """Put rows of groups where their voxels stand.

        Parameters
        ----------
        parts : list of (G, C)
            One for each of `groups`.
        unseen : (C,)
            Of voxels that no view sees.

        Returns
        -------
        (N, C)
        """
        rows = torch.cat([unseen.expand(self.sizes[0], -1), *parts])
        back = torch.empty_like(self.order)
        back[self.order] = torch.arange(len(back), device=back.device)
        return rows.index_select(0, back)


def tokens_of(valid: Tensor) -> Tokens:
    """Pack.

    Parameters
    ----------
    valid : (N, V) bool
        Whether a view sees a voxel.
    """
    counts = valid.sum(1)
    order = counts.argsort(stable=True)
    rows, views = valid[order].nonzero(as_tuple=True)
    return Tokens(order[rows], views, order, torch.bincount(counts, minlength=1).tolist())
