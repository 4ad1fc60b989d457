"""What the window remembers between runs: layout, theme, recent files."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings

RECENT = 8
LAYOUT_VERSION = 1


class Settings:
    """A thin front for `QSettings`; give `path` to keep them in a file of their own."""

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
    def recent(self) -> tuple[str, ...]:
        """Files opened lately, newest first."""
        value = self._store.value("recent", [])
        found = [value] if isinstance(value, str) else list(value or [])
        return tuple(str(path) for path in found if path)

    def add_recent(self, path: Path) -> None:
        """Put a file at the head of the recent ones."""
        text = str(path)
        self._store.setValue("recent", [text, *(p for p in self.recent if p != text)][:RECENT])

    @property
    def folder(self) -> str:
        """Folder of the last export or opening."""
        return str(self._store.value("folder", str(Path.home())))

    @folder.setter
    def folder(self, value: str) -> None:
        self._store.setValue("folder", value)
