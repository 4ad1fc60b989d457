"""Interpolative decomposition: the few columns of a matrix that make up all others.

A pivoted QR factorisation orders the columns of Z so that the first k span what matters;
Z ~= Z[:, kept] T with T = [I, R11^-1 R12] (Cheng, Gimbutas, Martinsson & Rokhlin 2005). For the
neurons of a layer, T is multiplied into the next layer (Chee et al. 2022).

One matrix is factorised by LAPACK's QR. Many small ones are by a pivoted Cholesky factorisation
of Z'Z: in exact arithmetic it has the pivots and the R of the QR. Where rounding could change
what is decided, the matrix is marked as doubtful and `recheck` asks for the QR.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import torch
from scipy.linalg import qr, solve_triangular
from scipy.linalg.lapack import dpstrf
from torch import Tensor

from ..core.errors import BadInput

SMALLEST = 1e-6
"""Below this tolerance its square is lost in the rounding of Z'Z."""
FLOOR = 1e-11
"""Rounding of a squared residual norm, as a share of the largest squared norm of a column."""
DENSE = 0.75
"""Matrices that are done are carried along until less than this share is at work."""
TINY = 1e-280
"""Squared norms below it are rounded as those above are not."""
TIE = 1e-7
"""Relative difference of squared norms that LAPACK's own downdated norms may not see."""


@dataclass(frozen=True, eq=False)
class Decomposition:
    """Columns that are kept, and how they make up the others.

    Attributes
    ----------
    kept : (k,) int64
        Columns in the order of the pivots.
    matrix : (k, w) float64
        Z ~= Z[:, kept] @ matrix; its columns `kept` are those of the identity.
    diagonal : (min(n, w),) float64
        ``|R_jj|`` of the whole factorisation.
    """

    kept: np.ndarray
    matrix: np.ndarray
    diagonal: np.ndarray


class PivotedQR:
    """One column-pivoted QR factorisation, from which decompositions of any rank are cheap.

    Parameters
    ----------
    Z : (n, w) array
        Computed with in float64.

    Attributes
    ----------
    pivots : (w,) int64
        Columns in the order in which they were taken.
    diagonal : (min(n, w),) float64
        ``|R_jj|``.

    Raises
    ------
    BadInput
        If Z is empty or not finite.
    """

    def __init__(self, Z: np.ndarray) -> None:
        Z = np.asarray(Z, np.float64)
        if Z.ndim != 2 or not Z.size:
            raise BadInput(
                f"A matrix of shape {Z.shape} cannot be decomposed; give at least one row and "
                "one column."
            )
        if not np.isfinite(Z).all():
            raise BadInput(
                f"{np.count_nonzero(~np.isfinite(Z).all(axis=1)):,} of the {len(Z):,} rows to "
                "decompose have values that are not finite; leave these rows out."
            )
        R, pivots = qr(Z, mode="r", pivoting=True, check_finite=False)
        self._R, self.pivots = R[: min(Z.shape)], pivots.astype(np.int64)
        self.diagonal = np.abs(np.diagonal(self._R))

    @cached_property
    def ratios(self) -> np.ndarray:
        """``|R_jj| / |R_00|``, (min(n, w),); 1 and then zeros for a matrix of zeros."""
        first = self.diagonal[0]
        return self.diagonal / first if first else np.eye(1, len(self.diagonal))[0]

    def rank(self, tolerance: float) -> int:
        """Count the pivots up to the last with ``|R_jj| >= tolerance |R_00|``, at least one.

        Tolerance 0 keeps all columns there are, min(n, w), and one of a matrix of zeros.
        """
        if not self.diagonal[0]:
            return 1
        return int(np.flatnonzero(self.ratios >= tolerance).max(initial=0)) + 1

    def rows(self, rank: int) -> np.ndarray:
        """Give the first rows of R with the columns in their old order: (rank, w).

        Rows that are nothing but rounding are replaced by rows of the identity: their pivot is
        made up by itself alone, and no other column by it.
        """
        w = self._R.shape[1]
        sound = int((self.ratios > np.finfo(float).eps * max(self._R.shape)).sum())
        sound = min(rank, sound) if self.diagonal[0] else 0
        found = np.zeros((rank, w))
        found[:sound, self.pivots] = self._R[:sound]
        found[np.arange(sound, rank), self.pivots[sound:rank]] = 1.0
        return found

    def decomposition(self, rank: int) -> Decomposition:
        """Keep the first `rank` pivots, 1 to w.

        Raises
        ------
        BadInput
            If there are not so many columns.
        """
        if not 1 <= rank <= len(self.pivots):
            raise BadInput(
                f"Rank {rank} does not fit a matrix of {len(self.pivots)} columns; take 1 to "
                f"{len(self.pivots)}."
            )
        kept, rows = self.pivots[:rank], self.rows(rank)
        matrix = solve_triangular(rows[:, kept], rows, check_finite=False)
        matrix[:, kept] = np.eye(rank)
        return Decomposition(kept, matrix, self.diagonal)


