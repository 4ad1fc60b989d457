"""The style sheet: what the palette alone cannot say, made from a theme's colours."""

from __future__ import annotations

from .icons import tinted_file
from .theme import Theme


def style_sheet(t: Theme) -> str:
    """Return the style sheet in the colours of a theme."""
    down, up = tinted_file("chevron-down", t.muted), tinted_file("chevron-up", t.muted)
    pale_down, pale_up = tinted_file("chevron-down", t.faint), tinted_file("chevron-up", t.faint)
    field = t.panel if not t.dark else "#262a30"
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
QFrame#choiceStrip {{ background: {t.panel}; border: none; border-top: 1px solid {t.border}; }}
QListView#stripList {{ background: {t.panel}; border: none; outline: none; }}
QFrame#answerCard {{ background: {t.sunken}; border: none; border-radius: 6px; }}
QScrollArea, QScrollArea > QWidget > QWidget {{ background: {t.panel}; border: none; }}
QLabel[role="heading"] {{ color: {t.muted}; font-weight: 600; }}
QToolButton[role="heading"] {{ color: {t.muted}; font-weight: 600; padding: 2px 0;
  background: transparent; border: 1px solid transparent; border-radius: 4px; }}
QToolButton[role="heading"]:hover {{ background: {t.sunken}; }}
QToolButton[role="heading"]:focus {{ border-color: {t.accent}; }}
QLabel[role="muted"] {{ color: {t.muted}; }}
QLabel[role="warn"] {{ color: {t.warn}; }}
QLabel[role="error"] {{ color: {t.error}; }}
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
QListWidget, QTreeView, QTableView {{ background: {t.panel}; border: none; outline: none;
  alternate-background-color: {t.sunken}; }}
QHeaderView::section {{ background: {t.panel}; color: {t.muted}; border: none;
  border-bottom: 1px solid {t.border}; padding: 3px 5px; }}
QListWidget#studyList::item {{ border-radius: 5px; border: 1px solid transparent; }}
QListWidget#studyList::item:hover {{ background: {t.sunken}; }}
QListWidget#studyList::item:selected {{ background: {t.soft}; }}
QTreeView#unitTree::item:selected,
QTableView#studyTable::item:selected {{ background: {t.soft}; color: {t.text}; }}
QTabBar#studySwitch::tab, QTabBar#plotSwitch::tab {{ padding: 4px 8px; }}
QToolButton[role="quiet"] {{ border: 1px solid transparent; border-radius: 5px;
  padding: 3px 8px; color: {t.muted}; background: transparent; }}
QToolButton[role="quiet"]:hover {{ background: {t.soft}; color: {t.text}; }}
QToolButton[role="quiet"]:disabled {{ color: {t.faint}; }}
QListWidget#studyList QToolButton {{ border: none; padding: 2px; border-radius: 4px;
  background: transparent; }}
QListWidget#studyList QToolButton:hover {{ background: {t.border}; }}
QProgressBar#studyProgress, QProgressBar#workProgress {{ border: none; border-radius: 2px;
  background: {t.border}; }}
QProgressBar#studyProgress::chunk, QProgressBar#workProgress::chunk {{
  background: {t.accent}; border-radius: 2px; }}
QProgressBar#studyProgress[state="failed"]::chunk {{ background: {t.error}; }}
QProgressBar#studyProgress[state="cancelled"]::chunk {{ background: {t.faint}; }}
QPushButton#stopWork {{ padding: 0px 10px; min-height: 16px; }}
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
QDialog#shortcuts QTreeWidget::item {{ padding: 2px; }}
QDialog#palette QTreeWidget::item {{ padding: 4px 2px; }}
QDialog#palette QTreeWidget::item:selected {{ background: {t.soft}; color: {t.text}; }}
QScrollArea#noticeList {{ border: 1px solid {t.edge}; }}
QFrame#toast {{ background: {t.panel}; border: 1px solid {t.border}; border-radius: 8px; }}
QFrame#toast[kind="alarm"] {{ border-color: {t.warn}; }}
QFrame#toast[kind="error"] {{ border-color: {t.error}; }}
QFrame#toast QToolButton {{ border: none; padding: 2px 6px; color: {t.accent};
  background: transparent; border-radius: 4px; }}
QFrame#toast QToolButton:hover {{ background: {t.soft}; }}
QFrame#pickCard {{ background: {t.panel}; border: 1px solid {t.edge}; border-radius: 8px; }}
QFrame#pickCard QToolButton {{ border: none; padding: 2px; background: transparent;
  border-radius: 4px; }}
QFrame#pickCard QToolButton:hover {{ background: {t.soft}; }}
QFrame#pickCard QLabel:disabled {{ color: {t.faint}; }}
QLineEdit, QComboBox, QAbstractSpinBox {{ background: {field}; color: {t.text};
  border: 1px solid {t.edge}; border-radius: 4px; padding: 2px 6px; min-height: 18px;
  selection-background-color: {t.accent}; selection-color: {t.on_accent}; }}
QLineEdit:focus, QComboBox:focus, QAbstractSpinBox:focus {{ border-color: {t.accent}; }}
QLineEdit:disabled, QComboBox:disabled, QAbstractSpinBox:disabled {{ color: {t.faint}; }}
QTreeView QLineEdit {{ border-radius: 0; padding: 0 2px; min-height: 0; }}
QComboBox#modelList {{ combobox-popup: 0; }}
QComboBox::drop-down {{ border: none; width: 22px; }}
QComboBox::down-arrow {{ image: url({down}); width: 12px; height: 12px; }}
QComboBox QAbstractItemView {{ background: {t.panel}; border: 1px solid {t.edge};
  selection-background-color: {t.soft}; selection-color: {t.text}; outline: none; }}
QAbstractSpinBox {{ padding-right: 20px; }}
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button {{ border: none; width: 18px;
  background: transparent; subcontrol-origin: border; }}
QAbstractSpinBox::up-button {{ subcontrol-position: top right; }}
QAbstractSpinBox::down-button {{ subcontrol-position: bottom right; }}
QAbstractSpinBox::up-arrow {{ image: url({up}); width: 9px; height: 9px; }}
QAbstractSpinBox::down-arrow {{ image: url({down}); width: 9px; height: 9px; }}
QAbstractSpinBox::up-arrow:off {{ image: url({pale_up}); }}
QAbstractSpinBox::down-arrow:off {{ image: url({pale_down}); }}
QPushButton {{ background: {field}; color: {t.text}; border: 1px solid {t.edge};
  border-radius: 5px; padding: 4px 14px; min-height: 18px; }}
QPushButton:hover {{ border-color: {t.accent}; }}
QPushButton:pressed {{ background: {t.soft}; }}
QPushButton:disabled {{ color: {t.faint}; border-color: {t.border}; }}
QPushButton[role="primary"]:enabled {{ background: {t.accent}; color: {t.on_accent};
  border-color: {t.accent}; }}
QPushButton:default {{ background: {t.accent}; color: {t.on_accent}; border-color: {t.accent}; }}
QDialogButtonBox {{ dialogbuttonbox-buttons-have-icons: 0; }}
QMenu {{ background: {t.panel}; border: 1px solid {t.edge}; padding: 4px; }}
QMenu::item {{ padding: 4px 24px 4px 8px; border-radius: 4px; }}
QMenu::item:selected {{ background: {t.soft}; color: {t.text}; }}
QMenu::item:disabled {{ color: {t.faint}; }}
QMenu::separator {{ height: 1px; background: {t.border}; margin: 4px 8px; }}
QMenu::icon {{ padding-left: 6px; }}
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
