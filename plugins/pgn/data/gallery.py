"""The samples a network can be shown: shipped ones, a set on disk, pictures of the user's."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

import numpy as np

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import Sample
from prune3d_gui.core.names import sayable

from .dataset import DEFAULT_DATA, Layout, open_layout
from .entries import Entry, object_entry, shipped_entry
from .intake import load_image
from .packs import pack, unpack
from .shipped import read_shipped
from .strangeness import Strangeness


class Gallery:
    """Entries by id, in the order of the gallery.

    Parameters
    ----------
    entries : mapping of id to Entry
    order : tuple of id
        The fixed shuffled list of which ``val:N`` takes the first N.

    Attributes
    ----------
    strangeness : Strangeness or None
        Says how unlike the known pictures those are that are taken in; given by the model.
    """

    def __init__(self, entries: Mapping[str, Entry], order: tuple[str, ...]) -> None:
        self._entries = dict(entries)
        self._order = order
        self._bundled = frozenset(entries)
        self._taken: dict[str, str] = {}
        self.strangeness: Strangeness | None = None

    @classmethod
    def shipped(cls, folder: Path) -> Gallery:
        """Open the samples that come with the program."""
        found = read_shipped(folder)
        entries = {shipped.key: shipped_entry(shipped) for shipped in found}
        return cls(entries, tuple(shipped.key for shipped in found if shipped.split == "val"))

    def samples(self) -> tuple[Sample, ...]:
        """All samples, grouped by category."""
        return tuple(entry.sample for entry in self._entries.values())

    def validation(self) -> list[np.ndarray]:
        """Give the network's inputs for all that ``val:N`` can name, (3, 224, 224) each."""
        return [self._entries[key].image() for key in self._order]

    def entry(self, sample: str) -> Entry:
        """Find an entry by id.

        Raises
        ------
        BadInput
            If there is none.
        """
        found = self._entries.get(sample)
        if found is None:
            raise BadInput(f"There is no sample {sample!r}; choose one from the gallery.")
        return found

    def open(self, path: Path, cancel: CancelToken = NEVER) -> Entry:
        """Take in a picture of the user's, or an object of a set in AtlasNet's layout.

        A picture has no reference. Of a folder the first object for validation is taken, or the
        first there is.

        Raises
        ------
        BadInput
            If it cannot be read.
        """
        if path.is_dir():
            return self._open_set(path)
        intake = load_image(path)
        cancel.check()
        key = f"{sayable(path.stem)}-{hashlib.sha256(intake.preview.tobytes()).hexdigest()[:6]}"
        tensor = intake.tensor.numpy()
        strange = self.strangeness.of_one(tensor) if self.strangeness else ()
        notices = (*intake.notices, *strange)
        sample = Sample(key, sayable(path.name), "Yours", intake.seen, False, notices)
        self._entries[key] = Entry(sample, lambda: tensor, came=intake.came)
        return self._entries[key]

    def _open_set(self, folder: Path) -> Entry:
        layout = open_layout(folder)
        shape = (layout.splits.get("val") or layout.objects)[0]
        entry = object_entry(shape)
        said = f"'{sayable(shape.id)}' is one of {len(layout.objects):,} objects in '{folder}'."
        notices = (said, *layout.notices)
        sample = replace(entry.sample, thumbnail=load_image(shape.views[0]).seen, notices=notices)
        self._entries[shape.key] = replace(entry, sample=sample)
        return self._entries[shape.key]

    def pack(self, sample: str) -> bytes:
        """What another machine needs of a sample; empty for one that comes with the program."""
        entry = self.entry(sample)
        return b"" if sample in self._bundled else pack(entry)

    def unpack(self, sample: str, data: bytes) -> bool:
        """Take in what `pack` gave elsewhere; tells whether that changed anything.

        Raises
        ------
        BadInput
            If the data are no packed sample.
        """
        digest = hashlib.sha256(data).hexdigest()
        if not data or self._taken.get(sample) == digest:
            return False
        self._entries[sample] = unpack(sample, data)
        self._taken[sample] = digest
        return True

    def select(self, text: str, cancel: CancelToken = NEVER) -> tuple[str, ...]:
        """Ids that a ``--samples`` value names.

        Parameters
        ----------
        text : str
            ``val:N``, the first N of the fixed shuffled shipped list; ``heldout``,
            shipped objects of designs never trained on; ``train:N``, the first N
            training objects of the set in ``data/pgn``; a picture; a set in
            AtlasNet's layout, of which the validation objects are taken
            (``FOLDER:N`` for the first N); or the id of a sample.

        Raises
        ------
        BadInput
            If there are fewer than asked for, or nothing of that name.
        """
        if text in self._entries:
            return (text,)
        if text == "heldout":
            return tuple(k for k, e in self._entries.items() if "held-out" in e.sample.title)
        path = Path(text)
        if path.is_file():
            return (self.open(path, cancel).sample.id,)
        name, _, number = text.rpartition(":")
        if path.is_dir() or (name and Path(name).is_dir()):
            folder, limit = (path, None) if path.is_dir() else (Path(name), _count(text, number))
            return self._take(open_layout(folder), "val", limit, text, cancel)
        if name == "val":
            count = _count(text, number)
            if count > len(self._order):
                raise BadInput(
                    f"{text!r} asks for {count} samples and {len(self._order)} are shipped; "
                    "make more with `prune3d data pgn` and give its folder as --samples data/pgn."
                )
            return self._order[:count]
        if name == "train":
            if not DEFAULT_DATA.is_dir():
                raise BadInput(
                    f"{text!r} needs the training set in {DEFAULT_DATA}; "
                    "make it with `prune3d data pgn`."
                )
            layout = open_layout(DEFAULT_DATA)
            return self._take(layout, "train", _count(text, number), text, cancel)
        raise BadInput(
            f"{text!r} names no samples; give val:N, train:N, heldout, a picture or a data folder."
        )

    def _take(
        self, layout: Layout, split: str, limit: int | None, text: str, cancel: CancelToken
    ) -> tuple[str, ...]:
        objects = layout.of_split(split)
        if limit is not None and limit > len(objects):
            raise BadInput(
                f"{text!r} asks for {limit} samples and {layout.root} has {len(objects)} in its "
                f"{split} split; make more with `prune3d data pgn --objects N`."
            )
        shuffled = np.random.default_rng(0).permutation(len(objects))
        chosen = [objects[i] for i in shuffled[:limit]]
        fresh = {}
        for shape in chosen:
            cancel.check()
            if shape.key not in self._entries:
                fresh[shape.key] = object_entry(shape)
        self._entries |= fresh
        if fresh and self.strangeness:
            images = _readable((self._entries[shape.key] for shape in chosen), cancel)
            told = self.strangeness.of_set(images, len(chosen))
            first = next(iter(fresh.values()))
            sample = replace(first.sample, notices=told)
            self._entries[sample.id] = replace(first, sample=sample)
        return tuple(shape.key for shape in chosen)


def _readable(entries: Iterable[Entry], cancel: CancelToken) -> Iterator[np.ndarray]:
    """Give the inputs that can be read; the others are refused when they are reconstructed."""
    for entry in entries:
        cancel.check()
        with suppress(BadInput):
            yield entry.image()


def _count(text: str, number: str) -> int:
    if not number.isdigit() or int(number) < 1:
        raise BadInput(f"{text!r} does not end in a number of samples; write val:64, say.")
    return int(number)
