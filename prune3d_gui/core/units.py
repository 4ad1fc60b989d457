"""Units: what a model can prune, as leaves of a tree of any depth."""

from __future__ import annotations

from dataclasses import dataclass


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
        How many elements (weights, neurons, Gaussians) the leaf holds.
    macs : int
        Multiply-accumulates spent in it for the model's named workload.
    """

    id: str
    name: str
    path: tuple[str, ...]
    count: int
    macs: int = 0

    @property
    def group(self) -> str:
        """The path as one string, such as ``encoder/layer1``."""
        return "/".join(self.path)
