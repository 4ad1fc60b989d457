"""A scene's folder: what is written is read, by its own reader and by the intake."""

import json

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.data.scene_files import read_scene, scenes_in, write_room


@pytest.fixture(scope="module")
def folder(made, wanted, tmp_path_factory):
    out = tmp_path_factory.mktemp("rooms") / "train" / "train_0003"
    write_room(out, made, wanted, 3)
    return out


def test_what_is_written_is_read(folder, made, wanted):
    scene = read_scene(folder)
    assert len(scene) == wanted.frames
    assert scene.name == "train_0003"
    assert scene.size == (96, 128)
    assert np.allclose(scene.poses, made.recording.poses, atol=1e-8)
    assert np.allclose(scene.intrinsics, made.recording.intrinsics)
    depth = scene.depth(7)
    assert np.abs(depth - made.recording.depths[7]).max() <= 0.00051
    picture, exact = scene.picture(7).astype(float), made.recording.pictures[7].astype(float)
    assert np.abs(picture - exact).mean() < 6
    assert np.allclose(scene.camera(7).place, made.recording.poses[7, :3, 3])
    for layer in range(3):
        volume = scene.volume(layer)
        assert np.abs(volume.values - made.layers[layer].values).max() < 6e-4
        assert np.allclose(volume.origin, made.layers[0].origin)
        assert volume.voxel == pytest.approx(0.04 * 2**layer)
        assert np.array_equal(volume.values == 1, made.layers[layer].values == 1)
    mesh = scene.mesh()
    assert np.array_equal(mesh.points, made.mesh.points)
    assert np.array_equal(mesh.faces, made.mesh.faces)


def test_the_folder_is_vortx_own(folder):
    told = json.loads((folder / "info.json").read_text())
    assert {"scene", "path", "gt_mesh", "intrinsics", "frames"} <= set(told)
    first = told["frames"][0]
    assert set(first) == {"filename_color", "filename_depth", "pose"}
    assert np.shape(first["pose"]) == (4, 4)
    assert np.shape(told["intrinsics"]) == (3, 3)
    with np.load(folder / "full_tsdf_layer1.npz", allow_pickle=False) as held:
        assert held.files == ["arr_0"]
    assert not list(folder.rglob("*.pkl"))


def test_the_intake_takes_the_folder_for_what_it_is(folder, made):
    from prune3d_gui.plugins.vortx.intake.reading import read_frames

    frames = read_frames(folder)
    poses = np.stack([frame.pose for frame in frames.frames])
    own = made.recording.poses
    assert len(poses) > 20
    moved = np.linalg.inv(poses[0]) @ poses[-1]
    assert np.allclose(moved, np.linalg.inv(own[0]) @ own[len(poses) - 1], atol=2e-3)
    assert np.allclose(poses[:, 2, 2], own[: len(poses), 2, 2], atol=0.02)  # z stays up


def test_a_room_is_written_whole_or_not_at_all(made, wanted, tmp_path, monkeypatch):
    from prune3d_gui.plugins.vortx.data import scene_files

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(scene_files, "write_mesh", full)
    with pytest.raises(BadInput, match="could not be written: No space left"):
        write_room(tmp_path / "train" / "one", made, wanted, 0)
    assert list((tmp_path / "train").iterdir()) == []
    assert scenes_in(tmp_path, "train") == ()


def test_pictures_without_depths_are_read(made, wanted, tmp_path):
    write_room(tmp_path / "train" / "one", made, wanted, 0, depths=False)
    scene = read_scene(scenes_in(tmp_path, "train")[0])
    assert scene.depth(0) is None
    assert not (tmp_path / "train" / "one" / "depth").exists()


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (None, "has no info.json"),
        ("{}", "has no info.json"),
        ('{"intrinsics": [[1]], "frames": [{"pose": [[NaN]]}]}', "none of 4 x 4 finite numbers"),
    ],
)
def test_a_folder_that_is_no_scene_is_refused(tmp_path, content, said):
    if content is not None:
        (tmp_path / "info.json").write_text(content)
    with pytest.raises(BadInput, match=said):
        read_scene(tmp_path)
