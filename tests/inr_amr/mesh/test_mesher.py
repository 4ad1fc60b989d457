import time
from dataclasses import dataclass, replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.mesh.cells import multilinear
from prune3d_gui.plugins.inr_amr.mesh.mesher import Mesher
from prune3d_gui.plugins.inr_amr.mesh.specs import MeshSpec, RuleSpec
from prune3d_gui.plugins.inr_amr.mesh.tree import Tree
from prune3d_gui.plugins.inr_amr.network.domain import Domain, Slice
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork

BOTH = pytest.mark.parametrize("dimension", [2, 3])


@dataclass(frozen=True)
class Rule:
    rule: str = "interpolation"
    threshold: float = 0.05


class Shell:
    """A field that rises across a thin sphere, with a note of what was evaluated."""

    def __init__(self, dimension, time=0.0, width=0.03, nan=False):
        self.dimension, self.width, self.nan = dimension, width, nan
        self.centre = np.full(dimension, 0.45 + time)
        self.asked = []

    def values(self, unit):
        self.asked.append(np.array(unit))
        radius = np.linalg.norm(unit - self.centre, axis=1)
        found = np.tanh((radius - 0.3) / self.width).astype(np.float32)
        if self.nan:
            found[(unit > 0.9).all(1)] = np.nan
        return found


class Judge:
    """Splits where the interpolant of a cell is wrong at fixed places inside it."""

    def __init__(self, field, spec, pause=0.0):
        self.field, self.spec, self.pause = Shell(field.dimension), spec, pause
        self.field.__dict__ |= field.__dict__ | {"asked": []}
        self.places = np.random.default_rng(0).random((24, field.dimension))
        self.seen = []

    def judge(self, lower, size, corners, cancel):
        time.sleep(self.pause)
        self.seen.append(np.column_stack([lower, size]))
        count = len(size)
        places = np.tile(self.places, (count, 1))
        inside = lower[:, None] + self.places * size[:, None, None]
        linear = multilinear(np.repeat(corners.astype(float), len(self.places), axis=0), places)
        wrong = np.abs(self.field.values(inside.reshape(-1, lower.shape[1])) - linear)
        wrong = wrong.reshape(count, -1)
        error, rms = wrong.max(1), np.sqrt((wrong**2).mean(1))
        bad = ~np.isfinite(error)
        return SimpleNamespace(
            split=error > self.spec.threshold,
            priority=rms * size ** (self.field.dimension / 2),
            kept=np.nan,
            pruned_error=np.nan,
            interpolation_error=error,
            gradient=np.nan,
            bad=bad,
            reason=1 + bad,
        )


def every_round(field, spec, start=None, cancel=None, pause=0.0):
    judge = Judge(field, spec.rule, pause)
    meshes = list(Mesher(field, spec, start, judge=judge).rounds(cancel or CancelToken()))
    return meshes, judge


def refined(field, spec, start=None):
    return every_round(field, spec, start)[0][-1]


def violations(mesh, field):
    """Share of the leaves that a judge would still split, and of the merges it would make."""
    judge = Judge(field, mesh.spec.rule)
    tree = mesh.tree
    points = mesh.vertices[mesh.cells] / 2**tree.depth
    corners = field.values(points.reshape(-1, tree.dimension)).reshape(mesh.cells.shape)
    open_leaves = tree.levels < tree.depth
    splits = judge.judge(tree.lower, tree.size, corners, None).split & open_leaves
    starts = tree.families()
    starts = starts[tree.levels[starts] > mesh.spec.base]
    family = np.arange(2**tree.dimension)
    above = corners[starts[:, None] + family, family]
    merges = ~judge.judge(tree.lower[starts], 2 * tree.size[starts], above, None).split
    return splits.sum() / len(tree), merges.sum() / max(len(starts), 1)


