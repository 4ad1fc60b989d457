"""The job that trains a pruned network on, and keeps what comes out as an artifact."""

from __future__ import annotations

import copy
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Made, Option, Report, Row, Said, part_of
from prune3d_gui.core.plan.artifacts import NETWORK_KIND, Origin
from prune3d_gui.core.plan.knobs import Value
from prune3d_gui.core.plan.plans import Plan, resolve
from prune3d_gui.pruning.knobs import SEED

from .. import shipped
from ..pruning.controls import CRITERION, KNOBS, RATE_2D, RATE_3D, RATE_FORWARD, WIDTH_FORWARD
from .run import CROP, LOSS, dims_of, unseen_rooms

if TYPE_CHECKING:
    from ..judging.whole import Judge

Options = Mapping[str, Any]
SYSTEM = "vortx"
STATE, PRUNED = "training.pt", "network.safetensors"
_RATES = (RATE_2D, RATE_FORWARD, WIDTH_FORWARD, RATE_3D)

FINETUNING = (
    Option("weights", "", "Network to prune; the bundled one if empty.", kind="read_file"),
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
    CROP,
    Option("unseen", 24, "Crops of unseen rooms that it is scored on.", minimum=1, maximum=1000),
    Option("whole", 2, "Whole unseen rooms that it is scored on, too, by F at 5 cm.", minimum=0,
           maximum=100),
    Option("seed", 0, "Of crops.", minimum=0),
    Option("device", "auto", "Where it runs.", choices=("auto", "cpu", "cuda"), others=True),
)  # fmt: skip


def finetune_job(options: Options, report: Report, cancel: CancelToken) -> list[Row]:
    """Train what a plan leaves of a network; the result is kept, and written without what is gone.

    Returns
    -------
    list of row
        The curve of losses; what the full, the pruned and the recovered network score at each
        level on the same crops of unseen rooms (`unseen.scored`), and on whole ones by both
        protocols, with intervals over rooms; and, last, of the fine level's IoU: ``full_iou``,
        ``pruned_iou``, ``iou``, what was ``lost`` and came ``back``, the share ``regained`` where
        something was lost; the same of whole rooms' F by the protocol named in ``protocol``, as
        ``full_fscore`` and so on; and the hash of the artifact.

    Raises
    ------
    BadInput
        If there is no network, no room, or too few unseen rooms with a reference mesh.
    """
    from prune3d_gui.files.artifacts import ArtifactStore
    from prune3d_gui.files.paths import check_folder
    from prune3d_gui.metrics.surfaces import ATLAS

    from ..judging.means import over_rooms
    from ..judging.whole import Entrant
    from ..network.checkpoint import load_network, save_network
    from ..pruning.pruner import Pruner
    from .crops import Cut
    from .recovery import Recovery
    from .rooms import Rooms
    from .training import Settings
    from .unseen import scored

    weights = options["weights"] or shipped.weights()
    if not weights:
        raise BadInput("There is no network to train on; give one with --weights.")
    folder, scenes = check_folder(options["out"]), Path(options["scenes"])
    check_folder(ArtifactStore().folder)
    device = chosen_device(options["device"], mps=False)
    network, info = load_network(weights)
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
    judges = _judges(unseen, options["whole"], cancel)
    rows: list[Row] = []
    fine: dict[str, float] = {}
    whole: dict[str, float] = {}

    def score(state: str, own: Any, first: float) -> None:
        part = part_of(report, first, 1.0, length=0.02)
        for row in scored(own.to(device), unseen, cut, count, info.weighted, part, cancel):
            rows.append({"stage": f"unseen, {state}", **row})
            fine[state] = row["iou"]
        part = part_of(report, first + 0.02, 1.0, length=0.04)
        entrant = Entrant(state, own, info, Plan())
        for row in over_rooms(judges, entrant, options["views"], str(device), part, cancel):
            rows.append({"stage": f"whole, {state}", **row})
            if row["part"] == ATLAS:
                whole[state] = row["fscore"]

    score("full", copy.deepcopy(network), 0.0)
    score("pruned", copy.deepcopy(effective.network), 0.06)
    made = recovery.run(part_of(report, 0.12, 1.0, length=0.8), cancel)
    score("recovered", made, 0.93)
    title = f"{_told(plan)}, recovered {settings.steps} steps, seed {settings.seed}"
    facts = {"note": f"{title}; trained on procedural rooms."}
    by: dict[str, Value] = {"job": "finetune", "steps": settings.steps, "seed": settings.seed}
    origin = Origin(SYSTEM, Path(info.name).stem, info.hash, tuple(sorted(by.items())))
    own = recovery.whole().cpu().state_dict()
    artifact = ArtifactStore().keep(NETWORK_KIND, title, origin, own, facts)
    save_network(
        folder / PRUNED, made.cpu(),
        {**info.metadata, **facts, "picture_width": str(cut.width), "weighted": str(info.weighted)},
    )  # fmt: skip
    last: Row = {"step": settings.steps, "stage": "unseen", **_regained(fine, "iou")}
    if whole:
        last |= {"protocol": ATLAS, "rooms": len(judges)}
        found = _regained(whole, "fscore")
        last |= {name if "fscore" in name else f"fscore_{name}": found[name] for name in found}
    last |= {"network": artifact.hash, "file": str(folder / PRUNED)}
    rows = [*recovery.rows, *rows, last]
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


def _judges(unseen: Any, wanted: int, cancel: CancelToken) -> list[Judge]:
    """So many of the unseen rooms, with what whole ones are scored against."""
    from ..data.scene_files import scenes_in
    from ..judging.whole import Judge

    if not wanted:
        return []
    places = scenes_in(unseen.folder, unseen.split)
    if len(places) < wanted:
        raise BadInput(
            f"'{unseen.folder}' has {len(places)} unseen rooms, so {wanted} cannot be scored as a "
            "whole; give a smaller --whole, or make more rooms with 'prune3d data vortx'."
        )
    return [Judge(place, cancel) for place in places[:wanted]]


def _regained(found: Mapping[str, float], metric: str) -> Row:
    """What a metric is of the full, the pruned and the recovered network, and what came back."""
    lost, back = found["full"] - found["pruned"], found["recovered"] - found["pruned"]
    return {
        f"full_{metric}": found["full"], f"pruned_{metric}": found["pruned"],
        metric: found["recovered"], "lost": lost, "back": back,
        "regained": back / lost if lost > 0 else None,
    }  # fmt: skip


JOB = Job(
    "finetune", "Train a pruned network on, so that it regains its scores.", FINETUNING,
    finetune_job, "step", (LOSS,),
)  # fmt: skip
