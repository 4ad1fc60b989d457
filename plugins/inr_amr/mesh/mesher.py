"""Refining a mesh where a rule asks for it, round by round, until a limit is reached."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator
from types import MappingProxyType

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled

from ..network.domain import Slice
from .clock import Clock
from .facts import Facts
from .interpolant import AdaptiveMesh, Nodes
from .rules import Judge
from .specs import MeshSpec
from .tree import DEEPEST, Tree

ERRORS = ("interpolation", "hybrid", "gradient", "surface")
"""Rules whose priority is an error or a change within a leaf."""
ROUND = 20_000
"""Leaves split in a round at most, and judged where the order of splitting does not matter."""
BATCH = 16, 4_096
"""Fewest and most leaves judged between two looks at the clock."""
PATIENCE = 0.08
"""Seconds that a batch should take."""
POINTS = 8_192
"""Vertices evaluated between two looks at the clock."""
LEAF_BYTES, VERTEX_BYTES = {2: 180, 3: 300}, 160
"""Memory for each leaf and vertex at the peak of a round; a little more than was measured."""
EXCHANGES = 3
"""Rounds for each level in which a mesh from another moment may move cells about."""
UNCHANGED = 0.01
"""Change of the value at a vertex, as a share of the range of values, that is overlooked."""


class Mesher:
    """Makes the adaptive mesh of a field.

    Leaves are judged once each, by the field at their corners and whatever the rule looks at
    inside; the field is evaluated at new corners only, never on the grid of the finest level.

    Parameters
    ----------
    field : Slice
    spec : MeshSpec
    start : AdaptiveMesh, Tree or None
        Mesh of a nearby moment. Its families are merged where their parents are not split
        now; then it is refined as usual. That alone saves little, as nearly all judging is of
        the last leaves. Of an `AdaptiveMesh` made by the same rule, the leaves that touch no
        vertex whose value changed by more than `UNCHANGED` of the range of values are not
        judged again, which saves most of the time where little moves; a leaf whose inside
        alone changed keeps its decision. Ancestors over several levels are not judged again:
        a part of the mesh may be finer than from scratch.
    judge : Judge or None
        What decides; made from the rule by default.

    Raises
    ------
    BadInput
        If the limits leave no room for the base level, depth and base do not fit, or the mesh to
        start from has other ones.
    """

    def __init__(
        self,
        field: Slice,
        spec: MeshSpec,
        start: AdaptiveMesh | Tree | None = None,
        judge: Judge | None = None,
    ) -> None:
        self._field, self._spec, self._start = field, spec, start
        self._judge = judge or Judge(field, spec.rule)
        self._dimension, self._batch = field.dimension, BATCH[0]
        self._exchanges = EXCHANGES * spec.depth if start is not None and spec.cells else 0
        self._children = 2**self._dimension
        fewest = self._children**spec.base
        if 0 <= spec.base <= spec.depth <= DEEPEST[self._dimension] and self._over(fewest, fewest):
            raise BadInput(
                f"A mesh of at most {spec.cells:,} cells and {spec.memory:,} bytes was asked for, "
                f"but the base level {spec.base} has {fewest:,} cells; allow more or lower it."
            )
        self._tree = Tree.uniform(self._dimension, spec.base, spec.depth)
        self._nodes, self._facts = Nodes.of(self._tree), Facts(len(self._tree))
        if start is not None:
            self._check_start(start.tree if isinstance(start, AdaptiveMesh) else start)

    def rounds(self, cancel: CancelToken) -> Iterator[AdaptiveMesh]:
        """Refine, and give a valid mesh after each round; the last one says why it is the last.

        The first is the base, or the mesh to start from with the values of now.

        Parameters
        ----------
        cancel : CancelToken
            Looked at between batches; the mesh then is that of the last whole round.
        """
        clock = Clock(cancel, self._spec.seconds)
        self._raw = self._field.values(self._nodes.points()).astype(np.float32)
        stopped, resumed = "", False
        try:
            resumed = self._start is not None and self._resume(self._start, clock)
        except Cancelled:
            stopped = clock.reason
        while True:
            yield self._mesh(stopped, clock)
            if stopped:
                return
            clock.go_on()
            try:
                if resumed:
                    self._merge_needless(clock)
                    resumed = False
                stopped = self._refine(clock)
                if stopped and self._spec.judge_all:
                    self._judge_leaves(np.flatnonzero(~self._facts["judged"]), clock)
            except Cancelled:
                stopped = clock.reason

    def _mesh(self, stopped: str, clock: Clock) -> AdaptiveMesh:
        return AdaptiveMesh(
            self._tree,
            self._nodes.vertices,
            self._nodes.cells,
            self._raw,
            MappingProxyType({name: values.copy() for name, values in self._facts.items()}),
            self._spec,
            clock.pause(),
            stopped not in ("", "memory", "time", "cancelled"),
            stopped,
        )

    def _refine(self, clock: Clock) -> str:
        """Go through one round; why it was the last, or nothing."""
        clock.check()
        room, limit = self._room()
        if room <= 0 and not self._exchanges:
            return limit
        wanted = self._candidates(clock)
        if not len(wanted):
            deep = (self._tree.levels == self._tree.depth).any()
            return "depth" if deep else "nothing left to split"
        if room < len(wanted) and self._exchanges and self._exchange(wanted, max(room, 0), clock):
            wanted, (room, limit) = self._candidates(clock), self._room()
        count = min(math.ceil(self._spec.bulk * len(wanted)), room, ROUND)
        if count < len(wanted):
            wanted = wanted[np.argsort(-self._urgency(wanted), kind="stable")]
        while count > 0:
            if self._split(wanted[:count], clock):
                return ""
            count //= 2
        return limit

    def _candidates(self, clock: Clock) -> np.ndarray:
        """Judge leaves until some are to be split, and give these."""
        ordered = self._spec.cells or self._spec.bulk < 1
        while True:
            waiting = np.flatnonzero(~self._facts["judged"] & self._open)
            if not ordered and len(waiting) > ROUND:
                coarse_first = np.argsort(self._tree.levels[waiting], kind="stable")
                waiting = np.sort(waiting[coarse_first[:ROUND]])
            self._judge_leaves(waiting, clock)
            wanted = np.flatnonzero(self._wanted(self._facts) & self._open)
            if len(wanted) or not len(waiting):
                return wanted

    def _split(self, chosen: np.ndarray, clock: Clock) -> bool:
        """Split leaves, and others for balance, unless the mesh would pass a limit."""
        mask = np.zeros(len(self._tree), bool)
        mask[chosen] = True
        tree, parent = self._tree.split(mask)
        fresh = newest = mask[parent]
        while self._spec.balance:
            clock.check()
            mask = tree.to_balance(np.flatnonzero(newest))
            if not mask.any():
                break
            tree, back = tree.split(mask)
            newest = mask[back]
            parent, fresh = parent[back], fresh[back] | newest
        nodes = self._nodes.grown(tree, parent, fresh)
        if self._over(len(tree), len(nodes.vertices)):
            return False
        raw = np.concatenate([self._raw, self._values(nodes, len(self._raw), clock)])
        above = np.where(self._wanted(self._facts), self._urgency(slice(None)), np.nan)[parent]
        above[tree.levels > self._tree.levels[parent] + 1] = np.nan
        self._facts = self._facts.taken(parent, fresh)
        self._facts["above"][fresh] = above[fresh]
        self._tree, self._nodes, self._raw = tree, nodes, raw
        return True

    def _values(self, nodes: Nodes, since: int, clock: Clock) -> np.ndarray:
        points, found = nodes.points(since), np.empty(len(nodes.vertices) - since, np.float32)
        for first in range(0, len(points), POINTS):
            clock.check()
            part = slice(first, first + POINTS)
            found[part] = self._field.values(points[part])
        return found

    def _judge_leaves(self, leaves: np.ndarray, clock: Clock) -> None:
        lower = self._tree.anchors[leaves] / 2.0**self._tree.depth
        cells = self._nodes.cells[leaves]
        self._judge_boxes(lower, self._tree.size[leaves], cells, clock, self._facts, leaves)

    def _judge_boxes(
        self,
        lower: np.ndarray,
        size: np.ndarray,
        cells: np.ndarray,
        clock: Clock,
        facts: Facts,
        rows: np.ndarray,
    ) -> None:
        """Judge boxes in batches as large as fit into `PATIENCE`, and note what was found."""
        first = 0
        while first < len(size):
            clock.check()
            began, part = time.perf_counter(), slice(first, first + self._batch)
            found = self._judge.judge(lower[part], size[part], self._raw[cells[part]], clock)
            clock.check()
            facts.note(rows[part], found)
            first += self._batch
            took = time.perf_counter() - began
            self._batch = self._batch * 2 if took < PATIENCE / 2 else self._batch
            self._batch = self._batch // 2 if took > 2 * PATIENCE else self._batch
            self._batch = min(max(self._batch, BATCH[0]), BATCH[1])

    @property
    def _open(self) -> np.ndarray:
        """Leaves that can still be split."""
        return self._tree.levels < self._tree.depth

    def _wanted(self, facts: Facts) -> np.ndarray:
        """Which rows are candidates."""
        if not self._spec.ignore_threshold:
            return facts["split"]
        return np.isfinite(facts["priority"]) & (facts["priority"] > 0)

    def _urgency(self, leaves: np.ndarray | slice) -> np.ndarray:
        """Order of splitting: errors count with the root of the volume they are made in.

        That is what a leaf adds to the error in L2; kept fractions count as they are.
        """
        priority = np.nan_to_num(self._facts["priority"][leaves], nan=-np.inf)
        if self._spec.rule.rule not in ERRORS:
            return priority
        return priority * self._tree.size[leaves] ** (self._tree.dimension / 2)

    def _over(self, leaves: int, vertices: int) -> bool:
        needed = leaves * LEAF_BYTES[self._dimension] + vertices * VERTEX_BYTES
        return needed > self._spec.memory or 0 < self._spec.cells < leaves

    def _room(self) -> tuple[int, str]:
        """Find how many leaves may be split, and by which limit."""
        added, leaves = self._children - 1, len(self._tree)
        each = LEAF_BYTES[self._dimension]
        free = self._spec.memory - leaves * each - len(self._raw) * VERTEX_BYTES
        most = free // (each * added + VERTEX_BYTES * (3**self._dimension - self._children))
        if self._spec.cells and (self._spec.cells - leaves) // added <= most:
            return (self._spec.cells - leaves) // added, "cells"
        return most, "memory"

    def _check_start(self, tree: Tree) -> None:
        have = tree.dimension, tree.depth, int(tree.levels.min())
        if have[:2] != (self._dimension, self._spec.depth) or have[2] < self._spec.base:
            raise BadInput(
                f"The mesh to start from has {have[0]} dimensions, depth {have[1]} and base level "
                f"{have[2]}, which differs from what is asked for now; start without one."
            )

    def _resume(self, start: AdaptiveMesh | Tree, clock: Clock) -> bool:
        """Go over to the mesh of a nearby moment, if the limits allow it."""
        tree = start.tree if isinstance(start, AdaptiveMesh) else start
        nodes = Nodes.of(tree)
        if self._over(len(tree), len(nodes.vertices)):
            return False
        raw = self._values(nodes, 0, clock)
        base = self._tree, self._nodes, self._raw, self._facts
        self._tree, self._nodes, self._raw = tree, nodes, raw
        self._facts = Facts(len(tree))
        if isinstance(start, AdaptiveMesh) and start.spec.rule == self._spec.rule:
            finite = raw[np.isfinite(raw)]
            allowed = UNCHANGED * np.ptp(finite) if len(finite) else 0.0
            change = np.abs(raw[nodes.cells] - start.raw[start.cells])
            changed = np.unique(nodes.cells[~(change <= allowed)])
            moved = np.zeros(len(tree), bool)
            moved[tree.around(nodes.vertices[changed])] = True
            self._facts = Facts(len(tree), start.facts).taken(np.arange(len(tree)), moved)
        if self._spec.balance and not self._split(np.flatnonzero(self._tree.to_balance()), clock):
            self._tree, self._nodes, self._raw, self._facts = base
            return False
        return True

    def _families(self) -> np.ndarray:
        """Families that may be merged, (F, 2**d) leaves."""
        starts = self._tree.families()
        starts = starts[self._tree.levels[starts] > self._spec.base]
        return starts[:, None] + np.arange(self._children)

    def _merge_needless(self, clock: Clock) -> None:
        """Judge parents that were not judged yet; merge where one is not split, and go on up."""
        needless = np.ones(1, bool)
        while needless.any():
            families = self._families()
            families = families[np.isnan(self._facts["above"][families]).any(1)]
            # Corner number k of a parent is that of its child number k.
            cells = self._nodes.cells[families, np.arange(self._children)]
            lower, size = self._tree.lower[families[:, 0]], 2 * self._tree.size[families[:, 0]]
            facts, rows = Facts(len(families)), np.arange(len(families))
            self._judge_boxes(lower, size, cells, clock, facts, rows)
            needless = ~self._wanted(facts)
            above = np.nan_to_num(facts["priority"], nan=-np.inf)
            self._facts["above"][families] = above[:, None]
            self._merge(families[needless], facts.taken(np.flatnonzero(needless)))

    def _exchange(self, wanted: np.ndarray, room: int, clock: Clock) -> bool:
        """Merge the least urgent families where leaves elsewhere need their cells more."""
        self._exchanges -= 1
        leaves = -np.sort(-self._urgency(wanted))[room:]
        self._merge_needless(clock)
        families = self._families()
        above = self._facts["above"][families[:, 0]]
        order = np.argsort(above, kind="stable")[: len(leaves)]
        order = np.sort(order[leaves[: len(order)] > above[order]])
        return self._merge(families[order], Facts(len(order)))

    def _merge(self, families: np.ndarray, facts: Facts) -> bool:
        """Merge families, (F, 2**d) leaves, where balance allows; `facts` are of their parents."""
        while len(families):
            mask = np.zeros(len(self._tree), bool)
            mask[families] = True
            tree, owner = self._tree.coarsened(mask)
            parents = owner[families[:, 0]]
            kept = (
                ~tree.to_balance()[parents] if self._spec.balance else np.ones(len(parents), bool)
            )
            if kept.all():
                break
            families, facts = families[kept], facts.taken(np.flatnonzero(kept))
        else:
            return False
        nodes = Nodes.of(tree)
        self._raw = self._raw[self._nodes.find(nodes)]
        self._facts = self._facts.taken(np.searchsorted(owner, np.arange(len(tree))))
        self._facts.place(parents, facts)
        self._tree, self._nodes = tree, nodes
        return True
