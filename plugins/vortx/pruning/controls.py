"""What a person can turn to prune VoRTX: three modules, each in a way of its own."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from prune3d_gui.core.plan.knobs import Choice, Knob, Value
from prune3d_gui.pruning.knobs import RANDOM, SEED, network_knob

PHOTOGRAPHS, ENCODERS, FUSION, VOLUME = (
    "2D CNN", "View encoders", "Transformers", "3D CNN",
)  # fmt: skip
"""First parts of the paths of units; knobs prune those of their group."""

RATE_2D = Knob(
    "rate2d", "Rate", "rate", 0.0, unit="%", group=PHOTOGRAPHS,
    help="Share of the weights of the 2D convolutions that is zeroed, the smallest of all layers "
    "first (global, unstructured). The arithmetic stays as it is.",
)  # fmt: skip
RATE_FORWARD = Knob(
    "rate_ff", "Feed-forward rate", "rate", 0.0, unit="%", group=FUSION,
    help="Share of the weights of each feed-forward layer that is zeroed, the smallest of each "
    "layer first (local, unstructured). The arithmetic stays as it is.",
)  # fmt: skip
WIDTH_FORWARD = Knob(
    "width_ff", "Neurons removed", "rate", 0.0, unit="%", group=FUSION,
    help="Share of the neurons inside each feed-forward that is removed, by L2 norm: less work. "
    "At least one stays in each.",
)  # fmt: skip
RATE_3D = Knob(
    "rate3d", "Channels removed", "rate", 0.0, unit="%", group=VOLUME,
    help="Share of the channels of each group of the 3D U-Nets that is removed, by L2 norm; each "
    "takes its weights in the layers that read it along, so 25 % of the channels are about 44 % "
    "of the weights. At least one channel stays in each group.",
)  # fmt: skip
CRITERION = Knob(
    "criterion", "Criterion", "choice", "magnitude",
    choices=(
        Choice("magnitude", "Magnitude", "smallest weights, channels of the smallest L2 norm"),
        RANDOM,
    ),
    help="What goes first in all modules: the smallest, or seeded random as the baseline.",
)  # fmt: skip
NETWORK = network_knob("by recovery training")
KNOBS = (RATE_2D, RATE_FORWARD, WIDTH_FORWARD, RATE_3D, CRITERION, SEED, NETWORK)
"""All that prune."""

PRESETS: Mapping[str, Mapping[str, Value]] = MappingProxyType({
    "paper": MappingProxyType({"rate2d": 25.0, "rate_ff": 33.0, "rate3d": 25.0}),
    "equation": MappingProxyType({"rate2d": 25.0, "rate_ff": 22.0, "rate3d": 25.0}),
})  # fmt: skip
"""Plans of Li and Wang, "Pruned VoRTX" (2024): as its text says, and as its equation 5 does."""
