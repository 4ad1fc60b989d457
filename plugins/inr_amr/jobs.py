"""The jobs of `inr_amr`; what each needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Job, Option, Report, Row

from .training.training import OPTIONS as TRAINING
from .training.training import train_job

COMPONENT = Option(
    "component", "", "Output of a file with several: its number from 0, or its name."
)
_FIELD = (
    Option("sample", "", "Bundled field, or a file; the first one if empty.", kind="samples"),
    Option("weights", "", "Checkpoint of yours instead.", kind="read_file"),
    COMPONENT,
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)
START = Option("start_level", 2, "Level at which refinement starts: 2^N cells per side.", minimum=0)
MESHING = (
    *_FIELD,
    Option(
        "rule",
        "hybrid",
        "What splits a cell; several: a,b,c.",
        choices=("id", "gradient", "interpolation", "hybrid", "surface", "uniform"),
        others=True,
    ),
    Option("cells", None, "Refine, worst cells first, up to this many cells.", int, minimum=1),
    Option("error", None, "Refine, worst cells first, until the mesh's RMSE is this small.", float,
           minimum=0),
    Option("threshold", 0.03, "Without those: error T that splits a cell, share of the range.",
           minimum=0),
    Option("proportion", 0.0, "Kept fraction P that splits a cell; 0 sets it automatically.",
           minimum=0, maximum=1),
    Option("cell_tolerance", None, "Tolerance of the decomposition in a cell.", float, minimum=0),
    Option("tolerance", None, "Prune the network first, to this tolerance.", float, minimum=0),
    Option("time", 0.0, "Moment of a field with time.", minimum=0, maximum=1),
    Option("iso", None, "Value of the isosurface, for rule surface and surface files.", float),
    START,
    Option("depth", None, "Deepest level.", int, minimum=0),
    Option("balance", False, "Let neighbours differ by one level at most."),
    Option("out", "", "File to write: .vtu, .vtkhdf, .htg, or a surface .ply .obj .stl .glb.",
           kind="write_file",
           endings=(".vtu", ".vtkhdf", ".htg", ".ply", ".obj", ".stl", ".glb")),
)  # fmt: skip
COMPARING = (
    Option("samples", "", "Bundled fields or checkpoints, a,b,c; all bundled ones if empty.",
           kind="samples"),
    COMPONENT,
    Option("cells", 0, "Cells at which curves end, those of id and hybrid sooner; 0 sets it.",
           minimum=0),
    START,
    Option("out", "", "Chart to write: .png or .svg.", kind="write_file", endings=(".png", ".svg")),
)  # fmt: skip
BENCHING = (
    Option("volume", "", "Volume to fit a field to and compare the rules on.", kind="read_file"),
    Option("minutes", 2.0, "Time for fitting it.", unit="min", minimum=0),
    Option("depth", 9, "Depth of the large mesh.", minimum=0),
)


def mesh_field(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Mesh a field by one or several rules; see `mesh_files.mesh_rows`."""
    from .mesh_files import mesh_rows

    return mesh_rows(options, report, cancel)


def compare_rules(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Refine by every rule and draw error against size; see `comparing.compare`."""
    from .comparing import compare

    return compare(options, report, cancel)


def bench(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Measure; see `bench.measure`."""
    from .bench import measure

    return measure(options, report, cancel)


JOBS = (
    Job("train", "Fit a field to a volume, an image or a procedural field.", TRAINING, train_job),
    Job("mesh", "Mesh a field adaptively and write it.", MESHING, mesh_field),
    Job("compare", "Chart error against size for every mesh rule.", COMPARING, compare_rules),
    Job("bench", "Measure decisions, previews, rules and large meshes.", BENCHING, bench),
)
