import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.pgn.data.batches import Batches
from prune3d_gui.plugins.pgn.data.dataset import open_layout, read_points, reference_points

REAL = Path(__file__).parents[4] / "shared/data/pgn/atlasnet_layout"
CAR, LAMP = "02958343", "03636649"


def write_set(root, counts, views=2, points=60, seed=0):
    """Write a small set: so many objects of each synset, named o0, o1..."""
    draw = np.random.default_rng(seed)
    for synset, count in counts.items():
        for k in range(count):
            cloud = root / f"ShapeNetV1PointCloud/{synset}/o{k}.points.ply.npy"
            cloud.parent.mkdir(parents=True, exist_ok=True)
            np.save(cloud, draw.normal(size=(points, 6)).astype(np.float32) + 5)
            folder = root / f"ShapeNetV1Renderings/{synset}/o{k}/rendering"
            folder.mkdir(parents=True)
            for view in range(views):
                pixels = np.zeros((137, 137, 4), np.uint8)
                pixels[30:90, 20 + 9 * view : 110] = (*draw.integers(30, 255, 3), 255)
                Image.fromarray(pixels).save(folder / f"{view:02d}.png")
    return root


def refused(root, *words):
    with pytest.raises(BadInput) as caught:
        open_layout(root)
    for word in words:
        assert word in str(caught.value)


def keys(layout, split):
    return [o.key for o in layout.splits[split]]


@pytest.mark.skipif(not REAL.is_dir(), reason="the real car is not there")
def test_real_car():
    layout = open_layout(REAL)
    (car,) = layout.objects
    assert layout.categories == {CAR: "car"}
    assert car.category == "car"
    assert [v.name for v in car.views] == [f"{k:02d}.png" for k in range(24)]
    assert layout.splits["val"] == (car,)
    points = read_points(car.points_path)
    assert points.shape == (7587, 3)
    np.testing.assert_allclose(points.mean(0), 0, atol=1e-6)
    assert np.linalg.norm(points, axis=1).max() == pytest.approx(1)
    raw = np.load(car.points_path)[:, :3]
    scale = np.linalg.norm(raw - raw.mean(0), axis=1).max()
    np.testing.assert_allclose(points * scale + raw.mean(0), raw, atol=1e-6)


def test_atlasnets_split(tmp_path):
    layout = open_layout(write_set(tmp_path, {LAMP: 7, CAR: 2}))
    assert keys(layout, "train") == [f"{CAR}/o0", *(f"{LAMP}/o{k}" for k in range(5))]
    assert keys(layout, "val") == [f"{CAR}/o1", f"{LAMP}/o5", f"{LAMP}/o6"]
    assert "80 %" in layout.rule


def test_listed_split(tmp_path):
    write_set(tmp_path, {LAMP: 4})
    splits = {"train": [f"{LAMP}/o3"], "heldout": [f"{LAMP}/o0", f"{LAMP}/gone"]}
    (tmp_path / "splits.json").write_text(json.dumps(splits))
    layout = open_layout(tmp_path)
    assert keys(layout, "train") == [f"{LAMP}/o3"]
    assert keys(layout, "heldout") == [f"{LAMP}/o0"]
    assert layout.splits["val"] == ()
    for bad in ("[1]", "{", '{"train": 3}', '{"train": [["a"]]}'):
        (tmp_path / "splits.json").write_text(bad)
        refused(tmp_path, "splits.json")
    (tmp_path / "splits.json").write_text('{"train": ["x/y"]}')
    refused(tmp_path, "names no object")


def test_splits_are_read_with_a_byte_order_mark_and_not_in_utf_16(tmp_path):
    write_set(tmp_path, {CAR: 2})
    splits = json.dumps({"train": [f"{CAR}/o0"], "val": [f"{CAR}/o1"]})
    names = json.dumps([{"synsetId": CAR, "name": "автомобиль"}], ensure_ascii=False)
    (tmp_path / "splits.json").write_text(splits, encoding="utf-8-sig")
    (tmp_path / "taxonomy.json").write_text(names, encoding="utf-8-sig")
    layout = open_layout(tmp_path)
    assert keys(layout, "train") == [f"{CAR}/o0"]
    assert layout.categories == {CAR: "автомобиль"}
    (tmp_path / "splits.json").write_text(splits, encoding="utf-16")
    refused(tmp_path, "splits.json", "UTF-16", "save it as UTF-8")


def test_an_empty_split_is_refused_as_empty(tmp_path):
    write_set(tmp_path, {CAR: 1})
    alone = open_layout(tmp_path)
    with pytest.raises(BadInput, match=r"The train split of .* of 1 none falls into it"):
        alone.of_split("train")
    assert "AtlasNet's rule" in alone.notices[0]
    (tmp_path / "splits.json").write_text(json.dumps({"train": [], "val": [f"{CAR}/o0"]}))
    listed = open_layout(tmp_path)
    assert listed.notices == ()
    assert [o.key for o in listed.of_split("val")] == [f"{CAR}/o0"]
    with pytest.raises(BadInput, match=r"no objects: splits\.json lists none .* 'train'"):
        listed.of_split("train")
    with pytest.raises(BadInput, match="training split is empty"):
        Batches(listed.splits["train"], 2, seed=0)


@pytest.mark.parametrize("place", ["data", "dataset/data", "data/dataset/data"])
def test_folders_around_the_set(tmp_path, place):
    write_set(tmp_path / place, {CAR: 1})
    assert len(open_layout(tmp_path).objects) == 1


def test_names_of_categories(tmp_path):
    write_set(tmp_path, {CAR: 1, "00000001": 1})
    assert open_layout(tmp_path).categories == {CAR: "car", "00000001": "00000001"}
    names = [{"synsetId": "00000001", "name": "widget,gadget"}]
    (tmp_path / "taxonomy.json").write_text(json.dumps(names))
    assert open_layout(tmp_path).categories == {CAR: "car", "00000001": "widget"}
    (tmp_path / "taxonomy.json").write_text('{"name": 1}')
    refused(tmp_path, "taxonomy.json")


def test_roots_that_hold_no_set(tmp_path):
    refused(tmp_path / "none", "none", "not a folder")
    refused(tmp_path, "ShapeNetV1PointCloud")
    (tmp_path / "ShapeNetV1PointCloud").mkdir()
    refused(tmp_path, "no object")


def test_reference_points_follow_seed_and_name_only(tmp_path):
    first, second = open_layout(write_set(tmp_path, {CAR: 2})).objects
    points = reference_points(first, 100, seed=4)
    assert points.shape == (100, 3)
    assert points.dtype == np.float32
    reference_points(second, 100, seed=4)
    np.testing.assert_array_equal(points, reference_points(first, 100, seed=4))
    assert (points != reference_points(first, 100, seed=5)).any()
    whole = read_points(first.points_path)
    assert {tuple(p) for p in points} <= {tuple(p) for p in whole}


def test_clouds_that_cannot_be_used(tmp_path):
    path = tmp_path / "a.points.ply.npy"
    for content in (
        np.zeros((5, 2)),
        np.zeros(4),
        np.zeros((0, 3)),
        np.full((3, 3), np.nan),
        np.ones((4, 3)),
        np.array([["a"] * 3]),
    ):
        np.save(path, content)
        with pytest.raises(BadInput, match=path.name):
            read_points(path)
    path.write_bytes(b"not numpy")
    with pytest.raises(BadInput, match=path.name):
        read_points(path)
