"""Where panes stand: in a row, in a grid, or one large beside small ones."""

import pytest

from prune3d_gui.core.scene.views import SPACE, View
from prune3d_gui.gui.views.arrangement import Arrangement, beside, keys_of, side_by_side

CUTS = tuple(View(name, kind="slice") for name in ("axial", "coronal", "sagittal"))


def places(cells):
    return {key: cell[:2] for key, cell in cells.items()}


def no_two_in_one(cells):
    taken = [
        (row + i, column + j)
        for row, column, rows, columns in cells.values()
        for i in range(rows)
        for j in range(columns)
    ]
    return len(set(taken)) == len(taken)


def test_up_to_four_stand_in_a_row():
    assert places(side_by_side(SPACE, 2.0)) == {
        ("reference", "space"): (0, 0),
        ("full", "space"): (0, 1),
        ("pruned", "space"): (0, 2),
    }
    photo = (View("photo", kind="picture"), View("change", kind="picture", roles=("pruned",)))
    assert [cell[:2] for cell in side_by_side(photo, 0.5).values()] == [(0, n) for n in range(4)]


def test_two_views_of_three_roles_stand_below_each_other_in_a_wide_room():
    views = (View("space"), View("cut", kind="slice"))
    wide = places(side_by_side(views, 2.0))
    for column, role in enumerate(("reference", "full", "pruned")):
        assert [wide[role, view.id] for view in views] == [(0, column), (1, column)]
    tall = places(side_by_side(views, 0.5))
    for row, role in enumerate(("reference", "full", "pruned")):
        assert [tall[role, view.id] for view in views] == [(row, 0), (row, 1)]


@pytest.mark.parametrize("aspect", [0.0, 0.3, 1.0, 2.0, 6.0])
@pytest.mark.parametrize(
    "views",
    [
        (*SPACE, *CUTS),
        CUTS,
        (View("photo", kind="picture"), View("change", kind="picture", roles=("pruned",)), *SPACE),
        (*SPACE, *(View(f"v{n}", kind="picture", roles=("full",)) for n in range(8))),
    ],
)
def test_every_pane_has_a_place_of_its_own(views, aspect):
    cells = side_by_side(views, aspect)
    assert set(cells) == set(keys_of(views))
    assert no_two_in_one(cells)
    if len({view.roles for view in views}) == 1:
        in_line = [{cells[role, view.id][0] for role in view.roles} for view in views]
        rows = [{cells[role, view.id][0] for view in views} for role in views[0].roles]
        assert max(map(len, in_line)) == 1 or max(map(len, rows)) == 1


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_one_is_large_beside_all_others(count):
    keys = keys_of((*SPACE, *CUTS)[:count])
    large = ("pruned", "space")
    cells = beside(keys, large)
    assert next(iter(cells)) == large
    assert set(cells) == set(keys)
    assert no_two_in_one(cells)
    rows = 1 + max(row for row, _, _, _ in cells.values())
    assert cells[large] == (0, 0, rows, 1)
    assert rows <= 4


@pytest.mark.parametrize("kept", [Arrangement(), Arrangement(("full", "axial/2"))])
def test_what_is_kept_comes_back(kept):
    assert Arrangement.of(kept.text) == kept


@pytest.mark.parametrize(
    "text", ["", "large", "large:", "large:full", "large:/x", "grid:full/space"]
)
def test_what_was_kept_otherwise_is_side_by_side(text):
    assert Arrangement.of(text) == Arrangement()
