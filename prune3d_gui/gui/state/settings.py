"""What the window remembers between runs: layout, theme, recent files, what was open last."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from PySide6.QtCore import QByteArray, QSettings

from ...core.model import ModelRef

RECENT = 8
LAYOUT_VERSION = 1


@dataclass(frozen=True, slots=True)
class Last:
    """What was open last: a model, and the sample that was looked at.

    Parameters
    ----------
    ref : ModelRef
    sample : str
        Id of a sample that comes with the model; empty where `file` says which.
    file : str
        File or folder of the user's that the sample was taken in from.
    """

    ref: ModelRef
    sample: str = ""
    file: str = ""


class Settings:
    """A thin front for `QSettings`; give `path` to keep them in a file of their own.

    Several windows may use the file: each writes what it changed, and it is replaced whole.
    """

    def __init__(self, path: Path | None = None) -> None:
        if path is None:
            self._store = QSettings(
                QSettings.Format.IniFormat, QSettings.Scope.UserScope, "prune3d", "window"
            )
        else:
            self._store = QSettings(str(path), QSettings.Format.IniFormat)

    @property
    def theme(self) -> str:
        """``system``, ``light`` or ``dark``."""
        value = str(self._store.value("theme", "system"))
        return value if value in ("system", "light", "dark") else "system"

    @theme.setter
    def theme(self, value: str) -> None:
        self._store.setValue("theme", value)

    def layout(self, name: str) -> QByteArray | None:
        """Bytes kept for a window or splitter; None before the first time."""
        value = self._store.value(f"layout{LAYOUT_VERSION}/{name}")
        return value if isinstance(value, QByteArray) and not value.isEmpty() else None

    def keep_layout(self, name: str, state: QByteArray) -> None:
        """Remember the state of a window or splitter."""
        self._store.setValue(f"layout{LAYOUT_VERSION}/{name}", state)

    def forget_layout(self) -> None:
        """Go back to the layout of the first run."""
        self._store.remove(f"layout{LAYOUT_VERSION}")

    @property
    def has_dragged(self) -> bool:
        """Whether a slider was ever dragged here, so that no hint is needed."""
        return str(self._store.value("has_dragged", "no")) == "yes"

    @has_dragged.setter
    def has_dragged(self, value: bool) -> None:
        self._store.setValue("has_dragged", "yes" if value else "no")

    @property
    def last(self) -> Last | None:
        """What was open last; None before the first time, or where that cannot be read."""
        try:
            kept = json.loads(str(self._store.value("last", "")))
            return Last(ModelRef(**kept["ref"]), str(kept["sample"]), str(kept["file"]))
        except (ValueError, TypeError, KeyError):
            return None

    @last.setter
    def last(self, value: Last) -> None:
        self._store.setValue("last", json.dumps(asdict(value)))

    @property
    def forms(self) -> dict[str, Any]:
        """What was filled into the form of studies, by system; empty where that is not readable."""
        try:
            kept = json.loads(str(self._store.value("forms", "{}")))
        except ValueError:
            return {}
        return kept if isinstance(kept, dict) else {}

    @forms.setter
    def forms(self, value: dict[str, Any]) -> None:
        self._store.setValue("forms", json.dumps(value))

    @property
    def recent(self) -> tuple[str, ...]:
        """Files and folders opened lately, newest first."""
        return self._paths("recent")

    def add_recent(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        self._add("recent", path)

    @property
    def made(self) -> tuple[str, ...]:
        """Networks that jobs have written lately, newest first."""
        return self._paths("made")

    def add_made(self, path: Path) -> None:
        """Put a file at the head of those that jobs have written."""
        self._add("made", path)

    @property
    def folder(self) -> str:
        """Folder of the last export or opening."""
        return str(self._store.value("folder", str(Path.home())))

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("folder", value)

    def folder_of(self, kind: str) -> str:
        """Folder of the last ``network`` or ``sample``; at first that of whatever was last."""
        return str(self._store.value(f"folders/{kind}", self.folder))

    def keep_folder(self, kind: str, folder: Path) -> None:
        """Begin in this folder where one of that kind is asked for next."""
        self._store.setValue(f"folders/{kind}", str(folder))

    def _paths(self, key: str) -> tuple[str, ...]:
        value = self._store.value(key, [])
        found = [value] if isinstance(value, str) else list(value or [])
        return tuple(str(path) for path in found if path)

    def _add(self, key: str, path: Path) -> None:
        text = str(path)
        self._store.sync()  # another window may have added some
        self._store.setValue(key, [text, *(p for p in self._paths(key) if p != text)][:RECENT])
