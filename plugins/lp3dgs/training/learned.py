"""The job that learns a mask, cuts once, and trains what is left on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.jobs import Made, Progress, Report, Row, Said, part_of
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.artifacts import NETWORK_KIND, Artifact, Origin
from prune3d_gui.core.plan.knobs import Value
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.artifacts import ArtifactStore
from prune3d_gui.files.paths import check_folder

from ..controls import MASK, MASK_KIND, NETWORK, RATE
from ..model import PARAMETERS, SplatModel
from ..opening import open_model
from ..picturing import Picturing
from ..scenes import SplatScene
from ..scored import compared, means, views_scored
from ..scoring.shares import shares_of
from ..shipped import SYSTEM
from .fitting import Fitting, Settings, Target
from .masking import LEAST, Masking, MaskSettings, Refresh
from .watching import Watching, watched

MASKING, FITTING = "mask.pt", "finetune.pt"
_MOST_SHARE = 0.99
"""A share of a pixel is at most the largest alpha: scores are made 0 to 1 by it."""
_LATE = 0.9


def mask_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Learn a mask of a scene and fine-tune what it keeps; keeps both as artifacts.

    Returns
    -------
    list of row
        The curve of the mask (``step``, ``loss``, ``kept``); then a row for each state on the
        held-out views: ``state`` (full, pruned, fine-tuned), ``pruned`` in percent, ``psnr``,
        ``ssim``, ``gaussians``, ``seconds`` (of what led to it), ``against``. A mask that keeps
        too few is said, and nothing is kept of it.

    Raises
    ------
    BadInput
        If the scene cannot be opened, or a number is out of its range.
    """
    folder = check_folder(options["out"])
    check_folder(ArtifactStore().folder)
    device = chosen_device(options["device"], mps=False)
    ref = ModelRef(SYSTEM, "masked", str(options["scene"] or ""), "cpu")
    model = open_model(ref, cancel)
    side, scene = options["side"], model.scene
    targets = own_targets(model, side, cancel)
    settings = MaskSettings(
        options["steps"], options["temperature"], options["rate"], options["weight"],
        options["refresh"], options["reading"], options["seed"],
    )  # fmt: skip
    masking = masking_of(model, targets, settings, options["score"], side, folder / MASKING, device)
    number, kind = watched(scene)
    view = _target(model, number, side, cancel)
    against = "photograph" if number in scene.photographs else "full scene"
    watching = Watching(report, view, against, kind)
    watching.show(masking.picture, "all Gaussians", soon=True)
    telling = watching.along(part_of(report, 0.02, 1.0, length=0.6), masking.picture)
    masking.run(telling, cancel)
    watching.show(masking.picture, f"{masking.kept().mean():.1%} kept", soon=True)
    kept = masking.kept()
    rows: list[Row] = [*masking.rows]
    (folder / MASKING).unlink(missing_ok=True)
    if kept.mean() < LEAST:
        report(
            Said(
                f"The mask would keep {kept.mean():.2%} of the Gaussians, fewer than {LEAST:.0%}: "
                "the scene stays as it was. Give less weight, or another score."
            )
        )
        return rows
    pruned = 100 * (1 - float(kept.mean()))
    mask = keep_mask(model, masking, options["score"], side)
    report(Made(mask))
    telling = part_of(report, 0.65, 1.0, length=0.25)
    tuned, spent = _finetuned(
        model, kept, targets, options, folder, device, watching, telling, cancel
    )
    network = _keep_network(model, tuned, pruned, options)
    report(Made(network))
    (folder / FITTING).unlink(missing_ok=True)
    report(Said("Choose the mask and the network together: it was trained for that mask."))
    whole = np.ones(len(kept), bool)
    states = (
        ("full", scene.splats.gaussians, whole, 0.0),
        ("pruned", scene.splats.gaussians, kept, masking.seconds),
        ("fine-tuned", tuned, kept, spent),
    )
    for state, gaussians, which, seconds in states:
        values = held_out(model, gaussians, which, side, cancel)
        rows.append(
            {"state": state, "pruned": 100 * (1 - which.mean()), **values,
             "gaussians": int(which.sum()), "seconds": seconds, "seed": settings.seed,
             "reading": settings.reading,
             "against": "photographs" if scene.photographs else "the full scene's own pictures"}
        )  # fmt: skip
    rows[-2] |= {RATE.id: pruned, MASK.id: mask.hash}
    rows[-1] |= {RATE.id: pruned, MASK.id: mask.hash, NETWORK.id: network.hash}
    for row in rows[-len(states) :]:
        report(Progress(1.0, 1.0, f"scored {row['state']}", row))
    return rows


