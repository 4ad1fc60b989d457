"""Decompositions against what defines them, and the batched ones against LAPACK's QR."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.pruning.interpolative import (
    PivotedQR,
    batched_matrices,
    batched_ranks,
    decompose,
    gram_ranks,
    gram_ranks_at_once,
    ranks_by_qr,
    recheck,
)

TOLERANCES = (0.0, 1e-7, 1e-5, 1e-3, 1e-2, 0.1, 0.5, 1.0)


def batch(kind, count=24, n=80, w=20, seed=0):
    """Matrices (count, n, w) such as layers of neurons give them."""
    generator = torch.Generator().manual_seed(seed)

    def normal(*shape):
        return torch.randn(*shape, generator=generator, dtype=torch.float64)

    places = torch.rand(1, n, 3, generator=generator, dtype=torch.float64)
    places = places * 0.5 ** torch.arange(count)[:, None, None].remainder(7)
    if kind == "random":
        return normal(count, n, w)
    if kind == "low rank":
        return normal(count, n, 5) @ normal(count, 5, w)
    if kind == "graded":
        return normal(count, n, w) @ torch.diag(0.5 ** torch.arange(w).double()) @ normal(w, w)
    if kind == "relu":
        return torch.relu(places @ normal(3, w) + normal(w))
    if kind == "sine":
        return torch.sin(20 * places @ normal(3, w) + normal(w))
    if kind == "tied":
        return normal(count, n, w // 2).repeat(1, 1, 2)
    if kind == "flat":
        return normal(count, n, w)[:, : w // 2]
    assert kind == "degenerate"
    made = normal(count, n, w)
    made[0], made[1], made[2, :, 3:], made[3] = 0.0, 7.0, 0.0, made[3] * 1e-160
    return made


KINDS = ("random", "low rank", "graded", "relu", "sine", "tied", "flat", "degenerate")


def rechecked(Z, tolerance):
    found = batched_ranks(Z, tolerance)
    which = found.doubtful.nonzero()[:, 0]
    return recheck(found, which, Z[which], tolerance)


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("kind", KINDS)
def test_batched_ranks_and_pivots_are_those_of_qr(kind, tolerance):
    Z = batch(kind)
    found, exact = rechecked(Z, tolerance), ranks_by_qr(Z, tolerance)
    assert found.rank.tolist() == exact.rank.tolist()
    assert found.pivots.tolist() == exact.pivots.tolist()
    torch.testing.assert_close(
        batched_matrices(found), batched_matrices(exact), rtol=1e-5, atol=1e-5
    )


@pytest.mark.parametrize("tolerance", TOLERANCES)
@pytest.mark.parametrize("kind", KINDS)
def test_all_at_once_is_decided_as_one_after_the_other(kind, tolerance):
    Z = batch(kind)
    together = gram_ranks_at_once(Z.mT @ Z, Z.shape[1], tolerance)
    found = gram_ranks(Z.mT @ Z, Z.shape[1], tolerance)
    assert together.doubtful.tolist() == found.doubtful.tolist()
    sure = (~found.doubtful).nonzero()[:, 0]
    if len(sure):
        one, other = together.taken(sure), found.taken(sure)
        assert one.rank.tolist() == other.rank.tolist()
        assert one.pivots.tolist() == other.pivots.tolist()
        matrices = batched_matrices(one), batched_matrices(other)
        torch.testing.assert_close(*matrices, rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("kind", ["relu", "sine", "graded", "random"])
def test_float32_is_doubtful_where_it_would_decide_otherwise(kind):
    Z = batch(kind, count=300)
    rounding = 2.0**-23 * Z.shape[1] ** 0.5
    for tolerance in (0.05, 0.1, 0.3):
        single = gram_ranks((Z.float().mT @ Z.float()).double(), Z.shape[1], tolerance, rounding)
        exact = ranks_by_qr(Z, tolerance)
        sure = (~single.doubtful).nonzero()[:, 0]
        assert len(sure) > 150
        assert single.rank[sure].tolist() == exact.rank[sure].tolist()
        assert single.taken(sure).pivots.tolist() == exact.taken(sure).pivots.tolist()
        again = recheck(
            single, single.doubtful.nonzero()[:, 0], Z[single.doubtful], tolerance, by_gram=True
        )
        assert again.rank.tolist() == exact.rank.tolist()


@pytest.mark.parametrize("kind", KINDS)
def test_batched_matrices_are_those_of_the_plain_decomposition(kind):
    Z = batch(kind)
    found = rechecked(Z, 1e-2)
    matrices = batched_matrices(found)
    for number, z in enumerate(Z.numpy()):
        plain, k = decompose(z, 1e-2), int(found.rank[number])
        assert found.pivots[number, :k].tolist() == plain.kept.tolist()
        np.testing.assert_allclose(matrices[number, :k], plain.matrix, atol=1e-6)
        assert not matrices[number, k:].any()


@pytest.mark.parametrize("kind", ["relu", "sine", "graded", "low rank"])
def test_few_elements_need_a_recheck_at_usual_tolerances(kind):
    Z = batch(kind, count=200)
    for tolerance in (1e-3, 1e-2, 0.1):
        assert batched_ranks(Z, tolerance).doubtful.double().mean() < 0.02


def test_what_rounding_could_change_is_doubtful():
    third = 0.1 * (1 - 1e-12)
    diagonals = [[1.0, 0.5, 0.1, 0.01], [1.0, 0.5, third, 0.01], [1.0, 0.5, 0.5, 0.01]]
    Z = torch.diag_embed(torch.tensor(diagonals, dtype=torch.float64))
    assert batched_ranks(Z, 0.1).doubtful.tolist() == [True, True, True]
    assert batched_ranks(Z, 0.2).doubtful.tolist() == [False, False, True]
    assert rechecked(Z, 0.1).rank.tolist() == [3, 2, 3]
    assert batched_ranks(Z, 0.2).rank[:2].tolist() == [2, 2]


def test_elements_taken_are_the_same_as_alone():
    Z = batch("sine")
    found = rechecked(Z, 0.1)
    order = torch.argsort(found.rank)[:5]
    some = found.taken(order)
    assert some.pivots.shape[1] == int(some.rank.max()) < found.pivots.shape[1]
    alone = rechecked(Z[order], 0.1)
    torch.testing.assert_close(batched_matrices(some), batched_matrices(alone))


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tolerance", [1e-6, 1e-2, 0.3])
def test_kept_columns_make_up_the_others(kind, tolerance):
    for z in batch(kind).numpy():
        found = decompose(z, tolerance)
        k = len(found.kept)
        assert found.kept.dtype == np.int64
        assert (found.matrix[:, found.kept] == np.eye(k)).all()
        wrong = np.linalg.norm(z[:, found.kept] @ found.matrix - z, axis=0)
        assert wrong.max() <= np.sqrt(z.shape[1]) * tolerance * found.diagonal[0] + 1e-12
        if k < len(found.diagonal) and found.diagonal[0]:
            assert found.diagonal[k - 1] >= tolerance * found.diagonal[0] > found.diagonal[k:].max()


def test_a_finer_tolerance_keeps_more_and_zero_keeps_all():
    factor = PivotedQR(batch("graded")[0].numpy())
    ranks = [factor.rank(tolerance) for tolerance in sorted(TOLERANCES)]
    assert ranks == sorted(ranks, reverse=True)
    assert ranks[0] == 20
    assert ranks[-1] == 1
    whole = factor.decomposition(20)
    assert (whole.matrix[:, whole.kept] == np.eye(20)).all()


@pytest.mark.parametrize("tolerance", [0.0, 1e-9, 0.1, 1.0])
def test_a_layer_of_zeros_keeps_one_neuron_that_makes_up_no_other(tolerance):
    found = decompose(np.zeros((9, 4)), tolerance)
    assert found.kept.tolist() == [0]
    assert found.matrix.tolist() == [[1.0, 0.0, 0.0, 0.0]]
    assert PivotedQR(np.zeros((9, 4))).ratios.tolist() == [1.0, 0.0, 0.0, 0.0]


def test_constant_and_single_neurons():
    z = np.full((9, 4), 3.0) * [1.0, -2.0, 0.5, 0.0]
    found = decompose(z, 1e-9)
    assert found.kept.tolist() == [1]
    np.testing.assert_allclose(found.matrix, [[-0.5, 1.0, -0.25, 0.0]])
    assert decompose(np.full((9, 1), 2.0)).matrix.tolist() == [[1.0]]
    assert len(decompose(z).kept) == 4
    assert np.isfinite(decompose(z).matrix).all()


def test_fewer_rows_than_columns():
    z = np.random.default_rng(3).normal(size=(5, 8))
    found = decompose(z)
    assert len(found.kept) == len(found.diagonal) == 5
    np.testing.assert_allclose(z[:, found.kept] @ found.matrix, z, atol=1e-12)
    more = decompose(z, rank=7)
    np.testing.assert_allclose(z[:, more.kept] @ more.matrix, z, atol=1e-12)


@pytest.mark.parametrize(
    ("z", "said"),
    [
        (np.array([[1.0, np.nan], [1.0, 2.0]]), "1 of the 2 rows"),
        (np.array([[1.0, np.inf], [np.nan, 2.0]]), "2 of the 2 rows"),
        (np.zeros((0, 3)), r"\(0, 3\)"),
    ],
)
def test_what_cannot_be_decomposed_is_refused(z, said):
    with pytest.raises(BadInput, match=said):
        PivotedQR(z)


@pytest.mark.parametrize("rank", [0, 4])
def test_a_rank_that_does_not_fit_is_refused(rank):
    with pytest.raises(BadInput, match=f"Rank {rank} does not fit"):
        decompose(np.eye(3), rank=rank)
