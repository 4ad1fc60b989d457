"""The dialogs that ask for a file to open: what every system takes, and where jobs wrote."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Literal

from PySide6.QtCore import QStandardPaths, QUrl
from PySide6.QtWidgets import QFileDialog, QWidget

from ...core.system import System
from ..state.settings import Settings

Kind = Literal["sample", "network"]
EVERY = "All files (*)"
TITLES = {"sample": ("Open sample", "All samples"), "network": ("Open model", "All models")}


def ask_file(
    parent: QWidget,
    kind: Kind,
    systems: Iterable[System],
    settings: Settings,
    act: Callable[[Path, str], None],
) -> None:
    """Ask for a sample or a network of any system, in a dialog that blocks nothing.

    Parameters
    ----------
    act : callable
        Takes the path, and the id of the system whose files alone were listed, or "".
    """
    title, every = TITLES[kind]
    patterns = {system: _patterns(system, kind) for system in systems}
    patterns = {system: found for system, found in patterns.items() if found}
    all_patterns = dict.fromkeys(pattern for found in patterns.values() for pattern in found)
    filters = {f"{every} ({' '.join(all_patterns)})": ""} if patterns else {}
    if len(patterns) > 1:
        filters |= {f"{s.title} ({' '.join(found)})": s.id for s, found in patterns.items()}
    asked = QFileDialog(parent, title, settings.folder_of(kind))
    asked.setFileMode(QFileDialog.FileMode.ExistingFile)
    asked.setNameFilters([*filters, EVERY])
    asked.setSidebarUrls(_places(kind, settings))
    asked.fileSelected.connect(
        lambda name: act(Path(name), filters.get(asked.selectedNameFilter(), ""))
    )
    asked.finished.connect(asked.deleteLater)
    asked.open()


def _patterns(system: System, kind: Kind) -> tuple[str, ...]:
    return system.sample_files if kind == "sample" else system.model_files


def _places(kind: Kind, settings: Settings) -> list[QUrl]:
    """Home, where the last ones of the kind were, and for networks where jobs wrote theirs."""
    home = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.HomeLocation)
    folders = [home, settings.folder_of(kind)]
    if kind == "network":
        folders += [str(Path(text).parent) for text in settings.made]
    there = (folder for folder in dict.fromkeys(folders) if Path(folder).is_dir())
    return [QUrl.fromLocalFile(folder) for folder in there]
