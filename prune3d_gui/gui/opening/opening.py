"""Opening models and samples: bundled ones, files, and what was given at the start."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from PySide6.QtCore import QObject, Signal

from ...core.errors import BadInput, Prune3DError
from ...core.model import ModelRef
from ...core.recognition import Recognised, recognise
from ...core.registry import Registry
from ...core.system import System, Taken
from ...studies.live.events import Failed, ModelCard
from ..dress.notices import Notices
from ..state.controller import Controller
from ..state.settings import Settings
from .model_selector import ModelSelector

DISCOVER, RECOGNISE = "discover", "recognise"
Wish = Literal["", "sample", "network"]
"""What a hand asked for; nothing where a file was dropped, say."""


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
        self._first: tuple[System, ...] = ()  # one of them is to begin with
        self._begun = False
        self._waiting: tuple[str, Path] | None = (
            None  # a sample, until a model of its system is open
        )
        models.chosen.connect(self.open_ref)
        controller.model_wanted.connect(self._on_wanted)
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        controller.opened.connect(self._on_opened)

    def start_with(self, system: str, file: Path | None) -> None:
        """Begin with a system, or with a file or a folder, once the systems are known."""
        self._wanted, self._file = system, file

    def open_ref(self, system: System, ref: ModelRef) -> None:
        """Open a model of a system."""
        self._begun = True
        self._models.show_opening(system, ref)
        self._controller.open(system, ref)

    def open_path(self, path: Path) -> None:
        """Open a file or a folder with the system that takes it, as its content says."""
        self._ask(path)

    def open_sample(self, path: Path) -> None:
        """Open a sample, of the system that is open if it can be one."""
        self._ask(path, "sample")

    def open_model(self, path: Path) -> None:
        """Open a network, or whatever else it is."""
        self._ask(path, "network")

    # -- inside ------------------------------------------------------------------------

    def _on_wanted(self, ref: ModelRef) -> None:
        self.open_ref(self.registry.system(ref.system), ref)

    def _on_done(self, tag: str, result: object) -> None:
        if tag == DISCOVER:
            self._on_registry(result)
        elif tag == RECOGNISE:
            self._on_recognised(*result)

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == DISCOVER:
            self._on_registry(Registry((), ()))
        elif failed.tag == RECOGNISE:
            self._begin()
        elif failed.tag == "open":
            self._waiting = None

    def _on_registry(self, registry: Registry) -> None:
        self.registry = registry
        self._models.set_registry(registry)
        for broken in registry.broken:
            self._notices.show("error", f"The plugin {broken.name} did not load.", broken.reason)
        systems = registry.systems
        try:
            systems = (registry.system(self._wanted),) if self._wanted else systems
        except Prune3DError as error:
            self._notices.show("error", str(error))
        self._first = systems
        if self._file is not None:
            self._ask(self._file)
        else:
            self._begin()

    def _begin(self) -> None:
        """Open the first model there is, unless one was opened."""
        if self._begun:
            return
        for system in self._first:
            if bundled := system.bundled():
                self.open_ref(system, bundled[0])
                return
        self.nothing_here.emit()

    def _ask(self, path: Path, wish: Wish = "") -> None:
        """Have the worker ask all systems what a file or a folder is."""
        systems = self.registry.systems if self.system is not None else self._first
        present = self.system.id if self.system is not None else ""
        self._controller.session.run(RECOGNISE, lambda: (wish, recognise(systems, path, present)))

    def _on_recognised(self, wish: Wish, found: Recognised) -> None:
        for trouble in found.troubles:
            self._notices.show("error", trouble)
        try:
            system, taken = self._chosen(wish, found)
        except BadInput as error:
            self._notices.show("error", str(error))
            self._begin()
            return
        path = found.path
        self._remember(path)
        if taken.opens:
            self.open_ref(system, ModelRef(system.id, path.name, str(path)))
        elif system is self.system:
            self._controller.open_sample(path)
        else:
            self._open_with(system, taken, path)

    def _chosen(self, wish: Wish, found: Recognised) -> tuple[System, Taken]:
        """The system to open with; a sample that is asked for is one of the open model's first."""
        if wish == "sample" and self.system is not None:
            mine = [taken for system, taken in found.takers if system is self.system]
            if not found.takers:  # the model can say what is wrong with it
                mine = [Taken("sample", "", False)]
            if mine and not mine[0].opens:
                return self.system, mine[0]
        return found.best()

    def _open_with(self, system: System, taken: Taken, path: Path) -> None:
        """Open the first model of another system, and then a sample in it."""
        bundled = system.bundled()
        if not bundled:
            self._notices.show(
                "error",
                f"'{path}' is a {taken.kind} of {system.id!r}, of which no model is here; open one "
                "first.",
            )
            self._begin()
            return
        if self.system is not None:
            said = f"'{path.name}' is opened with another system, {system.title}: {taken.said}"
            self._notices.show("info", said)
        self._waiting = (system.id, path)
        self.open_ref(system, bundled[0])

    def _on_opened(self, card: ModelCard) -> None:
        systems = self.registry.systems
        self.system = next((s for s in systems if s.id == card.ref.system), None)
        waiting, self._waiting = self._waiting, None
        if waiting is not None and waiting[0] == card.ref.system:
            self._controller.open_sample(waiting[1])

    def _remember(self, path: Path) -> None:
        self._settings.add_recent(path)
        self._settings.folder = str(path.parent)
