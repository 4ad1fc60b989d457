"""The jobs of `pgn`; what each needs is imported when it runs."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.jobs import Progress, Report, Row, Said
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.names import sayable
from prune3d_gui.files.paths import check_file, check_folder
from prune3d_gui.resources import RESOURCES

if TYPE_CHECKING:
    from .data.dataset import Layout
    from .network.checkpoint import NetworkInfo
    from .network.network import AtlasNet

Options = Mapping[str, Any]


def make_data(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Write the procedural set; returns one row per split."""
    from .data.dataset import open_layout
    from .data.generate import generate

    out = Path(options["out"])
    generate(
        out,
        objects_per_design=options["objects"],
        seed=options["seed"],
        workers=options["workers"],
        progress=lambda done, total, text: report(Progress(done, total + 1, text)),  # and the split
        cancelled=lambda: cancel.cancelled,
    )
    splits = open_layout(out).splits
    return [{"split": name, "objects": len(found)} for name, found in splits.items()]


def train_network(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train, or go on training; returns where the network is."""
    from .training.training import train

    check_folder(options["out"])
    layout = _layout(options, report)
    minutes = options["minutes"]

    def tell(event: dict[str, Any]) -> None:
        facts = [
            f"{key} {value:.4g}" if isinstance(value, float) else f"{key} {value}"
            for key, value in event.items()
            if isinstance(value, int | float | str) and key not in ("share", "fraction")
        ]
        report(Progress(event["share"], 1.0, ", ".join(facts)))

    path = train(
        layout,
        options["out"],
        minutes=minutes,
        seed=options["seed"],
        device=chosen_device(options["device"]),
        progress=tell,
        cancel=cancel,
    )
    return [{"network": str(path), "minutes": minutes, "seed": options["seed"]}]


def fine_tune(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Run the paper's Algorithm 1; rows are rounds, and both readings are told."""
    import json

    from .training.finetune import FineTuning, prune_and_fine_tune

    report(Progress(0, 0, "reading the network and the set"))
    check_folder(options["out"])
    net, info = _network(options, report)
    names = ("scope", "step", "threshold", "epochs", "most", "seed")
    settings = FineTuning(**{name: options[name] for name in names})
    recipe = {
        "note": info.metadata.get("note", ""),
        "fine_tuned_from": info.hash,
        "data": sayable(Path(options["data"]).name),
        "settings": json.dumps({name: options[name] for name in names}),
    }
    return prune_and_fine_tune(
        net.to(chosen_device(options["device"])),
        _layout(options, report),
        Path(options["out"]),
        settings,
        recipe,
        report,
        lambda: cancel.cancelled,
        info.title,
    )


def evaluate_network(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Score a network on the validation and held-out objects of a set."""
    from .training.evaluation import full_evaluation

    report(Progress(0, 0, "reading the network and the set"))
    net, info = _network(options, report)
    return full_evaluation(
        net.to(chosen_device(options["device"])),
        _layout(options, report),
        lambda: cancel.cancelled,
        report=report,
        named={"network": sayable(info.name), "weights_hash": info.hash},
    )


def bench(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Measure one slider tick, or a study; see `bench.measure` and `bench_studies.measure`."""
    from . import bench as benches
    from .opening import open_model

    model = open_model(_ref(options))
    try:
        for notice in model.notices:
            report(Said(notice))
        if options["studies"]:
            from . import bench_studies

            return bench_studies.measure(model, bench_studies.SAMPLES, report, cancel)
        return benches.measure(model, options["rounds"], report, cancel)
    finally:
        model.close()


def _ref(options: Options) -> ModelRef:
    return ModelRef("pgn", "benched", str(options["weights"] or ""), options["device"])


def _weights(options: Options) -> Path:
    from .bundled import WEIGHTS

    path = options["weights"] or RESOURCES / WEIGHTS
    return check_file(path, "a network with --weights")


def _network(options: Options, report: Report) -> tuple[AtlasNet, NetworkInfo]:
    """Open the network that is asked for, and say what was assumed."""
    from .network.checkpoint import load_network

    net, info = load_network(_weights(options))
    for notice in info.notices:
        report(Said(notice))
    return net, info


def _layout(options: Options, report: Report) -> Layout:
    """Open the set that is asked for, and say what was assumed."""
    from .data.dataset import open_layout

    layout = open_layout(options["data"])
    for notice in layout.notices:
        report(Said(notice))
    return layout