@BOTH
def test_a_finished_mesh_satisfies_its_rule_and_is_finest_where_the_field_is_steep(dimension):
    field, spec = Shell(dimension), MeshSpec(Rule(), depth=6)
    mesh = refined(field, spec)
    assert mesh.complete
    assert violations(mesh, field) == (0.0, 0.0)
    finest = mesh.tree.levels == 6
    middle = mesh.tree.lower + mesh.tree.size[:, None] / 2
    away = np.abs(np.linalg.norm(middle - field.centre, axis=1) - 0.3)
    assert away[finest].max() < 0.25 < away.max()
    assert len(mesh.tree) < 0.7 * 2 ** (6 * dimension)
    assert mesh.rmse(field) < 0.02
    assert mesh.rule == "interpolation"


@BOTH
def test_no_leaf_is_judged_twice_and_no_vertex_evaluated_twice(dimension):
    field, spec = Shell(dimension), MeshSpec(Rule(), depth=6)
    meshes, judge = every_round(field, spec)
    seen, asked = np.concatenate(judge.seen), np.concatenate(field.asked)
    assert len(np.unique(seen, axis=0)) == len(seen)
    assert len(np.unique(asked, axis=0)) == len(asked) == meshes[-1].points
    mesh = meshes[-1]
    assert (mesh.facts["judged"] == (mesh.tree.levels < 6)).all()
    assert (np.isfinite(mesh.facts["priority"]) == mesh.facts["judged"]).all()
    assert (mesh.facts["reason"] == mesh.facts["judged"]).all()
    assert (mesh.raw == Shell(dimension).values(mesh.vertices / 64)).all()


@BOTH
@pytest.mark.parametrize("balance", [False, True])
def test_every_round_gives_a_valid_mesh(dimension, balance):
    spec = MeshSpec(Rule(), depth=6, balance=balance, bulk=0.5)
    meshes, _ = every_round(Shell(dimension), spec)
    assert len(meshes) > 4
    assert [mesh.stopped for mesh in meshes[:-1]] == [""] * (len(meshes) - 1)
    for before, mesh in zip([None, *meshes[:-1]], meshes, strict=True):
        assert (mesh.tree.size**dimension).sum() == 1.0
        assert (mesh.vertices[mesh.cells[:, 0]] == mesh.tree.anchors).all()
        assert len(mesh.raw) == len(mesh.vertices)
        assert {len(values) for values in mesh.facts.values()} == {len(mesh.tree)}
        assert before is None or len(mesh.tree) >= len(before.tree)
        assert not (balance and mesh.tree.to_balance().any())
    assert meshes[-1].seconds >= meshes[0].seconds > 0


@BOTH
def test_bulk_and_balance_do_not_change_what_the_rule_asks_for(dimension):
    spec = MeshSpec(Rule(), depth=6)
    whole = refined(Shell(dimension), spec)
    bit = refined(Shell(dimension), replace(spec, bulk=0.3))
    assert (whole.tree.anchors == bit.tree.anchors).all()
    balanced = refined(Shell(dimension), replace(spec, balance=True))
    assert (balanced.tree.levels >= whole.tree.levels[whole.tree.locate(balanced.tree.lower)]).all()


@pytest.mark.parametrize("balance", [False, True])
def test_a_number_of_cells_is_kept_and_the_worst_ones_are_split(balance):
    spec = MeshSpec(Rule(), depth=7, cells=2000, bulk=0.3, ignore_threshold=True, balance=balance)
    field = Shell(3)
    mesh = refined(field, spec)
    assert 1900 < len(mesh.tree) <= 2000
    assert mesh.stopped == "cells"
    assert mesh.complete
    uniform = refined(field, MeshSpec(Rule(threshold=-1.0), depth=4))
    assert uniform.stopped == "depth"
    assert len(uniform.tree) == 4096
    assert mesh.rmse(field) < uniform.rmse(field)


