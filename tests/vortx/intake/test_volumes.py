"""Reference volumes of VoRTX, trajectories that leave them, and the sensor's own reference."""

import json
import pickle
from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Progress
from prune3d_gui.geometry.fusion.samples import spread
from prune3d_gui.geometry.fusion.tsdf import Tsdf, fuse_levels
from prune3d_gui.metrics.points import PointReference
from prune3d_gui.plugins.vortx.intake.options import C2W, OPENCV, Options
from prune3d_gui.plugins.vortx.intake.reading import read_frames
from prune3d_gui.plugins.vortx.intake.sensor import TITLE, sensor_reference
from prune3d_gui.plugins.vortx.intake.volumes import read_tsdf, within

from .room import intrinsics, only, room_mesh, write_7scenes

ALL = Options(C2W, OPENCV, "m", "1000", "z", "file")


@pytest.fixture(scope="module")
def frames(tmp_path_factory, taken):
    folder = write_7scenes(tmp_path_factory.mktemp("room") / "x", taken)
    return read_frames(folder, ALL, key=False)


@pytest.fixture
def layers(taken):
    return fuse_levels(taken.depths, intrinsics(), taken.poses, (-2.2, -2, -0.1), (110, 100, 70))


def as_vortx(folder, layers, info=None, protocol=4):
    folder.mkdir()
    for n, layer in enumerate(layers):
        np.savez_compressed(folder / f"full_tsdf_layer{n}", layer.values)
    first = layers[0]
    info = info or {"vol_origin": first.origin.astype(np.float32), "voxel_size": first.voxel}
    (folder / "tsdf_info.pkl").write_bytes(pickle.dumps(info, protocol=protocol))
    return folder


@pytest.mark.parametrize("protocol", [2, 4, 5])
def test_what_vortx_stores_is_read(tmp_path, layers, protocol):
    folder = as_vortx(tmp_path / "x", layers, protocol=protocol)
    for n, layer in enumerate(layers):
        found = read_tsdf(folder, n)
        np.testing.assert_array_equal(found.values, layer.values)
        np.testing.assert_allclose(found.origin, layer.origin, atol=1e-6)
        assert found.voxel == pytest.approx(layer.voxel)
    assert len(read_tsdf(folder).surface().faces) > 1000


def test_its_description_may_be_json(tmp_path, layers):
    folder = as_vortx(tmp_path / "x", layers[2:])
    (folder / "tsdf_info.pkl").unlink()
    told = {"vol_origin": layers[2].origin.tolist(), "voxel_size": 0.16}
    (folder / "tsdf_info.json").write_text(json.dumps(told))
    found = read_tsdf(folder)
    np.testing.assert_array_equal(found.values, layers[2].values)
    np.testing.assert_array_equal(found.origin, layers[2].origin)


class Harm:
    def __reduce__(self):
        return (exec, ("raise SystemExit('it was run')",))


@pytest.mark.parametrize(
    ("info", "match"),
    [
        (Harm(), r"names 'builtins.exec', which a volume does not need and which was not run"),
        ({"vol_origin": Harm()}, "was not run"),
        ({"vol_origin": [1, 2], "voxel_size": 0.04}, "no vol_origin of three numbers"),
        ({"vol_origin": [1, 2, np.nan], "voxel_size": 0.04}, "no vol_origin of three numbers"),
        ({"voxel_size": 0.04}, "could not be read; it may be damaged"),
    ],
)
def test_harmful_and_damaged_descriptions(tmp_path, layers, info, match):
    folder = as_vortx(tmp_path / "x", layers[2:], info)
    with pytest.raises(BadInput, match=match):
        read_tsdf(folder)


def test_what_is_no_volume(tmp_path, layers):
    folder = as_vortx(tmp_path / "x", layers[2:])
    with pytest.raises(BadInput, match=r"There is no '.*full_tsdf_layer1.npz'"):
        read_tsdf(folder, 1)
    np.savez(folder / "full_tsdf_layer0", np.full((3, 3), 7.0))
    with pytest.raises(BadInput, match=r"shape \(3, 3\) that are no signed distances"):
        read_tsdf(folder)
    (folder / "full_tsdf_layer0.npz").write_bytes(b"nothing")
    with pytest.raises(BadInput, match="could not be read"):
        read_tsdf(folder)
    (folder / "tsdf_info.pkl").unlink()
    with pytest.raises(BadInput, match=r"has no tsdf_info.json or tsdf_info.pkl"):
        read_tsdf(folder)


def test_a_trajectory_that_leaves_the_volume(frames):
    box = Tsdf(np.ones((100, 90, 65), np.float32), np.zeros((1,)), np.array((-2.0, -1.8, 0)), 0.04)
    assert within(frames, box) is frames
    moved = tuple(
        replace(one, pose=one.pose + np.eye(4, k=3) * 9 * (n > 24))
        for n, one in enumerate(frames.frames)
    )
    left = within(replace(frames, frames=moved), box)
    assert len(left.frames) == 25
    assert "leaving the reference volume of 4.0 x 3.6 x 2.6 m, by up to" in left.notices[-1]
    assert "5 of 30 (frame-000025.color.png" in left.notices[-1]
    far = tuple(replace(one, pose=one.pose + np.eye(4, k=3) * 9) for one in frames.frames)
    with pytest.raises(
        BadInput, match=r"The trajectory of 'x' lies outside of its reference volume"
    ):
        within(replace(frames, frames=far), box)


def test_the_sensor_reference_is_the_room(frames, taken):
    told = []
    found = sensor_reference(frames, report=told.append)
    assert TITLE in found.said
    assert "30 frames up to 3 m, fused at 2 cm: what the sensor measured, no survey" in found.said
    assert found.volume.voxel == 0.02
    assert [one.done for one in told if isinstance(one, Progress)] == list(range(60))
    away = PointReference(spread(room_mesh(), 0.03)).nearest(found.mesh.points)
    assert np.median(away) < 0.015
    assert (away < 0.03).mean() > 0.97
    assert len(found.cameras) == 30


def test_no_reference_without_depth(tmp_path, frames, taken):
    flat = read_frames(
        write_7scenes(tmp_path / "y", only(taken, np.arange(4)), depth=False), ALL, key=False
    )
    with pytest.raises(BadInput, match="'y' has no depth that could be its reference"):
        sensor_reference(flat)
    with pytest.raises(BadInput, match=r"shows anything nearer than 0.1 m"):
        sensor_reference(frames, cut=0.1)
