import errno
import os
import sys

import numpy as np
import pytest
import torch
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.atomic import writing
from prune3d_gui.files.networks.checkpoints import find_network, read_checkpoint, write_tensors

STATE = {"a.weight": torch.arange(12.0).reshape(3, 4), "a.count": torch.tensor(7)}


def read(path):
    """The network that has the layer `a`, and what its file says of itself."""
    found = read_checkpoint(path)
    taken = find_network(found, lambda own: "a.weight" in own)
    return (taken[0] if taken else found.tensors), found.about


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        read(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert message.count(". ") == 0
    for word in words:
        assert word in message


def same(tensors):
    assert tensors.keys() == STATE.keys()
    for name, tensor in STATE.items():
        assert torch.equal(tensors[name], tensor)
        assert tensors[name].dtype == tensor.dtype


def test_safetensors_round_trip(tmp_path):
    path = tmp_path / "net.safetensors"
    write_tensors(path, STATE, {"made": "by hand"})
    tensors, metadata = read(path)
    same(tensors)
    assert metadata == {"made": "by hand"}
    assert list(tmp_path.iterdir()) == [path]


def test_tensors_that_share_or_are_transposed(tmp_path):
    base = torch.arange(6.0).reshape(2, 3)
    write_tensors(tmp_path / "a.safetensors", {"x": base, "y": base.T, "z": base[0]}, {})
    tensors, _ = read(tmp_path / "a.safetensors")
    assert torch.equal(tensors["y"], base.T)
    assert torch.equal(tensors["z"], base[0])


@pytest.mark.parametrize("key", [None, "state_dict", "model", "network"])
@pytest.mark.parametrize("zipped", [True, False])
def test_torch_files(tmp_path, key, zipped):
    path = tmp_path / "net.pth"
    content = STATE if key is None else {key: STATE, "epoch": 12, "optimizer": {"lr": 0.1}}
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    tensors, metadata = read(path)
    same(tensors)
    assert metadata == ({} if key is None else {"epoch": "12"})


def test_content_tells_the_format(tmp_path):
    write_tensors(tmp_path / "net.pth", STATE, {})
    same(read(tmp_path / "net.pth")[0])


def test_missing_folder_and_empty(tmp_path):
    refused(tmp_path / "none.pth", "does not exist")
    write_tensors(tmp_path / "net.pth", STATE, {})
    refused(tmp_path / "net.pth#1", "opened whole", "'#'")
    (tmp_path / "folder.pth").mkdir()
    refused(tmp_path / "folder.pth", "folder")
    (tmp_path / "empty.pth").touch()
    refused(tmp_path / "empty.pth", "empty")


@pytest.mark.parametrize("kind", ["safetensors", "zip", "pickle"])
@pytest.mark.parametrize("kept", [20, 0.3, 0.9])
def test_truncated(tmp_path, kind, kept):
    path = tmp_path / "cut.pth"
    big = {"w": torch.randn(100, 100)}
    if kind == "safetensors":
        write_tensors(path, big, {})
    else:
        torch.save(big, path, _use_new_zipfile_serialization=kind == "zip")
    content = path.read_bytes()
    path.write_bytes(content[: kept if kept > 1 else int(kept * len(content))])
    refused(path, "cut short")


def test_foreign_files(tmp_path):
    picture = tmp_path / "picture.pth"
    Image.new("RGB", (8, 8)).save(picture, "png")
    refused(picture, "not a checkpoint")
    text = tmp_path / "text.safetensors"
    text.write_text("version https://git-lfs.github.com/spec/v1")
    refused(text, "not a checkpoint")
    torch.save(torch.zeros(3), tmp_path / "tensor.pt")
    refused(tmp_path / "tensor.pt", "Tensor", "state_dict")
    torch.save({"epoch": 3}, tmp_path / "none.pt")
    refused(tmp_path / "none.pt", "no weights")


class Harmful:
    def __reduce__(self):
        return os.mkdir, ("harm",)


@pytest.mark.parametrize("zipped", [True, False])
def test_code_is_never_run(tmp_path, zipped, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name, content in {"harm.pth": Harmful(), "module.pth": torch.nn.Linear(2, 2)}.items():
        path = tmp_path / name
        torch.save({"state_dict": content}, path, _use_new_zipfile_serialization=zipped)
        refused(path, "run code", "state_dict()")
    assert not (tmp_path / "harm").exists()


@pytest.mark.parametrize("bad", [float("nan"), float("inf")])
def test_weights_that_are_not_numbers(tmp_path, bad):
    weights = torch.ones(5)
    weights[2] = bad
    path = tmp_path / "nan.safetensors"
    write_tensors(path, STATE | {"layer.3.weight": weights}, {})
    refused(path, "layer.3.weight")


def test_failed_write_keeps_what_was_there(tmp_path):
    path = tmp_path / "kept.bin"
    path.write_bytes(b"before")

    def fail(error):
        with writing(path) as temporary:
            temporary.write_bytes(b"half")
            raise error

    with pytest.raises(KeyError):
        fail(KeyError("own"))
    with pytest.raises(BadInput, match=r"kept\.bin.*no space"):
        fail(OSError(errno.ENOSPC, "No space left on device"))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_places_that_cannot_be_written(tmp_path):
    with pytest.raises(BadInput, match="folder does not exist"):
        write_tensors(tmp_path / "no" / "net.safetensors", STATE, {})
    with pytest.raises(BadInput, match="is a folder"):
        write_tensors(tmp_path, STATE, {})
    (tmp_path / "file").touch()
    with pytest.raises(BadInput, match="could not be written"):
        write_tensors(tmp_path / "file" / "net.safetensors", STATE, {})


@pytest.mark.skipif(sys.platform == "win32", reason="no file size limits on Windows")
def test_file_size_limit(tmp_path):
    import resource

    path = tmp_path / "net.safetensors"
    path.write_bytes(b"before")
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1000, hard))
    try:
        with pytest.raises(BadInput, match=r"net\.safetensors.*no space"):
            write_tensors(path, {"w": torch.zeros(10_000)}, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert path.read_bytes() == b"before"
    assert list(tmp_path.iterdir()) == [path]


def test_a_header_as_long_as_a_pickle_begins_is_no_pickle(tmp_path):
    path = tmp_path / "net.safetensors"
    for length in range(0, 300, 4):
        write_tensors(path, STATE, {"note": "x" * length})
        if path.read_bytes()[:1] == b"\x80":
            break
    assert path.read_bytes()[:1] == b"\x80"
    same(read(path)[0])
    assert read(path)[1] == {"note": "x" * length}


def test_lists_of_torchs_own_are_what_they_hold(tmp_path):
    path = tmp_path / "lists.pth"
    weights = torch.nn.ParameterList([torch.ones(2, 3), torch.zeros(1, 2)])
    acts = torch.nn.ModuleList([torch.nn.ReLU(), torch.nn.Identity()])
    torch.save({"weights": weights, "acts": acts, "epoch": 3}, path)
    found = read_checkpoint(path)
    assert list(found.tensors) == ["weights.0", "weights.1"]
    assert torch.equal(found.tensors["weights.0"], torch.ones(2, 3))
    assert found.about == {"epoch": "3"}
    assert found.classes == {
        "acts.0": "torch.nn.modules.activation.ReLU",
        "acts.1": "torch.nn.modules.linear.Identity",
    }
    assert found.notices == ()


def test_only_some_formats_keep_the_order_of_names(tmp_path):
    state = {"b": torch.ones(1), "a": torch.ones(1)}
    torch.save(state, tmp_path / "net.pth")
    np.savez(tmp_path / "net.npz", **{key: own.numpy() for key, own in state.items()})
    write_tensors(tmp_path / "net.safetensors", state, {})
    for ending, ordered in (("pth", True), ("npz", True), ("safetensors", False)):
        found = read_checkpoint(tmp_path / f"net.{ending}")
        assert (list(found.tensors) == ["b", "a"], found.ordered) == (ordered, ordered)
