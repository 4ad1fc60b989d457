from dataclasses import dataclass

import numpy as np
import pytest
import torch

from prune3d_gui.core.newest import Newest, nbytes
from prune3d_gui.core.scene.scenes import Layer, Mesh, Scene


def test_what_was_not_asked_for_longest_goes_first_and_nothing_is_made_twice():
    made, kept = [], Newest(2, size=lambda value: 1)

    def make(key):
        made.append(key)
        return key.upper()

    for key in "abacab":
        assert kept.keep(key, lambda key=key: make(key)) == key.upper()
    assert made == ["a", "b", "c", "b"]
    assert list(kept) == ["a", "b"]
    assert kept.values() == ("A", "B")


def test_bytes_are_bounded_whatever_is_put_in():
    kept = Newest(10_000)
    random = np.random.default_rng(0)
    for _ in range(300):
        kept.put(int(random.integers(40)), np.zeros(int(random.integers(1, 4000)), np.uint8))
        assert kept.bytes == sum(value.nbytes for value in kept.values()) <= 10_000
    assert kept.bytes > 5_000, "no more goes than must"
    kept.drop(next(iter(kept)))
    assert kept.bytes == sum(value.nbytes for value in kept.values())
    kept.clear()
    assert (len(kept), kept.bytes) == (0, 0)


def test_what_is_too_large_is_given_and_not_kept():
    kept = Newest(100)
    kept.put("small", np.zeros(60, np.uint8))
    large = kept.keep("large", lambda: np.zeros(101, np.uint8))
    assert len(large) == 101
    assert list(kept) == ["small"]
    kept.put("small", np.zeros(200, np.uint8))
    assert (list(kept), kept.bytes, kept.get("small")) == ([], 0, None)


@dataclass(frozen=True, slots=True)
class Slotted:
    array: np.ndarray
    name: str = "four"


POINTS, FACES = np.zeros((10, 3), np.float32), np.zeros((4, 3), np.int32)


@pytest.mark.parametrize(
    ("value", "size"),
    [
        (None, 0),
        (3.5, 0),
        ("abc", 3),
        (POINTS, 120),
        ([POINTS, POINTS, {"x": FACES}], 168),
        (torch.zeros(5, dtype=torch.float64), 40),
        (torch.nn.Linear(3, 2), 4 * (6 + 2)),
        (Slotted(FACES), 52),
        (Mesh(POINTS, FACES, {"error": np.zeros(10)}), 120 + 48 + 80),
        (Scene((Layer("mesh", Mesh(POINTS, FACES)),)), 168),
    ],
    ids=lambda value: type(value).__name__,
)
def test_bytes_of_what_is_held(value, size):
    assert nbytes(value) == size
