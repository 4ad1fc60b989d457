"""Light and dark, each from one palette of colours, and one scale of distances."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication, QPalette
from PySide6.QtWidgets import QApplication

from .icons import tinted_file

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


def apply_theme(app: QApplication, theme: Theme) -> None:
    """Dress the whole application: Fusion, palette and a small style sheet."""
    if app.style().objectName().lower() != "fusion":
        app.setStyle("Fusion")
    app.setPalette(_palette(theme))
    app.setStyleSheet(_sheet(theme))


def _palette(t: Theme) -> QPalette:
    roles = {
        QPalette.ColorRole.Window: t.window,
        QPalette.ColorRole.WindowText: t.text,
        QPalette.ColorRole.Base: t.panel,
        QPalette.ColorRole.AlternateBase: t.sunken,
        QPalette.ColorRole.Text: t.text,
        QPalette.ColorRole.Button: t.panel if not t.dark else "#2a2e35",
        QPalette.ColorRole.ButtonText: t.text,
        QPalette.ColorRole.BrightText: t.error,
        QPalette.ColorRole.ToolTipBase: t.panel,
        QPalette.ColorRole.ToolTipText: t.text,
        QPalette.ColorRole.PlaceholderText: t.muted,
        QPalette.ColorRole.Highlight: t.accent,
        QPalette.ColorRole.HighlightedText: t.on_accent,
        QPalette.ColorRole.Link: t.accent,
        QPalette.ColorRole.Accent: t.accent,
        QPalette.ColorRole.Mid: t.border,
        QPalette.ColorRole.Midlight: t.border,
        QPalette.ColorRole.Dark: t.faint,
        QPalette.ColorRole.Shadow: t.border,
        QPalette.ColorRole.Light: t.panel,
    }
    palette = QPalette()
    for role, colour in roles.items():
        palette.setColor(role, QColor(colour))
    for role in (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
    ):
        palette.setColor(QPalette.ColorGroup.Disabled, role, QColor(t.faint))
    return palette


def _sheet(t: Theme) -> str:
    return f"""
QMainWindow, QDialog {{ background: {t.window}; }}
QMenuBar {{ background: {t.window}; padding: 1px 4px; }}
QMenuBar::item {{ padding: 4px 9px; border-radius: 4px; background: transparent; }}
QMenuBar::item:selected {{ background: {t.soft}; color: {t.text}; }}
QToolBar {{ background: {t.window}; border: none; border-bottom: 1px solid {t.border};
  padding: 2px 6px; spacing: 2px; }}
QToolBar::separator {{ width: 1px; margin: 6px 6px; background: {t.border}; }}
QToolBar QToolButton {{ padding: 4px; border-radius: 5px; border: 1px solid transparent; }}
QToolBar QToolButton:hover {{ background: {t.soft}; }}
QToolBar QToolButton:checked {{ background: {t.soft}; border-color: {t.accent}; }}
QToolBar QToolButton:focus {{ border-color: {t.accent}; }}
QStatusBar {{ background: {t.window}; border-top: 1px solid {t.border}; color: {t.muted}; }}
QStatusBar::item {{ border: none; }}
QSplitter::handle {{ background: {t.border}; }}
QSplitter::handle:hover {{ background: {t.accent}; }}
QFrame#panel {{ background: {t.panel}; border: none; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: {t.panel}; border: none; }}
QLabel[role="heading"] {{ color: {t.muted}; font-weight: 600; }}
QLabel[role="muted"] {{ color: {t.muted}; }}
QLabel[role="warn"] {{ color: {t.warn}; }}
QLabel[role="hint"] {{ color: {t.accent}; background: {t.soft}; border-radius: 5px;
  padding: 4px 8px; }}
QLabel[role="title"] {{ font-weight: 600; }}
QLabel[role="chip"] {{ background: {t.soft}; color: {t.text}; border-radius: 8px;
  padding: 1px 8px; }}
QLabel[role="chip"][hollow="true"] {{ background: transparent; border: 1px solid {t.accent};
  padding: 0px 7px; }}
QTabWidget::pane {{ border: none; border-top: 1px solid {t.border}; }}
QTabBar::tab {{ background: transparent; color: {t.muted}; padding: 6px 12px;
  border: none; border-bottom: 2px solid transparent; }}
QTabBar::tab:selected {{ color: {t.text}; border-bottom: 2px solid {t.accent}; }}
QTabBar::tab:hover {{ color: {t.text}; }}
QListWidget, QTreeView, QTableWidget {{ background: {t.panel}; border: none; outline: none;
  alternate-background-color: {t.sunken}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: none;
  border-bottom: 1px solid {t.border}; padding: 3px 5px; }}
QListWidget#sampleList::item {{ border-radius: 5px; border: 2px solid transparent;
  padding: 0px; }}
QListWidget#sampleList::item:hover {{ background: {t.soft}; }}
QListWidget#sampleList::item:selected {{ background: {t.soft}; border-color: {t.accent};
  color: {t.text}; }}
QSlider {{ min-height: 22px; }}
QSlider::groove:horizontal {{ height: 4px; border-radius: 2px; background: {t.border}; }}
QSlider::sub-page:horizontal {{ background: {t.accent}; border-radius: 2px; }}
QSlider::handle:horizontal {{ width: 14px; height: 14px; margin: -6px 0; border-radius: 8px;
  background: {t.panel}; border: 2px solid {t.accent}; }}
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:pressed {{
  background: {t.accent}; }}
QSlider:focus {{ outline: none; }}
QSlider::handle:horizontal:focus {{ background: {t.soft}; }}
QDialog#palette {{ border: 1px solid {t.border}; }}
QDialog#palette QTreeWidget::item {{ padding: 4px 2px; }}
QDialog#palette QTreeWidget::item:selected {{ background: {t.soft}; color: {t.text}; }}
QFrame#toast {{ background: {t.panel}; border: 1px solid {t.border}; border-radius: 8px; }}
QFrame#toast[kind="error"] {{ border-color: {t.error}; }}
QFrame#toast QToolButton {{ border: none; padding: 2px 6px; color: {t.accent};
  background: transparent; border-radius: 4px; }}
QFrame#toast QToolButton:hover {{ background: {t.soft}; }}
QCheckBox::indicator, QTreeView::indicator {{ width: 12px; height: 12px; border-radius: 3px;
  border: 1px solid {t.faint}; background: {t.panel}; }}
QCheckBox::indicator:hover, QTreeView::indicator:hover {{ border-color: {t.accent}; }}
QCheckBox::indicator:checked, QTreeView::indicator:checked {{ background: {t.accent};
  border-color: {t.accent}; image: url({tinted_file("check", t.on_accent)}); }}
QTreeView::indicator:indeterminate {{ background: {t.soft}; border-color: {t.accent};
  image: url({tinted_file("minus", t.accent)}); }}
QScrollBar:vertical {{ background: transparent; width: 10px; margin: 0; }}
QScrollBar:horizontal {{ background: transparent; height: 10px; margin: 0; }}
QScrollBar::handle {{ background: {t.faint}; border-radius: 3px; margin: 2px; }}
QScrollBar::handle:vertical {{ min-height: 28px; }}
QScrollBar::handle:horizontal {{ min-width: 28px; }}
QScrollBar::handle:hover {{ background: {t.muted}; }}
QScrollBar::add-line, QScrollBar::sub-line {{ width: 0; height: 0; }}
QScrollBar::add-page, QScrollBar::sub-page {{ background: transparent; }}
QToolTip {{ background: {t.panel}; color: {t.text}; border: 1px solid {t.border};
  padding: 4px; }}
"""
