"""Opening models and samples: bundled ones, files, and what was given at the start."""

from __future__ import annotations

from fnmatch import fnmatch
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from ..core.errors import Prune3DError
from ..core.registry import Registry
from ..core.system import ModelRef, System
from ..studies.events import Failed, ModelCard
from .controller import Controller
from .model_selector import ModelSelector
from .notices import Notices
from .settings import Settings


class Opening(QObject):
    """Knows the systems that are installed, and which one takes which file."""

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
        self._first, self._file = "", None
        models.chosen.connect(self.open_ref)
        controller.model_wanted.connect(self._on_wanted)
        controller.done.connect(self._on_done)
        controller.failed.connect(self._on_failed)
        controller.opened.connect(self._on_opened)

    def start_with(self, system: str, file: Path | None) -> None:
        """Begin with a system, a sample or a checkpoint, once the systems are known."""
        self._first, self._file = system, file

    def open_ref(self, system: System, ref: ModelRef) -> None:
        """Open a model of a system."""
        self._models.show_opening(system, ref)
        self._controller.open(system, ref)

    def open_file(self, path: Path) -> None:
        """Open a sample or a checkpoint, as its name says."""
        if self._is_folder(path):
            return
        if self.system and _fits(path, self.system.sample_files):
            self.open_sample(path)
        elif any(_fits(path, system.model_files) for system in self.registry.systems):
            self.open_model(path)
        else:
            self._notices.show(
                "error", f"'{path}' is neither a sample nor a model of a system that is installed."
            )

    def open_sample(self, path: Path) -> None:
        """Take in a sample file."""
        self._remember(path)
        self._controller.open_sample(path)

    def open_model(self, path: Path) -> None:
        """Open a checkpoint with the present system, or the first that takes such files."""
        for system in sorted(self.registry.systems, key=lambda s: s is not self.system):
            if _fits(path, system.model_files):
                self._remember(path)
                self.open_ref(system, ModelRef(system.id, path.name, str(path)))
                return
        self._notices.show("error", f"No system that is installed opens '{path}'.")

    # -- inside ------------------------------------------------------------------------

    def _on_wanted(self, ref: ModelRef) -> None:
        self.open_ref(self.registry.system(ref.system), ref)

    def _on_done(self, tag: str, result: object) -> None:
        if tag == "discover":
            self._on_registry(result)

    def _on_failed(self, failed: Failed) -> None:
        if failed.tag == "discover":
            self._on_registry(Registry((), ()))

    def _on_registry(self, registry: Registry) -> None:
        self.registry = registry
        self._models.set_registry(registry)
        for broken in registry.broken:
            self._notices.show("error", f"The plugin {broken.name} did not load.", broken.reason)
        systems = registry.systems
        try:
            systems = (registry.system(self._first),) if self._first else systems
        except Prune3DError as error:
            self._notices.show("error", str(error))
        if self._file and self._open_at_start(systems):
            return
        for system in systems:
            if bundled := system.bundled():
                self.open_ref(system, bundled[0])
                return
        self.nothing_here.emit()

    def _open_at_start(self, systems: tuple[System, ...]) -> bool:
        """Open the checkpoint given at the start; samples wait for a model."""
        if self._is_folder(self._file):
            self._file = None
            return False
        if any(_fits(self._file, system.sample_files) for system in systems):
            return False
        path, self._file = self._file, None
        for system in systems:
            if _fits(path, system.model_files):
                self._remember(path)
                self.open_ref(system, ModelRef(system.id, path.name, str(path)))
                return True
        self._notices.show("error", f"No system that is installed opens '{path}'.")
        return False

    def _is_folder(self, path: Path) -> bool:
        """Whether it is no file but a folder, which is said then."""
        folder = path.is_dir()
        if folder:
            self._notices.show("error", f"'{path}' is a folder; choose a file in it.")
        return folder

    def _on_opened(self, card: ModelCard) -> None:
        systems = self.registry.systems
        self.system = next((s for s in systems if s.id == card.ref.system), None)
        if self._file is not None:
            path, self._file = self._file, None
            self.open_sample(path)

    def _remember(self, path: Path) -> None:
        self._settings.add_recent(path)
        self._settings.folder = str(path.parent)


def _fits(path: Path, patterns: tuple[str, ...]) -> bool:
    return any(fnmatch(path.name.lower(), pattern.lower()) for pattern in patterns)
