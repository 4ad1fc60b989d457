"""Pairs of photographs: of one room, beside each other, and many in one batch."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.training.crops import Cut
from prune3d_gui.plugins.vortx.training.pairs import of_one_size, pair_of

from .. import floors

CUT = Cut((16, 16, 16), 3)


def drawn_of(seed):
    return np.random.default_rng(seed)


@pytest.mark.parametrize("seed", range(4))
def test_both_see_the_floor_where_it_is(seed):
    """In a frame that is turned, maybe mirrored, whose origin is the first camera."""
    pair = pair_of(floors.room(), CUT, drawn_of(seed))
    assert pair.pictures.shape == (2, floors.HEIGHT, floors.WIDTH, 3)
    np.testing.assert_allclose(pair.poses[0, :3, 3], 0, atol=1e-6)
    heights = set()
    for pose, depth, (fx, fy, cx, cy) in zip(pair.poses, pair.depths, pair.intrinsics, strict=True):
        assert np.linalg.det(pose[:3, :3]) == pytest.approx(1, abs=1e-5)
        rows, columns = np.nonzero(depth > 0)
        own = np.stack(((columns + 0.5 - cx) / fx, (rows + 0.5 - cy) / fy, np.ones(len(rows))), 1)
        places = own * depth[rows, columns, None] @ pose[:3, :3].T + pose[:3, 3]
        heights |= set(np.round(places[:, 2], 2).tolist())
    assert len(heights) <= 2  # one, or two by rounding


def test_the_second_is_beside_the_first_where_there_is_one():
    room = floors.room(24)
    for seed in range(8):
        pair = pair_of(room, CUT, drawn_of(seed))
        assert 0.15 < np.linalg.norm(pair.poses[1, :3, 3]) < 1.2
        assert pair.poses[0, :3, 2] @ pair.poses[1, :3, 2] > np.cos(np.radians(40))


def test_a_room_of_one_photograph_gives_it_twice():
    pair = pair_of(floors.room(1), Cut((16, 16, 16), 3, augment=False), drawn_of(0))
    np.testing.assert_array_equal(pair.pictures[0], pair.pictures[1])


def test_batches_are_of_one_size():
    pairs = [pair_of(floors.room(), CUT, drawn_of(seed)) for seed in range(3)]
    low = replace(pairs[1], pictures=pairs[1].pictures[:, ::2])
    first, second = of_one_size([pairs[0], low, pairs[2]])
    assert (len(first.poses), len(second.poses), len(first.depths)) == (4, 2, 4)
    np.testing.assert_array_equal(first.poses[2:], pairs[2].poses)
