"""Views say which panes a model wants; what is nonsense is refused in a sentence."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Box, Layer, Scene
from prune3d_gui.core.scene.views import ROLES, SPACE, View, agreed, foremost, shown_in, views_of


def test_the_usual_view_has_the_three_results_in_space():
    (view,) = SPACE
    assert (view.kind, view.roles) == ("space", ROLES)
    assert view.shows("space")


def test_a_layer_names_a_view_or_all_of_a_kind():
    views = [View("axial", kind="slice"), View("side", kind="slice", axis=0), View("space")]
    assert [view.id for view in views if view.shows("slice")] == ["axial", "side"]
    assert [view.id for view in views if view.shows("side")] == ["side"]
    assert [view.id for view in views if view.shows("space")] == ["space"]


@pytest.mark.parametrize(
    ("given", "told"),
    [
        ({"id": ""}, "has the id ''"),
        ({"id": 3}, "has the id 3"),
        ({"id": "a", "kind": "film"}, "'a' is of the kind 'film'; take one of space, picture"),
        ({"id": "a", "roles": ()}, r"roles \(\); take some of reference, full, pruned"),
        ({"id": "a", "roles": ("pruned", "best")}, "'best'"),
        ({"id": "a", "roles": "pruned"}, "roles 'pruned'"),
        ({"id": "a", "roles": 7}, "roles 7"),
        ({"id": "a", "roles": ("pruned", "pruned")}, "twice"),
        ({"id": "a", "axis": 3}, "axis 3; take 0, 1 or 2"),
    ],
)
def test_a_view_that_cannot_be_is_refused(given, told):
    with pytest.raises(BadInput, match=told):
        View(**given)


@pytest.mark.parametrize(
    ("views", "told"),
    [
        ((), "no view to show anything in"),
        (7, "7 are not views"),
        ((View("a"), "b"), "'b' is not a view"),
        ((View("a"), View("b"), View("a", kind="slice")), "Two views have the id 'a'"),
    ],
)
def test_views_that_cannot_be_together_are_refused(views, told):
    with pytest.raises(BadInput, match=told):
        agreed(views)
    assert agreed([View("a"), View("b")]) == (View("a"), View("b"))


BOX = Box((0, 0, 0), (1, 1, 1))


def test_one_picture_of_a_scene_is_in_space_else_flat_else_of_all():
    views = (View("cut", kind="slice"), View("photo", kind="picture"), *SPACE, View("near"))
    layers = [Layer(name, BOX, view=name) for name in ("cut", "photo", "space", "near")]
    assert foremost(Scene(tuple(layers)), views).layers == (layers[2],)
    assert foremost(Scene(tuple(layers[:2])), views).layers == (layers[1],)
    assert foremost(Scene(tuple(layers[:1])), views).layers == (layers[0],)
    lost = Scene((Layer("lost", BOX, view="nowhere"),))
    assert foremost(lost, views) is lost
    assert shown_in(lost, views[0]) is None
    alone = Scene((layers[2],))
    assert shown_in(alone, SPACE[0]) is alone


def test_views_that_a_model_cannot_say_are_the_usual_ones():
    class Model:
        title, views = "Toy", (View("a"), View("b"))

    class Broken:
        title = "Toy"

        @property
        def views(self):
            raise RuntimeError("fell apart")

    assert views_of(Model()) == (Model.views, ())
    views, (told,) = views_of(Broken())
    assert views == SPACE
    assert told == "The views of 'Toy' cannot be had, so the usual are shown: fell apart"
