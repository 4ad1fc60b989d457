"""What is kept of results: labels of all voxels, probabilities where organs may be."""

import itertools

import numpy as np
import pytest

from prune3d_gui.plugins.psp_seg.volumes import segmented
from prune3d_gui.plugins.psp_seg.volumes.segmented import LIKELY, Canvas, Segmented, from_voxel

SHAPE = (20, 12, 10)
AFFINE = np.array([[0, -2.0, 0, 5], [3, 0, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]])


def noise(shape=SHAPE, seed=0):
    """Probabilities of three classes: (3, X, Y, Z) float32."""
    made = np.random.default_rng(seed).dirichlet((2, 1, 1), shape).astype(np.float32)
    return np.moveaxis(made, -1, 0).copy()


def alone(at, shape=SHAPE):
    """Background but for a few voxels of the first class."""
    made = np.zeros((3, *shape), np.float32)
    made[0] = 1
    made[:, at[0], at[1], at[2]] = np.array([0.2, 0.7, 0.1])[:, None, None, None]
    return made


def placed(found, *numbers, shape=SHAPE):
    """Probability of some classes on the whole grid."""
    around = np.zeros([side + 2 for side in shape], np.float32)
    body, corner = found.body(numbers)
    x, y, z = (slice(a + 1, a + 1 + n) for a, n in zip(corner, body.shape, strict=True))
    around[x, y, z] = body
    inner = around[1:-1, 1:-1, 1:-1].copy()
    around[1:-1, 1:-1, 1:-1] = 0
    assert not around.any()  # it is closed
    return inner


def blocked(probabilities, canvas, cuts=(0, 7, 13, 20)):
    for low, high in itertools.pairwise(cuts):
        part = slice(low, high), slice(0, 12), slice(0, 10)
        canvas.put(part, probabilities[(slice(None), *part)].copy())


def test_of_one_pass_probabilities_are_kept_as_they_are():
    given = noise()
    found = Segmented.of(given.copy())
    assert np.array_equal(found.labels, given.argmax(axis=0))
    assert np.array_equal(found.likely[1:], given[1:])
    assert placed(found, 1, 2) == pytest.approx(1 - given[0], abs=1e-6)
    carried = found.carried(("background", "a", "b"), AFFINE)
    assert carried.iso == 0.5
    assert np.array_equal(carried.arrays["b"], given[2])


def test_put_together_of_blocks_it_is_the_same_but_for_rounding():
    given = noise()
    canvas = Canvas(SHAPE, 3)
    blocked(given, canvas)
    found = canvas.finished()
    assert np.array_equal(found.labels, given.argmax(axis=0))
    assert found.likely.dtype == np.uint8
    for number in (1, 2):
        assert placed(found, number) == pytest.approx(given[number], abs=0.5 / 255 + 1e-6)
    assert placed(found, 1, 2) == pytest.approx(1 - given[0], abs=1.01 / 255)


def test_probabilities_are_kept_only_where_organs_may_be():
    given = alone((slice(8, 10), slice(5, 6), slice(2, 4)))
    canvas = Canvas(SHAPE, 3)
    blocked(given, canvas)
    found = canvas.finished()
    assert found.likely.shape == (3, 4, 3, 4)  # with one voxel around
    assert found.corner == (7, 4, 1)
    assert placed(found, 1) == pytest.approx(given[1], abs=0.5 / 255)
    own = from_voxel(AFFINE, found.corner)
    there = AFFINE[:3, :3] @ (7, 4, 1) + AFFINE[:3, 3]
    assert own[:3, 3] == pytest.approx(there)
    faint = np.zeros((3, *SHAPE), np.float32)
    faint[0], faint[1] = 1 - LIKELY / 2, LIKELY / 2
    canvas = Canvas(SHAPE, 3)
    blocked(faint, canvas)
    assert not placed(canvas.finished(), 1, 2).any()


def test_a_scene_carries_no_probabilities_that_take_too_much(monkeypatch):
    found = Segmented.of(noise())
    monkeypatch.setattr(segmented, "CARRIED", found.likely.nbytes)
    assert found.carried(("background", "a", "b"), AFFINE) is not None
    monkeypatch.setattr(segmented, "CARRIED", found.likely.nbytes - 1)
    assert found.carried(("background", "a", "b"), AFFINE) is None


def test_over_a_result_from_before_only_what_was_put_in_is_new():
    old = Canvas(SHAPE, 3)
    before = alone((slice(1, 3), slice(2, 4), slice(2, 4))) + 0
    before[:, 15:17, 8:9, 8:9] = before[:, 1:2, 2:3, 2:3]
    blocked(before, old)
    last = old.finished()
    canvas = Canvas(SHAPE, 3, last)
    part = slice(0, 7), slice(0, 12), slice(0, 10)
    fresh = alone((slice(4, 6), slice(9, 11), slice(2, 4)))
    canvas.put(part, fresh[(slice(None), *part)])
    grown = canvas.result()
    wanted = np.concatenate([fresh[:, :7], before[:, 7:]], axis=1)
    assert np.array_equal(grown.labels, wanted.argmax(axis=0))
    assert placed(grown, 1) == pytest.approx(wanted[1], abs=0.5 / 255)
    rest = slice(7, 20), slice(0, 12), slice(0, 10)
    canvas.put(rest, fresh[(slice(None), *rest)])
    done = canvas.finished()
    assert np.array_equal(done.labels, fresh.argmax(axis=0))
    assert placed(done, 1) == pytest.approx(fresh[1], abs=0.5 / 255)
    assert np.array_equal(grown.labels, wanted.argmax(axis=0))  # not written again
    assert np.array_equal(last.labels, before.argmax(axis=0))