def decompose(Z: np.ndarray, tolerance: float = 0.0, rank: int | None = None) -> Decomposition:
    """Decompose a matrix to a tolerance, or to a rank if one is given.

    Parameters
    ----------
    Z : (n, w) array
    tolerance : float
        Columns stay while ``|R_kk| >= tolerance |R_00|``.
    rank : int, optional

    Raises
    ------
    BadInput
        If Z is empty or not finite, or the rank is more than its columns.
    """
    factor = PivotedQR(Z)
    return factor.decomposition(factor.rank(tolerance) if rank is None else rank)


@dataclass(frozen=True, eq=False)
class BatchedRanks:
    """Ranks of many matrices, and the leading rows of their R.

    Attributes
    ----------
    rank : (B,) int64
    pivots : (B, kmax) int64
        Columns in the order of the pivots; 0 beyond an element's rank.
    rows : (B, kmax, w) float64
        Leading rows of R, columns in their old order; 0 beyond an element's rank.
    doubtful : (B,) bool
        Where rounding could have changed the rank or the order of the pivots.
    """

    rank: Tensor
    pivots: Tensor
    rows: Tensor
    doubtful: Tensor

    def taken(self, which: Tensor) -> BatchedRanks:
        """Take elements by number, (b,) int64; kmax is theirs."""
        rank = self.rank[which]
        kmax = int(rank.max())
        rows = self.rows[which, :kmax]
        return BatchedRanks(rank, self.pivots[which, :kmax], rows, self.doubtful[which])


def batched_ranks(Z: Tensor, tolerance: float) -> BatchedRanks:
    """Decide the ranks of many matrices, (B, n, w) float64 and finite; see `gram_ranks`."""
    return gram_ranks(Z.mT @ Z, Z.shape[1], tolerance)


