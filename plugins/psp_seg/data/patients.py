"""Patients that are looked at: their volume as the network sees it, and their label map."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.files.volumes import VolumeData, read_volume

from .grids import is_identity, resampled, same_grid, slabs, taken
from .hounsfield import in_hounsfield
from .orientation import doubts

LABELS = "-labels"
"""What the name of a label map has behind that of its volume."""
_SAME = 0.02
"""Share by which voxels may differ from those trained on and be taken as they are."""
_LEAST = 4
READ_BYTES = 1 << 30
"""Of a file as float32; of larger ones some voxels are left out, and that is said."""
MOST = 128 << 20
"""Voxels that are taken at most, of the network's size: 512 along each side."""
_EXPECTED = ("Values of type", "The file's axes run")
"""Beginnings of what is said of most label maps, and is no news of theirs."""
_MM = {"": 1.0, "mm": 1.0, "m": 1000.0, "cm": 10.0, "um": 1e-3, "µm": 1e-3, "micron": 1e-3}


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
        The grid of the file along the file's own axes, where results are written.
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
    found = read_volume(path, READ_BYTES)
    said = list(found.notices)
    volume, affine, own_affine = _checked(path, found, said)
    if may_be_labels(path) and (found_labels := _as_labels(volume)):
        raise BadInput(
            f"'{path.name}' is a label map by its name and its values, {found_labels}; open the "
            "volume that it is of first."
        )
    said += in_hounsfield(path.name, volume)
    volume, affine, how = _fitted(path, volume, affine, spacing)
    if how:
        said.append(how)
    said += doubts(volume, None, classes)
    made = PatientData(volume, affine, None, found.own_shape, own_affine, tuple(said))
    beside = _beside(path)
    return made if beside is None else with_labels(made, beside, classes)


def may_be_labels(path: Path) -> bool:
    """Whether the name of a file is that of a label map."""
    return any(word in path.name.lower() for word in ("label", "seg", "mask"))


