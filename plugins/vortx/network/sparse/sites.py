"""Occupied voxels, and the maps between them that convolutions go by.

Places are packed into one integer each and sorted once; whoever stands at an offset is then found
by a search for a sum. Maps depend on places alone: they are made once, and shared by all
convolutions of a resolution and by all networks that look at the same voxels.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor

from prune3d_gui.core.errors import BadInput

_BITS = 20
_HALF = 1 << (_BITS - 1)
_MARGIN = 4  # places beyond the last one that offsets may lead to
OFFSETS3 = tuple((x, y, z) for z in (-1, 0, 1) for y in (-1, 0, 1) for x in (-1, 0, 1))
"""Of the 27 matrices of a kernel of 3^3, in their order (torchsparse's): x is the fastest."""
OFFSETS2 = tuple((x, y, z) for x in (0, 1) for y in (0, 1) for z in (0, 1))
"""Of the 8 matrices of a kernel of 2^3, in their order (torchsparse's): z is the fastest."""


def packed(places: Tensor) -> Tensor:
    """One integer for each place, which sorts as x, y, z do, and adds as they do.

    Parameters
    ----------
    places : (N, 3) int64

    Returns
    -------
    (N,) int64
    """
    x, y, z = (places.long() + _HALF).unbind(1)
    return (x << 2 * _BITS) + (y << _BITS) + z


def _shift(offset: tuple[int, int, int]) -> int:
    x, y, z = offset
    return (x << 2 * _BITS) + (y << _BITS) + z


@dataclass(frozen=True, eq=False)
class Halved:
    """Voxels of half the resolution, and what each of the finer ones is to them.

    Attributes
    ----------
    sites : Sites
        One for each voxel that holds a finer one.
    order : (N,) int64
        Finer voxels by corner.
    counts : list of int
        Finer voxels in each of the 8 corners, in the order of `OFFSETS2`.
    parents : (N,) int64
        Number of the voxel that holds each of `order`.
    back : (N,) int64
        Where each finer voxel stands in `order`.
    """

    sites: Sites
    order: Tensor
    counts: list[int]
    parents: Tensor
    back: Tensor


class Sites:
    """Occupied voxels.

    Parameters
    ----------
    places : (N, 3) int64
        Whole numbers of voxels, none twice.

    Raises
    ------
    BadInput
        If a place is too far away, or there twice.
    """

    def __init__(self, places: Tensor) -> None:
        self.places = places.long()
        if len(places) and int(self.places.abs().max()) >= _HALF - _MARGIN:
            raise BadInput(
                f"Voxel {int(self.places.abs().max())} is too far from the beginning of its "
                f"volume; take fewer than {_HALF - _MARGIN} voxels along each axis."
            )
        self._keys, self._order = packed(self.places).sort()
        if len(places) and not bool((self._keys[1:] > self._keys[:-1]).all()):
            raise BadInput("A voxel is there twice; give each place once.")

    def __len__(self) -> int:
        return len(self.places)

    def find(self, places: Tensor) -> Tensor:
        """Numbers of the voxels at these places: (M,) int64, `len(self)` where there is none."""
        return self._found(packed(places))

    def _found(self, keys: Tensor) -> Tensor:
        if not len(self):
            return torch.zeros_like(keys)
        at = torch.searchsorted(self._keys, keys).clamp_(max=len(self) - 1)
        return torch.where(self._keys[at] == keys, self._order[at], len(self))

    @cached_property
    def around(self) -> Tensor:
        """Number of the neighbour at each of `OFFSETS3`: (N, 27) int64, `len(self)` for none.

        Half of the offsets are looked for; who has a neighbour is the neighbour of it.
        """
        count, middle = len(self), len(OFFSETS3) // 2
        table = self.places.new_full((len(OFFSETS3), count + 1), count)
        numbers = torch.arange(count, device=table.device)
        table[middle, :count] = numbers
        for number in range(middle):
            found = self._found(self._keys + _shift(OFFSETS3[number]))
            table[number, self._order] = found
            # Those without one write into the last column, which is left out.
            table[len(OFFSETS3) - 1 - number, found] = self._order
        return table[:, :count].t().contiguous()

    @cached_property
    def halved(self) -> Halved:
        """Voxels of half the resolution."""
        above = self.places >> 1
        corner = ((self.places & 1) * self.places.new_tensor((4, 2, 1))).sum(1)
        keys, parents = packed(above).unique(return_inverse=True)
        first = torch.zeros_like(keys)
        first[parents] = torch.arange(len(self), device=keys.device)
        corners, order = corner.sort(stable=True)
        back = torch.empty_like(order)
        back[order] = torch.arange(len(self), device=keys.device)
        counts = torch.bincount(corners, minlength=len(OFFSETS2)).tolist()
        return Halved(Sites(above[first]), order, counts, parents[order], back)
