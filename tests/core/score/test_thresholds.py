"""Thresholds as people write them, and what they come to."""

import math

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.score.thresholds import Threshold, read_threshold

WRITTEN = {
    "1,33x": Threshold(1.33, "factor"),
    "1.33 \u00d7": Threshold(1.33, "factor"),
    "5,5": Threshold(5.5),
    "30 dB": Threshold(30.0),
    "+0.5": Threshold(0.5, "difference"),
    "-1 dB": Threshold(-1.0, "difference"),
    "\u22121dB": Threshold(-1.0, "difference"),
    "=-5": Threshold(-5.0),
}


@pytest.mark.parametrize("text", WRITTEN)
def test_values_multiples_and_differences_are_read(text):
    assert read_threshold(text, "it", "dB") == WRITTEN[text]


@pytest.mark.parametrize("threshold", WRITTEN.values())
def test_what_is_said_reads_back(threshold):
    assert read_threshold(threshold.words("dB"), "it", "dB") == threshold


@pytest.mark.parametrize("text", ["0x", "-1x", "x", "", "=", "one", "-", "1 kg", "nan"])
def test_what_is_no_threshold_is_quoted(text):
    with pytest.raises(BadInput, match=r"1\.33x, or a difference such as -1 dB"):
        read_threshold(text, "it", "dB")


def test_only_what_is_relative_asks_for_the_full_model():
    assert Threshold(5.0).at(math.nan) == 5
    assert Threshold(1.5, "factor").at(2.0) == 3
    assert Threshold(-1.0, "difference").at(40.0) == 39
    assert [t.relative for t in WRITTEN.values()] == [
        True,
        True,
        False,
        False,
        True,
        True,
        True,
        False,
    ]
