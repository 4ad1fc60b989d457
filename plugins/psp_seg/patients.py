"""The patients of a model: those that come with it, unseen procedural ones, and one's own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Sample
from prune3d_gui.core.names import sayable
from prune3d_gui.core.newest import Newest

from .data.cohort import HELD
from .data.patients import PatientData, may_be_labels, read_patient, with_labels
from .data.phantom import patient

HELD_COUNT = 24
"""Unseen procedural patients that studies are taken over."""
CALIBRATION, CALIBRATED = 2_000_003, 4
"""Seed and number of the patients that criteria look at: neither trained on nor shown."""
KEPT_BYTES = 256 << 20


def held_id(number: int) -> str:
    """Id of an unseen procedural patient."""
    return f"patient-{number:02d}"


class Patients:
    """Patients by id, made or read when they are asked for.

    Parameters
    ----------
    spacing : float
        Sides of the voxels in mm that the network works on.
    classes : tuple of str
    thumbnails : callable
        Gives pictures of the procedural patients by id.
    """

    def __init__(
        self,
        spacing: float,
        classes: tuple[str, ...],
        thumbnails: Callable[[], dict[str, np.ndarray]],
    ) -> None:
        self._spacing, self._classes = spacing, classes
        self._made: Newest[PatientData] = Newest(KEPT_BYTES)
        self._own: dict[str, PatientData] = {}
        pictures = thumbnails()
        self.samples: list[Sample] = [
            Sample(
                held_id(number), f"Patient {number}", "Procedural, unseen in training",
                pictures.get(held_id(number)),
            )
            for number in range(HELD_COUNT)
        ]  # fmt: skip

    def of(self, sample: str) -> PatientData:
        """The data of a patient.

        Raises
        ------
        BadInput
            If there is none of that id.
        """
        if sample in self._own:
            return self._own[sample]
        known = [held_id(number) for number in range(HELD_COUNT)]
        if sample not in known:
            raise BadInput(
                f"There is no patient {sample!r}; take {known[0]} to {known[-1]}, or open a volume."
            )
        return self._made.keep(sample, lambda: _procedural(known.index(sample)))

    def open(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a volume as a patient, or a label map as the reference of the last one opened.

        A label map on the grid of one that has a reference takes its place.

        Raises
        ------
        BadInput
            See `data.patients`.
        """
        last = next(reversed(self._own), None)
        made, id_ = None, sayable(path.name)
        if last is not None and may_be_labels(path):
            try:
                made, id_ = with_labels(self._own[last], path, self._classes), last
            except BadInput:
                if self._own[last].labels is None:
                    raise
        if made is None:
            made = read_patient(path, self._spacing, self._classes)
        cancel.check()
        self._own.pop(id_, None)
        self._own[id_] = made
        sample = Sample(id_, id_, "Yours", thumbnail(made), made.labels is not None, made.notices)
        self.samples = [sample, *(one for one in self.samples if one.id != id_)]
        return sample

    def add(self, sample: str, data: PatientData) -> None:
        """Have a patient under an id."""
        self._own[sample] = data
        if all(one.id != sample for one in self.samples):
            shown = Sample(sample, sample, "Yours", thumbnail(data), data.labels is not None)
            self.samples = [shown, *self.samples]

    def of_volume(self, values: np.ndarray) -> PatientData | None:
        """The patient, of those held by now, that has this very volume."""
        held = (*self._own.values(), *self._made.values())
        return next((data for data in held if data.volume is values), None)

    def own(self, sample: str) -> PatientData | None:
        """The data of a patient of one's own; None for one that comes with the program."""
        return self._own.get(sample)

    def clear(self) -> None:
        """Keep no procedural patient."""
        self._made.clear()


def _procedural(number: int) -> PatientData:
    made = patient(HELD, number)
    return PatientData(
        made.volume.astype(np.float32), made.affine, made.labels, made.volume.shape, made.affine
    )


def thumbnail(data: PatientData, pixels: int = 96) -> np.ndarray:
    """The axial slice with most of the reference, or the middle one: (pixels, pixels, 4) uint8."""
    labels = data.labels
    at = data.volume.shape[2] // 2
    if labels is not None and labels.any():
        at = int((labels > 0).sum(axis=(0, 1)).argmax())
    grey = np.clip((data.volume[:, :, at] + 160) / 400, 0, 1)
    picture = np.rint(255 * grey).astype(np.uint8)[::-1].T[::-1]  # seen from the feet
    rows, columns = (np.arange(pixels) * side // pixels for side in picture.shape)
    shown = picture[rows][:, columns]
    return np.dstack([shown, shown, shown, np.full_like(shown, 255)])
