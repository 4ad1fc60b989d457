"""What scenes are made of, and the sentences about what cannot be one."""

from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import IDENTITY, along_axes, placed, straight
from prune3d_gui.core.scene.cameras import Camera, Cameras
from prune3d_gui.core.scene.gaussians import Gaussians, KeptGaussians
from prune3d_gui.core.scene.labels import Label, Labels
from prune3d_gui.core.scene.scenes import Box, Image, Layer, Mesh, Points, Scene, Volume
from prune3d_gui.core.score.scores import ColourScale, scale_of, scale_shown

FLAT = np.array(((1, 2, 0, 0), (0, 0, 0, 0), (0, 0, 1, 0), (0, 0, 0, 1.0)))
ORGANS = {1: Label("liver", (200, 80, 60)), 3: Label("kidney", (60, 160, 90))}


def cloud(count=4):
    return Points(np.arange(3 * count, dtype=np.float32).reshape(-1, 3))


def splats(count=5):
    rng = np.random.default_rng(0)
    parts = (rng.random((count, n)).astype(np.float32) for n in (3, 3, 4))
    return Gaussians(*parts, np.ones(count, np.float32), np.zeros((count, 4, 3), np.float32))


def cameras(count=3, **changed):
    given = {
        "poses": np.tile(np.eye(4), (count, 1, 1)),
        "intrinsics": np.tile((500.0, 500.0, 320.0, 240.0), (count, 1)),
        "sizes": np.tile((640, 480), (count, 1)),
        "names": tuple(f"{n}.jpg" for n in range(count)),
    }
    return Cameras(**given | changed)


def test_arrays_go_to_the_layers_they_name_and_the_scene_stays_as_it_was():
    scene = Scene((Layer("a", cloud()), Layer("b", cloud())), (Layer("c", cloud()),))
    errors = np.ones(4, np.float32)
    told = scene.with_arrays({"b": {"error": errors}, "c": {"error": errors}})
    assert [set(told.layer(name).data.arrays) for name in "abc"] == [set(), {"error"}, {"error"}]
    assert not scene.layer("b").data.arrays
    assert told.layer("b").values("error") is errors
    assert scene.with_arrays({"a": {}}) is scene


def test_arrays_for_a_layer_that_is_not_there_or_holds_none_are_refused():
    scene = Scene((Layer("a", cloud()), Layer("frame", Box((0, 0, 0), (1, 1, 1)))))
    with pytest.raises(BadInput, match="no layer 'b'; this scene has a, frame"):
        scene.with_arrays({"b": {}})
    with pytest.raises(BadInput, match="'frame' is a box"):
        scene.with_arrays({"frame": {"error": np.ones(8)}})


def test_two_layers_of_one_name_are_refused():
    with pytest.raises(BadInput, match="called 'a'"):
        Scene((Layer("a", cloud()),), (Layer("a", cloud()),))


def test_an_opacity_out_of_range_is_refused():
    with pytest.raises(BadInput, match=r"'a' has the opacity 1\.5"):
        Layer("a", cloud(), opacity=1.5)


def test_new_arrays_make_a_made_surface_out_of_date():
    field = Volume(np.zeros((2, 2, 2), np.float32), 0.5)
    made = Mesh(np.zeros((3, 3), np.float32), np.zeros((1, 3), np.int32))
    scene = Scene((Layer("a", field, surface=made),))
    assert scene.with_arrays({"a": {"error": np.zeros(8)}}).layer("a").surface is None


def test_bytes_count_surfaces_once_and_leave_out_what_frames_share():
    shape = cloud(100)
    made = Mesh(shape.points, np.zeros((1, 3), np.int32))
    assert Scene((Layer("a", shape), Layer("b", shape, surface=made))).nbytes == 1200 + 12
    base = splats(1000)
    assert Scene((Layer("g", KeptGaussians(base, np.ones(1000, bool))),)).nbytes == 1000


def test_each_layer_has_the_scale_it_names_and_the_bar_that_of_the_first_with_values():
    error, depth = (ColourScale(name, name, 0, 1) for name in ("error", "depth"))
    plain, deep = Layer("a", cloud()), Layer("b", cloud(), "depth")
    assert scale_of((error, depth), plain) is error
    assert scale_of((error, depth), deep) is depth
    assert scale_of((error,), deep) is None
    scene = Scene((plain, deep))
    assert scale_shown((error, depth), scene) is error
    told = scene.with_arrays({"b": {"depth": np.zeros(4)}})
    assert scale_shown((error, depth), told) is depth
    assert scale_shown((error, depth), None) is error
    assert scale_shown((), scene) is None
    picture = Layer("p", Image(np.zeros((2, 2, 3), np.uint8)))
    own = Scene((picture, Layer("c", cloud(), "none")))
    assert scale_shown((error, depth), own) is None, "it has its own colours"
    assert scale_shown((error, depth), Scene((picture,))) is error


