"""Knobs: value grammar and refusals."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.knobs import Choice, Knob, knob_named

RATE = Knob("rate", "Rate", "rate", 0.0)
TOLERANCE = Knob("tolerance", "Tolerance", "log", 1e-3, minimum=1e-6, maximum=1.0)
STEPS = Knob("views", "Views", "steps", 4, minimum=1, maximum=24)
TOGGLE = Knob("seen", "Seen", "toggle", False)
CHOICE = Knob("scope", "Scope", "choice", "a", choices=(Choice("a", "A"), Choice("b", "B")))
UNITS = Knob("units", "Units", "choice", "a", choices=(Choice("a", "A"),), units_allowed=True)


@pytest.mark.parametrize(
    ("knob", "text", "values"),
    [
        (RATE, "45", (45.0,)),
        (RATE, "0, 45,90.5", (0.0, 45.0, 90.5)),
        (RATE, "0:90:45", (0.0, 45.0, 90.0)),
        (RATE, "0:1:0.1", tuple(round(0.1 * i, 10) for i in range(11))),
        (RATE, "0:10:4", (0.0, 4.0, 8.0)),
        (STEPS, "1:3:1", (1, 2, 3)),
        (TOGGLE, "on,off", (True, False)),
        (CHOICE, "b,a", ("b", "a")),
        (UNITS, "C15, C16", ("C15,C16",)),
    ],
)
def test_series(knob, text, values):
    assert knob.series(text) == values


def test_logarithmic_series():
    assert TOLERANCE.series("1e-4:1e-1:x4") == pytest.approx((1e-4, 1e-3, 1e-2, 1e-1))
    assert TOLERANCE.series("0.5:0.5:x1") == (0.5,)
    assert TOLERANCE.series("1e-3:1:x10")[-1] == 1.0  # powers alone would end just above


@pytest.mark.parametrize(
    ("knob", "text"),
    [
        (RATE, "120"),
        (RATE, "-1"),
        (RATE, "nan"),
        (RATE, "much"),
        (RATE, "90:0:5"),
        (RATE, "0:90:0"),
        (RATE, "0:90"),
        (RATE, "0:90:xfive"),
        (RATE, "0:100:1e-9"),
        (TOLERANCE, "0:1:x3"),
        (STEPS, "2.5"),
        (TOGGLE, "maybe"),
        (CHOICE, "c"),
    ],
)
def test_what_does_not_fit_is_quoted(knob, text):
    with pytest.raises(BadInput) as caught:
        knob.series(text)
    message = str(caught.value)
    assert knob.id in message
    assert text.split(":")[0] in message


def test_unknown_knob_lists_those_there_are():
    assert knob_named((RATE, CHOICE), "scope") is CHOICE
    with pytest.raises(BadInput, match=r"'sparsity'.*rate, scope"):
        knob_named((RATE, CHOICE), "sparsity")