def masking_of(
    model: SplatModel,
    targets: Sequence[Target],
    settings: MaskSettings,
    score: str,
    longest: int,
    state: Path,
    device: str,
) -> Masking:
    """A mask of a scene that is to be learned, or goes on from its checkpoint."""
    scene = model.scene
    begun = {"scene": model.weights_hash, "side": str(longest), "score": score}
    return Masking(
        scene.splats.gaussians, targets, refresher(scene, longest, score), settings,
        scene.background, state, device, begun,
    )  # fmt: skip


def own_targets(model: SplatModel, longest: int, cancel: CancelToken) -> list[Target]:
    """What each training view should look like: its photograph, or the full scene's picture."""
    return [_target(model, number, longest, cancel) for number in model.scene.training]


def _target(model: SplatModel, number: int, longest: int, cancel: CancelToken) -> Target:
    """What one view should look like."""
    picture = model.wanted.of(number, model.scene.background, longest, cancel)
    camera = model.scene.camera(number, longest)
    return Target(model.scene.cameras.names[number], camera, torch.from_numpy(picture))


def refresher(scene: SplatScene, longest: int, score: str) -> Refresh:
    """Gives scores of the Gaussians where their opacities are scaled, over all training views."""
    own = scene.splats.gaussians
    cameras = [scene.camera(number, longest) for number in scene.training]

    def refresh(shares: np.ndarray, cancel: CancelToken) -> np.ndarray:
        scaled = np.clip(own.opacities * shares, 1e-6, 1 - 1e-6)
        logits = np.log(scaled / (1 - scaled)).astype(np.float32)
        found = shares_of(replace(own, logits=logits), cameras, cancel=cancel)
        if score == "total":
            return found.total / max(float(np.quantile(found.total, 0.99)), 1e-12)
        return found.largest / _MOST_SHARE

    return refresh


def _finetuned(
    model: SplatModel,
    kept: np.ndarray,
    targets: list[Target],
    options: Mapping[str, Any],
    folder: Path,
    device: str,
    watching: Watching,
    report: Report,
    cancel: CancelToken,
) -> tuple[Gaussians, float]:
    """The scene with those that are kept trained on, the others as they are; and its seconds."""
    own = model.scene.splats.gaussians
    if not options["finetune"]:
        return own, 0.0
    settings = Settings(
        options["finetune"], own.degree, options["seed"], model.scene.background, None, _LATE
    )
    begun = {"scene": model.weights_hash, "kept": str(int(kept.sum()))}
    fitting = Fitting(own.kept(kept), targets, settings, folder / FITTING, device, begun)
    fitting.row_steps = 0  # the curve is that of the mask

    def now(camera: Camera) -> torch.Tensor:
        return fitting.picture(camera, own.degree)

    made = fitting.run(watching.along(report, now), cancel)
    watching.show(now, f"fine-tuned {settings.steps:,} steps", soon=True)
    parts = {name: getattr(own, name).copy() for name in PARAMETERS}
    for name, values in parts.items():
        values[kept] = getattr(made, name)
    return Gaussians(**parts), fitting.seconds


def _origin(model: SplatModel, by: Mapping[str, Any]) -> Origin:
    return Origin(SYSTEM, model.title, model.weights_hash, tuple(sorted(by.items())))


def made_by(settings: MaskSettings, score: str, longest: int) -> dict[str, Value]:
    """What an artifact says of how its mask was learned."""
    return {"job": "mask", "score": score, "side": longest, **asdict(settings)}


def keep_mask(model: SplatModel, masking: Masking, score: str, longest: int) -> Artifact:
    """Keep a mask that was learned, with the rate that it found."""
    settings = masking.settings
    with torch.no_grad():
        ranks = masking.logits().cpu()
    pruned = 100 * (1 - float(masking.kept().mean()))
    title = f"Learned mask, {pruned:.1f} % pruned, {settings.reading}, seed {settings.seed}"
    origin = _origin(model, made_by(settings, score, longest))
    return ArtifactStore().keep(MASK_KIND, title, origin, {"mask": ranks}, found={RATE.id: pruned})


def _keep_network(
    model: SplatModel, tuned: Gaussians, pruned: float, options: Mapping[str, Any]
) -> Artifact:
    by = {"job": "mask", "steps": options["finetune"], "seed": options["seed"]}
    title = f"Fine-tuned {options['finetune']} steps at {pruned:.1f} %, seed {options['seed']}"
    tensors = {name: torch.from_numpy(getattr(tuned, name)) for name in PARAMETERS}
    return ArtifactStore().keep(NETWORK_KIND, title, _origin(model, by), tensors, {})


def held_out(
    model: SplatModel, gaussians: Gaussians, kept: np.ndarray, longest: int, cancel: CancelToken
) -> dict[str, float]:
    """Scores of the held-out views with those that are kept."""
    scene, picturing = model.scene, Picturing(model.scene, gaussians)
    numbers = compared(scene, preview=True)
    views = views_scored(picturing, model.wanted, numbers, kept, scene.background, longest, cancel)
    return means(list(views.values()))
