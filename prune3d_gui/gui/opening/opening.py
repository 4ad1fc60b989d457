"""Opening models and samples: bundled ones, files, what was given at the start or open last."""

from __future__ import annotations

import os
from collections.abc import Iterable
from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ...core.errors import BadInput, Prune3DError
from ...core.model import ModelRef, Sample
from ...core.recognition import Recognised, recognise
from ...core.registry import Registry
from ...core.system import System, Taken
from ...studies.live.events import Failed, ModelCard, SampleOpened
from ..dress.notices import Notices
from ..state.controller import Controller
from ..state.settings import Last, Settings
from .model_selector import ModelSelector
from .resuming import resumed

DISCOVER, RECOGNISE, WRITTEN = "discover", "recognise", "written"
ENDS = {
    "done": ("success", "'{title}' is done: it wrote {names}."),
    "cancelled": ("info", "'{title}' was stopped; it left {names}, as far as it had come."),
    "failed": ("info", "'{title}' failed; it left {names}, as far as it had come."),
}
"""Kind of notice, and what it says, by the state of the `Ended` of a job."""


class Opening(QObject):
    """Knows the systems that are installed, and asks them which one takes a file or a folder."""

    nothing_here = Signal()
    """No system has a model to begin with."""

    def __init__(
        self, controller: Controller, models: ModelSelector, notices: Notices, settings: Settings
    ) -> None:
        super().__init__(controller)
        self.registry = Registry((), ())
        self.system: System | None = None
        self._controller, self._models = controller, models
        self._notices, self._settings = notices, settings
        self._wanted, self._file = "", None
        self._looked = False  # for systems
        self._begun = False
        self._tried: list[ModelRef] = []
        self._last: Last | None = None  # as it was at the start
        self._sample_files: dict[str, Path] = {}  # of the open model's samples
        self._waiting: tuple[str, Path] | None = (
            None  # a sample, until a model of its system is open
        )
        models.chosen.connect(self.open_ref)
        controller.model_wanted.connect(self._on_wanted)
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        controller.opened.connect(self._on_opened)
        controller.sample_changed.connect(self._on_sample)

    def start_with(self, system: str, file: Path | None) -> None:
        """Begin with a system, or with a file or a folder, once the systems are known.

        With neither, what was open last is opened again.
        """
        self._wanted, self._file = system, file
        self._last = self._settings.last

    def open_ref(self, system: System, ref: ModelRef, sample: str = "") -> None:
        """Open a model of a system, and a sample that comes with it."""
        self._begun = True
        if self.system is None:
            self._tried.append(ref)
        self._models.show_opening(system, ref)
        self._controller.open(system, ref, sample)

    def open_path(self, path: Path, system: str = "") -> None:
        """Open a file or a folder with the system that takes it, as its content says.

        Before the systems are known, it is what to begin with.

        Parameters
        ----------
        path : Path
        system : str
            Id of the system that is to have it, if it takes it at all.
        """
        path = Path(os.path.abspath(path))
        if not self._looked:
            self._wanted, self._file = system, path
            return
        systems = self.registry.systems
        present = self.system.id if self.system is not None else ""

        def ask() -> tuple[Recognised, str]:
            return recognise(systems, path, present), system

        self._controller.session.run(RECOGNISE, ask, soon=True)

    def offer_written(self, title: str, state: str, files: Iterable[Path]) -> None:
        """Say that a job has ended, and offer to open what it wrote and a system can open."""
        systems, files = self.registry.systems, tuple(files)

        def ask() -> tuple[str, str, list[Path]]:
            found = [recognise(systems, path) for path in files]
            opened = [one.path for one in found if one.takers and one.best()[1].opens]
            return title, state, opened

        self._controller.session.run(WRITTEN, ask)

    # -- the start ---------------------------------------------------------------------

    def _on_registry(self, registry: Registry) -> None:
        self.registry, self._looked = registry, True
        self._models.set_registry(registry)
        for broken in registry.broken:
            self._notices.show("error", f"The plugin {broken.name} did not load.", broken.reason)
        if self._wanted:
            try:
                registry.system(self._wanted)
            except Prune3DError as error:
                self._notices.show("error", str(error))
                self._wanted = ""
        if self._file is not None:
            self.open_path(self._file, self._wanted)
        else:
            self._begin()

    def _begin(self) -> None:
        """Open what was open last, else the first model there is, unless one was opened."""
        if not self._begun:
            self._resume()

    def _resume(self) -> None:
        last, self._last = self._last, None
        if last is not None and self._wanted in ("", last.ref.system):
            found = resumed(self.registry, last)
            for sentence in found.lost:
                self._notices.show("info", sentence)
            if found.system is not None:
                if found.file is not None:
                    self._waiting = (found.system.id, found.file)
                self.open_ref(found.system, last.ref, last.sample)
                return
        self._open_first()

    def _open_first(self) -> None:
        """Open the first model that was not tried yet, by the rank of its system."""
        for system in self.registry.systems:
            for ref in system.bundled()[:1] if self._wanted in ("", system.id) else ():
                if ref not in self._tried:
                    self.open_ref(system, ref)
                    return
        if not self._tried:
            self.nothing_here.emit()

    # -- what comes back ---------------------------------------------------------------

    def _on_wanted(self, ref: ModelRef) -> None:
        try:
            self.open_ref(self.registry.system(ref.system), ref)
        except Prune3DError as error:
            self._notices.show("error", str(error))

    def _on_done(self, tag: str, result: object) -> None:
        if tag == DISCOVER:
            self._on_registry(result)
        elif tag == RECOGNISE:
            self._on_recognised(*result)
        elif tag == "sample":
            self._on_sample_opened(result)
        elif tag == WRITTEN:
            self._on_written(*result)

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == DISCOVER:
            self._on_registry(Registry((), ()))
        elif failed.tag == RECOGNISE:
            self._begin()
        elif failed.tag == "open":
            self._waiting = None
            if failed.offers:
                ways = [(words, partial(self._on_wanted, ref)) for words, ref in failed.offers]
                self._notices.show("alarm", failed.message, actions=ways)
            if self.system is None:
                self._resume()

    def _on_recognised(self, found: Recognised, wanted: str) -> None:
        for trouble in found.troubles:
            self._notices.show("error", trouble)
        try:
            system, taken = _best_for(wanted, found)
        except BadInput as error:
            self._notices.show("error", str(error))
            self._begin()
            return
        path = found.path
        if system is not self.system and (taken.opens or system.bundled()):
            said = f"'{path.name}' is opened with {system.title}: {taken.said}"
            self._notices.show("info", said)
        if taken.opens:
            self.open_ref(system, ModelRef(system.id, path.name, str(path)))
        elif system is self.system:
            self._controller.open_sample(path)
        else:
            self._open_with(system, taken, path)

    def _open_with(self, system: System, taken: Taken, path: Path) -> None:
        """Open the first model of another system, and then a sample in it."""
        bundled = system.bundled()
        if not bundled:
            self._notices.show(
                "error",
                f"'{path}' is a {taken.kind} of {system.title}, of which no model is here; open "
                "one first.",
            )
            self._begin()
            return
        self._waiting = (system.id, path)
        self.open_ref(system, bundled[0])

    def _on_opened(self, card: ModelCard) -> None:
        ref = card.ref
        self.system = next((s for s in self.registry.systems if s.id == ref.system), None)
        self._sample_files = {}
        if ref.own:
            self._remember("network", Path(ref.own))
        self._settings.last = Last(ref)
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting[0] == ref.system:
            self._controller.open_sample(waiting[1])

    def _on_sample_opened(self, opened: SampleOpened) -> None:
        self._sample_files[opened.sample.id] = opened.path
        self._remember("sample", opened.path)
        self._keep_last(opened.sample.id)

    def _on_sample(self, sample: Sample) -> None:
        self._keep_last(sample.id)

    def _on_written(self, title: str, state: str, files: list[Path]) -> None:
        for path in files:
            self._settings.add_made(path)
            self._settings.keep_folder("network", path.parent)
        if files:
            names = " and ".join(f"'{path.name}'" for path in files)
            opens = [(_words(path, files), partial(self.open_path, path)) for path in files]
            kind, said = ENDS[state]
            self._notices.show(kind, said.format(title=title, names=names), actions=opens)

    # -- what is kept ------------------------------------------------------------------

    def _remember(self, kind: str, path: Path) -> None:
        self._settings.add_recent(path)
        self._settings.keep_folder(kind, path.parent)

    def _keep_last(self, sample: str) -> None:
        card = self._controller.card
        if card is not None and self._controller.sample == sample:
            file = self._sample_files.get(sample)
            last = Last(card.ref, "" if file else sample, str(file or ""))
            self._settings.last = last


def _best_for(wanted: str, found: Recognised) -> tuple[System, Taken]:
    """The system that is to have a file where it takes it, else the likeliest one."""
    mine = [taker for taker in found.takers if taker[0].id == wanted]
    return mine[0] if mine else found.best()


def _words(path: Path, files: list[Path]) -> str:
    return "Open it" if len(files) == 1 else f"Open {path.name}"
