"""COLMAP models are read as COLMAP's own library reads them."""

import struct

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.formats import capture_kind, read_capture
from prune3d_gui.files.cameras.lenses import Lens, known, split
from tests.files.cameras.made import LENSES, SIZE, binary_model, picture, poses


@pytest.fixture(scope="module")
def pycolmap():
    return pytest.importorskip("pycolmap", reason="pycolmap is COLMAP's own reader")


def test_every_model_has_colmaps_name_and_number(pycolmap):
    theirs = {
        name: int(getattr(pycolmap.CameraModelId, name))
        for name in dir(pycolmap.CameraModelId)
        if name.isupper() and name not in ("INVALID", "EQUIRECTANGULAR")
    }
    assert {name: known(number, "")[0] for name, number in theirs.items()} == {
        name: name for name in theirs
    }
    assert set(theirs) == set(LENSES)
    for name, number in theirs.items():
        assert known(number, "")[1] == len(LENSES[name])


@pytest.mark.parametrize("model", LENSES)
def test_rays_come_where_colmap_has_them(pycolmap, model):
    camera = pycolmap.Camera.create_from_model_name(1, model, 60.0, *SIZE)
    camera.params = list(LENSES[model])
    rays = np.random.default_rng(0).uniform(-0.6, 0.6, (200, 2))
    rays[0] = 0
    theirs = camera.img_from_cam(np.concatenate([rays, np.ones((200, 1))], axis=1))
    focal, centre, lens = split(model, LENSES[model])
    bent = rays.T if lens is None else np.stack((lens or Lens(model, ())).bent(*rays.T))
    np.testing.assert_allclose(bent.T * focal + centre, theirs, atol=1e-9)


def reconstruction(pycolmap, count=17):
    made = pycolmap.Reconstruction()
    for number, (model, numbers) in enumerate(list(LENSES.items())[:count], 1):
        camera = pycolmap.Camera.create_from_model_name(number, model, 60.0, *SIZE)
        camera.params = list(numbers)
        made.add_camera_with_trivial_rig(camera)
    for number, pose in enumerate(poses(count), 1):
        marks = np.random.default_rng(number).random((number % 4, 2))
        image = pycolmap.Image(f"set {number}/{number}.png", marks, number, number)
        made.add_image_with_trivial_frame(image, pycolmap.Rigid3d(pose[:3]))
    for place in np.random.default_rng(9).normal(size=(6, 3)):
        made.add_point3D(place, pycolmap.Track(), np.array((250, 3, 77), np.uint8))
    return made


@pytest.mark.parametrize("form", ["text", "binary"])
def test_what_colmap_writes_is_read(tmp_path, pycolmap, form):
    made = reconstruction(pycolmap)
    folder = tmp_path / "sparse" / "0"
    folder.mkdir(parents=True)
    getattr(made, f"write_{form}")(folder)
    assert capture_kind(tmp_path) == capture_kind(folder) == ("COLMAP", True)
    found = read_capture(tmp_path)
    assert len(found.shots) == made.num_reg_images() == 17
    by_name = {image.name: image for image in made.images.values()}
    for shot in found.shots:
        image = by_name[shot.name]
        theirs = image.cam_from_world().matrix()
        np.testing.assert_allclose(shot.camera.world_to_camera[:3], theirs, atol=1e-12)
        assert (shot.camera.width, shot.camera.height) == SIZE
        camera = made.cameras[image.camera_id]
        np.testing.assert_allclose(
            (shot.camera.fx / shot.zoom, shot.camera.fy / shot.zoom),
            (camera.focal_length_x, camera.focal_length_y),
        )
        assert (shot.camera.cx, shot.camera.cy) == (33.0, 24.5)
    theirs = np.array([point.xyz for point in made.points3D.values()])
    np.testing.assert_allclose(np.sort(found.points.points, 0), np.sort(theirs, 0), rtol=1e-6)
    np.testing.assert_array_equal(found.points.arrays["rgb"], np.tile((250, 3, 77), (6, 1)))
    assert any("not there: 17 of 17" in notice for notice in found.notices)


def test_of_several_models_the_largest_is_taken_and_another_can_be_named(tmp_path):
    binary_model(tmp_path / "sparse" / "0", names=("a.png",))
    binary_model(tmp_path / "sparse" / "1", names=("a.png", "b.png", "c.png"))
    for name in "abc":
        picture(tmp_path / "images" / f"{name}.png")
    found = read_capture(tmp_path)
    assert len(found.shots) == 3
    assert any("2 models" in n and "'1' was taken" in n for n in found.notices)
    assert all(shot.path.parent.name == "images" for shot in found.shots)
    assert len(read_capture(tmp_path, model="0").shots) == 1
    assert len(read_capture(tmp_path / "sparse" / "0").shots) == 1
    assert len(read_capture(tmp_path / "sparse").shots) == 3
    with pytest.raises(BadInput, match=r"no COLMAP model 'best'.*there are 0, 1; choose"):
        read_capture(tmp_path, model="best")


