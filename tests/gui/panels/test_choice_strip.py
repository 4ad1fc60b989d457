"""The strip: lazy pictures, hands and keys that choose, marks, names that fit, few bytes."""

from dataclasses import replace

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.core.scene.cameras import Cameras
from prune3d_gui.gui.dress.theme import DARK, LIGHT
from prune3d_gui.gui.panels import choice_strip
from prune3d_gui.gui.panels.choice_strip import ChoiceStrip, shortened
from tests.gui.drive import click, wheel

COUNT = 300
NAMES = tuple(f"images/{number:03d}.jpg" for number in range(COUNT))
CAMERA = Knob(
    "camera", "Camera", "choice", NAMES[0], "reconstruct", pictured=True,
    choices=tuple(Choice(n, n, "some", mark="held out" * (n == NAMES[1])) for n in NAMES),
)  # fmt: skip


@pytest.fixture
def strip(qtbot):
    made = ChoiceStrip()
    made.asked, made.picked = [], []
    made.wanted.connect(lambda knob, ids: made.asked.append((knob, ids)))
    made.chosen.connect(lambda knob, name: made.picked.append((knob.id, name)))
    qtbot.addWidget(made)
    made.resize(700, 110)
    made.set_knobs((Knob("rate", "Rate", "rate", 0.0), CAMERA))
    made.show_value(NAMES[0])
    made.show()
    qtbot.waitExposed(made)
    return made


def centre(strip, row):
    return strip.list.visualRect(strip.entries.index(row, 0)).center()


def filled(strip, pixels=None):
    """Answer what was asked last, as the model does."""
    for name in strip.asked[-1][1]:
        strip.show_thumbnail("camera", name, pixels)


def test_only_what_is_in_sight_is_asked_for_and_it_first(strip):
    knob, ids = strip.asked[-1]
    assert knob == "camera"
    assert ids[0] == NAMES[0]
    assert 5 < len(ids) < 20, "of three hundred"
    filled(strip, np.zeros((20, 30, 3), np.uint8))
    count = len(strip.asked)
    strip.ask()
    assert len(strip.asked) == count, "they are there"
    wheel(strip.list.viewport(), -20)
    assert strip.list.horizontalScrollBar().value() > 0, "the wheel goes along the strip"
    first = strip.seen().start
    assert strip.asked[-1][1][0] >= NAMES[first]
    assert not set(strip.asked[-1][1]) & set(ids)


def test_hands_and_keys_choose_and_only_they_tell(strip, qtbot):
    strip.show_value(NAMES[2])
    assert not strip.picked
    assert strip.place.text() == "3 of 300"
    click(strip.list.viewport(), centre(strip, 4))
    assert strip.picked == [("camera", NAMES[4])]
    QTest.keyClick(strip.list, Qt.Key.Key_Right)
    QTest.keyClick(strip.list, Qt.Key.Key_Left)
    QTest.keyClick(strip.list, Qt.Key.Key_End)
    assert [name for _, name in strip.picked[1:]] == [NAMES[5], NAMES[4], NAMES[-1]]
    assert strip.list.viewport().rect().contains(centre(strip, COUNT - 1))
    for row in (0, 150, 3):
        strip.show_value(NAMES[row])
        inside = strip.list.viewport().rect()
        near = [each for each in (row - 1, row, row + 1) if each >= 0]
        assert all(inside.contains(centre(strip, each)) for each in near), "it and its neighbours"


def test_names_marks_and_tips(strip):
    at = strip.entries.index(1, 0)
    assert at.data() == "001"
    assert at.data(Qt.ItemDataRole.ToolTipRole) == "images/001.jpg\nsome"
    assert at.data(Qt.ItemDataRole.AccessibleTextRole) == "images/001.jpg, held out"
    assert shortened(["a/1.png", "b/1.png"]) == ["a/1", "b/1"]
    assert shortened(["1.png", "2.jpg"]) == ["1.png", "2.jpg"]


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_chosen_one_is_framed_and_the_held_out_one_labelled(strip, theme):
    strip.set_theme(theme)
    filled(strip, np.full((30, 40, 3), 200, np.uint8))
    strip.show_value(NAMES[3])
    image = strip.list.viewport().grab().toImage()

    def tile(row):
        box = strip.list.visualRect(strip.entries.index(row, 0))
        places = ((x, y) for x in range(box.left(), box.right()) for y in range(box.height()))
        return [image.pixelColor(x, y).name() for x, y in places]

    assert theme.accent in tile(3)
    assert theme.accent not in tile(2)
    corner = strip.list.visualRect(strip.entries.index(1, 0)).topLeft() + QPoint(9, 9)
    plain = strip.list.visualRect(strip.entries.index(2, 0)).topLeft() + QPoint(9, 9)
    assert image.pixelColor(corner).lightness() < image.pixelColor(plain).lightness() - 60