def _as_labels(values: np.ndarray) -> str:
    """The numbers of a label map in words; empty where values are none."""
    low, high = values.min(), values.max()
    some = values[:: max(len(values) // 16, 1)]
    return (
        f"{low:g} to {high:g}" if low >= 0 and high < 256 and (some == some.round()).all() else ""
    )


def _beside(path: Path) -> Path | None:
    for ending in (".nii.gz", ".nii", path.suffix):
        if path.name.endswith(ending) and not path.name.endswith(LABELS + ending):
            other = path.with_name(path.name.removesuffix(ending) + LABELS + ending)
            if other.is_file():
                return other
    return None


def _checked(
    path: Path, found: VolumeData, said: list[str]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Values (X, Y, Z) of what was read, their affine in mm, and that of the file's own grid."""
    if found.times > 1:
        raise BadInput(
            f"'{path.name}' has {found.times} moments; give a file of one volume, such as the "
            "first of them."
        )
    if found.values.ndim != 3 or min(found.values.shape) < _LEAST:
        raise BadInput(
            f"'{path.name}' is {_sides(found.values.shape)} voxels; organs are looked for in "
            f"volumes of at least {_LEAST} voxels along each side."
        )
    affine = found.affine
    if affine is None:
        affine = along_axes(found.spacing, found.origin)
        said.append(
            f"'{path.name}' does not say how its axes lie; they are taken as right, anterior, "
            f"superior, with voxels of {_sides(found.spacing)} mm."
        )
    scale = np.diag([*[_MM.get(found.unit, 1.0)] * 3, 1.0])
    return found.values, scale @ affine, scale @ found.own_affine


def _fitted(
    path: Path, volume: np.ndarray, affine: np.ndarray, spacing: float
) -> tuple[np.ndarray, np.ndarray, str]:
    """The volume on voxels of `spacing` along its own axes, and a sentence where it was not."""
    sides = np.linalg.norm(affine[:3, :3], axis=0)
    ratio = spacing / sides
    if np.all(np.abs(ratio - 1) <= _SAME):
        _bounded(path, volume.shape, spacing)
        return volume, affine, ""
    shape = tuple(max(round(n / r), 1) for n, r in zip(volume.shape, ratio, strict=True))
    _bounded(path, shape, spacing)
    if min(shape) < _LEAST:
        extent = tuple(float(one) for one in sides * volume.shape)
        raise BadInput(
            f"'{path.name}' is {_sides(extent)} mm, which is {_sides(shape)} voxels of the "
            f"{spacing:g} mm that the network was trained on; give a volume of at least "
            f"{_LEAST * spacing:g} mm along each side."
        )
    made, own = resampled(volume, affine, ratio, shape)
    return (
        made,
        own,
        (
            f"Resampled from voxels of {_sides(tuple(map(float, sides)))} mm to the {spacing:g} mm "
            "that the network was trained on; scores are of that grid, files are written on the "
            "one that was read."
        ),
    )


def _bounded(path: Path, shape: tuple[int, ...], spacing: float) -> None:
    if int(np.prod(shape)) > MOST:
        raise BadInput(
            f"'{path.name}' is {_sides(shape)} voxels of the {spacing:g} mm that the network was "
            f"trained on, more than {MOST >> 20} million; cut out the abdomen."
        )


def with_labels(patient: PatientData, path: Path, classes: tuple[str, ...]) -> PatientData:
    """A patient with the reference of a label map.

    Raises
    ------
    BadInput
        If the map is on another grid, has other values than whole numbers, or a number that names
        no class.
    """
    found = read_volume(path, READ_BYTES)
    values, affine, own_affine = _checked(path, found, [])
    if sorted(found.own_shape) != sorted(patient.own_shape):
        raise BadInput(
            f"The label map '{path.name}' has {_sides(found.own_shape)} voxels and its volume "
            f"{_sides(patient.own_shape)}; give one on the same grid."
        )
    if not same_grid(patient.own_shape, patient.own_affine, found.own_shape, own_affine):
        raise BadInput(
            f"The label map '{path.name}' lies elsewhere than its volume, though both have "
            f"{_sides(found.own_shape)} voxels; give one with the same affine."
        )
    labels, counts = _whole_numbers(path, values, classes)
    back = np.linalg.inv(affine) @ patient.affine
    if labels.shape != patient.volume.shape or not is_identity(back):
        whole = slice(0, patient.volume.shape[2])
        labels = taken(labels, back, patient.volume.shape, whole, linear=False)
    known = (*patient.notices, *_EXPECTED)
    told = [one for one in found.notices if not one.startswith(known)]
    said = [*patient.notices, *(f"Label map: {one}" for one in told)]
    missing = [classes[n] for n in range(1, len(classes)) if not counts[n]]
    if missing:
        said.append(f"The reference has no {', no '.join(missing)}.")
    lost = [classes[n] for n in range(1, len(classes)) if counts[n] and not (labels == n).any()]
    if lost:
        said.append(
            f"The reference has so little {' and '.join(lost)} that none is left on the voxels "
            "that the network was trained on; it is not scored."
        )
    said += [one for one in doubts(patient.volume, labels, classes) if one not in said]
    return replace(patient, labels=labels, notices=tuple(said))


def _whole_numbers(
    path: Path, values: np.ndarray, classes: tuple[str, ...]
) -> tuple[np.ndarray, np.ndarray]:
    """Values as numbers of classes, (X, Y, Z) uint8, and how often each occurs."""
    labels = np.empty(values.shape, np.uint8)
    counts = np.zeros(len(classes), np.int64)
    for part in slabs(values.shape, 0):
        held = values[part]
        whole = np.rint(held)
        off = np.abs(held - whole)
        if off.max() > 1e-3:
            raise BadInput(
                f"The label map '{path.name}' holds the value {float(held.flat[off.argmax()]):g}; "
                "give whole numbers of classes."
            )
        far = whole[(whole < 0) | (whole >= len(classes))]
        if far.size:
            known = ", ".join(f"{n} {name}" for n, name in enumerate(classes))
            raise BadInput(
                f"The label map '{path.name}' holds the number {float(far.min()):.0f}, which names "
                f"no class of the network; it knows {known}."
            )
        labels[part] = whole
        counts += np.bincount(labels[part].ravel(), minlength=len(classes))
    return labels, counts


def _sides(sides: tuple[float, ...]) -> str:
    return " x ".join(f"{side:.4g}" if isinstance(side, float) else str(side) for side in sides)
