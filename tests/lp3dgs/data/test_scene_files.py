"""The scene as a folder: what other programs read in it, stopped and gone on with, refused."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.files.points import read_points
from prune3d_gui.plugins.lp3dgs.data.jobs import JOB
from prune3d_gui.plugins.lp3dgs.data.photographs import Shooting, Wanted
from prune3d_gui.plugins.lp3dgs.data.scene_files import FACTS, POSES, write_scene
from prune3d_gui.plugins.lp3dgs.data.tracing.pictures import rays_through
from tests.lp3dgs.data.scenes import projected

SMALL = Wanted(views=4, held=1, side=20, seed=3)


def quiet(done, total, text):
    pass


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("scene") / "own"
    write_scene(made, SMALL, quiet, NEVER)
    return made


@pytest.fixture(scope="module")
def poses(folder):
    return json.loads((folder / POSES).read_text())


def test_every_frame_has_its_photograph_with_alpha(folder, poses):
    assert len(poses["frames"]) == 4
    for frame in poses["frames"]:
        with Image.open(folder / frame["file_path"]) as image:
            assert (image.format, image.mode, image.size) == ("PNG", "RGBA", (20, 20))
            values = np.asarray(image)
        assert (frame["w"], frame["h"]) == (20, 20)
        assert 0.2 < (values[..., 3] == 255).mean() < 0.95
        assert (values[..., 3] == 0).mean() > 0.02
        assert (values[values[..., 3] == 0] == (255, 255, 255, 0)).all()
        assert values[values[..., 3] == 255][:, :3].std() > 25


def test_held_out_and_trained_on_are_apart_and_all(poses):
    held, trained = set(poses["test_filenames"]), set(poses["train_filenames"])
    assert len(held) == 1
    assert held == set(poses["val_filenames"])
    assert held | trained == {frame["file_path"] for frame in poses["frames"]}
    assert not held & trained


def test_poses_and_intrinsics_say_where_surfaces_are_seen(folder, poses):
    """Points on surfaces, traced by the tracer's cameras, against the poses in the file."""
    shooting = Shooting(SMALL)
    for number, frame in enumerate(poses["frames"]):
        x, y = torch.tensor([4.5, 12.5, 16.5]), torch.tensor([12.5, 14.5, 11.5])
        origins, directions = rays_through(shooting.cameras[number], x, y)
        away = shooting.bodies.meet(origins, directions).distance
        away = torch.where(torch.isfinite(away), away, 2.0)
        points = (origins + away * directions).T.numpy()
        assert np.allclose(origins[:, 0], np.array(frame["transform_matrix"])[:3, 3], atol=1e-5)
        for point, column, row in zip(points, x, y, strict=True):
            found = projected(frame["transform_matrix"], frame["fl_x"], frame["cx"], point)
            assert found == pytest.approx((float(column), float(row)), abs=1e-3)


def test_points_to_start_from_lie_on_what_is_solid(folder, poses):
    cloud = read_points(folder / "points.ply")
    places = cloud.points.astype(float)
    assert len(places) > 300  # small photographs have few pixels
    assert (np.abs(places[:, :2]) < 1.1).all()
    assert (places[:, 2] > -0.15).all()
    assert places[:, 2].max() > 0.1
    flat = np.abs(places[:, 2]) < 0.02
    assert flat.mean() > 0.25  # the table's top
    assert 1e-4 < places[flat, 2].std() < 0.01  # and errors
    header = (folder / "points.ply").read_bytes()[:600].split(b"end_header")[0].decode()
    columns = [line.split()[-1] for line in header.splitlines() if line.startswith("property")]
    assert columns == ["x", "y", "z", "nx", "ny", "nz", "red", "green", "blue"]


def test_colours_of_points_are_those_of_a_photograph_that_sees_them(folder, poses):
    data = (folder / "points.ply").read_bytes().split(b"end_header\n", 1)[1]
    rows = np.frombuffer(data, [("place", "<f4", 6), ("colour", "u1", 3)])
    trained = [f for f in poses["frames"] if f["file_path"] in poses["train_filenames"]]
    near = np.full(len(rows), 999.0)
    for frame in trained:
        with Image.open(folder / frame["file_path"]) as image:
            values = np.asarray(image).astype(float)
        pose = (np.array(frame["transform_matrix"]), frame["fl_x"], frame["cx"])
        for number, row in enumerate(rows[::3]):
            x, y = projected(*pose, row["place"][:3])
            if 1 <= x < 19 and 1 <= y < 19:
                around = values[int(y) - 1 : int(y) + 2, int(x) - 1 : int(x) + 2, :3]
                off = np.abs(around - row["colour"]).max(axis=2).min()
                near[3 * number] = min(near[3 * number], off)
    near = near[::3]
    assert (near < 1).mean() > 0.9


