"""How much pictures change when a Gaussian is moved or stretched (PUP 3D-GS)."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Progress
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.geometry.compiling import even, shared, threads

from ..raster.blending import add_up
from ..raster.projecting import lens
from ..raster.seen import BLACK, Background, activated, look
from ..raster.sensing import SUMS, add_products, sense
from .shares import Report, unheard

_AT_ONCE = 100_000  # pairs, of which each has 31 sums


def sensitivity(
    gaussians: Gaussians,
    cameras: Sequence[Camera],
    *,
    background: Background = BLACK,
    report: Report = unheard,
    cancel: CancelToken = NEVER,
) -> np.ndarray:
    """Log determinants of the Hessian of the squared error by centre and log scales.

    The Hessian is that of Gauss and Newton: the sum over cameras, pixels and channels of outer
    products of derivatives, 6 x 6 for each Gaussian by itself (Hanson et al., *PUP 3D-GS*, 2024,
    arXiv 2406.10219).

    Parameters
    ----------
    gaussians : Gaussians
    cameras : sequence of Camera
    background : three float
        Of the pictures.
    report : callable
    cancel : CancelToken

    Returns
    -------
    (N,) float64
        Minus infinity where it is singular: what no camera sees, above all.

    Raises
    ------
    Cancelled
    """
    total = np.zeros((gaussians.count, 6, 6))
    for done, camera in enumerate(cameras, start=1):
        _add(total, gaussians, camera, np.array(background, float), cancel)
        report(Progress(done, len(cameras), "changes of pictures"))
    sign, logarithm = np.linalg.slogdet(total)
    return np.where(sign > 0, logarithm, -np.inf)


def _add(
    total: np.ndarray,
    gaussians: Gaussians,
    camera: Camera,
    background: np.ndarray,
    cancel: CancelToken,
) -> None:
    """Add the outer products of one picture to `total`, (N, 6, 6)."""
    means, scales, quaternions, _, harmonics = parts = activated(gaussians, np.float64)
    seen = look(parts, camera, cancel)
    tiles, rows, eye = seen.tiles, seen.rows, lens(camera)
    picture, ends, _ = seen.blended(cancel=cancel)
    sums = np.zeros((gaussians.count, SUMS))
    last = len(tiles.starts) - 1
    first = 0
    while first < last and len(tiles.ids):
        limit = tiles.starts[first] + _AT_ONCE
        end = max(first + 1, int(np.searchsorted(tiles.starts, limit, side="right")) - 1)
        skipped = int(tiles.starts[first])
        found = np.zeros((int(tiles.starts[end]) - skipped, SUMS))
        cuts = first + np.linspace(0, end - first, threads() * 4 + 1).astype(np.int64)

        def work(_: int, i: int, j: int, skipped: int = skipped, found: np.ndarray = found) -> None:
            sense(
                i, j, tiles.starts, tiles.ids, tiles.across, rows, picture, ends, background,
                skipped, found,
            )  # fmt: skip

        shared(work, cuts, cancel)
        add_up(tiles.ids[skipped : skipped + len(found)], found, sums)
        first = end
    shared(
        lambda _, i, j: add_products(
            i, j, seen.order, means, scales, quaternions, harmonics, rows, sums, eye, total
        ),
        even(len(seen.order), 4 * threads()),
        cancel,
    )
