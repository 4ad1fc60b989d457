"""What is kept between reconstructions, by what it depends on.

Features depend on the 2D weights and the photographs; what is fused, on these, on the weights of
fusion, on cameras, box and views; maps of convolutions, on places alone. So a change of one module
makes again what hangs on it, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import TypeVar

import torch
from torch import Tensor

from prune3d_gui.core.newest import Newest

from ..network.sparse.sites import Sites

Value = TypeVar("Value")
FEATURES = 1 << 30
"""Bytes of features that are kept; those of 2,000 photographs of 320 x 240 pixels."""


class Rows:
    """Fused rows of voxels, of which those that are not there yet are made.

    Parameters
    ----------
    sites : Sites
    rows : (N, C)
    """

    def __init__(self, sites: Sites, rows: Tensor) -> None:
        self.sites, self.rows = sites, rows

    def of(self, sites: Sites, make: Callable[[Tensor], Tensor]) -> tuple[Tensor, int]:
        """Rows of other voxels.

        Parameters
        ----------
        sites : Sites
        make : callable
            Numbers of voxels among `sites` to their rows.

        Returns
        -------
        rows : (M, C)
        made : int
            How many were not known.
        """
        at = self.sites.find(sites.places)
        unknown = (at == len(self.sites)).nonzero()[:, 0]
        rows = self.rows.index_select(0, at.clamp(max=max(len(self.sites) - 1, 0)))
        if len(unknown):
            rows[unknown] = make(unknown)
        return rows, len(unknown)


class Caches:
    """All that a model keeps.

    Parameters
    ----------
    most : int
        Scenes of which something is kept.
    """

    def __init__(self, most: int = 2) -> None:
        self.features = features()
        self.looked = 0
        """Photographs whose features were made, in all."""
        self.tiles: Newest[tuple[object, ...]] = _newest(4 * most)
        self.rows: Newest[Rows] = _newest(6 * most)
        self.sites: Newest[Sites] = _newest(6 * most)
        self.mapped = 0
        """Sets of voxels whose maps were made, in all."""
        self.fused = 0
        """Voxels whose views were fused, in all."""

    def sites_of(self, places: Tensor) -> Sites:
        """Voxels with their maps; the same ones for the same places."""
        return self.sites.keep(digest_of(places), lambda: self._map(places))

    def _map(self, places: Tensor) -> Sites:
        self.mapped += 1
        return Sites(places)


def _newest(most: int) -> Newest[Value]:
    """So many at most, whatever their size."""
    return Newest(most, lambda value: 1)


def features() -> Newest[dict[str, Tensor]]:
    """Features of photographs by level, of one at a time: (h, w, C)."""
    return Newest(FEATURES, lambda own: sum(part.nbytes for part in own.values()))


def digest_of(*values: Tensor) -> str:
    """Tell tensors by what they hold."""
    digest = hashlib.sha1(usedforsecurity=False)
    for value in values:
        digest.update(str(tuple(value.shape)).encode())
        digest.update(value.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
