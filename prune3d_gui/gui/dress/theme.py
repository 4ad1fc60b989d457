"""Light and dark, each from one palette of colours, and one scale of distances."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication

GAP = 4
"""Unit of distance: margins and gaps are multiples of it."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Colours by what they are for, as ``#rrggbb``."""

    dark: bool
    window: str
    panel: str
    sunken: str
    border: str
    edge: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    soft: str
    warn: str
    error: str
    good: str
    series: tuple[str, ...]


LIGHT = Theme(
    dark=False,
    window="#eef0f3",
    panel="#ffffff",
    sunken="#f6f7f9",
    border="#d5d9e0",
    edge="#b9c0ca",
    text="#1b2028",
    muted="#5b6472",
    faint="#a5adb9",
    accent="#2563c9",
    on_accent="#ffffff",
    soft="#dce8fb",
    warn="#9a5b00",
    error="#b3261e",
    good="#1c7a4d",
    series=("#2563c9", "#0d8a72", "#8a4fc4", "#b8620a", "#b03060"),
)
DARK = Theme(
    dark=True,
    window="#17191d",
    panel="#1f2227",
    sunken="#1a1d21",
    border="#343941",
    edge="#4a515c",
    text="#e6e9ee",
    muted="#9aa3b0",
    faint="#5f6874",
    accent="#6aa5f8",
    on_accent="#0d1522",
    soft="#263a58",
    warn="#e5ae55",
    error="#f2857c",
    good="#6fcf9b",
    series=("#6aa5f8", "#46c4a8", "#b993ea", "#e5a15c", "#ea88ab"),
)


def resolve_theme(choice: str) -> Theme:
    """Return the theme for ``light``, ``dark`` or ``system``."""
    if choice == "system":
        scheme = QGuiApplication.styleHints().colorScheme()
        return DARK if scheme == Qt.ColorScheme.Dark else LIGHT
    return DARK if choice == "dark" else LIGHT
