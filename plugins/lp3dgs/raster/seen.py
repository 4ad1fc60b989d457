"""What a camera sees of Gaussians: projected, sorted and dealt once, blended as often as asked."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import TERMS, Gaussians
from prune3d_gui.geometry.compiling import even, shared, threads

from .blending import add_shares, blend
from .projecting import ROW, lens, project
from .tiles import Tiles, by_depth, dealt

Parts = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]
"""Means, scales, quaternions, opacities and harmonics, of one kind of float."""

Background = tuple[float, float, float]
BLACK: Background = (0.0, 0.0, 0.0)


@dataclass(frozen=True, eq=False)
class Picture:
    """A picture of Gaussians.

    Attributes
    ----------
    colours : (H, W, 3) float
        Over the background; 0 and above, mostly below 1.
    left : (H, W) float
        What of the background is seen, 0 to 1.
    shares : (N, 3) float or None
        Of each Gaussian, where asked: its largest share in a pixel, the sum of its shares, and the
        number of pixels it has a share in. A share is alpha times what is left before it.
    """

    colours: np.ndarray
    left: np.ndarray
    shares: np.ndarray | None = None


@dataclass(frozen=True, eq=False)
class Seen:
    """Gaussians as one camera sees them.

    Pictures with some of them pruned cost no more than blending those that are left. It may be
    used by several threads at once.

    Attributes
    ----------
    camera : Camera
    rows : (N, 9) float
        See `project`; only of those in `order`.
    order : (M,) int32
        Those that are before the camera, from front to back.
    tiles : Tiles
    """

    camera: Camera
    rows: np.ndarray
    order: np.ndarray
    tiles: Tiles

    @property
    def nbytes(self) -> int:
        """Memory it takes."""
        return sum(a.nbytes for a in (self.rows, self.order, self.tiles.ids, self.tiles.starts))

    def blended(
        self,
        kept: np.ndarray | None = None,
        background: Background = BLACK,
        *,
        shares: bool = False,
        cancel: CancelToken = NEVER,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Return the picture, (H, W, 4), its ends, (H, W), and shares by pair, (pairs or 0, 3)."""
        rows, tiles, size = self.rows, self.tiles, (self.camera.height, self.camera.width)
        kept = np.ones(len(rows), bool) if kept is None else kept
        if kept.dtype != bool or kept.shape != (len(rows),):
            raise BadInput(
                f"A mask of {kept.dtype} with the shape {kept.shape} is given for {len(rows):,} "
                "Gaussians; give one truth value for each."
            )
        behind = np.array(background, rows.dtype)
        picture, ends = np.empty((*size, 4), rows.dtype), np.empty(size, np.int32)
        found = np.zeros((len(tiles.ids) if shares else 0, 3), rows.dtype)
        shared(
            lambda _, i, j: blend(
                i, j, tiles.starts, tiles.ids, tiles.across, rows, kept, behind, picture, ends,
                found,
            ),
            tiles.cuts(),
            cancel,
        )  # fmt: skip
        return picture, ends, found

    def picture(
        self,
        kept: np.ndarray | None = None,
        background: Background = BLACK,
        *,
        shares: bool = False,
        cancel: CancelToken = NEVER,
    ) -> Picture:
        """Make the picture of those that are kept.

        Parameters
        ----------
        kept : (N,) bool, optional
            All, where it is left out.
        background : three float
            What is seen where nothing is in front of it.
        shares : bool
            Whether the share of each Gaussian is wanted, too.
        cancel : CancelToken

        Raises
        ------
        BadInput
            If `kept` is no mask of all Gaussians.
        Cancelled
        """
        made, _, found = self.blended(kept, background, shares=shares, cancel=cancel)
        total = np.zeros((len(self.rows), 3), made.dtype) if shares else None
        if total is not None:
            add_shares(self.tiles.ids, found, total)
        return Picture(np.ascontiguousarray(made[..., :3]), made[..., 3].copy(), total)


def activated(gaussians: Gaussians, kind: type[np.floating] = np.float32) -> Parts:
    """Means, scales, quaternions, opacities and harmonics, as numbers of a kind of float."""
    if kind == np.float32:
        scales, opacities = gaussians.scales, gaussians.opacities
    else:
        with np.errstate(over="ignore"):
            scales = np.exp(gaussians.log_scales.astype(kind))
            opacities = 1 / (1 + np.exp(-gaussians.logits.astype(kind)))
    means, quaternions, harmonics = (
        part.astype(kind, copy=False)
        for part in (gaussians.means, gaussians.quaternions, gaussians.harmonics)
    )
    return means, scales, quaternions, opacities, harmonics


def _check(parts: Parts) -> None:
    """Refuse what the loops would read past the end of."""
    count, terms = len(parts[0]), parts[4].shape[1:2]
    wanted = ((count, 3), (count, 3), (count, 4), (count,), (count, *terms, 3))
    shapes = tuple(part.shape for part in parts)
    if shapes != wanted or terms not in [(number,) for number in TERMS]:
        told = ", ".join(map(str, shapes))
        raise BadInput(
            f"Means, scales, quaternions, opacities and harmonics have the shapes {told}; give "
            "(N, 3), (N, 3), (N, 4), (N,) and (N, K, 3), with a K of 1, 4, 9 or 16."
        )
    kinds = {part.dtype for part in parts}
    if len(kinds) > 1 or not kinds <= {np.dtype(np.float32), np.dtype(np.float64)}:
        told = ", ".join(sorted(map(str, kinds)))
        raise BadInput(f"Gaussians are given as {told}; give all as float32 or all as float64.")


def look(parts: Parts, camera: Camera, cancel: CancelToken = NEVER) -> Seen:
    """Project Gaussians for a camera, and sort and deal them.

    Parameters
    ----------
    parts : Parts
        See `activated`.
    camera : Camera
    cancel : CancelToken

    Raises
    ------
    BadInput
        If the shapes do not fit one another, or they are not all float32 or all float64.
    Cancelled
    """
    _check(parts)
    means, scales, quaternions, opacities, harmonics = map(np.ascontiguousarray, parts)
    count, eye = len(means), lens(camera)
    rows, depths = np.empty((count, ROW), means.dtype), np.empty(count, means.dtype)
    shared(
        lambda _, i, j: project(
            i, j, means, scales, quaternions, opacities, harmonics, eye, rows, depths
        ),
        even(count, 4 * threads()),
        cancel,
    )
    order = by_depth(depths)
    cancel.check()
    return Seen(camera, rows, order, dealt(order, rows, camera.width, camera.height))
