"""What is taken away: the Gaussians that are kept, the mask of them, pictures."""

from __future__ import annotations

import base64
import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.gaussians import Gaussians
from prune3d_gui.core.scene.scenes import Scene
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.splats.formats import write_splats
from prune3d_gui.files.splats.splat_file import SplatFile
from prune3d_gui.files.stamps import texts

MASK = "mask"
"""Format of the keep-mask."""


def write_scene(
    splats: SplatFile,
    changed: Gaussians | None,
    kept: np.ndarray,
    format_id: str,
    path: Path,
    moment: Mapping[str, Any],
) -> tuple[str, ...]:
    """Write the Gaussians that are kept, in the format that the ending says, or the mask of them.

    Parameters
    ----------
    splats : SplatFile
        As they were read; rows of a PLY come out with the same bits.
    changed : Gaussians, optional
        Those to be written in their place, one for each row.
    kept : (N,) bool
    format_id : str
    path : path
    moment : mapping

    Returns
    -------
    tuple of str
        Sentences on what is in the file, and how far it is from what was given.

    Raises
    ------
    BadInput
        If none is kept, or the file cannot be written.
    """
    if format_id == MASK:
        return _write_mask(kept, splats, path, moment)
    source = splats if changed is None else replace(splats, gaussians=changed)
    told = Moment.of_fields(moment) if moment else None
    written = write_splats(path, source.kept(kept), told)
    count, size = int(kept.sum()), path.stat().st_size
    said = f"{count:,} of {len(kept):,} Gaussians, {size:,} bytes, {size / count:.1f} each."
    return (said, *written.notices)


def _write_mask(
    kept: np.ndarray, splats: SplatFile, path: Path, moment: Mapping[str, Any]
) -> tuple[str, ...]:
    """Write which rows of the file are kept, a bit each, as JSON."""
    rows = len(kept) if splats.rows is None else int(splats.rows.max()) + 1
    bits = np.zeros(rows, bool)
    bits[np.arange(len(kept)) if splats.rows is None else splats.rows] = kept
    held = {
        "gaussians": rows,
        "kept": int(kept.sum()),
        "bits": base64.b64encode(np.packbits(bits, bitorder="little").tobytes()).decode(),
        "order": "row 8 i + j of the file is bit j, the lowest first, of byte i",
        "about": {KEY: dict(moment)},
    }
    with writing(path) as temporary:
        temporary.write_text(json.dumps(held) + "\n", encoding="utf-8")
    return (f"{int(kept.sum()):,} of {rows:,} rows are kept, {path.stat().st_size:,} bytes.",)


def write_picture(
    scene: Scene, format_id: str, path: Path, moment: Mapping[str, Any]
) -> tuple[str, ...]:
    """Write the picture or the difference picture of a result as PNG, pixel by pixel.

    Raises
    ------
    BadInput
        If the scene has no such picture, as a reference has no difference.
    """
    from PIL import Image
    from PIL.PngImagePlugin import PngInfo

    names = {"picture": ("picture", "photograph"), "difference": ("difference",)}[format_id]
    layer = next((layer for layer in scene.layers if layer.name in names), None)
    if layer is None:
        raise BadInput(f"'{path}' was not written: there is no {format_id} of this.")
    notes = PngInfo()
    for key, value in texts(Moment.of_fields(moment) if moment else None).items():
        notes.add_text(key, value)
    with writing(path) as temporary:
        Image.fromarray(layer.data.pixels).save(temporary, format="PNG", pnginfo=notes)
    height, width = layer.data.pixels.shape[:2]
    return (f"{width} x {height} pixels.",)
