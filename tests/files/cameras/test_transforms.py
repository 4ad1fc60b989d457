"""transforms.json of NeRF, instant-ngp and nerfstudio, and cameras.json of 3DGS."""

import json
import math

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Points
from prune3d_gui.files.cameras.capture import BLACK, WHITE
from prune3d_gui.files.cameras.formats import capture_kind, read_capture
from prune3d_gui.files.points import write_points
from tests.files.cameras.made import SIZE, cameras_json, picture, poses, transforms

PLAIN = {"w": 64, "h": 48, "fl_x": 60.0, "fl_y": 62.0, "cx": 30.0, "cy": 25.0}


def test_nerf_tells_an_angle_and_its_photographs_the_size(tmp_path):
    for part, names in {"train": ("r_0", "r_1"), "test": ("r_0",)}.items():
        files = [f"./{part}/{name}" for name in names]
        transforms(tmp_path / f"transforms_{part}.json", poses(len(names)), files,
                   camera_angle_x=0.6911112070083618)  # fmt: skip
        for name in names:
            picture(tmp_path / part / f"{name}.png", (80, 80), "RGBA")
    assert capture_kind(tmp_path) == ("transforms.json", True)
    found = read_capture(tmp_path)
    assert [shot.part for shot in found.shots] == ["train", "train", "test"]
    assert [shot.path.parent.name for shot in found.shots] == ["train", "train", "test"]
    for shot in found.shots:
        assert shot.camera.fx == shot.camera.fy == pytest.approx(111.1111, abs=1e-3)
        assert (shot.camera.cx, shot.camera.cy, shot.camera.width) == (40, 40, 80)
        assert shot.background == WHITE
    np.testing.assert_allclose(found.shots[1].camera.world_to_camera, poses(2)[1], atol=1e-12)


def test_axes_are_turned_from_opengl(tmp_path):
    """A camera at z = 4 that is not turned looks along -z in OpenGL, at the origin."""
    pose = np.eye(4)
    pose[2, 3] = 4
    frame = {"file_path": "a.png", "transform_matrix": pose.tolist()}
    (tmp_path / "transforms.json").write_text(json.dumps({"frames": [frame], **PLAIN}))
    (shot,) = read_capture(tmp_path / "transforms.json").shots
    np.testing.assert_allclose(shot.camera.place, (0, 0, 4))
    np.testing.assert_allclose(shot.camera.world_to_camera @ (0, 0, 0, 1), (0, 0, 4, 1))
    assert (shot.camera.world_to_camera @ (0, 1, 0, 1))[1] == -1  # up is against y


def test_intrinsics_of_the_file_and_of_a_frame(tmp_path):
    transforms(tmp_path / "transforms.json", poses(2), ["a.png", "b.png"], **PLAIN)
    told = json.loads((tmp_path / "transforms.json").read_text())
    told["frames"][1] |= {"fl_x": 90.0, "fl_y": 91.0, "cx": 31.0, "w": 62}
    (tmp_path / "transforms.json").write_text(json.dumps(told))
    one, other = (shot.camera for shot in read_capture(tmp_path).shots)
    assert (one.fx, one.fy, one.cx, one.cy, one.width) == (60, 62, 30, 25, 64)
    assert (other.fx, other.fy, other.cx, other.cy, other.width) == (90, 91, 31, 25, 62)


def test_angles_stand_for_focal_lengths(tmp_path):
    told = {"w": 64, "h": 48, "camera_angle_x": 1.0, "camera_angle_y": 0.7}
    transforms(tmp_path / "transforms.json", poses(1), ["a.png"], **told)
    camera = read_capture(tmp_path).shots[0].camera
    assert camera.fx == pytest.approx(32 / math.tan(0.5))
    assert camera.fy == pytest.approx(24 / math.tan(0.35))
    assert (camera.cx, camera.cy) == (32, 24)


