"""What a person can turn and read on a neural field: knobs, metrics, colours, file formats."""

from __future__ import annotations

from dataclasses import dataclass, replace

from prune3d_gui.core.model import Format
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.score.scores import ColourScale, Comparison, Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.pruning.knobs import RANDOM, SEED

from .domain import Domain
from .network import FieldNetwork

OFF = 1e-5
"""The least tolerance; there the network is left as it is."""
SLACK = Threshold(1.33, "factor")
"""A third more of an error, or of a mesh, still passes where a person says nothing."""
POINTS = 65_536
"""Points at which networks and meshes are scored, drawn with seed 0."""

CRITERION = Knob(
    "criterion",
    "Criterion",
    "choice",
    "id",
    choices=(
        Choice("id", "Interpolative decomposition", "the next layer takes over what is removed"),
        Choice("l1", "L1 of a neuron", "the neurons with the smallest weights are dropped"),
        RANDOM,
    ),
    help="Which neurons go; the sizes are always those of the decomposition, so ways compare.",
)
KEEP = Knob(
    "keep",
    "Keep at most",
    "rate",
    100.0,
    minimum=1.0,
    step=1.0,
    unit="%",
    help="Largest share of the neurons that any layer keeps, in percent.",
)
TOLERANCE = Knob(
    "tolerance",
    "Tolerance",
    "log",
    OFF,
    minimum=OFF,
    maximum=1.0,
    help="Neurons stay while |R_kk| >= tolerance |R_00| in their layer; at 1e-5 none is removed.",
)

RULE = Knob(
    "rule",
    "Mesh rule",
    "choice",
    "hybrid",
    "reconstruct",
    choices=(
        Choice(
            "hybrid",
            "Hybrid",
            "complex by decomposition and badly interpolated; its full mesh does not follow a "
            "drag, since the network is decomposed in cell after cell: progress and Stop are shown",
        ),
        Choice("id", "Decomposition", "the paper's: many neurons kept, or pruned badly"),
        Choice("interpolation", "Interpolation error", "badly interpolated from its corners"),
        Choice(
            "gradient",
            "Gradient",
            "steep across the cell; its full mesh does not follow a drag, since the network is "
            "differentiated at many points of each cell: progress and Stop are shown",
        ),
        Choice("surface", "Isosurface", "badly interpolated where the surface may pass"),
        Choice("uniform", "Uniform", "every cell, the baseline"),
    ),
    help="Which cells of the adaptive mesh are split; on the bundled fields the interpolation "
    "error needs the fewest cells.",
)
THRESHOLD = Knob(
    "threshold",
    "Cell threshold",
    "log",
    0.01,
    "reconstruct",
    minimum=1e-4,
    maximum=1.0,
    help="Error T, as a share of the value range, above which a cell is split.",
)
PROPORTION = Knob(
    "proportion",
    "Kept fraction P",
    "linear",
    0.0,
    "reconstruct",
    minimum=0.0,
    maximum=1.0,
    step=0.01,
    help="Kept fraction above which a cell is complex; 0 sets it from the architecture.",
)
BALANCE = Knob(
    "balance",
    "2:1 balance",
    "toggle",
    False,
    "reconstruct",
    help="Let neighbouring cells differ by one level at most.",
)
CELLS = Knob(
    "cells",
    "Cells at most",
    "steps",
    80_000,
    "reconstruct",
    minimum=64,
    maximum=500_000,
    step=1,
    help="The mesh stops here, worst cells first.",
)
TIME = Knob(
    "time",
    "Time",
    "linear",
    0.0,
    "reconstruct",
    minimum=0.0,
    maximum=1.0,
    step=0.01,
    help="Moment shown, from the first (0) to the last (1).",
)
CELLS_BY = Knob(
    "cells_by",
    "Cells coloured by",
    "choice",
    "depth",
    "show",
    choices=(
        Choice("depth", "Depth", "how often the box was halved"),
        Choice("kept", "Kept neurons", "share of the neurons the cell needs"),
        Choice("cell_error", "Error", "interpolation error as a share of the value range"),
    ),
    help="What the colours of the mesh's cells mean.",
)
SOURCE = Knob(
    "source",
    "Drawn from",
    "choice",
    "network",
    "show",
    choices=(
        Choice("network", "Network", "its own values, finer than the eye"),
        Choice("mesh", "Adaptive mesh", "what the mesh gives between its corners"),
    ),
    help="What surfaces, slices and images show: the network itself, or the function of its "
    "adaptive mesh. Numbers are the same.",
)
ERRORS = (
    Choice("error", "Error", "against the reference: all there is"),
    Choice("pruning_error", "Pruning error", "of the pruned network, against the full one"),
    Choice("meshing_error", "Meshing error", "of the adaptive mesh, against its network"),
)
COLOUR = Knob(
    "surface_by",
    "Surface coloured by",
    "choice",
    "error",
    "draw",
    choices=ERRORS,
    help="Whose error the colours of the isosurface tell.",
)
AXIS = Knob(
    "axis",
    "Cut across",
    "choice",
    "y",
    "show",
    choices=(Choice("z", "z"), Choice("y", "y"), Choice("x", "x")),
    help="Axis that the plane through the cells stands on.",
)
POSITION = Knob(
    "position",
    "Cut at",
    "rate",
    50.0,
    "show",
    step=0.5,
    unit="%",
    help="Place of the planes along their axes, in percent of the box.",
)
VIEWS = {
    2: (
        Choice("image", "Image", "values as grey"),
        Choice("height", "Height", "values as height"),
        Choice("cells", "Cells", "the adaptive mesh"),
    ),
    3: (
        Choice("surface", "Isosurface", "where the field has the iso value"),
        Choice("slices", "Slices", "three planes through the box"),
        Choice("cells", "Cells", "the adaptive mesh, cut"),
    ),
}

