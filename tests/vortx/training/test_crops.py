"""Crops: what is known in them agrees with what their photographs see."""

from itertools import permutations

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.training.crops import Cut, crop_of, frame_of
from prune3d_gui.plugins.vortx.training.jitter import jittered
from prune3d_gui.plugins.vortx.training.rooms import Rooms

from .. import floors

CUT = Cut((32, 32, 16), 4)


def taken(seed, cut=CUT):
    return crop_of(floors.room(), cut, np.random.default_rng(seed))


def shown(crop, view, points):
    """Colours of a photograph where points of the crop are seen, and whether they are."""
    turn = np.linalg.inv(crop.poses[view].astype(float))
    own = points @ turn[:3, :3].T + turn[:3, 3]
    fx, fy, cx, cy = crop.intrinsics[view]
    u = np.floor(own[:, 0] / own[:, 2] * fx + cx).astype(int)
    v = np.floor(own[:, 1] / own[:, 2] * fy + cy).astype(int)
    height, width = crop.pictures.shape[1:3]
    inside = (own[:, 2] > 0) & (u >= 0) & (v >= 0) & (u < width) & (v < height)
    u, v = u.clip(0, width - 1), v.clip(0, height - 1)
    return crop.pictures[view, v, u], crop.depths[view][v, u], own[:, 2], inside


@pytest.mark.parametrize("seed", range(2, 8))
def test_a_turned_or_mirrored_crop_is_seen_as_it_is(seed, monkeypatch):
    """The floor is where the distances say, as far away as depths say, and of one colour."""
    monkeypatch.setattr(
        "prune3d_gui.plugins.vortx.training.crops.jittered", lambda pictures, drawn: pictures
    )
    crop = taken(seed)
    fine = crop.truth["fine"]
    near = np.argwhere((np.abs(fine) < 0.2) & crop.known["fine"])
    points = near * crop.voxel
    # Along the way up from the floor, distances tell how high a voxel is.
    points[:, 2] += fine[tuple(near.T)] * 3 * crop.voxel
    colours, compared = [], 0
    for view in range(4):
        found, depth, away, inside = shown(crop, view, points)
        inside &= depth > 0
        np.testing.assert_allclose(depth[inside], away[inside], atol=0.06)
        colours.append(np.where(inside[:, None], found, np.nan))
        compared += inside.sum()
        assert np.linalg.det(crop.poses[view][:3, :3]) == pytest.approx(1, abs=1e-5)
    assert compared > 100
    both = np.nanmax(colours, axis=0) - np.nanmin(colours, axis=0)
    assert np.nanmedian(both) < 25  # of 255, at pixels of 2 to 3 cm


def test_mirrored_and_turned_crops_both_come():
    signs = {bool(np.linalg.det(_frame(seed)) < 0) for seed in range(8)}
    assert signs == {True, False}


def _frame(seed):
    """World from crop: what the poses of the crop were made with."""
    own = floors.poses()
    crop = taken(seed, Cut((32, 32, 16), 6))
    places = np.stack([pose[:3, 3] for pose in crop.poses])
    original = own[:, :3, 3]
    best, frame = np.inf, None
    for order in permutations(range(6)):
        a = places - places.mean(0)
        b = original[list(order)] - original.mean(0)
        turn = np.linalg.lstsq(a, b, rcond=None)[0].T
        error = np.abs(a @ turn.T - b).max() + np.abs(turn @ turn.T - np.eye(3)).max()
        if error < best:
            best, frame = error, turn
    return frame


