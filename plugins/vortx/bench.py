"""Measuring the reconstruction of rooms: ratios in one run, since machines are noisy."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from statistics import median
from typing import Any

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.jobs import Progress, Report, Row, part_of
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan, Query, resolve

from . import shipped
from .model import VortxModel
from .network.checkpoint import NetworkInfo, load_network, weights_hash
from .network.dense import DenseUNet
from .network.features import LEVELS
from .network.network import Vortx, new_network
from .network.sizes import named
from .network.sparse.sites import Sites
from .network.unet import UNet
from .pruning.controls import KNOBS, PRESETS, RATE_2D, RATE_3D, RATE_FORWARD, WIDTH_FORWARD
from .pruning.crop import Crop, fusions, photographs, typical_crop, volumes
from .pruning.holding import Held
from .pruning.pruner import Pruner
from .pruning.speed import measured, now, one_thread, structured
from .pruning.work import TYPICAL, module_macs
from .rooms import Rooms
from .volumes.tiles import TILE

TICKS = (5.0, 20.0, 35.0, 50.0, 65.0)
"""Stops of a slider that a coarse mesh is timed at."""
PARTS = ("2D CNN", "transformers", "3D CNN")
PRINTED = {"3D": 628 / 581, "all": 628 / 555}
"""How much faster Li and Wang (2024) found VoRTX without some of its 3D CNN, and pruned whole."""
Way = Callable[[], object]


def measure(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure everything, on one thread and by its own work; see the functions below.

    On a GPU by the clock.

    Parameters
    ----------
    options : mapping
        ``rounds``: how often each is timed, after one that warms up; medians are given. ``size``:
        of the network that ratios are of, untrained. ``weights``: the network that is dragged.
        ``device``.
    report : callable
    cancel : CancelToken

    Returns
    -------
    list of dict
        ``measure``, ``value``, ``unit`` and ``note``; ``limit``, and whether it is ``met``,
        where there is one.

    Raises
    ------
    Cancelled
    """
    rounds, device = int(options["rounds"]), chosen_device(options["device"], mps=False)
    network = new_network(named(options["size"])).eval().requires_grad_(False).to(device)
    crop = typical_crop(device)
    steps: list[Callable[[], Iterator[Row]]] = [
        lambda: memory(network, crop, cancel),
        lambda: boxes(network, crop.room, rounds, cancel),
        lambda: structured(network, rounds=rounds, cancel=cancel),
        lambda: scenes(network, crop, rounds, cancel),
        lambda: drags(str(options["weights"] or ""), device, cancel),
    ]
    rows: list[Row] = []
    with one_thread():
        for number, step in enumerate(steps):
            tell = part_of(report, number, len(steps))
            tell(Progress(0, 1, "measuring"))
            for row in step():
                rows.append(row)
                tell(Progress(0, 1, row["measure"], row))
    return rows


@torch.no_grad()
def boxes(
    network: Vortx, room: Mapping[str, Sites], rounds: int, cancel: CancelToken
) -> Iterator[Row]:
    """U-Nets on occupied voxels, maps at hand, against the same ones on the whole box."""
    for number, level in enumerate(LEVELS):
        sites, inputs = room[level], network.size.unets[number].inputs
        dims = tuple(side >> (2 - number) for side in TILE)
        unet = network.cnns3d[level]
        assert isinstance(unet, UNet)
        plain = DenseUNet(unet, sites, (dims[0], dims[1], dims[2]))
        drawn = torch.Generator().manual_seed(0)
        rows = torch.randn((len(sites), inputs), generator=drawn).to(sites.places.device)
        box = plain.box_of(rows)
        apart = float((unet(rows, sites) - plain.rows_of(plain(box))).abs().max())

        ways: dict[str, Way] = {
            "sparse": partial(unet, rows, sites),
            "maps": partial(mapped, sites.places),
            "dense": partial(plain, box),
        }
        taken = timed(ways, rounds, rows, cancel)
        share = len(sites) / float(np.prod(dims))
        told = ", ".join(f"{name} {1e3 * median(taken[name]):.0f} ms" for name in ways)
        yield measured(
            f"{level} U-Net, dense / sparse", ratio(taken["dense"], taken["sparse"]), "x",
            f"{share:.0%} of {' x '.join(map(str, dims))} voxels; {told}; they differ by "
            f"{apart:.1g}",
            "at least 2" if level == LEVELS[-1] else "",
        )  # fmt: skip


def mapped(places: Tensor) -> None:
    """Make all maps of a U-Net."""
    sites = Sites(places)
    for own in (sites, sites.halved.sites, sites.halved.sites.halved.sites):
        _ = own.around


