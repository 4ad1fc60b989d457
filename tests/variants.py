"""Variants of the toy that several folders of tests put beneath it."""

from pathlib import Path

TOY = Path(__file__).with_name("toy.py")


def write_plugins(folder, variants):
    """Fill a plugin folder with the toy, rooms and variants: lines put beneath the toy."""
    folder.mkdir()
    source = TOY.read_text()
    (folder / "toy.py").write_text(source)
    (folder / "rooms.py").write_text((TOY.parent / "systems" / "rooms.py").read_text())
    for name, lines in variants.items():
        (folder / f"{name}.py").write_text(source + lines)
    return folder


BLIND = """
Plugin.id = "blind"
ToyModel.reference = lambda self, *asked: None
def score(self, applied, sample, query, stage, full, *rest):
    if full is None:
        return None
    got, want = (scene.layers[0].data.values for scene in (stage.scene, full))
    worst = np.abs(got - want).max()
    return Scores({"l2": float(worst), "peak": float("nan")}, against="full")
ToyModel.score = score
"""
# Own rates are percents of a band, and the high band costs next to nothing.
RATED = """
Plugin.id = "rated"
COSTS = {"low": 1000, "mid": 100000, "high": 10}
ToyModel.units = tuple(replace(u, macs=u.count * COSTS[u.id]) for u in ToyModel.units)
plain_apply = ToyModel.apply
def limit(self, band, rate):
    weights = np.sort(self.weights[self.bands == band])
    count = round(rate / 100 * len(weights))
    return 2.0 if count == len(weights) else float(weights[count])
def apply(self, plan, *rest):
    own = tuple((band, limit(self, band, rate)) for band, rate in plan.rates)
    return replace(plain_apply(self, replace(plan, rates=own), *rest), plan=plan)
ToyModel.apply = apply
"""
# A knob chooses a mask of blobs; the job `learn` makes two, of the blobs that weigh most.
CHOOSING = """
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.jobs import Job, Made, Option, Progress
Plugin.id = "choosing"
def store():
    from prune3d_gui.files.artifacts import ArtifactStore  # brings in torch
    return ArtifactStore()
MASK = Knob("mask", "Mask", "artifact", "", takes="mask", help="A learned mask of blobs.")
ToyModel.knobs = (*ToyModel.knobs, MASK)
unmasked_apply = ToyModel.apply
def apply(self, plan, *rest):
    applied, digest = unmasked_apply(self, plan, *rest), plan.value(MASK)
    if not digest:
        return applied
    stored = store().open(digest, "mask", self.weights_hash, self.title)
    token = np.where(stored.tensors["keep"].numpy(), applied.token, 0)
    size = replace(applied.footprint, zeroed=int((token == 0).sum()))
    return replace(applied, token=token, footprint=size)
ToyModel.apply = apply
def learn(options, report, cancel):
    import torch
    rows = []
    for blobs in (60, 30):
        cancel.check()
        by = (("blobs", blobs), ("job", "learn"))
        origin = Origin("choosing", "Eighty-four blobs", options["weights"], by)
        keep = torch.arange(84) < blobs
        made = store().keep("mask", f"The {blobs} heaviest", origin, {"keep": keep})
        report(Made(made))
        rows.append({"mask": made.hash, "blobs": blobs})
        report(Progress(len(rows), 2, "learning", rows[-1]))
    return rows
OF = Option("weights", "blobs-1", "Hash of the weights.")
Plugin.jobs = lambda self: (Job("learn", "Learn two masks.", (OF,), learn),)
"""
# Bands are classes: what is left of each, and its largest loss while something is left of it.
# The sample s1 has no high band.
PARTED = """
from prune3d_gui.core.score.parts import Part, means_over
Plugin.id = "parted"
ToyModel.metrics = (
    *ToyModel.metrics,
    Metric("share", "Share", "higher", "Weight of a band that is left, mean over the bands."),
    Metric("loss", "Loss", "lower", "Largest weight lost of a band of which something is left."),
)
whole_score = ToyModel.score
def score(self, applied, sample, *asked):
    found = whole_score(self, applied, sample, *asked)
    parts = []
    for band in SIZES:
        mine, left = self.weights[self.bands == band], applied.token[self.bands == band]
        there = (sample, band) != ("s1", "high")
        share = float(left.sum() / mine.sum()) if there else np.nan
        loss = float((mine - left).max()) if there and left.any() else np.nan
        parts.append(Part("class", band, {"share": share, "loss": loss}))
    values = {**found.values, **means_over(parts, "class")}
    return replace(found, values=values, parts=tuple(parts), over="class")
ToyModel.score = score
"""
