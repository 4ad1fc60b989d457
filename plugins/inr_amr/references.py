"""What a field can be compared with: its own truth, and volumes of the user's, by sample."""

from __future__ import annotations

import hashlib
from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Sample
from prune3d_gui.core.names import sayable
from prune3d_gui.files.paths import check_file
from prune3d_gui.files.volumes import read_volume

from .data.truth import Truth, VolumeTruth, pack_truth, unpack_truth


class References:
    """The samples of an open field.

    Parameters
    ----------
    dimension : int
        Of space.
    truth : Truth or None
        Ground truth of the field itself, where there is any.
    samples : tuple of Sample
        All samples to choose from; the field itself is the first that opens no other model.

    Attributes
    ----------
    own : str
        Id of the field itself.
    samples : list of Sample
    """

    def __init__(self, dimension: int, truth: Truth | None, samples: tuple[Sample, ...]) -> None:
        self._dimension = dimension
        self.samples = list(samples)
        self.own = next(sample.id for sample in samples if sample.opens is None)
        self._truths: dict[str, Truth | None] = {self.own: truth}
        self._packs: dict[str, str] = {}

    def of(self, sample: str) -> Truth | None:
        """Ground truth of a sample, where there is any.

        Raises
        ------
        BadInput
            If the sample is another field.
        """
        try:
            return self._truths[sample]
        except KeyError:
            raise BadInput(
                f"The sample {sample!r} is another field; open it to reconstruct it."
            ) from None

    def select(self, text: str) -> tuple[str, ...]:
        """Ids named by a comma-separated list, or the field itself for ``val:1``.

        Raises
        ------
        BadInput
            If a name is not a sample of this field.
        """
        known = [sample.id for sample in self.samples if sample.id in self._truths]
        if text.partition(":")[0] == "val":
            return (self.own,)
        found = tuple(part.strip() for part in text.split(","))
        for name in found:
            if name not in known:
                raise BadInput(f"{name!r} is no sample of this field; it has {', '.join(known)}.")
        return found

    def open(self, path: Path, cancel: CancelToken = NEVER) -> Sample:
        """Take in a volume, whose box is the field's box.

        Raises
        ------
        BadInput
            If the file cannot be read or has another number of dimensions.
        """
        volume = read_volume(check_file(path, "a volume"))
        cancel.check()
        space = volume.values.ndim - (volume.times > 1)
        if space != self._dimension:
            raise BadInput(
                f"'{path}' has {space} dimensions but this field has {self._dimension}; "
                "open a volume of the same dimension."
            )
        sample = Sample(sayable(str(path)), sayable(path.name), "Yours", notices=volume.notices)
        self._truths[sample.id] = VolumeTruth(volume.values, volume.times)
        self._packs.pop(sample.id, None)
        self.samples = [s for s in self.samples if s.id != sample.id] + [sample]
        return sample

    def pack(self, sample: str) -> bytes:
        """The volume a sample is compared with; empty for a function or the field itself."""
        return pack_truth(self.of(sample))

    def unpack(self, sample: str, data: bytes) -> bool:
        """Take in a packed volume, and say whether it is another one than before.

        Raises
        ------
        BadInput
            If the data are no packed volume.
        """
        digest = hashlib.sha256(data).hexdigest()
        if not data or self._packs.get(sample) == digest:
            return False
        self._truths[sample] = unpack_truth(sample, data)
        self._packs[sample] = digest
        if sample not in {known.id for known in self.samples}:
            self.samples.append(Sample(sample, Path(sample).name, "Yours"))
        return True