SIZES = {"bytes": "dense fp32", "bytes_fp16": "fp16"}
FORMATS = (
    Format("safetensors", "Safetensors, fp32, the smaller dense network", ".safetensors"),
    Format("pth", "PyTorch state dict, names of an nn.Sequential", ".pth"),
    Format("onnx", "ONNX, coordinates to values", ".onnx"),
)

COMPARISON = Comparison(
    "Error against degrees of freedom",
    "dofs",
    "rmse",
    "One line per mesh rule for the unpruned network, refined worst cells first; dots are the "
    "meshes visited. On the bundled fields the interpolation error needs the fewest cells; "
    "Isosurface spends its cells at the surface, and this error is of the whole box.",
)


@dataclass(frozen=True)
class Controls:
    """Knobs, metrics and colours of one field."""

    knobs: tuple[Knob, ...]
    metrics: tuple[Metric, ...]
    colours: tuple[ColourScale, ...]


def view_knob(domain: Domain) -> Knob:
    """The knob that chooses how a field of this dimension is shown."""
    choices = VIEWS[domain.dimension]
    text = "How the field is shown."
    return Knob("view", "Show", "choice", choices[0].id, "show", choices=choices, help=text)


def iso_knob(domain: Domain, iso: float) -> Knob:
    """The knob of the isosurface's value."""
    step = 10.0 ** len(str(round((domain.high - domain.low) / 1000))) / 10
    return Knob(
        "iso",
        "Iso value",
        "linear",
        iso,
        "show",
        minimum=domain.low,
        maximum=domain.high,
        step=step if domain.high - domain.low > 10 else (domain.high - domain.low) / 1000,
        help="Value of the isosurface.",
    )


def target_knob(domain: Domain, iso: float) -> Knob:
    """The knob of the value whose surface the rule "surface" refines towards."""
    return replace(
        iso_knob(domain, iso),
        id="target",
        title="Refine towards",
        invalidates="reconstruct",
        help="Value whose surface the mesh rule Isosurface refines towards; others ignore it.",
    )


def depth_knob(domain: Domain) -> Knob:
    """The knob of the finest level."""
    deepest, usual = (12, 9) if domain.dimension == 2 else (10, 7)
    return Knob(
        "depth",
        "Depth at most",
        "steps",
        usual,
        "reconstruct",
        minimum=2,
        maximum=deepest,
        step=1,
        help="How often the box may be halved.",
    )


def cell_tolerance_knob(network: FieldNetwork) -> Knob:
    """The knob of the tolerance within a cell; smooth activations need a coarse one."""
    return Knob(
        "cell_tolerance",
        "Cell tolerance",
        "log",
        0.1 if network.activation == "sine" else 1e-2,
        "reconstruct",
        minimum=1e-6,
        maximum=1.0,
        help="Tolerance of the decomposition within one cell, for the rules that use it.",
    )


