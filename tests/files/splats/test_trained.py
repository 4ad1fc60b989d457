"""A folder of a trained scene opens whole."""

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.capture import BLACK, WHITE
from prune3d_gui.files.splats.formats import read_splats, write_splats
from prune3d_gui.files.splats.trained import find_trained, trained_folder
from tests.files.cameras.made import binary_model, cameras_json, picture, poses, transforms
from tests.files.splats.made import gaussians

SETTINGS = (
    "Namespace(data_device='cuda', eval=False, images='images', model_path='./output/x', "
    "resolution=-1, sh_degree=3, source_path={source!r}, white_background={white})"
)


def trained(folder, steps=(7000, 30_000), source="", white=False):
    for step in steps:
        place = folder / "point_cloud" / f"iteration_{step}"
        place.mkdir(parents=True)
        write_splats(place / "point_cloud.ply", gaussians(step // 1000, 1))
    (folder / "cfg_args").write_text(SETTINGS.format(source=str(source), white=white))
    write_splats(folder / "input.ply", gaussians(4, 0))
    cameras_json(folder / "cameras.json", poses(2), ["a", "b"])


def test_the_newest_iteration_with_its_cameras_and_photographs(tmp_path):
    source = tmp_path / "garden"
    binary_model(source / "sparse" / "0")
    for name in "ab":
        picture(source / "images" / f"{name}.png")
    trained(tmp_path / "output", source=source)
    found = find_trained(tmp_path / "output")
    assert found.iteration == 30_000
    assert read_splats(found.splats).gaussians.count == 30
    assert found.capture.format == "COLMAP"
    assert all(shot.path is not None for shot in found.capture.shots)
    assert found.capture.shots[0].background == BLACK
    assert found.initial == tmp_path / "output" / "input.ply"
    assert found.settings["sh_degree"] == 3
    assert any("iterations 7,000, 30,000, 30,000 was taken" in n for n in found.notices)


def test_the_ply_of_an_iteration_finds_its_scene(tmp_path):
    trained(tmp_path)
    path = tmp_path / "point_cloud" / "iteration_7000" / "point_cloud.ply"
    assert trained_folder(path) == trained_folder(path.parent) == tmp_path
    assert find_trained(path).iteration == 7000
    assert find_trained(path).splats == path
    assert find_trained(path.parents[1]).iteration == 30_000


def test_without_what_it_was_made_from_its_own_cameras_are_taken(tmp_path):
    trained(tmp_path, source="/nowhere/data/garden", white=True)
    found = find_trained(tmp_path)
    assert found.capture.format == "cameras.json"
    assert any("'/nowhere/data/garden', is not there; put it beside" in n for n in found.notices)
    assert any("not there: 2 of 2 (a, b)" in notice for notice in found.notices)
    assert found.capture.shots[0].background == WHITE


def test_photographs_beside_a_scene_that_was_moved_are_found(tmp_path):
    for name in "ab":
        picture(tmp_path / "garden" / "images" / f"{name}.jpg")
    trained(tmp_path / "output", source="C:\\data\\garden\\")
    found = find_trained(tmp_path / "output")
    assert found.capture.format == "cameras.json"
    assert [shot.path.name for shot in found.capture.shots] == ["a.jpg", "b.jpg"]


def test_a_scene_of_nerf_keeps_its_parts(tmp_path):
    source = tmp_path / "lego"
    for part in ("train", "test"):
        transforms(source / f"transforms_{part}.json", poses(1), [f"{part}/r_0"],
                   camera_angle_x=0.7)  # fmt: skip
        picture(source / part / "r_0.png", mode="RGBA")
    trained(tmp_path / "output", source=source, white=True)
    shots = find_trained(tmp_path / "output").capture.shots
    assert [(shot.part, shot.path.parent.name) for shot in shots] == [
        ("train", "train"),
        ("test", "test"),
    ]


def test_settings_are_read_and_never_run(tmp_path):
    trained(tmp_path, steps=(1000,))
    (tmp_path / "cfg_args").write_text("Namespace(source_path=print('run'), eval=True)")
    found = find_trained(tmp_path)
    assert found.settings == {}
    assert any("could not be read as the settings" in notice for notice in found.notices)
    for damaged in ("", "Namespace(", "(" * 5000, "3"):
        (tmp_path / "cfg_args").write_text(damaged)
        assert find_trained(tmp_path).settings == {}


def test_a_scene_without_cameras_says_so(tmp_path):
    trained(tmp_path, steps=(1000,))
    for name in ("cameras.json", "cfg_args", "input.ply"):
        (tmp_path / name).unlink()
    found = find_trained(tmp_path)
    assert (found.capture, found.initial) == (None, None)
    assert found.notices == ("It has no cameras.",)


def test_damaged_cameras_of_the_source_are_said_and_its_own_taken(tmp_path):
    source = tmp_path / "garden"
    binary_model(source / "sparse" / "0", images=1 << 60)
    trained(tmp_path / "output", source=source)
    found = find_trained(tmp_path / "output")
    assert found.capture.format == "cameras.json"
    assert any("What it was made from was not read" in notice for notice in found.notices)


def test_other_folders_are_none(tmp_path):
    assert trained_folder(tmp_path) is None
    with pytest.raises(BadInput, match=r"no folder of a trained scene.*point_cloud/iteration_N"):
        find_trained(tmp_path)


def test_given_arrays_stay_as_they_are(tmp_path):
    trained(tmp_path, steps=(1000,))
    found = read_splats(find_trained(tmp_path).splats)
    np.testing.assert_array_equal(found.gaussians.means, gaussians(1, 1).means)
