"""Numbers as people type them: both separators, groups, units; what is doubtful is refused."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.numerals import read_number, read_rate
from prune3d_gui.core.plan.knobs import Knob

TOLERANCE = Knob("tolerance", "Tolerance", "log", 1e-3, minimum=1e-6, maximum=1.0)
RATE = Knob("rate", "Rate", "rate", 0.0)
SEED = Knob("seed", "Seed", "steps", 0, minimum=0, maximum=2**31 - 1)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0.1", 0.1), ("0,1", 0.1), ("0,05", 0.05), (" 0,05 ", 0.05), (",5", 0.5), ("5.", 5.0),
        ("1e-3", 1e-3), ("1,5e-2", 0.015), ("1.5E2", 150.0), ("+5", 5.0), ("-5,5", -5.5),
        ("\u22125", -5.0), ("0,125", 0.125), ("1,0000", 1.0), ("1.000", 1.0), ("12.345", 12.345),
        ("1 000", 1000.0), ("1\u202f000,5", 1000.5), ("1'000", 1000.0), ("1\u2019000.25", 1000.25),
        ("1_000", 1000.0), ("1,000,000", 1e6), ("1.000.000", 1e6), ("1,000.5", 1000.5),
        ("1.000,5", 1000.5), ("1,234,567.5", 1234567.5),
    ],
)  # fmt: skip
def test_both_separators_and_groups_of_three(text, value):
    assert read_number(text) == value


@pytest.mark.parametrize(
    "text",
    ["", " ", ".", ",", "abc", "1,,5", "1.5.2", "12,34,567", "1,234.567,8", "1 5", "1_0", "--5",
     "5-", "e5", "1e", "1e5,5", "0x10", "inf", "nan", "5%", "5 x", "\u0663", "1 2 3", "1'00",
     "1 000'000", "0 001", "1,000 5"],
)  # fmt: skip
def test_what_is_no_number_is_refused_and_quoted(text):
    with pytest.raises(BadInput, match="is not a number; give one") as caught:
        read_number(text, "size", advice="give one")
    assert f"size {text!r}" in str(caught.value)


@pytest.mark.parametrize(
    ("text", "whole"), [("1,000", False), ("12,345", False), ("1,000", True), ("1.000", True)]
)
def test_what_can_be_read_in_two_ways_is_refused(text, whole):
    with pytest.raises(BadInput, match=r"may be 1\d?(\.345)? or 1\d*;"):
        read_number(text, whole=whole, low=0, high=1e6)


def test_a_range_settles_what_would_be_doubtful_but_not_for_whole_numbers():
    assert read_number("1,000", low=0, high=1) == 1.0
    assert read_number("12,345", low=0, high=100) == 12.345
    with pytest.raises(BadInput, match="may be"):
        read_number("1,000", whole=True, low=0, high=100)


def test_whole_numbers():
    assert read_number("7", whole=True) == 7
    assert read_number("7,0", whole=True) == 7
    assert read_number("1e3", whole=True) == 1000
    with pytest.raises(BadInput, match="'7,5' is not a whole number"):
        read_number("7,5", whole=True)


@pytest.mark.parametrize("text", ["1e400", "-1e400", "101", "-0,1"])
def test_what_is_out_of_range_is_refused(text):
    with pytest.raises(BadInput, match="out of range"):
        read_number(text, low=0, high=100)


def test_long_garbage_is_refused_at_once():
    for text in ("1" * 100_000 + "x", "1,111" * 50_000, "1 " * 100_000):
        with pytest.raises(BadInput):
            read_number(text)


def test_units_may_stand_behind():
    for text in ("45", "45%", "45 %", " 45,0 % "):
        assert read_rate(text) == 45
        assert RATE.check(text) == 45
    with pytest.raises(BadInput):
        TOLERANCE.check("0,1 %")


def test_knobs_read_both_separators():
    for text in ("0,1", "0.1", "1e-1", "1,0e-1"):
        assert TOLERANCE.check(text) == 0.1
    assert SEED.check("1 000") == 1000
    assert isinstance(SEED.check("3"), int)
    with pytest.raises(BadInput, match="seed '1,000' may be 1 or 1000"):
        SEED.check("1,000")


def test_in_a_series_the_comma_parts_values_unless_a_colon_or_a_semicolon_does():
    assert RATE.series("0,1") == (0.0, 1.0)
    assert RATE.series("0,5;1,5") == (0.5, 1.5)
    assert RATE.series("0;45,5") == (0.0, 45.5)
    assert RATE.series("0,5:1,5:0,5") == (0.5, 1.0, 1.5)
    assert TOLERANCE.series("0,001:0,1:x3") == pytest.approx((1e-3, 1e-2, 1e-1))
    with pytest.raises(BadInput, match=r"out of range.*'0,05'.*','"):
        TOLERANCE.series("0,05")
