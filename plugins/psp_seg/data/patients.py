"""Patients that are looked at: their volume as the network sees it, and their label map."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.ndimage import affine_transform, gaussian_filter

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.files.volumes import VolumeData, read_volume

from .orientation import doubts

LABELS = "-labels"
"""What the name of a label map has behind that of its volume."""
_SAME = 0.02
"""Share by which voxels may differ from those trained on and be taken as they are."""
_LEAST = 4
MOST = 64 << 20
"""Voxels that are taken at most, of the network's size."""


@dataclass(frozen=True, eq=False)
class PatientData:
    """One patient on the grid that the network works on.

    Parameters
    ----------
    volume : (X, Y, Z) float32
        Hounsfield units.
    affine : (4, 4) float64
        From numbers of voxels to mm, right, anterior, superior.
    labels : (X, Y, Z) uint8 or None
        Classes of the reference.
    own_shape, own_affine : three int, (4, 4) float64
        The grid of the file, where results are written.
    notices : tuple of str
        What was done to it on the way in.
    """

    volume: np.ndarray
    affine: np.ndarray
    labels: np.ndarray | None
    own_shape: tuple[int, ...]
    own_affine: np.ndarray
    notices: tuple[str, ...] = ()

    @property
    def spacing(self) -> tuple[float, float, float]:
        """Sides of the voxels in mm."""
        x, y, z = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(x), float(y), float(z)


def read_patient(path: Path, spacing: float, classes: tuple[str, ...]) -> PatientData:
    """Read a CT volume, and the label map beside it where there is one of its name.

    Parameters
    ----------
    path : path
        Whatever `files.volumes` reads; ``NAME-labels.nii.gz`` beside ``NAME.nii.gz`` is its
        reference.
    spacing : float
        Sides in mm of the voxels that the network was trained on; others are resampled to these.
    classes : tuple of str
        Names of the network's classes.

    Raises
    ------
    BadInput
        If it cannot be read, has moments, or is no thicker than a few voxels.
    """
    found = read_volume(path)
    said = list(found.notices)
    volume, affine = _checked(path, found, said)
    volume = _in_hounsfield(path, volume, said)
    own_shape, own_affine = volume.shape, affine
    volume, affine, how = _resampled(volume, affine, spacing)
    if how:
        said.append(how)
    said += doubts(volume, None, classes)
    made = PatientData(volume, affine, None, own_shape, own_affine, tuple(said))
    beside = _beside(path)
    return made if beside is None else with_labels(made, beside, classes)


def _beside(path: Path) -> Path | None:
    for ending in (".nii.gz", ".nii", path.suffix):
        if path.name.endswith(ending) and not path.name.endswith(LABELS + ending):
            other = path.with_name(path.name.removesuffix(ending) + LABELS + ending)
            if other.is_file():
                return other
    return None


def _checked(path: Path, found: VolumeData, said: list[str]) -> tuple[np.ndarray, np.ndarray]:
    """Values (X, Y, Z) and affine in mm of what was read."""
    if found.times > 1:
        raise BadInput(
            f"'{path.name}' has {found.times} moments; give a file of one volume, such as the "
            "first of them."
        )
    if found.values.ndim != 3 or min(found.values.shape) < _LEAST:
        sides = " x ".join(map(str, found.values.shape))
        raise BadInput(
            f"'{path.name}' is {sides} voxels; organs are looked for in volumes of at least "
            f"{_LEAST} voxels along each side."
        )
    affine = found.affine
    if affine is None:
        affine = along_axes(found.spacing, found.origin)
        said.append(
            f"'{path.name}' does not say how its axes lie; they are taken as right, anterior, "
            "superior."
        )
    scale = {"m": 1000.0, "um": 0.001, "micron": 0.001, "cm": 10.0}.get(found.unit, 1.0)
    affine = np.array(affine, float)
    affine[:3] *= scale
    return np.asarray(found.values, np.float32), affine


