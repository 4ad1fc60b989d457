"""What is taken away: the smaller network, the surface, the signed distances."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput, Prune3DError
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.scenes import Mesh, Scene
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.meshes import write_mesh

from .network.checkpoint import NetworkInfo, load_network, save_network, weights_hash
from .network.network import Vortx


def write_network(
    network: Vortx,
    info: NetworkInfo,
    total: int,
    format_id: str,
    path: Path,
    moment: Mapping[str, Any],
) -> tuple[str, ...]:
    """Write a pruned network, open the file again and compare.

    Parameters
    ----------
    network : Vortx
    info : NetworkInfo
        Of the network it comes from.
    total : int
        Parameters of that.
    format_id : {"safetensors", "fp16"}
    path : path
    moment : mapping

    Raises
    ------
    BadInput
        If the format is unknown or the file cannot be written.
    """
    if format_id not in ("safetensors", "fp16"):
        raise BadInput(f"A network cannot be written as {format_id!r}; take safetensors or fp16.")
    half = format_id == "fp16"
    facts = {
        **info.metadata, "picture_width": str(info.picture), "weighted": str(info.weighted),
        KEY: json.dumps(dict(moment)),
    }  # fmt: skip
    save_network(path, network, facts, half)
    again, _ = load_network(path)
    left = sum(p.numel() for p in network.parameters())
    zeros = sum(int((p == 0).sum()) for p in network.parameters())
    size = (
        f"{path.stat().st_size / 1e6:.3g} MB; {total - left:,} of {total:,} parameters are gone, "
        f"{zeros:,} of those left are zero."
    )
    if half:
        return size, "Values are rounded to fp16."
    if weights_hash(again) != weights_hash(network):
        raise Prune3DError(
            f"'{path}', opened again, holds other weights than were written; the disk may be "
            "failing, so write it somewhere else."
        )
    return size, "Opened again, it holds the same weights bit for bit."


def write_result(
    scene: Scene,
    format_id: str,
    path: Path,
    moment: Mapping[str, Any],
    surfaces: Sequence[str],
    volume: str,
) -> tuple[str, ...]:
    """Write the surface, or the signed distances, of a result.

    Raises
    ------
    BadInput
        If the result has none, or the file cannot be written.
    """
    layers = {layer.name: layer for layer in (*scene.layers, *scene.carried)}
    shown = next(layers[name] for name in surfaces if name in layers)
    if shown.absent:
        raise BadInput(f"'{path}' was not written: {shown.absent}")
    if format_id == "ply":
        mesh: Mesh = shown.data
        write_mesh(path, mesh, Moment.of_fields(moment) if moment else None)
        return (f"{len(mesh.points):,} vertices, {len(mesh.faces):,} triangles, in metres, z up.",)
    if format_id != "tsdf":
        raise BadInput(f"A result cannot be written as {format_id!r}; take ply or tsdf.")
    if volume not in layers:
        raise BadInput(
            f"'{path}' was not written: a reference has no signed distances; export it as a mesh."
        )
    held = layers[volume].data
    with writing(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(
            file, values=held.values, origin=held.affine[:3, 3],
            voxel=np.float64(held.affine[0, 0]), moment=json.dumps(dict(moment)),
        )  # fmt: skip
    known = int(np.isfinite(held.values).sum())
    grid = " x ".join(map(str, held.values.shape))
    return (
        f"Signed distances in truncations of 3 voxels on {grid} voxels, negative in front; "
        f"{known:,} of them are known, the rest is NaN.",
    )
