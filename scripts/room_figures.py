"""Pictures of the text on rooms: one room while modules lose more, and F along every slider."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from rows import rows

from prune3d_gui.metrics.surfaces import ATLAS, TRANSFORMERFUSION

SYSTEM, ROOM = "vortx", "piano"
MODULES = (
    ("rate2d", "2D CNN", "zeroed"),
    ("rate_ff", "Feed-forward", "zeroed"),
    ("rate3d", "3D CNN", "removed"),
)
SHOWN = (0.0, 25.0, 50.0, 75.0)
"""Percent of a module that is gone in the grid."""
EYE = (-0.55, -0.62, 1.0)
"""Direction from the middle of the room to the eye."""
_ANGLE, _CLOSE = 30.0, 0.82
CELL = (320, 250)
AXES = {
    "rate2d": ("2D CNN: weights zeroed (%)", 25),
    "rate_ff": ("Feed-forward: weights zeroed (%)", 33),
    "width_ff": ("Feed-forward: neurons removed (%)", None),
    "rate3d": ("3D CNN: channels removed (%)", 25),
}
"""Title of each slider, and what the paper's preset takes."""
PROTOCOLS = {
    ATLAS: ("#0072b2", "o", "-"),
    TRANSFORMERFUSION: ("#d55e00", "s", "--"),
}
COSTS = {
    "left": ("Parameters that are not zero", "#8a5fbf", "o"),
    "macs": ("Multiply-accumulates, 20 views", "0.35", "s"),
}


def camera_above(points: np.ndarray, direction: tuple[float, float, float] = EYE) -> Any:
    """A camera that looks down into a room of which these are the points."""
    from prune3d_gui.drawing.cameras import UPS, CameraState, vector

    low, high = points.min(0), points.max(0)
    middle, radius = (low + high) / 2, float(np.linalg.norm(high - low)) / 2
    away = np.asarray(direction) / np.linalg.norm(direction)
    distance = _CLOSE * radius / np.sin(np.radians(_ANGLE / 2))
    return CameraState(
        vector(middle + distance * away), vector(middle), angle=_ANGLE, up=UPS["z"], aspect=1.0
    )


def draw_grid(path: Path) -> bool:
    """Draw a room at several rates of each module, with F by the Atlas protocol."""
    from prune3d_gui.core.cancel import NEVER
    from prune3d_gui.core.plan.plans import Plan, Query
    from prune3d_gui.core.registry import discover
    from prune3d_gui.core.scene.scenes import Scene
    from prune3d_gui.drawing.pictures import picture, strips

    system = discover().system(SYSTEM)
    model = system.open(system.bundled()[0])
    reference = model.reference(ROOM, Query()).layer("reference").data
    camera = camera_above(reference.points)
    scenes = []
    for name, module, gone in MODULES:
        knob = next(k for k in model.knobs if k.id == name)
        for rate in SHOWN:
            applied = model.apply(Plan().with_value(knob, rate))
            *_, stage = model.reconstruct(applied, ROOM, Query(), "full", NEVER)
            scores = model.score(applied, ROOM, Query(), stage, None)
            layer = stage.scene.with_arrays(scores.arrays).layer("surface")
            said = (
                f"F {scores.values['fscore']:.2f} (Atlas)"
                if len(layer.data.faces)
                else "no surface"
            )
            title = f"{module}, {rate:g} % {gone} · {said}"
            scenes.append((title, Scene((layer,), up="z", unit="m")))
    model.close()
    lines = len(MODULES)
    size = (CELL[0] * len(SHOWN), CELL[1] * lines + strips(lines))
    scale = [each for each in model.colours if each.array == "distance"]
    picture(scenes, path, size=size, style="mesh", colours=scale, cameras=(camera,),
            columns=len(SHOWN))  # fmt: skip
    return True


def draw_rates(path: Path) -> bool:
    """Draw F along each slider by both protocols, and below it what is left of parameters and work.

    Bands reach from one room to the other.
    """
    from matplotlib.figure import Figure

    found = {name: rows(f"vortx-{name}") for name in AXES}
    if not all(found.values()):
        return False
    figure = Figure(figsize=(12.4, 5.8), layout="constrained")
    grid = figure.subplots(2, len(AXES), sharex=True, sharey="row")
    for (above, below), (name, own) in zip(grid.T, found.items(), strict=True):
        for protocol, (colour, marker, dashes) in PROTOCOLS.items():
            some = sorted((r for r in own if r.get("part") == protocol), key=lambda r: r[name])
            at = [row[name] for row in some]
            above.plot(at, [row["fscore"] for row in some], dashes, marker=marker, ms=4,
                       color=colour, lw=1.6, label=f"F, {protocol}")  # fmt: skip
            low, high = ([row[f"fscore_{end}"] for row in some] for end in ("low", "high"))
            above.fill_between(at, low, high, color=colour, alpha=0.15, lw=0)
        some = sorted((r for r in own if "part" not in r), key=lambda r: r[name])
        for what, (title, colour, marker) in COSTS.items():
            values = [_left(row) if what == "left" else row[what] for row in some]
            below.plot([row[name] for row in some], [100 * v / values[0] for v in values], "-",
                       marker=marker, ms=4, color=colour, lw=1.6, label=title)  # fmt: skip
        title, preset = AXES[name]
        below.set_xlabel(title, fontsize=9.5)
        for axes in (above, below):
            if preset:
                axes.axvline(preset, color="0.6", lw=0.8, ls=":", zorder=0)
            axes.grid(alpha=0.25)
            axes.spines[["top", "right"]].set_visible(False)
            axes.tick_params(labelsize=9)
    grid[0, 0].set_ylabel("F at 5 cm, two rooms")
    grid[0, 0].set_ylim(bottom=0)
    grid[1, 0].set_ylabel("Left, % of the full network")
    grid[1, 0].set_ylim(0, 105)
    for line, at in ((0, "upper"), (1, "lower")):
        handles, labels = grid[line, 0].get_legend_handles_labels()
        figure.legend(handles, labels, loc=f"outside {at} center", ncols=2, frameon=False,
                      fontsize=9.5)  # fmt: skip
    figure.savefig(path, dpi=110)
    return True


def _left(row: dict) -> int:
    return row["total"] - row["zeroed"] - row["removed"]
