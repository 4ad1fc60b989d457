"""Thresholds: how bad a metric may become, as a value or against the full model's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from ..errors import BadInput
from ..numerals import read_number, with_unit

By = Literal["value", "factor", "difference"]
FORMS = "a value such as 5.0, a multiple of the full model's own such as 1.33x, or a difference"
"""What a person may write, but for an example of the difference."""


@dataclass(frozen=True, slots=True)
class Threshold:
    """The worst value of a metric that passes.

    Parameters
    ----------
    amount : float
        In the metric's own unit; a plain number where it is a factor.
    by : {"value", "factor", "difference"}
        ``factor`` times the full model's own value, or that with the ``difference`` added.
    """

    amount: float
    by: By = "value"

    @property
    def relative(self) -> bool:
        """Whether it needs the full model's own value."""
        return self.by != "value"

    def at(self, full: float) -> float:
        """The value itself, where the full model has `full`."""
        if self.by == "factor":
            return self.amount * full
        return full + self.amount if self.by == "difference" else self.amount

    def words(self, unit: str = "") -> str:
        """Write it as `read_threshold` reads it; `unit` is the metric's."""
        if self.by == "factor":
            return f"{self.amount:.3g}x"
        if self.by == "difference":
            return with_unit(f"{self.amount:+.3g}", unit)
        return f"{'=' if self.amount < 0 else ''}{self.amount:g}"


def read_threshold(text: str, what: str, unit: str = "") -> Threshold:
    """Read ``5.0``, ``1.33x``, ``+0.5`` or ``-1 dB``.

    A number with a sign is a difference to the full model's own value; ``=-5`` is the value -5.

    Parameters
    ----------
    text : str
    what : str
        Words before the quotation in a complaint.
    unit : str
        Of the metric; it may stand behind a value or a difference.

    Raises
    ------
    BadInput
        If the text is none of these, or a multiple is not above 0.
    """
    bare = text.strip().replace("\u2212", "-")
    example = with_unit("-1", unit)
    advice = f"write {FORMS} such as {example}"
    if bare[-1:].lower() in ("x", "×"):
        factor = read_number(bare, what, units=("x", "×"), advice=advice)
        if factor <= 0:
            raise BadInput(f"{what} {bare!r} is not a number above 0; {advice}.")
        return Threshold(factor, "factor")
    by: By = "difference" if bare[:1] in ("+", "-") else "value"
    number = bare.removeprefix("=").strip()
    return Threshold(read_number(number, what, units=(unit,) if unit else (), advice=advice), by)
