"""The files of the procedural set, their layout and their determinism."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.pgn.data import generate as module
from prune3d_gui.plugins.pgn.data.designs import CATEGORIES
from prune3d_gui.plugins.pgn.data.generate import generate, splits

SMALL = tuple(
    dataclasses.replace(category, designs=(category.designs[0], category.designs[-1]))
    for category in CATEGORIES[5:7]
)


@pytest.fixture
def few(monkeypatch):
    monkeypatch.setattr(module, "CATEGORIES", SMALL)
    monkeypatch.setattr(module, "POINTS", 2000)


def contents(root: Path) -> dict[str, bytes]:
    return {
        path.relative_to(root).as_posix(): path.read_bytes()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


def test_the_layout_is_atlasnets_own(few, tmp_path):
    told = []
    generate(
        tmp_path,
        objects_per_design=1,
        views=3,
        workers=1,
        progress=lambda done, total, name: told.append((done, total, name)),
    )
    assert [done for done, _, _ in told] == [1, 2, 3, 4]
    assert {total for _, total, _ in told} == {4}
    taxonomy = json.loads((tmp_path / "taxonomy.json").read_text())
    assert taxonomy == [{"synsetId": c.synset, "name": c.name} for c in SMALL]
    division = json.loads((tmp_path / "splits.json").read_text())
    assert division["recipe"]["seed"] == 0
    assert division["recipe"]["objects_per_design"] == 1
    entries = division["train"] + division["val"] + division["heldout"]
    assert sorted(entries) == sorted(name for _, _, name in told)
    for entry in entries:
        synset, name = entry.split("/")
        points = np.load(tmp_path / "ShapeNetV1PointCloud" / synset / f"{name}.points.ply.npy")
        assert points.shape == (2000, 3)
        assert points.dtype == np.float32
        assert np.isfinite(points).all()
        folder = tmp_path / "ShapeNetV1Renderings" / synset / name / "rendering"
        assert sorted(path.name for path in folder.iterdir()) == [
            "00.png",
            "01.png",
            "02.png",
            "rendering_metadata.txt",
        ]
        for line in (folder / "rendering_metadata.txt").read_text().splitlines():
            azimuth, elevation, in_plane, distance, fov = map(float, line.split())
            assert 0 <= azimuth <= 360
            assert 25 <= elevation <= 30
            assert (in_plane, fov) == (0, 25)
            assert distance > 4.6
        with Image.open(folder / "00.png") as image:
            assert image.size == (137, 137)
            assert image.mode == "RGBA"
            pixels = np.asarray(image)
        assert not pixels[[0, 0, -1, -1], [0, -1, 0, -1]].any()
        assert pixels[..., 3].max() == 255
    assert not [path for path in tmp_path.rglob("*") if path.name.endswith(".part")]


def test_the_same_seed_gives_the_same_bytes_whatever_was_there_before(few, monkeypatch, tmp_path):
    monkeypatch.setattr(module, "CATEGORIES", SMALL[:1])
    generate(tmp_path / "a", objects_per_design=2, views=1, seed=4, workers=1)
    generate(tmp_path / "b", objects_per_design=1, views=1, seed=4, workers=1)
    generate(tmp_path / "b", objects_per_design=2, views=1, seed=4, workers=1)
    generate(tmp_path / "c", objects_per_design=2, views=1, seed=5, workers=1)
    first, resumed, other = (contents(tmp_path / name) for name in "abc")
    assert first == resumed
    assert first.keys() == other.keys()
    clouds = [name for name in first if name.endswith(".npy")]
    assert all(first[name] != other[name] for name in clouds)


def test_processes_do_not_change_or_lose_an_object(tmp_path):
    # Five tasks are more than the two workers are handed at first.
    for workers in (1, 2):
        tasks = [
            module._Task(
                tmp_path / str(workers), 1, category.synset, category.designs[0].name, index, 1
            )
            for index in range(5)
            for category in SMALL[:1]
        ]
        for task in tasks:
            task.folder.parent.mkdir(parents=True, exist_ok=True)
            task.cloud.parent.mkdir(parents=True, exist_ok=True)
        made = list(module._run(tasks, workers, lambda: False))
        assert sorted(task.name for task in made) == sorted(task.name for task in tasks)
    assert contents(tmp_path / "1") == contents(tmp_path / "2")
    assert len(contents(tmp_path / "1")) == 5 * 3


def test_complete_objects_are_kept_and_broken_ones_made_again(few, tmp_path):
    generate(tmp_path, objects_per_design=1, views=1, workers=1)
    before = contents(tmp_path)
    clouds = sorted(tmp_path.rglob("*.npy"))
    clouds[0].unlink()
    told = []
    generate(
        tmp_path,
        objects_per_design=1,
        views=1,
        workers=1,
        progress=lambda done, total, name: told.append((done, total)),
    )
    assert told == [(4, 4)]
    assert contents(tmp_path) == before


def test_cancelling_keeps_what_is_done(few, tmp_path):
    told = []
    with pytest.raises(Cancelled):
        generate(
            tmp_path,
            objects_per_design=1,
            views=1,
            workers=1,
            progress=lambda *words: told.append(words),
            cancelled=lambda: len(told) == 1,
        )
    assert len(list(tmp_path.rglob("*.npy"))) == 1
    assert not (tmp_path / "splits.json").exists()


def test_the_split_is_eighty_twenty_by_object_and_keeps_held_out_designs_apart():
    division = splits(20, 0)
    assert division == splits(20, 0)
    assert division["train"] != splits(20, 1)["train"]
    train, val, heldout = (set(division[name]) for name in ("train", "val", "heldout"))
    assert not train & val
    assert not (train | val) & heldout
    for category in CATEGORIES:
        seen = 20 * (len(category.designs) - 1)
        mine = [
            {entry for entry in part if entry.startswith(category.synset)}
            for part in (train, val, heldout)
        ]
        assert [len(part) for part in mine] == [int(0.8 * seen), seen - int(0.8 * seen), 20]
        held = next(design.name for design in category.designs if design.held_out)
        assert all(entry.split("/")[1].startswith(f"{held}-0") for entry in mine[2])
        assert not any(entry.split("/")[1].startswith(f"{held}-0") for entry in mine[0] | mine[1])


@pytest.mark.parametrize(
    ("words", "quoted"),
    [
        ({"objects_per_design": 0}, "0"),
        ({"seed": -1}, "-1"),
        ({"views": 1.5}, "1.5"),
        ({"workers": "two"}, "'two'"),
    ],
)
def test_bad_numbers_are_refused_by_name(tmp_path, words, quoted):
    with pytest.raises(BadInput, match=f"is {quoted}; give a whole number"):
        generate(tmp_path, **words)


def test_a_root_that_is_a_file_is_refused(tmp_path):
    path = tmp_path / "file"
    path.write_text("x")
    with pytest.raises(BadInput, match="choose another folder"):
        generate(path, workers=1)


def test_a_folder_of_another_recipe_is_refused(few, tmp_path):
    generate(tmp_path, objects_per_design=1, views=1, workers=1)
    with pytest.raises(BadInput, match="another recipe"):
        generate(tmp_path, objects_per_design=1, views=1, seed=1, workers=1)