def test_levels_say_the_same_at_their_sizes():
    crop = taken(0, Cut((32, 32, 16), 4, augment=False))
    assert {k: v.shape for k, v in crop.truth.items()} == {
        "coarse": (8, 8, 4), "medium": (16, 16, 8), "fine": (32, 32, 16),
    }  # fmt: skip
    occupied = np.abs(crop.truth["fine"]) < 0.999
    medium = crop.truth["medium"] > 0
    # What is occupied is in an occupied voxel of each coarser level.
    for level, step in (("medium", 2), ("coarse", 4)):
        up = crop.truth[level] > 0
        x, y, z = np.nonzero(occupied)
        assert up[x // step, y // step, z // step].all()
    assert set(np.unique(crop.truth["medium"])) <= {0.0, 1.0}
    assert 0 < medium.mean() < 1
    assert (crop.known["medium"] | ~medium).all()


def test_columns_that_nobody_saw_are_known_to_be_empty():
    room = floors.room()
    values = room.values.copy()
    values[:20] = 1
    object.__setattr__(room, "values", values)
    found = [
        crop_of(room, Cut((32, 32, 16), 4, augment=False), np.random.default_rng(seed))
        for seed in range(6)
    ]
    outside = [crop.truth["fine"].min(axis=2) >= 0.999 for crop in found]
    assert any(own.any() for own in outside)
    for crop, own in zip(found, outside, strict=True):
        assert crop.known["fine"][own].all()
        assert (crop.truth["fine"][own] == 1).all()


def test_a_crop_may_be_as_high_as_its_room_wherever_it_stands():
    cut = Cut((16, 16, 0), 2, augment=False)
    for seed in range(4):
        crop = taken(seed, cut)
        assert crop.truth["fine"].shape == (16, 16, floors.HIGH)
        # The room's own voxels, from the bottom of its box.
        columns = crop.truth["fine"].reshape(-1, floors.HIGH)
        seen = columns[columns.min(axis=1) < 0]
        assert len(seen) > 16
        np.testing.assert_allclose(np.median(seen, axis=0), floors.values()[0, 0], atol=1e-3)


def test_crops_stand_along_the_axes_of_the_room_or_nearly():
    turned = []
    for seed in range(40):
        drawn = np.random.default_rng(seed)
        axes = frame_of(np.zeros(3), np.zeros(3), CUT, drawn).axes
        turned.append(np.degrees(np.arctan2(axes[1, 1], axes[0, 1])) % 360)
    quarters = np.round(np.array(turned) / 90)
    assert set(quarters % 4) == {0, 1, 2, 3}
    beside = np.abs(turned - 90 * quarters)
    assert 2 < beside.max() <= np.degrees(0.1) + 1e-6


def test_views_are_those_that_see_the_crop():
    crop = taken(1)
    assert len(crop.pictures) == len(crop.depths) == len(crop.poses) == 4
    assert len(np.unique(crop.poses.round(4), axis=0)) == 4
    assert len(taken(1, Cut((32, 32, 16), 40)).poses) == 6  # all that there are


def test_the_same_seed_is_the_same_crop():
    one, other = taken(5), taken(5)
    assert np.array_equal(one.pictures, other.pictures)
    assert np.array_equal(one.truth["fine"], other.truth["fine"])
    assert not np.array_equal(one.pictures, taken(6).pictures)


def test_photographs_come_in_the_width_that_is_asked_for():
    crop = taken(0, Cut((32, 32, 16), 2, 32, augment=False))
    assert crop.pictures.shape == (2, 24, 32, 3)
    assert crop.intrinsics[0] == pytest.approx((29, 29, 16, 12))


def test_colours_change_within_bounds_and_alike_in_all_views():
    pictures = np.random.default_rng(0).uniform(0, 255, (2, 8, 9, 3)).astype(np.float32)
    pictures[1] = pictures[0]
    seen = set()
    for seed in range(20):
        found = jittered(pictures, np.random.default_rng(seed))
        assert found.dtype == np.float32
        assert found.min() >= 0
        assert found.max() <= 255
        np.testing.assert_array_equal(found[0], found[1])
        seen.add(round(float(found.mean()), 1))
    assert len(seen) > 10


def test_a_folder_without_rooms_is_one_sentence(tmp_path):
    with pytest.raises(BadInput, match="has no rooms to train with"):
        Rooms(tmp_path, "train")
