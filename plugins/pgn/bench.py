"""Measures of the slider: ratios in one run, since machines are noisy."""

from __future__ import annotations

import copy
import itertools
import time
from collections.abc import Callable
from statistics import median

import numpy as np
import torch
from torch.nn.utils import prune

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Row
from prune3d_gui.core.limits import limited
from prune3d_gui.core.plan.plans import Plan, Quality, Query

from .model import PgnModel
from .network.units import encoder_units
from .pruning.controls import RATE

LIMITS = {"bare_pass_and_score": "at least 0.8", "common_way": "at least 5"}
"""What is wanted of ratios: a tick takes at most 1.25 bare passes, the common way five ticks."""


def measure(
    model: PgnModel, rounds: int, report: Callable[[Progress], None], cancel: CancelToken
) -> list[Row]:
    """Time one slider tick against a bare pass and against the common way, in turn.

    Every round times each way once, so that a drift of the machine's speed falls on
    all of them; medians and the median of the rounds' ratios are given.

    Returns
    -------
    list of dict
        ``measure``, ``value`` (median), ``unit``, ``ratio`` to the tick at full quality, ``note``;
        ``limit`` of the ratio, and whether it is ``met``, where there is one.
    """
    sample = model.samples()[0].id
    model.prepare()
    rates = itertools.cycle([*range(40, 60), *range(60, 40, -1)])  # each move is 1 %

    def plan() -> Plan:
        return Plan().with_value(RATE, float(next(rates)))

    model.apply(plan())

    ways = {
        "tick_full": lambda: frame(model, sample, plan(), "full", cancel),
        "tick_preview": lambda: frame(model, sample, plan(), "preview", cancel),
        "bare_pass_and_score": bare_pass(model, sample),
        "common_way": common_way(model, sample),
        "prune_only": lambda: model.apply(plan()),
    }
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for turn in range(rounds + 2):
        report(Progress(turn, rounds + 2, f"round {turn + 1} of {rounds + 2}"))
        for name, way in ways.items():
            cancel.check()
            start = time.perf_counter()
            way()
            if turn >= 2:  # the first two warm up
                taken[name].append((time.perf_counter() - start) * 1e3)
    notes = {
        "tick_full": "1 % move: prune, encode, decode 2,562 points, score",
        "tick_preview": "the same with 642 points",
        "bare_pass_and_score": "encode, decode 2,562 points, score",
        "common_way": "torch prune.global_unstructured, forward, torch.cdist",
        "prune_only": "masks alone, a 1 % move",
    }
    ticks = np.array(taken["tick_full"])
    return [
        limited(
            {
                "measure": name,
                "value": round(median(times), 2),
                "unit": "ms",
                "ratio": round(float(np.median(np.array(times) / ticks)), 3),
                "device": model.device,
                "threads": torch.get_num_threads(),
                "rounds": rounds,
                "note": notes[name],
            },
            LIMITS.get(name, ""),
            "ratio",
        )
        for name, times in taken.items()
    ]


def frame(model: PgnModel, sample: str, plan: Plan, quality: Quality, cancel: CancelToken) -> float:
    """Prune, reconstruct and score once; returns Chamfer x1000."""
    applied = model.apply(plan)
    *_, stage = model.reconstruct(applied, sample, Query(), quality, cancel)
    scores = model.score(applied, sample, Query(), stage, None)
    assert scores is not None  # the samples that come with it have a reference
    return scores.values["chamfer_x1000"]


@torch.inference_mode()
def bare_pass(model: PgnModel, sample: str) -> Callable[[], None]:
    """Give the work no tick can avoid: the network's forward pass and the score."""
    net = copy.deepcopy(model.network)
    image = torch.from_numpy(model.image(sample)).to(model.device)[None]
    features = net.template_features(model.template("full"))
    tree = model.tree(sample)

    @torch.inference_mode()
    def run() -> None:
        tree.compare(net.decode_from(features, net.encode(image))[0].cpu().numpy())

    return run


def common_way(model: PgnModel, sample: str) -> Callable[[], None]:
    """Give what a script does today: prune a fresh copy, full forward, dense Chamfer."""
    dense = copy.deepcopy(model.network)
    names = [unit.name.removesuffix(".weight") for unit in encoder_units(dense)]
    image = torch.from_numpy(model.image(sample)).to(model.device)[None]
    template = model.template("full")
    reference = torch.from_numpy(model.tree(sample).points).to(model.device)
    state = [0.45]

    @torch.no_grad()
    def run() -> None:
        state[0] = 0.45 if state[0] == 0.46 else 0.46
        net = copy.deepcopy(dense)
        pairs = [(net.get_submodule(name), "weight") for name in names]
        prune.global_unstructured(pairs, prune.L1Unstructured, amount=state[0])
        squared = torch.cdist(net(image, template)[0], reference).square()
        float(squared.amin(0).mean() + squared.amin(1).mean())

    return run
