"""A system of three modules: a slider for each, and branches that go as a whole, in a matrix.

Its seeded choice is called neither ``random`` nor ``seed``. Dropped into a plugin folder, it is
found as ``Plugin``.
"""

import numpy as np

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.knobs import Choice, Knob
from prune3d_gui.core.scores import Metric, Scores
from prune3d_gui.core.system import Applied
from prune3d_gui.core.units import Unit
from tests import toy

MODULES, BRANCHES, BLOBS = ("Coarse", "Middle", "Fine"), 4, 7
RATES = tuple(
    Knob(name.lower(), "Rate", "rate", 0.0, unit="%", group=name, help=f"Of {name}.")
    for name in MODULES
)
ORDER = Knob(
    "order", "Order", "choice", "light",
    choices=(Choice("light", "Lightest first"), Choice("drawn", "Drawn by lot", seed="lot")),
)  # fmt: skip
LOT = Knob("lot", "Lot", "steps", 0, maximum=99, step=1)


class Plugin(toy.Plugin):
    """The system."""

    id, title = "modules", "Three modules"

    def open(self, ref, cancel=NEVER):
        return ModulesModel(self, ref.title)


class ModulesModel(toy.ToyModel):
    """Twelve branches of seven blobs, the lightest of each module last."""

    weights_hash, primary = "modules-1", "coarse"
    knobs = (*RATES, ORDER, LOT, toy.GRID)
    metrics = (
        toy.ToyModel.metrics[0],
        Metric("overlap", "Overlap", "higher", "Dice of f and g above 0.4."),
    )
    units = tuple(
        Unit(f"{name[0]}{column + 1}", f"{name.lower()}.{column}", (name,), BLOBS, 1000 * BLOBS,
             "blobs", True, (row, column))
        for row, name in enumerate(MODULES)
        for column in range(BRANCHES)
    )  # fmt: skip

    def __init__(self, system, title):
        super().__init__(system, title)
        falling = np.geomspace(1.0, 2e-3, BRANCHES, dtype=np.float32)
        self.weights = np.repeat(np.tile(falling, len(MODULES)), BLOBS)

    def gone(self, plan):
        """Ids of the branches that a plan takes out."""
        found, own = set(), dict(plan.rates)
        for number, knob in enumerate(RATES):
            mine = self.units[number * BRANCHES : (number + 1) * BRANCHES]
            order = list(reversed(mine))
            if plan.value(ORDER) == "drawn":
                draw = np.random.default_rng([int(plan.value(LOT)), number])
                order = [mine[place] for place in draw.permutation(BRANCHES)]
            free = [unit.id for unit in order if unit.id not in own]
            count = round(float(plan.value(knob)) / 100 * BRANCHES)
            found |= set(free[: min(count, len(free))])
            found |= {unit.id for unit in mine if unit.check_rate(own.get(unit.id, 0)) == 100}
        return found - set(plan.locks)

    def apply(self, plan, cancel=NEVER):
        gone = self.gone(plan)
        kept = np.repeat([unit.id not in gone for unit in self.units], BLOBS)
        left = {unit.id: 0 if unit.id in gone else BLOBS for unit in self.units}
        zeroed, total = int((~kept).sum()), len(kept)
        size = Footprint(total, total, zeroed, 0, 4 * total, "npz", 1000 * total, "one grid",
                         left, frozenset(left))  # fmt: skip
        return Applied(plan, size, np.where(kept, self.weights, 0))

    def score(self, applied, sample, query, stage, full, cancel=NEVER):
        scores = super().score(applied, sample, query, stage, full)
        got = stage.scene.layers[0].data.values > 0.4
        want = self.field(sample, self.weights, got.shape[0]).values > 0.4
        overlap = 2 * float((got & want).sum()) / float(got.sum() + want.sum())
        values = {"l2": scores.values["l2"], "overlap": overlap}
        return Scores(values, scores.floors, scores.arrays)
