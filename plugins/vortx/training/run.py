"""The job that trains a network on rooms and scores it on unseen ones."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Option, Report, Row, part_of
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.files.paths import beside

Options = Mapping[str, Any]
LOSS = Metric(
    "loss", "Loss", "lower",
    "What is minimised: occupancy and distances of each level, and surfaces along each view.",
    own=True,
)  # fmt: skip
CROP = Option(
    "crop", "80,80,0",
    "Voxels of 4 cm along each side of a crop, between commas; a height of 0 is that of the room.",
)  # fmt: skip
TRAINING = (
    Option("scenes", "", "Folder that 'prune3d data vortx' filled.", kind="read_folder"),
    Option("out", "", "File to write, .safetensors.", kind="write_file",
           endings=(".safetensors",)),
    Option("rooms", 0, "How many there will be, while they are still being made; 0 takes those "
           "that are there.", minimum=0),
    Option("steps", 6000, "Steps of one crop each.", minimum=1),
    Option("alone", 3000, "Steps before, in which the 2D part learns by itself to tell depths and "
           "to match photographs, on pairs of them.", minimum=0),
    Option("width", "small", "Of the U-Nets.", choices=("small", "full")),
    Option("attn_heads", 2, "Heads of attention over views; 0 takes their mean instead.",
           minimum=0, maximum=8),
    Option("views", 8, "Photographs that see a crop.", minimum=1, maximum=60),
    CROP,
    Option("side", 240, "Width of photographs.", minimum=64, maximum=1024, unit="pixels"),
    Option("crops", 1, "Crops that a step sees.", minimum=1),
    Option("rate", 1e-3, "Learning rate; the second phase falls to a twentieth.", minimum=0),
    Option("trunk", "", "File with torchvision's mnasnet1_0, whose layers begin and stay as they "
           "are in the first phase; empty trains them, too.", kind="read_file"),
    Option("cnn2d", "", "File with a network whose 2D CNN and directions it begins with, so that "
           "several trainings share their steps alone; empty takes new ones.", kind="read_file"),
    Option("network", "", "File with a network to train on, which keeps its width and heads, with "
           "no steps alone, in the second phase from the first step; empty takes a new one.",
           kind="read_file"),
    Option("seed", 0, "Of weights and crops.", minimum=0),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
_TRAINING = 0.95


def train_job(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train, or go on with a training that was stopped, and write the averaged network as fp16.

    The checkpoint lies beside the file to write, with the ending ``.training.pt``, until the
    training is complete; it opens as a network, too.

    Returns
    -------
    list of row
        One for each level: what the network scores on the crops of unseen rooms.
    """
    from ..network.checkpoint import load_2d, load_network, load_trunk, save_network, weights_hash
    from ..network.network import new_network
    from ..network.sizes import named
    from .crops import Cut
    from .rooms import Rooms
    from .training import Settings, Training
    from .unseen import scored

    out, folder = Path(options["out"]), Path(options["scenes"])
    cut = Cut(dims_of(options["crop"]), options["views"], options["side"])
    settings = Settings(
        options["steps"] + options["alone"], options["width"], options["attn_heads"], cut,
        options["crops"], options["rate"], alone=options["alone"],
        frozen=bool(options["trunk"]), seed=options["seed"],
    )  # fmt: skip
    before, note = {"steps": 0, "minutes": 0}, "Trained on procedural rooms, not on photographs."
    if options["network"]:
        network, info = load_network(options["network"])
        note = info.metadata.get("note") or (
            f"Trained on procedural rooms, from '{info.name}', which does not say what it was "
            "trained on."
        )
        before = {name: int(info.metadata.get(name, 0)) for name in before}
        settings = replace(
            settings, steps=options["steps"], heads=network.size.heads, alone=0, second=0.0,
            guided=0.0,
        )  # fmt: skip
    else:
        network = new_network(named(settings.width, settings.heads), settings.seed)
    if options["trunk"]:
        load_trunk(network, options["trunk"])
    if options["cnn2d"]:
        load_2d(network, options["cnn2d"])
    given = options["trunk"] or options["cnn2d"] or options["network"]
    begun_from = {"network to begin with": weights_hash(network)} if given else {}
    state = beside(out, ".training.pt")
    training = Training(
        Rooms(folder, "train", options["rooms"]), settings, state,
        chosen_device(options["device"], mps=False), network, begun_from,
    )  # fmt: skip
    network = training.run(part_of(report, 0.0, 1.0, length=_TRAINING), cancel)
    rows = scored(network, unseen_rooms(folder), cut, report=part_of(report, _TRAINING, 1.0, 0.05),
                  cancel=cancel)  # fmt: skip
    facts = {
        "note": note,
        "picture_width": str(cut.width),
        "weighted": str(True),
        "rooms": str(len(training.rooms)),
        "steps": str(before["steps"] + settings.steps),
        "minutes": f"{before['minutes'] + training.seconds / 60:.0f}",
        "views": str(cut.views),
        "crop": "x".join(map(str, cut.dims)),
        "seed": str(settings.seed),
    }
    save_network(out, network.cpu().eval(), facts, half=True)
    state.unlink(missing_ok=True)
    return [{"network": str(out), **row, "steps": int(facts["steps"])} for row in rows]


def unseen_rooms(folder: Path) -> Any:
    """Rooms that are kept from training: of the split val, else test."""
    from .rooms import Rooms

    try:
        return Rooms(folder, "val")
    except BadInput:
        return Rooms(folder, "test")


def dims_of(text: str) -> tuple[int, int, int]:
    """Read the sides of a crop.

    Raises
    ------
    BadInput
        If they are no three whole numbers.
    """
    try:
        x, y, z = (int(part) for part in text.split(","))
    except ValueError:
        raise BadInput(
            f"The crop {text!r} is none; give three numbers of voxels, such as 80,80,0."
        ) from None
    return x, y, z


JOB = Job("train", "Train a network on rooms.", TRAINING, train_job, "step", (LOSS,))
