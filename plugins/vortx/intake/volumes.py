"""Reference volumes as VoRTX stores them, and whether a trajectory belongs to one."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.pairing import some
from prune3d_gui.files.networks.pickles import RunsCode, load_values
from prune3d_gui.files.texts import read_json
from prune3d_gui.geometry.fusion.tsdf import LARGEST, VOXEL, Tsdf

from .frames import PosedFrames

LAYER = "full_tsdf_layer{}.npz"
INFO = ("tsdf_info.json", "tsdf_info.pkl")
_LARGEST_INFO = 1 << 20  # bytes
_AROUND = 1.0  # metres outside of a volume from where it is still looked at
_REACH = 3.0  # metres of an optical axis that are followed


def read_tsdf(folder: Path, layer: int = 0) -> Tsdf:
    """Read a layer of a reference volume; its pickle is read without running what it names.

    Parameters
    ----------
    folder : path
        With ``full_tsdf_layer0.npz`` and ``tsdf_info.pkl``, or ``tsdf_info.json``.
    layer : int
        0 for the finest; the voxels of each are twice as long as those of the one before.

    Raises
    ------
    BadInput
        If one is missing or damaged, or the values are none of a TSDF.
    """
    origin, voxel = _info(folder)
    path = folder / LAYER.format(layer)
    if not path.is_file():
        raise BadInput(f"There is no '{path}'; fuse the reference again.")
    try:
        with np.load(path, allow_pickle=False) as held:
            values = np.asarray(held[held.files[0]])
    except Exception as error:  # zipfile's and NumPy's parsers raise nearly anything
        raise BadInput(f"'{path}' could not be read; it may be damaged, fuse it again.") from error
    shape = values.shape
    plain = values.ndim == 3 and values.dtype.kind == "f" and 0 < values.size <= LARGEST
    if not plain or not np.isfinite(values).all() or np.abs(values).max() > 1.0001:
        raise BadInput(
            f"'{path}' has values of the shape {shape} that are no signed distances from -1 to 1; "
            "fuse the reference again."
        )
    values = values.astype(np.float32)
    return Tsdf(values, (values < 1).astype(np.uint16), origin, voxel * 2**layer)


def within(frames: PosedFrames, volume: Tsdf) -> PosedFrames:
    """Leave out frames that look at nothing of a volume, and say which.

    A frame stays if it is in the box, or no more than a metre outside, or its optical axis comes
    through the box within 3 m.

    Raises
    ------
    BadInput
        If fewer than two are left.
    """
    low = volume.origin - _AROUND
    high = volume.origin + volume.voxel * (np.array(volume.values.shape) - 1) + _AROUND
    poses = np.stack([frame.pose for frame in frames.frames])
    steps = np.linspace(0, _REACH, 31)[:, None, None]
    line = poses[:, :3, 3] + steps * poses[:, :3, 2]
    border = np.where(steps > 0, _AROUND, 0.0)
    inside = ((line >= low + border) & (line <= high - border)).all(axis=2)
    kept = inside.any(axis=0)
    if kept.all():
        return frames
    left = [frame.name for frame, good in zip(frames.frames, kept, strict=True) if not good]
    apart = np.maximum(np.maximum(low - poses[:, :3, 3], poses[:, :3, 3] - high), 0)
    away = float(np.linalg.norm(apart, axis=1).max()) + _AROUND
    size = " x ".join(f"{side:.1f}" for side in high - low - 2 * _AROUND)
    if kept.sum() < 2:
        raise BadInput(
            f"The trajectory of '{frames.name}' lies outside of its reference volume of {size} m, "
            f"by up to {away:.1f} m; the volume may be of another scene or in another world."
        )
    said = (
        f"Frames left out for leaving the reference volume of {size} m, by up to {away:.1f} m: "
        f"{len(left):,} of {len(poses):,} ({some(left)})."
    )
    good = tuple(frame for frame, keep in zip(frames.frames, kept, strict=True) if keep)
    return replace(frames, frames=good, notices=(*frames.notices, said))


def _info(folder: Path) -> tuple[np.ndarray, float]:
    path = next((folder / name for name in INFO if (folder / name).is_file()), None)
    if path is None:
        raise BadInput(f"'{folder}' has no {' or '.join(INFO)}; fuse the reference again.")
    if path.stat().st_size > _LARGEST_INFO:
        raise BadInput(f"'{path}' is too large to be what VoRTX writes; fuse the reference again.")
    try:
        told: Any
        if path.suffix == ".json":
            told = read_json(path)
        else:
            with path.open("rb") as file:
                told = load_values(file)
        origin = np.asarray(told["vol_origin"], np.float64)
        voxel = float(told.get("voxel_size", VOXEL))
    except RunsCode as error:
        raise BadInput(
            f"'{path}' names '{error}', which a volume does not need and which was not run; fuse "
            "the reference again."
        ) from error
    except Exception as error:
        raise BadInput(f"'{path}' could not be read; it may be damaged, fuse it again.") from error
    if origin.shape != (3,) or not np.isfinite(origin).all() or not 0 < voxel < math.inf:
        raise BadInput(f"'{path}' has no vol_origin of three numbers and voxel_size above 0.")
    return origin, voxel