def controls(network: FieldNetwork, domain: Domain, iso: float, truth: bool) -> Controls:
    """Make the controls of a field.

    Parameters
    ----------
    network : FieldNetwork
    domain : Domain
    iso : float
        Iso value of a fresh panel.
    truth : bool
        Whether there is a reference, rather than only the unpruned network.
    """
    total = network.parameters_count
    budget = Knob(
        "budget",
        "Parameters at most",
        "steps",
        total,
        minimum=1,
        maximum=total,
        step=1,
        help="The tolerance rises until the network has no more parameters than this.",
    )
    timed = (TIME,) if domain.timed else ()
    solid = (iso_knob(domain, iso), COLOUR, AXIS, POSITION) if domain.dimension == 3 else ()
    # In 3D plain interpolation needs the fewest cells on every field we measured.
    solid_rule = replace(RULE, default="interpolation"), replace(THRESHOLD, default=0.07)
    rule, threshold = solid_rule if domain.dimension == 3 else (RULE, THRESHOLD)
    knobs = (
        TOLERANCE,
        KEEP,
        budget,
        CRITERION,
        SEED,
        *timed,
        view_knob(domain),
        SOURCE,
        *solid,
        CELLS_BY,
        rule,
        threshold,
        target_knob(domain, iso),
        PROPORTION,
        cell_tolerance_knob(network),
        depth_knob(domain),
        CELLS,
        BALANCE,
    )
    return Controls(knobs, _metrics(domain, truth), _colours(domain))


def _metrics(domain: Domain, truth: bool) -> tuple[Metric, ...]:
    points = f"{POINTS:,} uniform points of the box, seed 0"
    against = "the reference" if truth else "the unpruned network, for want of a reference"
    range_ = f"{domain.low:g} to {domain.high:g} {domain.value}"
    return (
        Metric(
            "rel_l2",
            "Relative L2 error",
            "lower",
            f"||f - g|| / ||g|| of the network f and {against} g at {points}.",
            log=True,
            slack=SLACK,
        ),
        Metric(
            "psnr",
            "PSNR",
            "higher",
            f"20 log10(range / RMSE) of the network against {against}; range {range_}; {points}.",
            unit="dB",
            slack=Threshold(-1.0, "difference"),
        ),
        Metric(
            "pruning_rmse",
            "RMSE of pruning",
            "lower",
            f"Root mean square of the pruned network minus the full one at {points}.",
            unit=domain.value,
            plot=False,
            log=True,
        ),
        Metric(
            "cells",
            "Cells",
            "lower",
            "Leaves of the adaptive mesh of this network.",
            log=True,
            own=True,
            slack=SLACK,
        ),
        Metric(
            "rmse",
            "RMSE of meshing",
            "lower",
            f"Root mean square of mesh minus this network at {points}; between its corners a "
            "cell is multilinear.",
            unit=domain.value,
            plot=False,
            log=True,
            own=True,
            slack=SLACK,
        ),
        Metric(
            "rmse_error",
            "± RMSE of meshing",
            "lower",
            "Standard error of that RMSE, by the spread of squared differences at its points.",
            unit=domain.value,
            plot=False,
            log=True,
            own=True,
            slack=SLACK,
        ),
        Metric(
            "dofs",
            "Degrees of freedom",
            "lower",
            "Corners of cells that do not hang on a larger neighbour.",
            plot=False,
            log=True,
            own=True,
            slack=SLACK,
        ),
        Metric(
            "mesh_bytes",
            "Bytes of the mesh",
            "lower",
            "4 bytes for each degree of freedom and one bit for each node of the tree.",
            plot=False,
            log=True,
            own=True,
            slack=SLACK,
        ),
    )


def _colours(domain: Domain) -> tuple[ColourScale, ...]:
    span = domain.high - domain.low
    deepest = depth_knob(domain).default
    value = domain.value if "(" in domain.value else domain.value[:1].upper() + domain.value[1:]
    errors = (ColourScale(c.id, f"{c.title} ({domain.value})", 0.0, 0.2 * span) for c in ERRORS)
    return (
        *errors,
        ColourScale("value", value, domain.low, domain.high, "grey"),
        ColourScale("depth", "Depth of the cell", 0.0, float(deepest)),
        ColourScale("kept", "Kept neurons (share)", 0.0, 1.0),
        ColourScale("cell_error", "Interpolation error (share of range)", 0.0, 0.1),
    )
