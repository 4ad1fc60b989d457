"""Scores of Gaussians, by name, and the order in which they say that Gaussians should go."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians

from ..raster.seen import BLACK, Background
from .sensitivity import sensitivity
from .shares import Report, shares_of, unheard


@dataclass(frozen=True, slots=True)
class Score:
    """One way to say how much a Gaussian matters.

    Attributes
    ----------
    title, help : str
    cameras : bool
        Whether it looks at pictures.
    """

    title: str
    help: str
    cameras: bool = False


SCORES = {
    "largest": Score("Largest share", "Largest alpha T in any pixel, as RadSplat has it.", True),
    "total": Score(
        "Total share", "Sum of alpha T over all pixels, as Mini-Splatting has it.", True
    ),
    "sensitivity": Score(
        "Sensitivity", "How pictures change with place and size, as PUP 3D-GS has it.", True
    ),
    "opacity": Score("Opacity", "How opaque it is."),
    "volume": Score("Opacity x volume", "Opacity times the product of its three scales."),
    "random": Score("Random", "By lot, from a seed."),
}
"""Best first, those that look at no pictures after."""


def scores_of(
    name: str,
    gaussians: Gaussians,
    cameras: Sequence[Camera] = (),
    *,
    seed: int = 0,
    background: Background = BLACK,
    device: str = "cpu",
    report: Report = unheard,
    cancel: CancelToken = NEVER,
) -> np.ndarray:
    """Score Gaussians; the more, the more they matter.

    Parameters
    ----------
    name : str
        A key of `SCORES`.
    gaussians : Gaussians
    cameras : sequence of Camera
        Of the training pictures, for scores that look at them.
    seed : int
        Of ``random``.
    background : three float
        Of the pictures, for ``sensitivity``.
    device : str
        Where shares are found; see `shares_of`.
    report : callable
        Told how far it is.
    cancel : CancelToken

    Returns
    -------
    (N,) float64
        Never NaN; minus infinity is the least there is.

    Raises
    ------
    BadInput
        If there is no such score, or it looks at pictures and there are no cameras.
    Cancelled
    """
    if name not in SCORES:
        raise BadInput(f"There is no score '{name}'; take one of {', '.join(SCORES)}.")
    if SCORES[name].cameras and not len(cameras):
        raise BadInput(f"The score '{name}' looks at pictures; give at least one camera.")
    if name == "sensitivity":
        found = sensitivity(gaussians, cameras, background=background, report=report, cancel=cancel)
    elif SCORES[name].cameras:
        shares = shares_of(gaussians, cameras, device=device, report=report, cancel=cancel)
        found = shares.largest if name == "largest" else shares.total
    elif name == "random":
        found = np.random.default_rng(seed).random(gaussians.count)
    else:
        found = gaussians.opacities.astype(float)
        if name == "volume":
            found = found * np.exp(gaussians.log_scales.sum(axis=1, dtype=float))
    return np.where(np.isnan(found), -np.inf, found)


def ranking(scores: np.ndarray) -> np.ndarray:
    """Numbers of Gaussians, (N,) int64, from the first to go to the last; ties by number.

    What is pruned at any rate is a beginning of it.
    """
    return np.argsort(scores, kind="stable")


def kept_at(ranked: np.ndarray, rate: float) -> np.ndarray:
    """Which Gaussians are kept, (N,) bool, when the first `rate` of a ranking go.

    Parameters
    ----------
    ranked : (N,) int64
        See `ranking`.
    rate : float
        0 to 100 %; the number that goes is rounded.
    """
    kept = np.ones(len(ranked), bool)
    kept[ranked[: round(rate / 100 * len(ranked))]] = False
    return kept
