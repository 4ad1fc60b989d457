"""Packed samples: what another machine needs of a sample that does not come with the program."""

from __future__ import annotations

import json

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Sample

from .entries import Entry


def pack(entry: Entry) -> bytes:
    """Pack a sample as safetensors.

    The input is stored as ``uint8`` where it is a picture of 256 levels, which gives every bit
    back, and as ``float32`` otherwise; the reference points are ``float32``; title, category
    and sampling floors are metadata.
    """
    tensors = {"image": levels_of(entry.image())}
    if entry.points is not None:
        tensors["points"] = np.ascontiguousarray(entry.points, np.float32)
    facts = {
        "title": entry.sample.title,
        "group": entry.sample.group,
        "floors": dict(entry.floors),
        "notices": list(entry.sample.notices),
    }
    return save(tensors, {"sample": json.dumps(facts)})


def unpack(sample: str, data: bytes) -> Entry:
    """Give the entry that `pack` was given, under the id `sample`.

    Raises
    ------
    BadInput
        If the data are no packed sample.
    """
    try:
        tensors = load(data)
        facts = json.loads(_metadata(data)["sample"])
        image, points = tensors["image"], tensors.get("points")
        shown = Sample(
            sample,
            facts["title"],
            facts["group"],
            reference=points is not None,
            notices=tuple(facts["notices"]),
        )
        floors = {name: float(floor) for name, floor in facts["floors"].items()}
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BadInput(
            f"What was sent of the sample {sample!r} is damaged; start the study again."
        ) from error
    whole = image.dtype == np.uint8
    return Entry(shown, lambda: _unit(image) if whole else image, points, floors)


def levels_of(image: np.ndarray) -> np.ndarray:
    """A network's input as levels 0 to 255, uint8, where these give every bit back; else itself.

    Parameters
    ----------
    image : (3, S, S) float32, 0..1
    """
    image = np.ascontiguousarray(image, np.float32)
    levels = np.rint(image * 255).clip(0, 255).astype(np.uint8)
    return levels if np.array_equal(_unit(levels), image) else image


def _unit(levels: np.ndarray) -> np.ndarray:
    """Levels 0 to 255 as the network's input, 0..1, as `intake` makes it."""
    return levels.astype(np.float32) / np.float32(255)


def _metadata(data: bytes) -> dict[str, str]:
    """Text in the header of a safetensors file: its length in 8 bytes, then JSON."""
    size = int.from_bytes(data[:8], "little")
    return json.loads(data[8 : 8 + size]).get("__metadata__", {})
