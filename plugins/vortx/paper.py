"""Tables 2, 4 and 5 of Li and Wang, "Pruned VoRTX" (2024), as plans beside what they printed."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.experiments import Experiment, Printed
from prune3d_gui.core.jobs import Progress, Row
from prune3d_gui.core.model import Model
from prune3d_gui.core.plan.knobs import Value
from prune3d_gui.core.plan.plans import Plan, Query, resolve

from .controls import WEIGHED
from .pruning.controls import KNOBS, PRESETS, RATE_2D, RATE_3D, RATE_FORWARD

OTHER_DATA = (
    "Another data set: fscore, prec, rec, acc and comp are of the network and the rooms named "
    "below, the paper's of its weights on ScanNet, so the two need not agree."
)
RATES = (
    "The text prunes 33 % of the feed-forward weights, the subscript of its equation 5 says 22 %; "
    "both are rows."
)
NAMES = ("acc", "comp", "prec", "rec", "fscore")


ROUNDS = 2
"""Times that each plan of Table 5 is timed, in turn; the faster one counts."""
VIEWS = (
    f"Each part of a room is looked at in at most {WEIGHED.default} photographs, the default of "
    "'views'; VoRTX's own scripts take 60."
)
Tell = Callable[[Progress], None]


def _plan(values: Mapping[str, Value]) -> Plan:
    return resolve(KNOBS, values)[0]


def _row(name: str, values: dict[str, Value], paper: dict[str, float]) -> Printed:
    return Printed((("plan", name),), _plan(values), paper=tuple(paper.items()))


def counted(
    plans: Mapping[str, tuple[Mapping[str, Value], float]],
    model: Model, tell: Tell, cancel: CancelToken,
) -> tuple[list[Row], tuple[str, ...]]:  # fmt: skip
    """Count what plans leave; the paper's count is of what trains while the trunk is frozen."""
    rows: list[Row] = []
    for name, (values, printed) in plans.items():
        applied = model.apply(_plan(values), cancel)
        network, size = applied.token.network, applied.footprint
        frozen = sum(p.numel() for part in network.cnn2d.trunk for p in part.parameters())
        left = size.total - size.removed
        rows.append({
            "plan": name, "trainable": left - frozen, "paper_trainable": printed,
            "parameters": left, "zeroed": size.zeroed, "removed": size.removed,
            "bytes": size.bytes, "bytes_sparse": size.sizes["sparse"],
        })  # fmt: skip
    return rows, ()


def timed(
    plans: Mapping[str, tuple[Mapping[str, Value], float]],
    model: Model, tell: Tell, cancel: CancelToken,
) -> tuple[list[Row], tuple[str, ...]]:  # fmt: skip
    """Time whole scenes, nothing reused, plan after plan in turn; the first is the full network."""
    sample, rows, total = model.samples()[0].id, [], ROUNDS * len(plans)
    taken: dict[str, list[float]] = {name: [] for name in plans}
    applied = {name: model.apply(_plan(values), cancel) for name, (values, _) in plans.items()}
    for number in range(total):
        cancel.check()
        name = list(plans)[number % len(plans)]
        tell(Progress(number, total, f"{name}, '{sample}'"))
        begun = time.perf_counter()
        model.run_once(applied[name], sample, Query())
        taken[name].append(time.perf_counter() - begun)
    best = {name: min(seconds) for name, seconds in taken.items()}
    first = next(iter(plans))
    macs = {name: float(one.footprint.macs or 0) for name, one in applied.items()}
    for name, (_, printed) in plans.items():
        rows.append({
            "plan": name, "seconds": round(best[name], 3), "paper_seconds": printed,
            "faster": round(best[first] / best[name], 3),
            "paper_faster": round(plans[first][1] / printed, 3),
            "by_macs": round(macs[first] / macs[name], 3),
        })  # fmt: skip
    said = (
        f"Seconds of one scene, '{sample}' ({model.title}), all modules run anew, the faster of "
        f"{ROUNDS}; of the paper, of 100 scenes on a GPU. What compares is how many times faster "
        "a plan is than the full network, beside what multiply-accumulates predict."
    )
    return rows, (said,)


def experiments() -> tuple[Experiment, ...]:
    """The tables that a network can be measured for."""
    text, equation = dict(PRESETS["paper"]), dict(PRESETS["equation"])
    full = dict(zip(NAMES, (0.054, 0.090, 0.708, 0.588, 0.641), strict=True))
    pruned = dict(zip(NAMES, (0.055, 0.093, 0.699, 0.586, 0.632), strict=True))
    alone: dict[str, tuple[dict[str, Value], float]] = {
        "2D CNN alone": ({RATE_2D.id: 25.0}, 609.0),
        "transformers alone": ({RATE_FORWARD.id: 33.0}, 618.0),
        "3D CNN alone": ({RATE_3D.id: 25.0}, 581.0),
        "all three": (text, 555.0),
    }
    return (
        Experiment(
            "table", "2", "VoRTX and pruned VoRTX",
            (
                _row("full", {}, full),
                _row("as the text says", text, pruned),
                _row("as equation 5 says", equation, {}),
            ),
            axis="plan", series="plan",
            notes=(RATES, OTHER_DATA, "What is scored is the Atlas protocol's single wall.", VIEWS),
        ),
        Experiment(
            "table", "4", "Parameters", (), axis="plan",
            notes=(
                "The paper's 6.2 M are the trainable parameters with the trunk frozen: 6,181,203 "
                "of 6,445,275 of the network as released. Its 5.22 M cannot be had from 25 % of "
                "the 3D CNN: that alone takes about 2.6 M.",
            ),
            measure=partial(counted, {"full": ({}, 6.2e6), "as the text says": (text, 5.22e6)}),
        ),
        Experiment(
            "table", "5", "One module at a time", (), axis="plan",
            notes=(
                "Zeros in place make no dense arithmetic faster; what is apart from 1 there is "
                "noise.",
                VIEWS, RATES,
            ),
            measure=partial(timed, {"full": ({}, 628.0), **alone}),
        ),
    )  # fmt: skip
