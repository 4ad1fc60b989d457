"""What a person can turn and read on VoRTX beside its pruning: views, pictures, colours, files."""

from __future__ import annotations

from prune3d_gui.core.model import Format
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.plan.plans import Preset, resolve
from prune3d_gui.core.scene.views import View
from prune3d_gui.core.score.scores import ColourScale

from .pruning.controls import KNOBS as PRUNING
from .pruning.controls import PRESETS as RATES

PREVIEWED = 8
"""Photographs that a scene is previewed from when the 2D part changes."""
STRIP = 24
"""Most photographs of a scene that can be chosen, evenly along the walk."""

WEIGHED = Knob(
    "views", "Views", "steps", 8, "reconstruct", 1, 60, 1, group="Photographs",
    help="Most photographs that a part of the room (3.84 x 3.84 x 1.92 m) is looked at in, those "
    "that see most of it together; the work of transformers grows with them.",
)  # fmt: skip
CAMERA = Knob(
    "camera", "Photograph", "choice", "1", "show", pictured=True, group="Photographs",
    choices=tuple(Choice(str(n), f"{n}") for n in range(1, STRIP + 1)),
    help="Which photograph is shown beside the surface, by its number among those of the strip: "
    f"all of a room, or {STRIP} evenly along the walk where there are more.",
)  # fmt: skip
SHOW = Knob(
    "show", "Show", "choice", "surface", "show",
    choices=(
        Choice("surface", "Surface", "where signed distances of the fine level pass 0"),
        Choice("coarse", "Coarse voxels", "of 16 cm, that the coarse level keeps"),
        Choice("medium", "Medium voxels", "of 8 cm, that the medium level keeps"),
        Choice("fine", "Fine voxels", "of 4 cm, near a surface"),
    ),
    help="The surface, or what a level keeps: what a coarser one loses, no finer one finds again.",
)  # fmt: skip
COLOUR = Knob(
    "colour", "Colour by", "choice", "distance", "draw",
    choices=(
        Choice("distance", "Distance", "of the result to the reference, and of that to the result"),
        Choice("height", "Height", "above the world's zero"),
        Choice("seen", "Views", "photographs that look at it, walls left out of account"),
    ),
    help="What surfaces are coloured by.",
)  # fmt: skip
KNOBS = (*PRUNING, WEIGHED, CAMERA, SHOW, COLOUR)
PRESETS = (
    Preset(
        "Paper's text", resolve(KNOBS, RATES["paper"])[0],
        "Li & Wang 2024 as its text says: 25 % of the 2D weights, 33 % of the feed-forwards', 25 % "
        "of the 3D channels.",
    ),
    Preset(
        "Equation 5", resolve(KNOBS, RATES["equation"])[0],
        "The same with 22 % of the feed-forwards' weights, as the subscript of equation 5 says.",
    ),
)  # fmt: skip

DISTANCE = "distance"
COMPLETENESS = "completeness"
COLOURS = (
    ColourScale(
        DISTANCE, "Distance to the reference (m)", 0.0, 0.25,
        stand_in="Distance to the full model's surface (m)",
    ),
    ColourScale(
        COMPLETENESS, "Distance to the result: completeness (m)", 0.0, 0.25,
    ),
    ColourScale("height", "Height (m)", 0.0, 3.0),
    ColourScale("seen", "Photographs that look at it", 0.0, 20.0),
)  # fmt: skip
VIEWS = (
    View("space"),
    View("photograph", "Photograph", "picture", ("pruned",)),
)
SIZES = {"bytes": "dense fp32", "bytes_fp16": "fp16", "bytes_sparse": "sparse"}
FORMATS = (
    Format("safetensors", "Safetensors, fp32, channels gone, weights zeroed", ".safetensors"),
    Format("fp16", "Safetensors, fp16, channels gone, weights zeroed", ".fp16.safetensors"),
    Format("ply", "Surface, PLY", ".ply", "result"),
    Format("tsdf", "Signed distances on their grid, NPZ", ".npz", "result"),
)
