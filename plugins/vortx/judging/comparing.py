"""The job that compares networks on whole unseen rooms, beside the room as a bare box."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Report, Row, Said, part_of
from prune3d_gui.core.names import sayable
from prune3d_gui.core.plan.plans import Plan, resolve
from prune3d_gui.core.scene.scenes import Mesh
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.paths import check_file, check_folder

from .. import shipped
from ..data.scene_files import INFO, scenes_in
from ..network.checkpoint import load_network
from ..pruning.controls import KNOBS, PRESETS
from .means import ahead_of, mean_of, rows_of
from .whole import Entrant, Judge

STATE = "rows.json"
NO_PRESET = "none"


def compare(options: Mapping[str, Any], report: Report, cancel: CancelToken) -> list[Row]:
    """Reconstruct whole rooms by every network and score them, and the room's box, by both.

    What is known of a room is kept in `out`, and goes on where it stopped when the same is asked.

    Returns
    -------
    list of row
        For each room, method and protocol: ``room``, a number, and its ``name``; ``method``, the
        network or the box; ``part_kind`` and ``part``, the protocol; the metrics that are
        defined; ``views``, ``seconds`` of the reconstruction, ``parameters``, ``zeroed`` and
        ``macs``. Then the same for means over rooms, without ``room``: each metric with its 95 %
        interval, and how far the first network's F is ``ahead``, in pairs of the same room.

    Raises
    ------
    BadInput
        If a file is no network, a folder has no test rooms, or a room no reference mesh.
    """
    folder = check_folder(options["out"])
    entrants, places = _entrants(options, cancel), _places(options)
    device, views = chosen_device(options["device"], mps=False), int(options["views"])
    asked = _told(entrants, places, views)
    known = _kept(folder / STATE, asked)
    rows: list[Row] = []
    for number, place in enumerate(places):
        part = part_of(report, number, len(places))
        own = known.get(place.name, [])
        for row in own:
            part(Progress(1, 1, f"{place.name} was known", row))
        if not own:
            head: Row = {"room": number + 1, "name": place.name}
            own = _room(head, place, entrants, views, device, part, cancel)
            known[place.name] = own
            _keep(folder / STATE, asked, known)
        rows += own
    if len(places) == 1:
        report(Said("One room has no interval; give more with --scenes."))
    return rows + _means(rows)


def _room(
    head: Row, place: Path, entrants: list[Entrant], views: int, device: str, report: Report,
    cancel: CancelToken,
) -> list[Row]:  # fmt: skip
    """What a room gives: of each network, then of its boxes."""
    total, name = len(entrants) + 1, head["name"]
    report(Progress(0, total, f"{name}: its reference"))
    judge = Judge(place, cancel)
    rows: list[Row] = []

    def take(done: int, method: str, surface: Mesh, about: Row) -> None:
        found = rows_of({**head, "method": method}, judge.score(surface, cancel))
        for row in (one | about for one in found):
            rows.append(row)
            said = f"{name}, {method}: F {row['fscore']:.3f} ({row['part']})"
            report(Progress(done, total, said, row))

    for number, entrant in enumerate(entrants):
        report(Progress(number, total, f"{name}: {entrant.title}"))
        made = judge.reconstruct(entrant, views, device, cancel)
        about = {"views": views, "seconds": made.seconds, **made.costs}
        take(number + 1, entrant.title, made.mesh, about)
    for title, mesh in judge.walls().items():
        take(total, title, mesh, {})
    return rows


def _entrants(options: Mapping[str, Any], cancel: CancelToken) -> list[Entrant]:
    """The first network, under a preset as well where one is asked for, and the others."""
    first = options["weights"] or shipped.weights()
    if not first:
        raise BadInput(
            "No network of VoRTX comes with this installation; give one with --weights, or train "
            "one with 'prune3d train vortx'."
        )
    others = [part.strip() for part in str(options["others"]).split(",") if part.strip()]
    found: list[Entrant] = []
    for place in (first, *others):
        network, info = load_network(check_file(place, "a network of VoRTX"))
        cancel.check()
        title = sayable(_name(Path(place)))
        if any(one.title == title for one in found):
            title = f"{title} {info.hash[:6]}"
        network.requires_grad_(False)
        found.append(Entrant(title, network, info, Plan()))
        if len(found) == 1 and options["preset"] != NO_PRESET:
            preset = str(options["preset"])
            plan, _ = resolve(KNOBS, dict(PRESETS[preset]))
            found.append(Entrant(f"{title}, preset {preset}", network, info, plan))
    return found


def _name(path: Path) -> str:
    """What a network is called: its file, and its folder where many files are called alike."""
    name = path.name.split(".")[0]
    return f"{path.parent.name}/{name}" if name == "network" else name


def _places(options: Mapping[str, Any]) -> tuple[Path, ...]:
    given = str(options["scenes"])
    places = scenes_in(Path(given), "test") if given else shipped.rooms()
    if not places:
        raise BadInput(
            f"'{given}' has no test rooms; make some with 'prune3d data vortx --split test'."
            if given else "No rooms come with this installation; give a folder with --scenes."
        )  # fmt: skip
    most = int(options["rooms"])
    return places[: most or None]


def _means(rows: list[Row]) -> list[Row]:
    """Over rooms, for each method and protocol, in their order."""
    by: dict[tuple[str, str], list[Row]] = {}
    for row in rows:
        by.setdefault((row["method"], row["part"]), []).append(row)
    first = next(iter(by))[0]
    found = []
    for (method, part), own in by.items():
        count = len(own)
        about: Row = {"name": f"mean of {count}", "method": method} | mean_of(own, "samples")
        if method != first:
            about |= ahead_of(by[first, part], own)
        for name in ("views", "parameters", "zeroed", "macs"):
            about |= {name: own[0][name]} if name in own[0] else {}
        if "seconds" in own[0]:
            about["seconds"] = sum(row["seconds"] for row in own) / count
        found.append(about)
    return found


def _told(entrants: list[Entrant], places: tuple[Path, ...], views: int) -> dict[str, Any]:
    """What tells a comparison from another one."""
    rooms = [hashlib.sha256((place / INFO).read_bytes()).hexdigest()[:16] for place in places]
    networks = [[one.title, one.info.hash, repr(one.plan.values)] for one in entrants]
    return {"networks": networks, "rooms": rooms, "views": views}


def _kept(path: Path, asked: Mapping[str, Any]) -> dict[str, list[Row]]:
    """Rows of rooms that an earlier run of the same comparison left."""
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        return dict(held["rooms"]) if held["asked"] == asked else {}
    except (OSError, ValueError, KeyError, TypeError):
        return {}


def _keep(path: Path, asked: Mapping[str, Any], known: Mapping[str, list[Row]]) -> None:
    with writing(path) as temporary:
        held = json.dumps({"asked": asked, "rooms": known}, indent=1)
        temporary.write_text(f"{held}\n", encoding="utf-8")
