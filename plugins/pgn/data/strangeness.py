"""How unlike the pictures that a network knows a picture is, told by its latent vector.

The measure is an angle: seen from the mean latent of known pictures, how far the direction of
a picture's latent lies from that of the nearest of them. It is put beside the same angle of
validation pictures, and so becomes a percentile.

On the bundled network this told 25 real renderings, 24 views of one ShapeNet car and one of an
airplane, from the 130 shipped validation pictures best (area under the ROC curve, 0.5 is chance):

=====================================  =========  =============
Distance to the nearest of             Euclidean  centred angle
=====================================  =========  =============
the other 129 validation pictures      0.78       0.94
384 training pictures                  0.95       0.99
=====================================  =========  =============

Cosine, city block, whitened and Mahalanobis distances of latents did no better than the angle;
statistics of earlier layers put up to 15 views of the car beyond the 95th percentile of the other
validation pictures, the angle 10. With training pictures all 24 views of the car lie beyond it,
the airplane at the 84th, and 17 of the 26 shipped pictures of held-out
designs beyond the 95th; these have 24.5 Chamfer x 1000, the other nine 8.1. So a low percentile
is no promise. For other networks, whose training pictures are not known, validation pictures
stand in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import islice
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from prune3d_gui.files.atomic import writing

LATENTS = "latents.safetensors"
"""File of the latents that come with the program, beside the samples."""
FAR = 95.0
"""Percentile from which on a picture counts as unlike the known ones."""
FEWEST = 20
"""Pictures without which no percentile is given."""
MOST_OF_A_SET = 64
"""Pictures of a set that are looked at; each costs one pass of the encoder."""


@dataclass(frozen=True, eq=False)
class Yardstick:
    """Latents of known pictures, and how far validation pictures lie from them.

    Parameters
    ----------
    known : (K, n) float32
        Latents of the known pictures.
    usual : (V,) float32
        Degrees from each validation picture to the nearest known one other than itself.
    trained : bool
        Whether the known pictures are those that the network was trained on.
    """

    known: np.ndarray
    usual: np.ndarray
    trained: bool = False

    @classmethod
    def among(cls, latents: np.ndarray) -> Yardstick:
        """Measure pictures against each other, each without itself."""
        angles = _angles(latents, latents)
        np.fill_diagonal(angles, np.inf)
        return cls(latents, angles.min(axis=1))

    def degrees(self, latents: np.ndarray) -> np.ndarray:
        """Angles between latents, (B, n), and the nearest known one: (B,), NaN if undefined."""
        return _angles(latents, self.known).min(axis=1)

    def percentile(self, degrees: np.ndarray) -> np.ndarray:
        """Percent of the validation pictures that lie nearer than `degrees`: (B,)."""
        return 100 * np.searchsorted(np.sort(self.usual), degrees) / len(self.usual)

    @property
    def sound(self) -> bool:
        """Whether there are enough pictures, and they differ to the network."""
        enough = len(self.usual) >= FEWEST and np.isfinite(self.usual).all()
        return bool(enough and np.median(self.usual) > 0)


class Strangeness:
    """Says of pictures how unlike the known ones they are to a network.

    Parameters
    ----------
    encode : callable
        Gives the latents, (B, n), of pictures by the unpruned network.
    validation : callable
        Gives the validation pictures, (3, H, W) float32 each. Without `shipped` they are
        encoded, once, when the first picture is asked about.
    shipped : Yardstick, optional
        What is known of this very network; see `read_latents`.
    """

    def __init__(
        self,
        encode: Callable[[Sequence[np.ndarray]], np.ndarray],
        validation: Callable[[], Sequence[np.ndarray]],
        shipped: Yardstick | None = None,
    ) -> None:
        self._encode, self._validation, self._shipped = encode, validation, shipped

    @cached_property
    def yardstick(self) -> Yardstick | None:
        """What pictures are measured with; None where that would tell nothing."""
        stick = self._shipped
        if stick is None:
            pictures = self._validation()
            if len(pictures) < FEWEST:
                return None
            stick = Yardstick.among(self._encode(pictures))
        return stick if stick.sound else None

    def of_one(self, picture: np.ndarray) -> tuple[str, ...]:
        """Say it of one picture, (3, H, W) float32; nothing where nothing can be told."""
        found, stick = self._measured([picture]), self.yardstick
        if found is None or stick is None:
            return ()
        (degrees,), (percentile,) = found
        count, times = len(stick.usual), degrees / np.median(stick.usual)
        share = f"{int(percentile)} % of them" if percentile < 100 else "any of them"
        text = _ONE[stick.trained, percentile >= FAR]
        return (text.format(degrees=degrees, times=times, count=count, share=share),)

    def of_set(self, pictures: Iterable[np.ndarray], size: int) -> tuple[str, ...]:
        """Say it of the first pictures of a set of a size; nothing where nothing can be told."""
        looked_at = list(islice(pictures, MOST_OF_A_SET))
        if size == 1 and looked_at:
            return self.of_one(looked_at[0])
        found, stick = self._measured(looked_at), self.yardstick
        if found is None or stick is None:
            return ()
        _, percentiles = found
        looked = len(percentiles)
        far = int((percentiles >= FAR).sum())
        which = f"{looked} of its {size:,}" if looked < size else f"the {looked}"
        text = _SET[stick.trained, 2 * far >= looked]
        middle, count = int(np.median(percentiles)), len(stick.usual)
        lie = "lies" if far == 1 else "lie"
        return (text.format(which=which, far=far, lie=lie, middle=middle, count=count),)

    def _measured(self, pictures: Sequence[np.ndarray]) -> tuple[np.ndarray, np.ndarray] | None:
        """Degrees and percentiles, (B,) each."""
        if not pictures or self.yardstick is None:
            return None
        degrees = self.yardstick.degrees(self._encode(pictures))
        return (degrees, self.yardstick.percentile(degrees)) if np.isfinite(degrees).all() else None


_CURVE = "How the error grows with the rate still holds: flat to 45 % of the encoder, gone at 75 %."
_ANGLE = (
    "Seen from the mean latent it lies {degrees:.0f}° from the nearest of them, {times:.1f} times "
    "the median of the {count} validation pictures (farther than {share})."
)
_SHIPPED = "the validation pictures that come with the program, which are procedural"
_ONE = {
    (True, True): (
        "Unlike the training pictures, which are procedural: the network will likely draw another "
        f"object. {_ANGLE} {_CURVE}"
    ),
    (True, False): (
        "Not unlike the training pictures, but these are procedural: a real object may still "
        f"become another. {_ANGLE}"
    ),
    (False, True): (
        f"Unlike {_SHIPPED}: if the network was trained on their like, it will likely draw another "
        f"object. {_ANGLE}"
    ),
    (False, False): f"Not unlike {_SHIPPED}. {_ANGLE}",
}
_BEYOND = (
    f"Of {{which}} pictures, {{far}} {{lie}} beyond the {FAR:.0f}th percentile of the {{count}} "
    "validation pictures (median percentile: {middle}), by the angle, seen from the mean latent, "
    "to the nearest"
)
_SET = {
    (True, True): (
        f"{_BEYOND} training picture. Those are procedural, so the network will likely draw other "
        f"objects. {_CURVE}"
    ),
    (True, False): f"{_BEYOND} training picture. Those are procedural.",
    (False, True): (
        f"{_BEYOND} validation picture. Those are procedural; if the network was trained on their "
        "like, it will likely draw other objects."
    ),
    (False, False): f"{_BEYOND} validation picture. Those are procedural.",
}


def write_latents(out: Path, weights: str, known: np.ndarray, validation: np.ndarray) -> None:
    """Write the latents of training pictures, with what validation pictures measure.

    Parameters
    ----------
    out : path
        ``.safetensors`` file: ``known`` (K, n) float16, ``usual`` (V,) float32 degrees, and
        the hash of the network as ``weights``.
    weights : str
    known, validation : (K, n) and (V, n) float32
        Latents of training and of validation pictures.
    """
    kept = known.astype(np.float16)
    stick = Yardstick(kept.astype(np.float32), np.empty(0), trained=True)
    usual = stick.degrees(validation).astype(np.float32)
    with writing(out) as temporary:
        save_file({"known": kept, "usual": usual}, temporary, {"weights": weights})


def read_latents(file: Path, weights: str) -> Yardstick | None:
    """Read what `write_latents` wrote; None if it is not there, or of another network."""
    try:
        with safe_open(file, "np") as tensors:
            if (tensors.metadata() or {}).get("weights") != weights:
                return None
            known, usual = tensors.get_tensor("known"), tensors.get_tensor("usual")
    except (OSError, SafetensorError):
        return None
    return Yardstick(known.astype(np.float32), usual, trained=True)


def _angles(some: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Angles in degrees between rows, (A, n) and (K, n), seen from the mean of `known`: (A, K)."""
    centre = known.mean(axis=0, dtype=np.float64)
    with np.errstate(all="ignore"):
        one, other = (
            rows / np.linalg.norm(rows, axis=1, keepdims=True)
            for rows in (some - centre, known - centre)
        )
        return np.degrees(np.arccos(np.clip(one @ other.T, -1, 1)))
