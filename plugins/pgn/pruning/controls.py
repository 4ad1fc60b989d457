"""What a person can turn and read on an AtlasNet: knobs, metrics, file formats."""

from __future__ import annotations

from prune3d_gui.core.model import Format
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.pruning.knobs import RANDOM, network_knob

from ..network.units import SCOPES

RATE = Knob(
    "rate",
    "Rate",
    "rate",
    0.0,
    unit="%",
    help="Share of the weights in scope that is zeroed, or of the channels removed, in percent.",
)
WAY = Knob(
    "way",
    "Way",
    "choice",
    "mask",
    choices=(
        Choice("mask", "Zero weights", "zeroed in place; file and arithmetic stay as they are"),
        Choice("channels", "Remove channels", "physically smaller: fewer weights, less work"),
    ),
    help="How it is pruned: single weights zeroed in place, or whole channels removed.",
)
SCOPE = Knob(
    "scope",
    "Scope",
    "choice",
    "encoder",
    choices=SCOPES,
    units_allowed=True,
    help="Which units share the rate: a scope or a comma-separated list of units, such as C15,C16.",
)
RANKING = Knob(
    "ranking",
    "Ranking",
    "choice",
    "global",
    choices=(
        Choice("global", "Global", "one threshold over all units in scope"),
        Choice("layer", "Per layer", "the same rate in each unit"),
    ),
    help="How weights are ranked: one threshold over the scope, or each layer on its own.",
)
CRITERION = Knob(
    "criterion",
    "Criterion",
    "choice",
    "l1",
    choices=(
        Choice("l1", "L1 magnitude", "smallest magnitude first"),
        Choice("l2", "L2 magnitude", "smallest squares first; for single weights the same as L1"),
        RANDOM,
    ),
    help="Which weights or channels go first: the smallest, or seeded random as the baseline.",
)

NETWORK = network_knob("a round of fine-tuning")
FACTOR = 0.005 / 0.003762
"""The paper's threshold over its full model's own Chamfer distance: 1.33."""

METRICS = (
    Metric(
        "chamfer_x1000",
        "Chamfer distance × 1000",
        "lower",
        "Mean squared nearest distance, both ways, summed, times 1000; unit ball; "
        "{outputs} outputs against 2,500 reference points drawn with seed 0, view 00.",
        "squared unit-ball radii × 1000",
        log=True,
        slack=Threshold(FACTOR, "factor"),
    ),
    Metric(
        "fscore",
        "F-score",
        "higher",
        "Harmonic mean of precision and recall at 0.001 on squared distance "
        "(radius 0.0316 of the unit ball).",
        slack=Threshold(1 / FACTOR, "factor"),
    ),
    Metric(
        "precision",
        "Precision",
        "higher",
        "Share of outputs closer than the radius 0.0316 to the reference.",
        plot=False,
        slack=Threshold(1 / FACTOR, "factor"),
    ),
    Metric(
        "recall",
        "Recall",
        "higher",
        "Share of reference points closer than the radius 0.0316 to an output.",
        plot=False,
        slack=Threshold(1 / FACTOR, "factor"),
    ),
)

SIZES = {"bytes": "dense fp32", "bytes_fp16": "fp16", "bytes_sparse": "compact sparse file"}
FORMATS = (
    Format("safetensors", "Safetensors, fp32, plain torch names", ".safetensors"),
    Format("pth", "PyTorch state dict, AtlasNet names", ".pth"),
    Format("sparse", "Compact sparse file, bit mask and fp32 values", ".sparse.safetensors"),
    Format("sparse16", "Compact sparse file, bit mask and fp16 values", ".sparse16.safetensors"),
    Format("onnx", "ONNX, image to points", ".onnx"),
)
