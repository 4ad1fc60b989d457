"""What a hand sees of previews: hollow markers, and where the full result then is."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QSlider

from tests.conftest import settled
from tests.gui.drive import drag, let_go


def anchored(window):
    """Whether the full model's preview is known for what is on screen."""
    full = window.controller.frames["full"]
    preview = replace(full, role="pruned", quality="preview")
    told = window.controller.shown.told(preview, window.controller.card.metrics)
    return bool(told.scores.values)


def follow_markers(window, qtbot, knob, places):
    """Drag from place to place; returns how many hollow markers were drawn, all within 10 %."""
    qtbot.waitUntil(lambda: anchored(window), timeout=60_000)
    slider = window.findChild(QSlider, f"knob.{knob}")
    charts = [chart for chart in window.plots.charts.values() if chart.quantity.better]
    hollow = {}

    def look(frame):
        for chart in charts if frame.role == "pruned" else ():
            value, score, is_hollow = chart.marker
            if is_hollow and score is not None:
                hollow[chart, value] = score

    window.controller.frame_shown.connect(look)
    met = 0
    for start, stop in pairwise(places):
        drag(slider, start, stop, moves=6, release=False)
        here = window.controller.plan.value(window.controller.primary)
        qtbot.waitUntil(lambda here=here: charts[0].marker[0] == here, timeout=30_000)
        let_go(slider, stop)
        qtbot.waitUntil(lambda: settled(window), timeout=60_000)
        for chart in charts:
            value, score, is_hollow = chart.marker
            assert not is_hollow
            if (chart, value) in hollow:
                met += 1
                assert hollow[chart, value] == pytest.approx(score, rel=0.1), chart.quantity.id
    return met
