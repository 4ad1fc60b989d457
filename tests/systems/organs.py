"""Organs in a scan: branches that go whole, labels, slices, Dice by class, a label map."""

import json

import nibabel
import numpy as np
import torch
from torch.nn import functional

from prune3d_gui.core.cancel import NEVER
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
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.core.scene.views import View
from prune3d_gui.core.score.parts import Part, means_over
from prune3d_gui.core.score.scores import Metric, Scores
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.core.system import System
from prune3d_gui.files.atomic import writing

TABLE = {1: Label("liver", (178, 84, 66)), 2: Label("kidney", (84, 150, 90)),
         3: Label("spleen", (92, 112, 190)), 4: Label("tumour", (232, 186, 60))}  # fmt: skip
# Centres and half axes in voxels; what comes later lies on what comes before.
BODIES = {1: ((10, 20, 12), (7, 10, 8)), 2: ((21, 9, 12), (4, 5, 7)),
          3: ((22, 26, 13), (5, 6, 6)), 4: ((10, 11, 13), (3, 4, 3))}  # fmt: skip
CODES = torch.tensor(((0, 0), (1, 0), (0, 1), (-1, 0), (0, -1.0)))  # of each class, in both echoes
SHAPE, NOISE, ROLES = (30, 36, 24), 0.35, ("reference", "pruned")
AFFINE = np.array(((-2.0, 0, 0, 29), (0, 2, 0, -35), (0, 0, 3, -36), (0, 0, 0, 1)))  # RAS, mm
SIZES = (1, 3, 5)  # voxels along an edge of the kernels, by row of branches
GAINS = torch.tensor(((0.2, 0.21, 0.22, 0.15), (0.5, 0.48, 0.45, 0.35), (0.3, 0.28, 0.26, 0.18)))
NOTHING = 0.4  # votes that a class needs; GAINS are those of a branch, by row and class
RATE = Knob("rate", "Branches", "rate", 0.0, unit="%", help="Share of branches, lightest first.")


class Plugin(System):
    """The system."""

    id, title, citation = "organs", "Organs", "No one, 2026."

    def bundled(self):
        return (ModelRef(self.id, Branches.title),)

    def open(self, ref, cancel=NEVER):
        return Branches()