def _in_hounsfield(path: Path, values: np.ndarray, said: list[str]) -> np.ndarray:
    """Values whose air lies at 0 moved to where it lies at -1024; what was done is said."""
    low, high = float(values.min()), float(values.max())
    body = values[values > 600]
    if low >= -50 and high > 900 and body.size > 0.05 * values.size:
        middle = float(np.median(body))
        if 850 <= middle <= 1200:
            said.append(
                f"The values of '{path.name}' run from {low:g} to {high:g} with tissue near "
                f"{middle:.0f}: stored with an offset, so 1024 was taken off."
            )
            return values - np.float32(1024)
    if low > -300 or high < 100:
        said.append(
            f"The values of '{path.name}' run from {low:g} to {high:g}, which is unlike a CT in "
            "Hounsfield units (air -1000, bone above 300); results mean little then."
        )
    return values


def _resampled(
    volume: np.ndarray, affine: np.ndarray, spacing: float
) -> tuple[np.ndarray, np.ndarray, str]:
    """The volume on voxels of `spacing` along its own axes, and a sentence where it was not."""
    sides = np.linalg.norm(affine[:3, :3], axis=0)
    ratio = spacing / sides
    if np.all(np.abs(ratio - 1) <= _SAME):
        _bounded(volume.shape)
        return volume, affine, ""
    shape = tuple(max(round(n / r), 1) for n, r in zip(volume.shape, ratio, strict=True))
    _bounded(shape)
    blurred = gaussian_filter(volume, np.where(ratio > 1, 0.4 * ratio, 0))
    first = (ratio - 1) / 2  # the outer faces of both grids are the same
    made = affine_transform(blurred, ratio, first, shape, order=1, mode="nearest")
    own = affine.copy()
    own[:3, :3] = affine[:3, :3] * ratio
    own[:3, 3] = affine[:3, :3] @ first + affine[:3, 3]
    text = " x ".join(f"{side:.3g}" for side in sides)
    return (
        made,
        own,
        (
            f"Resampled from voxels of {text} mm to the {spacing:g} mm that the network was "
            "trained on; scores are of that grid, files are written on the one that was read."
        ),
    )


def _bounded(shape: tuple[int, ...]) -> None:
    if int(np.prod(shape)) > MOST:
        sides = " x ".join(map(str, shape))
        raise BadInput(f"The volume takes {sides} voxels here, too many; cut out the abdomen.")


def with_labels(patient: PatientData, path: Path, classes: tuple[str, ...]) -> PatientData:
    """A patient with the reference of a label map.

    Raises
    ------
    BadInput
        If the map is on another grid, has other values than whole numbers, or a number that names
        no class.
    """
    found = read_volume(path)
    said = list(patient.notices)
    values, affine = _checked(path, found, [])
    if values.shape != patient.own_shape:
        raise BadInput(
            f"The label map '{path.name}' has {_sides(values.shape)} voxels and its volume "
            f"{_sides(patient.own_shape)}; give one on the same grid."
        )
    if not np.allclose(affine, patient.own_affine, atol=0.01 * min(patient.spacing)):
        raise BadInput(
            f"The label map '{path.name}' lies elsewhere than its volume, though both have "
            f"{_sides(values.shape)} voxels; give one with the same affine."
        )
    whole = np.rint(values)
    if np.abs(values - whole).max() > 1e-3:
        odd = float(values.flat[int(np.abs(values - whole).argmax())])
        raise BadInput(
            f"The label map '{path.name}' holds the value {odd:g}; give whole numbers of classes."
        )
    numbers = np.unique(whole).astype(int)
    bad = next((int(n) for n in numbers if not 0 <= n < len(classes)), None)
    if bad is not None:
        known = ", ".join(f"{n} {name}" for n, name in enumerate(classes))
        raise BadInput(
            f"The label map '{path.name}' holds the number {bad}, which names no class of the "
            f"network; it knows {known}."
        )
    labels = whole.astype(np.uint8)
    if patient.volume.shape != patient.own_shape:
        back = np.linalg.inv(patient.own_affine) @ patient.affine
        labels = affine_transform(
            labels, back[:3, :3], back[:3, 3], patient.volume.shape, order=0, mode="nearest"
        )
    missing = [classes[n] for n in range(1, len(classes)) if n not in numbers]
    if missing:
        said.append(f"The reference has no {', no '.join(missing)}.")
    said += [one for one in doubts(patient.volume, labels, classes) if one not in said]
    return PatientData(
        patient.volume, patient.affine, labels, patient.own_shape, patient.own_affine, tuple(said)
    )


def _sides(shape: tuple[int, ...]) -> str:
    return " x ".join(map(str, shape))
