"""AtlasNet knows its networks, pictures and sets by what is in them."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import safetensors.torch
import torch
from PIL import Image

from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.pgn.bundled import WEIGHTS
from prune3d_gui.plugins.pgn.system import PgnSystem

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"
RGB = np.random.default_rng(0).integers(0, 255, (40, 50, 3), np.uint8)


@pytest.fixture(scope="module")
def weights():
    with as_file(files("prune3d_gui.resources").joinpath(WEIGHTS)) as path:
        yield path


def kind(path):
    taken = PgnSystem().recognise(Path(path))
    return taken and (taken.kind, taken.sure)


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not in the shared data here")
    return path


def test_a_network_is_known_whatever_its_name_and_wrapping(weights, tmp_path):
    assert kind(weights) == ("network", True)
    state = safetensors.torch.load_file(weights)
    wrapped = {"state_dict": {f"module.net.{key}": own for key, own in state.items()}}
    torch.save(wrapped, tmp_path / "photo.jpg")
    assert kind(tmp_path / "photo.jpg") == ("network", True)


def test_one_with_values_that_are_no_numbers_is_still_one(weights, tmp_path):
    state = safetensors.torch.load_file(weights)
    state["encoder.fc.bias"] = torch.full_like(state["encoder.fc.bias"], torch.nan)
    safetensors.torch.save_file(state, tmp_path / "nan.safetensors")
    assert kind(tmp_path / "nan.safetensors") == ("network", True)


def test_other_networks_are_not(tmp_path):
    torch.save({"layers.0.weight": torch.ones(4, 3)}, tmp_path / "other.pth")
    (tmp_path / "cut.safetensors").write_bytes(b"\xff\0\0\0\0\0\0\0{cut")
    (tmp_path / "empty.pth").touch()
    for name in ("other.pth", "cut.safetensors", "empty.pth"):
        assert kind(tmp_path / name) is None


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "GIF"])
def test_pictures_are_samples(tmp_path, form):
    Image.fromarray(RGB).save(tmp_path / "any.bin", form)
    assert kind(tmp_path / "any.bin") == ("sample", True)


def test_pictures_of_values_may_be_something_else(tmp_path):
    depth = Image.fromarray(np.arange(2000, dtype=np.uint16).reshape(40, 50))
    for name in ("depth.png", "stack.tif"):
        depth.save(tmp_path / name)
        assert kind(tmp_path / name) == ("sample", False)
    (tmp_path / "notes.png").write_text("no picture")
    assert kind(tmp_path / "notes.png") is None


def test_a_folder_is_a_set_or_nothing(tmp_path):
    (tmp_path / "run").mkdir()
    assert kind(tmp_path / "run") is None


def test_the_shared_files_are_what_they_are():
    assert kind(shared("pgn/plane_input_demo.png")) == ("sample", True)
    assert kind(shared("volumes/example_ct_sm.nii.gz")) is None
    assert kind(shared("vortx/redkitchen")) is None
    assert kind(shared("lp3dgs/biker.compressed.ply")) is None


def test_a_set_is_opened_at_one_of_its_objects():
    folder = shared("pgn/atlasnet_layout")
    assert kind(folder) == ("sample", True)
    model = PgnSystem().open(ModelRef("pgn", "", device="cpu"))
    sample = model.open_sample(folder)
    assert sample.reference
    assert sample.thumbnail.shape == (224, 224, 4)
    assert "is one of 1 objects in" in sample.notices[0]
    assert sample.id in {one.id for one in model.samples()}
    model.close()
