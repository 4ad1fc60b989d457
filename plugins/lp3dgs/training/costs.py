"""What training costs with a mask and without: time, memory, and how fast pictures are then made.

Each way runs in a process of its own, so that the most memory it took is its own, too.
"""

from __future__ import annotations

import multiprocessing
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Row
from prune3d_gui.core.model import ModelRef
from prune3d_gui.files.networks.trainer import Trainer

from ..model import SplatModel
from ..opening import open_model
from ..raster.seen import activated, look
from ..scoring.scores import kept_at, ranking
from ..shipped import SYSTEM
from .fitting import Fitting, Settings
from .learned import masking_of, own_targets
from .masking import MaskSettings

WAYS = ("full", "mask", "pruned")
"""Training of all Gaussians; of a mask on them; of those that are left."""
_SIDE, _LATE, _WARM = 200, 0.9, 3


def costs(ratio: float, steps: int, threads: int, cancel: CancelToken) -> Iterator[Row]:
    """Measure training the bundled scene: full, under a mask, and pruned.

    Parameters
    ----------
    ratio : float
        Percent that is pruned, the smallest largest shares first.
    steps : int
        Of each; the time of a thousand is told from them.
    threads : int
        Of torch.
    cancel : CancelToken
    """
    titles = {"full": "all", "mask": "all, under a mask", "pruned": f"{ratio:g} % pruned"}
    spawned = multiprocessing.get_context("spawn")
    for way in WAYS:
        cancel.check()
        with ProcessPoolExecutor(1, spawned) as pool:
            each, peak, pictures, count = pool.submit(cost, way, ratio, steps, threads).result()
        about, name = {"unit": "", "way": way}, titles[way]
        said = f"{count:,} Gaussians, from {steps} steps of {1e3 * each:.0f} ms"
        minutes = {"value": 1000 * each / 60, "unit": "min", "note": said}
        yield about | {"measure": f"1,000 steps of training, {name}"} | minutes
        memory = {"value": peak / 1e6, "unit": "MB", "note": "resident, in a process of its own"}
        yield about | {"measure": f"most memory in training, {name}"} | memory
        if way != "mask":
            said = f"{_SIDE} x {_SIDE}, each anew, mean of the held-out views"
            rate = {"measure": f"pictures a second, {name}", "value": pictures, "note": said}
            yield about | rate


def cost(way: str, ratio: float, steps: int, threads: int) -> tuple[float, int, float, int]:
    """Seconds of a step, bytes at most, pictures a second, and how many Gaussians there are."""
    torch.set_num_threads(threads)
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
        before, trainer.steps = trainer.seconds, steps + _WARM
        trainer.run()
        each = (trainer.seconds - before) / steps
    peak = peak_bytes()
    return each, peak, _pictures(model, activated(own)), own.count


def _pictures(model: SplatModel, parts: tuple[np.ndarray, ...]) -> float:
    """Pictures a second of the held-out views; the quickest of a few of each."""
    took = []
    for number in sorted(model.scene.held):
        camera, least = model.scene.camera(number, _SIDE), np.inf
        for _ in range(4):
            begun = time.perf_counter()
            look(parts, camera).picture()
            least = min(least, time.perf_counter() - begun)
        took.append(least)
    return float(len(took) / sum(took))


def peak_bytes() -> int:
    """The most memory that this process has had resident; 0 where the system does not say."""
    try:
        import resource
    except ImportError:  # Windows
        return 0
    import sys

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return most if sys.platform == "darwin" else 1024 * most
