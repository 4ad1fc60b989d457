"""The rules of the mesh, and the batched judge against the plain one."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.inr_amr.mesh.judgements import REASONS
from prune3d_gui.plugins.inr_amr.mesh.mesher import Mesher
from prune3d_gui.plugins.inr_amr.mesh.plain import judge_plain
from prune3d_gui.plugins.inr_amr.mesh.rules import Judge
from prune3d_gui.plugins.inr_amr.mesh.specs import RULES, MeshSpec, RuleSpec
from prune3d_gui.plugins.inr_amr.network.domain import Domain, Slice
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork

OMEGA = 12.0


def made(activation, dimension, timed=False, width=24, hidden=3, features=None):
    """A field on [-1, 1]^d with values of about -1 to 1."""
    torch.manual_seed(7)
    inputs = dimension + timed
    widths = (2 * len(features) if features is not None else inputs, *(width,) * hidden, 1)
    omegas = (OMEGA,) * hidden if activation == "sine" else ()
    network = FieldNetwork(widths, activation, omegas, features).eval()
    with torch.no_grad():
        for number, layer in enumerate(network.layers):
            bound = (6 / layer.in_features) ** 0.5 / (OMEGA if activation == "sine" else 1)
            layer.weight.uniform_(*((-0.5, 0.5) if number == 0 and omegas else (-bound, bound)))
    box = (-1.0,) * inputs, (1.0,) * inputs
    domain = Domain(*box, dimension, (0.0,) * dimension, (1.0,) * dimension)
    found = Slice(network, domain).values(np.random.default_rng(0).random((4000, dimension)))
    return Slice(
        network, replace(domain, low=float(found.min()), high=float(found.max())), 0.3 * timed
    )


def cells(field, count=200, seed=3, finest=7):
    """Cells of all levels anywhere, with the field at their corners."""
    random, d = np.random.default_rng(seed), field.dimension
    size = 0.5 ** random.integers(1, finest, count)
    lower = np.floor(random.random((count, d)) / size[:, None]) * size[:, None]
    bits = np.arange(2**d)[:, None] >> np.arange(d) & 1
    points = lower[:, None] + bits * size[:, None, None]
    return lower, size, field.values(points.reshape(-1, d)).reshape(count, -1)


def judged(field, spec, batch, widths=None):
    return Judge(field, spec, widths).judge(*batch, CancelToken())


FIELDS = [
    pytest.param("sine", 2, 0.1, id="sine-2d"),
    pytest.param("sine", 3, 0.1, id="sine-3d"),
    pytest.param("relu", 2, 1e-2, id="relu-2d"),
    pytest.param("relu", 3, 1e-2, id="relu-3d"),
]


@pytest.mark.parametrize("rule", ["id", "hybrid", "gradient", "interpolation", "uniform"])
@pytest.mark.parametrize(("activation", "dimension", "tolerance"), FIELDS)
def test_the_batched_judge_decides_as_the_plain_one(activation, dimension, tolerance, rule):
    field = made(activation, dimension)
    threshold = 0.3 if rule == "gradient" else 0.02
    spec = RuleSpec(rule, threshold=threshold, proportion=0.3, tolerance=tolerance)
    batch = cells(field, 60 if rule == "hybrid" else 200)
    found, plain = judged(field, spec, batch), judge_plain(field, spec, *batch)
    assert (found.split == plain.split).all()
    assert (found.reason == plain.reason).all()
    if rule != "uniform":
        assert 0.05 < found.split.mean() < 0.95
    np.testing.assert_allclose(found.priority, plain.priority, rtol=1e-3, atol=1e-5)
    for name in ("kept", "pruned_error", "interpolation_error", "gradient"):
        ours, theirs = getattr(found, name), getattr(plain, name)
        known = np.isfinite(ours)
        np.testing.assert_allclose(ours[known], theirs[known], rtol=1e-4, atol=1e-6)
    if rule in ("id", "hybrid"):
        known = np.isfinite(found.kept)
        assert known.all() == (rule == "id")
        assert (found.ranks[known] == plain.ranks[known]).all()
        assert len(np.unique(found.ranks)) > 3
    else:
        assert found.ranks is None
        assert plain.ranks is None


@pytest.mark.parametrize("tolerance", [0.0, 1e-7, 1e-4, 1.0])
def test_extreme_tolerances_decide_as_the_plain_judge(tolerance):
    field = made("relu", 2)
    spec = RuleSpec("id", tolerance=tolerance, proportion=1.0)
    batch = cells(field, 40)
    found, plain = judged(field, spec, batch), judge_plain(field, spec, *batch)
    assert (found.ranks == plain.ranks).all()
    assert (found.split == plain.split).all()
    np.testing.assert_allclose(found.pruned_error, plain.pruned_error, atol=1e-9)
    if tolerance == 0:
        assert (found.kept == 1).all()
        assert found.pruned_error.max() < 1e-12


@pytest.mark.parametrize("features", [None, torch.randn(9, 4) / 3])
def test_time_and_fourier_features(features):
    field = made("silu" if features is None else "tanh", 3, True, features=features)
    spec = RuleSpec("id", threshold=0.02, proportion=0.25, tolerance=1e-2)
    batch = cells(field, 80)
    found, plain = judged(field, spec, batch), judge_plain(field, spec, *batch)
    assert (found.ranks == plain.ranks).all()
    assert (found.split == plain.split).all()
    assert 0 < found.split.sum() < 80


def test_decisions_depend_on_neither_order_nor_batch():
    field = made("sine", 2)
    judge = Judge(field, RuleSpec("id", proportion=0.3, tolerance=0.05))
    lower, size, corners = cells(field)
    whole = judge.judge(lower, size, corners, CancelToken())
    for order in np.array_split(np.random.default_rng(1).permutation(len(size)), 7):
        part = judge.judge(lower[order], size[order], corners[order], CancelToken())
        assert (part.split == whole.split[order]).all()
        assert (part.ranks == whole.ranks[order]).all()
        assert (part.reason == whole.reason[order]).all()


def test_what_is_not_needed_is_not_computed():
    field = made("relu", 2)
    batch = cells(field)
    found = judged(field, RuleSpec("id", proportion=0.3), batch)
    assert (np.isnan(found.pruned_error) == (found.kept > 0.3)).all()
    assert 0 < np.isnan(found.pruned_error).sum() < 200
    hybrid = judged(field, RuleSpec("hybrid", threshold=0.02, proportion=0.3), batch)
    assert (np.isfinite(hybrid.kept) == (hybrid.interpolation_error > 0.02)).all()
    assert np.isnan(judged(field, RuleSpec("interpolation"), batch).kept).all()


def test_hybrid_splits_what_both_rules_split():
    field = made("relu", 2)
    batch = cells(field)
    spec = RuleSpec("hybrid", threshold=0.02, proportion=0.5)
    one, other, both = (
        judged(field, replace(spec, rule=rule), batch) for rule in ("id", "interpolation", "hybrid")
    )
    assert (both.split == (one.split & other.split)).all()
    assert ((both.priority > 1) == both.split).all()
    assert 0 < both.split.sum() < other.split.sum()
    told = {REASONS[code] for code in both.reason}
    assert any("few neurons" in reason for reason in told)


def test_errors_and_gradients_of_known_fields():
    network = FieldNetwork((2, 2, 1), "relu").eval()
    with torch.no_grad():
        network.layers[0].weight.copy_(torch.tensor([[3.0, 4.0], [0.0, 0.0]]))
        network.layers[0].bias.copy_(torch.tensor([10.0, 0.0]))
        network.layers[1].weight.copy_(torch.tensor([[1.0, 0.0]]))
        network.layers[1].bias.zero_()
    field = Slice(network, Domain((0.0, 0.0), (2.0, 2.0), 2, (0.0,) * 2, (1.0,) * 2, high=20.0))
    batch = cells(field, 20)
    steep = judged(field, RuleSpec("gradient"), batch)
    np.testing.assert_allclose(steep.gradient, 10 * batch[1] / 20, rtol=1e-5)
    assert judged(field, RuleSpec("interpolation"), batch).interpolation_error.max() < 1e-6
    complexity = judged(field, RuleSpec("id", proportion=0.5), batch)
    assert (complexity.ranks == 1).all()
    assert complexity.pruned_error.max() < 1e-12
    assert not complexity.split.any()


def test_the_interpolation_error_is_relative_to_the_range():
    field = made("sine", 2)
    batch = cells(field, 30)
    found = judged(field, RuleSpec("interpolation"), batch).interpolation_error
    double = replace(field.domain, high=2 * field.domain.high - field.domain.low)
    wide = judged(Slice(field.network, double), RuleSpec("interpolation"), batch)
    np.testing.assert_allclose(wide.interpolation_error, found / 2, rtol=1e-5)


def test_the_affine_rank_is_the_automatic_proportion():
    field = made("relu", 3)
    assert Judge(field, RuleSpec()).proportion == pytest.approx(12 / 72)
    assert Judge(field, RuleSpec(), (48, 48)).proportion == pytest.approx(8 / 96)
    assert Judge(field, RuleSpec(), (1, 1)).proportion == 1
    assert Judge(field, RuleSpec(proportion=0.4)).proportion == 0.4
    batch = cells(field, 10)
    own = judged(field, RuleSpec("id"), batch)
    wider = judged(field, RuleSpec("id"), batch, (48, 48, 48))
    np.testing.assert_allclose(wider.kept, own.kept / 2)


@pytest.mark.parametrize("rule", ["id", "hybrid", "gradient", "interpolation", "uniform"])
def test_a_field_that_is_nan_somewhere_is_marked_there(rule):
    field = made("relu", 2)
    batch = cells(field, 60)
    sound = judged(field, RuleSpec(rule, threshold=0.02, proportion=0.3), batch)
    corners = batch[2].copy()
    corners[::7, 1] = np.nan
    found = judged(field, RuleSpec(rule, threshold=0.02, proportion=0.3), (*batch[:2], corners))
    where = np.arange(60) % 7 == 0
    assert (found.bad == where).all()
    assert not found.split[where].any()
    assert (found.priority[where] == 0).all()
    assert {REASONS[code] for code in found.reason[where]} == {REASONS[1]}
    for name in ("split", "priority", "reason"):
        assert (getattr(found, name)[~where] == getattr(sound, name)[~where]).all()


@pytest.mark.parametrize("rule", ["id", "gradient", "interpolation", "hybrid"])
def test_a_field_that_is_nan_inside_a_cell_is_marked(rule):
    field = made("relu", 2)
    # inf - inf in the right half; the slope of float32's overflow is finite in the left half
    with torch.no_grad():
        huge = 3.3e38 if rule == "gradient" else torch.inf
        field.network.layers[0].weight[:2] = torch.tensor([[huge, 0.0]])
        field.network.layers[0].bias[:2] = 0.0
        field.network.layers[1].weight[:, 0] = 1.5
        field.network.layers[1].weight[:, 1] = -1.5
    lower, size = np.array([[0.5, 0.0], [0.0, 0.0]]), np.array([0.5, 0.5])
    found = judged(field, RuleSpec(rule, threshold=0.02), (lower, size, np.zeros((2, 4), "f4")))
    assert found.bad.tolist() == [True, False]
    assert not found.split[0]


def test_a_network_of_nan_weights_is_marked_everywhere():
    field = made("sine", 3)
    batch = cells(field, 9)
    with torch.no_grad():
        field.network.layers[1].weight[0, 0] = torch.nan
    for rule in ("id", "gradient", "interpolation", "hybrid"):
        found = judged(field, RuleSpec(rule), batch)
        assert found.bad.all()
        assert not found.split.any()


@pytest.mark.parametrize("rule", ["id", "interpolation", "uniform"])
def test_a_cell_is_explained_in_full_whatever_the_rule(rule):
    field = made("relu", 2)
    lower, size, corners = cells(field, 12)
    spec = RuleSpec(rule, threshold=0.02, proportion=0.2)
    judge = Judge(field, spec)
    found = judge.judge(lower, size, corners, CancelToken())
    plain = judge_plain(field, replace(spec, rule="id"), lower, size, corners)
    steep = judged(field, RuleSpec("gradient"), (lower, size, corners))
    for cell in range(12):
        told = judge.explain(lower[cell], size[cell], corners[cell])
        assert (told.split, told.reason) == (found.split[cell], REASONS[found.reason[cell]])
        assert told.priority == pytest.approx(found.priority[cell], rel=1e-4, abs=1e-5)
        assert told.ranks == tuple(plain.ranks[cell])
        assert told.widths == (24, 24, 24)
        assert told.kept == pytest.approx(sum(told.ranks) / 72)
        assert told.pruned_error == pytest.approx(plain.pruned_error[cell], abs=1e-9)
        assert told.interpolation_error == pytest.approx(plain.interpolation_error[cell], abs=1e-6)
        assert told.gradient == pytest.approx(steep.gradient[cell], rel=1e-5)
        assert told.proportion == 0.2


def test_judging_stops_on_request():
    field, cancel = made("relu", 2), CancelToken()
    cancel.cancel()
    for rule in ("id", "interpolation", "hybrid"):
        with pytest.raises(Cancelled):
            Judge(field, RuleSpec(rule)).judge(*cells(field, 5), cancel)


def test_no_cells_are_judged():
    field = made("relu", 2)
    empty = np.empty((0, 2)), np.empty(0), np.empty((0, 4), np.float32)
    for rule in RULES:
        assert judged(field, RuleSpec(rule), empty).split.shape == (0,)


@pytest.mark.parametrize("rule", ["id", "hybrid", "gradient", "interpolation", "uniform"])
def test_a_mesh_is_refined_by_each_rule(rule):
    field = made("relu", 2)
    spec = RuleSpec(rule, threshold=0.01, proportion=0.15)
    *_, mesh = Mesher(field, MeshSpec(spec, depth=5)).rounds(CancelToken())
    assert mesh.complete
    assert mesh.tree.levels.max() == 5
    coarse = mesh.tree.levels < 5
    assert not mesh.facts["split"][coarse].any()
    assert {REASONS[int(code)] for code in mesh.facts["reason"][coarse]} <= set(REASONS)
    assert rule == "uniform" or coarse.any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"rule": "random"},
        {"threshold": 0.0},
        {"threshold": float("nan")},
        {"proportion": 1.2},
        {"tolerance": -0.1},
        {"tolerance": 2.0},
        {"samples": 0},
    ],
)
def test_what_no_cell_can_be_judged_by_is_refused(wrong):
    (value,) = wrong.values()
    with pytest.raises(BadInput, match=f"{value:g}" if isinstance(value, float) else str(value)):
        RuleSpec(**wrong)
