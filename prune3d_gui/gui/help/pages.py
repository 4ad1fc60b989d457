"""Pages of help: a short text for each panel, found by the widget that has the focus."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from prune3d_gui.resources import RESOURCES

TITLES = {
    "views": "Views",
    "knobs": "Knobs",
    "units": "Units",
    "samples": "Samples",
    "charts": "Live charts",
    "numbers": "Numbers",
    "studies": "Studies",
    "opening": "Opening",
    "export": "Exporting",
}
"""Every page, in order, by the name of its file."""
PANELS = {
    "viewport": "views",
    "colourBar": "views",
    "knobPanel": "knobs",
    "units": "units",
    "unitTree": "units",
    "unitMatrix": "units",
    "sampleGallery": "samples",
    "sampleList": "samples",
    "sampleFilter": "samples",
    "metricPlots": "charts",
    "numbersTable": "numbers",
    "numbers": "numbers",
    "modules": "numbers",
    "studies": "studies",
    "modelList": "opening",
    "exportDialog": "export",
}
"""The page of each panel, by its object name."""


def text_of(page: str) -> str:
    """The text of a page, as Markdown."""
    return (RESOURCES / "help" / f"{page}.md").read_text(encoding="utf-8")


def gist_of(page: str) -> str:
    """The first paragraph of a page, which says what the panel is."""
    return text_of(page).split("\n\n")[1].replace("\n", " ")


def page_for(widget: QWidget | None) -> str:
    """The page about what a widget is in; the one on views where it is in no panel."""
    while widget is not None:
        if widget.objectName() in PANELS:
            return PANELS[widget.objectName()]
        widget = widget.parentWidget()
    return next(iter(TITLES))
