"""Whole scenes: tile by tile fused, all at once convolved, level after level.

As in the release, a level looks at its tiles one by one, each with its own views, and then runs one
sparse U-Net over all that is occupied. Memory is bounded: photographs and voxels come in portions.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sparse.sites import Sites
from .caches import Caches, Rows, features
from .found import Level
from .levels import Said, convolved, dense, divided, fused_in_parts, handed_down, points_of
from .photographs import Photographs
from .tiles import TILE, Box, Tile, tiles_of, within
from .views import Pinholes, Views, seen_by, views_of

PORTION = 1 << 18
"""Pairs of a voxel and a view that are looked for at a time."""
PICTURES = 8
"""Photographs whose features are made at a time."""


@dataclass(frozen=True)
class Keys:
    """What tells the weights of a module from those of others, such as a hash of a plan's part.

    Parameters
    ----------
    features, fusion : str
        Of the 2D part and view encoders; of transformers and layer norms.
    """

    features: str
    fusion: str


@torch.no_grad()
def reconstruct(
    network: Vortx,
    photographs: Photographs,
    box: Box,
    views: int = 20,
    weighted: bool = True,
    keys: Keys | None = None,
    caches: Caches | None = None,
    tile: tuple[int, int, int] = TILE,
    cancel: CancelToken = NEVER,
) -> Iterator[Level]:
    """Reconstruct a scene, coarse, medium, fine.

    Parameters
    ----------
    network : Vortx
        In evaluation mode.
    photographs : Photographs
        Key frames; see `choosing.key_frames`.
    box : Box
    views : int
        Most photographs that a tile is looked at in.
    weighted : bool
        Whether views weigh as likely as they see a surface.
    keys : Keys, optional
        What caches go by; None for weights that are used once.
    caches : Caches, optional
    tile : (3,) int
        Fine voxels of a tile, multiples of 4.
    cancel : CancelToken
        Looked at between portions, and between the stages of a U-Net.

    Yields
    ------
    Level
        It ends early with one that is `emptied`.

    Raises
    ------
    BadInput
        If no photograph sees the box.
    Cancelled
    """
    keys, caches = keys or Keys("", ""), caches or Caches()
    whole = _Whole(network, photographs, box, views, weighted, keys, caches, tile, cancel)
    yield from whole.levels()


class _Whole:
    """A reconstruction in progress."""

    def __init__(
        self, network: Vortx, photographs: Photographs, box: Box, views: int, weighted: bool,
        keys: Keys, caches: Caches, tile: tuple[int, int, int], cancel: CancelToken,
    ) -> None:  # fmt: skip
        self.network, self.photographs, self.box = network, photographs, box
        self.weighted, self.keys, self.caches, self.cancel = weighted, keys, caches, cancel
        self.device = next(network.parameters()).device
        self.origin = torch.tensor(box.origin, dtype=torch.float32, device=self.device)
        self.features = caches.features if keys.features else features()
        self.seconds = {"2d": 0.0, "transformer": 0.0, "3d": 0.0}
        cameras = photographs.cameras
        self.cameras = Pinholes(
            *(torch.as_tensor(np.asarray(part, np.float32), device=self.device)
              for part in (cameras.intrinsics, cameras.poses, cameras.sizes))
        )  # fmt: skip
        self.where = (photographs.key, box, views, tile)
        found = caches.tiles.keep(self.where, lambda: tuple(tiles_of(box, cameras, views, tile)))
        self.tiles: list[Tile] = list(found)  # type: ignore[arg-type]
        if not self.tiles:
            raise BadInput(
                "No photograph sees the box; check poses, units and the box's place, or take "
                "photographs of it."
            )

    def levels(self) -> Iterator[Level]:
        places = dense(self.box.dims, self.device)
        places = places[self._covered(places, LEVELS[0])]
        sites, before = self.caches.sites_of(places), None
        for number, level in enumerate(LEVELS):
            rows = self._fused(level, sites)
            self.cancel.check()
            start = self._now()
            said = convolved(self.network, level, sites, rows, before, self.cancel)
            self.seconds["3d"] += self._now() - start
            kept = (said.logits > 0).nonzero()[:, 0]
            emptied = self._why(said, kept)
            yield Level(
                level, self.box, sites.places.cpu().numpy(), said.logits.float().cpu().numpy(),
                dict(self.seconds), emptied,
            )  # fmt: skip
            if emptied or level == LEVELS[-1]:
                return
            after = LEVELS[number + 1]
            places = divided(sites.places[kept])
            inside = within(places, after, self.box.dims).nonzero()[:, 0]
            sites = self.caches.sites_of(places[inside])
            down = handed_down(said, kept, after, sites)
            before = Said(after, sites, down.features[inside], down.logits[inside])

    def _why(self, said: Said, kept: Tensor) -> str:
        """Why nothing is left, if so."""
        if said.level != LEVELS[-1]:
            if len(kept):
                return ""
            most = float(said.logits.max())
            return (
                f"The {said.level} level found no surface in {len(said.sites)} voxels (its highest "
                f"logit is {most:.2g}), so that there is nothing left for finer ones."
            )
        if 0 < len(kept) < len(said.logits):
            return ""
        side = "behind" if len(kept) else "in front of"
        return (
            f"The fine level puts all of its {len(said.logits)} voxels {side} surfaces, so that "
            "there is none between them."
        )

    def _covered(self, places: Tensor, level: str) -> Tensor:
        """Which voxels are in a tile."""
        covered = torch.zeros(len(places), dtype=torch.bool, device=self.device)
        for tile in self.tiles:
            covered |= tile.holds(places, level)
        return covered

    def _views(self, level: str, numbers: np.ndarray) -> Views:
        """Photographs with their features of a level; those that are known are not made again."""
        found, missing = {}, []
        for number in numbers.tolist():
            known = self.features.get((self.keys.features, self.photographs.key, number))
            if known is None:
                missing.append(number)
            else:
                found[number] = known[level]
        for first in range(0, len(missing), PICTURES):
            self.cancel.check()
            start, own = self._now(), missing[first : first + PICTURES]
            pictures = np.stack([self.photographs.pictures[number] for number in own])
            cameras = self.cameras.taken(torch.tensor(own, device=self.device))
            made = views_of(self.network, torch.from_numpy(pictures).to(self.device), cameras)
            for place, number in enumerate(own):
                parts = {name: values[place].clone() for name, values in made.features.items()}
                self.features.put((self.keys.features, self.photographs.key, number), parts)
                found[number] = parts[level]
            self.caches.looked += len(own)
            self.seconds["2d"] += self._now() - start
        features = torch.stack([found[number] for number in numbers.tolist()])
        chosen = torch.from_numpy(numbers).to(self.device)
        return Views(self.cameras.taken(chosen), {level: features})

    def _fused(self, level: str, sites: Sites) -> Tensor:
        """Fused rows of voxels; those that are known are not made again."""
        start, before = self._now(), self.seconds["2d"]

        def make(numbers: Tensor) -> Tensor:
            return self._made(level, sites.places[numbers])

        key = (level, self.keys, self.weighted, self.where)
        known = self.caches.rows.get(key) if self.keys.fusion else None
        if known is None:
            rows = make(torch.arange(len(sites), device=self.device))
        else:
            rows, _ = known.of(sites, make)
        if self.keys.fusion:
            self.caches.rows.put(key, Rows(sites, rows))
        self.seconds["transformer"] += self._now() - start - (self.seconds["2d"] - before)
        return rows

    def _made(self, level: str, places: Tensor) -> Tensor:
        """Fuse what is seen of voxels, tile by tile, in portions."""
        width = self.network.size.features[LEVELS.index(level)]
        rows = torch.zeros((len(places), width), device=self.device)
        self.caches.fused += len(places)
        for tile in self.tiles:
            inside = tile.holds(places, level).nonzero()[:, 0]
            if not len(inside):
                continue
            own = self._views(level, tile.views)
            for numbers in inside.split(max(PORTION // len(tile.views), 1)):
                self.cancel.check()
                points = points_of(places[numbers], level, self.origin, self.box.voxel)
                seen = seen_by(own.cameras, points)
                rows[numbers] = fused_in_parts(
                    self.network, level, own, seen, self.weighted, self.cancel
                )
        return rows

    def _now(self) -> float:
        if self.device.type == "cuda":
            torch.cuda.synchronize(self.device)
        return time.perf_counter()
