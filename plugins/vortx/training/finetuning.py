"""The job that trains a pruned network on, and keeps what comes out as an artifact."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Made, Option, Report, Row, Said, part_of
from prune3d_gui.core.plan.artifacts import NETWORK_KIND, Artifact, Origin
from prune3d_gui.core.plan.knobs import Value
from prune3d_gui.core.plan.plans import Plan, resolve
from prune3d_gui.pruning.knobs import SEED

from ..pruning.controls import CRITERION, KNOBS, RATE_2D, RATE_3D, RATE_FORWARD, WIDTH_FORWARD
from .run import LOSS, dims_of, unseen_rooms

Options = Mapping[str, Any]
SYSTEM = "vortx"
STATE, PRUNED = "training.pt", "network.safetensors"
_RATES = (RATE_2D, RATE_FORWARD, WIDTH_FORWARD, RATE_3D)

FINETUNING = (
    Option("weights", "", "Network to prune.", kind="read_file"),
    Option("scenes", "", "Folder that 'prune3d data vortx' filled.", kind="read_folder"),
    Option("out", "runs/vortx_recovery", "Folder for the network.", kind="write_folder"),
    Option("rate2d", 25.0, "Of the weights of 2D convolutions, zeroed.", minimum=0, maximum=100,
           unit="%"),
    Option("rate_ff", 33.0, "Of the weights of each feed-forward layer, zeroed.", minimum=0,
           maximum=100, unit="%"),
    Option("width_ff", 0.0, "Of the neurons of each feed-forward, removed.", minimum=0,
           maximum=100, unit="%"),
    Option("rate3d", 25.0, "Of the channels of each group of the 3D U-Nets, removed.", minimum=0,
           maximum=100, unit="%"),
    Option("criterion", "magnitude", "What goes first.", choices=("magnitude", "random")),
    Option("order_seed", 0, "Of what goes at random.", minimum=0),
    Option("plan", "", "Plan, as 'budget' writes one, instead of all these.", kind="read_file"),
    Option("steps", 300, "Steps of one crop each.", minimum=1),
    Option("rate", 3e-4, "Learning rate at the start; it falls to a twentieth.", minimum=0),
    Option("views", 8, "Photographs that see a crop.", minimum=1, maximum=60),
    Option("crop", "64,64,32", "Voxels of 4 cm along each side of a crop, between commas."),
    Option("unseen", 24, "Crops of unseen rooms that it is scored on.", minimum=1, maximum=1000),
    Option("seed", 0, "Of crops.", minimum=0),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip


def finetune_job(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train what a plan leaves of a network; the result is kept, and written without what is gone.

    Returns
    -------
    list of row
        The curve of losses; what the full, the pruned and the recovered network score at each
        level on the same crops of unseen rooms (`unseen.scored`); and, last, of the fine level's
        IoU: ``full_iou``, ``pruned_iou``, ``iou``, what was ``lost`` and came ``back``, the share
        ``regained`` where something was lost, and the hash of the artifact.
    """
    from prune3d_gui.files.artifacts import ArtifactStore
    from prune3d_gui.files.paths import check_folder

    from ..network.checkpoint import load_network, save_network
    from ..pruning.pruner import Pruner
    from .crops import Cut
    from .recovery import Recovery
    from .rooms import Rooms
    from .training import Settings
    from .unseen import scored

    if not options["weights"]:
        raise BadInput("There is no network to train on; give one with --weights.")
    folder, scenes = check_folder(options["out"]), Path(options["scenes"])
    check_folder(ArtifactStore().folder)
    device = chosen_device(options["device"], mps=False)
    network, info = load_network(options["weights"])
    plan = _plan(options)
    pruner = Pruner(network.requires_grad_(False), name=info.hash)
    effective = pruner.effective(plan, cancel)
    cut = Cut(dims_of(options["crop"]), options["views"], info.picture)
    settings = Settings(
        options["steps"], heads=network.size.heads, cut=cut, rate=options["rate"], warm=20,
        second=0.0 if info.weighted else 1.0, guided=0.0, average=0.99, seed=options["seed"],
    )  # fmt: skip
    recovery = Recovery(
        pruner, effective, Rooms(scenes, "train"), settings, folder / STATE, device,
        {"begun from": info.hash},
    )  # fmt: skip
    unseen, count = unseen_rooms(scenes), options["unseen"]
    rows: list[Row] = []
    fine: dict[str, float] = {}

    def score(state: str, own: Any, first: float) -> None:
        part = part_of(report, first, 1.0, length=0.06)
        for row in scored(own.to(device), unseen, cut, count, info.weighted, part, cancel):
            rows.append({"stage": f"unseen, {state}", **row})
            fine[state] = row["iou"]

    score("full", copy.deepcopy(network), 0.0)
    score("pruned", copy.deepcopy(effective.network), 0.06)
    made = recovery.run(part_of(report, 0.12, 1.0, length=0.8), cancel)
    score("recovered", made, 0.93)
    title = f"{_told(plan)}, recovered {settings.steps} steps, seed {settings.seed}"
    facts = {"note": f"{title}; trained on procedural rooms."}
    by: dict[str, Value] = {"job": "finetune", "steps": settings.steps, "seed": settings.seed}
    origin = Origin(SYSTEM, Path(info.name).stem, info.hash, tuple(sorted(by.items())))
    whole = recovery.whole().cpu()
    artifact = ArtifactStore().keep(NETWORK_KIND, title, origin, whole.state_dict(), facts)
    save_network(
        folder / PRUNED, made.cpu(),
        {**info.metadata, **facts, "picture_width": str(cut.width), "weighted": str(info.weighted)},
    )  # fmt: skip
    rows = [*recovery.rows, *rows, {**_regained(fine, settings.steps, artifact),
                                    "file": str(folder / PRUNED)}]  # fmt: skip
    report(Made(artifact))
    report(Said("Choose the network with the rates that it was trained for."))
    (folder / "rows.json").write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    (folder / STATE).unlink(missing_ok=True)
    return rows


def _plan(options: Options) -> Plan:
    """The plan of a file, or of the options."""
    if options["plan"]:
        from prune3d_gui.files.plans import read_plan

        plan = read_plan(options["plan"])
        return Plan(resolve(KNOBS, dict(plan.values))[0].values, plan.rates, plan.locks)
    values = {knob.id: options[knob.id] for knob in (*_RATES, CRITERION)}
    return resolve(KNOBS, {**values, SEED.id: options["order_seed"]})[0]


def _told(plan: Plan) -> str:
    rates = (f"{knob.id} {knob.told(plan.value(knob))}" for knob in _RATES if plan.value(knob))
    return ", ".join(rates) or "not pruned"


def _regained(fine: Mapping[str, float], steps: int, artifact: Artifact) -> Row:
    lost, back = fine["full"] - fine["pruned"], fine["recovered"] - fine["pruned"]
    return {
        "step": steps, "stage": "unseen", "full_iou": fine["full"], "pruned_iou": fine["pruned"],
        "iou": fine["recovered"], "lost": lost, "back": back,
        "regained": back / lost if lost > 0 else None, "network": artifact.hash,
    }  # fmt: skip


JOB = Job(
    "finetune", "Train a pruned network on, so that it regains its scores.", FINETUNING,
    finetune_job, "step", (LOSS,),
)  # fmt: skip
