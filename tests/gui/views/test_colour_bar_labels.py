"""Names of label maps below the views: where they have room, and else in the tooltip."""

import numpy as np
import pytest

from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Layer, Scene, Volume
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.gui.views.colour_bar import ColourBar, labels_of

RED, BLUE, WHITE = (220, 30, 40), (30, 60, 230), (240, 240, 240)
VALUES = np.arange(8, dtype=np.uint8).reshape(2, 2, 2) % 3
SCENE = Scene((
    Layer("CT", Volume(VALUES.astype(np.float32), 0.5), view="slice"),
    Layer("reference", Labels(VALUES, {1: Label("liver of it", WHITE), 2: Label("b", WHITE)})),
    Layer("labels", Labels(VALUES, {1: Label("liver", RED), 2: Label("kidney", BLUE)})),
    Layer("bodies", Labels(VALUES, {1: Label("liver", RED), 2: Label("kidney", BLUE)})),
))  # fmt: skip


@pytest.fixture
def bar(qtbot):
    made = ColourBar()
    qtbot.addWidget(made)
    made.show_labels(labels_of(SCENE))
    made.resize(900, made.sizeHint().height())
    made.show()
    return made


def inked(bar, colour):
    image = bar.grab().toImage()
    rows, columns = range(image.height()), range(image.width())
    return [(x, y) for y in rows for x in columns if image.pixelColor(x, y).getRgb()[:3] == colour]


def test_each_colour_is_named_once_and_a_map_in_one_colour_by_its_layer():
    found = [(label.name, label.colour) for label in labels_of(SCENE)]
    assert found == [("liver", RED), ("kidney", BLUE), ("reference", WHITE)]
    assert labels_of(None) == ()


def test_names_alone_take_one_line(bar):
    assert bar.sizeHint().height() < 30
    red, blue = inked(bar, RED), inked(bar, BLUE)
    assert len(red) > 50
    assert max(x for x, _ in red) < min(x for x, _ in blue)
    assert bar.toolTip() == "liver, kidney, reference"


def test_names_stand_beside_a_scale_where_they_have_room(bar):
    bar.show_scale(ColourScale("signed", "Distance (mm)", -15.0, 15.0, "diverging"), None)
    bar.resize(900, bar.sizeHint().height())
    assert inked(bar, RED)
    assert max(x for x, _ in inked(bar, RED)) < 250, "left of the scale"
    bar.resize(420, bar.height())
    assert not inked(bar, RED)
    assert bar.toolTip() == "liver, kidney, reference"
