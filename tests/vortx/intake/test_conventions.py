"""Whatever files leave open is found out: conventions, axes, units, and which way is up."""

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.intake.options import C2W, OPENCV, OPENGL, W2C, Options, options_of
from prune3d_gui.plugins.vortx.intake.reading import read_frames

from .room import only, stored, write_7scenes, write_colmap, write_transforms

PLAIN = Options(colour="file")
"""Photographs are taken to lie on depth: that is measured elsewhere."""
CONVENTIONS = [(kind, axes) for kind in (C2W, W2C) for axes in (OPENCV, OPENGL)]


def world(name="z", tilt=0.0, shift=(3.0, -2.0, 1.0)):
    """From our world, z up, to one whose `name` axis is up, tilted by degrees."""
    turns = {
        "z": np.eye(3),
        "y": ((1, 0, 0), (0, 0, 1), (0, -1, 0)),
        "-y": ((1, 0, 0), (0, 0, -1), (0, 1, 0)),
        "-z": np.diag((1, -1, -1)),
        "x": ((0, 0, 1), (1, 0, 0), (0, 1, 0)),
    }
    found = np.eye(4)
    found[:3, :3] = (
        Rotation.from_euler("xy", (tilt, tilt / 2), degrees=True).as_matrix() @ turns[name]
    )
    found[:3, 3] = shift
    return found


def same_walk(frames, poses, places=2e-3, level=0.6):
    """Whether poses are those recorded, but for a turn about z and a shift."""
    found = np.stack([frame.pose for frame in frames.frames])
    turn = found[0] @ np.linalg.inv(poses[0])
    np.testing.assert_allclose(found, turn @ poses, atol=places)
    assert np.degrees(np.arccos(np.clip(turn[2, 2], -1, 1))) < level
    assert np.linalg.det(turn[:3, :3]) == pytest.approx(1)


@pytest.mark.parametrize(
    ("kind", "axes", "unit", "steps", "up", "tilt"),
    [
        (C2W, OPENCV, 1.0, 1000, "-y", 0.0),
        (W2C, OPENCV, 0.001, 5000, "y", 9.0),
        (C2W, OPENGL, 0.01, 1000, "z", 4.0),
        (W2C, OPENGL, 1.0, 4000, "x", 0.0),
        (C2W, OPENGL, 0.001, 1000, "-z", 12.0),
    ],
)
def test_with_depth_all_is_measured(tmp_path, taken, kind, axes, unit, steps, up, tilt):
    poses = stored(taken.poses, kind, axes, unit, world(up, tilt))
    frames = read_frames(write_7scenes(tmp_path / "x", taken, poses, steps), PLAIN, key=False)
    same_walk(frames, taken.poses)
    found = {one.what: one for one in frames.findings}
    assert found["poses"].value == kind
    assert found["axes"].value == axes
    assert float(found["depth"].value) == pytest.approx(steps)
    assert found["units"].value == {1.0: "m", 0.01: "cm", 0.001: "mm"}[unit]
    assert found["up"].value == up
    assert all(found[what].how == "measured" for what in ("poses", "axes", "units", "depth", "up"))
    surprise = (kind, axes) != (C2W, OPENCV)
    assert ("not camera to world by OpenCV's axes" in found["poses"].said) == surprise
    depth = frames.depth_of(frames.frames[3])
    np.testing.assert_allclose(depth, taken.depths[3], atol=1e-3)
    first = (*stored(taken.poses, unit=unit, world=world(up, tilt))[0, :3, 3], 1)
    np.testing.assert_allclose((frames.world @ first)[:3], frames.frames[0].place, atol=2e-3)


@pytest.mark.parametrize(("kind", "axes"), CONVENTIONS)
def test_without_depth_photographs_tell(tmp_path, taken, kind, axes):
    poses = stored(taken.poses, kind, axes, 0.001, world("y"))
    frames = read_frames(write_7scenes(tmp_path / "x", taken, poses, depth=False), key=False)
    same_walk(frames, taken.poses)
    found = {one.what: one for one in frames.findings}
    assert (found["poses"].value, found["axes"].value) == (kind, axes)
    assert found["poses"].how == found["axes"].how == "measured"
    assert (found["units"].value, found["units"].how) == ("mm", "assumed")
    assert "matches between photographs" in found["poses"].said
    assert not frames.has_depth


def test_a_tilted_world_is_levelled_by_photographs_alone(tmp_path, taken):
    poses = stored(taken.poses, world=world("y", 14.0))
    known = Options(C2W, OPENCV, "m")
    frames = read_frames(write_7scenes(tmp_path / "x", taken, poses, depth=False), known, key=False)
    same_walk(frames, taken.poses)
    tilt = np.degrees(np.arccos(world("y", 14.0)[1, 2]))
    assert f"Up is {tilt:.1f} degrees from the world's y axis, and was levelled" in (
        frames.finding("up").said
    )


def test_a_camera_that_turns_little_is_levelled_by_depth(tmp_path, taken):
    """It looks down all the time, which the mean of how it was held takes for a tilt."""
    few = only(taken, np.arange(0, 3))
    few.poses = np.linalg.inv(few.poses[0]) @ few.poses  # the first camera is the world
    frames = read_frames(write_7scenes(tmp_path / "x", few), PLAIN, key=False)
    same_walk(frames, taken.poses[:3])
    found = frames.finding("up")
    assert found.value == "-y"
    assert "tops of pictures point there" in found.said
    assert "of the faces seen are level" in found.said