def test_one_without_a_picture_says_its_name_and_is_not_asked_for_again(strip):
    filled(strip)
    bare, before = set(strip.asked[-1][1]), len(strip.asked)
    strip.resize(1000, 110)
    later = [ids for _, ids in strip.asked[before:]]
    assert later, "more is in sight"
    assert not any(bare & set(ids) for ids in later)


def test_pictures_are_bounded_in_bytes_and_asked_for_anew(strip, monkeypatch):
    monkeypatch.setattr(strip.entries.pictures, "limit", 40 * 4 * 160 * 120)
    for name in NAMES:
        strip.show_thumbnail("camera", name, np.zeros((120, 160, 3), np.uint8))
    assert strip.entries.pictures.bytes <= strip.entries.pictures.limit
    strip._asked = ()
    strip.ask()
    assert NAMES[0] in strip.asked[-1][1], "what went is asked for when it is seen"


def test_a_sample_has_entries_and_names_of_its_own_and_pictures_once_it_is_there(strip):
    def seen(count, chosen):
        places = np.tile(np.eye(4), (count, 1, 1))
        lens, sizes = np.tile((9.0, 9, 4, 3), (count, 1)), np.tile((8, 6), (count, 1))
        titles = tuple(f"walk/{10 * n:04d}.png" for n in range(count))
        return Cameras(places, lens, sizes, NAMES[:count], (), "camera", NAMES[chosen], titles)

    strip.show_thumbnail("camera", NAMES[0], np.zeros((4, 4, 3), np.uint8))
    strip.show_another()
    before = len(strip.asked)
    strip.show_thumbnail("camera", NAMES[0], np.zeros((4, 4, 3), np.uint8))
    assert not strip.entries.knows(NAMES[0]), "it may be of the sample before"
    strip.show_cameras(seen(5, 3))
    strip.resume()
    assert [set(ids) for _, ids in strip.asked[before:]] == [set(NAMES[:5])]
    assert [strip.entries.index(row, 0).data() for row in (0, 4)] == ["0000", "0040"]
    assert strip.place.text() == "4 of 5"
    assert not strip.picked, "no hand chose it"
    other = replace(seen(5, 3), chooses="other")
    strip.show_cameras(other)
    strip.show_cameras(replace(other, chooses="camera", titles=()))
    assert len(strip.entries.choices) == 5


def test_another_model_has_other_entries_or_no_strip(strip):
    strip.show_thumbnail("camera", NAMES[0], np.zeros((4, 4, 3), np.uint8))
    other = Knob("view", "View", "choice", "a", choices=(Choice("a", "A"), Choice("b", "B")))
    strip.set_knobs((other,))
    assert strip.isHidden()
    strip.set_knobs((CAMERA,))
    assert not strip.entries.knows(NAMES[0])
    few = Knob("camera", "C", "choice", "a", pictured=True, choices=other.choices)
    strip.set_knobs((few,))
    assert strip.isHidden(), f"fewer than {choice_strip.LEAST} are a list"


def test_it_folds_away_to_its_title_and_asks_for_nothing_then(strip, qtbot):
    tall = strip.sizeHint().height()
    click(strip.title, strip.title.rect().center())
    assert strip.folded
    assert strip.list.isHidden()
    assert strip.sizeHint().height() < tall / 2
    count = len(strip.asked)
    strip._asked = ()
    strip.ask()
    assert len(strip.asked) == count
    click(strip.title, strip.title.rect().center())
    assert not strip.folded
    assert strip.list.isVisible()
    assert len(strip.asked) > count
