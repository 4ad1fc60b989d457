"""The rooms that come with the program: what they hold, and that they can be made again."""

from dataclasses import asdict, fields
from importlib.resources import as_file, files

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.data.making import SPLITS, VERSION, Wanted
from prune3d_gui.plugins.vortx.data.rooms.room import HELD_OUT, furnished
from prune3d_gui.plugins.vortx.data.scene_files import read_scene
from prune3d_gui.plugins.vortx.data.tracing.casting import tree_of
from prune3d_gui.plugins.vortx.data.walks.looking import walk_through


@pytest.fixture(params=["study", "piano"])
def shipped(request):
    with as_file(files("prune3d_gui.resources").joinpath(f"samples/vortx/{request.param}")) as path:
        yield read_scene(path)


def test_shipped_rooms_are_whole_small_and_unseen(shipped):
    assert len(shipped) == 48
    assert shipped.size == (240, 320)
    assert shipped.picture(47).shape == (240, 320, 3)
    assert shipped.depth(0) is None
    assert shipped.told["made"]["split"] in SPLITS[1:]
    assert sum(one.stat().st_size for one in shipped.folder.rglob("*") if one.is_file()) < 2.5e6
    volume, mesh = shipped.volume(), shipped.mesh()
    size = volume.voxel * (np.array(volume.values.shape) - 1)
    near = (mesh.points > volume.origin - 0.1) & (mesh.points < volume.origin + size + 0.1)
    assert near.all(axis=1).mean() > 0.99


def test_shipped_rooms_can_be_made_again(shipped):
    told = dict(shipped.told["made"])
    number, version = told.pop("number"), told.pop("version")
    assert version == VERSION
    wanted = Wanted(**told)
    assert {one.name for one in fields(Wanted)} == set(told)
    seed = wanted.seeds(number)
    room = furnished((*seed, 0), held_out=wanted.split == "test")
    names = [one["name"] for one in shipped.told["furniture"]]
    assert [one.name for one in room.placed] == names
    assert (HELD_OUT in names) == (wanted.split == "test")
    places = [asdict(one)["place"] for one in room.placed]
    assert np.allclose(places, [one["place"] for one in shipped.told["furniture"]])
    walk = walk_through(room, tree_of(room.solids), (*seed, 1), wanted.frames)
    assert np.allclose(walk.poses, shipped.poses, atol=1e-6)
