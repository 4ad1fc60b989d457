"""Splats judged by photographs: the densest are hidden, so that opacity ranks them wrongly."""

import hashlib
from pathlib import Path

import numpy as np
import torch
from PIL import Image as Photograph

from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.jobs import Job, Made, Option, Progress
from prune3d_gui.core.model import Applied, Model, ModelRef, Sample, Stage
from prune3d_gui.core.plan.artifacts import Origin
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.core.scene.gaussians import Gaussians, KeptGaussians
from prune3d_gui.core.scene.scenes import Image, Layer, Scene
from prune3d_gui.core.scene.views import View
from prune3d_gui.core.score.scores import Metric, Scores
from prune3d_gui.core.system import System, Taken
from prune3d_gui.files.artifacts import ArtifactStore

SIDE, FOCAL, BAND_0, FILE = 48, 60.0, 0.28209479, "scene.npz"
SCENES = {"ring": (0, 90, 180, 270), "arc": (10, 30, 50)}
RATE = Knob("rate", "Pruned", "rate", 0.0, help="The least important go.")
RANKING = Knob("ranking", "Ranking", "artifact", "", takes="scores", help="None: by opacity.")


def made(name):
    rng, core, shots = np.random.default_rng(len(name)), np.arange(360) >= 240, {}
    points = rng.normal(size=(360, 3))
    points *= np.where(core, 0.4, 1.0)[:, None] / np.linalg.norm(points, axis=1, keepdims=True)
    bands = np.where(core[:, None], (0.4, -0.4, -0.4), 0.4 * np.sin(3 * points)) / BAND_0
    opacities = np.where(core, 0.99, rng.uniform(0.85, 0.95, 360))
    logits = np.log(opacities / (1 - opacities))
    sizes, turns = np.full((360, 3), 0.16), np.tile((1, 0, 0, 0), (360, 1))
    splats = Gaussians(*map(np.float32, (points, np.log(sizes), turns, logits, bands[:, None])))
    for turn in SCENES[name]:
        s, c = np.sin(np.radians(turn)), np.cos(np.radians(turn))
        pose = np.array(((c, 0, -s, 4 * s), (0, -1, 0, 0), (-s, 0, -c, 4 * c), (0, 0, 0, 1)))
        photo = render(splats, opacities > 0, pose)[0] + rng.uniform(-4, 4, (SIDE, SIDE, 3))
        shots[f"view{turn}"] = pose, np.uint8(photo)
    return splats, shots


def read(folder):
    found = dict(np.load(folder / FILE))
    shots = zip(found.pop("names").tolist(), found.pop("poses"), strict=True)
    shots = {n: (pose, np.array(Photograph.open(folder / f"{n}.png"))) for n, pose in shots}
    return Gaussians(**found), shots


def render(splats, keep, pose):
    seen, axis = (splats.means - pose[:3, 3]) @ pose[:3, :3], np.arange(SIDE) + 0.5
    picture, left, shares = np.zeros((SIDE, SIDE, 3)), np.ones((SIDE, SIDE)), np.zeros(len(keep))
    for i in (i for i in np.argsort(seen[:, 2]) if keep[i]):
        width, at = FOCAL * splats.scales[i, 0] / seen[i, 2], FOCAL * seen[i, :2] / seen[i, 2]
        across, down = np.exp(-(((axis - SIDE / 2 - at[:, None]) / width) ** 2) / 2)
        share = splats.opacities[i] * np.outer(down, across) * left
        picture += share[..., None] * (0.5 + BAND_0 * splats.harmonics[i, 0])
        left, shares[i] = left - share, share.max()
    return 250 * (picture + left[..., None]), shares


