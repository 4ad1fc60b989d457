"""The jobs of `psp_seg`; what each needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Option, Report, Row
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.files.paths import beside, check_target

Options = Mapping[str, Any]
LOSS = Metric(
    "loss", "Loss", "lower", "What is minimised: soft Dice and cross entropy at every scale.",
    log=True, own=True,
)  # fmt: skip
COSTS = (
    Metric("branches", "Branches left", "lower",
           "Branches that are run; not monotone, for restored ones come back.", own=True),
    Metric("memory_mb", "Memory of a step", "lower",
           "Most that a step holds: weights and what is kept for the gradient; the peak on a GPU. "
           "Masking frees what is kept, removal the weights; what is restored takes both back.",
           "MB", own=True),
    Metric("seconds", "Time of a step", "lower",
           "Mean of the steps of an epoch; masked branches cost none, restored ones do again.", "s",
           own=True),
)  # fmt: skip
"""What pruning while training saves; none of them falls all the time."""

DATA = (
    Option("out", "data/psp_seg", "Folder to fill.", kind="write_folder"),
    Option("patients", 300, "How many.", minimum=1),
    Option("seed", 0, "Of the cohort.", minimum=0),
    Option("size", 64, "Voxels along each side of 288 mm.", minimum=16),
)
TRAINING = (
    Option("out", "", "File to write, .safetensors.", kind="write_file",
           endings=(".safetensors",)),
    Option("data", "", "Folder that 'prune3d data psp_seg' filled; empty makes patients in memory.",
           kind="read_folder"),
    Option("patients", 300, "How many are trained on.", minimum=1),
    Option("size", "laptop", "Of the network.", choices=("laptop", "S", "B", "L")),
    Option("dense", 0, "Parameters of a small dense network that is trained instead, as many as a "
           "pruned one has; 0 trains the network of branches.", minimum=0),
    Option("steps", 3600, "Steps of two patients each.", minimum=1),
    Option("decoupling", 0.0, "Weight of functional decoupling; 0.1 in the paper's code.",
           minimum=0),
    Option("seed", 0, "Of weights and batches.", minimum=0),
    Option("unseen", 24, "Unseen procedural patients it is scored on.", minimum=1, maximum=200),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip

_AGAIN = (
    Option("weights", "", "Network to begin with; the bundled one if empty.", kind="read_file"),
    Option("data", "", "Folder that 'prune3d data psp_seg' filled; empty makes patients in memory.",
           kind="read_folder"),
    Option("patients", 100, "How many are trained on.", minimum=1),
    Option("seed", 0, "Of batches.", minimum=0),
    Option("unseen", 24, "Unseen procedural patients it is scored on.", minimum=1, maximum=200),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
RECOVERING = (
    Option("out", "runs/psp_recovery", "Folder for the network.", kind="write_folder"),
    Option("branches", 12, "Branches that are left.", minimum=0),
    Option("criterion", "change", "In which order they went.",
           choices=("change", "rounds", "relative", "output", "l1", "taylor", "drop", "random")),
    Option("order_seed", 0, "Of the random order.", minimum=0),
    Option("order", "", "Order that they went in instead: the beginning of its hash."),
    Option("network", "", "Network made from it, pruned instead: the beginning of its hash."),
    Option("plan", "", "Plan, as 'budget' writes one, instead of all these.", kind="read_file"),
    Option("steps", 200, "Steps of two patients each.", minimum=1),
    Option("every", 20, "Steps between points of the curve.", minimum=1),
    *_AGAIN,
)  # fmt: skip
PROGRESSING = (
    Option("out", "runs/psp_progressive", "Folder for the network.", kind="write_folder"),
    Option("steps", 1500, "Steps of two patients each.", minimum=1),
    Option("rate", 1e-3, "Learning rate at the start; it falls to zero.", minimum=0),
    Option("decoupling", 0.0, "Weight of functional decoupling; 0.1 in the paper's code. A network "
           "trained without it takes long to converge with it.", minimum=0),
    Option("epoch", 25, "Steps over which losses are means.", minimum=1),
    Option("patience", 10, "Epochs without a new minimum of any loss after which the training "
           "has converged.", minimum=1),
    Option("at_once", 1, "Branches that each module loses at a convergence; 2 in the paper's code, "
           "whose modules have more.", minimum=1),
    Option("batches", 20, "Batches that branches are scored on; 100 in the paper's code.",
           minimum=1),
    Option("worse", 0.001, "How much worse a loss may be without them before they come back.",
           minimum=0),
    Option("share", 0.4, "Share of the steps after which none goes.", minimum=0, maximum=1),
    *_AGAIN,
)  # fmt: skip

_CHART = Option("out", "", "Chart to write: .png or .svg.", kind="write_file",
                endings=(".png", ".svg"))  # fmt: skip
RANKING = (
    Option("weights", "", "Network whose branches are scored; the bundled one if empty.",
           kind="read_file"),
    Option("keep", True, "Keep an order for each criterion."),
    _CHART,
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
COMPARING = (
    Option("weights", "", "Network whose orders are walked; the bundled one if empty.",
           kind="read_file"),
    Option("orders", "change,rounds,l1,taylor,drop,random", "Criteria, between commas."),
    Option("random_seeds", 3, "Random orders, of the seeds 0, 1 and so on.", minimum=1),
    Option("branches", "", "Numbers of branches left, between commas; empty takes every other "
           "one."),
    Option("patients", 24, "Unseen procedural patients.", minimum=1, maximum=24),
    _CHART,
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
BENCHING = (
    Option("weights", "", "Network to measure; the bundled one if empty.", kind="read_file"),
    Option("rounds", 5, "Measured rounds; medians are given.", minimum=1),
    Option("side", 64, "Voxels along each side of what B is timed on.", minimum=32),
)


def make_data(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Write a cohort of procedural patients as NIfTI; returns what it is."""
    from .data.cohort import write_cohort

    out = Path(options["out"])
    write_cohort(out, options["patients"], options["seed"], options["size"], report, cancel)
    return [{"folder": str(out), "patients": options["patients"], "seed": options["seed"]}]


