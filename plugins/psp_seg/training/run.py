"""The job that trains a network and scores it on unseen patients."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.jobs import Progress, Report, Row, part_of
from prune3d_gui.files.paths import beside
from prune3d_gui.metrics.intervals import interval

from ..classes import CLASSES
from ..data.cohort import HELD, Cohort, procedural, read_cohort
from ..network.checkpoint import save_network
from ..network.network import Network
from ..network.normal import Window
from .dense import dense_size
from .training import Settings, Training, evaluated

_MAKING, _TRAINING = 0.05, 0.9


def train_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Train, or go on with a training that was stopped, and write the averaged network as fp16.

    The checkpoint lies beside the file to write, with the ending ``.training.pt``, until the
    training is complete.

    Returns
    -------
    list of row
        One for each class: Dice as a mean over the unseen patients that have it, with an interval.
    """
    out = Path(options["out"])
    state = beside(out, ".training.pt")

    def part(first: float, share: float) -> Report:
        return part_of(report, first, 1.0, length=share)

    cohort = cohort_of(options, part(0.0, _MAKING), cancel)
    settings = Settings(
        options["size"], options["steps"], seed=options["seed"], decoupling=options["decoupling"]
    )
    device = chosen_device(options["device"], mps=False)
    training = Training(cohort, settings, state, device, *_dense(options))
    network = training.run(part(_MAKING, _TRAINING), cancel)
    unseen = procedural(options["unseen"], HELD, cohort.volumes.shape[1], part(0.95, 0.03), cancel)
    rows = summed(scores_of(network, unseen, training.window, part(0.98, 0.02), cancel))
    spacing = float(np.linalg.norm(cohort.affine[:3, 0]))
    facts = {
        "note": "Trained on procedural patients, not on measured data.",
        "trained_on": cohort.told,
        **training.begun_from,
        "steps": str(settings.steps),
        "seed": str(settings.seed),
        "decoupling": f"{settings.decoupling:g}",
        "unseen": unseen.told,
        "dice": json.dumps({row["class"]: round(row["dice"], 4) for row in rows}),
    }
    save_network(out, network.cpu().eval(), CLASSES, spacing, training.window, facts, half=True)
    state.unlink(missing_ok=True)
    return [{"network": str(out), **row, "steps": settings.steps} for row in rows]


def _dense(options: Mapping[str, Any]) -> tuple[Network | None, dict[str, str]]:
    """The small dense network that is trained instead, where one is asked for."""
    if not options["dense"]:
        return None, {}
    size = dense_size(options["dense"], len(CLASSES))
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(options["seed"])
        return Network(size, len(CLASSES)), {"dense": str(options["dense"])}


def cohort_of(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> Cohort:
    """The patients that are trained on: those of a folder, or procedural ones."""
    if options["data"]:
        return read_cohort(Path(options["data"]), options["patients"], report, cancel)
    return procedural(options["patients"], 0, report=report, cancel=cancel)


def scores_of(
    network: Network, unseen: Cohort, window: Window, report: Report, cancel: CancelToken
) -> np.ndarray:
    """Dice of each class of each patient, (P, K); see `training.evaluated`."""
    scores, count = [], len(unseen.names)
    for number, dice in enumerate(evaluated(network, unseen, window, cancel), 1):
        scores.append(dice)
        report(Progress(number, count, f"{number} of {count} unseen patients scored"))
    return np.stack(scores)


def summed(scores: np.ndarray) -> list[Row]:
    """Mean Dice of each class but the background, with a 95 % interval over patients.

    Parameters
    ----------
    scores : (P, K) float
        NaN where a patient lacks the class.
    """
    rows: list[Row] = []
    for number, name in enumerate(CLASSES[1:], 1):
        known = scores[~np.isnan(scores[:, number]), number]
        if not known.size:
            continue
        low, high = interval(known)
        rows.append(
            {
                "class": name, "dice": float(known.mean()), "low": low, "high": high,
                "patients": int(known.size), "interval": "95 %, bootstrap over patients",
            }
        )  # fmt: skip
    return rows
