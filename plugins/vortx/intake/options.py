"""What a person may say of a sequence, where measuring it goes wrong."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.texts import read_json

AUTO = "auto"
C2W, W2C = "camera-to-world", "world-to-camera"
OPENCV, OPENGL = "opencv", "opengl"
UNITS = {"m": 1.0, "cm": 0.01, "mm": 0.001}
"""Metres of a unit of length."""
UPS = ("x", "y", "z", "-x", "-y", "-z")
FILE = "file"
"""Of `colour`: what the files say of the photograph's camera, unmeasured."""
NAMES = ("poses", "axes", "units", "depth", "up", "colour")
TOLD = "intake.json"
"""File beside photographs in which a person says what of these is not to be measured."""
EXAMPLE = '{"up": "-y"}'


@dataclass(frozen=True, slots=True)
class Options:
    """Overrides of what is measured; ``auto`` measures.

    Parameters
    ----------
    poses : str
        ``camera-to-world`` or ``world-to-camera``.
    axes : str
        Of cameras: ``opencv`` (right, down, front) or ``opengl`` (right, up, back).
    units : str
        Of positions: ``m``, ``cm``, ``mm``, or metres of a unit as a number.
    depth : str
        Steps of the numbers of depth in a metre, such as ``1000`` for millimetres.
    up : str
        The axis of the files' world that points up: ``z``, ``-y`` and so on.
    colour : str
        ``file`` to take the photograph's camera as the files say, or its focal length in pixels.
    """

    poses: str = AUTO
    axes: str = AUTO
    units: str = AUTO
    depth: str = AUTO
    up: str = AUTO
    colour: str = AUTO

    def __post_init__(self) -> None:
        for name, known in (("poses", (C2W, W2C)), ("axes", (OPENCV, OPENGL)), ("up", UPS)):
            value = getattr(self, name)
            if value not in (AUTO, *known):
                raise BadInput(
                    f"The option {name} is {value!r}; give {AUTO}, {' or '.join(known)}."
                )
        if self.units not in UNITS:
            self.number("units", f"{', '.join(UNITS)} or metres of a unit")
        self.number("depth", "steps of depth in a metre, such as 1000")
        if self.colour != FILE:
            self.number("colour", f"{FILE} or a focal length in pixels")

    def number(self, name: str, wanted: str = "") -> float | None:
        """The number that an option gives; None for ``auto`` and words.

        Raises
        ------
        BadInput
            If it is none above 0 and `wanted` says what it should be.
        """
        value = str(getattr(self, name)).strip()
        if value == AUTO:
            return None
        good = re.fullmatch(r"[0-9]*\.?[0-9]+(e[-+]?[0-9]+)?", value, re.I)
        if good and float(value) > 0:
            return float(value)
        if not wanted:
            return None
        raise BadInput(f"The option {name} is {value!r}; give {AUTO}, {wanted}.")

    @property
    def pose_unit(self) -> float | None:
        """Metres of a unit of positions; None to be measured."""
        return UNITS[self.units] if self.units in UNITS else self.number("units")

    @property
    def depth_unit(self) -> float | None:
        """Metres of a step of depth; None to be measured."""
        steps = self.number("depth")
        return None if steps is None else 1 / steps


def options_of(path: Path) -> Options:
    """What a person says in `TOLD` in a folder, or beside a file; nothing where there is none.

    Raises
    ------
    BadInput
        If it is no JSON object of `NAMES`, or a value cannot be.
    """
    file = (path if path.is_dir() else path.parent) / TOLD
    if not file.is_file():
        return Options()
    try:
        told = read_json(file)
    except (ValueError, RecursionError, OSError) as error:
        raise BadInput(f"'{file}' is no JSON ({error}); give such as {EXAMPLE}.") from error
    if not isinstance(told, dict) or not set(told) <= set(NAMES):
        unknown = sorted(set(told) - set(NAMES)) if isinstance(told, dict) else told
        raise BadInput(f"'{file}' says {unknown}; give some of {', '.join(NAMES)}, as {EXAMPLE}.")
    return Options(**{name: str(value) for name, value in told.items()})