def test_a_stopped_one_goes_on_and_ends_in_equal_files(folder, tmp_path):
    cancel = CancelToken()
    told = []

    def tell(done, total, text):
        told.append((done, total, text))
        if done == 2:
            cancel.cancel()

    with pytest.raises(Cancelled):
        write_scene(tmp_path, SMALL, tell, cancel)
    assert told == [(1, 4, "1 of 4 views"), (2, 4, "2 of 4 views")]
    assert not (tmp_path / POSES).exists()
    first = tmp_path / "images" / "000.png"
    date = first.stat().st_mtime_ns
    (tmp_path / "images" / "001.png").write_bytes(b"\x89PNG damaged")
    write_scene(tmp_path, SMALL, quiet, NEVER)
    assert first.stat().st_mtime_ns == date
    files = [file for file in folder.rglob("*") if file.is_file()]
    assert len(files) == 4 + 3
    for file in files:
        assert (tmp_path / file.relative_to(folder)).read_bytes() == file.read_bytes(), file


@pytest.mark.parametrize("other", [{"seed": 4}, {"side": 24}, {"views": 5}, {"held": 2}])
def test_another_scene_in_the_folder_is_refused(folder, other):
    before = (folder / FACTS).read_bytes()
    with pytest.raises(BadInput, match=r"holds another scene \(views 4, held 1, side 20, seed 3"):
        write_scene(folder, Wanted(**{**vars(SMALL), **other}), quiet, NEVER)
    assert (folder / FACTS).read_bytes() == before


def test_a_scene_of_an_older_still_life_is_refused(tmp_path):
    (tmp_path / FACTS).write_text(json.dumps({**vars(SMALL), "version": 0}))
    with pytest.raises(BadInput, match="version 0 of the still life"):
        write_scene(tmp_path, SMALL, quiet, NEVER)


@pytest.mark.parametrize("facts", ["[]", "nothing", '{"seed": "x"}', '{"seed": 1}', "[" * 99999])
def test_damaged_facts_are_said(tmp_path, facts):
    (tmp_path / FACTS).write_text(facts)
    with pytest.raises(BadInput, match="does not say which scene"):
        write_scene(tmp_path, SMALL, quiet, NEVER)


@pytest.mark.parametrize("name", ["images/mine.png", "transforms.json"])
def test_images_of_something_else_are_not_touched(tmp_path, name):
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_text("mine")
    with pytest.raises(BadInput, match="images or cameras of something else"):
        write_scene(tmp_path, SMALL, quiet, NEVER)
    assert sorted(file.name for file in tmp_path.rglob("*.*")) == [Path(name).name]


def test_a_file_in_the_folders_place_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine")
    with pytest.raises(BadInput, match="is a file; choose another folder"):
        write_scene(tmp_path / "file", SMALL, quiet, NEVER)


def test_the_job_reports_and_says_what_it_made(tmp_path):
    options = {option.name: option.default for option in JOB.options}
    assert [options[name] for name in ("views", "held", "side", "seed")] == [68, 8, 200, 0]
    options |= {"out": str(tmp_path), "views": 2, "held": 1, "side": 16, "device": "cpu"}
    seen = []
    (row,) = JOB.run(options, seen.append, NEVER)
    assert [(one.done, one.total) for one in seen] == [(1, 2), (2, 2)]
    assert (row["views"], row["held_out"], row["folder"]) == (2, 1, str(tmp_path))
    assert row["bytes"] == sum(f.stat().st_size for f in tmp_path.rglob("*") if f.is_file())


def test_nothing_to_train_on_is_refused(tmp_path):
    with pytest.raises(BadInput, match="hold out fewer"):
        Wanted(views=4, held=4)


def test_cameras_are_those_that_pictures_are_made_with():
    assert all(isinstance(one, Camera) for one in Shooting(SMALL).cameras)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")
def test_a_gpu_makes_nearly_the_same_photograph():
    one, other = (Shooting(SMALL, device).photograph(0).astype(int) for device in ("cpu", "cuda"))
    assert (np.abs(one - other) > 3).mean() < 0.01
