"""What training costs with a mask and without: time, memory, and how fast pictures are then made.

Each way runs in a process of its own, so that the most memory it took is its own, too.
"""

from __future__ import annotations

import multiprocessing
import sys
import tempfile
import time
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.networks.trainer import Trainer

from ..model import SplatModel
from ..opening import open_model
from ..raster.seen import Parts, activated, look
from ..scoring.scores import kept_at, ranking
from ..shipped import SYSTEM
from .fitting import Fitting, Settings
from .learned import masking_of, own_targets
from .masking import MaskSettings

WAYS = ("full", "mask", "pruned")
"""Training of all Gaussians; of a mask on them; of those that are left."""
_SIDE, _LATE, _WARM = 200, 0.9, 3


def costs_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure training the bundled scene: full, under a mask, and pruned by largest share.

    Returns
    -------
    list of row
        ``way`` (one of `WAYS`), ``gaussians``, ``core_minutes`` of a thousand steps, told from
        ``steps``; ``peak_mb``, the most memory that was resident; ``pictures_s``, pictures that
        a core makes in a second, of the held-out views, each anew. Time is that of one core at
        work, which others on the machine change little.

    Raises
    ------
    BadInput
        If the bundled scene is not there.
    Cancelled
    """
    ratio, steps = float(options["ratio"]), int(options["steps"])
    spawned = multiprocessing.get_context("spawn")
    rows: list[Row] = []
    for number, way in enumerate(WAYS):
        cancel.check()
        with ProcessPoolExecutor(1, spawned) as pool:
            work = pool.submit(cost, way, ratio, steps)
            each, peak, pictures, count = work.result()
        row: Row = {
            "way": way, "pruned": ratio if way == "pruned" else 0.0, "gaussians": count,
            "core_minutes": 1000 * each / 60, "peak_mb": peak / 1e6, "pictures_s": pictures,
            "steps": steps,
        }  # fmt: skip
        rows.append(row)
        report(Progress(number + 1, len(WAYS), way, row))
    return rows


def cost(way: str, ratio: float, steps: int) -> tuple[float, int, float, int]:
    """Seconds of a step, bytes at most, pictures a second, and how many Gaussians there are."""
    torch.set_num_threads(1)
    model = open_model(ModelRef(SYSTEM, "measured", "", "cpu"))
    own, scene = model.whole.gaussians, model.scene
    shares = model.shares().largest
    if way == "pruned":
        own = own.kept(kept_at(ranking(shares), ratio))
    targets = own_targets(model, _SIDE, CancelToken())
    with tempfile.TemporaryDirectory() as folder:
        state = Path(folder) / "state.pt"
        if way == "mask":
            settings = MaskSettings(steps + _WARM)
            masking = masking_of(model, targets, settings, "largest", _SIDE, state, "cpu")
            trainer: Trainer[Any] = masking
        else:
            fit = Settings(steps + _WARM, own.degree, 0, scene.background, None, _LATE)
            trainer = Fitting(own, targets, fit, state)
        trainer.steps = _WARM  # compiles, and scores once
        trainer.run()
        trainer.steps = steps + _WARM
        begun = time.process_time()
        trainer.run()
        each = (time.process_time() - begun) / steps
    peak = peak_bytes()
    return each, peak, _pictures(model, activated(own)), own.count


def _pictures(model: SplatModel, parts: Parts) -> float:
    """Pictures a second of the held-out views; the quickest of a few of each."""
    took = []
    for number in sorted(model.scene.held):
        camera, least = model.scene.camera(number, _SIDE), np.inf
        for _ in range(4):
            begun = time.process_time()
            look(parts, camera).picture()
            least = min(least, time.process_time() - begun)
        took.append(least)
    return float(len(took) / sum(took))


def peak_bytes() -> int:
    """The most memory that this process has had resident; 0 where the system does not say."""
    told = Path("/proc/self/status")  # what `getrusage` says on Linux is as much as the parent had
    if told.is_file():
        line = next(one for one in told.read_text().splitlines() if one.startswith("VmHWM:"))
        return 1024 * int(line.split()[1])
    try:
        import resource
    except ImportError:  # Windows
        return 0
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
