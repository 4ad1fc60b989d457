"""The job that makes a scene; what it needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Job, Option, Progress, Report, Row

Options = Mapping[str, Any]

SCENE = (
    Option("out", "data/lp3dgs", "Folder to fill.", kind="write_folder"),
    Option("views", 68, "Photographs, from all around.", minimum=2, maximum=1000),
    Option("held", 8, "How many of them nothing is trained on.", minimum=1),
    Option("side", 200, "Width and height of each, in pixels.", minimum=16, maximum=4096),
    Option("seed", 0, "Of objects, places and cameras.", minimum=0),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip


def make_scene(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Photograph a procedural scene into a folder; returns what it is."""
    from prune3d_gui.core.devices import chosen_device

    from .photographs import Wanted
    from .scene_files import write_scene

    wanted = Wanted(options["views"], options["held"], options["side"], options["seed"])
    out = Path(options["out"])
    write_scene(
        out, wanted, lambda done, total, text: report(Progress(done, total, text)), cancel,
        chosen_device(options["device"], mps=False),
    )  # fmt: skip
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    return [{
        "folder": str(out), "views": wanted.views, "held_out": wanted.held, "side": wanted.side,
        "seed": wanted.seed, "bytes": size,
    }]  # fmt: skip


JOB = Job("data", "Photograph a procedural still life from all around.", SCENE, make_scene)
