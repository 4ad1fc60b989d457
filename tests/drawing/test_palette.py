"""The ramp says what it shows, and ticks are round."""

import numpy as np
import pytest

from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.palette import DARK, LIGHT, RAMP, coloured, colours_of, theme, ticks

SCALE = ColourScale("d", "Distance", 0.0, 0.1)


def lightness(colours):
    """OKLab lightness of (N, 3) uint8 colours."""
    part = colours / 255
    linear = np.where(part <= 0.04045, part / 12.92, ((part + 0.055) / 1.055) ** 2.4)
    cones = np.array(
        [
            (0.4122214708, 0.5363325363, 0.0514459929),
            (0.2119034982, 0.6806995451, 0.1073969566),
            (0.0883024619, 0.2817188376, 0.6299787005),
        ]
    )
    return np.cbrt(linear @ cones.T) @ (0.2104542553, 0.7936177850, -0.0040720468)


def test_the_ramp_only_gets_lighter_and_stands_out_from_both_backgrounds():
    light = lightness(RAMP.astype(float))
    assert (np.diff(light) > -0.004).all()
    for background in (LIGHT.background, DARK.background):
        ground = lightness(np.array([background], float))[0]
        assert np.abs(light - ground).min() > 0.1


def test_values_find_their_colour_and_the_ends_hold_what_is_beyond():
    values = np.array([-1.0, 0.0, 0.05, 0.1, 7.0, np.inf, np.nan])
    colours = coloured(values, SCALE, LIGHT)
    expected = [*RAMP[[0, 0, 128, 255, 255, 255]], LIGHT.missing]
    np.testing.assert_array_equal(colours, expected)


@pytest.mark.parametrize("shown", [LIGHT, DARK])
def test_grey_rises_linearly_and_stays_clear_of_the_background(shown):
    grey = ColourScale("d", "Density", 0.0, 1.0, "grey")
    table = colours_of(grey, shown).astype(int)
    assert table.shape == (256, 3)
    assert (table == table[:, :1]).all()
    line = np.linspace(table[0, 0], table[-1, 0], 256)
    assert np.abs(table[:, 0] - line).max() <= 0.5
    ends = np.abs(table[[0, -1]] - shown.background).max(axis=1)
    assert ends.min() > 18
    np.testing.assert_array_equal(coloured(np.array([0.0, 1.0]), grey, shown), table[[0, -1]])
    np.testing.assert_array_equal(colours_of(SCALE, shown), RAMP)


@pytest.mark.parametrize("shown", [LIGHT, DARK])
def test_what_is_not_a_number_looks_like_no_value(shown):
    grey = ColourScale("d", "Density", 0.0, 1.0, "grey")
    for table in (colours_of(grey, shown), RAMP):
        apart = np.abs(table.astype(int) - shown.missing).max(axis=1)
        assert apart.min() > 25


def test_a_scale_without_width_does_not_divide_by_nothing():
    flat = ColourScale("d", "Distance", 0.5, 0.5)
    assert coloured(np.array([0.5, 1.0]), flat, DARK).shape == (2, 3)
    assert ticks(flat) == [(0.5, "0.5")]


@pytest.mark.parametrize(
    ("low", "high", "texts"),
    [
        (0.0, 0.1, ["0", "0.025", "0.05", "0.075", "0.1"]),
        (0.0, 1.0, ["0", "0.25", "0.5", "0.75", "1"]),
        (-2.0, 2.0, ["-2", "-1", "0", "1", "2"]),
        (0.3, 97.0, ["25", "50", "75"]),
    ],
)
def test_ticks_are_round_and_inside(low, high, texts):
    assert [text for _, text in ticks(ColourScale("d", "D", low, high))] == texts


def test_themes_are_never_pure_black_or_white():
    for shown in (theme(False), theme(True)):
        assert min(shown.background) > 0
        assert max(shown.background) < 255
