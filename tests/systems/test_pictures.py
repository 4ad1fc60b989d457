"""Photographs in the window and on the command line, through one plugin file."""

from dataclasses import fields

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from prune3d_gui.core.registry import discover
from prune3d_gui.core.scene.scenes import Pick
from prune3d_gui.drawing.palette import LIGHT
from tests.conftest import settled
from tests.gui.drive import click, drag, run_job
from tests.gui.views.test_viewport import click as click_view
from tests.gui.views.test_viewport import has_colour, pixels
from tests.systems import pictures

PHOTOS, ARC = ({n: photo for n, (_, photo) in pictures.made(s)[1].items()} for s in ("ring", "arc"))


@pytest.fixture
def window(plugin, open_window):
    return open_window(discover(), system="pictures")


@pytest.fixture
def scene(tmp_path):
    """A folder of somebody's: the bundled arc, with photographs."""
    folder = tmp_path / "garden"
    folder.mkdir()
    splats, shots = pictures.made("arc")
    names = [f"garden{i}" for i in range(len(shots))]
    poses = [pose for pose, _ in shots.values()]
    parts = {one.name: getattr(splats, one.name) for one in fields(splats)}
    np.savez(folder / pictures.FILE, names=names, poses=poses, **parts)
    for camera, photo in zip(names, ARC.values(), strict=True):
        Image.fromarray(photo).save(folder / f"{camera}.png")
    return folder


def combo_of(window, knob):
    return window.parts.knobs.widgets[knob].combo


def entries(window, knob):
    combo = combo_of(window, knob)
    return [combo.itemText(row) for row in range(combo.count())]


def choose(window, qtbot, knob, row):
    """Open the list of a knob and click an entry."""
    combo = combo_of(window, knob)
    combo.showPopup()
    view = combo.view()
    qtbot.waitUntil(view.isVisible)
    place = view.visualRect(view.model().index(row, 0)).center()
    QTest.mouseMove(view.viewport(), place)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=place)
    qtbot.waitUntil(lambda: not view.isVisible())
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def prune(window, qtbot, percent):
    slider = window.parts.knobs.widgets["rate"].slider
    drag(slider, slider.value(), round(slider.maximum() * percent / 100), moves=6)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)


