"""Organs in the window and on the command line: a system that nothing of the product knows."""

import json

import nibabel
import numpy as np
import pytest
import SimpleITK
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QSlider

from prune3d_gui.cli.main import main
from prune3d_gui.core.moment import FORMAT
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import discover
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.gui.export.dialog import ExportDialog
from tests.conftest import settled
from tests.gui.drive import click, drag
from tests.gui.views.test_viewport import pixels
from tests.systems.organs import AFFINE, TABLE, Branches

SLICES = ("axial", "coronal", "sagittal")
KIDNEY, TUMOUR = (np.array(TABLE[number].colour) for number in (2, 4))
VANISHED = "Vanished, against the full model: class tumour."


@pytest.fixture
def window(plugin, open_window):
    return open_window(discover(), system="organs")


def rest(window, qtbot):
    qtbot.waitUntil(lambda: settled(window))


def slide(window, qtbot, percent):
    slider = window.findChild(QSlider, "knob.rate")
    drag(slider, slider.value(), 10 * percent, moves=4)
    rest(window, qtbot)


def hue(image):
    """Red, green and blue as shares of the brightest of them, where there is any colour."""
    brightest = image.max(-1, keepdims=True)
    plain = np.ptp(image, axis=-1, keepdims=True) < 30
    return np.where(plain, -9.0, image / np.maximum(brightest, 1))


def near(image, colour):
    """Where a slice has 0.6 of a colour, and 0.4 of some grey behind it."""
    grey = (image - 0.6 * colour) / 0.4
    return (np.ptp(grey, axis=-1) < 16) & (grey > -8).all(-1)


def seen(window, role, view, colour):
    """Pixels of a pane in the hue of a class, in the light, or over a grey slice."""
    image = pixels(window.viewport.panes[role, view].view)
    if view != "space":
        return int(near(image, colour).sum())
    return int((np.abs(hue(image) - colour / colour.max()).max(-1) < 0.12).sum())


def toggle(window, unit):
    matrix = window.parts.matrix
    cell = next(cell for cell, found in matrix.cells.items() if found.id == unit)
    click(matrix, matrix.box(cell).center())


def aim(window, qtbot):
    """Click on the tumour in a slice, so that the two others go through it, too."""
    view = window.viewport.panes["reference", "axial"].view
    place = np.argwhere(near(pixels(view), TUMOUR)).mean(axis=0) / view.devicePixelRatioF()
    click(view, QPoint(round(place[1]), round(place[0])))
    through = [(role, name) for role, name in window.viewport.panes if name in SLICES]
    qtbot.waitUntil(lambda: min(seen(window, *key, TUMOUR) for key in through) > 100)


def test_three_slices_and_surfaces_are_drawn_of_each_result(window, qtbot):
    panes = window.viewport.panes
    aim(window, qtbot)
    assert window.viewport.crosshair.point == pytest.approx((9, -13, 0), abs=4)
    image = pixels(panes["pruned", "axial"].view)
    places = [np.argwhere(near(image, np.array(TABLE[n].colour))).mean(axis=0) for n in (1, 2, 3)]
    (_, liver), (kidney_row, kidney), (spleen_row, spleen) = places
    assert liver > max(kidney, spleen), "numbers of voxels run to the left"
    assert spleen_row < kidney_row, "and to the front, which is up"
    assert set(panes) == {(r, v) for r in ("reference", "pruned") for v in (*SLICES, "space")}
    for (role, view), pane in panes.items():
        drawn = {name for name, actor in pane.view.actors.items() if actor.GetVisibility()}
        assert drawn == ({"organs"} if view == "space" else {"scan", "map", "crosshair"})
        for number, label in TABLE.items():
            if view in ("axial", "space") or number in (1, 4):  # the others lie beside the tumour
                count = seen(window, role, view, np.array(label.colour))
                assert count > 20, (role, view, label.name, count)


def test_a_class_that_vanishes_is_gone_from_every_pane_and_said(window, qtbot):
    aim(window, qtbot)
    before = {key: seen(window, *key, TUMOUR) for key in window.viewport.panes}
    slide(window, qtbot, 20)
    pruned = [key for key in before if key[0] == "pruned"]
    qtbot.waitUntil(lambda: all(seen(window, *k, TUMOUR) < before[k] / 20 for k in pruned))
    assert all(seen(window, *k, TUMOUR) > 0.8 * before[k] for k in before if k not in pruned)
    assert [said for said in window.notices.log if "Vanished" in said[1]] == [("alarm", VANISHED)]
    assert window.parts.numbers.note.text().startswith(VANISHED)
    parts = {p.name: p.values["dice"] for p in window.controller.frames["pruned"].scores.parts}
    assert parts["tumour"] == 0
    assert min(parts[name] for name in ("liver", "kidney", "spleen")) > 0.95
    slide(window, qtbot, 0)
    assert "Vanished" not in window.parts.numbers.note.text()


