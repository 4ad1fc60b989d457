"""Whether photographs lie on depth is measured, and the camera that they need is found."""

import numpy as np
import pytest

from prune3d_gui.plugins.vortx.intake.options import C2W, OPENCV, Options
from prune3d_gui.plugins.vortx.intake.reading import read_frames
from prune3d_gui.plugins.vortx.intake.registration import near_edges

from .room import FOCAL, record, rows, write_7scenes, write_export

KNOWN = {"poses": C2W, "axes": OPENCV, "units": "m", "depth": "1000"}


def test_photographs_that_lie_on_depth_are_left_alone(tmp_path, taken):
    frames = read_frames(write_7scenes(tmp_path / "x", taken), Options(**KNOWN), key=False)
    found = frames.finding("colour")
    assert (found.value, found.how) == ("file", "measured")
    assert "lie on depth with a focal length of 140 px" in found.said
    assert frames.frames[0].colour_camera.fx == FOCAL


@pytest.mark.parametrize(("focal", "shift"), [(126.0, 0.025), (150.0, -0.03)])
def test_another_lens_beside_the_sensor_is_found(tmp_path, focal, shift):
    other = record(24, focal, shift)
    frames = read_frames(write_7scenes(tmp_path / "x", other), Options(**KNOWN), key=False)
    found = frames.finding("colour")
    assert found.how == "measured"
    assert "do not lie on depth with the files' focal length of 140 px" in found.said
    assert float(found.value) == pytest.approx(focal, rel=0.015)
    one = frames.frames[5]
    assert one.depth_camera.fx == FOCAL
    beside = np.linalg.inv(one.pose) @ np.linalg.inv(one.colour_camera.world_to_camera)
    np.testing.assert_allclose(beside[:3, 3], (shift, 0, 0), atol=0.012)
    kept = read_frames(tmp_path / "x", Options(**KNOWN, colour="file"), key=False)
    assert kept.frames[0].colour_camera.fx == FOCAL
    given = read_frames(tmp_path / "x", Options(**KNOWN, colour=f"{focal}"), key=False)
    assert given.frames[0].colour_camera.fx == focal
    assert given.finding("colour").how == "given"


def test_what_files_tell_of_two_cameras_is_taken(tmp_path):
    other = record(24, 126.0, 0.04)
    folder = write_export(tmp_path / "x", other)
    told = np.eye(4)
    told[:2, :3] = ((126, 0, 80), (0, 126, 60))
    (folder / "intrinsic" / "intrinsic_color.txt").write_text(rows(told))
    beside = np.eye(4)
    beside[0, 3] = 0.04
    (folder / "intrinsic" / "extrinsic_color.txt").write_text(rows(beside))
    frames = read_frames(folder, Options(**KNOWN), key=False)
    assert "Photographs lie on depth" in frames.finding("colour").said
    one = frames.frames[3]
    apart = np.linalg.inv(one.pose) @ np.linalg.inv(one.colour_camera.world_to_camera)
    np.testing.assert_allclose(apart, beside, atol=1e-9)
    assert (one.colour_camera.fx, one.depth_camera.fx) == (126, 140)


def test_nothing_is_changed_where_there_are_no_edges(tmp_path, taken):
    blank = record(8)
    blank.photographs = [np.full_like(photo, 128) for photo in blank.photographs]
    frames = read_frames(write_7scenes(tmp_path / "x", blank), Options(**KNOWN), key=False)
    found = frames.finding("colour")
    assert found.how == "assumed"
    assert "not clear" in found.said
    assert frames.frames[0].colour_camera.fx == FOCAL


def test_edges_are_on_the_near_side_across_holes():
    depth = np.full((20, 30), 2.0, np.float32)
    depth[5:15, 10:20] = 1.0
    depth[5:15, 20:23] = 0  # what the sensor cannot see beside something near
    points = near_edges(depth, (10.0, 10.0, 0.0, 0.0))
    assert (points[:, 2] == 1).all()
    columns = np.round(points[:, 0] * 10 - 0.5).astype(int)
    rows_ = np.round(points[:, 1] * 10 - 0.5).astype(int)
    found = {(r, c) for r, c in zip(rows_, columns, strict=True)}
    border = {(r, c) for r in range(5, 15) for c in range(10, 20) if r in (5, 14) or c in (10, 19)}
    assert border <= found
    assert {(r, c) for r in range(5, 15) for c in range(10, 20)} >= found
