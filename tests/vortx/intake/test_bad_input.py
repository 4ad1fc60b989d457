"""What cannot be used is said in a sentence that quotes it and tells what to do."""

import json

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.intake.options import Options
from prune3d_gui.plugins.vortx.intake.reading import read_frames

from .room import looking, only, rows, write_7scenes, write_export, write_info, write_transforms

PLAIN = Options(colour="file")


@pytest.fixture
def few(taken):
    return only(taken, np.arange(0, 14))


def test_missing_and_broken_poses_are_left_out(tmp_path, few):
    folder = write_7scenes(tmp_path / "x", few)
    (folder / "frame-000002.pose.txt").unlink()
    (folder / "frame-000003.pose.txt").write_text("nan " * 16)
    (folder / "frame-000004.pose.txt").write_text("-inf " * 16)  # as ScanNet writes lost ones
    (folder / "frame-000005.pose.txt").write_text("1 0 0\n0 1 0\n")
    (folder / "frame-000006.pose.txt").write_text(rows(few.poses[6] @ np.diag((-1, 1, 1, 1))))
    frames = read_frames(folder, PLAIN, key=False)
    assert len(frames.frames) == 9
    said = " ".join(frames.notices)
    assert "for no pose: 1 of 14 (frame-000002)" in said
    assert "not finite or not complete: 3 of 14 (frame-000003, frame-000004, frame-000005)" in said
    assert "mirrored or sheared): 1 of 14 (frame-000006)" in said


def test_no_pose_at_all_and_one_frame(tmp_path, few):
    folder = write_7scenes(tmp_path / "x", few, np.full_like(few.poses, np.nan))
    said = r"'x' has no frame with a photograph and a pose, of 14;.* at least two"
    with pytest.raises(BadInput, match=said + ".*not finite or not complete: 14 of 14"):
        read_frames(folder)
    with pytest.raises(
        BadInput, match=r"'y' has one frame with .* of 1; a room needs at least two"
    ):
        read_frames(write_7scenes(tmp_path / "y", only(few, [3])))


def test_all_frames_from_one_place(tmp_path, few):
    turning = np.stack(
        [looking((0, 0, 1.4), (np.cos(a), np.sin(a), 1.2)) for a in np.linspace(0, 2, 14)]
    )
    folder = write_7scenes(tmp_path / "x", few, turning)
    with pytest.raises(BadInput, match=r"All 14 frames of 'x' were taken from one place .*moves"):
        read_frames(folder)
    photographs_only = write_7scenes(tmp_path / "y", few, turning, depth=False)
    with pytest.raises(BadInput, match="taken from one place"):
        read_frames(photographs_only)


def test_pictures_on_their_side(tmp_path, few):
    few.photographs = [np.rot90(photo).copy() for photo in few.photographs]
    few.depths = [np.rot90(depth).copy() for depth in few.depths]
    said = r"\(centre 80, 60\) are those of pictures of 160 x 120 pixels, but they have 120 x 160"
    with pytest.raises(BadInput, match=said + "; turn the pictures back, or swap"):
        read_frames(write_info(tmp_path / "x", few))


def test_a_centre_outside_of_cropped_pictures(tmp_path, few):
    few.photographs = [photo[:, 100:] for photo in few.photographs]
    with pytest.raises(BadInput, match=r"centre 80, 60\) lie outside of pictures of 60 x 120"):
        read_frames(write_info(tmp_path / "x", few))


def test_a_jump_is_said(tmp_path, taken):
    away = taken.poses.copy()
    away[20:, :3, 3] += (40, 0, 0)
    frames = read_frames(write_7scenes(tmp_path / "x", taken, away, depth=False), PLAIN, key=False)
    assert any("jumps 1 times, by up to 40" in said for said in frames.notices)


def test_depth_that_is_empty_or_damaged(tmp_path, few):
    folder = write_7scenes(tmp_path / "x", few)
    for file in folder.glob("*.depth.png"):
        Image.fromarray(np.full((120, 160), 65535, np.uint16)).save(file)
    with pytest.raises(BadInput, match="The depth of 'x' is empty in every frame looked at"):
        read_frames(folder)
    for file in folder.glob("*.depth.png"):
        file.write_bytes(b"no picture")
    with pytest.raises(BadInput, match="could not be read; it may be damaged, replace it"):
        read_frames(folder)


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"intrinsics": [[1, 2], [3]]}, "has no matrix of intrinsics"),
        ({"intrinsics": [[-5, 0, 80], [0, 5, 60], [0, 0, 1]]}, "focal lengths above 0"),
        ({"frames": [{"filename_color": "a.jpg"}]}, "None of the 1 photographs .* to be read"),
        ({"frames": [{"filename_color": "a.jpg"}, 3]}, "Frame 1 of .* names no filename_color"),
    ],
)
def test_a_description_that_is_damaged(tmp_path, few, change, match):
    folder = write_info(tmp_path / "x", only(few, [0, 1]))
    told = json.loads((folder / "info.json").read_text()) | change
    (folder / "info.json").write_text(json.dumps(told))
    with pytest.raises(BadInput, match=match):
        read_frames(folder)


def test_photographs_that_are_gone(tmp_path, few):
    folder = write_info(tmp_path / "x", few)
    (folder / "color" / "000003.jpg").unlink()
    frames = read_frames(folder, PLAIN, key=False)
    assert len(frames.frames) == 13
    assert any("not there: 1 of 14 (000003.jpg)" in said for said in frames.notices)
    gone = write_transforms(tmp_path / "y", few)
    for file in (gone / "images").iterdir():
        file.unlink()
    with pytest.raises(BadInput, match=r"None of the 14 photographs of .* is there"):
        read_frames(gone)


def test_an_export_without_photographs_or_intrinsics(tmp_path, few):
    folder = write_export(tmp_path / "x", few)
    (folder / "intrinsic" / "intrinsic_color.txt").write_text("1 2 3")
    with pytest.raises(BadInput, match=r"no matrix of intrinsics \(3 x 3 or 4 x 4"):
        read_frames(folder)
    for file in (folder / "color").iterdir():
        file.unlink()
    with pytest.raises(BadInput, match="has no photographs; export them again"):
        read_frames(folder)
