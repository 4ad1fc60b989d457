"""What a person can turn and read on a scene of splats: knobs, metrics, colours, views, formats."""

from __future__ import annotations

from collections.abc import Sequence

from prune3d_gui.core.model import Format
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.scene.views import View
from prune3d_gui.core.score.scores import ColourScale, Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.pruning.knobs import RANDOM, network_knob

RATE = Knob(
    "rate", "Pruned", "rate", 0.0,
    help="Share of the Gaussians that go, the least important first.",
)  # fmt: skip
CRITERION = Knob(
    "criterion",
    "Importance",
    "choice",
    "largest",
    choices=(
        Choice("largest", "Largest share", "of a pixel, over all training views: RadSplat"),
        Choice("total", "Total share", "of all pixels of all training views: Mini-Splatting"),
        Choice("sensitivity", "Sensitivity", "of pictures to place and size: PUP 3D-GS"),
        Choice("opacity", "Opacity", "the faintest first; looks at no picture"),
        Choice("volume", "Opacity x volume", "what editors call visibility; looks at no picture"),
        RANDOM,
    ),
    help="By what Gaussians are ranked, unless a learned mask is chosen below.",
)
MASK_KIND = "splat_mask"
"""Kind of the artifacts that hold a learned mask."""
MASK = Knob(
    "mask",
    "Learned mask",
    "artifact",
    "",
    takes=MASK_KIND,
    sets=RATE.id,
    help="Ranks by a mask that was learned; it says itself how many it would keep.",
)
NETWORK = network_knob("by fine-tuning")
BACKGROUND = Knob(
    "background", "Background", "choice", "scene", "reconstruct",
    choices=(
        Choice("scene", "As trained", "what the scene says, else white"),
        Choice("white", "White"),
        Choice("black", "Black"),
    ),
    help="What is seen where nothing is in front of it; photographs with alpha are put on it.",
)  # fmt: skip
COLOUR = Knob(
    "colour", "Colour by", "choice", "own", "draw",
    choices=(
        Choice("own", "Own colour", "as seen from all sides alike"),
        Choice("importance", "Importance", "rank by what is chosen above"),
        Choice("opacity", "Opacity"),
        Choice("next", "Goes next", "with the next 10 % of all Gaussians"),
        Choice("unseen", "Never seen", "has no share in any pixel of a training view"),
    ),
    help="What the Gaussians in space are coloured by.",
)  # fmt: skip
NEXT = 10.0
"""Percent of all Gaussians that 'Goes next' marks."""
COLOURS = (
    ColourScale("importance", "Importance (rank, % of all Gaussians)", 0.0, 100.0),
    ColourScale("opacity", "Opacity", 0.0, 1.0),
    ColourScale("next", f"Goes with the next {NEXT:g} %", 0.0, 1.0),
    ColourScale("unseen", "Never seen from a training view", 0.0, 1.0),
)
VIEWS = (
    View("picture", "Picture", "picture"),
    View("difference", "Difference", "picture", ("pruned",)),
    View("space", "Space", roles=("pruned",)),
)
FORMATS = (
    Format("ply", "3DGS PLY, rows as they are", ".ply"),
    Format("compressed", "SuperSplat compressed PLY", ".compressed.ply"),
    Format("splat", ".splat, without view-dependent colour", ".splat"),
    Format("spz", "SPZ, version 3", ".spz"),
    Format("mask", "Keep-mask, one bit per Gaussian, JSON", ".mask.json"),
    Format("picture", "Picture of this camera, PNG", ".png", "result"),
    Format("difference", "Difference picture of this camera, PNG", ".difference.png", "result"),
)
SIZES = {"bytes": "3DGS PLY, fp32", "bytes_splat": ".splat, 32 bytes each"}
SCORED = 16
"""Training views that are scored, evenly spread; all held-out ones are."""


def camera_knob(names: Sequence[str], held: frozenset[int]) -> Knob:
    """The knob that chooses the camera whose pictures are shown, held-out ones first."""
    order = sorted(range(len(names)), key=lambda number: (number not in held, number))
    choices = tuple(
        Choice(names[number], names[number], "held out", mark="held out")
        if number in held
        else Choice(names[number], names[number], "trained on")
        for number in order
    )
    return Knob(
        "camera", "Camera", "choice", choices[0].id, "reconstruct", choices=choices,
        pictured=True, help="Whose picture is made.",
    )  # fmt: skip


def metrics(against: str) -> tuple[Metric, ...]:
    """The metrics; `against` says what pictures are compared with."""
    mean = f"mean over the held-out views, against {against}"
    return (
        Metric(
            "psnr", "PSNR", "higher",
            f"10 log10(1 / MSE) of each view, colours 0 to 1, at most 100; {mean}.", "dB",
            slack=Threshold(-0.5, "difference"),
        ),
        Metric(
            "ssim", "SSIM", "higher",
            f"structural similarity, Gaussian window of 11 pixels, sigma 1.5; {mean}.",
            slack=Threshold(-0.01, "difference"),
        ),
        Metric(
            "rmse", "Root mean squared error", "lower", "10^(-PSNR / 20), colours 0 to 1.",
            plot=False, log=True, listed=False,
        ),
        Metric(
            "gaussians", "Gaussians", "lower", "Gaussians that are left.", plot=False, log=True,
            own=True,
        ),
    )  # fmt: skip
