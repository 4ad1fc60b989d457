"""Opening from an export: the model, sample, plan and views that a file was made from."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QFileDialog, QWidget

from ...core.errors import BadInput, Prune3DError
from ...core.model import ModelRef
from ...core.moment import Moment
from ...core.system import System
from ...files.digests import digest_of
from ...files.moments import read_moment
from ...studies.live.events import Failed, ModelCard
from ..dress.notices import Notices
from ..state.controller import Controller
from ..state.moments import Views, restore
from ..state.settings import Settings
from .opening import DISCOVER, Opening

READ, FIND = "moment of an export", "sample of an export"


class FromExport(QObject):
    """Brings back what an exported file was made from; what is missing is asked for.

    The model comes first, then the sample, then plan, query, look and cameras. What is not to
    be had is said, and the rest is brought back all the same.
    """

    def __init__(
        self,
        controller: Controller,
        opening: Opening,
        views: Views,
        notices: Notices,
        settings: Settings,
        window: QWidget,
    ) -> None:
        super().__init__(controller)
        self._controller, self._opening, self._views = controller, opening, views
        self._notices, self._settings, self._window = notices, settings, window
        self._moment: Moment | None = None  # to be brought back
        self._file = Path()  # the export
        self._ref: ModelRef | None = None  # being opened for it
        self._first = False  # whether it waits for the systems to be known
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        controller.opening.connect(self._on_opening)
        controller.ready.connect(self._on_ready)

    def start_with(self, moment: Moment, file: Path) -> None:
        """Begin with what a file was made from, once the systems are known."""
        self._moment, self._file, self._first = moment, file, True

    def ask(self) -> None:
        """Ask for an exported file."""
        self._choose("Open from export", "All files (*)", self.open, lambda: None)

    def open(self, file: Path) -> None:
        """Bring back what a file was made from."""
        self._controller.session.run(READ, lambda: (read_moment(file), file))

    # -- the model ---------------------------------------------------------------------

    def _begin(self, moment: Moment, file: Path) -> None:
        self._moment, self._file, self._ref = moment, file, None
        try:
            system = self._opening.registry.system(moment.system)
        except Prune3DError as error:
            self._moment = None
            self._notices.show("error", str(error))
            return
        card = self._controller.card
        if card is not None and _same(card, moment):
            self._seek_sample()
            return
        if moment.weights:
            self._seek_weights(system)
        else:
            self._open_bundled(system)

    def _seek_weights(self, system: System) -> None:
        moment = self._moment
        file, _, part = moment.weights.partition("#")
        place = next(iter(self._places(file, moment.weights)), None)

        def take(found: Path) -> None:
            path = f"{found}#{part}" if part and not found.name.endswith(f"#{part}") else str(found)
            self._open(system, ModelRef(system.id, moment.weights, path))

        if place is not None:
            take(place)
            return
        brief = moment.weights_hash[:12]
        title = f"Where are the weights {file} ({brief})?"
        patterns = f"Models ({' '.join(system.model_files) or '*'})"
        self._choose(title, patterns, take, lambda: self._open_bundled(system))

    def _open_bundled(self, system: System) -> None:
        """Open the bundled model that the moment names, or the one that is like it."""
        card, moment = self._controller.card, self._moment
        if card is not None and card.ref.system == system.id:
            named = self._controller.samples.get(moment.sample)
            self._open(system, (named and named.opens) or card.ref)
            return
        refs = sorted(system.bundled(), key=lambda ref: ref.title not in _titles(moment))
        if not refs:
            self._moment = None
            said = f"No model of {system.title} is here; open one, then the export again."
            self._notices.show("error", said)
            return
        self._open(system, refs[0])

    def _open(self, system: System, ref: ModelRef) -> None:
        self._ref = ref
        card = self._controller.card
        if card is not None and card.ref == ref:
            self._on_ready(card)
        else:
            self._opening.open_ref(system, ref)

    def _on_opening(self, ref: ModelRef) -> None:
        if self._ref not in (None, ref):  # a hand has chosen another since
            self._moment = self._ref = None

    def _on_ready(self, card: ModelCard) -> None:
        if self._moment is None or card.ref != self._ref:
            return
        self._ref = None
        named = self._controller.samples.get(self._moment.sample)
        other = named.opens if named is not None else None
        if not _same(card, self._moment) and other not in (None, card.ref):
            self._open(self._opening.registry.system(other.system), other)
            return
        self._seek_sample()

    # -- the sample --------------------------------------------------------------------

    def _seek_sample(self) -> None:
        moment = self._moment
        known = {sample.file_hash for sample in self._controller.samples.values()}
        if not moment.sample_file or moment.sample_hash in known - {""}:
            self._restore()
            return
        places, wanted = self._places(moment.sample_file), moment.sample_hash

        def find() -> Path | None:
            return next((p for p in places if wanted in ("", digest_of(p))), None)

        self._controller.session.run(FIND, find)

    def _on_found(self, place: Path | None) -> None:
        if self._moment is None:
            return
        if place is not None:
            self._controller.open_sample(place)  # what was asked for comes back with it
            return
        title = f"Where is the sample {self._moment.sample_file}?"
        self._choose(title, "All files (*)", self._controller.open_sample, self._restore)

    # -- the rest ----------------------------------------------------------------------

    def _restore(self) -> None:
        moment, self._moment = self._moment, None
        if moment is None:
            return
        try:
            left_out = restore(self._controller, self._views, moment)
        except BadInput as error:
            self._notices.show("error", str(error))
            return
        self._notices.show("success", f"Back at what '{self._file.name}' was made from.")
        if left_out:
            self._notices.show("alarm", "\n".join(left_out))

    def _places(self, *names: str) -> list[Path]:
        """Files or folders of one of these names: beside the export, or opened lately."""
        beside: Iterable[Path] = (self._file.parent / name for name in names)
        lately = (Path(text) for text in self._settings.recent)
        found = (*beside, *(path for path in lately if path.name in names))
        return [path for path in dict.fromkeys(found) if path.exists()]

    def _choose(
        self, title: str, pattern: str, take: Callable[[Path], None], without: Callable[[], None]
    ) -> None:
        """Ask for a file, and go on with it or without."""
        asked = QFileDialog(self._window, title, self._settings.folder)
        asked.setObjectName("openFromExport")
        asked.setFileMode(QFileDialog.FileMode.ExistingFile)
        asked.setNameFilters([pattern, "All files (*)"])
        asked.fileSelected.connect(lambda name: take(Path(name)))
        asked.rejected.connect(without)
        asked.finished.connect(asked.deleteLater)
        asked.open()

    def _on_done(self, tag: str, result: object) -> None:
        if tag == DISCOVER and self._first:
            self._first = False
            self._begin(self._moment, self._file)
        elif tag == READ:
            self._begin(*result)
        elif tag == FIND:
            self._on_found(result)
        elif tag == "sample" and self._moment is not None:
            self._restore()

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == "sample" and self._moment is not None:
            self._restore()
        elif failed.tag == "open":
            self._moment = self._ref = None


def _same(card: ModelCard, moment: Moment) -> bool:
    mine = card.ref.system == moment.system
    return mine and moment.weights_hash in ("", card.weights_hash)


def _titles(moment: Moment) -> tuple[str, ...]:
    return (moment.model, moment.sample_title)
