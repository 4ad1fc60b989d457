"""The measures of the bench: that ways give the same, and that rows say what they are of."""

from functools import partial

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.vortx import bench
from prune3d_gui.plugins.vortx.counting import count, seen_in
from prune3d_gui.plugins.vortx.model import VortxModel
from prune3d_gui.plugins.vortx.network.checkpoint import NetworkInfo
from prune3d_gui.plugins.vortx.network.dense import DenseUNet
from prune3d_gui.plugins.vortx.network.sparse.sites import Sites
from prune3d_gui.plugins.vortx.pruning import crop as crops
from prune3d_gui.plugins.vortx.pruning.speed import one_thread
from prune3d_gui.plugins.vortx.pruning.work import TYPICAL
from prune3d_gui.plugins.vortx.rooms import Pictures, RoomData, Rooms
from prune3d_gui.plugins.vortx.volumes.tiles import Box

from . import floors
from .pruning.shapes import tiny

DIMS = (8, 12, 4)
RATES = {"rate2d": 25.0, "rate_ff": 33.0, "width_ff": 0.0, "rate3d": 25.0}


def scattered(share=0.3):
    drawn = np.random.default_rng(0)
    places = drawn.permutation(np.argwhere(drawn.random(DIMS) < share))
    return Sites(torch.from_numpy(places))


@pytest.fixture(autouse=True)
def _alone():
    with one_thread():  # threads that share cores wait for each other
        yield


@pytest.fixture(scope="module")
def network():
    return tiny()


@pytest.fixture
def crop(monkeypatch):
    """A small one, in two photographs."""
    monkeypatch.setattr(crops, "typical_room", lambda _: dict.fromkeys(bench.LEVELS, scattered()))
    whole = crops.typical_crop("cpu", 2)
    return crops.Crop(whole.pictures[:, :96, :128], whole.cameras, whole.room)


@pytest.mark.parametrize("level", bench.LEVELS)
@torch.no_grad()
def test_a_u_net_on_a_whole_box_says_the_same_of_occupied_voxels(network, level):
    sites, unet = scattered(), network.cnns3d[level]
    plain = DenseUNet(unet, sites, DIMS)
    rows = torch.randn(len(sites), unet.widths.inputs)
    box = plain.box_of(rows)
    torch.testing.assert_close(plain.rows_of(box), rows)
    assert int((box != 0).any(1).sum()) == len(sites)
    torch.testing.assert_close(plain.rows_of(plain(box)), unet(rows, sites), atol=1e-4, rtol=1e-4)


def test_the_typical_crop_is_seen_whole_in_every_photograph():
    crop = crops.typical_crop("cpu", 3)
    for level, sites in crop.room.items():
        points = crops.points_of(sites.places, level, crop.origin, crops.VOXEL)
        assert crop.cameras.project(points)[2].all()
        assert len(sites) == TYPICAL.levels[level].voxels[0]


def test_sparse_and_dense_are_told_to_agree(network, monkeypatch):
    monkeypatch.setattr(bench, "TILE", (32, 48, 16))
    room = {level: scattered() for level in bench.LEVELS}
    rows = list(bench.boxes(network, room, 1, NEVER))
    assert [row["measure"].split()[0] for row in rows] == list(bench.LEVELS)
    assert [row.get("limit") for row in rows] == [None, None, "at least 2"]
    assert f"{len(room['coarse']) / np.prod(DIMS):.0%} of 8 x 12 x 4 voxels" in rows[0]["note"]
    assert all(float(row["note"].rsplit(maxsplit=1)[1]) < 1e-4 for row in rows)


def test_parts_of_a_scene_add_up_and_masks_are_held_to_no_speed(network, crop):
    rows = {row["measure"]: row for row in bench.scenes(network, crop, 1, NEVER)}
    assert min(row["value"] for row in rows.values()) > 0
    shares = [float(rows[part]["note"].partition("%")[0]) for part in bench.PARTS]
    assert sum(shares) == pytest.approx(100, abs=2)
    masks = [name for name, row in rows.items() if row.get("limit") == "0.95 to 1.05"]
    assert masks == ["2D CNN, masked / full", "transformers, masked / full"]
    alone = rows["whole scene, full / 3D CNN without a quarter"]["note"]
    assert alone.startswith("multiply-accumulates predict 1.0")
    assert "paper has 1.08" in alone
    assert "paper has 1.13" in rows["whole scene, full / preset"]["note"]


