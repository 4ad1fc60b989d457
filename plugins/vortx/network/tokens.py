"""Pairs of a voxel and a view that sees it, packed: those that are not there cost nothing."""

from __future__ import annotations

from collections.abc import Iterator
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

    def split(self, most: int) -> Iterator[tuple[slice, slice, Tokens]]:
        """Cut into parts of at most so many pairs; voxels that as many views see stay together.

        Parameters
        ----------
        most : int
            Where one voxel has more, it is a part alone.

        Yields
        ------
        voxels, pairs : slice
            Of `order`, and of these pairs.
        tokens : Tokens
            Of these voxels, numbered from 0 on; those that no view sees are in the first part.
        """
        sizes, held, voxel, pair = [self.sizes[0]], 0, 0, 0
        for views in range(1, len(self.sizes)):
            left = self.sizes[views]
            while left:
                if held and held + views > most:
                    yield (*self._cut(voxel, pair, sizes, held),)
                    voxel, pair, sizes, held = voxel + sum(sizes), pair + held, [0], 0
                taken = min(left, max((most - held) // views, 1))
                sizes += [0] * (views + 1 - len(sizes))
                sizes[views] += taken
                held, left = held + taken * views, left - taken
        if sum(sizes):
            yield (*self._cut(voxel, pair, sizes, held),)

    def _cut(
        self, voxel: int, pair: int, sizes: list[int], held: int
    ) -> tuple[slice, slice, Tokens]:
        numbers = torch.arange(sum(sizes), device=self.order.device)
        times = torch.arange(len(sizes), device=numbers.device).repeat_interleave(
            torch.tensor(sizes, device=numbers.device)
        )
        pairs = slice(pair, pair + held)
        own = Tokens(numbers.repeat_interleave(times), self.views[pairs], numbers, sizes)
        return slice(voxel, voxel + len(numbers)), pairs, own

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
