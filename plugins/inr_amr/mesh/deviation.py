"""How far a mesh is from its field: a root mean square from random points, as well as it is known.

The squared differences at uniform random points are a sample of their distribution over the
box. Their mean is known up to its standard error, and so is its root.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Deviation:
    """A root mean square difference and its standard error, in units of the value.

    Attributes
    ----------
    rmse : float
        NaN without points.
    error : float
        By the delta method, sd(w²) / (2 rmse √n) for the differences w at n points.
    """

    rmse: float
    error: float

    @classmethod
    def of(cls, wrong: np.ndarray) -> Deviation:
        """Take it from differences (n,) at random points."""
        if not len(wrong):
            return cls(math.nan, math.nan)
        squares = wrong.astype(np.float64) ** 2
        with np.errstate(invalid="ignore"):
            spread = float(squares.std()) / math.sqrt(len(squares))
        rmse = math.sqrt(squares.mean())
        return cls(rmse, spread / (2 * rmse) if rmse else 0.0)

    def columns(self) -> dict[str, float]:
        """Give ``rmse`` and ``rmse_error``, to the second digit of the error."""
        if not (math.isfinite(self.rmse) and 0 < self.error < math.inf):
            return {"rmse": self.rmse, "rmse_error": self.error}
        digits = 1 - math.floor(math.log10(self.error))
        return {"rmse": round(self.rmse, digits), "rmse_error": round(self.error, digits)}
