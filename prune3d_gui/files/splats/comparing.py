"""How far two sets of Gaussians differ, field by field."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np

from ...core.scene.gaussians import Gaussians
from .packing import SH_C0, unit

_PART = 1 << 16  # rows compared together


@dataclass(frozen=True)
class Errors:
    """The largest difference in each field.

    Parameters
    ----------
    means : float
        Along one axis, in the unit of the scene.
    scales : float
        As a share: 0.03 where one is 3 % larger than the other.
    rotations : float
        Angle in degrees.
    opacities : float
        0 to 1.
    colours : float
        Of the constant colour, where 1 is from black to white.
    harmonics : float
        Of a coefficient beyond the constant.
    """

    means: float = 0.0
    scales: float = 0.0
    rotations: float = 0.0
    opacities: float = 0.0
    colours: float = 0.0
    harmonics: float = 0.0

    @property
    def none(self) -> bool:
        """Whether there is no difference at all."""
        return not any(getattr(self, one.name) for one in fields(self))

    def said(self) -> str:
        """The differences in a sentence."""
        if self.none:
            return "Every value is kept exactly."
        return (
            f"Largest error: positions {self.means:.2g}, scales {100 * self.scales:.2g} %, "
            f"rotations {self.rotations:.2g} degrees, opacities {self.opacities:.2g}, colours "
            f"{self.colours:.2g}, spherical harmonics {self.harmonics:.2g}."
        )


def largest_errors(one: Gaussians, other: Gaussians) -> Errors:
    """Compare Gaussians one by one; harmonics that only one of the two has count as 0.

    Raises
    ------
    ValueError
        If they are not equally many.
    """
    if one.count != other.count:
        raise ValueError(f"{one.count:,} Gaussians are compared with {other.count:,}")
    parts = [
        _errors(*(each.kept(slice(start, start + _PART)) for each in (one, other)))
        for start in range(0, one.count, _PART)
    ]
    names = [each.name for each in fields(Errors)]
    return Errors(*(max((getattr(p, name) for p in parts), default=0.0) for name in names))


def _errors(one: Gaussians, other: Gaussians) -> Errors:
    terms = min(one.harmonics.shape[1], other.harmonics.shape[1])
    rest = [
        _most(one.harmonics[:, 1:terms], other.harmonics[:, 1:terms]),
        *(_most(each.harmonics[:, terms:], 0.0) for each in (one, other)),
    ]
    with np.errstate(over="ignore"):
        scales = float(np.expm1(_most(one.log_scales, other.log_scales)))
    return Errors(
        means=_most(one.means, other.means),
        scales=scales,
        rotations=_turn(one.quaternions, other.quaternions),
        opacities=_most(one.opacities, other.opacities),
        colours=SH_C0 * _most(one.harmonics[:, 0], other.harmonics[:, 0]),
        harmonics=max(rest),
    )


def _most(one: np.ndarray, other: np.ndarray | float) -> float:
    away = np.abs(np.subtract(one, other, dtype=np.float64))
    return float(away.max()) if away.size else 0.0


def _turn(one: np.ndarray, other: np.ndarray) -> float:
    """Largest angle between rotations in degrees; exact for small ones, unlike an arc cosine."""
    if np.array_equal(one, other):
        return 0.0
    first, second = unit(one), unit(other)
    apart = np.minimum(*(np.linalg.norm(first + sign * second, axis=1) for sign in (-1, 1)))
    return float(np.degrees(4 * np.arcsin(np.minimum(apart.max(initial=0.0) / 2, 1))))
