"""Frames: what comes back from a request, complete and frozen."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from .plan.plans import Quality, Request
from .scene.scenes import Scene
from .score.scores import Scores

Role = Literal["full", "pruned"]


@dataclass(frozen=True, slots=True)
class ModuleFootprint:
    """How big a module of a network is.

    Parameters
    ----------
    title : str
        The same as in `Timings.modules`, where its milliseconds are measured.
    total, zeroed, removed, bytes, macs
        As of the whole `Footprint`.
    parts : tuple of ModuleFootprint
        Of which it is the sum, such as one for each level.
    """

    title: str
    total: int
    zeroed: int
    removed: int
    bytes: int
    macs: int | None
    parts: tuple[ModuleFootprint, ...] = ()


@dataclass(frozen=True, slots=True)
class Footprint:
    """How big a network is, with zeroed and removed kept apart.

    Parameters
    ----------
    total : int
        Parameters of the network.
    prunable : int
        Elements in the units of the plan's scope, locked ones included.
    zeroed : int
        Elements set to zero in place: the file and the arithmetic stay as they are.
    removed : int
        Elements that are gone.
    bytes : int
        Size in `format`.
    format : str
    macs : int or None
        Multiply-accumulates of the dense arithmetic on `workload`; None of what has no such
        arithmetic.
    workload : str
    nonzero : mapping of unit id to int
        What is left in each unit.
    scope : frozenset of unit id
        Units the plan may prune.
    sizes : mapping of format id to int
        Bytes in other formats, such as ``fp16`` or ``sparse``; a column ``bytes_<id>`` each.
    changed : int
        Parameters that an artifact gave another value than they have in the opened network,
        those that it zeroed left out.
    compact : str
        That of the other formats which is the smallest without loss; empty for `format` itself.
    why : str
        Why more or less is gone than the plan says, in a few words that follow the share;
        empty where it is what was asked.
    ranks : mapping of unit id to float
        How late each unit goes in the order that the plan walks, from 0, the first, to 1; empty
        where there is no such order, or it is not known yet.
    modules : tuple of ModuleFootprint
        What it is made up of; empty where that is not told.
    """

    total: int
    prunable: int
    zeroed: int
    removed: int
    bytes: int
    format: str
    macs: int | None
    workload: str
    nonzero: Mapping[str, int] = field(default_factory=dict)
    scope: frozenset[str] = frozenset()
    sizes: Mapping[str, int] = field(default_factory=dict)
    changed: int = 0
    compact: str = ""
    why: str = ""
    ranks: Mapping[str, float] = field(default_factory=dict)
    modules: tuple[ModuleFootprint, ...] = ()

    @property
    def taken(self) -> int:
        """Elements that were pruned, in place or for good."""
        return self.zeroed + self.removed

    @property
    def touched(self) -> int:
        """Elements that are not as they are in the opened network."""
        return self.taken + self.changed


@dataclass(frozen=True, slots=True)
class Timings:
    """Milliseconds measured for one frame.

    `forward` is from the start of the reconstruction to its stage, without what scoring and
    showing stages before it took; `modules` says what parts of the network took of it.
    """

    prune: float = 0.0
    forward: float = 0.0
    score: float = 0.0
    modules: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Recipe:
    """What is needed to make a frame again."""

    system: str
    model: str
    weights_hash: str
    device: str
    versions: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, eq=False)
class Frame:
    """A scored reconstruction of one sample under one plan.

    Parameters
    ----------
    generation : int
        Number of the request in its session; newer is higher.
    role : {"full", "pruned"}
        ``full`` is the frame of the empty plan.
    quality : {"preview", "full"}
        Previews have fewer points: they are drawn but do not join curves.
    stage : str
        What the model calls this step of the reconstruction; empty where it says nothing.
    """

    request: Request
    generation: int
    role: Role
    quality: Quality
    scene: Scene
    scores: Scores | None
    footprint: Footprint
    timings: Timings
    recipe: Recipe
    stage: str = ""

    def newer_than(self, other: Frame | None) -> bool:
        """Whether this frame may replace `other` on screen."""
        if other is None:
            return True
        rank = {"preview": 0, "full": 1}
        mine = (self.generation, rank[self.quality])
        return mine >= (other.generation, rank[other.quality])
