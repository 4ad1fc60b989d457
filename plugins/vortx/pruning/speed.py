"""How long U-Nets take without some of their channels; ratios in one run, as machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from statistics import median

import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Row
from prune3d_gui.core.limits import limited
from prune3d_gui.core.plan.plans import Plan

from ..network.features import LEVELS
from ..network.network import Vortx
from ..network.sparse.sites import Sites
from .controls import RATE_3D
from .pruner import Pruner
from .work import TYPICAL, module_macs, typical_room

AIM = "at least 1.4"
"""Times faster without a quarter of the channels."""


@torch.no_grad()
def structured(
    network: Vortx, rate: float = 25.0, rounds: int = 3, cancel: CancelToken = NEVER
) -> Iterator[Row]:
    """Time the U-Nets of a network, whole and without some channels, on the voxels of a room.

    Both see the same voxels, on maps that are there, in turn; the first round warms up.

    Yields
    ------
    row
        Milliseconds of each, of each level and in all; the ratio, as it was measured and as
        multiply-accumulates predict it.
    """
    device = next(network.parameters()).device
    pruner = Pruner(network)
    narrow = pruner.effective(Plan().with_value(RATE_3D, rate), cancel).network
    room, ways = typical_room(device), {"full": network, "pruned": narrow}
    taken: dict[tuple[str, str], list[float]] = {}
    for turn in range(rounds + 1):
        for level, sites in room.items():
            for name, own in ways.items():
                cancel.check()
                seconds = _seconds(own, level, sites)
                if turn:
                    taken.setdefault((level, name), []).append(seconds)
    note = f"{rate:g} % of the channels gone; {TYPICAL.told}"
    for level in LEVELS:
        for name in ways:
            yield measured(f"3D {level}, {name}", 1e3 * median(taken[level, name]), "ms", note)
    ratios = [
        sum(taken[level, "full"][turn] for level in LEVELS)
        / sum(taken[level, "pruned"][turn] for level in LEVELS)
        for turn in range(rounds)
    ]
    yield measured("3D, full / pruned", median(ratios), "x", note, AIM if rate == 25 else "")
    work = [module_macs(own, TYPICAL) for own in ways.values()]
    yield measured("3D, by multiply-accumulates", _in_3d(work[0]) / _in_3d(work[1]), "x", note)
    whole = sum(work[0].values()) / sum(work[1].values())
    yield measured("whole scene, by multiply-accumulates", whole, "x", note)


def _seconds(network: Vortx, level: str, sites: Sites) -> float:
    inputs = network.size.unets[LEVELS.index(level)].inputs
    rows = torch.ones((len(sites), inputs), device=sites.places.device)
    start = now(rows)
    network.cnns3d[level](rows, sites)
    return now(rows) - start


def now(on: Tensor) -> float:
    """Seconds that this thread has worked; on a GPU of a clock, once what is under way is done."""
    if on.device.type == "cuda":
        torch.cuda.synchronize(on.device)
        return time.perf_counter()
    return time.thread_time()


@contextmanager
def one_thread() -> Iterator[None]:
    """Have torch work in the calling thread alone, so that other programs count for little."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _in_3d(macs: Mapping[str, int]) -> int:
    return sum(count for module, count in macs.items() if module.startswith("3d"))


def measured(name: str, value: float, unit: str, note: str, limit: str = "") -> Row:
    """A row of a measure, held to its limit where it has one."""
    return limited({"measure": name, "value": round(value, 3), "unit": unit, "note": note}, limit)
