"""What knobs that only draw make of a scene."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from .plan.knobs import Knob
from .plan.plans import Query
from .scene.scenes import Scene


def drawn(scene: Scene, query: Query, knobs: Iterable[Knob]) -> Scene:
    """Colour the layers that have it by the array that the knob that only draws names.

    At its default, and without such a knob, it is the scene as the model coloured it.
    """
    for knob in knobs:
        if knob.invalidates == "draw" and query.value(knob) != knob.default:
            array = str(query.value(knob))
            layers = (
                layer if layer.values(array) is None else replace(layer, colour=array)
                for layer in scene.layers
            )
            return replace(scene, layers=tuple(layers))
    return scene
