"""The job that makes rooms; what it needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Job, Option, Progress, Report, Row

Options = Mapping[str, Any]

ROOMS = (
    Option("out", "data/vortx", "Folder to fill.", kind="write_folder"),
    Option("rooms", 200, "How many, of this split.", minimum=1, maximum=100_000),
    Option("split", "train", "What they are for; only test rooms have pianos.",
           choices=("train", "val", "test")),
    Option("frames", 70, "Key frames of each, 10 cm or 15 degrees apart.", minimum=2, maximum=1000),
    Option("side", 160, "Width of pictures; they are three quarters as high.", minimum=32,
           maximum=2048, unit="pixels"),
    Option("samples", 2, "Rays for the colour of a pixel.", minimum=1, maximum=64),
    Option("seed", 0, "Of rooms, walks, light and noise.", minimum=0),
    Option("depth_noise", 0.0, "Of depths, in those of a Kinect; 0 leaves them exact.", minimum=0.0,
           maximum=3.0),
    Option("pose_noise", 0.0, "Deviation of the poses that are told.", minimum=0.0, maximum=0.1,
           unit="m"),
    Option("depths", True, "Whether depth pictures are written, which training needs."),
    Option("meshes", True, "Whether exact meshes are made, which scores need."),
)  # fmt: skip


def make_rooms(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Fill a folder with rooms; those that are there already stay. Returns what it holds."""
    from prune3d_gui.core.errors import BadInput

    from .making import VERSION, Wanted, make_room
    from .scene_files import read_scene, write_room

    fields = ("split", "frames", "side", "samples", "seed", "depth_noise", "pose_noise")
    wanted = Wanted(**{name: options[name] for name in fields})
    out, total, new = Path(options["out"]) / wanted.split, int(options["rooms"]), 0

    def told(number: int, frames: int) -> None:
        text = f"{number} of {total} rooms"
        if frames:
            text += f", {frames} of {wanted.frames} frames"
        report(Progress(number * wanted.frames + frames, total * wanted.frames, text))

    for number in range(total):
        cancel.check()
        told(number, 0)
        folder = out / f"{wanted.split}_{number:04d}"
        if folder.exists():
            held = read_scene(folder).told.get("made", {})
            expected = {"version": VERSION, **vars(wanted), "number": number}
            if held != expected:
                raise BadInput(
                    f"'{folder}' holds a room that was made with other settings ({held}); choose "
                    "an empty folder."
                )
            continue
        made = make_room(wanted, number, options["meshes"], cancel, partial(told, number))
        write_room(folder, made, wanted, number, options["depths"])
        new += 1
    told(total, 0)
    size = sum(file.stat().st_size for file in out.rglob("*") if file.is_file())
    return [{
        "folder": str(out), "rooms": total, "new": new, "frames": wanted.frames,
        "side": wanted.side, "seed": wanted.seed, "bytes": size,
    }]  # fmt: skip


JOB = Job("data", "Make furnished rooms and walk through them with a camera.", ROOMS, make_rooms)