def test_formats_with_another_convention_of_their_own(tmp_path, taken):
    same_walk(read_frames(write_transforms(tmp_path / "a", taken), key=False), taken.poses)
    same_walk(read_frames(write_colmap(tmp_path / "b", taken), key=False), taken.poses)
    wrong = write_transforms(tmp_path / "c", taken, taken.poses)  # OpenCV's axes in NeRF's file
    frames = read_frames(wrong, key=False)
    same_walk(frames, taken.poses)
    assert "not camera to world by OpenGL's axes as transforms.json" in frames.sentences()[0]
    deep = read_frames(write_transforms(tmp_path / "d", taken, depth=True), PLAIN, key=False)
    same_walk(deep, taken.poses)
    assert deep.has_depth
    assert "of the depth of a frame" in deep.finding("poses").said


def test_units_that_nobody_uses_are_searched(tmp_path, taken):
    frames = read_frames(write_7scenes(tmp_path / "x", taken, steps=731), PLAIN, key=False)
    found = frames.finding("depth")
    assert float(found.value) == pytest.approx(731, rel=0.03)
    assert found.how == "measured"


def test_depth_of_another_room_is_refused(tmp_path, taken):
    rng = np.random.default_rng(3)
    mixed = only(taken, np.arange(30))
    mixed.depths = [rng.uniform(0.5, 4, one.shape) for one in taken.depths]
    with pytest.raises(BadInput, match=r"agree under no convention and unit: at best .*give poses"):
        read_frames(write_7scenes(tmp_path / "x", mixed), PLAIN)


def test_options_override_what_is_measured(tmp_path, taken):
    folder = write_7scenes(tmp_path / "x", taken)
    given = Options(C2W, OPENCV, "m", "1000", "z", "file")
    frames = read_frames(folder, given, key=False)
    same_walk(frames, taken.poses)
    assert {one.how for one in frames.findings} == {"given"}
    assert not any("override" in said for said in frames.sentences())
    turned = read_frames(folder, Options(C2W, OPENCV, "m", "1000", "y", "file"), key=False)
    assert turned.finding("up").value == "y"
    np.testing.assert_allclose(turned.world[:3, :3] @ (0, 1, 0), (0, 0, 1), atol=1e-9)
    scaled = read_frames(folder, Options(C2W, OPENCV, "0.5", "1000", colour="file"), key=False)
    assert np.ptp([f.place[0] for f in scaled.frames]) == pytest.approx(
        np.ptp(taken.poses[:, 0, 3]) / 2, rel=1e-3
    )
    wrong = read_frames(folder, Options(units="m", depth="700", colour="file"), key=False)
    assert (wrong.finding("depth").value, wrong.finding("depth").how) == ("700", "given")
    assert "would fit the poses better with 0.69" in wrong.finding("depth").said  # of 0.7
    longer = read_frames(folder, Options(depth="700", colour="file"), key=False)
    assert float(longer.finding("units").value) == pytest.approx(1 / 0.7, rel=0.02)


@pytest.mark.parametrize(
    ("given", "match"),
    [
        ({"poses": "c2w"}, "poses is 'c2w'; give auto, camera-to-world or world-to-camera"),
        ({"axes": "blender"}, "axes is 'blender'"),
        ({"up": "up"}, "up is 'up'"),
        ({"units": "inch"}, "units is 'inch'; give auto, m, cm, mm or metres of a unit"),
        ({"depth": "-1"}, "depth is '-1'"),
        ({"colour": "0"}, "colour is '0'"),
    ],
)
def test_options_that_are_none_are_said(given, match):
    with pytest.raises(BadInput, match=match):
        Options(**given)


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("up: z", r"is no JSON .*give such as \{\"up\": \"-y\"\}"),
        ('{"Up": "z"}', r"says \['Up'\]; give some of poses, axes"),
        ('{"up": 3}', "up is '3'; give auto, x or y"),
    ],
)
def test_a_file_beside_photographs_says_options(tmp_path, text, match):
    assert options_of(tmp_path) == Options()
    (tmp_path / "intake.json").write_text(text)
    with pytest.raises(BadInput, match=match):
        options_of(tmp_path / "info.json")
    (tmp_path / "intake.json").write_text('{"up": "-y", "depth": 5000}')
    assert options_of(tmp_path) == Options(up="-y", depth="5000")


def test_cameras_held_any_way_leave_up_to_the_axes(tmp_path, taken):
    rolled = taken.poses.copy()
    rng = np.random.default_rng(0)
    for pose in rolled:
        pose[:3, :3] = (
            pose[:3, :3]
            @ Rotation.from_euler("z", rng.uniform(-180, 180), degrees=True).as_matrix()
        )
    folder = write_7scenes(tmp_path / "x", taken, rolled, depth=False)
    frames = read_frames(folder, Options(C2W, OPENCV, "m"), key=False)
    assert frames.finding("up").how == "assumed"
