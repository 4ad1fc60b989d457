"""Files of networks: what is written is opened, whole, halved or with branches gone."""

import json

import numpy as np
import pytest
import safetensors.torch
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.psp_seg.network.checkpoint import (
    load_network,
    save_network,
    weights_hash,
)
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.network.removal import removed
from tests.psp_seg.network.test_network import TINY, TINY_HALF, image, network

NAMES = ("background", "one", "two")


def saved(path, made, **more):
    save_network(path, made, NAMES, 4.5, Window(), {"note": "test"}, **more)
    return path


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
def test_a_network_comes_back_as_it_was(tmp_path, size):
    made = network(size)
    opened, info = load_network(saved(tmp_path / "net.safetensors", made))
    assert torch.equal(opened(image()), made(image()))
    assert opened.size == size
    assert (info.classes, info.spacing, info.window) == (NAMES, 4.5, Window())
    assert info.hash == weights_hash(made)
    assert info.metadata["note"] == "test"
    assert info.notices == ()


def test_branches_that_are_gone_are_gone_from_the_file(tmp_path):
    made = network()
    whole = saved(tmp_path / "whole.safetensors", made).stat().st_size
    made.mask(frozenset(made.units[::2]))
    path = saved(tmp_path / "half.safetensors", removed(made))
    opened, _ = load_network(path)
    assert torch.equal(opened(image()), made(image()))
    assert opened.units == made.units[1::2]
    gone = sum(made.parameters_of(unit) for unit in made.units[::2])
    assert whole - path.stat().st_size >= 4 * gone
    small = saved(tmp_path / "fp16.safetensors", removed(made), half=True)
    halved, _ = load_network(small)
    torch.testing.assert_close(halved(image()), made(image()), atol=0.02, rtol=0.02)


def test_a_file_that_says_nothing_is_told_from_its_shapes(tmp_path):
    made = network(TINY)
    path = tmp_path / "bare.safetensors"
    safetensors.torch.save_file(made.state_dict(), path)
    opened, info = load_network(path)
    assert torch.equal(opened(image()), made(image()))
    assert "-160 to 240 and 4.5 mm are taken" in " ".join(info.notices)
    assert "class 1, class 2 are taken" in " ".join(info.notices)


def test_what_is_no_such_network_is_refused_for_its_reason(tmp_path):
    made = network()
    path = tmp_path / "net.safetensors"
    state = made.state_dict()

    def refused(changed, words, metadata=None):
        safetensors.torch.save_file(changed, path, metadata)
        with pytest.raises(BadInput, match=words):
            load_network(path)

    refused({"a": torch.zeros(3)}, "has no tensor 'bottleneck.scales', so it is no PSP-Seg")
    about = {"size": json.dumps({"id": "x", "channels": [4, 6, 8], "expansion": 1.0,
                                 "kernels": TINY_HALF.kernels, "half": True})}  # fmt: skip
    refused({k: v for k, v in state.items() if k != "down.1.conv.bias"}, "incomplete", about)
    refused({**state, "stem.weight": torch.zeros(2, 1, 3, 3, 3)}, "has the shape", about)
    bad = state["stem.weight"].clone()
    bad[0] = np.nan
    refused({**state, "stem.weight": bad}, "NaN or infinite", about)
    refused({**state, "other.weight": torch.zeros(2)}, "'other.weight' that no", about)
