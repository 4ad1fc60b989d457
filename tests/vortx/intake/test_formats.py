"""Every layout of folders is recognised, and read into the same frames."""

import json

import numpy as np
import PIL.Image
import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress
from prune3d_gui.files.cameras.photographs import read_photograph, thumbnail
from prune3d_gui.plugins.vortx.intake import pictures
from prune3d_gui.plugins.vortx.intake.keyframes import key_frames
from prune3d_gui.plugins.vortx.intake.options import Options
from prune3d_gui.plugins.vortx.intake.reading import read_frames
from prune3d_gui.plugins.vortx.intake.recognition import recognised

from .room import (
    only,
    rows,
    stored,
    walk,
    write_7scenes,
    write_colmap,
    write_export,
    write_info,
    write_transforms,
)

PLAIN = Options(colour="file")
WRITERS = {
    "7-Scenes": write_7scenes,
    "VoRTX info.json": write_info,
    "ScanNet export": write_export,
    "transforms.json": write_transforms,
    "COLMAP": write_colmap,
}


@pytest.mark.parametrize("name", WRITERS)
def test_each_layout_gives_the_same_frames(tmp_path, taken, name):
    folder = WRITERS[name](tmp_path / "room", taken)
    found = recognised(folder)
    assert found.kind == "sample"
    assert found.said == f"Posed photographs of a room: {name}."
    assert found.sure == (name not in ("transforms.json", "COLMAP"))
    frames = read_frames(folder, PLAIN, key=False)
    assert frames.format == name
    np.testing.assert_allclose([f.pose for f in frames.frames], taken.poses, atol=1e-6)
    shot = frames.frames[7].shot
    pixels = read_photograph(shot).astype(int)
    assert np.abs(pixels - taken.photographs[7].astype(int)).mean() < 6  # a JPEG's errors
    assert thumbnail(shot, 40).shape == (30, 40, 3)
    seen = frames.cameras()
    np.testing.assert_allclose(seen.poses, taken.poses, atol=1e-6)
    assert frames.frames[0].colour_camera.fx == 140
    assert frames.has_depth == (name in ("7-Scenes", "VoRTX info.json", "ScanNet export"))
    for frame in frames.frames[:2]:
        assert frame.colour.is_file()
        if frames.has_depth:
            np.testing.assert_allclose(
                frames.depth_of(frame).max(), taken.depths[0].max(), rtol=0.2
            )
            assert (frame.depth_camera.width, frame.depth_camera.fx) == (160, 140)


def test_what_is_no_room_is_not_recognised(tmp_path):
    assert recognised(tmp_path) is None
    (tmp_path / "info.json").write_text('{"name": "something else"}')
    assert recognised(tmp_path) is None
    assert recognised(tmp_path / "info.json") is None
    with pytest.raises(BadInput, match="has no posed photographs; choose a folder"):
        read_frames(tmp_path)
    with pytest.raises(BadInput, match="There is no file or folder"):
        read_frames(tmp_path / "nowhere")


def test_an_info_file_and_a_folder_above_the_frames_will_do(tmp_path, taken):
    few = only(taken, np.arange(0, 30, 3))
    info = write_info(tmp_path / "a", few, path="color/../x") / "info.json"
    assert len(read_frames(info, PLAIN, key=False).frames) == 10
    write_7scenes(tmp_path / "b" / "seq-01", few)
    assert recognised(tmp_path / "b").said.endswith("7-Scenes.")
    assert read_frames(tmp_path / "b", PLAIN, key=False).name == "seq-01"


def test_depth_without_frames_of_its_own_and_arrays(tmp_path, taken):
    few = only(taken, np.arange(0, 12))
    folder = write_7scenes(tmp_path / "x", few)
    for n in range(12):
        (folder / f"frame-{n:06d}.depth.png").unlink()
        depth = few.depths[n].astype(np.float32)
        depth[:4] = np.nan
        depth[4:6] = -1
        np.save(folder / f"frame-{n:06d}.depth.npy", depth)
    frames = read_frames(folder, PLAIN, key=False)
    assert frames.finding("depth").value == "1"  # metres
    found = frames.depth_of(frames.frames[0])
    assert not found[:6].any()
    np.testing.assert_allclose(found[6:], few.depths[0][6:], rtol=1e-6)


def test_holes_of_sensors_are_no_depth(tmp_path):
    values = np.array([[0, 65535, 1500, 65534]], np.uint16)
    PIL.Image.fromarray(values).save(tmp_path / "d.png")
    found = pictures.read_depth(tmp_path / "d.png", 0.001)
    np.testing.assert_allclose(found, [[0, 0, 1.5, 65.534]])
    with pytest.raises(BadInput, match="has no depth"):
        pictures.read_depth(None, 0.001)
    PIL.Image.fromarray(np.zeros((4, 4, 3), np.uint8)).save(tmp_path / "c.png")
    with pytest.raises(BadInput, match=r"shape \(4, 4, 3\).*one channel of 16 bits"):
        pictures.read_depth(tmp_path / "c.png", 0.001)
    (tmp_path / "bad.png").write_bytes(b"\x89PNG nothing")
    with pytest.raises(BadInput, match="may be damaged"):
        pictures.read_depth(tmp_path / "bad.png", 0.001)


