"""What is kept between reconstructions, by what it depends on.

Features depend on the 2D weights and the photographs; what is fused, on these, on the weights of
fusion, on cameras, box and views; maps of convolutions, on places alone. So a change of one module
makes again what hangs on it, and nothing else.
"""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

import torch
from torch import Tensor

from ..network.sparse.sites import Sites

Value = TypeVar("Value")
FEATURES = 1 << 30
"""Bytes of features that are kept; those of 2,000 photographs of 320 x 240 pixels."""


class Kept(Generic[Value]):
    """The values that were used last.

    Parameters
    ----------
    most : float
        How much they may be, in all.
    size : callable, optional
        How much a value is; by default each is 1.
    """

    def __init__(self, most: float, size: Callable[[Value], float] = lambda value: 1) -> None:
        self._most, self._size, self._held = most, size, 0.0
        self._values: OrderedDict[Hashable, Value] = OrderedDict()
        self.made = 0
        """How often one was made."""

    def get(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value of a key; made if it is not there."""
        if key not in self._values:
            value = make()
            self.made += 1
            self.put(key, value)
        self._values.move_to_end(key)
        return self._values[key]

    def find(self, key: Hashable) -> Value | None:
        """The value of a key, or None."""
        if key in self._values:
            self._values.move_to_end(key)
        return self._values.get(key)

    def put(self, key: Hashable, value: Value) -> None:
        """Keep a value instead of older ones; the last one in any case."""
        if key in self._values:
            self._held -= self._size(self._values.pop(key))
        self._values[key] = value
        self._held += self._size(value)
        while self._held > self._most and len(self._values) > 1:
            self._held -= self._size(self._values.popitem(last=False)[1])


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
        self.tiles: Kept[tuple[object, ...]] = Kept(4 * most)
        self.rows: Kept[Rows] = Kept(6 * most)
        self.sites: Kept[Sites] = Kept(6 * most)
        self.fused = 0
        """Voxels whose views were fused, in all."""

    def sites_of(self, places: Tensor) -> Sites:
        """Voxels with their maps; the same ones for the same places."""
        return self.sites.get(digest_of(places), lambda: Sites(places))


def features() -> Kept[dict[str, Tensor]]:
    """Features of photographs by level, of one at a time: (h, w, C)."""
    return Kept(FEATURES, lambda own: sum(part.nbytes for part in own.values()))


def digest_of(*values: Tensor) -> str:
    """Tell tensors by what they hold."""
    digest = hashlib.sha1(usedforsecurity=False)
    for value in values:
        digest.update(str(tuple(value.shape)).encode())
        digest.update(value.detach().cpu().contiguous().view(torch.uint8).numpy().tobytes())
    return digest.hexdigest()
