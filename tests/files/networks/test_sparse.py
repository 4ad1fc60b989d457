import json
import re
import struct
from pathlib import Path

import numpy as np
import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY
from prune3d_gui.files.networks.checkpoints import read_checkpoint, write_tensors
from prune3d_gui.files.networks.sparse import mask_bytes, read_sparse, sparse_bytes, write_sparse

PAGE = Path(__file__).parents[3] / "docs" / "sparse.md"


def pruned(share, shape=(37, 29), seed=0):
    generator = torch.Generator().manual_seed(seed)
    values = torch.randn(shape, generator=generator)
    values[torch.rand(shape, generator=generator) < share] = 0.0
    return values


def state(share=0.5):
    return {
        "a.weight": pruned(share),
        "a.bias": torch.arange(37.0) / 7,
        "b.weight": pruned(share, (5, 3, 3, 3), 1),
        "empty": torch.zeros(300),
        "count": torch.tensor(7),
    }


def header_bytes(path):
    with open(path, "rb") as file:
        return 8 + struct.unpack("<Q", file.read(8))[0]


@pytest.mark.parametrize("share", [0.0, 0.02, 0.5, 1.0])
def test_what_comes_back_is_bit_for_bit_what_was_written(tmp_path, share):
    path = tmp_path / "net.sparse.safetensors"
    tensors = state(share)
    tensors["a.weight"][0, 0] = -0.0
    size = write_sparse(path, tensors, {"made": "by hand"})
    assert size == path.stat().st_size
    opened = read_checkpoint(path)
    for found, metadata in (read_sparse(path), (opened.tensors, opened.facts)):
        assert metadata == {"made": "by hand"}
        assert found.keys() == tensors.keys()
        for name, tensor in tensors.items():
            assert found[name].dtype == tensor.dtype
            assert found[name].shape == tensor.shape
            assert found[name].numpy().tobytes() == tensor.numpy().tobytes()


@pytest.mark.parametrize("share", [0.0, 0.02, 0.3, 0.97])
def test_the_size_is_the_arithmetic(tmp_path, share):
    path = tmp_path / "net.safetensors"
    tensors = {name: tensor for name, tensor in state(share).items() if name != "count"}
    write_sparse(path, tensors, {})
    counts = [(tensor.numel(), int((tensor != 0).sum())) for tensor in tensors.values()]
    assert path.stat().st_size - header_bytes(path) == sparse_bytes(counts)
    assert mask_bytes(9, 2) == 2 + 8
    assert sparse_bytes([(1000, 1000)]) == 4000
    assert sparse_bytes([(1000, 100)], 2) == 125 + 200


def test_halves_keep_what_float16_can_hold(tmp_path):
    path = tmp_path / "net.safetensors"
    tensors = state() | {"large": pruned(0.5) * 1e6}
    write_sparse(path, tensors, {}, torch.float16)
    found, _ = read_sparse(path)
    assert torch.equal(found["a.weight"], tensors["a.weight"].half())
    assert found["a.bias"].dtype == found["large"].dtype == torch.float32
    assert torch.equal(found["a.bias"], tensors["a.bias"])
    assert torch.equal(found["large"], tensors["large"])


def test_damaged_and_foreign_files_are_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    stored = {"w::mask": torch.tensor([255], dtype=torch.uint8), "w::values": torch.ones(7)}
    about = {"sparse_format": "1", "sparse_shapes": json.dumps({"w": [8]})}
    for tensors, metadata in (
        (stored, about),
        ({"w::mask": stored["w::mask"]}, about),
        (stored, about | {"sparse_shapes": "{"}),
        (stored, about | {"sparse_shapes": json.dumps({"w": [80]})}),
        (stored, about | {"sparse_shapes": json.dumps({"w": [10**6, 10**6, 10**6]})}),
        (stored, {"sparse_format": "1"}),
    ):
        write_tensors(path, tensors, metadata)
        with pytest.raises(BadInput, match=r"'net.safetensors' is damaged"):
            read_checkpoint(path)
    write_tensors(path, stored, about | {"sparse_format": "2"})
    with pytest.raises(BadInput, match="version '2'"):
        read_checkpoint(path)
    write_tensors(path, stored, {})
    with pytest.raises(BadInput, match="no compact sparse file"):
        read_sparse(path)


def test_the_reader_of_the_page_reads_a_file(tmp_path):
    code = re.search(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)[1]
    body = code[code.index("def ") :].strip().splitlines()
    assert len(body) <= 20
    space = {}
    exec(code, space)
    for share, dtype in ((0.5, torch.float32), (0.01, torch.float32), (0.9, torch.float16)):
        path = tmp_path / "net.safetensors"
        moment = {"plan": {"values": {"rate": 45.0}}}
        write_sparse(path, state(share), {KEY: json.dumps(moment)}, dtype)
        arrays, told = space["read_sparse"](path)
        ours, _ = read_sparse(path)
        assert told == moment
        assert arrays.keys() == ours.keys()
        for name, array in arrays.items():
            assert np.array_equal(array, ours[name].numpy())
            assert array.dtype == ours[name].numpy().dtype
