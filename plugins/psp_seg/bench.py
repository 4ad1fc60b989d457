"""Measuring the segmenter: ratios in one run, since machines are noisy."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, linear

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Report, Row, part_of
from prune3d_gui.core.limits import limited
from prune3d_gui.core.model import ModelRef, final_stage
from prune3d_gui.core.plan.plans import Plan, Query

from .data.phantom import patient
from .model import SegmentModel
from .network.macs import step_macs
from .network.network import Network
from .network.removal import removed
from .network.sizes import SIZES, Kernel
from .opening import open_model
from .patients import CALIBRATION, held_id
from .pruning.importance import Case, one_by_one, streamed

SAMPLE = held_id(0)
TICKS = 8
"""Stops of the slider that a preview is timed at."""
CHANNELS, LAYER = 24, 32
"""Of the convolutions that are timed apart, and voxels along each side."""
KERNELS: tuple[Kernel, ...] = ((1, 1, 1), (1, 3, 3), (3, 1, 3), (3, 3, 1), (3, 3, 3))
Way = Callable[[], Any]


def measure(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure everything; see the functions below.

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit`` and ``note``; ``limit``, and whether it is ``met``,
        where there is one.
    """
    rounds, side = int(options["rounds"]), int(options["side"])
    ref = ModelRef("psp_seg", "benched", str(options["weights"] or ""), "cpu")
    model = open_model(ref, cancel)
    steps: list[Callable[[], Iterator[Row]]] = [
        lambda: toggles(model, rounds, cancel),
        lambda: previews(model, cancel),
        lambda: halves(side, rounds, cancel),
        lambda: scores(model, cancel),
        lambda: convolutions(rounds, cancel),
    ]
    rows: list[Row] = []
    try:
        for number, step in enumerate(steps):
            tell = part_of(report, number, len(steps))
            tell(Progress(0, 1, "measuring"))
            for row in step():
                rows.append(row)
                tell(Progress(0, 1, row["measure"], row))
    finally:
        model.close()
    return rows


