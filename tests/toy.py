"""A whole system in few lines: blobs in a volume, a tolerance, a relative error.

It shares no knob kind, scene type or metric with the shipped systems, so whatever works
with it asks nothing of them. Dropped into a plugin folder, it is found as ``Plugin``.
"""

import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.model import (
    Applied,
    Format,
    Model,
    ModelRef,
    Sample,
    Stage,
)
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.core.score.scores import ColourScale, Comparison, Curve, Metric, Scores
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.core.system import System

SIZES = {"low": 12, "mid": 24, "high": 48}
TOLERANCE = Knob(
    "tolerance", "Tolerance", "log", 1e-3, minimum=1e-3, maximum=1.0, help="Drop blobs below it."
)
SCOPE = Knob(
    "scope", "Scope", "choice", "all", units_allowed=True,
    choices=(Choice("all", "All bands"), Choice("detail", "Mid and high")),
)  # fmt: skip
TIME = Knob("time", "Time", "linear", 0.0, "reconstruct", 0.0, 1.0, 0.01, unit="s", help="When.")
COLOUR = Knob(
    "colour", "Colour", "choice", "error", "draw",
    choices=(Choice("error", "Error"), Choice("density", "Density")),
)  # fmt: skip
GRID = Knob("grid", "Grid", "steps", 24, "reconstruct", 12, 40, 1, help="Points per edge.")


class Plugin(System):
    """The system; `delay` seconds per stage, `fail_above` a tolerance, `said` of exports."""

    id, title, citation = "toy", "Blobs", "No one, 2025."
    sample_files, model_files = ("*.png",), ("*.npz",)
    delay, fail_above, said = 0.0, np.inf, ()

    def bundled(self):
        return (ModelRef(self.id, "Eighty-four blobs"), ModelRef(self.id, "Twin", device="cpu"))

    def open(self, ref, cancel=NEVER):
        if ref.path:
            raise BadInput(f"'{ref.path}' holds no blobs; give a file that the toy wrote.")
        return ToyModel(self, ref.title)


