"""A whole system in few lines: blobs in a volume, a tolerance, a relative error.

It shares no knob kind, scene type or metric with the shipped systems, so whatever works
with it asks nothing of them. Dropped into a plugin folder, it is found as ``Plugin``.
"""

import time
from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.knobs import Choice, Knob
from prune3d_gui.core.scenes import Scene, Volume
from prune3d_gui.core.scores import ColourScale, Metric, Scores
from prune3d_gui.core.system import Applied, Format, ModelRef, Sample, Stage
from prune3d_gui.core.units import Unit

SIZES = {"low": 12, "mid": 24, "high": 48}
TOLERANCE = Knob(
    "tolerance", "Tolerance", "log", 1e-3, minimum=1e-3, maximum=1.0, help="Drop blobs below it."
)
SCOPE = Knob(
    "scope", "Scope", "choice", "all", units_allowed=True,
    choices=(Choice("all", "All bands"), Choice("detail", "Mid and high")),
)  # fmt: skip
GRID = Knob("grid", "Grid", "steps", 24, "reconstruct", 12, 40, 1, help="Points per edge.")


class Plugin:
    """The system; `delay` seconds per stage and `fail_above` a tolerance serve tests."""

    id, title, citation = "toy", "Blobs", "No one, 2025."
    sample_files, model_files = ("*.png",), ("*.npz",)
    delay, fail_above = 0.0, np.inf

    def bundled(self):
        return (ModelRef(self.id, "Eighty-four blobs"), ModelRef(self.id, "Twin", device="cpu"))

    def jobs(self):
        return ()

    def open(self, ref):
        if ref.path:
            raise BadInput(f"'{ref.path}' holds no blobs; give a file that the toy wrote.")
        return ToyModel(self, ref.title)


class ToyModel:
    """Blobs with weights that fall from 1 to 0.002, in three bands of detail."""

    device, weights_hash, note, primary = "cpu", "blobs-1", "Made of random blobs.", "tolerance"
    knobs, formats = (TOLERANCE, SCOPE, GRID), (Format("npz", "Blob list", ".npz"),)
    metrics = (
        Metric("l2", "Relative L2", "lower", "||f - g|| / ||g|| on the grid.", "%", log=True),
        Metric("peak", "Peak", "higher", "Largest value of the field.", plot=False),
    )
    colours, comparison = (ColourScale("error", "|f - g|", 0.0, 0.5),), None
    units = tuple(
        Unit(name, f"field.{name}.weight", ("field", name[:1]), size, size * 1000)
        for name, size in SIZES.items()
    )

    def __init__(self, system, title):
        self.system, self.title = system, title
        self.weights = np.geomspace(1.0, 2e-3, sum(SIZES.values()), dtype=np.float32)
        self.bands = np.repeat(list(SIZES), list(SIZES.values()))

    def samples(self):
        def picture(shade):
            return np.full((24, 24, 4), (shade, 90, 160, 255), np.uint8)

        return tuple(
            Sample(f"s{i}", f"Seed {i}", f"Group {i % 2}", picture(60 * i)) for i in range(4)
        )

    def select(self, text):
        return tuple(s.id for s in self.samples())[: int(text.removeprefix("val:"))]

    def open_sample(self, path):
        if Path(path).suffix != ".png":
            raise BadInput(f"'{path}' is not a picture; give a PNG.")
        return Sample("s0", Path(path).stem, "Yours", None, notices=("The picture was ignored.",))

    def prepare(self):
        pass

    def apply(self, plan):
        tolerance, scope = plan.value(TOLERANCE), plan.value(SCOPE)
        ids = {"all": list(SIZES), "detail": ["mid", "high"]}.get(scope) or scope.split(",")
        if unknown := set(ids) - set(SIZES):
            raise BadInput(f"There is no band {unknown.pop()!r}; take from {', '.join(SIZES)}.")
        limit = np.array([dict(plan.rates).get(band, tolerance) for band in self.bands])
        free = np.isin(self.bands, ids) & ~np.isin(self.bands, plan.locks)
        keep = ~(free & (self.weights < limit))
        left = {band: int(keep[self.bands == band].sum()) for band in SIZES}
        zeroed, total = int((~keep).sum()), len(keep)
        prunable = int(np.isin(self.bands, ids).sum())
        size = Footprint(total, prunable, zeroed, 0, 4 * total, "npz", 1000 * total, "one grid",
                         left, frozenset(ids))  # fmt: skip
        return Applied(plan, size, np.where(keep, self.weights, 0))

    def field(self, sample, weights, size):
        rng = np.random.default_rng(int(sample[1:]))
        axis = np.linspace(-1, 1, size, dtype=np.float32)
        centres = rng.uniform(-0.7, 0.7, (len(weights), 3)).astype(np.float32)
        fall = [np.exp(-((axis - c[:, None]) ** 2) / 0.06) for c in centres.T]
        values = np.einsum("n,nx,ny,nz->xyz", weights, *fall, optimize=True)
        return Volume(values, 0.4, (2 / (size - 1),) * 3, (-1, -1, -1), "unit")

    def reconstruct(self, applied, sample, query, quality, cancel):
        if applied.plan.value(TOLERANCE) > self.system.fail_above:
            raise RuntimeError("the blobs fell apart")
        full = int(query.value(GRID))
        for name, size in (("preview", full // 2), ("full", full)):
            if name == "preview" or quality == "full":
                time.sleep(self.system.delay)
                cancel.check()
                yield Stage(name, Scene((("field", self.field(sample, applied.token, size)),)))

    def reference(self, sample, query):
        return Scene((("field", self.field(sample, self.weights, int(query.value(GRID)))),))

    def score(self, applied, sample, query, stage, full):
        got = stage.scene.main.values
        want = self.field(sample, self.weights, got.shape[0]).values
        error = 100 * float(np.linalg.norm(got - want) / np.linalg.norm(want))
        arrays = {"error": np.abs(got - want).ravel()}
        return Scores({"l2": error + 0.01, "peak": float(got.max())}, {"l2": 0.01}, arrays)

    def export(self, applied, format_id, path, recipe):
        np.savez(path, weights=applied.token)

    def curves(self, sample, query, cancel):
        return iter(())

    def explain(self, sample, scene, pick):
        return f"{pick.of} {pick.index} of {scene.main.values.size}"

    def move_to(self, device):
        self.device = device

    def close(self):
        self.weights = None
