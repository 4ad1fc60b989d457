"""Values on a regular grid in files: pictures, volumes and volumes over time."""

from __future__ import annotations

import warnings
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ..core.errors import BadInput
from .npy import read_header
from .points import check_exists, unreadable
from .rasters.formats import ARRAY, ARRAYS, recognise
from .rasters.formats import SUFFIXES as SUFFIXES
from .rasters.places import oblique
from .rasters.raster import Raster


@dataclass(frozen=True, eq=False)
class VolumeData:
    """Values on a regular grid of two or three axes of space, and perhaps one of time.

    Parameters
    ----------
    values : (X, Y) or (X, Y, Z) float32, or with time last, (X, Y, T) or (X, Y, Z, T)
        Finite and not all alike. In pictures, y runs upwards.
    spacing, origin : tuple of float
        Grid step and place of the first value, one number for each axis of space, in `unit`.
    unit : str
        Unit of length; empty where the file does not say.
    times : int
        Moments; 1 without time.
    time_step : float
        Time between two moments, in seconds where the file has a unit of time.
    affine : (4, 4) float64 or None
        In 3D, from numbers of voxels to the world, where the file says how its axes lie: to
        right, anterior, superior where it speaks of a patient.
    own_shape, own_affine : three int, (4, 4) float64
        The grid as the file has it: along the file's own axes, in their direction, with all
        values. What is written on it lies voxel upon voxel on the file.
    oblique : bool
        Whether spacing and origin alone would misplace a corner by more than a hundredth of a
        step, so that only the affine tells where the values lie.
    notices : tuple of str
        Sentences on what was changed while reading.
    """

    values: np.ndarray
    spacing: tuple[float, ...]
    origin: tuple[float, ...]
    own_shape: tuple[int, int, int]
    own_affine: np.ndarray
    unit: str = ""
    times: int = 1
    time_step: float = 1.0
    affine: np.ndarray | None = None
    oblique: bool = False
    notices: tuple[str, ...] = ()


def read_volume(path: str | Path, limit_bytes: int = 256 << 20) -> VolumeData:
    """Read values on a regular grid, whatever the format.

    The content tells the format, the ending only where that cannot. Where the file says how
    its axes lie, the values are turned to the closest axes of its world; a patient's is
    right-anterior-superior.

    Parameters
    ----------
    path : path
        NIfTI (its fourth axis is time), ANALYZE and NIfTI pairs, MGH, NRRD, MetaImage, VTK
        images and rectilinear grids (resampled linearly where their steps are uneven), NumPy
        arrays (``.npz``: the array ``values`` or the only one, and ``spacing`` and ``origin``,
        or ``affine``; a fourth axis is time), pictures as grey values, TIFF stacks, and some
        more that VTK reads.
    limit_bytes : int
        Most bytes that the values may take as float32. Larger files are read with whole
        strides along the axes of space, block by block, and those of VTK in a process apart.

    Raises
    ------
    BadInput
        When there is no such file, its format is unknown or damaged, it is no image of two
        or three axes of space, it is a slice that lies oblique to its world by more than a
        pixel, or its values are all the same or none is finite.
    """
    target = Path(path)
    if target.is_dir():
        raise BadInput(
            f"'{target}' is a folder; choose one file that ends in {', '.join(SUFFIXES[:-1])} or "
            f"{SUFFIXES[-1]}."
        )
    check_exists(target)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            form, said = recognise(target)
            found = form.read(target, limit_bytes)
    except BadInput:
        raise
    except KeyError as error:
        key = error.args[0] if error.args else "a name"
        missing = ValueError(f"'{key}' is missing or unknown in its header")
        raise unreadable(target, "a volume", missing) from error
    except Exception as error:  # parsers of damaged files raise nearly anything
        raise unreadable(target, "a volume", error) from error
    return _checked(target, found, said)