class ToyModel(Model):
    """Blobs with weights that fall from 1 to 0.002, in three bands of detail."""

    weights_hash, note, primary = "blobs-1", "Made of random blobs.", "tolerance"
    knobs, formats = (TOLERANCE, SCOPE, GRID), (Format("npz", "Blob list", ".npz"),)
    metrics = (
        Metric(
            "l2",
            "Relative L2",
            "lower",
            "||f - g|| / ||g|| on the grid.",
            "%",
            log=True,
            slack=Threshold(1.33, "factor"),
        ),
        Metric("peak", "Peak", "higher", "Largest value of the field.", plot=False, own=True),
    )
    colours = (ColourScale("error", "|f - g|", 0.0, 0.5),)
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

    def select(self, text, cancel=NEVER):
        return tuple(s.id for s in self.samples())[: int(text.removeprefix("val:"))]

    def open_sample(self, path, cancel=NEVER):
        if Path(path).suffix != ".png":
            raise BadInput(f"'{path}' is not a picture; give a PNG.")
        return Sample("s0", Path(path).stem, "Yours", None, notices=("The picture was ignored.",))

    def apply(self, plan, cancel=NEVER):
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
        return Volume(values, 0.4, along_axes((2 / (size - 1),) * 3, (-1, -1, -1)), "unit")

    def reconstruct(self, applied, sample, query, quality, cancel):
        if applied.plan.value(TOLERANCE) > self.system.fail_above:
            raise RuntimeError("the blobs fell apart")
        full = int(query.value(GRID))
        for name, size in (("preview", full // 2), ("full", full)):
            if name == "preview" or quality == "full":
                time.sleep(self.system.delay)
                cancel.check()
                yield Stage(name, Scene((Layer("field", self.field(sample, applied.token, size)),)))

    def reference(self, sample, query, cancel=NEVER):
        return Scene((Layer("field", self.field(sample, self.weights, int(query.value(GRID)))),))

    def score(self, applied, sample, query, stage, full, cancel=NEVER):
        got = stage.scene.layers[0].data.values
        want = self.field(sample, self.weights, got.shape[0]).values
        error = 100 * float(np.linalg.norm(got - want) / np.linalg.norm(want))
        arrays = {"field": {"error": np.abs(got - want).ravel()}}
        return Scores({"l2": error + 0.01, "peak": float(got.max())}, {"l2": 0.01}, arrays)

    def run_once(self, applied, sample, query):
        self.field(sample, applied.token, int(query.value(GRID)))

    def export(self, applied, format_id, path, moment, cancel=NEVER):
        np.savez(path, weights=applied.token, **{KEY: json.dumps(moment)})
        return self.system.said

    def explain(self, sample, scene, pick):
        return f"{pick.of} {pick.index} of {scene.layers[0].data.values.size}"

    def close(self):
        self.weights = None


class Fields(Plugin):
    """A system in which every sample is a network of its own, and moves with the time."""

    id, title, names = "fields", "Moving blobs", ("s0", "s1", "s2")
    broken = ""  # sample whose network does not open
    curve_delay = 0.0

    def __init__(self):
        self.opened, self.curved = [], []

    def bundled(self):
        return tuple(ModelRef(self.id, f"Network of {name}") for name in self.names)

    def open(self, ref, cancel=NEVER):
        self.opened.append(ref)
        name = ref.title.split()[-1]
        if name == self.broken:
            raise BadInput(f"The network of {name} is damaged; fetch it again.")
        return FieldModel(self, ref.title)


class FieldModel(ToyModel):
    """A network that holds one sample alone, loses its blobs bodily, and has curves."""

    knobs = (TOLERANCE, SCOPE, GRID, TIME, COLOUR)
    metrics = (
        *ToyModel.metrics,
        Metric("blobs", "Blobs", "lower", "Blobs left.", plot=False, own=True),
    )
    colours = (
        ColourScale("error", "|f - g|", 0.0, 0.5),
        ColourScale("density", "Density", 0.0, 2.0, "grey"),
    )
    comparison = Comparison("Error against blobs", "blobs", "l2", "Blobs dropped in two orders.")

    def __init__(self, system, title):
        super().__init__(system, title)
        self.weights_hash = f"blobs of {title}"

    def samples(self):
        refs = dict(zip(self.system.names, self.system.bundled(), strict=True))
        return tuple(replace(s, opens=refs[s.id]) for s in super().samples() if s.id in refs)

    def select(self, text, cancel=NEVER):
        raise BadInput(f"{text!r} is no sample.")

    def apply(self, plan, cancel=NEVER):
        applied = super().apply(plan, cancel)
        size, gone = applied.footprint, applied.footprint.zeroed
        size = replace(size, zeroed=0, removed=gone, bytes=4 * (size.total - gone))
        return replace(applied, footprint=size)

    def moved(self, sample, weights, size, query):
        if not self.title.endswith(sample):
            raise KeyError(f"{self.title} was asked for {sample}")
        field = self.field(sample, weights, size)
        steps = round(float(query.value(TIME)) * size)
        values = np.ascontiguousarray(np.roll(field.values, steps, axis=0))
        return replace(field, values=values, arrays={"density": values.ravel()})

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            size = stage.scene.layers[0].data.values.shape[0]
            field = self.moved(sample, applied.token, size, query)
            yield Stage(stage.quality, Scene((Layer("field", field),)))

    def reference(self, sample, query, cancel=NEVER):
        field = self.moved(sample, self.weights, int(query.value(GRID)), query)
        return Scene((Layer("field", field),))

    def score(self, applied, sample, query, stage, full, cancel=NEVER):
        got = stage.scene.layers[0].data.values
        want = self.moved(sample, self.weights, got.shape[0], query).values
        error = 100 * float(np.linalg.norm(got - want) / np.linalg.norm(want))
        values = {"l2": error + 0.01, "peak": float(got.max())}
        values["blobs"] = float(np.count_nonzero(applied.token))
        return Scores(values, {}, {"field": {"error": np.abs(got - want).ravel()}})

    def curves(self, sample, query, cancel):
        self.system.curved.append((sample, query))
        for name, fall in (("weight", 2.0), ("random", 1.0)):
            points = []
            for blobs in (80, 40, 20, 10):
                cancel.check()
                time.sleep(self.system.curve_delay)
                points.append((float(blobs), 5000.0 / blobs**fall))
                yield Curve(name, f"By {name}", tuple(points))

    def explain(self, sample, scene, pick):
        return f"{pick.of.title()} {pick.index}\nValue: 0.4\nKept: 12 of 84\nNear a blob."
