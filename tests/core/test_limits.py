"""Limits: what meets them, and what a row says of it."""

import math

import pytest

from prune3d_gui.core.limits import limited, meets


@pytest.mark.parametrize(
    ("limit", "within", "beyond"),
    [
        ("at most 5", (5.0, -1.0), (5.01, math.inf)),
        ("at least 0.8", (0.8, math.inf), (0.79,)),
        ("below 2", (1.99,), (2.0,)),
        ("0.95 to 1.05", (0.95, 1.05), (0.94, 1.06)),
        ("at most 1e-5", (1e-6,), (1e-4,)),
    ],
)
def test_ends_are_as_the_words_say(limit, within, beyond):
    assert all(meets(value, limit) for value in within)
    assert not any(meets(value, limit) for value in (*beyond, None, math.nan))


@pytest.mark.parametrize("odd", ["", "5", "about 5", "at most"])
def test_other_words_are_no_limit(odd):
    with pytest.raises(ValueError, match="is no limit"):
        meets(1.0, odd)


def test_a_row_says_its_limit_and_whether_it_is_met():
    row = {"measure": "m", "value": 3.0, "ratio": 0.5}
    assert limited(row, "") == row
    assert limited(row, "at most 3") == row | {"limit": "at most 3", "met": "yes"}
    told = limited(row, "at least 0.8", "ratio")
    assert (told["limit"], told["met"]) == ("ratio at least 0.8", "no")
    assert "met" not in row
