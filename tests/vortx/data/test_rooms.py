"""Rooms of a seed: what stands where."""

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.data.rooms.ground import Footprint
from prune3d_gui.plugins.vortx.data.rooms.room import HELD_OUT, furnished
from prune3d_gui.plugins.vortx.data.tracing.casting import tree_of, within

SEEDS = range(8)


@pytest.fixture(scope="module")
def rooms():
    return [furnished((5, seed), held_out=seed % 2 == 1) for seed in SEEDS]


def test_rooms_have_the_sizes_and_the_furniture_of_rooms(rooms):
    kinds = set()
    for room in rooms:
        assert min(room.width, room.depth) >= 3
        assert max(room.width, room.depth) <= 8
        assert 2.4 <= room.height <= 3.0
        assert 8 <= len(room.placed) <= 25
        kinds |= {one.name for one in room.placed}
    assert len(kinds) >= 12


def test_furniture_stands_on_the_floor_and_apart_but_for_chairs_at_tables(rooms):
    for room in rooms:
        prints = []
        for one in room.placed:
            x, y, z = room.to_own(np.array([one.place]))[0]
            assert z == pytest.approx(0)
            print_ = Footprint(x, y, one.size[0] / 2, one.size[1] / 2, one.yaw - room.yaw)
            corners = print_.corners
            assert (corners > -1e-6).all()
            assert (corners < np.array((room.width, room.depth)) + 1e-6).all()
            assert room.notch is None or not print_.meets(room.notch)
            for other, name in prints:
                if "chair" not in one.name and "chair" not in name:
                    assert not print_.meets(other), (one.name, name)
            prints.append((print_, one.name))


def test_only_test_rooms_have_a_piano(rooms):
    for seed, room in zip(SEEDS, rooms, strict=True):
        assert (HELD_OUT in {one.name for one in room.placed}) == (seed % 2 == 1)


def test_a_seed_is_one_room_and_another_is_another(rooms):
    again = furnished((5, 0))
    assert np.array_equal(again.solids.centre, rooms[0].solids.centre)
    assert again.solids.materials == rooms[0].solids.materials
    assert len(rooms[2].solids) != len(rooms[0].solids)


def test_textures_are_mixed_and_a_part_of_rooms_is_poor(rooms):
    kinds = [{one.kind for one in room.solids.materials} for room in rooms]
    assert len(set().union(*kinds)) >= 12
    plain = [np.mean([room.solids.materials[k].kind == "plain" for k in room.solids.material])
             for room in rooms]  # fmt: skip
    assert 0.15 < np.mean(plain) < 0.8


def test_there_are_thin_parts(rooms):
    for room in rooms:
        thin = 2 * np.sort(room.solids.spans, axis=1)
        bars = (thin[:, 1] < 0.05) & (thin[:, 2] > 0.25)  # legs, rods, slats
        assert bars.sum() >= 4


def test_walls_and_floor_close_the_room(rooms):
    rng = np.random.default_rng(0)
    for room in rooms:
        spots = np.column_stack(
            [rng.random((200, 2)) * (room.width, room.depth), np.full(200, -0.05)]
        )
        assert within(tree_of(room.solids), room.to_world(spots)).all()