def gram_ranks(gram: Tensor, n: int, tolerance: float, rounding: float = FLOOR) -> BatchedRanks:
    """Decide the ranks of many matrices by pivoted Cholesky factorisation of Z'Z.

    A doubtful one has no result before its `recheck`. On the CPU LAPACK takes one after the
    other, elsewhere `gram_ranks_at_once` takes all.

    Parameters
    ----------
    gram : (B, w, w) float64
        Z'Z, finite; overwritten.
    n : int
        Rows of each Z.
    tolerance : float
        As in `PivotedQR.rank`.
    rounding : float
        Of a squared residual norm, as a share of the largest squared norm of a column.
    """
    if gram.device.type != "cpu":
        return gram_ranks_at_once(gram, n, tolerance, rounding)
    count, w, _ = gram.shape
    most = min(n, w)
    left, first, zero, doubtful = _begun(gram, tolerance)
    limit, floor = tolerance**2 * first, rounding * first
    gram = gram.contiguous()
    matrices, ends = gram.mT.numpy(), limit.tolist()
    taken, ranks = np.tile(np.arange(1, w + 1), (count, 1)), [0] * count
    for number in (~zero & ~doubtful).nonzero()[:, 0].tolist():
        _, taken[number], ranks[number], _ = dpstrf(
            matrices[number], tol=ends[number], lower=1, overwrite_a=1
        )
    order, rank = torch.from_numpy(taken - 1), torch.tensor(ranks).clamp_(max=most)
    kmax = max(int(rank.max()), 1) if count else 1
    factor = gram[:, :kmax].triu()
    left = left.gather(1, order)
    reached, second = left.new_empty(2, kmax + 1, count)
    for step in range(kmax):
        row = factor[:, step]
        reached[step] = left[:, step]
        left[:, step] = -torch.inf
        torch.amax(left, dim=1, out=second[step])
        left.addcmul_(row, row, value=-1.0)
    reached[kmax] = second[kmax] = left.amax(dim=1)
    steps = torch.arange(kmax + 1)[:, None]
    near = torch.minimum(reached * (1 - TIE), reached - floor)
    band = TIE * limit + floor
    close = (steps > 0) & ((reached - limit).abs() <= band)
    ended = torch.maximum(reached, second) >= limit - band
    unsure = torch.where(steps < rank, (second >= near) | close, ended & (steps == rank))
    unsure &= steps < most
    doubtful |= unsure.any(dim=0) & ~zero
    beyond = torch.arange(kmax) >= rank[:, None]
    factor = factor.masked_fill_((beyond | doubtful[:, None])[..., None], 0.0)
    rows = torch.zeros_like(factor).scatter_(2, order[:, None].expand(-1, kmax, -1), factor)
    rows[zero, 0, 0], rank[zero] = 1.0, 1
    return BatchedRanks(rank, order[:, :kmax].masked_fill(beyond, 0), rows, doubtful)


def _begun(gram: Tensor, tolerance: float) -> tuple[Tensor, Tensor, Tensor, Tensor]:
    """Give squared norms of columns, the largest, and which matrices are zero or doubtful."""
    left = gram.diagonal(dim1=1, dim2=2).clone()
    first = left.amax(dim=1)
    zero = first == 0
    doubtful = ~torch.isfinite(first) | ~zero & ((first < TINY) | (tolerance < SMALLEST))
    return left, first, zero, doubtful


def gram_ranks_at_once(
    gram: Tensor, n: int, tolerance: float, rounding: float = FLOOR
) -> BatchedRanks:
    """Decide what `gram_ranks` does, by one factorisation of all matrices step by step.

    Left-looking: a step forms only the row of each matrix's own pivot. Matrices that have reached
    their rank, and those that have become doubtful, fall out on the way.
    """
    count, w, _ = gram.shape
    most, device = min(n, w), gram.device
    left, first, zero, doubtful = _begun(gram, tolerance)
    rank = torch.zeros(count, dtype=torch.int64, device=device)
    found = gram.new_zeros(count, most, w)
    pivots = rank.new_zeros(count, most)
    active = (~zero & ~doubtful).nonzero()[:, 0]
    going = torch.ones_like(active, dtype=torch.bool)
    left, rows = left[active], gram.new_empty(len(active), most, w)
    limit, floor = tolerance**2 * first[active], rounding * first[active]
    for step in range(most):
        reached, pivot = left.max(dim=1)
        near = torch.minimum(reached * (1 - TIE), reached - floor)
        unsure = (left >= near[:, None]).sum(dim=1) > 1
        if step:
            unsure |= (reached - limit).abs() <= TIE * limit + floor
            unsure &= reached >= limit * (1 - TIE) - floor
            going = going & ((reached >= limit) | unsure)
        doubtful[active] |= going & unsure
        going = going & ~unsure
        kept = int(going.sum())
        if not kept:
            break
        if kept < DENSE * len(going):
            found[active, :step] = rows[:, :step]
            chosen = going.nonzero()[:, 0]
            before, rows = rows[:, :step], gram.new_empty(kept, most, w)
            torch.index_select(before, 0, chosen, out=rows[:, :step])
            active, left, limit, floor, reached, pivot, going = (
                values[chosen] for values in (active, left, limit, floor, reached, pivot, going)
            )
        rank[active] += going
        row = gram[active, pivot]
        if step:
            before = rows[:, :step]
            index = pivot[:, None, None].expand(-1, step, 1)
            row -= (before.gather(2, index).mT @ before)[:, 0]
            row.scatter_(1, pivots[active, :step], 0.0)
        row /= reached.sqrt()[:, None]
        rows[:, step], pivots[active, step] = row, pivot
        left = left.addcmul_(row, row, value=-1.0).scatter_(1, pivot[:, None], -1.0)
    kmax = max(int(rank.max()), 1) if count else 1
    found[active, :kmax] = rows[:, :kmax]
    beyond = torch.arange(kmax, device=device) >= rank[:, None]
    pivots = pivots[:, :kmax].masked_fill(beyond, 0)
    found = found[:, :kmax].masked_fill(beyond[..., None], 0.0)
    found[zero, 0, 0], rank[zero] = 1.0, 1
    return BatchedRanks(rank, pivots, found, doubtful)


