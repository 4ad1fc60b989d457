"""The job that fits a field to a volume or to one of the generators."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Option, Progress, Report, Row, Said
from prune3d_gui.core.names import all_sayable, sayable
from prune3d_gui.files.paths import beside, check_target

if TYPE_CHECKING:
    from ..data.truth import Truth
    from ..network.domain import Domain

OPTIONS = (
    Option("volume", None, "Volume or picture to fit: NIfTI, NRRD, VTI, NPY, NPZ...", str,
           kind="read_file"),
    Option("field", None, "Fit a generator instead: oscillation, chest or breathing.", str,
           choices=("", "oscillation", "chest", "breathing")),
    Option("out", None, "File to write, .safetensors.", str,
           kind="write_file", endings=(".safetensors",)),
    Option("width", 64, "Neurons of each hidden layer.", minimum=1),
    Option("layers", 3, "Hidden layers.", minimum=1),
    Option("activation", "sine", "Of the hidden layers.", choices=("sine", "relu", "tanh", "silu")),
    Option("fourier", 0, "Random Fourier features in front; 0 for none.", minimum=0),
    Option("omega", 30.0, "Frequency of the sines; a tenth of it scales the Fourier features.",
           minimum=0),
    Option("minutes", None, "Length, by training time; 5 unless steps are given.", float,
           unit="min", minimum=0),
    Option("steps", None, "Length, by steps of the optimiser.", int, minimum=0),
    Option("batch", 8192, "Points per step.", minimum=1),
    Option("rate", 1e-3, "Learning rate at the start.", minimum=0),
    Option("seed", 0, "Seed of weights and points.", minimum=0),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip
_SHAPE = ("width", "layers", "activation", "fourier", "omega", "batch", "rate", "seed")


def train_job(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Fit a field, or go on with a fit that was stopped, and write it.

    The checkpoint lies beside the file to write, with the ending ``.training.pt``, until the fit
    is complete.

    Parameters
    ----------
    options : mapping
        See `OPTIONS`; what is left out has its default.

    Returns
    -------
    list of one row
        `field`, `psnr`, `rel_l2`, `rmse`, their definitions, `parameters`, `bytes`, `steps`,
        `minutes`.

    Raises
    ------
    BadInput
        When the options do not fit together, or the volume cannot be used.
    Cancelled
        When stopped; the state is kept and the same options go on from it.
    """
    from ..stored.checkpoint import save_field
    from .fitting import POINTS, Fit, Settings, score

    own = {option.name: option.default for option in OPTIONS} | dict(options)
    if not own["out"]:
        raise BadInput("There is no file to write; give one with --out, such as field.safetensors.")
    out, state = Path(own["out"]), beside(own["out"], ".training.pt")
    for place in (out, state):
        check_target(place)
    minutes = own["minutes"]
    if minutes is None and own["steps"] is None:
        minutes = 5.0
    shape = {name: own[name] for name in _SHAPE}
    settings = Settings(minutes=minutes, steps=own["steps"], **shape)
    device = chosen_device(own["device"], mps=False)
    report(Progress(0, 0, "reading what is to be fitted"))
    truth, domain, facts, notices = _source(own["volume"], own["field"])
    for notice in notices:
        report(Said(notice))
    fit = Fit(truth, domain, settings, state, device)
    network = fit.run(report, cancel)
    scores = score(network, domain, truth)
    metadata = all_sayable(facts) | {
        "psnr": f"{scores.psnr:.2f}",
        "rel_l2": f"{scores.rel_l2:.4g}",
        "steps": str(fit.step),
        "command": _command(own, out.name),
    }
    save_field(out, network, domain, metadata, half=True)
    state.unlink(missing_ok=True)
    return [
        {
            "field": str(out),
            "psnr": scores.psnr,
            "rel_l2": scores.rel_l2,
            "rmse": scores.rmse,
            "definitions": f"at {POINTS:,} even points of seed 0; PSNR = 20 log10(range "
            f"{domain.high - domain.low:g} / RMSE) in dB; rel_l2 = |field - reference| / "
            "|reference|",
            "parameters": network.parameters_count,
            "bytes": out.stat().st_size,
            "steps": fit.step,
            "minutes": fit.seconds / 60,
        }
    ]


def _source(
    volume: str | None, field: str | None
) -> tuple[Truth, Domain, dict[str, str], tuple[str, ...]]:
    """Open what is to be fitted: the reference, its domain, what the file says of it, notices."""
    if bool(volume) == bool(field):
        raise BadInput(
            f"The volume {volume!r} and the field {field!r} were given; give exactly one of "
            "--volume and --field."
        )
    from ..data.truth import GeneratedTruth, read_truth

    if not volume:
        assert field is not None
        truth = GeneratedTruth(field)
        note = f"Fitted to the exact function '{field}', not to measured data."
        facts = {"truth": field, "trained_on": f"generator {field}", "note": note}
        if truth.generator.iso is not None:
            facts["iso"] = f"{truth.generator.iso:g}"
        return truth, truth.generator.domain, facts, ()
    truth, domain, notices = read_truth(volume)
    path = Path(volume)
    facts = {
        "truth": "volume",
        "trained_on": str(path.resolve()),
        "note": " ".join((f"Fitted to the volume '{path.name}'.", *notices)),
    }
    return truth, domain, facts, notices


def _command(own: Mapping[str, Any], name: str) -> str:
    """Give the command that makes the file again, in a folder of one's own."""
    words = ["prune3d", "train", "inr_amr"]
    defaults = {option.name: option.default for option in OPTIONS}
    for key, value in own.items():
        if key in defaults and key != "device" and value not in (None, defaults[key]):
            words += [f"--{key}", str(name if key == "out" else value)]
    return sayable(shlex.join(words))
