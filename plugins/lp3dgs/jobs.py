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
    Job("bench", "Measure pictures, derivatives, previews, threads, and growth with the scene.",
        BENCHING, bench),
)  # fmt: skip
