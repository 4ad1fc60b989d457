"""What a field is compared with: an exact function, or a regular volume between its voxels."""

from __future__ import annotations

import itertools
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.paths import check_file
from prune3d_gui.files.volumes import VolumeData, read_volume

from ..network.domain import Domain
from .fields import GENERATORS


class Truth(Protocol):
    """The reference of a field, over the unit box of space and one period or span of time."""

    def values(self, unit: np.ndarray, time: float | np.ndarray = 0.0) -> np.ndarray:
        """Evaluate the reference: (n, d) in the unit box, time 0 to 1, to (n,) float32."""

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Draw training points, (count, d) in the unit box."""


class GeneratedTruth:
    """The exact values of a generator.

    Parameters
    ----------
    name : str
        One of `GENERATORS`.

    Raises
    ------
    BadInput
        If there is no such generator.
    """

    def __init__(self, name: str) -> None:
        if name not in GENERATORS:
            raise BadInput(f"There is no field {name!r}; take one of {', '.join(GENERATORS)}.")
        self.generator = GENERATORS[name]

    def values(self, unit: np.ndarray, time: float | np.ndarray = 0.0) -> np.ndarray:
        """Evaluate the generator: (n, d) in the unit box, time 0 to 1, to (n,) float32."""
        return self.generator.values(unit, time)

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Draw training points, denser where the generator says so."""
        if self.generator.draw is not None:
            return self.generator.draw(random, count)
        return random.random((count, self.generator.domain.dimension))


class VolumeTruth:
    """A regular volume, linear between its voxels.

    The unit box reaches from the centre of the first voxel of each axis to the centre of the last
    one, and time from the first step (0) to the last (1), so nothing is ever extrapolated.

    Parameters
    ----------
    values : (X, Y[, Z][, T]) array
    times : int
        Time steps along the last axis; with 1, every axis is one of space.

    Raises
    ------
    BadInput
        If an axis has less than two voxels, the axes do not fit, or a value is not finite.
    """

    def __init__(self, values: np.ndarray, times: int = 1) -> None:
        shape = values.shape
        dimension = len(shape) - (times > 1)
        if dimension not in (2, 3) or min(shape) < 2 or times not in (1, shape[-1]):
            raise BadInput(
                f"A volume of {' x '.join(map(str, shape))} voxels with {times} time steps is no "
                "reference; give two or three axes of space, then time if there is any, of two "
                "voxels or more each."
            )
        if not np.isfinite(values).all():
            raise BadInput(
                "The volume holds values that are not numbers (NaN or infinite); replace them."
            )
        self.volume = np.asarray(values, np.float32)
        self.dimension = dimension

    def values(self, unit: np.ndarray, time: float | np.ndarray = 0.0) -> np.ndarray:
        """Interpolate: (n, d) in the unit box, time 0 to 1, to (n,) float32."""
        unit = np.asarray(unit, np.float64)
        if self.volume.ndim > self.dimension:
            moments = np.broadcast_to(np.asarray(time, np.float64), len(unit))
            unit = np.column_stack([unit, moments])
        last = np.array(self.volume.shape) - 1
        place = np.clip(unit, 0, 1) * last
        first = np.minimum(place.astype(np.int64), last - 1)
        within = place - first
        found = np.zeros(len(unit))
        for corner in itertools.product((0, 1), repeat=len(last)):
            weights = np.where(corner, within, 1 - within).prod(axis=1)
            found += weights * self.volume[tuple((first + corner).T)]
        return found.astype(np.float32)

    def draw(self, random: np.random.Generator, count: int) -> np.ndarray:
        """Draw training points evenly, (count, d) in the unit box."""
        return random.random((count, self.dimension))


def read_truth(path: str | Path) -> tuple[VolumeTruth, Domain, tuple[str, ...]]:
    """Read a volume as a reference.

    Parameters
    ----------
    path : path
        See `files.volumes.read_volume`.

    Returns
    -------
    truth : VolumeTruth
    domain : Domain
        The network's box is -1 to 1 along every axis; the world's goes from the centre of the
        first voxel to the centre of the last, along the axes of the volume where it is oblique.
    notices : tuple of str
        What was changed while reading, one sentence each.

    Raises
    ------
    BadInput
        If the volume cannot be read.
    """
    volume = read_volume(check_file(path, "a volume or a picture"))
    truth = VolumeTruth(volume.values, volume.times)
    axes, dimension = truth.volume.ndim, truth.dimension
    size = (np.array(volume.values.shape[:dimension]) - 1) * volume.spacing[:dimension]
    domain = Domain(
        (-1.0,) * axes,
        (1.0,) * axes,
        dimension,
        tuple(map(float, volume.origin[:dimension])),
        tuple(map(float, size)),
        volume.unit,
        float(truth.volume.min()),
        float(truth.volume.max()),
        times=volume.times,
        box_to_world=_own_axes(volume),
    )
    return truth, domain, volume.notices


def _own_axes(volume: VolumeData) -> tuple[float, ...]:
    """Give what turns a box along the world's axes to those of an oblique volume, row by row.

    The first voxel stays where it is.
    """
    if not volume.oblique or volume.affine is None:
        return ()
    turn = np.eye(4)
    turn[:3, :3] = volume.affine[:3, :3] / volume.spacing
    turn[:3, 3] = volume.affine[:3, 3] - turn[:3, :3] @ volume.origin
    return tuple(turn.ravel().tolist())


def truth_of(metadata: Mapping[str, str]) -> Truth | None:
    """Find the reference a field's file speaks of.

    Parameters
    ----------
    metadata : mapping
        Text of the file: `truth` names a generator, or is ``volume`` with the file's path in
        `trained_on`.

    Returns
    -------
    Truth or None
        None where there is none, or the volume is no longer there or cannot be read.
    """
    name = metadata.get("truth", "")
    if name in GENERATORS:
        return GeneratedTruth(name)
    source = metadata.get("trained_on", "")
    if name != "volume" or not Path(source).is_file():
        return None
    try:
        return read_truth(source)[0]
    except BadInput:
        return None


def pack_truth(truth: Truth | None) -> bytes:
    """Pack a volume as safetensors; what any machine can make by itself packs to nothing."""
    if not isinstance(truth, VolumeTruth):
        return b""
    timed = truth.volume.ndim > truth.dimension
    times = truth.volume.shape[-1] if timed else 1
    return save({"volume": np.ascontiguousarray(truth.volume)}, {"times": str(times)})


def unpack_truth(sample: str, data: bytes) -> VolumeTruth:
    """Give the volume that `pack_truth` was given.

    Raises
    ------
    BadInput
        If the data are no packed volume.
    """
    try:
        size = int.from_bytes(data[:8], "little")
        facts = json.loads(data[8 : 8 + size])["__metadata__"]
        return VolumeTruth(load(data)["volume"], int(facts["times"]))
    except (SafetensorError, KeyError, ValueError, TypeError) as error:
        raise BadInput(
            f"What was sent of the sample {sample!r} is damaged; start the study again."
        ) from error