class Branches(Model):
    """Kernels of three sizes for each class; each of them is a branch."""

    title, weights_hash, primary, knobs = "Twelve branches", "branches-1", "rate", (RATE,)
    formats = (Format("npz", "Branches", ".npz"), Format("nifti", "Label map", ".nii", "result"))
    views = (*(View(name.lower(), name, "slice", ROLES, axis)
               for name, axis in (("Axial", 2), ("Coronal", 1), ("Sagittal", 0))),
             View("space", "3D", roles=ROLES))  # fmt: skip
    metrics = (Metric("dice", "Dice", "higher", "2 |A and B| / (|A| + |B|), mean over classes.",
                      slack=Threshold(-0.05, "difference")),
               Metric("wrong", "Wrong", "lower", "Voxels of another class.", "%"))  # fmt: skip
    units = tuple(Unit(f"{label.name}{size}", f"{size}.{number}", (f"{size} wide",), 2 * size**3,
                       2 * size**3 * int(np.prod(SHAPE)), "weights", True, (row, number - 1))
                  for row, size in enumerate(SIZES) for number, label in TABLE.items())  # fmt: skip

    def __init__(self):
        codes = CODES[1:, :, None, None, None]
        self.kernels = [codes.expand(-1, -1, n, n, n) / n**3 for n in SIZES]

    def samples(self):
        return (Sample("ann", "Ann", "Patients"), Sample("ben", "Ben, no tumour", "Patients"))

    def scan(self, sample, step=1):
        """Classes of the voxels of a patient, and (2, X, Y, Z) values as a scanner gives them."""
        rng = np.random.default_rng(ord(sample[0]))
        places, shift = np.moveaxis(np.indices(SHAPE), 0, -1), rng.integers(-1, 2, 3)
        truth = np.zeros(SHAPE, np.uint8)
        for number, (centre, axes) in BODIES.items():
            inside = (((places - centre - shift) / axes) ** 2).sum(-1) <= 1
            truth[inside & ((sample, number) != ("ben", 4))] = number
        values = np.moveaxis(CODES.numpy()[truth] + rng.normal(0, NOISE, (*SHAPE, 2)), -1, 0)
        return truth[::step, ::step, ::step], np.float32(values[:, ::step, ::step, ::step])

    def apply(self, plan, cancel=NEVER):
        own = dict(plan.rates)
        order = sorted(self.units, key=lambda unit: float(GAINS[unit.cell]))
        free = [u.id for u in order if u.id not in own and u.id not in plan.locks]
        gone = set(free[: round(plan.value(RATE) / 100 * len(order))])
        gone |= {u.id for u in order if u.check_rate(own.get(u.id, 0)) == 100} - set(plan.locks)
        left = {unit.id: 0 if unit.id in gone else unit.count for unit in self.units}
        total, kept = sum(unit.count for unit in self.units), sum(left.values())
        macs = sum(unit.macs for unit in self.units if left[unit.id])
        size = (total, total, 0, total - kept, 4 * kept, "npz", macs, "one scan", left)
        on = torch.tensor([n > 0 for n in left.values()]).view(3, 4)
        return Applied(plan, Footprint(*size, frozenset(left)), on)

    def classes(self, values, kept):
        """The class with the most votes of the branches that are kept, voxel by voxel."""
        votes = torch.zeros(len(CODES), *values.shape[1:])
        votes[0] = NOTHING
        for kernels, gains, on in zip(self.kernels, GAINS, kept, strict=True):
            if on.any():
                side = (kernels.shape[-1] // 2,) * 6
                padded = functional.pad(torch.tensor(values), side, "replicate")
                seen = functional.conv3d(padded, kernels[on])
                votes[1:][on] += gains[on].view(-1, 1, 1, 1) * seen
        return votes.argmax(0).numpy().astype(np.uint8)

    def scene(self, numbers, values, step):
        affine = AFFINE @ np.diag((step, step, step, 1))
        labels = Labels(numbers, TABLE, affine, "mm")
        scan = Layer("scan", Volume(np.abs(values).max(0), 0.5, affine, "mm"), view="slice")
        layers = (scan, Layer("map", labels, view="slice", opacity=0.6), Layer("organs", labels))
        return Scene(layers, up="z")

    def reconstruct(self, applied, sample, query, quality, cancel):
        for name, step in (("preview", 2), ("full", 1))[: 1 + (quality == "full")]:
            cancel.check()
            values = self.scan(sample, step)[1]
            yield Stage(name, self.scene(self.classes(values, applied.token), values, step))

    def reference(self, sample, query, cancel=NEVER):
        return self.scene(*self.scan(sample), 1)

    def score(self, applied, sample, query, stage, full, cancel=NEVER):
        got = stage.scene.layer("organs").data.values
        want = self.scan(sample, 1 if stage.quality == "full" else 2)[0]
        found = {n: (got == n, want == n) for n in TABLE}
        dice = {n: 2 * float((a & b).sum() / (a.sum() + b.sum())) if b.any() else np.nan
                for n, (a, b) in found.items()}  # fmt: skip
        parts = tuple(Part("class", TABLE[n].name, {"dice": value}) for n, value in dice.items())
        values = {**means_over(parts, "class"), "wrong": 100 * float((got != want).mean())}
        return Scores(values, parts=parts, over="class")

    def export(self, applied, format_id, path, moment, cancel=NEVER):
        kept = zip(self.kernels, applied.token, strict=True)
        np.savez(path, *(kernels[on] for kernels, on in kept), **{KEY: json.dumps(moment)})
        return (f"{int(applied.token.sum())} of 12 branches are left.",)

    def export_result(self, scene, format_id, path, moment, cancel=NEVER):
        labels = scene.layer("organs").data
        image = nibabel.Nifti1Image(labels.values, labels.affine)
        image.header.set_xyzt_units("mm")
        said = nibabel.nifti1.Nifti1Extension("comment", json.dumps(moment).encode())
        image.header.extensions.append(said)
        with writing(path) as temporary:
            nibabel.save(image, temporary)
        return ("Its axes run to left, anterior and superior.",)

    def explain(self, sample, scene, pick):
        return TABLE[int(scene.layer(pick.layer).data.values.flat[pick.index])].name