def grid_kind(path: Path) -> tuple[str, bool] | None:
    """What kind of values on a grid a file has, and whether it can hardly mean anything else.

    Only its beginning is read. A picture may be a photograph, arrays of two axes a table, and an
    archive of arrays a network; None where it holds no such values.
    """
    try:
        form, _ = recognise(path)
        if form.title == ARRAYS:
            with zipfile.ZipFile(path) as archive:
                names = archive.namelist()
            return (form.title, False) if names and all(n.endswith(".npy") for n in names) else None
        if form.title == ARRAY:
            with path.open("rb") as file:
                header = read_header(file)
            return None if header is None else (form.title, len(header[0]) > 2)
    except (BadInput, OSError, ValueError, zipfile.BadZipFile):
        return None
    return form.title, form.begins is not None and not form.picture


def _checked(path: Path, found: Raster, said: tuple[str, ...]) -> VolumeData:
    """Drop single axes, and refuse what cannot be fitted."""
    *space, times = found.values.shape
    kept = [axis for axis in range(3) if space[axis] > 1]
    if len(kept) < 2:
        shape = " x ".join(f"{n:,}" for n in found.shape)
        raise BadInput(
            f"'{path}' holds {shape} values, which is no picture or volume; choose a file with "
            "two or three axes of space."
        )
    notices = _mended(path, found)
    steps = np.linalg.norm(found.affine[:3, :3], axis=0)
    placed = found.oriented and len(kept) == 3
    values = found.values.reshape([space[axis] for axis in kept] + [times] * (times > 1))
    return VolumeData(
        values=values,
        spacing=tuple(float(steps[axis]) for axis in kept),
        origin=tuple(float(found.affine[axis, 3]) for axis in kept),
        own_shape=found.own_shape,
        own_affine=found.own_affine,
        unit=found.unit,
        times=times,
        time_step=found.time_step if times > 1 and 0 < found.time_step < np.inf else 1.0,
        affine=found.affine if placed else None,
        oblique=placed and oblique(found.affine, space) is not None,
        notices=(*said, *found.notices, *_strided(found), *notices),
    )


def _mended(path: Path, found: Raster) -> list[str]:
    """Put the smallest finite value in the place of others, and refuse values all alike."""
    low, high = found.low, found.high
    if low > high:
        if found.beyond:
            reason = f"only values beyond those of float32 ({_LARGEST:.1e}); rescale them"
        else:
            reason = "no finite value (all NaN or infinite); choose another file"
        raise BadInput(f"'{path}' holds {reason}.")
    if low == high:
        raise BadInput(
            f"'{path}' holds the value {low:g} everywhere, so there is nothing to fit; choose "
            "another file."
        )
    if np.float32(low) == np.float32(high):
        raise BadInput(
            f"'{path}' holds values from {low!r} to {high!r}, which float32 cannot tell apart; "
            "subtract their mean first."
        )
    bad = 0
    for part in found.values:
        wrong = ~np.isfinite(part)
        bad += int(np.count_nonzero(wrong))
        part[wrong] = low
    notices = []
    if found.stored.kind != "f":
        notices.append(
            f"Values of type {found.stored.name}, from {low:,.10g} to {high:,.10g}, became float32."
        )
    for count, what in (
        (bad - found.beyond, "NaN or infinite"),
        (found.beyond, f"beyond those of float32 ({_LARGEST:.1e})"),
    ):
        if count:
            notices.append(
                f"{count:,} of {found.values.size:,} values were {what} and became the smallest "
                f"finite value, {low:,.10g}."
            )
    return notices


_LARGEST = float(np.finfo(np.float32).max)


def _strided(found: Raster) -> list[str]:
    if found.stride == 1:
        return []
    shape = " x ".join(f"{n:,}" for n in found.shape)
    size = 4 * float(np.prod(found.shape, dtype=float)) / 1e6
    return [
        f"Only one in {found.stride} values along each axis of space was read: all {shape} "
        f"would take {size:,.0f} MB as float32."
    ]