def test_why_it_stopped():
    assert refined(Shell(2), MeshSpec(Rule(threshold=9.0))).stopped == "nothing left to split"
    little = refined(Shell(3), MeshSpec(Rule(), depth=6, memory=2**20))
    assert (little.stopped, little.complete) == ("memory", False)
    whole = len(refined(Shell(3), MeshSpec(Rule(), depth=6)).tree)
    assert 64 < len(little.tree) < whole
    meshes, _ = every_round(Shell(3), MeshSpec(Rule(), depth=6, seconds=0.05), pause=0.02)
    assert (meshes[-1].stopped, meshes[-1].complete) == ("time", False)
    assert meshes[-1].seconds < 0.5


def test_cancelled_it_stops_at_once_with_a_valid_mesh():
    cancel = CancelToken()
    spec = MeshSpec(Rule(threshold=0.001), depth=8)
    rounds = Mesher(Shell(3), spec, judge=Judge(Shell(3), spec.rule)).rounds(cancel)
    for mesh in rounds:
        if len(mesh.tree) > 2000:
            break
    cancel.cancel()
    began = time.perf_counter()
    *_, last = rounds
    assert time.perf_counter() - began < 0.2
    assert (last.stopped, last.complete) == ("cancelled", False)
    assert len(last.tree) == len(mesh.tree)
    assert np.isfinite(last.rmse(Shell(3)))


def test_cancelled_before_it_begins_it_gives_the_base():
    cancel = CancelToken()
    cancel.cancel()
    start = refined(Shell(2), MeshSpec(Rule()))
    meshes, _ = every_round(Shell(2), MeshSpec(Rule()), start, cancel)
    assert [(mesh.stopped, len(mesh.tree)) for mesh in meshes] == [("cancelled", 16)]


def test_all_leaves_are_judged_if_that_is_asked_for():
    mesh = refined(Shell(2), MeshSpec(Rule(), depth=5, judge_all=True))
    assert mesh.facts["judged"].all()
    assert np.isfinite(mesh.facts["interpolation_error"]).all()
    assert mesh.stopped == "depth"


@BOTH
def test_where_the_field_is_nan_the_leaf_is_marked_and_the_rest_refined(dimension):
    field = Shell(dimension, nan=True)
    mesh = refined(field, MeshSpec(Rule(), depth=5, judge_all=True))
    assert mesh.complete
    bad = mesh.facts["bad"]
    assert 0 < bad.sum() < 0.1 * len(mesh.tree)
    assert (mesh.tree.lower[bad] + mesh.tree.size[bad, None] >= 0.9).all()
    assert (mesh.facts["reason"] == 1 + bad).all()
    assert mesh.rmse(field) < 0.03


@BOTH
@pytest.mark.parametrize("whole_mesh", [False, True])
def test_from_a_near_moment_it_comes_out_almost_the_same_for_less(dimension, whole_mesh):
    spec, later = MeshSpec(Rule(), depth=6), Shell(dimension, time=0.02)
    before = refined(Shell(dimension), spec)
    scratch, plain = every_round(later, spec)
    meshes, judge = every_round(later, spec, before if whole_mesh else before.tree)
    assert (meshes[0].tree.anchors == before.tree.anchors).all()
    assert (meshes[0].raw == later.values(meshes[0].vertices / 64)).all()
    splits, merges = violations(meshes[-1], later)
    assert splits < 0.01
    assert merges < 0.02
    assert meshes[-1].complete
    assert len(meshes[-1].tree) == pytest.approx(len(scratch[-1].tree), rel=0.05)
    assert (meshes[-1].raw == later.values(meshes[-1].vertices / 64)).all()
    assert len(np.concatenate(judge.seen)) < 1.1 * len(np.concatenate(plain.seen))
    if whole_mesh:
        same, idle = every_round(Shell(dimension), spec, before)
        assert not idle.seen
        assert (same[-1].tree.anchors == before.tree.anchors).all()


