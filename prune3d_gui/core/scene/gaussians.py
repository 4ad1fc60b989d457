"""Gaussian splats: a scene of them that all frames share, and which of them a frame keeps."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from ..errors import BadInput
from .scenes import NO_ARRAYS, Arrays


@dataclass(frozen=True, eq=False)
class Splats:
    """All Gaussians of a scene, as 3D Gaussian splatting has them after its activations.

    Parameters
    ----------
    points : (N, 3) float32
        Centres.
    scales : (N, 3) float32
        Standard deviations along their own axes.
    rotations : (N, 4) float32
        Unit quaternions, w first.
    opacities : (N,) float32
        0 to 1.
    harmonics : (N, K, 3) float32
        Coefficients of the colour's spherical harmonics; K is 1, 4, 9 or 16.

    Raises
    ------
    BadInput
        If the shapes do not fit one another.
    """

    points: np.ndarray
    scales: np.ndarray
    rotations: np.ndarray
    opacities: np.ndarray
    harmonics: np.ndarray

    def __post_init__(self) -> None:
        count = len(self.points)
        wanted = {"points": (3,), "scales": (3,), "rotations": (4,), "opacities": ()}
        for what, rest in wanted.items():
            given = np.shape(getattr(self, what))
            if given != (count, *rest):
                raise BadInput(
                    f"The {what} of {count:,} Gaussians have the shape {given}; give "
                    f"{(count, *rest)}."
                )
        given = np.shape(self.harmonics)
        if given not in [(count, terms, 3) for terms in (1, 4, 9, 16)]:
            raise BadInput(
                f"The harmonics of {count:,} Gaussians have the shape {given}; give 1, 4, 9 or 16 "
                "coefficients of three colours each."
            )


@dataclass(frozen=True, eq=False)
class Gaussians:
    """The Gaussians that are kept of a scene, which is shared and never copied.

    Parameters
    ----------
    base : Splats
    kept : (N,) bool
    arrays : mapping of name to (N,) array
        Values per Gaussian of the whole scene, such as its importance.

    Raises
    ------
    BadInput
        If `kept` is no mask of the base.
    """

    base: Splats
    kept: np.ndarray
    arrays: Arrays = field(default_factory=lambda: NO_ARRAYS)

    def __post_init__(self) -> None:
        if self.kept.dtype != bool or self.kept.shape != (len(self.base.points),):
            raise BadInput(
                f"A mask of {self.kept.dtype} with the shape {self.kept.shape} is given for "
                f"{len(self.base.points):,} Gaussians; give one truth value for each."
            )
