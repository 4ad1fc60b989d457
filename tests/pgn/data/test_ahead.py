"""Batches made ahead are those of the plain way."""

import threading

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.pgn.data import ahead as aheads
from prune3d_gui.plugins.pgn.data.ahead import DEPTH, Ahead
from prune3d_gui.plugins.pgn.data.batches import Batches
from prune3d_gui.plugins.pgn.data.dataset import open_layout

from .test_dataset import CAR, LAMP, write_set


@pytest.fixture
def root(tmp_path):
    return write_set(tmp_path, {CAR: 5, LAMP: 5}, views=4)


@pytest.fixture
def objects(root):
    return open_layout(root).splits["train"]


def same(one, other):
    return torch.equal(one.images, other.images) and torch.equal(one.points, other.points)


@pytest.mark.parametrize("threads", [1, 2, 5])
def test_they_are_the_same_to_the_bit_in_any_order(objects, threads):
    asked = [(0, 32, 9), (1, 32, 9), (2, 32, 9), (3, 224, 9), (4, 224, 9), (4, 224, 9)]
    asked += [(9, 224, 9), (10, 224, 7), (0, 32, 9)]
    plain = Batches(objects, 4, seed=3)
    with Ahead(Batches(objects, 4, seed=3), threads) as ahead:
        for step, size, points in asked:
            assert same(ahead.draw(step, size, points), plain.draw(step, size, points))


def test_a_run_that_goes_on_later_has_the_same_batches(objects):
    with Ahead(Batches(objects, 4, seed=0)) as ahead:
        whole = [ahead.draw(step, 224, 5) for step in range(6)]
    with Ahead(Batches(objects, 4, seed=0)) as ahead:
        rest = [ahead.draw(step, 224, 5) for step in range(3, 6)]
    assert all(same(a, b) for a, b in zip(whole[3:], rest, strict=True))
    assert not same(whole[0], whole[1])


def test_pictures_are_levels_over_255_with_channels_last(objects):
    batch = Batches(objects, 4, seed=0).draw(0, 224, 5)
    assert batch.images.shape == (4, 3, 224, 224)
    assert batch.images.is_contiguous(memory_format=torch.channels_last)
    levels = (batch.images * 255).round().byte()
    assert torch.equal(levels.float().div_(255), batch.images)


def test_so_many_are_made_ahead_and_no_more(objects, monkeypatch):
    batches = Batches(objects, 2, seed=0)
    made, done = [], threading.Semaphore(0)
    fill = batches.fill

    def filling(drawn, row):
        made.append(drawn)
        fill(drawn, row)
        done.release()

    monkeypatch.setattr(batches, "fill", filling)
    with Ahead(batches, 2) as ahead:
        for step in range(3):
            ahead.draw(step, 224, 5)
        for _ in range(2 * (3 + DEPTH)):
            assert done.acquire(timeout=30)
        assert not done.acquire(timeout=0.05)
    assert len({id(drawn) for drawn in made}) == 3 + DEPTH


def test_pictures_of_a_batch_are_decoded_at_a_time(objects, monkeypatch):
    batches = Batches(objects, 4, seed=0)
    together = threading.Barrier(3, timeout=30)
    fill = batches.fill

    def filling(drawn, row):
        if row < 3:
            together.wait()  # nobody passes before three are here
        fill(drawn, row)

    monkeypatch.setattr(aheads, "DEPTH", 0)
    monkeypatch.setattr(batches, "fill", filling)
    with Ahead(batches, 3) as ahead:
        assert ahead.draw(0, 224, 5).images.max() > 0.3


def test_a_picture_that_cannot_be_read_is_named_when_its_batch_is_asked_for(root, objects):
    batches = Batches(objects, len(objects), seed=0)
    for path in root.rglob("0[123].png"):
        Image.fromarray(np.zeros((5, 9, 4), np.uint8)).save(path)
    with Ahead(batches) as ahead, pytest.raises(BadInput, match="9 x 5, not square"):
        ahead.draw(0, 224, 5)


def test_leaving_drops_what_waits_and_ends_the_threads(objects):
    before = threading.active_count()
    with Ahead(Batches(objects, 4, seed=0), 3) as ahead:
        ahead.draw(0, 224, 5)
        assert threading.active_count() > before
    assert threading.active_count() == before