def train_network(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train, or go on training, and score on unseen patients: a row for each class."""
    from .training.run import train_job

    if not options["out"]:
        raise BadInput("There is no file to write; give one with --out, such as own.safetensors.")
    for place in (options["out"], beside(options["out"], ".training.pt")):
        check_target(place)
    return train_job(options, report, cancel)


def recover(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train a pruned network on; see `retraining.recover_job`."""
    from .retraining import recover_job

    return recover_job(options, report, cancel)


def prune_progressively(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Prune while training; see `retraining.progressive_job`."""
    from .retraining import progressive_job

    return progressive_job(options, report, cancel)


def rank_branches(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Score branches by every criterion; see `judging.ranking.rank`."""
    from prune3d_gui.core.model import ModelRef

    from .judging.ranking import rank
    from .opening import open_model

    ref = ModelRef("psp_seg", "ranked", str(options["weights"] or ""), options["device"])
    model = open_model(ref, cancel)
    try:
        return rank(model, options, report, cancel)
    finally:
        model.close()


def compare_orders(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Walk orders over unseen patients; see `judging.walking.compare`."""
    from .judging.walking import compare

    return compare(options, report, cancel)


def bench(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Measure; see `bench.measure`."""
    from .bench import measure

    return measure(options, report, cancel)


JOBS = (
    Job("data", "Make procedural patients: CT volumes with label maps.", DATA, make_data),
    Job("train", "Train a network on procedural patients.", TRAINING, train_network,
        "step", (LOSS,)),
    Job("recover", "Train a pruned network on, so that it regains its scores.", RECOVERING,
        recover, "step", (LOSS,)),
    Job("progressive", "Prune a network while it is trained: mask on convergence, then remove or "
        "restore.", PROGRESSING, prune_progressively, "step", (LOSS, *COSTS)),
    Job("rank", "Score branches by every criterion, and compare with the measured drop.", RANKING,
        rank_branches),
    Job("compare", "Walk several orders over unseen patients: organs, tumours and lesions beside "
        "the mean.", COMPARING, compare_orders),
    Job("bench", "Measure toggles, previews, fewer branches, scores and convolutions.", BENCHING,
        bench),
)  # fmt: skip
