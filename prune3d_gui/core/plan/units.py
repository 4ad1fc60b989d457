"""Units: what a model can prune, as leaves of a tree of any depth."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ..errors import BadInput


@dataclass(frozen=True, slots=True)
class Unit:
    """One prunable tensor (or population) of a model.

    Parameters
    ----------
    id : str
        Stable short name used in plans and on the command line, such as ``C15``.
    name : str
        Full name of the tensor inside the model.
    path : tuple of str
        Groups from the root down to, and without, this leaf.
    count : int
        How many elements the leaf holds.
    macs : int
        Multiply-accumulates spent in it for the model's named workload.
    noun : str
        What the elements are, in the plural: ``weights``, ``neurons``, ``Gaussians``.
    whole : bool
        Whether it stays or goes as one, as a branch does: its own rate is 0 or 100 %.
    cell : (row, column), optional
        Its place where a matrix is the natural picture of the units, both from 0.
    """

    id: str
    name: str
    path: tuple[str, ...]
    count: int
    macs: int = 0
    noun: str = "weights"
    whole: bool = False
    cell: tuple[int, int] | None = None

    @property
    def group(self) -> str:
        """The path as one string, such as ``encoder/layer1``."""
        return "/".join(self.path)

    def check_rate(self, rate: float) -> float:
        """Return a rate of its own, in percent, if it can have that.

        Raises
        ------
        BadInput
            If it is not from 0 to 100, or a fraction of a whole unit.
        """
        if not 0 <= rate <= 100:
            raise BadInput(f"rate {rate:g} of unit {self.id} is out of range; give 0 to 100.")
        if self.whole and rate not in (0, 100):
            raise BadInput(
                f"The unit {self.id} stays or goes as a whole, so it has no rate {rate:g}; "
                "give 0 or 100."
            )
        return rate

    def rates(self, wanted: Iterable[float]) -> tuple[float, ...]:
        """Those of `wanted` that it can have as a rate of its own; a whole unit can always go."""
        if not self.whole:
            return tuple(wanted)
        return tuple(dict.fromkeys((*(rate for rate in wanted if rate in (0, 100)), 100.0)))


def noun_of(units: Iterable[Unit]) -> str:
    """What all elements of `units` are; ``elements`` where they differ."""
    nouns = {unit.noun for unit in units}
    return nouns.pop() if len(nouns) == 1 else "elements"
