"""How other orders, and a smaller network without a choice, fare on one patient: curves."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.score.scores import Comparison, Curve
from prune3d_gui.metrics.overlaps import overlaps

from .branches import Branches
from .controls import ERROR, PARAMETERS
from .data.patients import PatientData
from .pruning.orders import Order, ascending, in_rounds, shuffled

POINTS = 9
"""Numbers of branches left that a curve has a point for."""
RANDOM_SEEDS = (0, 1, 2)
"""Of the random orders; the curve of them is their mean."""
SHOWN = (("change", "Output change"), ("rounds", "Output change, rounds"), ("l1", "L1 magnitude"))
"""Orders that take no longer than a pass of the calibration patients."""
COMPARISON = Comparison(
    "Dice error against parameters",
    PARAMETERS,
    ERROR,
    "One line per order in which the branches of this network go, on this patient; the random "
    "one is the mean over three seeds. Dots are the plans visited. Where a smaller dense network "
    "that was trained alike comes with the program, it is a point of its own.",
)


def order_curves(
    branches: Branches,
    sample: str,
    patient: PatientData,
    wanted: np.ndarray,
    classes: int,
    cancel: CancelToken,
) -> Iterator[Curve]:
    """Walk orders, random ones among them, and give the Dice error for the parameters left.

    Parameters
    ----------
    branches : Branches
    sample : str
    patient : PatientData
    wanted : (X, Y, Z) uint8
        What results are compared with.
    classes : int
    """
    units, whole = branches.network.units, branches.total
    stops = np.unique(np.linspace(0, len(units), POINTS).round().astype(int))

    def walked(order: Order) -> list[tuple[float, float]]:
        found = []
        for count in stops:
            cancel.check()
            away = frozenset(order[:count])
            left = whole - sum(branches.network.parameters_of(unit) for unit in away)
            labels = branches.runner.segmented(sample, patient.volume, away, cancel).labels
            error = dice_error(wanted, labels, classes, patient.affine)
            found.append((float(left), error))
        return found

    for criterion, title in SHOWN:
        scores = branches.scores(criterion, cancel)
        order = in_rounds(scores, units) if criterion == "rounds" else ascending(scores, units)
        yield _curve(criterion, title, walked(order))
    runs = np.array([walked(shuffled(units, seed)) for seed in RANDOM_SEEDS])
    title = f"Random, mean of {len(RANDOM_SEEDS)}"
    yield _curve("random", title, [(float(x), float(y)) for x, y in runs.mean(axis=0)])


def dense_curve(
    dense: Branches, patient: PatientData, wanted: np.ndarray, classes: int, cancel: CancelToken
) -> Curve:
    """A smaller network that was trained alike: one point."""
    labels = dense.runner.segmented("", patient.volume, frozenset(), cancel).labels
    error = dice_error(wanted, labels, classes, patient.affine)
    return _curve("dense", "Smaller dense network", [(float(dense.total), error)])


def dice_error(wanted: np.ndarray, found: np.ndarray, classes: int, affine: np.ndarray) -> float:
    """One minus the mean Dice over the classes but the background that `wanted` has."""
    return 1 - overlaps(wanted, found, classes, affine).mean_dice


def _curve(id_: str, title: str, points: list[tuple[float, float]]) -> Curve:
    """What can be drawn on logarithmic axes, the smallest network first."""
    return Curve(id_, title, tuple(sorted((x, y) for x, y in points if x > 0 and y > 0)))