def ranks_by_qr(Z: Tensor, tolerance: float) -> BatchedRanks:
    """Decide the ranks of many matrices one by one by LAPACK: the plain reference."""
    count, _, w = Z.shape
    factors = [PivotedQR(z) for z in Z.cpu().numpy()]
    rank = [factor.rank(tolerance) for factor in factors]
    pivots = np.zeros((count, max(rank, default=1)), np.int64)
    rows = np.zeros((*pivots.shape, w))
    for number, (k, factor) in enumerate(zip(rank, factors, strict=True)):
        pivots[number, :k], rows[number, :k] = factor.pivots[:k], factor.rows(k)
    found = np.array(rank, np.int64), pivots, rows, np.zeros(count, bool)
    return BatchedRanks(*(torch.as_tensor(array, device=Z.device) for array in found))


def recheck(
    found: BatchedRanks, which: Tensor, Z: Tensor, tolerance: float, by_gram: bool = False
) -> BatchedRanks:
    """Decide matrices again by LAPACK's QR; `doubtful` still says which ones called for it.

    Parameters
    ----------
    found : BatchedRanks
        What is decided again is overwritten.
    which : (b,) int64
        Numbers of the matrices.
    Z : (b, n, w) float64
        These matrices.
    tolerance : float
    by_gram : bool
        Whether Z'Z in float64 is tried first, as is due where it was taken in float32.
    """
    if not len(which):
        return found
    if by_gram:
        exact = batched_ranks(Z, tolerance)
        still = exact.doubtful.nonzero()[:, 0]
        exact = recheck(exact, still, Z[still], tolerance)
    else:
        exact = ranks_by_qr(Z, tolerance)
    k, kmax = exact.pivots.shape[1], found.pivots.shape[1]
    pad = torch.nn.functional.pad
    pivots, rows = found.pivots, found.rows
    if k > kmax:
        pivots, rows = pad(pivots, (0, k - kmax)), pad(rows, (0, 0, 0, k - kmax))
    found.rank[which] = exact.rank
    pivots[which] = pad(exact.pivots, (0, pivots.shape[1] - k))
    rows[which] = pad(exact.rows, (0, 0, 0, rows.shape[1] - k))
    return replace(found, pivots=pivots, rows=rows)


def batched_matrices(found: BatchedRanks) -> Tensor:
    """Give the interpolation matrices: (B, kmax, w), rows beyond an element's rank zero."""
    kmax = found.pivots.shape[1]
    index = found.pivots[:, None].expand(-1, kmax, -1)
    square = found.rows.gather(2, index)
    unfit = torch.arange(kmax, device=found.rank.device) >= found.rank[:, None]
    square.masked_fill_(unfit[:, None], 0.0)
    square.diagonal(dim1=1, dim2=2).masked_fill_(unfit, 1.0)
    return torch.linalg.solve_triangular(square, found.rows, upper=True)
