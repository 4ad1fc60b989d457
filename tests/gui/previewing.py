"""What a hand sees of previews: hollow markers, and where the full result then is."""

from dataclasses import replace
from itertools import pairwise

import pytest
from PySide6.QtWidgets import QSlider

from tests.conftest import settled
from tests.gui.drive import drag, let_go


def anchored(window):
    """Whether the full model's preview is known for what is on screen."""
    controller = window.controller
    full = controller.frames["full"]
    told = controller.shown.told(
        replace(full, role="pruned", quality="preview"), controller.card.metrics
    )
    return bool(told.scores.values)


def follow_markers(window, qtbot, knob, places):
    """Drag from place to place; returns how many hollow markers were drawn, all within 10 %."""
    qtbot.waitUntil(lambda: anchored(window), timeout=60_000)
    slider = window.findChild(QSlider, f"knob.{knob}")
    charts = [chart for chart in window.plots.charts.values() if chart.quantity.better]
    drawn = 0
    for start, stop in pairwise(places):
        drag(slider, start, stop, release=False, moves=6)
        value = window.controller.plan.value(window.controller.primary)

        def previewed(value=value):
            return all(m[0] == value and m[2] for m in (chart.marker for chart in charts))

        qtbot.waitUntil(previewed, timeout=30_000)
        told = {chart: chart.marker[1] for chart in charts}
        let_go(slider, stop)
        qtbot.waitUntil(lambda: settled(window), timeout=60_000)
        for chart, score in told.items():
            if score is not None:
                drawn += 1
                assert score == pytest.approx(chart.marker[1], rel=0.1), chart.quantity.id
    return drawn
