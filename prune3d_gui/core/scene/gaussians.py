"""Gaussian splats: a scene of them that all frames share, and which of them a frame keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Protocol

import numpy as np

from ..cancel import NEVER, CancelToken
from ..errors import BadInput
from .cameras import Camera
from .scenes import NO_ARRAYS, Arrays

TERMS = (1, 4, 9, 16)
"""Spherical harmonics of degree 0, 1, 2 and 3 and below."""


@dataclass(frozen=True, eq=False)
class Gaussians:
    """All Gaussians of a scene, as 3D Gaussian splatting stores them before its activations.

    Parameters
    ----------
    means : (N, 3) float32
        Centres in the world.
    log_scales : (N, 3) float32
        Natural logarithms of the standard deviations along their own axes.
    quaternions : (N, 4) float32
        Rotations of those axes, w first; of any length but zero.
    logits : (N,) float32
        The opacity is their sigmoid.
    harmonics : (N, K, 3) float32
        Coefficients of the colour's spherical harmonics, red, green and blue of each; K is 1, 4,
        9 or 16, the constant first. The colour is 0.5 plus their sum.

    Raises
    ------
    BadInput
        If one of them is not float32, or the shapes do not fit one another. That numbers are
        finite is for whoever reads them to see to.
    """

    means: np.ndarray
    log_scales: np.ndarray
    quaternions: np.ndarray
    logits: np.ndarray
    harmonics: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.means)
        wanted = {"means": (3,), "log_scales": (3,), "quaternions": (4,), "logits": ()}
        for what, rest in wanted.items():
            given = np.shape(getattr(self, what))
            if given != (count, *rest):
                raise BadInput(
                    f"The {what} of {count:,} Gaussians have the shape {given}; give "
                    f"{(count, *rest)}."
                )
        given = np.shape(self.harmonics)
        if given not in [(count, terms, 3) for terms in TERMS]:
            raise BadInput(
                f"The harmonics of {count:,} Gaussians have the shape {given}; give 1, 4, 9 or 16 "
                "coefficients of three colours each."
            )
        for what in (*wanted, "harmonics"):
            kind = getattr(self, what).dtype
            if kind != np.float32:
                raise BadInput(
                    f"The {what} of {count:,} Gaussians are {kind}; give them as float32."
                )

    @property
    def count(self) -> int:
        """How many there are."""
        return len(self.means)

    @property
    def degree(self) -> int:
        """Highest degree of the spherical harmonics, 0 to 3."""
        return TERMS.index(self.harmonics.shape[1])

    @cached_property
    def opacities(self) -> np.ndarray:
        """Opacities, 0 to 1: (N,) float32."""
        with np.errstate(over="ignore"):
            return (1 / (1 + np.exp(-self.logits.astype(float)))).astype(np.float32)

    @cached_property
    def scales(self) -> np.ndarray:
        """Standard deviations along their own axes: (N, 3) float32."""
        with np.errstate(over="ignore"):
            return np.exp(self.log_scales)

    def kept(self, which: np.ndarray | slice) -> Gaussians:
        """Those that a mask, (N,) bool, indices or a slice choose; a slice copies nothing."""
        parts = (self.means, self.log_scales, self.quaternions, self.logits, self.harmonics)
        return Gaussians(*(part[which] for part in parts))


@dataclass(frozen=True, eq=False)
class Splatted:
    """Gaussians as a camera sees them, pixel by pixel.

    Parameters
    ----------
    colours : (H, W, 3) float32
        Over black: what is seen of the Gaussians, 0 and above.
    left : (H, W) float32
        What is seen of whatever is behind them, 0 to 1.
    depths : (H, W) float32
        How far along the camera's axis the Gaussian is with which less than half is left of what
        is behind, else the first one; infinite where there is none.
    """

    colours: np.ndarray
    left: np.ndarray
    depths: np.ndarray


class Splatter(Protocol):
    """Draws Gaussians; it may be called on any thread, and by several at once."""

    def __call__(
        self,
        shown: KeptGaussians,
        camera: Camera,
        colours: np.ndarray | None = None,
        cancel: CancelToken = NEVER,
    ) -> Splatted:
        """Draw those that are kept.

        Parameters
        ----------
        shown : KeptGaussians
        camera : Camera
        colours : (N, 3) float32, optional
            In place of their own; 0 to 1.
        cancel : CancelToken

        Raises
        ------
        Cancelled
        """


@dataclass(frozen=True, eq=False)
class KeptGaussians:
    """The Gaussians that are kept of a scene, which is shared and never copied.

    Parameters
    ----------
    base : Gaussians
    kept : (N,) bool
    arrays : mapping of name to (N,) array
        Values per Gaussian of the whole scene, such as its importance.
    splatter : Splatter or None
        What draws them as splats; without one they are drawn as points.

    Raises
    ------
    BadInput
        If `kept` is no mask of the base.
    """

    base: Gaussians
    kept: np.ndarray
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)
    splatter: Splatter | None = None

    def __post_init__(self) -> None:
        if self.kept.dtype != bool or self.kept.shape != (self.base.count,):
            raise BadInput(
                f"A mask of {self.kept.dtype} with the shape {self.kept.shape} is given for "
                f"{self.base.count:,} Gaussians; give one truth value for each."
            )