@pytest.mark.parametrize(
    "make",
    [
        lambda affine: Volume(np.zeros((2, 2, 2), np.float32), 0.0, affine),
        lambda affine: Labels(np.zeros((2, 2, 2), np.uint8), {}, affine),
        lambda affine: Box((0, 0, 0), (1, 1, 1), affine),
    ],
)
def test_an_affine_that_places_nothing_is_refused(make):
    make(along_axes((1, 2, 3), (4, 5, 6)))
    with pytest.raises(BadInput, match="singular"):
        make(FLAT)
    with pytest.raises(BadInput, match="not finite"):
        make(along_axes((1, 2, 3), (np.nan, 0, 0)))
    with pytest.raises(BadInput, match="4 x 4"):
        make(np.eye(3))


def test_labels_need_a_table_of_what_occurs():
    values = np.zeros((3, 3, 3), np.uint8)
    values[1], values[2] = 1, 3
    assert Labels(values, ORGANS).table[3].name == "kidney"
    for wrong, match in (
        ({}, r"number 1, which its table lacks.*\(empty\)"),
        ({1: ORGANS[1]}, r"number 3, .*\(1\)"),
    ):
        with pytest.raises(BadInput, match=match):
            Labels(values, wrong)
    with pytest.raises(BadInput, match="number -1"):
        Labels(values.astype(np.int16) - 1, ORGANS)
    with pytest.raises(BadInput, match="float32"):
        Labels(values.astype(np.float32), ORGANS)


def test_cameras_that_see_nothing_are_refused():
    cameras()
    still = np.tile(np.eye(4), (3, 1, 1))
    still[1, :3, :3] = 0
    lens = np.tile((500.0, 500.0, 320.0, 240.0), (3, 1))
    lens[2, 1] = 0
    for changed, match in (
        ({"intrinsics": lens}, r"'2.jpg' has the intrinsics 500, 0, 320, 240.*not 0"),
        ({"poses": still}, "camera '1.jpg' is singular"),
        ({"sizes": np.zeros((3, 2), int)}, "0 x 0 pixels"),
        ({"poses": np.eye(4)[None]}, r"poses of 3 cameras"),
        ({"thumbnails": (np.zeros((2, 2, 3), np.uint8),)}, "1 thumbnails for 3"),
    ):
        with pytest.raises(BadInput, match=match):
            cameras(**changed)


def test_gaussians_share_their_base_and_need_a_mask_of_it():
    base = splats()
    kept = np.array([1, 0, 1, 1, 0], bool)
    assert replace(KeptGaussians(base, kept), kept=~kept).base is base
    with pytest.raises(BadInput, match="mask of bool"):
        KeptGaussians(base, kept[:3])
    with pytest.raises(BadInput, match="quaternions of 5"):
        replace(base, quaternions=base.quaternions[:, :3])
    with pytest.raises(BadInput, match="1, 4, 9 or 16"):
        replace(base, harmonics=base.harmonics[:, :2])
    with pytest.raises(BadInput, match="logits of 5 Gaussians are float64; give them as float32"):
        replace(base, logits=base.logits.astype(float))


def test_gaussians_are_stored_before_their_activations():
    base = replace(splats(3), logits=np.float32((-1e4, 0, np.log(3))))
    assert base.opacities.tolist() == pytest.approx([0, 0.5, 0.75])
    assert base.opacities.dtype == np.float32
    np.testing.assert_allclose(base.scales, np.exp(base.log_scales))
    assert (base.count, base.degree) == (3, 1)
    for which in (np.array([True, False, True]), np.array([0, 2])):
        assert np.array_equal(base.kept(which).means, base.means[[0, 2]])
        assert base.kept(which).degree == 1
    assert base.kept(np.zeros(3, bool)).count == 0


def test_a_camera_of_many_maps_the_world_as_its_pose_says():
    pose = along_axes((1, 1, 1), (1, 2, 3))
    pose[:2, :2] = ((0, -1), (1, 0))
    one = cameras(poses=np.stack([np.eye(4), pose, np.eye(4)])).camera(1)
    assert (one.width, one.height, one.fx, one.fy, one.cx, one.cy) == (640, 480, 500, 500, 320, 240)
    np.testing.assert_allclose(one.world_to_camera @ pose, np.eye(4), atol=1e-12)
    np.testing.assert_allclose(one.place, (1, 2, 3))


@pytest.mark.parametrize(
    ("changed", "match"),
    [
        ({"width": 0}, "0 x 480 pixels"),
        ({"fy": -5.0}, r"intrinsics 500, -5, 320, 240.*above 0"),
        ({"cx": np.nan}, "nan"),
        ({"world_to_camera": np.zeros((4, 4))}, "camera"),
    ],
)
def test_a_camera_that_makes_no_picture_is_refused(changed, match):
    with pytest.raises(BadInput, match=match):
        replace(Camera(640, 480, 500.0, 500.0, 320.0, 240.0, np.eye(4)), **changed)


def test_points_are_placed_as_numpy_multiplies_and_stay_where_nothing_moves_them():
    rng = np.random.default_rng(0)
    affine = np.eye(4)
    affine[:3] = rng.normal(size=(3, 4))
    points = rng.random((7, 3))
    expected = (affine @ np.column_stack([points, np.ones(7)]).T).T[:, :3]
    np.testing.assert_allclose(placed(points, affine), expected)
    assert placed(points, IDENTITY) is points
    assert straight(along_axes((1, 2, 3), (1, 1, 1)))
    assert not straight(affine)
    assert not straight(along_axes((1, -2, 3)))
