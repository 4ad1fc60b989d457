"""The registry: finds systems in installed packages and in the user's plugin folder."""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.metadata import entry_points
from pathlib import Path

from .errors import BadInput
from .system import System

GROUP = "prune3d.systems"


@dataclass(frozen=True, slots=True)
class Broken:
    """A plugin that did not load, and why."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class Registry:
    """Systems that loaded, in order of rank and id, and those that did not."""

    systems: tuple[System, ...]
    broken: tuple[Broken, ...]

    def system(self, name: str) -> System:
        """Find a system by id.

        Raises
        ------
        BadInput
            If none of that id loaded.
        """
        for system in self.systems:
            if system.id == name:
                return system
        for broken in self.broken:
            if broken.name == name:
                raise BadInput(f"The system {name!r} did not load: {broken.reason}")
        known = ", ".join(system.id for system in self.systems) or "none"
        raise BadInput(f"There is no system {name!r}; installed: {known}.")


def plugin_folder() -> Path:
    """Folder of the user's own plugins: ``PRUNE3D_PLUGINS`` or the platform's data folder."""
    given = os.environ.get("PRUNE3D_PLUGINS")
    if given:
        return Path(given)
    import platformdirs

    return Path(platformdirs.user_data_dir("prune3d", appauthor=False)) / "plugins"


def discover() -> Registry:
    """Load every system: entry points first, then the user's folder.

    A user plugin is a module ``NAME.py`` or a package ``NAME/`` in the plugin
    folder with a class ``Plugin`` that meets `System`. One that fails is listed
    with its reason; the rest work.
    """
    systems: dict[str, System] = {}
    broken: list[Broken] = []

    def take(name: str, load: Callable[[], type[System]]) -> None:
        try:
            system = load()()
            _check(system)
            if system.id in systems:
                raise BadInput(f"its id {system.id!r} is taken by another plugin.")
        except Exception as error:
            broken.append(Broken(name, f"{type(error).__name__}: {error}"))
        else:
            systems[system.id] = system

    for entry in sorted(entry_points(group=GROUP), key=lambda e: e.name):
        take(entry.name, entry.load)
    folder = plugin_folder()
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        source = path / "__init__.py" if path.is_dir() else path
        if source.suffix == ".py" and source.is_file() and path.stem[0] not in "._":
            take(path.stem, partial(_load_user, path.stem, source))
    ordered = tuple(sorted(systems.values(), key=lambda system: (-system.rank, system.id)))
    return Registry(ordered, tuple(broken))


def _load_user(name: str, source: Path) -> type[System]:
    module_name = f"prune3d_user_{name}"
    spec = importlib.util.spec_from_file_location(
        module_name, source, submodule_search_locations=[str(source.parent)]
    )
    assert spec is not None  # `source` ends in .py
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[module_name] = module
    spec.loader.exec_module(module)
    plugin: type[System] = module.Plugin
    return plugin


def _check(system: System) -> None:
    data = ("id", "title", "citation", "summary", "rank", "sample_files", "model_files")
    wanted = (*data, "picture", "bundled", "jobs", "experiments", "recognise", "open")
    missing = [name for name in wanted if not hasattr(system, name)]
    if missing:
        raise BadInput(f"it lacks {', '.join(missing)}.")
    if not isinstance(system.rank, int):
        raise BadInput(f"its rank is {system.rank!r}; give a whole number.")