class Plugin(System):
    id, title, citation = "pictures", "Splats from photographs", "No one, 2026."

    def bundled(self):
        return tuple(ModelRef(self.id, name) for name in SCENES)

    def recognise(self, path):
        there = path.is_dir() and (path / FILE).is_file()
        return Taken("scene", "A scene of splats with its photographs.") if there else None

    def open(self, ref, *rest):
        return SplatModel(ref)

    def jobs(self):
        scene = Option("scene", "ring", "Scene to rank: one that is bundled, or a folder.")
        return (Job("rank", "Rank Gaussians by their share in pictures.", (scene,), self.rank_all),)

    def rank_all(self, options, report, cancel):
        scene, best = options["scene"], 0.0
        model = self.open(ModelRef(self.id, Path(scene).name, "" if scene in SCENES else scene))
        for done, (pose, _) in enumerate(model.shots.values(), start=1):
            cancel.check()
            best = np.maximum(best, render(model.splats, model.splats.opacities > 0, pose)[1])
            report(Progress(done, len(model.shots), "ranking"))
        origin = Origin(self.id, model.title, model.weights_hash, (("job", "rank"),))
        kept = ArtifactStore().keep("scores", "By share", origin, {"scores": torch.tensor(best)})
        report(Made(kept))
        return [{"ranking": kept.hash, "unseen": int((best < 0.05).sum())}]


class SplatModel(Model):
    primary = "rate"
    metrics = (Metric("psnr", "PSNR", "higher", "10 log10(255^2 / MSE) to a photograph.", "dB"),)
    views = (
        View("space", "Cameras", roles=("pruned",)),
        View("photo", "Photo", "picture"),
        View("difference", "Difference", "picture", ("pruned",)),
    )

    def __init__(self, ref):
        self.title = ref.title
        self.splats, self.shots = read(Path(ref.path)) if ref.path else made(ref.title)
        self.weights_hash = hashlib.sha256(self.splats.means.tobytes()).hexdigest()
        self.units = (Unit("splats", "all of them", (), len(self.splats.means), noun="Gaussians"),)
        all = tuple(Choice(name, name) for name in self.shots)
        self.camera = Knob("camera", "Camera", "choice", all[0].id, "reconstruct", choices=all)
        self.knobs = (RATE, RANKING, self.camera)
        poses, sizes = [pose for pose, _ in self.shots.values()], np.full((len(all), 2), SIDE)
        lenses = np.tile((FOCAL, FOCAL, SIDE / 2, SIDE / 2), (len(all), 1))
        self.cameras = Cameras(np.array(poses), lenses, sizes, (*self.shots,))

    def samples(self):
        photo = np.insert(self.shots[self.camera.default][1], 3, 255, axis=2)
        others = [Sample(n, n, opens=ModelRef("pictures", n)) for n in SCENES if n != self.title]
        return (Sample(self.title, self.title, thumbnail=photo), *others)

    def apply(self, plan, *rest):
        ranks, n = self.splats.opacities, len(self.splats.means)
        if digest := plan.value(RANKING):
            store = ArtifactStore().open(digest, "scores", self.weights_hash, self.title)
            ranks = store.tensors["scores"].numpy()
        rate = dict(plan.rates).get("splats", plan.value(RATE)) * ("splats" not in plan.locks)
        left = n - round(rate / 100 * n)
        keep = np.argsort(np.argsort(-ranks, kind="stable")) < left
        all, own, work = 14 * n, {"splats": left}, SIDE**2 * left
        gone, scope = 14 * (n - left), frozenset(own)
        size = Footprint(all, all, 0, gone, 56 * left, "fp32", work, "a photo", own, scope)
        return Applied(plan, size, keep)

    def reconstruct(self, applied, sample, query, quality, cancel):
        pose, photo = self.shots[query.value(self.camera)]
        picture = np.uint8(render(self.splats, applied.token, pose)[0])
        off = 255 - np.minimum(np.abs(picture - photo.astype(int)) * 4, 255)
        flat = {"photo": picture, "difference": np.uint8(off)}
        kept, layers = KeptGaussians(self.splats, applied.token), [Layer("cameras", self.cameras)]
        layers += [Layer(view, Image(pixels), view=view) for view, pixels in flat.items()]
        yield Stage(quality, Scene((*layers, Layer("splats", kept))))

    def reference(self, sample, query, *rest):
        photo = Image(self.shots[query.value(self.camera)][1])
        return Scene((Layer("photo", photo, view="photo"),))

    def score(self, applied, sample, query, stage, full, *rest):
        pair = stage.scene.layer("photo").data.pixels, self.shots[query.value(self.camera)][1]
        error = np.mean(np.subtract(*pair, dtype=float) ** 2)
        return Scores({"psnr": float(10 * np.log10(255**2 / error))})
