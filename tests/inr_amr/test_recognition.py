"""Fields and what they can be compared with are known by their content."""

from importlib.resources import as_file, files
from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.plugins.inr_amr.system import FieldSystem

SHARED = Path(__file__).parents[2] / ".." / "shared" / "data"


def kind(path):
    taken = FieldSystem().recognise(Path(path))
    return taken and (taken.kind, taken.sure)


def shared(name):
    path = SHARED / name
    if not path.exists():
        pytest.skip(f"{name} is not in the shared data here")
    return path


def perceptron(*widths):
    shapes = zip(widths[1:], widths[:-1], strict=True)
    made = torch.Generator().manual_seed(0)
    return {
        f"net.{2 * place}.{name}": torch.randn(size, generator=made)
        for place, (rows, columns) in enumerate(shapes)
        for name, size in (("weight", (rows, columns)), ("bias", (rows,)))
    }


def test_fields_are_known_whatever_their_name(tmp_path):
    torch.save(perceptron(3, 16, 16, 1), tmp_path / "photo.png")
    assert kind(tmp_path / "photo.png") == ("network", True)
    with as_file(files("prune3d_gui.resources").joinpath("weights")) as folder:
        found = {path.name: kind(path) for path in folder.glob("inr_amr_*.safetensors")}
    assert found
    assert set(found.values()) == {("network", True)}


def test_a_perceptron_within_a_larger_network_is_a_guess(tmp_path):
    large = {f"trunk.{name}": torch.ones(64, 32, 3, 3) for name in ("a", "b")}
    head = {f"head.{name}": own for name, own in perceptron(3, 16, 16, 1).items()}
    torch.save(large | head, tmp_path / "large.pth")
    assert kind(tmp_path / "large.pth") in (None, ("network", False))


def test_values_on_a_grid_are_references(tmp_path):
    values = np.random.default_rng(0).random((6, 7, 8), np.float32)
    np.save(tmp_path / "volume.npy", values)
    np.save(tmp_path / "table.npy", values[0])
    np.savez(tmp_path / "arrays.npz", values=values)
    Image.fromarray((255 * values[0]).astype(np.uint8)).save(tmp_path / "picture.png")
    (tmp_path / "head.nrrd").write_bytes(b"NRRD0004\ntype: float\n")
    found = {path.name: kind(path) for path in tmp_path.iterdir()}
    assert found == {
        "volume.npy": ("reference", True),
        "table.npy": ("reference", False),
        "arrays.npz": ("reference", False),
        "picture.png": ("reference", False),
        "head.nrrd": ("reference", True),
    }


def test_what_is_neither_is_nothing_and_raises_nothing(tmp_path):
    torch.save({"conv.weight": torch.ones(4, 3, 3, 3)}, tmp_path / "other.pth")
    (tmp_path / "empty.npy").touch()
    (tmp_path / "cut.npy").write_bytes(b"\x93NUMPY\x01\0\xff\xffcut")
    (tmp_path / "cut.npz").write_bytes(b"PK\x03\x04cut")
    (tmp_path / "notes.txt").write_text("notes")
    (tmp_path / "folder").mkdir()
    assert {kind(path) for path in tmp_path.iterdir()} == {None}


def test_the_shared_files_are_what_they_are():
    assert kind(shared("inr_amr/high_oscillation_small_dict.ckpt")) == ("network", True)
    assert kind(shared("inr_amr/high_oscillation_small_lists.ckpt")) == ("network", True)
    assert kind(shared("volumes/example_ct_sm.nii.gz")) == ("reference", True)
    assert kind(shared("pgn/plane_input_demo.png")) == ("reference", False)
    assert kind(shared("lp3dgs/biker.spz")) is None
