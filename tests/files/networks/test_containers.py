"""What lies around the weights in the files of other people's training code."""

import argparse
import bz2
import collections
import gzip
import io
import pathlib
import tarfile
import warnings
import zipfile

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks import containers
from prune3d_gui.files.networks.checkpoints import find_network, read_checkpoint

torch.manual_seed(0)
STATE = {"a.weight": torch.randn(4, 3), "a.bias": torch.randn(4), "b.weight": torch.randn(1, 4)}
OTHER = {key: tensor * 0 for key, tensor in STATE.items()}
CODE = torch.nn.Sequential(torch.nn.Linear(3, 3), torch.nn.ReLU())


class Options(dict):
    """A dictionary of its own kind, as Lightning and EasyDict have."""


def begun(begin, state=STATE):
    return {begin + key: tensor for key, tensor in state.items()}


def network(path):
    found = read_checkpoint(path)
    taken = find_network(found, lambda own: own.keys() >= {"a.weight", "b.weight"})
    assert taken is not None, list(found.tensors)
    return *taken, found


def same(tensors, state=STATE):
    assert tensors.keys() == state.keys()
    assert all(torch.equal(tensors[key], state[key]) for key in state)


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        read_checkpoint(path)
    message = str(caught.value)
    assert path.name in message
    assert message.endswith(".")
    assert "\n" not in message
    for word in words:
        assert word in message


