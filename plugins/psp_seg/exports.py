"""What is taken away: the smaller network, label maps, probabilities, lesions."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Prune3DError
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.labels import Labels
from prune3d_gui.core.scene.scenes import Scene, Volume
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.onnx_files import session_of
from prune3d_gui.files.tables import write_csv
from prune3d_gui.metrics.lesions import RULE, lesions

from .data.grids import slabs, taken
from .data.nifti import write_parts
from .data.patients import PatientData
from .network.checkpoint import NetworkInfo, load_network, save_network, weights_hash
from .network.network import Network
from .network.normal import Window
from .network.onnx_graph import graph_bytes
from .network.removal import removed
from .scoring import is_lesion
from .showing import LABELS
from .volumes.segmented import CARRIED

_KEPT = (
    "Of a volume this long, probabilities are kept in steps of 1/255, and none where all organs "
    "together have less than 2 %."
)
CHECKED = 32
"""Voxels along each side of the noise on which a written network is compared."""


def write_network(
    network: Network, info: NetworkInfo, format_id: str, path: Path, moment: Mapping[str, Any]
) -> tuple[str, ...]:
    """Write a network without its masked branches, open the file again and compare.

    Parameters
    ----------
    network : Network
    info : NetworkInfo
        Of the network it comes from.
    format_id : {"safetensors", "fp16", "onnx"}
    path : path
    moment : mapping

    Returns
    -------
    tuple of str
        Sentences on its size, and on how it compares.

    Raises
    ------
    BadInput
        If the format is unknown or the file cannot be written.
    """
    smaller = removed(network).cpu().eval()
    facts = info.metadata | {KEY: json.dumps(dict(moment))}
    if format_id == "onnx":
        about = {"classes": json.dumps(info.classes), "spacing_mm": f"{info.spacing:g}"}
        about["window_hu"] = json.dumps([info.window.low, info.window.high])
        with writing(path) as temporary:
            temporary.write_bytes(graph_bytes(smaller, info.window, {**about, **facts}))
        checked = _by_onnxruntime(path, smaller, info.window)
    elif format_id in ("safetensors", "fp16"):
        half = format_id == "fp16"
        save_network(path, smaller, info.classes, info.spacing, info.window, facts, half)
        checked = _reopened(path, smaller, half)
    else:
        raise BadInput(
            f"A network cannot be written as {format_id!r}; take safetensors, fp16 or onnx."
        )
    total = sum(p.numel() for p in network.parameters())
    gone = total - sum(p.numel() for p in smaller.parameters())
    left = f"{len(smaller.units)} of {len(network.units)} branches are in it"
    size = f"{path.stat().st_size / 1e6:.3g} MB; {left}, {gone:,} parameters are gone."
    return size, checked


def _noise() -> torch.Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.rand(1, 1, CHECKED, CHECKED, CHECKED, generator=generator) * 2 - 1


def _reopened(path: Path, network: Network, half: bool) -> str:
    again, _ = load_network(path)
    if not half:
        if weights_hash(again) != weights_hash(network):
            raise Prune3DError(
                f"'{path}', opened again, holds other weights than were written; the disk may be "
                "failing, so write it somewhere else."
            )
        return "Opened again, it holds the same weights bit for bit."
    with torch.inference_mode():
        far = float((again(_noise()).softmax(1) - network(_noise()).softmax(1)).abs().max())
    return (
        "Values are rounded to fp16. Opened again, its probabilities differ from the network's by "
        f"{far:.2g} at most ({CHECKED}^3 voxels of noise)."
    )


def _by_onnxruntime(path: Path, network: Network, window: Window) -> str:
    session = session_of(path, torch.get_num_threads())
    if session is None:
        return "It was not checked: onnxruntime is not installed."
    volume = (window.low + window.high) / 2 + _noise() * (window.high - window.low)
    with torch.inference_mode():
        own = network(window.seen(volume)).numpy()
    far = float(np.abs(session.run(["logits"], {"volume": volume.numpy()})[0] - own).max())
    return (
        f"The logits of onnxruntime and of torch differ by {far:.2g} at most ({CHECKED}^3 voxels "
        "of noise)."
    )


def write_result(
    scene: Scene,
    patient: PatientData | None,
    classes: tuple[str, ...],
    format_id: str,
    path: Path,
    moment: Mapping[str, Any],
    carried: str,
    cancel: CancelToken = NEVER,
) -> tuple[str, ...]:
    """Write a result, or a reference, on the grid of the patient's own file.

    Parameters
    ----------
    scene : Scene
    patient : PatientData or None
        Whose it is; None for the grid of the scene.
    classes : tuple of str
    format_id : {"labels", "probabilities", "lesions"}
    path : path
    moment : mapping
    carried : str
        Name of the layer with the probabilities.

    Raises
    ------
    BadInput
        If the scene lacks what is to be written, or the file cannot be.
    """
    labels = scene.layer(LABELS).data
    shape = labels.values.shape if patient is None else patient.own_shape
    affine = labels.affine if patient is None else patient.own_affine
    grid = " x ".join(map(str, shape))
    held = next((layer.data for layer in scene.carried if layer.name == carried), None)
    if format_id == "labels":
        parts = _labels_on(labels, held, classes, affine, shape, cancel)
        write_parts(path, shape, np.uint8, parts, affine, moment)
        named = ", ".join(f"{n} {name}" for n, name in enumerate(classes))
        return (f"A label map of {grid} voxels: {named}.",)
    if format_id == "probabilities":
        if held is None:
            raise BadInput(
                "A reference has no probabilities, and neither has a result in which organs may "
                f"be in more than {CARRIED // len(classes) >> 20} million voxels; write its label "
                "map."
            )
        every = _probabilities_on(held, classes, affine, shape, cancel)
        write_parts(path, (*shape, len(classes)), np.float32, every, affine, moment)
        said = f"Probabilities of {len(classes)} classes on {grid} voxels, along axis 4."
        return (said, _KEPT) if held.values.dtype == np.uint8 else (said,)
    if format_id == "lesions":
        wanted = labels.values if patient is None or patient.labels is None else patient.labels
        rows = lesion_rows(wanted, labels.values, classes, labels.affine)
        if not rows:
            raise BadInput("Neither the result nor a reference has a lesion to list.")
        write_csv(path, rows, Moment.of_fields(moment) if moment else None)
        if wanted is labels.values:
            return (f"{len(rows)} lesions, compared with no reference.",)
        states = [row["state"] for row in rows]
        counts = ", ".join(f"{states.count(one)} {one}" for one in ("found", "missed", "false"))
        return (f"Lesions of the reference and of the result: {counts}. A lesion is {RULE}.",)
    raise BadInput(f"A result cannot be written as {format_id!r}.")


def _labels_on(
    labels: Labels,
    held: Volume | None,
    classes: tuple[str, ...],
    affine: np.ndarray,
    shape: tuple[int, ...],
    cancel: CancelToken,
) -> Iterator[np.ndarray]:
    """The label map on another grid, part by part along its last axis.

    Where there are probabilities and the grids differ, it has finer borders than the voxels that
    the network saw.
    """
    back = np.linalg.inv(labels.affine) @ affine
    direct = held is None or _permutes(back)
    for part in slabs(shape, 2):
        cancel.check()
        if direct:
            yield taken(labels.values, back, shape, part, linear=False)
            continue
        assert held is not None  # else it is direct
        best = 1 - _on(held, held.values, affine, shape, part)
        found = np.zeros(best.shape, np.uint8)
        for number, name in enumerate(classes[1:], 1):
            one = _on(held, held.arrays[name], affine, shape, part)
            found[one > best] = number
            np.maximum(best, one, out=best)
        yield found


def _probabilities_on(
    held: Volume,
    classes: tuple[str, ...],
    affine: np.ndarray,
    shape: tuple[int, ...],
    cancel: CancelToken,
) -> Iterator[np.ndarray]:
    """Probabilities of one class after the other on another grid, part by part."""
    for name in (None, *classes[1:]):
        for part in slabs(shape, 2):
            cancel.check()
            values = held.values if name is None else held.arrays[name]
            found = _on(held, values, affine, shape, part)
            yield 1 - found if name is None else found


def _on(
    held: Volume, values: np.ndarray, affine: np.ndarray, shape: tuple[int, ...], part: slice
) -> np.ndarray:
    """Probabilities, linear between voxels, on a part of another grid along its last axis."""
    back = np.linalg.inv(held.affine) @ affine
    found = taken(values, back, shape, part, linear=not _permutes(back))
    return found.astype(np.float32) / np.float32(2 * held.iso)


def _permutes(back: np.ndarray) -> bool:
    """Whether voxels of one grid lie upon those of another, in whatever order of axes."""
    return np.allclose(back, np.rint(back), atol=1e-3)


def lesion_rows(
    wanted: np.ndarray, found: np.ndarray, classes: tuple[str, ...], affine: np.ndarray
) -> list[dict[str, Any]]:
    """A row for each lesion of a reference, and for each that is found where none is.

    Parameters
    ----------
    wanted, found : (X, Y, Z) uint8
        Reference and result.

    Returns
    -------
    list of dict
        ``class``, ``lesion`` (its number), ``state``, ``ml`` (of a lesion its own volume, of a
        false one that in the result), ``share`` of its voxels that are found, and its middle.
    """
    return [
        {
            "class": name, "lesion": one.number, "state": one.state, "ml": round(one.ml, 3),
            "share": round(one.share, 3), "x_mm": round(one.place[0], 1),
            "y_mm": round(one.place[1], 1), "z_mm": round(one.place[2], 1),
        }
        for number, name in enumerate(classes)
        if is_lesion(name)
        for one in lesions(wanted == number, found == number, affine)
    ]  # fmt: skip
