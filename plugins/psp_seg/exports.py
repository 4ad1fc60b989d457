"""What is taken away: the smaller network, label maps, probabilities, lesions."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.ndimage import affine_transform

from prune3d_gui.core.errors import BadInput, Prune3DError
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.scenes import Scene
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.onnx_files import session_of
from prune3d_gui.files.tables import write_csv
from prune3d_gui.metrics.lesions import RULE, lesions

from .data.nifti import write_nifti
from .data.patients import PatientData
from .network.checkpoint import NetworkInfo, load_network, save_network, weights_hash
from .network.network import Network
from .network.normal import Window
from .network.onnx_graph import graph_bytes
from .network.removal import removed
from .scoring import is_lesion
from .showing import LABELS

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
    back = np.linalg.inv(labels.affine) @ affine
    grid = " x ".join(map(str, shape))
    if format_id == "labels":
        maps = _probabilities(scene, classes, carried)
        if maps is None or shape == labels.values.shape:
            found = _on_grid(labels.values, back, shape, 0)
        else:  # finer borders than those of the network's own voxels
            found = np.stack([_on_grid(one, back, shape, 1) for one in maps]).argmax(axis=0)
        write_nifti(path, found.astype(np.uint8), affine, moment)
        named = ", ".join(f"{n} {name}" for n, name in enumerate(classes))
        return (f"A label map of {grid} voxels: {named}.",)
    if format_id == "probabilities":
        maps = _probabilities(scene, classes, carried)
        if maps is None:
            raise BadInput("A reference has no probabilities; write its label map.")
        values = np.stack([_on_grid(one, back, shape, 1) for one in maps], axis=-1)
        write_nifti(path, values.astype(np.float32), affine, moment)
        return (f"Probabilities of {len(classes)} classes on {grid} voxels, along axis 4.",)
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


def _probabilities(scene: Scene, classes: tuple[str, ...], carried: str) -> list[np.ndarray] | None:
    """Probabilities of all classes in a scene, (X, Y, Z) each; None where it has none."""
    held = next((layer.data for layer in scene.carried if layer.name == carried), None)
    if held is None:
        return None
    return [1 - held.values, *(held.arrays[name] for name in classes[1:])]


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


def _on_grid(
    values: np.ndarray, back: np.ndarray, shape: tuple[int, ...], order: int
) -> np.ndarray:
    """Values at the voxels of another grid."""
    if shape == values.shape and np.allclose(back, np.eye(4)):
        return values
    return np.asarray(
        affine_transform(values, back[:3, :3], back[:3, 3], shape, order=order, mode="nearest")
    )
