"""Samples that come with the program: view 00 and 2,500 fixed reference points each.

The folder holds ``samples.safetensors`` (``points``: (S, 2500, 3) float16, unit ball;
``pictures``: all PNG files end to end; ``ends``: where each one ends) and
``samples.json`` (one row per sample, in a fixed shuffled order).
"""

from __future__ import annotations

import io
import json
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image
from safetensors.numpy import load_file, save_file

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.atomic import writing
from prune3d_gui.metrics.points import sampling_floor

from .dataset import Layout, Object, read_points, reference_points
from .intake import as_seen, middle, prepare

SAMPLES = "samples/pgn"
"""Folder of the samples, in the resources of the program."""
OUTPUTS = 2562


@dataclass(frozen=True, eq=False)
class Shipped:
    """One shipped sample.

    Parameters
    ----------
    key : str
        ``synset/id`` in the set it comes from.
    category : str
    split : {"val", "heldout"}
    png : bytes
        View 00, 137 x 137 RGBA.
    points : (2500, 3) float32
        Reference points, unit ball.
    floor_chamfer, floor_fscore : float
        The sampling floor of this shape: 2,562 against 2,500 points.
    """

    key: str
    category: str
    split: str
    png: bytes
    points: np.ndarray
    floor_chamfer: float
    floor_fscore: float

    def picture(self) -> Image.Image:
        """Open view 00."""
        return Image.open(io.BytesIO(self.png)).convert("RGBA")

    def preview(self) -> np.ndarray:
        """What the network sees of view 00, (127, 127, 4) uint8, clear around the thing."""
        return as_seen(np.array(middle(self.picture())))

    def image(self) -> np.ndarray:
        """The network's input, (3, 224, 224) float32 in 0..1."""
        return prepare(self.picture()).tensor.numpy()


def choose(
    layout: Layout, val: int = 10, heldout: int = 2, seed: int = 0
) -> list[tuple[str, Object]]:
    """Draw what is shipped: `val` validation and `heldout` held-out objects per category."""
    chosen = []
    for split, count in (("val", val), ("heldout", heldout)):
        objects = layout.splits.get(split, ())
        drawn = []
        for synset in layout.categories:
            mine = [o for o in objects if o.synset == synset]
            code = (
                int(synset)
                if synset.isdigit()
                else zlib.crc32(synset.encode("utf-8", "surrogatepass"))
            )
            order = np.random.default_rng([seed, code]).permutation(len(mine))
            drawn += [mine[i] for i in order[:count]]
        shuffled = np.random.default_rng(seed).permutation(len(drawn))
        chosen += [(split, drawn[i]) for i in shuffled]
    return chosen


def write_shipped(layout: Layout, out: Path, seed: int = 0) -> int:
    """Write the shipped samples of a set; returns how many there are."""
    chosen = choose(layout, seed=seed)
    rows, pictures, points, ends = [], bytearray(), [], []
    for split, shape in chosen:
        reference = reference_points(shape, seed=seed).astype(np.float16)
        floor = sampling_floor(read_points(shape.points_path), 2500, OUTPUTS, seed)
        pictures += shape.views[0].read_bytes()
        ends.append(len(pictures))
        points.append(reference)
        rows.append(
            {
                "key": shape.key,
                "category": shape.category,
                "split": split,
                "floor_chamfer": floor.chamfer,
                "floor_fscore": floor.fscore,
            }
        )
    out.mkdir(parents=True, exist_ok=True)
    tensors: dict[str, np.ndarray] = {
        "points": np.stack(points),
        "pictures": np.frombuffer(bytes(pictures), np.uint8),
        "ends": np.array(ends, np.int64),
    }
    with writing(out / "samples.safetensors") as temporary:
        save_file(tensors, temporary)
    with writing(out / "samples.json") as temporary:
        temporary.write_text(json.dumps({"seed": seed, "samples": rows}, indent=1))
    return len(rows)


def read_shipped(folder: Path) -> Sequence[Shipped]:
    """Read the shipped samples.

    Raises
    ------
    BadInput
        If they are missing or damaged.
    """
    try:
        rows = json.loads((folder / "samples.json").read_text(encoding="utf-8"))["samples"]
        tensors = load_file(folder / "samples.safetensors")
    except (OSError, ValueError, KeyError) as error:
        raise BadInput(
            f"The samples in {folder} cannot be read ({error}); install again."
        ) from None
    ends = [0, *tensors["ends"].tolist()]
    data = tensors["pictures"].tobytes()
    return [
        Shipped(
            row["key"],
            row["category"],
            row["split"],
            data[ends[i] : ends[i + 1]],
            tensors["points"][i].astype(np.float32),
            row["floor_chamfer"],
            row["floor_fscore"],
        )
        for i, row in enumerate(rows)
    ]
