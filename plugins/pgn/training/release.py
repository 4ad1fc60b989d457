"""A finished training run to the weights that ship with the program."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.atomic import writing

from ..data.dataset import Layout, open_layout
from ..data.intake import load_image
from ..data.shipped import choose
from ..data.strangeness import write_latents
from ..network.checkpoint import load_network, save_network, weights_hash
from ..network.network import AtlasNet
from .evaluation import full_evaluation
from .training import LOG, NETWORK

NOTE = "Trained on procedural data, not ShapeNet."
EVALUATION = (
    "View 00, 2,500 reference points by seed 0, 2,562 outputs. Chamfer: mean squared nearest "
    "distances both ways, summed, unit ball. F-score: squared distance below 0.001."
)


def finish(run: str | Path, root: str | Path, out: str | Path) -> dict[str, Any]:
    """Write a run's network as float16 safetensors, with its scores beside it as JSON.

    The scores are those of the file written, read back.

    Parameters
    ----------
    run, root : path
        Folder of the finished training, and the set it was trained on.
    out : path
        ``.safetensors`` file to write; the JSON takes its name.

    Returns
    -------
    dict
        What the JSON holds.

    Raises
    ------
    BadInput
        When the run is not finished, or a file cannot be read or written.
    """
    run, out = Path(run), Path(out)
    if not (run / NETWORK).is_file():
        raise BadInput(f"'{run}' holds no finished training ('{NETWORK}'); train to the end first.")
    net, _ = load_network(run / NETWORK)
    layout = open_layout(root)
    recipe = {
        "note": NOTE,
        "data": _data(layout),
        "training": _training(run),
        "evaluation": EVALUATION,
    }
    out.parent.mkdir(parents=True, exist_ok=True)
    save_network(out, net, _text(recipe))
    net, _ = load_network(out)
    rows = full_evaluation(net, layout)
    overall = next(r for r in rows if r["scored"] == "network" and r["category"] == "all")
    scores = {k: overall[k] for k in ("chamfer_x1000", "fscore", "samples")}
    save_network(out, net, _text(recipe | {"scores": scores}))
    report = recipe | {"hash": weights_hash(net), "scores": scores, "rows": rows}
    with writing(out.with_suffix(".json")) as path:
        path.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    return report


def write_known(weights: str | Path, root: str | Path, out: str | Path, count: int = 384) -> None:
    """Write the latents of a network's training pictures, which tell how unlike others are.

    Each picture is one view, other than view 00, of one object drawn from the training split;
    validation pictures are those that ship as samples.

    Parameters
    ----------
    weights, root : path
        The network, and the set it was trained on.
    out : path
        ``.safetensors`` file to write, ``resources/samples/pgn/latents.safetensors`` for the
        bundled network.
    count : int
        Training pictures, if there are as many objects.

    Raises
    ------
    BadInput
        When the network or the set cannot be read.
    """
    net, info = load_network(weights)
    layout = open_layout(root)
    draw = np.random.default_rng(0)
    objects = layout.of_split("train")
    taken = [objects[i] for i in draw.permutation(len(objects))[:count]]
    views = [[v for v in o.views if v.stem != "00"] for o in taken]
    known = [own[draw.integers(len(own))] for own in views if own]
    validation = [o.views[0] for _, o in choose(layout, heldout=0)]
    write_latents(Path(out), info.hash, _latents(net, known), _latents(net, validation))


@torch.inference_mode()
def _latents(net: AtlasNet, views: Sequence[Path]) -> np.ndarray:
    """Encode pictures one by one, (len(views), bottleneck) float32."""
    return torch.cat([net.encode(load_image(v).tensor[None]) for v in views]).numpy()


def _text(values: dict[str, Any]) -> dict[str, str]:
    return {k: v if isinstance(v, str) else json.dumps(v) for k, v in values.items()}


def _data(layout: Layout) -> dict[str, Any]:
    """Give the set's size, and its own description of how it was made if it has one."""
    path = layout.root / "recipe.json"
    own = json.loads(path.read_text(encoding="utf-8")) if path.is_file() else {}
    return own | {split: len(objects) for split, objects in layout.splits.items()}


def _training(run: Path) -> dict[str, Any]:
    entries = [json.loads(line) for line in (run / LOG).read_text(encoding="utf-8").splitlines()]
    if not entries:
        return {"loss": "Chamfer"}
    return {
        "loss": "Chamfer",
        "steps": entries[-1]["step"],
        "minutes": round(entries[-1]["seconds"] / 60, 1),
        "sizes": sorted({entry["size"] for entry in entries}),
    }
