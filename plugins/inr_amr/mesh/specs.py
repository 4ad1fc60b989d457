"""What is asked of a mesh: the rule that splits its cells, and its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.errors import BadInput

RULES = ("id", "gradient", "interpolation", "hybrid", "surface", "uniform")


@dataclass(frozen=True)
class RuleSpec:
    """Which cells are split.

    Parameters
    ----------
    rule : {"id", "gradient", "interpolation", "hybrid", "surface", "uniform"}
    threshold : float
        T, of errors and of the change across a cell, as a share of the range of values.
    proportion : float
        P, the kept fraction above which a cell is complex; 0 takes the affine rank: where the
        field is affine, d + 1 neurons make up each of L layers, so P = (d + 1) L / sum(widths).
        On two ReLU fits of sin(1 / (a + r)) larger multiples of it ended at larger errors.
    tolerance : float
        Of the decomposition within a cell, 0 to 1.
    samples, error_samples : int
        Points in a cell at which activations are taken, and others for errors and gradients.
    seed : int
    iso : float
        Value of the surface that the rule "surface" refines towards.

    Raises
    ------
    BadInput
        If the rule is unknown or a number is out of range.
    """

    rule: str = "hybrid"
    threshold: float = 1e-2
    proportion: float = 0.0
    tolerance: float = 1e-2
    samples: int = 256
    error_samples: int = 128
    seed: int = 0
    iso: float = 0.0

    def __post_init__(self) -> None:
        if self.rule not in RULES:
            raise BadInput(
                f"The mesh rule {self.rule!r} is unknown; take one of {', '.join(RULES)}."
            )
        if not 0 < self.threshold < np.inf:
            raise BadInput(f"A threshold of {self.threshold:g} splits all cells or none; take > 0.")
        for name in ("proportion", "tolerance"):
            if not 0 <= getattr(self, name) <= 1:
                raise BadInput(f"The {name} {getattr(self, name):g} is out of range; take 0 to 1.")
        if min(self.samples, self.error_samples) < 1:
            raise BadInput(
                f"Cells cannot be judged by {self.samples} and {self.error_samples} points; take "
                "one or more of each."
            )


@dataclass(frozen=True)
class MeshSpec:
    """What is asked of a mesh.

    Parameters
    ----------
    rule : RuleSpec
        Which leaves are split.
    base : int
        Level at which refinement starts.
    depth : int
        Finest level; at most 12 in 2D and 10 in 3D.
    cells : int
        Most leaves; 0 for no limit.
    memory : int
        Most bytes the mesh may take, by an estimate from its leaves and vertices.
    seconds : float
        Longest time; 0 for no limit.
    balance : bool
        Let leaves that touch differ by one level at most.
    bulk : float
        Share of the candidates split in a round, worst first; 1 as in PruningAMR.
    ignore_threshold : bool
        Every leaf of positive priority is a candidate: for a mesh of a number of cells.
    judge_all : bool
        Also judge the leaves that are not going to be split, for what is learnt of them.

    Raises
    ------
    BadInput
        If a number is out of range.
    """

    rule: RuleSpec
    base: int = 2
    depth: int = 7
    cells: int = 0
    memory: int = 2**30
    seconds: float = 0.0
    balance: bool = False
    bulk: float = 1.0
    ignore_threshold: bool = False
    judge_all: bool = False

    def __post_init__(self) -> None:
        if not 0 < self.bulk <= 1:
            raise BadInput(f"A bulk of {self.bulk:g} cannot be split; take more than 0, at most 1.")
        for name in ("cells", "seconds", "memory"):
            if not getattr(self, name) >= 0:
                raise BadInput(
                    f"The limit {name} = {getattr(self, name)} is negative; take 0 or more."
                )
