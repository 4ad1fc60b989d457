"""Slices show the voxels of a plane in the colours of scale, grey or table, labels above all."""

import numpy as np
import pytest

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Layer, Points, Scene, Volume
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import extent, facing, place, sliced, zoom
from prune3d_gui.drawing.looks import Look
from prune3d_gui.drawing.palette import DARK, LIGHT, coloured
from prune3d_gui.drawing.views import SceneView
from prune3d_gui.geometry.slices import Plane, bounds, lattice

AFFINE = along_axes((1.0, 2.0, 1.0), (0.0, -3.0, 0.0))
VALUES = np.random.default_rng(1).uniform(0, 9, (6, 3, 4)).astype(np.float32)
ERROR = ColourScale("error", "Error", 0.0, 9.0)


def seen(plotter, scene, plane, look):
    """Draw a slice, and return the middle colour of each of its voxels: rows from below."""
    low, high = bounds(*lattice(scene))
    state = facing(sliced(low, high, (plane.axis,)), plane)
    wide, tall = plotter.window_size
    place(plotter.camera, state, extent([scene]), wide / tall)
    plotter.camera_set = True
    scale = zoom(state, wide, tall)
    view = SceneView(plotter)
    view.show(scene, look(plane, scale))
    image = plotter.screenshot(None, return_img=True).astype(int)
    right, up = (axis for axis in range(3) if axis != plane.axis)
    spacing = np.diag(lattice(scene)[1])[:3]
    shape = lattice(scene)[0]

    def at(column, row):
        x = wide / 2 + scale * ((column + 0.5) * spacing[right] - (high - low)[right] / 2)
        y = tall / 2 - scale * ((row + 0.3) * spacing[up] - (high - low)[up] / 2)
        return image[int(y), int(x)]

    return np.array([[at(u, v) for u in range(shape[right])] for v in range(shape[up])])


def plain(scales=(), theme=LIGHT):
    window = (0.0, 9.0)
    return lambda plane, scale: Look("mesh", scales, theme, plane=plane, zoom=scale, window=window)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize(("axis", "number"), [(2, 1), (1, 2), (0, 4)])
def test_a_field_is_grey_between_the_ends_of_its_window(plotter, theme, axis, number):
    scene = Scene((Layer("field", Volume(VALUES, 4.0, AFFINE), view="slice"),))
    point = AFFINE[:3, 3] + number * np.diag(AFFINE)[:3]
    got = seen(plotter, scene, Plane(axis, tuple(point + 0.01)), plain(theme=theme))
    cut = VALUES.take(number, axis).T
    grey = ColourScale("", "", 0.0, 9.0, "grey")
    wanted = coloured(cut.ravel(), grey, theme).reshape(*cut.shape, 3)
    crossed = np.abs(got - np.array(DARK.accent)).max(axis=-1) < 60
    assert crossed.sum() <= cut.size / 2
    assert np.abs(got - wanted)[~crossed].max() <= 2


def test_a_scale_colours_the_field_and_labels_lie_above_it(plotter):
    holes = VALUES.copy()
    holes[2, 1, 1] = np.nan
    field = Volume(VALUES, 4.0, AFFINE, arrays={"error": holes})
    classes = np.zeros((6, 3, 4), np.uint8)
    classes[0:2] = 7
    table = {2: Label("two", (1, 1, 1)), 7: Label("seven", (20, 200, 90))}
    labels = Labels(classes, table, AFFINE)
    cloud = Points(np.zeros((9, 3), np.float32))
    scene = Scene(
        (
            Layer("field", field, "error", view="slice"),
            Layer("organ", labels, view="slice"),
            Layer("points", cloud, view="slice"),
        )
    )
    got = seen(plotter, scene, Plane(2, (5.4, 1.9, 1.0)), plain((ERROR,)))
    wanted = coloured(holes[:, :, 1].T.ravel(), ERROR, LIGHT).reshape(3, 6, 3)
    assert tuple(wanted[1, 2]) == LIGHT.missing
    wanted[:, 0:2] = (20, 200, 90)
    assert np.abs(got - wanted)[:, :5].max() <= 2
    assert set(plotter.actors) == {"field", "organ", "crosshair"}


def test_half_opaque_labels_let_the_field_through(plotter):
    field = Layer("field", Volume(np.zeros((6, 3, 4), np.float32), 4.0, AFFINE), view="slice")
    table = {1: Label("one", (200, 100, 40))}
    organ = Labels(np.ones((6, 3, 4), np.uint8), table, AFFINE)
    scene = Scene((field, Layer("organ", organ, view="slice", opacity=0.5)))
    got = seen(plotter, scene, Plane(2, (5.4, 1.9, 1.0)), plain())
    black = coloured(np.zeros(1), ColourScale("", "", 0.0, 9.0, "grey"), LIGHT)[0]
    wanted = (np.array((200, 100, 40)) + black) / 2
    assert np.abs(got[0, :5] - wanted).max() <= 3


def test_a_plane_beside_it_shows_nothing(plotter):
    scene = Scene((Layer("field", Volume(VALUES, 4.0, AFFINE), view="slice"),))
    got = seen(plotter, scene, Plane(2, (5.4, 1.9, 30.0)), plain())
    assert np.abs(got[:, :5] - np.array(LIGHT.background)).max() <= 2


def test_an_outline_leaves_what_is_below_it_to_be_seen(plotter):
    x, y, _ = np.indices((12, 12, 3))
    classes = np.where((x - 6) ** 2 + (y - 6) ** 2 <= 16, 7, 0).astype(np.uint8)
    labels = Labels(classes, {7: Label("seven", (20, 200, 90))})
    field = Layer("field", Volume(np.full(classes.shape, 9.0, np.float32), 4.0), view="slice")
    middle = Plane(2, (11.0, 11.0, 1.0))  # the crosshair keeps to a corner
    scene = Scene((field, Layer("organ", labels, view="slice", outline=True)))
    got = seen(plotter, scene, middle, plain())
    assert np.ptp(got[6, 6]) < 10, "the field shows through"
    image = plotter.screenshot(None, return_img=True).astype(int)
    drawn = np.abs(image - (20, 200, 90)).max(axis=-1) < 40
    assert 50 < drawn.sum() < 0.1 * drawn.size, "lines around it are there"
    rows, columns = np.nonzero(drawn)
    middle_of = np.array(drawn.shape) / 2
    assert abs(rows.min() + rows.max() - 2 * middle_of[0]) < 0.12 * drawn.shape[0]
    assert abs(columns.min() + columns.max() - 2 * middle_of[1]) < 0.12 * drawn.shape[1]
