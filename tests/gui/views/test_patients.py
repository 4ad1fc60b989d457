"""A patient in slices and in space: the right on the left, letters where the affine has them."""

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QToolButton

from prune3d_gui.core.moment import Moment
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene, Volume
from prune3d_gui.core.scene.views import SPACE, View
from prune3d_gui.drawing.cameras import axes_of
from prune3d_gui.drawing.shots import Shot
from prune3d_gui.gui.views import pace
from tests.gui.drive import viewport_in
from tests.gui.views.test_panes import wait
from tests.gui.views.test_viewport import click, pixels, settle

CUTS = (
    View("axial", "Axial", "slice", ("pruned",), axis=2),
    View("coronal", "Coronal", "slice", ("pruned",), axis=1),
    View("sagittal", "Sagittal", "slice", ("pruned",), axis=0),
)
SIDES = {
    "axial": {"left": "R", "right": "L", "top": "A", "bottom": "P"},
    "coronal": {"left": "R", "right": "L", "top": "S", "bottom": "I"},
    "sagittal": {"left": "A", "right": "P", "top": "S", "bottom": "I"},
}
SIZE = 20
AFFINES = {
    "RAS": np.diag((2.0, 2.0, 2.0, 1.0)),
    "LPS": np.diag((-2.0, -2.0, 2.0, 1.0)),
    "AIL": np.array([[0, 0, -2.0, 0], [2.0, 0, 0, 0], [0, -2.0, 0, 0], [0, 0, 0, 1.0]]),
}
"""From voxels that run in these directions to right, front and head in mm."""


@pytest.fixture(autouse=True)
def unhurried(monkeypatch):
    monkeypatch.setattr(pace, "SLOW", float("inf"))


@pytest.fixture
def viewport(qtbot):
    with viewport_in(qtbot, 1000, 420) as shown:
        yield shown


def centred(affine):
    moved = affine.copy()
    moved[:3, 3] = -affine[:3, :3] @ np.full(3, (SIZE - 1) / 2)
    return moved


def body(affine, patient=True):
    """Black but for a bar that runs through the right, the front and the head of the body."""
    affine = centred(affine)
    voxels = np.moveaxis(np.indices((SIZE,) * 3), 0, -1)
    x, y, z = np.moveaxis(voxels @ affine[:3, :3].T + affine[:3, 3], -1, 0)
    # In every plane through the middle there is a spot in the quarter of two of R, A and S.
    spots = [
        (abs(a - 10) < 4) & (abs(b - 12) < 4) & (abs(c) < 4)
        for a, b, c in ((x, y, z), (x, z, y), (y, z, x))
    ]
    values = np.logical_or.reduce(spots).astype(np.float32)
    return Scene(
        (Layer("CT", Volume(values, 0.5, affine, "mm"), "none", "slice"),), up="z", patient=patient
    )


def spot_in(pane):
    """Where the bright spot is in a pane, from its middle in pixels: to the right, and up."""
    image = pixels(pane.view).min(axis=-1)
    image[image.shape[0] - 45 :, -140:] = 0  # the scale bar
    found = np.argwhere(image > 240)
    away = found.mean(axis=0) - np.array(image.shape) / 2
    return away[1], -away[0]


@pytest.mark.parametrize("name", AFFINES)
def test_the_right_is_on_the_left_and_says_so_whatever_the_affine(viewport, qtbot, name):
    viewport.set_theme(True)
    viewport.set_views(CUTS)
    scene = body(AFFINES[name])
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", scene))
    for view, sides in SIDES.items():
        pane = viewport.panes["pruned", view]
        letters = pane.overlay.letters
        assert letters.texts == sides
        right, up = spot_in(pane)
        assert right < -5, f"R, or A, is on the left of {view}"
        assert up > 5
        middle = pane.view.geometry().center()
        places = {edge: label.geometry().center() for edge, label in letters.labels.items()}
        assert places["left"].x() < middle.x() < places["right"].x()
        assert places["top"].y() < middle.y() < places["bottom"].y()
    buttons = viewport.panes["pruned", "axial"].bar.findChildren(QToolButton)
    assert "the patient's right is on the left" in buttons[2].toolTip()


def test_a_field_has_no_letters_and_is_not_turned(viewport, qtbot):
    viewport.set_theme(True)
    viewport.set_views(CUTS)
    scene = body(AFFINES["RAS"], patient=False)
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", scene))
    for view in SIDES:
        pane = viewport.panes["pruned", view]
        assert not pane.overlay.letters.texts
        right, up = spot_in(pane)
        assert right > 5
        assert up > 5
    # A patient who comes into the same panes is turned, and what follows is not.
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", body(AFFINES["RAS"])))
    assert viewport.panes["pruned", "axial"].overlay.letters.texts == SIDES["axial"]
    assert spot_in(viewport.panes["pruned", "axial"])[0] < -5
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", scene))
    assert not viewport.panes["pruned", "axial"].overlay.letters.texts


def test_a_click_goes_where_it_is_in_the_patient(viewport, qtbot):
    viewport.set_views(CUTS)
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", body(AFFINES["LPS"])))
    view = viewport.panes["pruned", "axial"].view
    click(view, view.rect().center() - QPoint(view.height() // 5, view.height() // 5))
    settle()
    x, y, _ = viewport.crosshair.point
    assert x > 4, "left of the middle is the patient's right"
    assert y > 4


def test_in_space_a_patient_is_seen_from_the_front_and_sides_are_the_patients(viewport, qtbot):
    points = np.array([(20, 0, 0), (0, 20, 0), (0, 0, 20), (-5, -5, -5)], np.float32)
    faces = np.array([(0, 1, 2), (0, 1, 3), (1, 2, 3), (0, 2, 3)], np.int32)
    scene = Scene((Layer("body", Mesh(points, faces)),), up="z", unit="mm", patient=True)
    viewport.set_views(SPACE)
    wait(viewport, qtbot, lambda: viewport.show_scene("full", scene))
    forward, across, _ = axes_of(viewport.camera_state())
    assert forward[1] < -0.5, "from the front to the back"
    assert across[0] < -0.5, "the right of the view is the patient's left"
    for side, looks in (("left", (1, 0, 0)), ("right", (-1, 0, 0)), ("back", (0, 1, 0))):
        viewport.look_from(side)
        np.testing.assert_allclose(axes_of(viewport.camera_state())[0], looks, atol=1e-6)
    triad = viewport.panes["full", "space"].overlay.triad
    assert triad._side_at(triad.place_of(1, -1)) == "back"


def test_a_picture_has_the_letters_and_can_be_taken_again(viewport, qtbot, tmp_path):
    viewport.set_views(CUTS)
    wait(viewport, qtbot, lambda: viewport.show_scene("pruned", body(AFFINES["RAS"])))
    shot = viewport.shot()
    assert all(plane.mirrored for plane in shot.planes)
    assert Shot.of_pairs(shot.as_pairs()) == shot
    pictures = []
    for corners in (True, False):
        path = tmp_path / f"{corners}.png"
        viewport.screenshot(path, corners=corners, moment=Moment())
        pictures.append(np.asarray(Image.open(path).convert("RGB")).astype(int))
    differ = np.abs(pictures[0] - pictures[1]).max(axis=-1) > 60
    wide = differ.shape[1] // 3
    assert differ[:, :24].any(), "R at the left edge of the axial slice"
    assert differ[:, wide - 24 : wide].any()
