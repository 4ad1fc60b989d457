"""Scores of pictures: view by view, held-out and training views apart."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.score.parts import Part
from prune3d_gui.core.score.scores import Scores

from .controls import SCORED
from .picturing import Picturing, Wanted
from .scenes import Background, SplatScene
from .similarity import likeness

Values = dict[str, float]
GLANCED = 4
"""Most views that tell the scores of a preview, while a hand moves."""
SAME = 100.0
"""Decibels of pictures that are the same, so that means stay finite."""


def compared(scene: SplatScene, preview: bool = False) -> tuple[int, ...]:
    """Numbers of the views that are scored: the held-out ones, and some that were trained on.

    A preview looks at held-out ones alone. A scene that holds none out has its training views.
    """
    held, own = sorted(scene.held), scene.training
    at = np.unique(np.linspace(0, len(own) - 1, min(SCORED, len(own))).round().astype(int))
    some = [own[n] for n in at] if own else []
    if preview and held:
        return tuple(held)
    return (*held, *some)


def glanced(numbers: tuple[int, ...]) -> tuple[int, ...]:
    """Some of the views, evenly spread: as few as tell how good a preview is."""
    return numbers[:: max(1, math.ceil(len(numbers) / GLANCED))]


def view_scores(found: np.ndarray, wanted: np.ndarray) -> Values:
    """PSNR in dB, at most `SAME`, and SSIM of a picture, (H, W, 3) float of 0 to 1."""
    psnr, ssim = likeness(found, wanted)
    return {"psnr": min(psnr, SAME), "ssim": ssim}


def views_scored(
    picturing: Picturing,
    wanted: Wanted,
    numbers: Iterable[int],
    kept: np.ndarray | None,
    background: Background,
    longest: int,
    cancel: CancelToken,
) -> dict[int, Values]:
    """Scores of views by number, of those Gaussians that are kept: see `Picturing.picture`."""
    return {
        number: view_scores(
            picturing.picture(number, kept, background, longest, cancel),
            wanted.of(number, background, longest, cancel),
        )
        for number in numbers
    }


def summed(
    scene: SplatScene, views: Mapping[int, Values], left: int, preview: bool = False
) -> Scores:
    """Scores of a scene: means over the held-out views, and those of either kind as parts.

    Parameters
    ----------
    scene : SplatScene
    views : mapping of number to values
        What `view_scores` gave.
    left : int
        Gaussians that are left.
    preview : bool
        Whether to leave out single views.
    """
    groups = {
        "held out": [n for n in views if n in scene.held],
        "trained on": [n for n in views if n not in scene.held],
    }
    parts = [
        Part("views", name, means([views[n] for n in numbers]))
        for name, numbers in groups.items()
        if numbers
    ]
    if not preview:
        names = scene.cameras.names
        parts += [Part("view", names[number], dict(values)) for number, values in views.items()]
    whole = next(iter(parts)).values
    against = "reference" if scene.photographs else "full"
    more = {"gaussians": float(left), "rmse": root_error(whole["psnr"])}
    return Scores({**whole, **more}, parts=tuple(parts), against=against)


def root_error(psnr: float) -> float:
    """Root mean squared error of colours of 0 to 1, from decibels."""
    return float(10 ** (-psnr / 20))


def means(views: list[Values]) -> Values:
    """Means over views."""
    return {name: math.fsum(view[name] for view in views) / len(views) for name in views[0]}
