"""The gallery: never blank without a word, and its tiles suit either theme."""

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest

from prune3d_gui.core.model import Sample
from prune3d_gui.gui.dress.theme import DARK, LIGHT
from prune3d_gui.gui.panels.sample_gallery import THUMB, SampleGallery
from prune3d_gui.gui.panels.sample_tile import DARK_GROUND, LIGHT_GROUND
from tests.gui.drive import click

BLACK = np.zeros((20, 20, 4), np.uint8)
BLACK[5:15, 5:15, 3] = 255
SAMPLES = (Sample("a", "Chair", "Seats", BLACK), Sample("b", "Desk without a picture", "Tables"))


@pytest.fixture
def gallery(qtbot):
    made = SampleGallery()
    qtbot.addWidget(made)
    made.resize(400, 400)
    made.set_samples(SAMPLES)
    made.show()
    qtbot.waitExposed(made)
    return made


def shown(gallery):
    found = (gallery.list.item(row) for row in range(gallery.list.count()))
    return [item.toolTip() or item.text() for item in found if not item.isHidden()]


def icon_of(gallery, row):
    return gallery.list.item(row).icon().pixmap(QSize(THUMB, THUMB)).toImage()


def test_a_filter_that_finds_nothing_says_so_and_lets_go(gallery):
    assert not gallery.nothing.isVisible()
    QTest.keyClicks(gallery.filter, "sofa")
    assert gallery.nothing_label.text() == "No sample has “sofa” in its name or category."
    assert gallery.nothing.isVisible()
    assert not gallery.list.isVisible()
    click(gallery.clear_button, gallery.clear_button.rect().center())
    assert gallery.filter.text() == ""
    assert not gallery.nothing.isVisible()
    assert shown(gallery) == ["Seats", "Chair", "Tables", "Desk without a picture"]
    QTest.keyClicks(gallery.filter, "desk")
    assert shown(gallery) == ["Tables", "Desk without a picture"]
    assert gallery.list.isVisible()


def test_a_model_without_samples_says_so(gallery):
    gallery.set_samples(())
    assert gallery.nothing_label.text() == "No samples come with this model."
    assert gallery.nothing.isVisible()
    assert not gallery.clear_button.isVisible()


@pytest.mark.parametrize(("theme", "ground"), [(LIGHT, LIGHT_GROUND), (DARK, DARK_GROUND)])
def test_dark_things_stand_out_from_their_tile(gallery, theme, ground):
    gallery.set_theme(theme)
    tile = icon_of(gallery, 1)
    middle, edge = THUMB // 2, THUMB // 8
    assert tile.pixelColor(middle, middle) == QColor("black")
    assert tile.pixelColor(edge, edge) == QColor(ground)
    luminance = [_luminance(QColor(colour)) for colour in (ground, "black")]
    assert (luminance[0] + 0.05) / (luminance[1] + 0.05) > 2.5


def test_a_sample_without_a_picture_is_named_on_its_tile(gallery):
    tile = icon_of(gallery, 3)
    colours = {tile.pixel(x, y) for x in range(8, 44) for y in range(8, 44)}
    assert len(colours) > 5, "words"
    assert gallery.list.item(3).icon().availableSizes()


def _luminance(colour):
    parts = np.array(colour.getRgbF()[:3])
    linear = np.where(parts <= 0.03928, parts / 12.92, ((parts + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))