@pytest.mark.parametrize(
    ("more", "model", "numbers"),
    [
        ({"k1": 0.0, "k2": 0, "p1": 0, "p2": 0, "camera_model": "OPENCV"}, None, None),
        ({"k1": -0.1, "p2": 0.01, "camera_model": "OPENCV"}, "OPENCV", (-0.1, 0, 0, 0.01)),
        ({"k1": -0.1, "k3": 0.02}, "FULL_OPENCV", (-0.1, 0, 0, 0, 0.02, 0, 0, 0)),
        (
            {"k1": 0.01, "k4": 0.02, "camera_model": "OPENCV_FISHEYE"},
            "OPENCV_FISHEYE",
            (0.01, 0, 0, 0.02),
        ),
        ({"k1": 0.01, "is_fisheye": True}, "OPENCV_FISHEYE", (0.01, 0, 0, 0)),
    ],
)
def test_distortion_is_that_of_opencv(tmp_path, more, model, numbers):
    transforms(tmp_path / "transforms.json", poses(1), ["a.png"], **PLAIN, **more)
    lens = read_capture(tmp_path).shots[0].lens
    assert (lens and lens.model) == model
    assert (lens and lens.numbers) == numbers


@pytest.mark.parametrize(
    ("more", "background"),
    [({}, WHITE), ({"black_transparent": True}, BLACK), ({"white_transparent": True}, WHITE)],
)
def test_the_file_says_what_alpha_lets_through(tmp_path, more, background):
    picture(tmp_path / "a.png", mode="RGBA")
    transforms(tmp_path / "transforms.json", poses(1), ["a.png"], **PLAIN, **more)
    found = read_capture(tmp_path)
    assert found.shots[0].background == background
    assert read_capture(tmp_path, background=(9, 9, 9)).shots[0].background == (9, 9, 9)


def test_points_of_nerfstudio_come_with_it(tmp_path):
    points = np.random.default_rng(0).random((5, 3), dtype=np.float32)
    write_points(tmp_path / "sparse_pc.ply", Points(points))
    more = {"ply_file_path": "sparse_pc.ply"}
    transforms(tmp_path / "transforms.json", poses(1), ["a.png"], **PLAIN, **more)
    np.testing.assert_array_equal(read_capture(tmp_path).points.points, points)
    (tmp_path / "sparse_pc.ply").unlink()
    found = read_capture(tmp_path)
    assert found.points is None
    assert any("Its points were not read" in notice for notice in found.notices)


def test_scale_is_taken_out_of_poses(tmp_path):
    scaled = poses(2)
    scaled[:, :3, :3] /= 3.0
    transforms(tmp_path / "transforms.json", scaled, ["a.png", "b.png"], **PLAIN)
    found = read_capture(tmp_path).shots
    for shot, pose in zip(found, poses(2), strict=True):
        np.testing.assert_allclose(shot.camera.world_to_camera[:3, :3], pose[:3, :3], atol=1e-9)


FLAT = np.diag((1.0, 1.0, 0.0, 1.0)).tolist()
MIRROR = np.diag((1.0, 1.0, -1.0, 1.0)).tolist()


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"frames": []}, "has no camera; choose"),
        ({"frames": [3]}, "Frame 0 of .* names no file_path"),
        ({"frames": [{"file_path": "a.png"}]}, "pose of 'a.png' in .* is no turn and shift"),
        ({"matrix": FLAT}, "is no turn and shift"),
        ({"matrix": MIRROR}, "is no turn and shift"),
        ({"matrix": [[1, 2], [3]]}, "is no turn and shift"),
        ({"matrix": np.full((4, 4), np.nan).tolist()}, "is no turn and shift"),
        ({"fl_x": None, "fl_y": None}, "has no focal length; add fl_x"),
        ({"fl_x": -3.0}, "has the focal length -3; correct it"),
        ({"fl_x": "wide"}, "has the fl_x 'wide'; write a finite number"),
        ({"fl_x": 1e999}, "has the fl_x inf; write a finite number"),
        ({"w": None}, "has a focal length but no w and h"),
        ({"camera_model": "EQUIRECTANGULAR"}, "model EQUIRECTANGULAR, which no pinhole"),
        ({"frames": 7}, "has no list of frames"),
    ],
)
def test_damaged_files(tmp_path, changed, sentence):
    path = tmp_path / "transforms.json"
    transforms(path, poses(1), ["a.png"], **PLAIN)
    told = json.loads(path.read_text())
    if "matrix" in changed:
        told["frames"][0]["transform_matrix"] = changed.pop("matrix")
    path.write_text(json.dumps(told | changed))
    with pytest.raises(BadInput, match=sentence) as caught:
        read_capture(path)
    assert str(path) in str(caught.value)