@BOTH
def test_what_moves_into_a_large_leaf_is_seen(dimension):
    def at(time):
        far, near = Shell(dimension), Shell(dimension)
        near.centre = np.full(dimension, 0.85)
        near.centre[0] -= time

        def values(unit):
            other = np.linalg.norm(unit - near.centre, axis=1)
            ball = np.tanh((other - 0.08) / 0.03).astype(np.float32)
            return np.minimum(Shell.values(far, unit), ball)

        far.values = values
        return far

    spec = MeshSpec(Rule(), depth=6)
    before, plain = every_round(at(0.0), spec)
    meshes, judge = every_round(at(0.02), spec, before[-1])
    assert max(violations(meshes[-1], at(0.02))) < 0.005
    assert meshes[-1].rmse(at(0.02)) < 1.1 * before[-1].rmse(at(0.0))
    assert len(np.concatenate(judge.seen)) < 0.4 * len(np.concatenate(plain.seen))


def test_from_a_distant_moment_it_comes_out_almost_the_same():
    spec, later = MeshSpec(Rule(), depth=6), Shell(2, time=0.2)
    before = refined(Shell(2), spec)
    mesh = refined(later, spec, before)
    assert max(violations(mesh, later)) < 0.02
    assert len(mesh.tree) == pytest.approx(len(refined(later, spec).tree), rel=0.05)


@pytest.mark.parametrize("balance", [False, True])
def test_a_number_of_cells_follows_the_field_in_time(balance):
    spec = MeshSpec(Rule(), depth=7, cells=1500, bulk=0.3, ignore_threshold=True, balance=balance)
    before, later = refined(Shell(2), spec), Shell(2, time=0.1)
    mesh = refined(later, spec, before)
    assert len(mesh.tree) <= 1500
    assert not (balance and mesh.tree.to_balance().any())
    assert mesh.rmse(later) < 1.3 * refined(later, spec).rmse(later)
    assert mesh.rmse(later) < 0.5 * before.rmse(later)


def test_what_cannot_be_done_is_refused():
    field, judge = Shell(3), Judge(Shell(3), Rule())
    with pytest.raises(BadInput, match=r"at most 10 cells .* base level 2 has 64"):
        Mesher(field, MeshSpec(Rule(), cells=10), judge=judge)
    with pytest.raises(BadInput, match="1,000 bytes"):
        Mesher(field, MeshSpec(Rule(), memory=1000), judge=judge)
    with pytest.raises(BadInput, match="depth of 11"):
        Mesher(field, MeshSpec(Rule(), depth=11), judge=judge)
    with pytest.raises(BadInput, match="start from has 2 dimensions"):
        Mesher(field, MeshSpec(Rule()), Tree.uniform(2, 2, 7), judge=judge)
    with pytest.raises(BadInput, match="bulk of 0"):
        MeshSpec(Rule(), bulk=0)
    with pytest.raises(BadInput, match="cells = -1"):
        MeshSpec(Rule(), cells=-1)


@pytest.mark.parametrize("rule", ["interpolation", "id", "hybrid", "gradient", "uniform"])
def test_every_rule_refines_a_network(rule):
    torch.manual_seed(0)
    network = FieldNetwork((2, 24, 24, 1), "sine", (5.0, 5.0))
    domain = Domain((-1.0, -1.0), (1.0, 1.0), 2, (0.0, 0.0), (1.0, 1.0))
    field = Slice(network, domain)
    spec = MeshSpec(RuleSpec(rule=rule), depth=6, cells=600, bulk=0.3, ignore_threshold=True)
    *_, mesh = Mesher(field, spec).rounds(CancelToken())
    *_, base = Mesher(field, replace(spec, cells=16)).rounds(CancelToken())
    assert 500 < len(mesh.tree) <= 600
    assert mesh.stopped == "cells"
    assert mesh.rmse(field) < 0.2 * base.rmse(field)
    assert np.isfinite(mesh.facts["priority"][mesh.facts["judged"]]).all()
    assert not mesh.facts["bad"].any()