def seen(window, role, view="photo"):
    """The middle half of a picture as it is on screen, (24, 24, 3)."""
    QApplication.processEvents()
    image = pixels(window.viewport.panes[role, view].view)
    tall, wide = image.shape[:2]
    half = round(tall / 2 / window.viewport.camera_state("picture").height / 4)
    part = image[tall // 2 - half : tall // 2 + half, wide // 2 - half : wide // 2 + half]
    return np.asarray(Image.fromarray(part.astype(np.uint8)).resize((24, 24)), int)


def shows(window, role, picture, view="photo"):
    off = np.abs(seen(window, role, view) - np.asarray(picture, int)[12:36, 12:36])
    return off.mean() < 6


def psnr(window):
    return window.controller.frames["pruned"].scores.values["psnr"]


def test_each_pane_shows_its_picture(window, qtbot):
    view = window.viewport
    assert [key for key, pane in view.panes.items() if not pane.isHidden()] == [
        ("pruned", "space"),
        ("reference", "photo"),
        ("full", "photo"),
        ("pruned", "photo"),
        ("pruned", "difference"),
    ]
    for role in ("reference", "full", "pruned"):
        assert set(view.panes[role, "photo"].view.actors) == {"photo"}
        qtbot.waitUntil(lambda role=role: shows(window, role, PHOTOS["view0"]))
        assert not shows(window, role, PHOTOS["view90"])
    assert set(view.panes["pruned", "difference"].view.actors) == {"difference"}
    assert seen(window, "pruned", "difference").mean() > 240
    assert {"cameras", "splats"} <= set(view.panes["pruned", "space"].view.actors)
    space = pixels(view.panes["pruned", "space"].view)
    assert has_colour(space, LIGHT.faint)
    assert (np.ptp(space, axis=-1) > 100).sum() > 500, "splats in their own colours"


def test_the_slider_takes_splats_and_the_difference_darkens(window, qtbot):
    photo, before = seen(window, "reference"), psnr(window)
    assert before == pytest.approx(40.5, abs=0.5)
    prune(window, qtbot, 50)
    assert window.controller.frames["pruned"].footprint.removed == 14 * 180
    assert psnr(window) < before - 15
    qtbot.waitUntil(lambda: seen(window, "pruned", "difference").mean() < 200)
    assert not shows(window, "pruned", PHOTOS["view0"])
    assert shows(window, "full", PHOTOS["view0"])
    np.testing.assert_allclose(seen(window, "reference"), photo, atol=3)
    window.actions_by_id["undo"].trigger()
    qtbot.waitUntil(lambda: settled(window))
    qtbot.waitUntil(lambda: shows(window, "pruned", PHOTOS["view0"]))


def test_the_entries_of_the_camera_come_from_the_scene(window, qtbot):
    assert entries(window, "camera") == ["view0", "view90", "view180", "view270"]
    choose(window, qtbot, "camera", 1)
    for role in ("reference", "full", "pruned"):
        qtbot.waitUntil(lambda role=role: shows(window, role, PHOTOS["view90"]))
    gallery = window.parts.gallery.list
    click(gallery.viewport(), gallery.visualItemRect(gallery.item(1)).center())
    qtbot.waitUntil(lambda: window.controller.sample == "arc" and settled(window))
    assert entries(window, "camera") == ["view10", "view30", "view50"]
    qtbot.waitUntil(lambda: shows(window, "reference", ARC["view10"]))


def test_a_click_on_a_frustum_names_its_camera(window, qtbot):
    view = window.viewport
    pane = view.panes["pruned", "space"].view
    place = view.scene("pruned").layer("cameras").data.poses[1][:3, 3]
    pane.renderer.SetWorldPoint(*place, 1.0)
    pane.renderer.WorldToDisplay()
    x, y, _ = pane.renderer.GetDisplayPoint()
    with qtbot.waitSignal(view.picked) as got:
        click_view(pane, QPoint(round(x), round(pane.height() - y)))
    assert got.args == ["pruned", Pick("cameras", 1, "camera")]


def test_a_ranking_that_a_job_made_is_chosen_and_prunes_better(window, qtbot):
    assert entries(window, "ranking") == ["None"]
    prune(window, qtbot, 33)
    by_opacity, dark = psnr(window), seen(window, "pruned", "difference").mean()
    record = run_job(window, qtbot, "rank")
    assert record.rows[0]["unseen"] > 60
    assert entries(window, "ranking") == ["None", "By share"]
    choose(window, qtbot, "ranking", 1)
    assert dict(window.controller.plan.values)["ranking"] == record.rows[0]["ranking"]
    assert window.controller.frames["pruned"].footprint.removed == 14 * 119
    assert psnr(window) > by_opacity + 8
    qtbot.waitUntil(lambda: seen(window, "pruned", "difference").mean() > dark + 20)


def drop(window, path):
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    place, none = QPointF(200, 500), Qt.KeyboardModifier.NoModifier
    QApplication.sendEvent(window, QDragEnterEvent(place.toPoint(), copy, data, left, none))
    QApplication.sendEvent(window, QDropEvent(place, copy, data, left, none))


def test_a_folder_that_is_dropped_opens_and_a_broken_one_loses_nothing(window, qtbot, scene):
    drop(window, scene)
    controller = window.controller
    qtbot.waitUntil(lambda: controller.card.title == "garden" and controller.settled)
    assert entries(window, "camera") == ["garden0", "garden1", "garden2"]
    photo = np.asarray(Image.open(scene / "garden0.png"))
    qtbot.waitUntil(lambda: shows(window, "reference", photo))
    (scene / "garden1.png").unlink()
    drop(window, scene)
    said = "The plugin 'pictures' failed to open 'garden' (FileNotFoundError: [Errno 2] No such "
    qtbot.waitUntil(lambda: any(text.startswith(said) for _, text in window.notices.log))
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
    assert shows(window, "pruned", photo)


def test_on_the_command_line(rows, scene, tmp_path):
    found = rows("sweep pictures --rate 0,33 --camera view0,view90")
    assert [(row["camera"], row["rate"]) for row in found] == [
        ("view0", 0), ("view0", 33), ("view90", 0), ("view90", 33)
    ]  # fmt: skip
    assert all(row["psnr"] == pytest.approx(40.5, abs=0.5) for row in found[::2])
    ranking = rows("rank pictures --scene", scene)[0]["ranking"]
    poor, good = rows(f"sweep {scene} --rate 33 --ranking none,{ranking}")
    assert good["psnr"] > poor["psnr"] + 8
    assert (good["removed"], good["ranking"]) == (14 * 119, ranking)
    (row,) = rows(f"sensitivity {scene} --rate 50")
    assert row["unit"] == "splats"
    out = tmp_path / "left.ply"
    rows(f"reconstruct {scene} --rate 50 --out {out}")
    header = out.read_bytes().partition(b"end_header")[0]
    assert b"element vertex 180" in header


def test_it_is_listed_while_its_file_is_there(plugin):
    with_it = discover()
    plugin.unlink()
    without = discover()
    assert not with_it.broken
    assert [type(s) for s in with_it.systems if s.id != "pictures"] == [
        type(s) for s in without.systems
    ]
    assert len(with_it.systems) == len(without.systems) + 1