def refused(path, sentence):
    with pytest.raises(BadInput, match=sentence) as caught:
        read_capture(path)
    assert str(path) in str(caught.value)


def test_cameras_that_no_pinhole_stands_for_are_refused_by_name(tmp_path):
    binary_model(tmp_path, models=(17,))
    refused(tmp_path, "model EQUIRECTANGULAR, which sees all around")
    binary_model(tmp_path, models=(99,))
    refused(tmp_path, "model 99, which is not known; known: SIMPLE_PINHOLE, PINHOLE")


@pytest.mark.parametrize(
    ("wrong", "sentence"),
    [
        ({"cameras": 1 << 60}, r"cameras\.bin promises 1,152,921,504,606,846,976 records"),
        ({"images": 1 << 60}, r"images\.bin promises 1,152,921,504,606,846,976 records"),
        ({"images": 3}, "ends too early|a name has no end"),
        ({"images": 0}, "has no image; reconstruct"),
        ({"marks": 1 << 40}, "'a.png' promises 1,099,511,627,776 points"),
        ({"camera": 7}, "has no camera 7, which 'a.png' was taken by"),
        ({"turn": (0, 0, 0, 0)}, "The pose of 'a.png' in .* is no turn and shift"),
        ({"turn": (np.nan, 0, 0, 0)}, "The pose of 'a.png' in .* is no turn and shift"),
    ],
)
def test_damaged_models(tmp_path, wrong, sentence):
    binary_model(tmp_path, **wrong)
    refused(tmp_path, sentence)


def test_points_that_are_not_there(tmp_path):
    binary_model(tmp_path)
    assert read_capture(tmp_path).points is None
    point = struct.pack("<Q3d3Bd", 1, 0.5, 1.5, 2.5, 9, 8, 7, 0.1)
    (tmp_path / "points3D.bin").write_bytes(struct.pack("<Q", 1) + point + bytes(8))
    np.testing.assert_array_equal(read_capture(tmp_path).points.points, [(0.5, 1.5, 2.5)])
    (tmp_path / "points3D.bin").write_bytes(struct.pack("<Q", 1 << 50) + point + bytes(8))
    refused(tmp_path, r"points3D\.bin promises")
    track = struct.pack("<Q", 1 << 50)
    (tmp_path / "points3D.bin").write_bytes(struct.pack("<Q", 1) + point + track)
    refused(tmp_path, "more images than can follow")


TEXT = "1 1 0 0 0 0 0 3 {camera} a picture.png\n\n2 0.5 0.5 0.5 0.5 1 0 0 1 b.png\n1 2 -1\n"


def text_model(folder, cameras="1 PINHOLE 64 48 60 62 33 24.5", camera=1):
    (folder / "cameras.txt").write_text(f"# cameras\n{cameras}\n")
    (folder / "images.txt").write_text("# images\n" + TEXT.format(camera=camera))


def test_text_with_spaces_in_names_and_images_without_points(tmp_path):
    text_model(tmp_path)
    first, second = read_capture(tmp_path).shots
    assert (first.name, second.name) == ("a picture.png", "b.png")
    np.testing.assert_array_equal(first.camera.world_to_camera[:3, 3], (0, 0, 3))
    turned = second.camera.world_to_camera[:3, :3]
    np.testing.assert_allclose(turned @ (1, 0, 0), (0, 1, 0), atol=1e-12)


@pytest.mark.parametrize(
    ("changed", "sentence"),
    [
        ({"cameras": "1 PINHOLE 64 48 60 62 33"}, "PINHOLE has 3 parameters, not 4"),
        ({"cameras": "1 MAGIC 64 48 60"}, "model MAGIC, which is not known"),
        ({"cameras": "1 PINHOLE 64 48 sixty 62 33 24"}, "could not be read"),
        ({"cameras": "1 PINHOLE 64"}, "could not be read"),
        ({"cameras": "1 PINHOLE 64 48 nan 62 33 24"}, "no finite parameters"),
        ({"cameras": "1 PINHOLE 0 48 60 62 33 24"}, "no size"),
        ({"camera": 4}, "no camera 4"),
        ({"cameras": "1 PINHOLE 64 48 0 62 33 24"}, "focal lengths 0, 62; give sizes up to"),
        ({"cameras": "1 PINHOLE 99999999 48 60 62 33 24"}, "99,999,999 x 48 pixels"),
    ],
)
def test_damaged_text(tmp_path, changed, sentence):
    text_model(tmp_path, **changed)
    with pytest.raises(BadInput, match=sentence):
        read_capture(tmp_path)


def test_a_folder_without_cameras(tmp_path):
    refused(tmp_path, "has no cameras; choose a COLMAP model")
    refused(tmp_path / "none", "There is no file or folder")
    assert capture_kind(tmp_path) is None
