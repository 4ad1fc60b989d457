"""The jobs of `vortx`; what each needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Job, Option, Report, Row

from .controls import WEIGHED
from .data.jobs import JOB as DATA
from .pruning.controls import PRESETS
from .training.finetuning import JOB as FINETUNE
from .training.run import JOB as TRAIN

Options = Mapping[str, Any]
_WIDTH = Option("size", "full", "Of the U-Nets: as released, or of half the width.",
                choices=("full", "small"))  # fmt: skip
COUNTING = (
    Option("weights", "", "Network to count; one of the size below if empty.", kind="read_file"),
    _WIDTH,
    Option("views", 20, "Photographs of 640 x 480 that see all of a crop of 96 x 96 x 48 voxels.",
           minimum=1, maximum=1000),
    Option("rate2d", 25.0, "Of the weights of 2D convolutions, zeroed.", minimum=0, maximum=100,
           unit="%"),
    Option("rate_ff", 33.0, "Of the weights of each feed-forward layer, zeroed.", minimum=0,
           maximum=100, unit="%"),
    Option("width_ff", 0.0, "Of the neurons of each feed-forward, removed.", minimum=0,
           maximum=100, unit="%"),
    Option("rate3d", 25.0, "Of the channels of each group of the 3D U-Nets, removed.", minimum=0,
           maximum=100, unit="%"),
)  # fmt: skip
BENCHING = (
    Option("weights", "", "Network that is dragged; the bundled one if empty, and an untrained one "
           "where none is installed.", kind="read_file"),
    _WIDTH,
    Option("rounds", 3, "Measured rounds; medians are given.", minimum=1),
    Option("device", "cpu", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
COMPARING = (
    Option("weights", "", "Network to compare; the bundled one if empty.", kind="read_file"),
    Option("others", "", "Files of further networks, with commas: of mean fusion, of another "
           "width, recovered (the network.safetensors that 'finetune' writes)."),
    Option("preset", "none", "The first network is compared under this plan of the paper, too.",
           choices=("none", *PRESETS)),
    Option("scenes", "", "Folder that 'prune3d data vortx' filled, of which test rooms are taken; "
           "the rooms that come with the program if empty.", kind="read_folder"),
    Option("rooms", 0, "How many; 0 takes all.", minimum=0),
    Option("views", int(WEIGHED.default), "Most photographs that a part of a room is looked at "
           "in.", minimum=1, maximum=60),
    Option("out", "runs/vortx_compare", "Folder for what is known so far, from which it goes on.",
           kind="write_folder"),
    Option("device", "cpu", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip


def count_modules(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Count parameters and work by module; see `counting.count`."""
    from .counting import count

    return count(options, report, cancel)


def compare_networks(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Compare on whole rooms; see `judging.comparing.compare`."""
    from .judging.comparing import compare

    return compare(options, report, cancel)


def bench(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Measure; see `bench.measure`."""
    from .bench import measure

    return measure(options, report, cancel)


JOBS = (
    DATA, TRAIN, FINETUNE,
    Job("count", "Count what a plan zeroes and removes of each module, beside its work.", COUNTING,
        count_modules),
    Job("compare", "Compare networks on whole unseen rooms, beside the room as a bare box.",
        COMPARING, compare_networks, "room"),
    Job("bench", "Measure U-Nets on occupied voxels, without channels, whole scenes, drags and "
        "memory.", BENCHING, bench),
)  # fmt: skip