def test_key_frames_are_those_of_the_rule():
    poses = walk(400)
    kept = key_frames(poses)
    assert kept[0] == 0
    assert 20 < len(kept) < 120
    last = 0
    for number in range(1, 400):
        away = np.linalg.norm(poses[number, :3, 3] - poses[last, :3, 3])
        turn = np.degrees(np.arccos(np.clip(poses[number, :3, 2] @ poses[last, :3, 2], -1, 1)))
        wanted = away > 0.10 or turn > 15
        assert (number in kept) == wanted
        last = number if wanted else last
    assert len(key_frames(poses, 0.05, 10)) > len(kept)
    with pytest.raises(BadInput, match="0 m and 15 degrees apart; give numbers above 0"):
        key_frames(poses, 0)


def test_a_scene_of_5000_frames_opens_few_of_them(tmp_path, taken, monkeypatch):
    folder = write_7scenes(tmp_path / "long", only(taken, [0]), depth=False)
    first = folder / "frame-000000.color.png"
    for n, pose in enumerate(walk(5000)):
        if n:
            (folder / f"frame-{n:06d}.color.png").hardlink_to(first)
        (folder / f"frame-{n:06d}.pose.txt").write_text(rows(pose))
    opened, told, real = [], [], PIL.Image.open
    monkeypatch.setattr(
        PIL.Image,
        "open",
        lambda file, *more, **some: opened.append(file) or real(file, *more, **some),
    )
    frames = read_frames(folder, report=told.append)
    assert 40 < len(frames.frames) < 120
    assert any(
        f"{len(frames.frames)} of 5,000 frames are key frames" in said for said in frames.notices
    )
    assert len(opened) < 60
    steps = [one.done for one in told if isinstance(one, Progress)]
    assert steps == sorted(steps)
    assert steps[-1] == told[-1].total
    assert frames.finding("poses").how == "told"  # one photograph again and again tells nothing


def test_reading_stops_on_request(tmp_path, taken):
    folder = write_7scenes(tmp_path / "x", only(taken, np.arange(6)))
    token = CancelToken()
    token.cancel()
    with pytest.raises(Cancelled):
        read_frames(folder, cancel=token)


def test_intrinsics_of_another_size_are_scaled_and_cropped_ones_taken(tmp_path, taken):
    few = only(taken, np.arange(0, 12))
    large = ((280, 0, 160), (0, 280, 120), (0, 0, 1))
    folder = write_info(tmp_path / "a", few, intrinsics=large)
    frames = read_frames(folder, PLAIN, key=False)
    assert frames.frames[0].colour_camera.fx == 140
    assert frames.frames[0].depth_camera.cx == 80
    assert any("scaled by 0.5 to 160 x 120" in said for said in frames.notices)
    cropped = only(few, np.arange(12))
    cropped.photographs = [photo[:, 50:] for photo in few.photographs]
    cropped.depths = [depth[:, 50:] for depth in few.depths]
    told = ((140, 0, 30), (0, 140, 60), (0, 0, 1))
    frames = read_frames(write_info(tmp_path / "b", cropped, intrinsics=told), PLAIN, key=False)
    assert any("taken as cropped" in said for said in frames.notices)
    np.testing.assert_allclose([f.pose for f in frames.frames], few.poses, atol=1e-6)


def test_the_official_intrinsics_of_7scenes_are_assumed_where_there_are_none(tmp_path, taken):
    folder = write_7scenes(tmp_path / "x", only(taken, np.arange(0, 12)))
    (folder / "camera-intrinsics.txt").unlink()
    frames = read_frames(folder, PLAIN, key=False)
    assert frames.frames[0].colour_camera.fx == pytest.approx(585 / 4)
    assert "those of 7-Scenes' own sensor are assumed" in frames.notices[0]


def test_transforms_in_parts_keep_their_order(tmp_path, taken):
    folder = write_transforms(tmp_path / "x", taken, stored(taken.poses, axes="opengl"))
    told = json.loads((folder / "transforms.json").read_text())
    assert len(read_frames(folder / "transforms.json", PLAIN, key=False).frames) == 30
    told["frames"] = told["frames"][:3]
    del told["fl_x"], told["fl_y"]
    (folder / "transforms.json").write_text(json.dumps(told))
    with pytest.raises(BadInput, match="no focal length; add fl_x"):
        read_frames(folder)
