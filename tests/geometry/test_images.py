"""Pixels of a picture: which one is seen at a place, and where it lies."""

import numpy as np
import pytest

from prune3d_gui.core.scene.scenes import Image, Layer, Pick, Scene
from prune3d_gui.geometry.images import middle
from prune3d_gui.geometry.scenes import pick
from prune3d_gui.geometry.sight import Sight

VIEW = (400, 200)
FLAT = np.diag([0.5, 1.0, -0.1, 1.0])
"""A view four units wide and two units tall, seen from +Z without perspective."""


def picture(tall, wide, told=True):
    return Layer("photo", Image(np.zeros((tall, wide, 3), np.uint8), told=told))


@pytest.mark.parametrize("size", [(3, 4), (5, 2), (1, 1)])
def test_every_pixel_is_hit_at_its_middle(size):
    layer = picture(*size)
    for index in range(size[0] * size[1]):
        x, y, _ = middle(layer.data, index)
        at = (VIEW[0] * (x * 0.5 + 1) / 2, VIEW[1] * (1 - y) / 2)
        assert pick(Scene((layer,)), Sight(FLAT, VIEW, at)) == Pick("photo", index, "pixel")


def test_pixels_are_numbered_from_the_upper_left_and_end_at_the_border():
    layer = picture(2, 2)
    scene = Scene((layer,))
    upper_left = Sight(FLAT, VIEW, (151, 51))
    assert pick(scene, upper_left) == Pick("photo", 0, "pixel")
    assert pick(scene, Sight(FLAT, VIEW, (249, 149))) == Pick("photo", 3, "pixel")
    for outside in ((149, 100), (251, 100), (200, 49), (200, 151)):
        assert pick(scene, Sight(FLAT, VIEW, outside)) is None


def test_a_picture_that_nothing_is_told_of_is_not_hit():
    assert pick(Scene((picture(2, 2, told=False),)), Sight(FLAT, VIEW, (200, 100))) is None