def test_a_patient_without_a_tumour_has_no_number_of_it_and_no_alarm(window, qtbot):
    window.controller.select_sample("ben")
    qtbot.waitUntil(lambda: settled(window) and window.controller.sample == "ben")
    slide(window, qtbot, 20)
    scores = window.controller.frames["pruned"].scores
    assert scores.values["dice"] > 0.95, "the mean is over the three that are there"
    (dice,) = window.parts.numbers.table.findItems("Dice ↑", Qt.MatchFlag.MatchExactly)
    assert dice.child(3).text(0) == "tumour"
    assert {dice.child(3).text(1), dice.child(3).text(2)} == {"–"}
    assert not any("Vanished" in text for _, text in window.notices.log)


def test_a_click_in_the_matrix_takes_a_branch_out_whole(window, qtbot):
    window.parts.tabs.setCurrentWidget(window.parts.units)
    QApplication.processEvents()
    matrix = window.parts.matrix
    assert sorted(matrix.cells) == [(row, column) for row in range(3) for column in range(4)]
    before = seen(window, "pruned", "space", KIDNEY)
    for size in (1, 3, 5):
        toggle(window, f"kidney{size}")
        rest(window, qtbot)
    frame = window.controller.frames["pruned"]
    assert frame.footprint.removed == 2 * (1 + 27 + 125)
    assert frame.request.plan.rates == tuple((f"kidney{size}", 100.0) for size in (1, 3, 5))
    qtbot.waitUntil(lambda: seen(window, "pruned", "space", KIDNEY) < before / 20)
    assert seen(window, "reference", "space", KIDNEY) > before / 2
    assert matrix.left(matrix.cells[1, 1]) == 0
    QTest.keyClick(matrix, Qt.Key.Key_Up)
    QTest.keyClick(matrix, Qt.Key.Key_Space)
    rest(window, qtbot)
    assert window.controller.plan.rates == (
        ("kidney1", 100.0), ("kidney3", 0.0), ("kidney5", 100.0),
    )  # fmt: skip
    qtbot.waitUntil(lambda: seen(window, "pruned", "space", KIDNEY) > before / 2)
    for _ in range(4):
        window.actions_by_id["undo"].trigger()
    assert window.controller.plan == Plan()