def test_what_is_no_json(tmp_path):
    path = tmp_path / "transforms.json"
    path.write_text('{"frames": [')
    assert capture_kind(path) is None
    with pytest.raises(BadInput, match="is no JSON"):
        read_capture(path)
    path.write_text("[" * 100_000)
    with pytest.raises(BadInput, match="is no JSON"):
        read_capture(path)


def test_a_name_that_is_there_twice_is_said(tmp_path):
    for part in ("train", "val"):
        transforms(tmp_path / f"transforms_{part}.json", poses(1), ["a.png"], **PLAIN)
    found = read_capture(tmp_path)
    assert len(found.shots) == 1
    assert any(
        "there twice, of which the first is kept: a.png." in notice for notice in found.notices
    )


def test_cameras_json_places_cameras_in_the_world(tmp_path):
    cameras_json(tmp_path / "cameras.json", poses(3), ["a", "b", "c"])
    assert capture_kind(tmp_path) == ("cameras.json", True)
    found = read_capture(tmp_path)
    assert found.format == "cameras.json"
    for shot, pose in zip(found.shots, poses(3), strict=True):
        np.testing.assert_allclose(shot.camera.world_to_camera, pose, atol=1e-12)
        assert (shot.camera.fx, shot.camera.fy) == (60, 62)
        assert (shot.camera.cx, shot.camera.cy) == (SIZE[0] / 2, SIZE[1] / 2)
    drawn = found.cameras()
    np.testing.assert_allclose(drawn.poses, np.linalg.inv(poses(3)), atol=1e-12)
    assert drawn.names == ("a", "b", "c")


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"fx": 0.0}, "64 x 48 pixels and focal lengths 0, 62; give numbers above 0"),
        ({"width": "wide"}, "something else than numbers"),
        ({"rotation": FLAT}, "something else than numbers"),
        ({"rotation": np.zeros((3, 3)).tolist()}, "is no turn and shift"),
    ],
)
def test_damaged_cameras_json(tmp_path, changed, sentence):
    path = tmp_path / "cameras.json"
    cameras_json(path, poses(1), ["a"], **{k: v for k, v in changed.items() if k != "rotation"})
    told = json.loads(path.read_text())
    told[0] |= changed
    path.write_text(json.dumps(told))
    with pytest.raises(BadInput, match=sentence) as caught:
        read_capture(path)
    assert str(path) in str(caught.value)


def test_parts_that_are_listed_beside_the_frames(tmp_path):
    """As nerfstudio lists them; what is in two lists is held out, a frame's own word counts."""
    names = ["images/a.png", "images/b.png", "images/c.png", "images/d.png"]
    transforms(tmp_path / "transforms.json", poses(4), names, **PLAIN)
    told = json.loads((tmp_path / "transforms.json").read_text())
    told |= {"train_filenames": names[:2], "val_filenames": ["./images/b.png"]}
    told["frames"][3]["split"] = "test"
    (tmp_path / "transforms.json").write_text(json.dumps(told))
    assert [shot.part for shot in read_capture(tmp_path).shots] == ["train", "val", "", "test"]
