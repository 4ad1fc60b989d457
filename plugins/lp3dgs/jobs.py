"""The jobs of `lp3dgs`; what each needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Option, Report, Row
from prune3d_gui.core.score.scores import Metric

from .data.jobs import JOB as DATA

Options = Mapping[str, Any]
_DEVICE = Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True)

TRAINING = (
    Option("scene", "", "Folder with cameras and photographs, such as COLMAP's.",
           kind="read_folder"),
    Option("out", "", "File to write: .ply, .compressed.ply, .splat or .spz.", kind="write_file",
           endings=(".ply", ".splat", ".spz")),
    Option("steps", 4000, "Pictures looked at, one a step.", minimum=1),
    Option("most", 35_000, "Gaussians at most.", minimum=100),
    Option("start", 0, "Points to begin with at most, drawn by lot; 0 takes all.", minimum=0),
    Option("opacity", 0.1, "Of the Gaussians to begin with.", minimum=0.01, maximum=0.99),
    Option("pull", 2e-4, "Mean gradient from which Gaussians are cloned or split; less makes more.",
           minimum=0),
    Option("faint", 0.005, "Opacity below which a Gaussian goes.", minimum=0, maximum=1),
    Option("reset", 1000, "Steps after which opacities are put down; 0 never does.", minimum=0),
    Option("until", 0.6, "Share of the training after which none comes or goes.", minimum=0,
           maximum=1),
    Option("degree", 2, "Of the spherical harmonics.", minimum=0, maximum=3),
    Option("side", 800, "Pixels along the longer side of pictures at most.", minimum=16),
    Option("seed", 0, "Of the order of the pictures.", minimum=0),
    _DEVICE,
)  # fmt: skip

MASKING = (
    Option("scene", "", "File of splats or folder; the bundled scene if empty."),
    Option("out", "runs/splat_mask", "Folder for checkpoints.", kind="write_folder"),
    Option("steps", 500, "Pictures looked at while the mask is learned.", minimum=1),
    Option("score", "largest", "What weights the mask: the largest or the total share.",
           choices=("largest", "total")),
    Option("reading", "code", "The mask's logit: m S as in the released code, log (m S) as in the "
           "paper, or cut while training.", choices=("code", "paper", "straight-through")),
    Option("temperature", 0.5, "Of the Gumbel-sigmoid.", minimum=0),
    Option("rate", 0.05, "Learning rate of the mask.", minimum=0),
    Option("weight", 5e-4, "Of the share that is kept, in the loss.", minimum=0),
    Option("refresh", 100, "Steps after which scores are worked out again.", minimum=1),
    Option("finetune", 500, "Pictures looked at after the cut; 0 leaves what is kept as it is.",
           minimum=0),
    Option("side", 200, "Pixels along the longer side of pictures at most.", minimum=16),
    Option("seed", 0, "Of the order of the pictures and of the noise.", minimum=0),
    _DEVICE,
)  # fmt: skip

COMPARING = (
    Option("scene", "", "File of splats or folder; the bundled scene if empty."),
    Option("out", "runs/splat_compare", "Folder for checkpoints.", kind="write_folder"),
    Option("readings", "code,paper,straight-through", "Readings of the mask, with commas."),
    Option("seeds", "0", "Seeds of each, with commas."),
    Option("rates", "20,40,60,80", "Percent at which all are compared, beside their own cuts."),
    Option("steps", 500, "Pictures looked at while a mask is learned.", minimum=1),
    Option("score", "largest", "What weights masks, and is compared with them.",
           choices=("largest", "total")),
    Option("side", 200, "Pixels along the longer side of pictures at most.", minimum=16),
    _DEVICE,
)  # fmt: skip

COSTING = (
    Option("ratio", 60.0, "Percent that the pruned scene lacks.", minimum=0, maximum=99),
    Option("steps", 40, "Of each training.", minimum=1),
)  # fmt: skip
LOSS = Metric("loss", "Loss", "lower", "0.8 L1 + 0.2 (1 - SSIM) of the picture of a step.")
GAUSSIANS = Metric("gaussians", "Gaussians", "lower", "Gaussians that there are.", own=True)
KEPT = Metric("kept", "Kept", "lower", "Share of the Gaussians that the cut would keep.", own=True)

BENCHING = (Option("rounds", 5, "How often each is timed; the quickest counts.", minimum=1),)


def train_scene(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train a scene on photographs; see `training.run.train_job`."""
    from .training.run import train_job

    if not options["scene"]:
        raise BadInput(
            "There is nothing to train on; give a folder with cameras and photographs with "
            "--scene, such as 'prune3d data lp3dgs' fills."
        )
    if not options["out"]:
        raise BadInput("There is no file to write; give one with --out, such as own.ply.")
    return train_job(options, report, cancel)


def learn_mask(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Learn a mask, cut once, and fine-tune; see `training.learned.mask_job`."""
    from .training.learned import mask_job

    return mask_job(options, report, cancel)


def compare_masks(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Compare readings of the mask; see `training.rivals.compare_job`."""
    from .training.rivals import compare_job

    return compare_job(options, report, cancel)


def measure_costs(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Measure what training costs; see `training.costs.costs_job`."""
    from .training.costs import costs_job

    return costs_job(options, report, cancel)


def bench(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Measure; see `bench.measure`."""
    from .bench import measure

    return measure(options, report, cancel)


JOBS = (
    DATA,
    Job("train", "Train a scene of Gaussians on photographs.", TRAINING, train_scene, "step",
        (LOSS, GAUSSIANS)),
    Job("mask", "Learn which Gaussians a scene needs, cut once, and train what is left on.",
        MASKING, learn_mask, "step", (LOSS, KEPT)),
    Job("compare", "Compare masks by three readings with the score that weights them, at equal "
        "counts.", COMPARING, compare_masks),
    Job("costs", "Measure time, memory and pictures a second with a mask and without.", COSTING,
        measure_costs),
    Job("bench", "Measure pictures, derivatives, previews, threads, and growth with the scene.",
        BENCHING, bench),
)  # fmt: skip
