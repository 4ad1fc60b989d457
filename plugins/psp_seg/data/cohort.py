"""Cohorts: folders of procedural patients as NIfTI pairs, and reading them back."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress, Report
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.volumes import read_volume

from ..classes import CLASSES
from .nifti import write_nifti
from .phantom import SIDE, SIZE, Patient, patient

FACTS = "cohort.json"
HELD = 1_000_003
"""Seed of the patients that no network is trained on."""


@dataclass(frozen=True, eq=False)
class Cohort:
    """Patients in memory.

    Parameters
    ----------
    names : tuple of str
    volumes : (P, N, N, N) int16
        Hounsfield units.
    labels : (P, N, N, N) uint8
    affine : (4, 4) float64
    told : str
        What they are, in a sentence.
    """

    names: tuple[str, ...]
    volumes: np.ndarray
    labels: np.ndarray
    affine: np.ndarray
    told: str


def _name(number: int) -> str:
    return f"patient-{number:04d}"


def procedural(
    patients: int,
    seed: int,
    size: int = SIZE,
    report: Report = lambda told: None,
    cancel: CancelToken = NEVER,
) -> Cohort:
    """Make a cohort in memory; see `phantom.patient`."""
    made: list[Patient] = []
    for number in range(patients):
        cancel.check()
        made.append(patient(seed, number, size))
        report(Progress(number + 1, patients, f"{number + 1} of {patients} patients"))
    return Cohort(
        tuple(_name(number) for number in range(patients)),
        np.stack([one.volume for one in made]),
        np.stack([one.labels for one in made]),
        made[0].affine,
        _told(patients, seed, size),
    )


def _told(patients: int, seed: int, size: int) -> str:
    return (
        f"{patients} procedural patients of seed {seed}, {size}^3 voxels of {SIDE / size:g} mm; "
        "no measured data."
    )


def write_cohort(
    folder: Path, patients: int, seed: int, size: int, report: Report, cancel: CancelToken
) -> None:
    """Write patients as ``patient-0000.nii.gz`` and ``patient-0000-labels.nii.gz``.

    Those of the same cohort that are there already are left alone, so that a stopped run goes on.

    Raises
    ------
    BadInput
        If the folder holds another cohort, or cannot be written.
    """
    facts = {"patients": patients, "seed": seed, "size": size, "classes": list(CLASSES)}
    known = folder / FACTS
    if known.is_file():
        other = _facts(folder)
        if {**other, "patients": 0} != {**facts, "patients": 0}:
            raise BadInput(
                f"'{folder}' holds another cohort, of seed {other['seed']} and size "
                f"{other['size']}; choose an empty folder."
            )
        facts["patients"] = max(patients, int(other["patients"]))
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise BadInput(f"The folder '{folder}' cannot be made: {error.strerror}.") from error
    for number in range(patients):
        cancel.check()
        files = _files(folder, _name(number))
        if not all(file.is_file() for file in files):
            made = patient(seed, number, size)
            for file, values in zip(files, (made.volume, made.labels), strict=True):
                write_nifti(file, values, made.affine)
        report(Progress(number + 1, patients, f"{number + 1} of {patients} patients"))
    with writing(known) as path:
        path.write_text(json.dumps(facts, indent=1), encoding="utf-8")


def _files(folder: Path, name: str) -> tuple[Path, Path]:
    return folder / f"{name}.nii.gz", folder / f"{name}-labels.nii.gz"


def _facts(folder: Path) -> dict[str, int]:
    try:
        found = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        return {**found, "seed": int(found["seed"]), "size": int(found["size"])}
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise BadInput(
            f"'{folder}' is no folder of patients: it has no readable {FACTS}; make one with "
            f"'prune3d data psp_seg --out {folder}'."
        ) from error


def read_cohort(
    folder: Path, most: int = 0, report: Report = lambda told: None, cancel: CancelToken = NEVER
) -> Cohort:
    """Read what `write_cohort` wrote; at most `most` patients, where that is not 0.

    Raises
    ------
    BadInput
        If there is no cohort, or a file of it is missing or another shape.
    """
    facts = _facts(folder)
    count = int(facts["patients"])
    count = min(count, most) if most else count
    names = tuple(_name(number) for number in range(count))
    volumes, labels, affine = [], [], np.eye(4)
    for number, pair in enumerate(_pairs(folder, names)):
        cancel.check()
        volumes.append(pair[0])
        labels.append(pair[1])
        affine = pair[2]
        report(Progress(number + 1, count, f"{number + 1} of {count} patients read"))
    shapes = {values.shape for values in (*volumes, *labels)}
    if len(shapes) != 1:
        raise BadInput(f"The volumes in '{folder}' have the shapes {shapes}; make the cohort anew.")
    told = _told(count, facts["seed"], facts["size"])
    return Cohort(names, np.stack(volumes), np.stack(labels), affine, told)


def _pairs(
    folder: Path, names: tuple[str, ...]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    for name in names:
        volume, labels = (read_volume(file) for file in _files(folder, name))
        affine = np.eye(4) if volume.affine is None else volume.affine
        yield volume.values.astype(np.int16), labels.values.astype(np.uint8), affine