def rows(tensor):
    """A matrix in compressed rows; torch warns once that they are new."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return tensor.to_sparse_csr() if tensor.dim() == 2 else tensor


def sparse(indices, shape):
    """One value at a place that may lie outside of the shape."""
    return torch.sparse_coo_tensor(
        torch.tensor(indices), torch.ones(1), shape, check_invariants=False
    )


WRAPPED = {
    "compiled": begun("_orig_mod."),
    "compiled in part": {k.replace("a.", "a._orig_mod."): v for k, v in STATE.items()},
    "parallel and compiled": begun("module._orig_mod."),
    "lightning": {"state_dict": begun("model."), "epoch": 3, "hyper_parameters": {"lr": 1e-3},
                  "optimizer_states": [{"state": {0: {"exp_avg": torch.ones(4, 3)}}}]},
    "deep": {"checkpoint": {"network": begun("net.core.")}, "step": 5},
    "a part parallel": {k.replace("a.", "a.module."): v for k, v in STATE.items()},
    "averaged by torch": {"n_averaged": torch.tensor(7)} | begun("module."),
    "counted": STATE | {"total_ops": torch.zeros(1), "a.total_params": torch.zeros(1)},
    "NumPy beside": {"model": STATE, "best": np.float64(0.5), "seen": np.arange(3),
                     "t": np.str_("x")},
    "options beside": {"model": STATE, "opt": argparse.Namespace(lr=1e-3, data=pathlib.Path("x"))},
    "kinds of dictionaries": {"model": collections.OrderedDict(STATE), "cfg": Options(width=3),
                              "losses": collections.defaultdict(list, {"l1": [1.0]})},
    "parameters": {k: torch.nn.Parameter(v) for k, v in STATE.items()},
    "arrays": {k: v.numpy() for k, v in STATE.items()},
    "big-endian arrays": {k: v.numpy().astype(">f4") for k, v in STATE.items()},
    "doubles": {k: v.double() for k, v in STATE.items()},
    "sparse": {k: v.to_sparse() for k, v in STATE.items()},
    "compressed rows": {k: rows(v) for k, v in STATE.items()},
    "strides": {k: v.t().clone().t() if v.dim() == 2 else v for k, v in STATE.items()},
}  # fmt: skip


@pytest.mark.parametrize("legacy", [False, True])
@pytest.mark.parametrize("kind", WRAPPED)
def test_what_wraps_a_network_is_taken_off(tmp_path, kind, legacy):
    path = tmp_path / "net.pth"
    torch.save(WRAPPED[kind], path, _use_new_zipfile_serialization=not legacy)
    tensors, notices, found = network(path)
    same(tensors)
    assert all(tensor.is_contiguous() for tensor in tensors.values())
    assert notices == ()
    if kind == "options beside":
        assert found.facts["opt.lr"] == 1e-3
    if kind == "lightning":
        assert found.facts["hyper_parameters.lr"] == 1e-3
    if kind == "kinds of dictionaries":
        assert found.facts["cfg.width"] == 3
    if kind == "NumPy beside":
        assert (found.facts["best"], found.facts["t"]) == (0.5, "x")


@pytest.mark.parametrize(
    ("content", "taken", "other"),
    [
        ({"model": OTHER, "model_ema": STATE}, "model_ema", "model"),
        (begun("online_model.", OTHER) | begun("ema_model."), "ema_model", "online_model"),
        ({"discriminator": OTHER, "model": STATE}, "model", "discriminator"),
    ],
)
def test_of_several_networks_it_is_said_which_was_taken(tmp_path, content, taken, other):
    path = tmp_path / "net.pth"
    torch.save(content, path)
    tensors, notices, found = network(path)
    same(tensors)
    assert len(notices) == 1
    assert f"'{taken}'" in notices[0]
    assert f"'{other}' left out" in notices[0]
    fits = lambda own: "a.weight" in own  # noqa: E731
    same(find_network(found, fits, other)[0], OTHER)
    with pytest.raises(BadInput, match=f"no network under 'teacher'.*{taken}"):
        find_network(found, fits, "teacher")


def test_equal_copies_need_no_words(tmp_path):
    torch.save({"model": STATE, "model_ema": dict(STATE)}, tmp_path / "net.pth")
    assert network(tmp_path / "net.pth")[1] == ()


def test_objects_left_unread_are_named(tmp_path):
    path = tmp_path / "net.pth"
    torch.save({"model": STATE, "loss": torch.nn.MSELoss()}, path)
    tensors, _, found = network(path)
    same(tensors)
    assert any("torch.nn.modules.loss.MSELoss" in notice for notice in found.notices)


def test_low_precision_becomes_float32(tmp_path):
    for kind in (torch.float16, torch.bfloat16, torch.float8_e5m2, torch.float8_e4m3fn):
        path = tmp_path / "net.safetensors"
        low = {key: tensor.to(kind) for key, tensor in STATE.items()}
        save_file(low, path)
        same(network(path)[0], {key: tensor.float() for key, tensor in low.items()})


def test_arrays_and_archives(tmp_path):
    np.savez(tmp_path / "net.npz", **{k: v.numpy() for k, v in STATE.items()})
    same(network(tmp_path / "net.npz")[0])
    torch.save(STATE, tmp_path / "inner.pth")
    save_file(STATE, tmp_path / "inner.safetensors")
    for inner in ("inner.pth", "inner.safetensors"):
        for name in ("released.zip", "released.pth"):
            with zipfile.ZipFile(tmp_path / name, "w", zipfile.ZIP_DEFLATED) as archive:
                archive.writestr("README", "hello")
                archive.write(tmp_path / inner, f"network/{inner}")
            tensors, _, found = network(tmp_path / name)
            same(tensors)
            assert any(f"network/{inner}" in notice for notice in found.notices)
    with zipfile.ZipFile(tmp_path / "released.zip", "a") as archive:
        archive.write(tmp_path / "inner.pth", "other.pth")
    refused(tmp_path / "released.zip", "2 networks", "other.pth", "unpack")
    with zipfile.ZipFile(tmp_path / "outer.zip", "w") as archive:
        archive.write(tmp_path / "released.zip", "again.pth")
    refused(tmp_path / "outer.zip", "archive in an archive")
    with zipfile.ZipFile(tmp_path / "pictures.zip", "w") as archive:
        archive.writestr("a.png", "x")
    refused(tmp_path / "pictures.zip", "no network", "a.png")


def test_programs_are_named(tmp_path):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # TorchScript is deprecated, its files are around
        torch.jit.script(CODE).save(str(tmp_path / "net.pt"))
    refused(tmp_path / "net.pt", "TorchScript", "state_dict()")
    program = torch.export.export(CODE, (torch.zeros(1, 3),))
    torch.export.save(program, tmp_path / "net.pt2")
    refused(tmp_path / "net.pt2", "exported torch program", "state_dict()")
    torch.save(CODE, tmp_path / "whole.pth")
    refused(tmp_path / "whole.pth", "torch.nn.modules.container.Sequential", "state_dict()")


@pytest.mark.parametrize(
    ("content", "word"),
    [
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n", "Git LFS"),
        (b"<!DOCTYPE html><html></html>", "web page"),
        (b"\xef\xbb\xbf <?xml version='1.0'?>", "markup"),
        (gzip.compress(b"x" * 99, mtime=0), "gzip"),
        (bz2.compress(b"x" * 99), "bzip2"),
        (b"\x89HDF\r\n\x1a\n" + bytes(99), "HDF5"),
        (b"\x08\x07\x12\x07pytorch" + bytes(99), "not a checkpoint"),
        (b"\x80\x02K\x01.", "damaged"),
        (b"\x80\x04\x95\x05\x00\x00\x00\x00\x00\x00\x00K\x01.", "another kind"),
    ],
)
def test_what_is_no_checkpoint_is_said_to_be_what_it_is(tmp_path, content, word):
    path = tmp_path / "net.pth"
    path.write_bytes(content)
    refused(path, word)


def test_a_tar_archive_is_named(tmp_path):
    path = tmp_path / "net.pth"
    torch.save(STATE, tmp_path / "inner.pth")
    with tarfile.open(path, "w") as archive:
        archive.add(tmp_path / "inner.pth", "inner.pth")
    refused(path, "tar archive")


class Harmful:
    def __init__(self, call, *args):
        self.call, self.args = call, args

    def __reduce__(self):
        return self.call, self.args


@pytest.mark.parametrize("legacy", [False, True])
def test_nothing_that_a_file_names_is_called(tmp_path, legacy, monkeypatch):
    import subprocess

    monkeypatch.chdir(tmp_path)
    write = "open('harm', 'w')"
    for harm, name in (
        (Harmful(eval, write), "builtins.eval"),
        (Harmful(exec, write), "builtins.exec"),
        (Harmful(open, "harm", "w"), "io.open"),
        (Harmful(subprocess.Popen, ["touch", "harm"]), "Popen"),
        (Harmful(pathlib.Path.touch, pathlib.Path("harm")), "builtins.getattr"),
        (Harmful(np.savetxt, "harm", [1.0]), ""),
    ):
        path = tmp_path / "net.pth"
        torch.save({"model": STATE, "x": harm}, path, _use_new_zipfile_serialization=not legacy)
        if name:
            refused(path, name, "run code")
        else:
            same(network(path)[0])
        assert not (tmp_path / "harm").exists()


def test_promises_are_held_against_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(containers, "MOST_BYTES", 1 << 20)
    monkeypatch.setattr("prune3d_gui.files.networks.checkpoints.MOST_BYTES", 1 << 20)
    path = tmp_path / "net.pth"
    huge = sparse([[0], [0]], (9**6, 9**6))
    for tensor in (huge, torch.zeros(1).expand(10**6)):
        torch.save(STATE | {"a.weight": tensor}, path)
        refused(path, "a.weight", "GiB")
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("net/data.pkl", bytes(2 << 20))
    refused(path, "unpacks to more")
    stream = io.BytesIO()
    np.lib.format.write_array_header_1_0(
        stream, {"descr": "<f4", "fortran_order": False, "shape": (10**12, 10**12)}
    )
    with zipfile.ZipFile(tmp_path / "net.npz", "w") as archive:
        archive.writestr("a.weight.npy", stream.getvalue() + bytes(100))
    refused(tmp_path / "net.npz", "damaged")


def test_a_sparse_tensor_with_places_outside_of_it_is_damaged(tmp_path):
    for place in ([[7], [0]], [[-1], [0]], [[0], [10**9]]):
        torch.save(STATE | {"a.weight": sparse(place, (4, 3))}, tmp_path / "net.pth")
        refused(tmp_path / "net.pth", "damaged")


def test_references_do_not_multiply(tmp_path):
    nested = [1.0]
    for _ in range(60):
        nested = [nested, nested]
    torch.save({"model": STATE, "x": nested}, tmp_path / "net.pth")
    refused(tmp_path / "net.pth", "more than 200,000 entries")


def test_types_that_are_no_weights(tmp_path):
    with np.errstate(all="ignore"), pytest.warns(UserWarning, match="[Qq]uantize"):
        quantised = torch.quantize_per_tensor(STATE["a.weight"], 0.1, 0, torch.qint8)
    for tensor, word in (
        (quantised, "quantised"),
        (STATE["a.weight"].to(torch.complex64), "complex"),
        (np.array([["x"]], object), None),
    ):
        torch.save(STATE | {"a.weight": tensor}, tmp_path / "net.pth")
        if word:
            refused(tmp_path / "net.pth", "a.weight", word)
        else:
            found = read_checkpoint(tmp_path / "net.pth")
            assert "a.weight" not in found.tensors
            assert any("numpy" in notice for notice in found.notices)