def toggles(model: SegmentModel, rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """Time of toggling one branch of each module, over that of the work which lies after it.

    That is the time of a whole pass, times the share of its multiply-accumulates in the steps from
    the branch's module on.
    """
    runner, volume = model.branches.runner, model.patient(SAMPLE).volume
    none: frozenset[tuple[str, int]] = frozenset()

    def whole() -> None:
        runner.forget(SAMPLE)
        runner.probabilities(SAMPLE, volume, none, cancel)

    def toggle(unit: tuple[str, int]) -> Way:
        def way() -> None:
            runner.probabilities(SAMPLE, volume, frozenset({unit}), cancel)

        return way

    units = {name: (name, 0) for name, _ in runner.network.size.modules}
    ways: dict[str, Way] = {"whole": whole}
    before: dict[str, Way] = {}
    for name, unit in units.items():
        ways[name] = toggle(unit)
        before[name] = lambda: runner.probabilities(SAMPLE, volume, none, cancel)
    taken = _timed(ways, rounds, cancel, before)
    shape = (volume.shape[0], volume.shape[1], volume.shape[2])
    runner.network.mask(none)
    macs = step_macs(runner.network, shape)
    names, total = list(macs), sum(macs.values())
    for name in units:
        share = sum(macs[step] for step in names[names.index(name) :]) / total
        ratio = median(t / w for t, w in zip(taken[name], taken["whole"], strict=True)) / share
        yield _row(
            f"toggle a branch of {name} / work after it", ratio, "x", "at most 1.15",
            f"{median(taken[name]) * 1e3:.0f} ms, {share:.0%} of the multiply-accumulates",
        )  # fmt: skip
    yield _row("whole pass", median(taken["whole"]) * 1e3, "ms", "", _sides(shape))


def previews(model: SegmentModel, cancel: CancelToken) -> Iterator[Row]:
    """Time of a step of the slider: prune, preview and its scores; then of the full result."""
    model.prepare(cancel)
    query, count = Query(), len(model.units)
    stops = np.linspace(count - 1, 0, min(TICKS, count)).round().astype(int)
    shown, full = [], []
    final_stage(model, model.apply(Plan()), SAMPLE, query, cancel)
    for left in stops:
        cancel.check()
        start = time.perf_counter()
        applied = model.apply(Plan().with_value(model.left, int(left)), cancel)
        (stage,) = model.reconstruct(applied, SAMPLE, query, "preview", cancel)
        model.score(applied, SAMPLE, query, stage, None, cancel)
        shown.append(time.perf_counter() - start)
        stage = final_stage(model, applied, SAMPLE, query, cancel)
        model.score(applied, SAMPLE, query, stage, None, cancel)
        full.append(time.perf_counter() - start)
    note = f"median of {len(stops)} other branches left"
    yield _row("slider step: preview", median(shown) * 1e3, "ms", "at most 400", note)
    yield _row("slider step: slowest preview", max(shown) * 1e3, "ms", "", "")
    yield _row("slider step: full result with scores", median(full) * 1e3, "ms", "", note)


@torch.inference_mode()
def halves(side: int, rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """Half of the branches of B gone against all of them; masked against removed."""
    torch.manual_seed(0)
    network = Network(SIZES["B"], 3).eval()
    for name, _ in network.size.modules:
        nn.init.uniform_(network.module(name).scales, 0.3, 1.0)
    network.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    away = frozenset(network.units[::2])
    network.mask(away)
    small = removed(network)
    small.to(memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    image = torch.randn(1, 1, side, side, side).to(memory_format=torch.channels_last_3d)

    def run(other: Network, gone: frozenset[tuple[str, int]]) -> Way:
        def way() -> Tensor:
            other.mask(gone)
            return other(image)

        return way

    ways = {"all": run(network, frozenset()), "half": run(network, away)}
    ways["removed"] = run(small, frozenset())
    same = torch.equal(ways["half"](), ways["removed"]())
    taken = _timed(ways, rounds, cancel)
    note = f"B, {side}^3 voxels, {len(away)} of {len(network.units)} branches gone, untrained"
    for name, value in taken.items():
        yield _row(f"B, {name}", median(value) * 1e3, "ms", "", note)
    yield _row("B, all / half", _ratio(taken, "all", "half"), "x", "at least 1.3", note)
    equal = "equal to the last bit" if same else "not equal"
    yield _row("B, masked / removed", _ratio(taken, "half", "removed"), "x", "0.95 to 1.05", equal)


def scores(model: SegmentModel, cancel: CancelToken) -> Iterator[Row]:
    """Output change of all branches in one streaming pass, against a pass for each."""
    network = model.branches.network
    made = patient(CALIBRATION, 0)
    image = model.branches.runner.image(made.volume.astype(np.float32))
    cases = [Case(image, torch.from_numpy(made.labels).long()[None])]
    network.mask(frozenset())
    start = time.perf_counter()
    one = streamed(network, cases, cancel)["change"]
    middle = time.perf_counter()
    other = one_by_one(network, cases, cancel)
    end = time.perf_counter()
    apart = max(abs(one[u] - other[u]) / max(other[u], 1e-12) for u in network.units)
    yield _row("scores: streaming pass", (middle - start) * 1e3, "ms", "", "one patient")
    yield _row(
        "scores: a pass for each branch / streaming", (end - middle) / (middle - start), "x",
        "at least 5", f"{len(network.units)} branches; scores differ by {apart:.1g} at most",
    )  # fmt: skip


@torch.inference_mode()
def convolutions(rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """Ways of the branches' convolutions that give the same; each in both layouts."""
    torch.manual_seed(0)
    x = torch.randn(1, CHANNELS, LAYER, LAYER, LAYER)
    for kernel in KERNELS:
        padding = (kernel[0] // 2, kernel[1] // 2, kernel[2] // 2)
        layer = nn.Conv3d(CHANNELS, CHANNELS, kernel, padding=padding)
        ways = _ways(layer, x, kernel)
        plain = ways["default layout"]()
        taken = _timed(ways, rounds, cancel)
        name = " x ".join(map(str, kernel))
        for way, value in taken.items():
            apart = float((ways[way]() - plain).abs().max())
            ratio = _ratio(taken, "default layout", way)
            yield _row(
                f"convolution {name}, {way}", median(value) * 1e3, "ms", "",
                f"{ratio:.2f}x as fast as the default layout; differs by {apart:.1g}",
            )  # fmt: skip


def _ways(layer: nn.Conv3d, x: Tensor, kernel: Kernel) -> dict[str, Way]:
    last = torch.channels_last_3d
    near = x.to(memory_format=last)
    dense = nn.Conv3d(x.shape[1], x.shape[1], kernel, padding=layer.padding)  # type: ignore[arg-type]
    dense.load_state_dict(layer.state_dict())
    dense.to(memory_format=last)  # type: ignore[call-overload]
    ways: dict[str, Way] = {
        "default layout": lambda: layer(x),
        "channels last": lambda: dense(near),
    }
    weight, bias = layer.weight, layer.bias
    if kernel == (1, 1, 1):
        flat = weight[:, :, 0, 0, 0]
        ways["linear"] = lambda: linear(near.permute(0, 2, 3, 4, 1), flat, bias).permute(
            0, 4, 1, 2, 3
        )
    elif kernel.count(1) == 1:
        thin = kernel.index(1)
        planes = weight.squeeze(2 + thin).contiguous(memory_format=torch.channels_last)

        def slices() -> Tensor:
            """Plane by plane: the thin axis goes into the batch."""
            moved = near.movedim(2 + thin, 1).flatten(0, 1)
            given = conv2d(moved, planes, bias, padding=1)
            return given.unflatten(0, (x.shape[0], -1)).movedim(1, 2 + thin)

        ways["planes"] = slices
    return ways


def _timed(
    ways: Mapping[str, Way],
    rounds: int,
    cancel: CancelToken,
    before: Mapping[str, Way] | None = None,
) -> dict[str, list[float]]:
    """Seconds of each way in every round, once in turn; the first round warms up."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 1):
        for name, way in ways.items():
            cancel.check()
            if before and name in before:
                before[name]()
            start = time.perf_counter()
            way()
            if turn:
                taken[name].append(time.perf_counter() - start)
    return taken


def _ratio(taken: Mapping[str, list[float]], one: str, other: str) -> float:
    return median(a / b for a, b in zip(taken[one], taken[other], strict=True))


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape)) + " voxels"


def _row(name: str, value: float, unit: str, limit: str, note: str) -> Row:
    row = {"measure": name, "value": round(value, 3), "unit": unit, "note": note}
    return limited(row, limit)
