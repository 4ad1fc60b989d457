"""Artifacts on the command line: the command ``artifacts``, and values of knobs that take one."""

from __future__ import annotations

import argparse
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from ..core.errors import BadInput
from ..core.jobs import Row
from ..core.model import Model
from ..core.plan.artifacts import SHORT, Artifact
from ..core.plan.knobs import NONE, Knob, Value
from .output import check_target, fields

if TYPE_CHECKING:
    from ..files.artifacts import ArtifactStore

ACTIONS = {
    "list": "those there are (the default)",
    "show": "what is known of one; its content is checked",
    "export": "write one to --out FILE, for another machine",
    "import": "take in files that 'export' wrote",
    "remove": "delete some of yours",
}


def chosen_artifacts(model: Model, knob: Knob, text: str, series: bool) -> tuple[Value, ...]:
    """Hashes of the artifacts that a text names for a knob of a model; empty text is none.

    Parameters
    ----------
    text : str
        ``none``, a hash, the beginning of one, or a file, which is taken into the store.
    series : bool
        Whether several may be named, with commas between.

    Raises
    ------
    BadInput
        If one is not there, damaged, of another kind or of another network.
    """
    from ..files.artifacts import ArtifactStore

    store, found = ArtifactStore(), []
    several = series and not Path(text).is_file()
    for name in text.split(",") if several else [text]:
        digest = _digest(store, knob, name.strip())
        if digest:
            store.fitting(digest, knob.takes, model.weights_hash, model.title)
        found.append(digest)
    return tuple(found)


def _digest(store: ArtifactStore, knob: Knob, name: str) -> str:
    if name in ("", NONE):
        return ""
    if Path(name).is_file():
        return store.take(name).hash
    try:
        return store.find(name).hash
    except BadInput as error:
        raise BadInput(f"--{knob.id.replace('_', '-')} {name!r}: {error}") from None


def add_flags(parser: argparse.ArgumentParser) -> None:
    """Flags of ``artifacts``."""
    told = "; ".join(f"{name}: {text}" for name, text in ACTIONS.items())
    parser.add_argument("action", nargs="?", default="list", metavar="ACTION", help=told)
    text = "hashes, or the beginnings of them; files for import"
    parser.add_argument("names", nargs="*", metavar="HASH", help=text)
    parser.add_argument("--out", metavar="FILE", help="the .safetensors file that export writes")


def run(args: argparse.Namespace) -> tuple[list[Row], list[str]]:
    """Do what ``artifacts`` is asked for; returns rows and notes.

    Raises
    ------
    BadInput
        If the action is unknown, or something named is not there.
    """
    from ..files.artifacts import ArtifactStore

    store, names = ArtifactStore(), args.names
    if args.action not in ACTIONS:
        raise BadInput(f"There is no action {args.action!r}; take one of {', '.join(ACTIONS)}.")
    if (args.action == "export") != (args.out is not None):
        raise BadInput("'prune3d artifacts export HASH' needs --out FILE, and nothing else does.")
    if args.action == "list":
        if names:
            raise BadInput(f"'list' takes no names ({names[0]!r}); did you mean 'show'?")
        return _listed(store), [f"Yours are in {store.folder}."]
    if not names or (len(names) > 1 and args.action in ("show", "export")):
        raise BadInput(f"'prune3d artifacts {args.action}' needs one name; you gave {len(names)}.")
    if args.action == "import":
        return [_row(store.take(name)) for name in names], []
    found = [store.named(name) for name in names]
    if args.action == "remove":
        for digest in found:
            store.remove(digest)
        return [{"hash": digest, "status": "removed"} for digest in found], []
    check_target(args.out)
    data = store.data(found[0])
    row = _row(store.about(found[0]))
    if args.action == "export":
        from ..files.atomic import writing

        with writing(args.out) as temporary:
            temporary.write_bytes(data)
        return [row | {"out": args.out}], [f"Wrote {args.out}."]
    return [row | {"path": str(store.path(found[0]))}], []


def layout(rows: Sequence[Row]) -> list[str]:
    """Lines people read: two for each artifact, or every fact of one that was asked for."""
    if len(rows) == 1 and ("path" in rows[0] or "out" in rows[0]):
        return fields(rows[0])
    lines = []
    for row in rows:
        about = [row.get("kind", ""), row.get("title", ""), row["status"] * (row["status"] != "ok")]
        lines.append(f"{row['hash'][:SHORT]}  {', '.join(filter(None, about))}")
        if row.get("network"):
            size = f"{row['bytes'] / 1e6:,.1f} MB"
            lines.append(" " * (SHORT + 2) + f"{row['system']}, {row['network']}, {size}")
    return lines or ["no artifacts are kept"]


def _listed(store: ArtifactStore) -> list[Row]:
    found = []
    for path, artifact in store.listed():
        known = {"hash": path.stem, "status": "damaged", "bytes": path.stat().st_size}
        found.append(known if artifact is None else _row(artifact))
    return found


def _row(artifact: Artifact) -> Row:
    origin = artifact.made_from
    return {
        "hash": artifact.hash,
        "status": "ok",
        "kind": artifact.kind,
        "title": artifact.title,
        "system": origin.system,
        "network": origin.network,
        "weights_hash": origin.weights_hash,
        "made_by": json.dumps(dict(origin.by), sort_keys=True),
        "bytes": artifact.bytes,
    }