def test_memory_is_told_of_each_module(network, crop):
    rows = list(bench.memory(network, crop, NEVER))
    assert [row["measure"] for row in rows] == [f"{part}, peak memory" for part in bench.PARTS]
    assert min(row["value"] for row in rows) > 0
    before = torch.ones(1000)
    with bench.Held() as held:
        kept = before + 1
        part = kept[:10]  # of the same memory
        (before * 2).add_(part[0])
        assert held.now == kept.nbytes
        del kept
        assert held.now == before.nbytes
        del part
    assert (held.now, held.most) == (0, 2 * before.nbytes)


def test_a_drag_is_timed_up_to_its_coarse_mesh(network, monkeypatch):
    own, box = floors.cameras(), Box((-0.6, -0.6, -0.3), (30, 32, 20))
    pictures = Pictures([partial(floors.picture_of, pose) for pose in own.poses])
    rooms = Rooms(floors.WIDTH, ())
    rooms.add("floor", RoomData(own, pictures, box, lambda _: None))
    info = NetworkInfo("tiny", "0" * 16, floors.WIDTH, True, {})
    monkeypatch.setattr(bench, "TICKS", (5.0, 50.0))
    monkeypatch.setattr(
        bench, "opened", lambda *_: (VortxModel(network, info, rooms, "cpu"), "tiny")
    )
    rows = list(bench.drags("", "cpu", NEVER))
    names = ("3D CNN", "transformers", "2D CNN")
    assert [row["measure"] for row in rows] == [
        f"coarse mesh after a change of the {name}" for name in names
    ]
    assert [row.get("limit") for row in rows] == ["at most 1", "at most 1", None]
    for row in rows:
        assert row["value"] > 0
        assert row["note"].startswith("tiny, 'floor'; median of 2 stops")
        assert row["note"].endswith("; coarse")


def test_ways_take_turns_and_stop():
    ran, token = [], CancelToken()
    ways = {"a": lambda: ran.append("a"), "b": lambda: ran.append("b")}
    taken = bench.timed(ways, 2, torch.empty(0), NEVER)
    assert ran == ["a", "b"] * 3
    assert {name: len(times) for name, times in taken.items()} == {"a": 2, "b": 2}
    bench.timed(ways, 1, torch.empty(0), NEVER, warm=False)
    assert ran == ["a", "b"] * 4
    token.cancel()
    with pytest.raises(Cancelled):
        bench.timed(ways, 2, torch.empty(0), token)


def test_counts_are_those_of_the_released_network():
    told = []
    rows = count({"weights": "", "size": "full", "views": 20, **RATES}, told.append, NEVER)
    assert [one.row for one in told] == rows
    by = {row["module"]: row for row in rows}
    assert by["All"]["parameters"] == 6_445_275
    assert by["2D CNN"]["prunable"] == 313_832
    assert by["2D CNN"]["zeroed"] == 78_458
    fusion = [row for name, row in by.items() if name.startswith("Transformer")]
    assert sum(row["prunable"] for row in fusion) == 68_608
    volume = [row for name, row in by.items() if name.startswith("3D")]
    assert sum(row["prunable"] for row in volume) == 5_952_840
    assert sum(row["percent"] for row in volume) == pytest.approx(92.5, abs=0.1)
    assert by["All"]["nonzero"] == (
        by["All"]["parameters"] - by["All"]["zeroed"] - by["All"]["removed"]
    )
    # Zeros change no work; the transformers have half of it in 20 photographs, more in 60.
    assert all(row["macs"] == row["full_macs"] for row in (*fusion, by["2D CNN"]))
    assert sum(row["macs_percent"] for row in fusion) == pytest.approx(49, abs=1)
    assert seen_in(20) == TYPICAL
    many = count({"weights": "", "size": "full", "views": 60, **RATES}, told.append, NEVER)
    more = [row for row in many if row["module"].startswith("Transformer")]
    assert sum(row["macs_percent"] for row in more) == pytest.approx(61, abs=1)
