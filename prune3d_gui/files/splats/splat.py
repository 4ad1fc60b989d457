"""``.splat``: 32 bytes for each Gaussian, without spherical harmonics beyond the constant."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import numpy as np

from ...core.scene.gaussians import Gaussians
from .packing import SH_C0, logits_of, steps, unit
from .splat_file import BLOCK, Choice, SplatFile, SplatHeader, room

FORMAT = ".splat"
_ROW = np.dtype([("means", "<f4", 3), ("scales", "<f4", 3), ("colour", "u1", 4), ("turn", "u1", 4)])
_LOOKED_AT = 1 << 12  # rows


def plausible(path: Path) -> bool:
    """Whether the first rows read as Gaussians; the format has nothing to know it by."""
    size = path.stat().st_size
    if not size or size % _ROW.itemsize:
        return False
    rows = np.fromfile(path, _ROW, _LOOKED_AT)
    length = np.linalg.norm((rows["turn"].astype(float) - 128) / 128, axis=1)
    with np.errstate(invalid="ignore"):
        fine = (np.abs(rows["means"]) < 1e7).all(axis=1) & (rows["scales"] < 1e6).all(axis=1)
        fine &= (rows["scales"] >= 0).all(axis=1) & (np.abs(length - 1) < 0.1)
    return bool(fine.mean() > 0.9)


def peek(path: Path) -> SplatHeader:
    """What the size of the file promises."""
    count, over = divmod(path.stat().st_size, _ROW.itemsize)
    if over:
        raise ValueError(f"its size is no multiple of {_ROW.itemsize} bytes")
    return SplatHeader(FORMAT, count)


def read(path: Path, choice: Choice) -> SplatFile:
    """Read what is chosen."""
    gaussians = room(choice.count, 0)
    with path.open("rb") as stream:
        for start in range(0, choice.total, BLOCK):
            rows = np.fromfile(stream, _ROW, min(BLOCK, choice.total - start))
            to, which = choice.within(start, start + len(rows))
            rows = rows[which]
            gaussians.means[to] = rows["means"]
            with np.errstate(divide="ignore", invalid="ignore"):
                gaussians.log_scales[to] = np.log(rows["scales"])
            gaussians.quaternions[to] = unit(rows["turn"].astype(np.float64) - 128)
            gaussians.logits[to] = logits_of(rows["colour"][:, 3])
            gaussians.harmonics[to, 0] = (rows["colour"][:, :3] / 255 - 0.5) / SH_C0
    notices = (
        "It has no spherical harmonics beyond the constant: no colour changes with the view.",
        "Its colours and opacities have 256 steps, its rotations steps of 1/128.",
    )
    return SplatFile(gaussians, FORMAT, rows=choice.rows, notices=notices)


def order(gaussians: Gaussians) -> np.ndarray:
    """The order in which viewers want them: opacity times volume, the largest first."""
    size = gaussians.log_scales.sum(axis=1, dtype=np.float64)
    with np.errstate(divide="ignore"):
        return np.argsort(-(size + np.log(gaussians.opacities)), kind="stable")


def content(gaussians: Gaussians) -> Iterable[bytes]:
    """The bytes of a file, in pieces."""
    for start in range(0, gaussians.count, BLOCK):
        part = gaussians.kept(slice(start, start + BLOCK))
        rows = np.empty(part.count, _ROW)
        rows["means"], rows["scales"] = part.means, part.scales
        rows["colour"][:, :3] = steps((0.5 + SH_C0 * part.harmonics[:, 0]) * 255, 255)
        rows["colour"][:, 3] = steps(part.opacities * 255, 255)
        rows["turn"] = steps(unit(part.quaternions) * 128 + 128, 255)
        yield rows.tobytes()
