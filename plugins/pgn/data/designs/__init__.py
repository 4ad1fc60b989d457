"""The designs that objects of the procedural set are made from, by category.

A category holds several designs that differ in kind, not only in size. The
last one is held out whole: no object of it is ever trained or validated on.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from . import (
    aircraft,
    cars,
    electronics,
    lamps,
    rifles,
    seats,
    sofas,
    tables,
    telephones,
    vessels,
)
from .parts import Part

__all__ = ["CATEGORIES", "Category", "Design", "Part"]


@dataclass(frozen=True)
class Design:
    """One way to build an object of a category.

    Attributes
    ----------
    name : str
        Stable name, used in the objects' ids.
    build : callable
        Takes a `numpy.random.Generator` and returns a list of `Part`.
    held_out : bool
        Whether all its objects are kept out of training and validation.
    """

    name: str
    build: Callable[[np.random.Generator], list[Part]]
    held_out: bool = False


@dataclass(frozen=True)
class Category:
    """A ShapeNet category and its designs.

    Attributes
    ----------
    synset : str
        WordNet offset, eight digits.
    name : str
        Name shown to people.
    designs : tuple of Design
        The last one is held out.
    """

    synset: str
    name: str
    designs: tuple[Design, ...]


def _category(
    synset: str, name: str, *builders: Callable[[np.random.Generator], list[Part]]
) -> Category:
    last = len(builders) - 1
    return Category(
        synset,
        name,
        tuple(
            Design(build.__name__.replace("_", "-"), build, held_out=k == last)
            for k, build in enumerate(builders)
        ),
    )


CATEGORIES: tuple[Category, ...] = (
    _category(
        "02691156",
        "airplane",
        aircraft.airliner,
        aircraft.fighter,
        aircraft.biplane,
        aircraft.glider,
        aircraft.turboprop,
    ),
    _category(
        "02828884",
        "bench",
        seats.park_bench,
        seats.plank_bench,
        seats.upholstered_bench,
        seats.loop_bench,
        seats.pew,
    ),
    _category(
        "02933112",
        "cabinet",
        tables.wardrobe,
        tables.dresser,
        tables.bookcase,
        tables.locker,
        tables.sideboard,
    ),
    _category("02958343", "car", cars.sedan, cars.van, cars.roadster, cars.pickup, cars.hatchback),
    _category(
        "03001627",
        "chair",
        seats.dining_chair,
        seats.office_chair,
        seats.shell_chair,
        seats.stool,
        seats.armchair,
    ),
    _category(
        "03211117",
        "display",
        electronics.flat_monitor,
        electronics.tube_television,
        electronics.laptop,
        electronics.curved_monitor,
    ),
    _category(
        "03636649",
        "lamp",
        lamps.table_lamp,
        lamps.desk_lamp,
        lamps.floor_lamp,
        lamps.pendant,
        lamps.arc_lamp,
        lamps.lantern,
    ),
    _category(
        "03691459",
        "loudspeaker",
        electronics.bookshelf_speaker,
        electronics.horn_speaker,
        electronics.portable_speaker,
        electronics.egg_speaker,
        electronics.tower_speaker,
    ),
    _category(
        "04090263",
        "rifle",
        rifles.hunting_rifle,
        rifles.assault_rifle,
        rifles.shotgun,
        rifles.carbine,
        rifles.sniper_rifle,
    ),
    _category(
        "04256520",
        "sofa",
        sofas.three_seater,
        sofas.chesterfield,
        sofas.corner_sofa,
        sofas.daybed,
        sofas.loveseat,
    ),
    _category(
        "04379243",
        "table",
        tables.dining_table,
        tables.pedestal_table,
        tables.coffee_table,
        tables.desk,
        tables.trestle_table,
    ),
    _category(
        "04401088",
        "telephone",
        telephones.smartphone,
        telephones.candybar,
        telephones.desk_phone,
        telephones.flip_phone,
        telephones.rotary_phone,
    ),
    _category(
        "04530566",
        "vessel",
        vessels.sailboat,
        vessels.freighter,
        vessels.speedboat,
        vessels.tugboat,
        vessels.yacht,
    ),
)
