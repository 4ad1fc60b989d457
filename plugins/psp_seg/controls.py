"""What a person can turn and read on a segmenter: knobs, metrics, colours, views, file formats."""

from __future__ import annotations

from prune3d_gui.core.model import Format
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.scene.views import Role, View
from prune3d_gui.core.score.scores import ColourScale, Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.metrics.borders import HD95, NSD
from prune3d_gui.metrics.lesions import RULE
from prune3d_gui.metrics.overlaps import DICE
from prune3d_gui.pruning.knobs import RANDOM, network_knob

from .pruning.orders import KIND
from .volumes.distances import SIGNED

CRITERION = Knob(
    "criterion",
    "Order by",
    "choice",
    "change",
    choices=(
        Choice("change", "Output change", "the paper's: least change of its module's output first"),
        Choice("rounds", "Output change, rounds", "the paper's: one of every module in turn"),
        Choice("relative", "Relative change", "over the norm of its module's output"),
        Choice("output", "Output norm", "the smallest contribution first"),
        Choice("l1", "L1 magnitude", "the smallest weights first; looks at no patient"),
        Choice("taylor", "Taylor", "least first-order change of the loss first"),
        Choice("drop", "Measured Dice drop", "least fall of Dice on calibration patients first"),
        RANDOM,
    ),
    help="In which order branches go, unless an order is chosen below.",
)
ORDER = Knob(
    "order",
    "Order",
    "artifact",
    "",
    takes=KIND,
    help="A pruning order that was made, such as that of a progressive training.",
)
NETWORK = network_knob("by recovery training")
SHOW = Knob(
    "show",
    "Show",
    "choice",
    "classes",
    "show",
    choices=(
        Choice("classes", "Organs and lesions", "every class in its colour"),
        Choice("agreement", "Agreement", "where the result agrees, is over, or is under"),
    ),
    help="What surfaces and outlines show: the classes, or how they agree with the reference.",
)


ERROR, PARAMETERS = "dice_error", "parameters"
"""Metrics of the comparison."""


def left_knob(branches: int) -> Knob:
    """Branches that are left: the knob that walks an order."""
    return Knob(
        "branches", "Branches left", "steps", branches, maximum=branches, step=1,
        help="How many branches are run; the others are skipped, in the order chosen.",
    )  # fmt: skip


def tolerance_knob(voxel: float) -> Knob:
    """Tolerance of the surface Dice, at least the side of a voxel."""
    return Knob(
        "tolerance", "Tolerance", "linear", round(voxel, 2), "score", round(voxel, 2),
        round(voxel * 5, 2), 0.5, unit="mm",
        help="Distance up to which borders count as the same in the surface Dice.",
    )  # fmt: skip


def metrics(voxels: str) -> tuple[Metric, ...]:
    """The metrics; `voxels` says on which grid they are taken, such as ``voxels of 4.5 mm``."""
    mean = "mean over the patient's classes without background"
    return (
        Metric(
            "dice", "Dice", "higher", f"{DICE}, {voxels}; {mean}.",
            slack=Threshold(-0.05, "difference"),
        ),
        Metric(
            ERROR, "Dice error", "lower", f"1 - Dice; {mean}.", plot=False, log=True, listed=False,
        ),
        Metric(
            PARAMETERS, "Parameters left", "lower", "Parameters of the network that are left.",
            plot=False, log=True, own=True, listed=False,
        ),
        Metric(
            "nsd", "Surface Dice", "higher", f"{NSD} at the left, {voxels}; {mean}.",
            slack=Threshold(-0.05, "difference"),
        ),
        Metric(
            "hd95", "Hausdorff distance 95 %", "lower", f"{HD95}; {voxels}; {mean}.", "mm",
            plot=False,
        ),
        Metric(
            "found", "Lesions found", "higher",
            f"Share of the lesions that are {RULE}. Of one lesion: 1 or 0.",
            slack=Threshold(0.0, "difference"),
        ),
        Metric(
            "false", "False lesions", "lower",
            "Connected bodies of a lesion class of which no voxel lies in a lesion of the "
            "reference.", plot=False,
        ),
        Metric(
            "volume", "Volume", "", "Volume in the result, counted by voxels.", "ml",
            plot=False, own=True,
        ),
        Metric(
            "reference_volume", "Volume of the reference", "",
            "Volume in the reference, counted by voxels.", "ml", plot=False, own=True,
        ),
    )  # fmt: skip


COLOURS = (
    ColourScale(
        SIGNED, "Distance to the reference's border, on it to the result's (mm, inside negative)",
        -15.0, 15.0, "diverging",
        stand_in="Distance to the full model's border (mm, inside negative)",
    ),
)  # fmt: skip
_ONE: tuple[Role, ...] = ("pruned",)
VIEWS = (
    View("space", "3D"),
    View("axial", "Axial", "slice", _ONE, axis=2),
    View("coronal", "Coronal", "slice", _ONE, axis=1),
    View("sagittal", "Sagittal", "slice", _ONE, axis=0),
)
"""Slices show the pruned result and, in white below it, the reference: one place for both."""
SIZES = {"bytes": "dense fp32", "bytes_fp16": "fp16"}
FORMATS = (
    Format("safetensors", "Safetensors, fp32, masked branches gone", ".safetensors"),
    Format("fp16", "Safetensors, fp16, masked branches gone", ".fp16.safetensors"),
    Format("onnx", "ONNX, volume to logits, masked branches gone", ".onnx"),
    Format("labels", "Label map, NIfTI", ".nii.gz", "result"),
    Format("probabilities", "Probabilities of the classes, NIfTI", ".probabilities.nii.gz",
           "result"),
    Format("lesions", "Lesion table, CSV", ".csv", "result"),
)  # fmt: skip
