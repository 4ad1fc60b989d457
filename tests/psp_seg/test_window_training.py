"""Training in the window: its form, its live curve, and the network that comes out of it."""

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from prune3d_gui.gui.study.record import DONE
from prune3d_gui.gui.study.views import CURVES
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network
from prune3d_gui.plugins.psp_seg.showing import PROBABILITIES
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.psp_seg.small_window import BRANCHES, PATIENT, see


def write(field, text):
    field.widget.setFocus()
    QTest.keyClick(field.widget, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    QTest.keyClicks(field.widget, str(text))


def start(window, qtbot, job, **options):
    """Fill in the form of a job, press Start, and wait for its end.

    Returns the record and how many points its curve had each time rows came.
    """
    window.actions_by_id["showStudies"].trigger()
    window.actions_by_id["newStudy"].trigger()
    form = window.parts.studies.form
    form.kind_box.setCurrentIndex(form.kind_box.findData(job))
    for name, value in options.items():
        widget = form.options.fields[name].widget
        if hasattr(widget, "setCurrentText"):
            widget.setCurrentText(value)
        else:
            write(form.options.fields[name], value)
    window.parts.studies.views.show_view(CURVES)
    seen = []
    window.studies.rows_changed.connect(
        lambda _: seen.append(len(window.parts.studies.views.curves.places))
    )
    click(form.start_button, form.start_button.rect().center())
    qtbot.waitUntil(lambda: bool(window.studies.records), timeout=20_000)
    record = window.studies.records[0]
    qtbot.waitUntil(lambda: not record.live, timeout=120_000)
    assert record.state == DONE, record.message
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    return record, seen


def pick(window, qtbot, knob, title):
    """Choose an entry of a knob's list with the arrow keys."""
    combo = window.parts.knobs.widgets[knob].combo
    row = next(n for n in range(combo.count()) if title in combo.itemText(n))
    combo.setFocus()
    while combo.currentIndex() != row:
        key = Qt.Key.Key_Down if combo.currentIndex() < row else Qt.Key.Key_Up
        QTest.keyClick(combo, key)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def walk(window, qtbot, left):
    slider = window.parts.knobs.widgets["branches"].slider
    drag(slider, slider.value(), left, moves=4)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def points(window, metric):
    """What the curve of a metric has, as numbers."""
    views = window.parts.studies.views
    views.metric_box.setCurrentIndex(views.metric_box.findData(metric))
    return np.array([(x, y) for x, y, _ in views.curves.places])


def liver(window):
    """How probable the liver is, voxel by voxel, in the pruned result."""
    scene = window.controller.frames["pruned"].scene
    return scene.layer(PROBABILITIES).data.arrays["liver"].copy()


def score(window):
    return window.controller.frames["pruned"].scores.values["dice"]


def test_a_pruned_network_is_trained_chosen_walked_and_taken_away(
    small_window, small_patients, qtbot, tmp_path
):
    window = small_window
    small = {"data": small_patients, "weights": tmp_path / "tiny.safetensors"}
    record, seen = start(
        window, qtbot, "recover", **small, out=tmp_path / "out", criterion="l1", branches=10,
        steps=4, every=1, patients=3, unseen=2,
    )  # fmt: skip
    curve = [row for row in record.rows if "part" not in row]
    assert [row["step"] for row in curve] == [0, 1, 2, 3, 4, 4]
    assert len(set(seen)) > 1, "points come while it runs"
    views = window.parts.studies.views
    assert (record.axis, record.axis_title) == ("step", "Step")
    told = [(row["step"], row["dice"]) for row in curve]
    np.testing.assert_allclose(points(window, "dice"), told)
    np.testing.assert_array_equal(points(window, "loss")[:, 0], [1, 2, 3, 4])
    assert "soft Dice" in views.caption.text()

    # The row with the numbers at the end leads to what was made: the network and its order.
    pick(window, qtbot, "network", "10 of 16 branches")
    pick(window, qtbot, "order", "10 of 16 branches")
    walk(window, qtbot, 10)
    chosen, last = dict(window.controller.plan.values), record.rows[-1]
    assert (chosen["network"], chosen["order"]) == (last["network"], last["order"])
    pruned = window.controller.frames["pruned"]
    assert sum(n > 0 for n in pruned.footprint.nonzero.values()) == 10
    recovered, dice = liver(window), score(window)
    pick(window, qtbot, "network", "None")
    assert (liver(window) != recovered).any(), "the opened network gives another result"
    assert score(window) != dice
    pick(window, qtbot, "network", "10 of 16 branches")
    np.testing.assert_array_equal(liver(window), recovered)
    assert score(window) == dice

    path = tmp_path / "small.safetensors"
    window.exports.export_network("safetensors", path)
    qtbot.waitUntil(path.exists, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    written, _ = load_network(path)
    assert len(written.units) == 10
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: len(window.controller.card.units) == 10, timeout=60_000)
    see(window, qtbot, small_patients / PATIENT)
    np.testing.assert_allclose(liver(window), recovered, atol=1e-5)
    assert score(window) == pytest.approx(dice)


def test_a_progressive_training_shows_its_costs_and_gives_its_order(
    small_window, small_patients, qtbot, tmp_path
):
    window = small_window
    small = {"data": small_patients, "weights": tmp_path / "tiny.safetensors"}
    record, seen = start(
        window, qtbot, "progressive", **small, out=tmp_path / "out", steps=14, epoch=2, patience=1,
        batches=1, worse=1e9, share=1, rate=1e-9, patients=3, unseen=2,
    )  # fmt: skip
    epochs = [row for row in record.rows if "epoch" in row]
    assert len(set(seen)) > 1, "points come while it runs"
    for column in ("parameters", "memory_mb", "seconds", "loss", "branches"):
        told = [(row["step"], row[column]) for row in epochs]
        got = points(window, column)[: len(told)]
        if column in ("parameters", "loss"):  # on a logarithmic axis
            got[:, 1] = 10 ** got[:, 1]
        np.testing.assert_allclose(got, told, err_msg=column)
    assert record.events
    assert "events" in window.parts.studies.views.caption.text()
    last = record.rows[-1]
    pick(window, qtbot, "network", "progressive")
    pick(window, qtbot, "order", "progressive")
    walk(window, qtbot, last["branches"])
    gone = window.controller.frames["pruned"].footprint.nonzero
    assert sum(not count for count in gone.values()) == BRANCHES - last["branches"]
    events = " ".join(row.get("event", "") for row in epochs)
    assert "removed" in events
