"""The job that trains a scene on photographs, and scores it on those that were held out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Report, Row, Said, part_of
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.files.cameras.capture import Capture
from prune3d_gui.files.cameras.formats import read_capture
from prune3d_gui.files.paths import beside, check_target
from prune3d_gui.files.splats.formats import write_splats
from prune3d_gui.files.splats.splat_file import SplatFile

from ..captured import with_capture
from ..picturing import Picturing, Wanted
from ..scenes import LONGEST, Background, SplatScene, resized
from ..scored import means, views_scored
from .density import Rules
from .fitting import Fitting, Settings, Target, begun
from .watching import Watching, watched

RULES = ("most", "pull", "faint", "reset", "until")
"""Options that are rules of when Gaussians come and go."""
SPREAD = 20_000
"""Points at random to begin with, where a scene has none."""
_READING, _TRAINING = 0.02, 0.95


def train_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Train, or go on with a training that was stopped, and write the scene.

    The checkpoint lies beside the file to write, with the ending ``.training.pt``, until the
    training is complete.

    Returns
    -------
    list of row
        A row for the held-out views and one for those trained on: ``views``, ``psnr``, ``ssim``,
        ``gaussians``, ``steps``, ``seconds``, ``seed``.

    Raises
    ------
    BadInput
        If the folder has no cameras or photographs, or the file cannot be written.
    """
    out = Path(options["out"])
    state = beside(out, ".training.pt")
    for place in (out, state):
        check_target(place)
    device = chosen_device(options["device"], mps=False)
    capture = read_capture(options["scene"])
    points = fewer(*points_of(capture, options["seed"]), options["start"], options["seed"])
    start = begun(*points, options["degree"], options["opacity"])
    scene = with_capture(SplatFile(start, ""), capture)
    for notice in scene.notices:
        report(Said(notice))
    targets = targets_of(scene, scene.training, scene.background, options["side"], cancel)
    report(Progress(_READING, 1.0, f"{len(targets)} photographs to train on"))
    settings = Settings(
        options["steps"], options["degree"], options["seed"], scene.background,
        Rules(**{name: options[name] for name in RULES}),
    )  # fmt: skip
    fitting = Fitting(start, targets, settings, state, device, {"side": str(options["side"])})
    number, kind = watched(scene)
    view = targets_of(scene, (number,), scene.background, options["side"], cancel)[0]
    watching = Watching(report, view, "photograph", kind)

    def now(camera: Camera) -> torch.Tensor:
        return fitting.picture(camera, settings.degree_at(fitting.step))

    watching.show(now, f"step {fitting.step:,}", soon=True)
    telling = watching.along(part_of(report, _READING, 1.0, length=_TRAINING), now)
    made = fitting.run(telling, cancel)
    watching.show(now, f"after all {settings.steps:,} steps", soon=True)
    comment = (
        f"trained on {len(targets)} pictures of '{Path(options['scene']).resolve().name}', "
        f"{settings.steps} steps, seed {settings.seed}"
    )
    write_splats(out, SplatFile(made, "", comments=(comment,)))
    rows = scored_rows(scene, made, options["side"], cancel)
    state.unlink(missing_ok=True)
    told = {"steps": settings.steps, "seconds": fitting.seconds, "seed": settings.seed}
    rows = [{"scene": str(out), **row, **told} for row in rows]
    for row in rows:
        report(Progress(1.0, 1.0, f"scored on the views {row['views']}", row))
    return rows


def points_of(capture: Capture, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Points to begin with, (N, 3), and their colours, (N, 3) of 0 to 1: the capture's, or random.

    Random ones fill the ball that the cameras stand round.
    """
    if capture.points is not None and len(capture.points.points) > 3:
        found = capture.points
        shades = found.arrays.get("rgb")
        grey = np.full((len(found.points), 3), 0.5)
        return found.points, grey if shades is None else np.asarray(shades, float) / 255
    random = np.random.default_rng(seed)
    places = np.array([shot.camera.place for shot in capture.shots])
    middle = places.mean(axis=0)
    radius = float(np.linalg.norm(places - middle, axis=1).mean()) / 2 or 1.0
    ways = random.normal(size=(SPREAD, 3))
    ways *= random.random((SPREAD, 1)) ** (1 / 3) / np.linalg.norm(ways, axis=1, keepdims=True)
    return middle + radius * ways, random.random((SPREAD, 3))


def fewer(
    points: np.ndarray, colours: np.ndarray, most: int, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    """At most so many of the points, (N, 3), and their colours, drawn by lot; 0 takes all."""
    if not 0 < most < len(points):
        return points, colours
    at = np.random.default_rng(seed).choice(len(points), most, replace=False)
    return points[at], colours[at]


def targets_of(
    scene: SplatScene,
    numbers: tuple[int, ...],
    background: Background,
    longest: int,
    cancel: CancelToken,
) -> list[Target]:
    """The photographs of some cameras, as they are trained on.

    Raises
    ------
    BadInput
        If none of them has one.
    """
    found = []
    for number in numbers:
        cancel.check()
        if number in scene.photographs:
            camera = scene.camera(number, longest)
            picture = resized(scene.photographs[number](background, longest), camera)
            found.append(Target(scene.cameras.names[number], camera, torch.from_numpy(picture)))
    if not found:
        raise BadInput("None of the cameras to train on has a photograph; check the folder.")
    return found


def scored_rows(
    scene: SplatScene, gaussians: Gaussians, longest: int, cancel: CancelToken
) -> list[Row]:
    """PSNR and SSIM of a scene on its held-out views, and on those trained on."""
    longest = min(longest, LONGEST)
    picturing = Picturing(replace(scene, splats=SplatFile(gaussians, "")), gaussians)
    wanted = Wanted(picturing)
    rows: list[Row] = []
    for name, numbers in (("held out", sorted(scene.held)), ("trained on", scene.training)):
        there = [number for number in numbers if number in scene.photographs]
        views = views_scored(picturing, wanted, there, None, scene.background, longest, cancel)
        if views:
            count = {"views": name, "pictures": len(views), "gaussians": gaussians.count}
            rows.append({**count, **means(list(views.values()))})
    return rows
