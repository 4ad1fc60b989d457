"""Lenses that bend a picture: COLMAP's camera models, which the other files share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from ...core.errors import BadInput

Bend = Callable[[np.ndarray, np.ndarray, tuple[float, ...]], tuple[np.ndarray, np.ndarray]]


@dataclass(frozen=True)
class Lens:
    """How straight rays come to the plane of a photograph.

    Parameters
    ----------
    model : str
        COLMAP's name.
    numbers : tuple of float
        Its parameters beyond focal lengths and principal point.
    """

    model: str
    numbers: tuple[float, ...]

    def bent(self, x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Where the ray ``(x, y, 1)`` comes to, in focal lengths from the principal point."""
        with np.errstate(all="ignore"):  # beyond what the lens sees, nothing is said
            return _MODELS[self.model].bend(x, y, self.numbers)


@dataclass(frozen=True)
class _Model:
    number: int
    focals: int  # 1 where width and height share the focal length
    further: int  # parameters beyond focal lengths and principal point
    bend: Bend
    fisheye: bool = False  # bent even where all further parameters are 0


def known(model: str | int, path: object) -> tuple[str, int]:
    """The name of a camera model, and how many parameters it has.

    Raises
    ------
    BadInput
        If it is not known, or sees all around.
    """
    name = _NAMES.get(model, str(model)) if isinstance(model, int) else model
    if name in _MODELS:
        found = _MODELS[name]
        return name, found.focals + 2 + found.further
    listed = ", ".join(_MODELS)
    reason = "sees all around, which no pinhole does" if name == _ALL_AROUND else "is not known"
    raise BadInput(f"'{path}' has a camera of the model {name}, which {reason}; known: {listed}.")


def split(
    model: str, numbers: tuple[float, ...]
) -> tuple[tuple[float, float], tuple[float, float], Lens | None]:
    """Focal lengths, principal point and lens of a camera of a known model."""
    found = _MODELS[model]
    focal = (numbers[0], numbers[found.focals - 1])
    x, y, *further = numbers[found.focals :]
    lens = Lens(model, tuple(further))
    plain = model == "EUCM" and not further[0]
    straight = plain or (not found.fisheye and not any(further))
    return focal, (x, y), None if straight else lens


def _none(x: np.ndarray, y: np.ndarray, _: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    return x, y


def _opencv(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    k1, k2, p1, p2, k3, k4, k5, k6 = (*numbers, *(0.0,) * (8 - len(numbers)))
    r2 = x * x + y * y
    along = (1 + r2 * (k1 + r2 * (k2 + r2 * k3))) / (1 + r2 * (k4 + r2 * (k5 + r2 * k6)))
    across = 2 * x * y
    return (
        x * along + p1 * across + p2 * (r2 + 2 * x * x),
        y * along + p2 * across + p1 * (r2 + 2 * y * y),
    )


def _angles(x: np.ndarray, y: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """The same direction, as far from the middle as the ray's angle; and that angle squared."""
    radius = np.hypot(x, y)
    angle = np.arctan(radius)
    by = np.divide(angle, radius, out=np.ones_like(radius), where=radius > 0)
    return x * by, y * by, angle * angle


def _fisheye(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    x, y, a2 = _angles(x, y)
    along = 1 + sum((k * a2 ** (i + 1) for i, k in enumerate(numbers)), np.zeros_like(a2))
    return x * along, y * along


def _thin_prism(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    k1, k2, p1, p2, k3, k4, sx, sy = numbers
    x, y, a2 = _angles(x, y)
    along = 1 + a2 * (k1 + a2 * (k2 + a2 * (k3 + a2 * k4)))
    across = 2 * x * y
    return (
        x * along + p1 * across + p2 * (a2 + 2 * x * x) + sx * a2,
        y * along + p2 * across + p1 * (a2 + 2 * y * y) + sy * a2,
    )


def _rad_tan_thin_prism(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    p0, p1, s0, s1, s2, s3 = numbers[6:]
    x, y = _fisheye(x, y, numbers[:6])
    r2, across = x * x + y * y, 2 * x * y
    return (
        x + p0 * (r2 + 2 * x * x) + p1 * across + r2 * (s0 + s1 * r2),
        y + p1 * (r2 + 2 * y * y) + p0 * across + r2 * (s2 + s3 * r2),
    )


def _fov(x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]) -> tuple[np.ndarray, np.ndarray]:
    (omega,) = numbers
    radius = np.hypot(x, y)
    wide = 2 * np.tan(omega / 2)
    by = np.full_like(radius, wide / omega)
    np.divide(np.arctan(radius * wide) / omega, radius, out=by, where=radius > 1e-9)
    return x * by, y * by


def _division(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    (k,) = numbers
    by = 2 / (1 + np.sqrt(1 - 4 * k * (x * x + y * y)))  # NaN where no ray comes from
    return x * by, y * by


def _eucm(
    x: np.ndarray, y: np.ndarray, numbers: tuple[float, ...]
) -> tuple[np.ndarray, np.ndarray]:
    alpha, beta = numbers
    by = 1 / (alpha * np.sqrt(beta * (x * x + y * y) + 1) + 1 - alpha)
    return x * by, y * by


_MODELS: Mapping[str, _Model] = {
    "SIMPLE_PINHOLE": _Model(0, 1, 0, _none),
    "PINHOLE": _Model(1, 2, 0, _none),
    "SIMPLE_RADIAL": _Model(2, 1, 1, _opencv),
    "RADIAL": _Model(3, 1, 2, _opencv),
    "OPENCV": _Model(4, 2, 4, _opencv),
    "OPENCV_FISHEYE": _Model(5, 2, 4, _fisheye, True),
    "FULL_OPENCV": _Model(6, 2, 8, _opencv),
    "FOV": _Model(7, 2, 1, _fov),
    "SIMPLE_RADIAL_FISHEYE": _Model(8, 1, 1, _fisheye, True),
    "RADIAL_FISHEYE": _Model(9, 1, 2, _fisheye, True),
    "THIN_PRISM_FISHEYE": _Model(10, 2, 8, _thin_prism, True),
    "RAD_TAN_THIN_PRISM_FISHEYE": _Model(11, 2, 12, _rad_tan_thin_prism, True),
    "SIMPLE_DIVISION": _Model(12, 1, 1, _division),
    "DIVISION": _Model(13, 2, 1, _division),
    "SIMPLE_FISHEYE": _Model(14, 1, 0, _fisheye, True),
    "FISHEYE": _Model(15, 2, 0, _fisheye, True),
    "EUCM": _Model(16, 2, 2, _eucm),
}
_ALL_AROUND = "EQUIRECTANGULAR"
_NAMES = {found.number: name for name, found in _MODELS.items()} | {17: _ALL_AROUND}
