"""The matrix of units: its colours say the order, and it keeps to the height there is."""

import pytest

from prune3d_gui.core.frames import Footprint
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.gui.dress.theme import DARK, LIGHT
from prune3d_gui.gui.panels.unit_matrix import LARGEST, LATER, SMALLEST, UnitMatrix

UNITS = tuple(
    Unit(f"B{row}.{column}", "", (f"level {row}",), 10, whole=True, cell=(row, column))
    for row in range(6)
    for column in range(4)
)


def footprint(ranks):
    left = {unit.id: unit.count for unit in UNITS}
    return Footprint(240, 240, 0, 0, 960, "fp32", 0, "", left, ranks=ranks)


@pytest.fixture
def matrix(qtbot):
    made = UnitMatrix()
    qtbot.addWidget(made)
    made.set_units(UNITS)
    made.resize(300, 200)
    made.show()
    return made


@pytest.mark.parametrize("theme", [LIGHT, DARK], ids=["light", "dark"])
def test_the_later_a_unit_goes_the_fuller_its_colour(matrix, theme):
    matrix.set_theme(theme)
    matrix.show_left(footprint({unit.id: at / 23 for at, unit in enumerate(UNITS)}))
    assert LATER in matrix.key
    drawn = matrix.grab().toImage()
    seen = [drawn.pixelColor(matrix.box(unit.cell).center()) for unit in UNITS]
    away = [
        sum(abs(a - b) for a, b in zip(one.getRgb(), seen[-1].getRgb(), strict=True))
        for one in seen
    ]
    assert away == sorted(away, reverse=True)
    assert len({one.name() for one in seen}) > 12
    assert "1 of 24 in the order" in matrix.words_of((0, 0))
    assert "24 of 24 in the order" in matrix.words_of((5, 3))


def test_without_an_order_all_are_alike(matrix):
    matrix.show_left(footprint({}))
    assert LATER not in matrix.key
    assert len({matrix.ink_of(unit).name() for unit in UNITS}) == 1
    assert "in the order" not in matrix.words_of((0, 0))


def test_every_row_is_seen_in_what_height_there_is(matrix):
    for tall in (400, 160, matrix.minimumSizeHint().height()):
        matrix.resize(300, tall)
        low = matrix.box((5, 3))
        assert low.bottom() < tall
        assert SMALLEST <= low.height() <= LARGEST