def test_a_click_on_a_surface_names_the_organ(window, qtbot):
    view = window.viewport.panes["pruned", "space"].view
    image = pixels(view)
    found = np.argwhere(np.abs(hue(image) - KIDNEY / KIDNEY.max()).max(-1) < 0.06)
    row, column = found[len(found) // 2] / view.devicePixelRatioF()
    with qtbot.waitSignal(window.controller.done, check_params_cb=lambda tag, _: tag == "explain"):
        click(view, QPoint(round(column), round(row)))
    qtbot.waitUntil(lambda: window.status.hint.text() == "kidney")


def test_the_label_map_on_screen_is_written_and_read_by_others(window, qtbot, tmp_path):
    slide(window, qtbot, 20)
    window.actions_by_id["exportResult"].trigger()
    dialog = window.findChild(ExportDialog)
    assert dialog.format_box.currentText() == "Label map (*.nii)"
    assert (dialog.role, dialog.role_box.count()) == ("pruned", 3)
    path = tmp_path / "map.nii"
    dialog.path_line.setText(str(path))
    QTest.mouseClick(dialog.export_button, Qt.MouseButton.LeftButton)
    said = f"Written: {path}. Its axes run to left, anterior and superior."
    qtbot.waitUntil(lambda: said in window.notices.visible)
    labels = window.controller.frames["pruned"].scene.layer("organs").data.values
    image = SimpleITK.ReadImage(str(path))
    assert np.array_equal(SimpleITK.GetArrayFromImage(image).transpose(2, 1, 0), labels)
    index = (3, 5, 7)
    place = AFFINE @ (*index, 1)
    assert image.TransformIndexToPhysicalPoint(index) == pytest.approx(place[:3] * (-1, -1, 1))
    (kept,) = nibabel.load(path).header.extensions
    assert json.loads(kept.get_content())["format"] == FORMAT
    moment = read_moment(path)
    assert dict(moment.plan.values)["rate"] == pytest.approx(20, abs=0.5)
    assert (moment.sample, moment.role) == ("ann", "pruned")


def test_a_mesh_is_of_the_organs_and_not_of_the_scan_in_the_slices(window, qtbot, tmp_path, told):
    path = tmp_path / "organs.ply"
    window.exports.export_mesh("pruned", path)
    qtbot.waitUntil(lambda: f"Written: {path}" in window.notices.visible)
    surface = window.controller.frames["pruned"].scene.layer("organs").surface
    assert np.array_equal(read_mesh(path).faces, surface.faces)
    told("reconstruct organs --sample ann --out", tmp_path / "ann.ply")
    assert np.array_equal(read_mesh(tmp_path / "ann.ply").faces, surface.faces)


def test_studies_on_the_command_line_have_rows_of_classes(told):
    rows = json.loads(told("sweep organs --rate 0,20,50 --workers 1 --json -"))
    whole = [row for row in rows if "part" not in row]
    assert [(row["rate"], row["removed"], row["undefined"]) for row in whole] == [
        (0, 0, 1), (20, 252, 1), (50, 508, 1),
    ]  # fmt: skip
    classes = {(row["rate"], row["part"]): row for row in rows if "part" in row}
    assert {row["part_kind"] for row in classes.values()} == {"class"}
    assert classes[0, "tumour"]["dice"] > 0.7
    assert classes[20, "tumour"]["dice"] == 0
    assert classes[20, "liver"]["dice"] > 0.95
    assert "Vanished, against the full model: class tumour (first at rate 20)." in told(
        "sweep organs --rate 0,20 --workers 1"
    )


def test_each_branch_alone_on_the_command_line(told):
    rows = json.loads(told("sensitivity organs --sample ann --workers 1 --json -"))
    alone = [row for row in rows if "part" not in row]
    assert {row["unit"] for row in alone} == {unit.id for unit in Branches.units}
    assert {row["rate"] for row in alone} == {0, 100}, "a branch has no fractions"
    worst = min(alone, key=lambda row: row["dice"])
    assert worst["unit"] == "tumour3"


def test_a_budget_takes_branches_out_whole_within_the_slack_of_dice(told):
    rows = json.loads(told("budget organs --workers 1 --json -"))
    full, best = (next(row for row in rows if row["role"] == role) for role in ("full", "best"))
    assert best["threshold"] == pytest.approx(full["dice"] - 0.05)
    assert best["dice"] >= best["threshold"]
    assert best["removed"] >= 750, "three of the widest branches at least"
    rates = dict(rate.split("=") for rate in best["unit_rates"].split(","))
    assert set(rates) == {unit.id for unit in Branches.units}
    assert set(rates.values()) == {"0", "100"}


def test_a_label_map_and_a_network_on_the_command_line(told, plugin, tmp_path, capsys):
    path = tmp_path / "ann.nii"
    out = told("reconstruct organs --sample ann --rate 20 --out", path)
    assert "(Label map)." in out
    assert "Its axes run to left, anterior and superior." in out
    values = SimpleITK.GetArrayFromImage(SimpleITK.ReadImage(str(path)))
    assert set(np.unique(values)) == {0, 1, 2, 3}
    told("reconstruct organs --out", tmp_path / "ann.ply")
    assert main(["reconstruct", "organs", "--out", str(tmp_path / "ann.doc")]) == 2
    assert "take .nii or .ply" in capsys.readouterr().err
    out = told("prune organs --rate 20 --unit-rate kidney5=100 --out", tmp_path / "left.npz")
    assert "9 of 12 branches are left." in out
    with np.load(tmp_path / "left.npz") as kept:
        assert kept["arr_2"].shape == (2, 2, 5, 5, 5)
    assert main(["prune", "organs", "--out", str(path)]) == 2
    assert "it writes .npz (Branches)" in capsys.readouterr().err
    assert main(["prune", "organs", "--unit-rate", "liver1=40", "--out", "x.npz"]) == 2
    assert "liver1 stays or goes as a whole" in capsys.readouterr().err


def test_nothing_else_changes_when_it_is_added_or_taken_away(told, plugin):
    with_it = told("systems").splitlines()
    others = [system.id for system in discover().systems if system.id != "organs"]
    assert any(line.startswith("organs ") for line in with_it)
    plugin.unlink()
    assert [system.id for system in discover().systems] == others
    assert discover().broken == ()
    without = told("systems").splitlines()
    at = next(n for n, line in enumerate(with_it) if line.startswith("organs "))
    assert without == with_it[:at] + with_it[at + 2 :]