@torch.no_grad()
def scenes(network: Vortx, crop: Crop, rounds: int, cancel: CancelToken) -> Iterator[Row]:
    """All of a crop, module by module: full, masked, and without channels or neurons.

    Rounds are long enough to need no warming up.
    """
    pruner = Pruner(network)
    text = resolve(KNOBS, PRESETS["paper"])[0]
    masked = pruner.effective(text.with_value(RATE_3D, 0.0), cancel).network
    pruned = pruner.effective(text, cancel).network
    slim = pruner.effective(Plan().with_value(WIDTH_FORWARD, 50.0), cancel).network
    views = photographs(network, crop)
    two, fusion, three = PARTS
    ways: dict[str, Way] = {
        **{f"{two}, {name}": partial(photographs, own, crop)
           for name, own in (("full", network), ("masked", masked))},
        **{f"{fusion}, {name}": partial(fusions, own, crop, views)
           for name, own in (("full", network), ("masked", masked), ("half", slim))},
        **{f"{three}, {name}": partial(volumes, own, crop)
           for name, own in (("full", network), ("pruned", pruned))},
    }  # fmt: skip
    taken = timed(ways, rounds, crop.pictures, cancel, warm=False)
    macs = module_macs(network, TYPICAL)
    kinds = dict(zip(PARTS, (("2d", "encoders"), ("transformer",), ("3d",)), strict=True))
    for part, own in kinds.items():
        count = sum(macs[name] for name in macs if name.partition(" ")[0] in own)
        yield measured(
            part, 1e3 * median(taken[f"{part}, full"]), "ms",
            f"{count / sum(macs.values()):.0%} of the multiply-accumulates; {TYPICAL.told}",
        )  # fmt: skip
    for part, rate in ((two, text.value(RATE_2D)), (fusion, text.value(RATE_FORWARD))):
        yield measured(
            f"{part}, masked / full", ratio(taken[f"{part}, masked"], taken[f"{part}, full"]), "x",
            f"{rate:g} % of the weights zeroed: the arithmetic stays", "0.95 to 1.05",
        )  # fmt: skip

    def whole(*names: str) -> list[float]:
        parts = (taken[f"{part}, {name}"] for part, name in zip(PARTS, names, strict=True))
        return [sum(one) for one in zip(*parts, strict=True)]

    def predicted(other: Vortx) -> str:
        found = sum(macs.values()) / sum(module_macs(other, TYPICAL).values())
        return f"multiply-accumulates predict {found:.2f}"

    full = whole("full", "full", "full")
    narrow = pruner.effective(Plan().with_value(RATE_3D, 25.0), cancel).network
    yield measured(
        "transformers, full / half of the neurons",
        ratio(taken[f"{fusion}, full"], taken[f"{fusion}, half"]), "x",
        "feed-forwards of half the width",
    )  # fmt: skip
    for title, names, other, note in (
        ("half of the neurons", ("full", "half", "full"), slim, ""),
        ("3D CNN without a quarter", ("full", "full", "pruned"), narrow,
         f"; the paper has {PRINTED['3D']:.2f} for that module alone"),
        ("preset", ("masked", "masked", "pruned"), pruned,
         f"; the paper has {PRINTED['all']:.2f} for all three"),
    ):  # fmt: skip
        yield measured(
            f"whole scene, full / {title}", ratio(full, whole(*names)), "x",
            f"{predicted(other)}{note}",
        )  # fmt: skip


@torch.no_grad()
def memory(network: Vortx, crop: Crop, cancel: CancelToken) -> Iterator[Row]:
    """Most that tensors of each module take at a time, full and by the preset."""
    pruned = Pruner(network).effective(resolve(KNOBS, PRESETS["paper"])[0], cancel).network
    views = photographs(network, crop)
    for part, run in (
        (PARTS[0], lambda own: photographs(own, crop)),
        (PARTS[1], lambda own: fusions(own, crop, views)),
        (PARTS[2], lambda own: volumes(own, crop)),
    ):
        most = []
        for own in (network, pruned):
            cancel.check()
            with Held() as held:
                run(own)
            most.append(held.most / 1e6)
        yield measured(
            f"{part}, peak memory", most[0], "MB",
            f"{most[1]:.0f} MB by the preset; of tensors, above weights and inputs",
        )  # fmt: skip


def drags(weights: str, device: str, cancel: CancelToken) -> Iterator[Row]:
    """Time until a coarse mesh, after a slider of each module moved."""
    model, told = opened(weights, device)
    try:
        sample, query = model.samples()[0].id, Query()
        model.prepare(cancel)
        first = model.apply(Plan())
        next(iter(model.reconstruct(first, sample, query, "full", cancel)))  # it fills the caches
        for title, knob, limit in (
            ("3D CNN", RATE_3D, "at most 1"), ("transformers", WIDTH_FORWARD, "at most 1"),
            ("2D CNN", RATE_2D, ""),
        ):  # fmt: skip
            took, stage = dragged(model, sample, knob, cancel)
            yield measured(
                f"coarse mesh after a change of the {title}", median(took), "s",
                f"{told}, '{sample}'; median of {len(took)} stops, {max(took):.2f} s at most; "
                f"{stage}",
                limit,
            )  # fmt: skip
    finally:
        model.close()


def dragged(
    model: VortxModel, sample: str, knob: Knob, cancel: CancelToken
) -> tuple[list[float], str]:
    """Seconds until the coarse mesh at each of `TICKS`, and the name of its stage."""
    took, on, name = [], torch.empty(0, device=model.device), ""
    for rate in TICKS:
        cancel.check()
        begun = now(on)
        applied = model.apply(Plan().with_value(knob, rate), cancel)
        levels = iter(model.reconstruct(applied, sample, Query(), "preview", cancel))
        name = next(levels).name
        took.append(now(on) - begun)
    return took, name


def opened(weights: str, device: str) -> tuple[VortxModel, str]:
    """The network that is dragged: of a file, the bundled one, or one that was never trained."""
    path = weights or shipped.weights()
    if path is None:
        network = new_network(named("small")).eval()
        info = NetworkInfo("untrained", weights_hash(network), 240, True, {})
    else:
        network, info = load_network(path)
    rooms = Rooms(info.picture, shipped.rooms())
    return VortxModel(network, info, rooms, device), info.name


def timed(
    ways: Mapping[str, Way], rounds: int, on: Tensor, cancel: CancelToken, warm: bool = True
) -> dict[str, list[float]]:
    """Seconds of each way in every round, in turn; one more round before warms up, if asked for."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(0 if warm else 1, rounds + 1):
        for name, way in ways.items():
            cancel.check()
            begun = now(on)
            way()
            if turn:
                taken[name].append(now(on) - begun)
    return taken


def ratio(one: list[float], other: list[float]) -> float:
    """Median of the ratios of each round."""
    return median(a / b for a, b in zip(one, other, strict=True))
