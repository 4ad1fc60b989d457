"""Blocks of long volumes: every voxel is kept once, and looked at from far enough inside."""

import numpy as np
import pytest

from prune3d_gui.plugins.psp_seg.volumes.blocks import (
    BLOCK,
    MARGIN,
    blocks_of,
    is_long,
    nearest_first,
)

WHOLE = [(161, 40, 40), (512, 512, 512), (300, 20, 170), (160, 1000, 64), (273, 161, 5)]


def counted(shape, blocks):
    times = np.zeros(shape, np.uint8)
    for block in blocks:
        times[block.kept] += 1
    return times


@pytest.mark.parametrize("shape", WHOLE)
def test_every_voxel_is_kept_once(shape):
    assert is_long(shape)
    assert (counted(shape, blocks_of(shape, 16)) == 1).all()


@pytest.mark.parametrize("shape", WHOLE)
def test_no_block_is_longer_than_one_and_each_reaches_beyond_what_it_keeps(shape):
    for block in blocks_of(shape, 16):
        for run, kept, side in zip(block.run, block.kept, shape, strict=True):
            assert 0 <= run.start <= kept.start < kept.stop <= run.stop <= side
            assert run.stop - run.start <= BLOCK
            assert run.stop - run.start == side or (run.stop - run.start) % 16 == 0
            assert kept.start == 0 or kept.start - run.start >= MARGIN
            assert kept.stop == side or run.stop - kept.stop >= MARGIN


@pytest.mark.parametrize("part", [(200, 300), (0, 40), (470, 512), (60, 420), (5, 511), (100, 101)])
def test_of_a_part_only_that_is_kept(part):
    along = slice(*part)
    shape, wanted = (512, 40, 200), (along, slice(3, 30), slice(150, 190))
    blocks = blocks_of(shape, 16, wanted)
    times = counted(shape, blocks)
    assert (times[wanted] == 1).all()
    assert times.sum() == times[wanted].sum()
    for block in blocks:
        run, kept = block.run[0], block.kept[0]
        assert run.stop - run.start <= BLOCK
        assert kept.start - run.start >= min(MARGIN, kept.start)
        assert run.stop - kept.stop >= min(MARGIN, 512 - kept.stop)
        assert block.run[1] == slice(0, 40)  # norms see all of a short side, as in one pass
        inside = np.zeros(shape, bool)
        inside[block.kept] = True
        assert np.argwhere(inside[block.run])[0].tolist() == [s.start for s in block.inner]


def test_a_short_volume_is_run_at_once():
    assert not is_long((BLOCK, 3, BLOCK))
    (block,) = blocks_of((BLOCK, 40, 7), 16)
    assert block.run == block.kept == (slice(0, BLOCK), slice(0, 40), slice(0, 7))


def test_blocks_near_the_organs_come_first():
    blocks = blocks_of((512, 40, 40), 16)
    part = (slice(470, 500), slice(0, 40), slice(0, 40))
    ordered = nearest_first(blocks, part)
    assert sorted(map(str, ordered)) == sorted(map(str, blocks))
    assert ordered == blocks[::-1]
    assert nearest_first(blocks, None) == blocks
