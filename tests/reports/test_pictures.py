"""Pictures of results show what a model has in space, else what all of them have."""

from dataclasses import replace

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.model import Stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Image, Layer, Scene
from prune3d_gui.core.scene.views import SPACE, View
from prune3d_gui.reports.pictures import scenes_of
from prune3d_gui.studies.ask.questions import Case
from tests.toy import Plugin, ToyModel

PHOTO = Layer("photo", Image(np.zeros((4, 6, 3), np.uint8)), view="photo")


class Pictured(ToyModel):
    """Blobs, and a photograph of them."""

    views = (View("photo", "Photograph", "picture"), *SPACE)

    def reconstruct(self, *asked):
        for stage in super().reconstruct(*asked):
            scene = replace(stage.scene, layers=(PHOTO, *stage.scene.layers))
            yield Stage(stage.quality, scene)

    def score(self, applied, sample, query, stage, full, *rest):
        plain = replace(stage.scene, layers=stage.scene.layers[1:])
        return super().score(applied, sample, query, Stage(stage.quality, plain), full, *rest)


def test_a_report_shows_what_is_in_space():
    model = Pictured(Plugin(), "Blobs")
    todo = [(Case(Plan(), Query(), ()), "nothing pruned")]
    shots, first = scenes_of(model, "s0", "Seed 0", model.metrics[0], todo, CancelToken())
    assert [[layer.name for layer in scene.layers] for _, scene in shots] == [["field"]] * 2
    assert [layer.name for layer in first.layers] == ["field"]


def test_where_the_reference_is_a_photograph_all_are_shown_as_such(monkeypatch):
    monkeypatch.setattr(Pictured, "reference", lambda self, *asked: Scene((PHOTO,)))
    model = Pictured(Plugin(), "Blobs")
    todo = [(Case(Plan(), Query(), ()), "nothing pruned")]
    shots, first = scenes_of(model, "s0", "Seed 0", model.metrics[0], todo, CancelToken())
    assert [scene.layers for _, scene in shots] == [(PHOTO,)] * 2
    assert first.layers == (PHOTO,)
