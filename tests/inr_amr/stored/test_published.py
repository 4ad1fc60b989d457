"""A field that the authors of PruningAMR publish, in both of their forms."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.jobs import MESHING, mesh_field
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field

from .stored_fields import assert_same, chain, computed, stored

DATA = Path(__file__).parents[4] / "shared/data/inr_amr"
real = pytest.mark.skipif(not DATA.is_dir(), reason="the authors' fields are not here")


@pytest.fixture
def published(tmp_path):
    """Copies of the two files, with what they do not say beside them."""
    paths = {}
    for form, facts in (("dict", {"activation": "relu"}), ("lists", {})):
        paths[form] = tmp_path / f"high_oscillation_small_{form}.ckpt"
        shutil.copy(DATA / paths[form].name, paths[form])
        beside = {"lower": [0, 0], "upper": [1, 1]} | facts
        paths[form].with_name(f"{paths[form].name}.json").write_text(json.dumps(beside))
    return paths


@real
def test_both_forms_hold_one_field(published):
    found = {form: load_field(path) for form, path in published.items()}
    assert found["dict"][1].hash == found["lists"][1].hash
    for network, info in found.values():
        assert (network.activation, network.widths) == ("relu", (32, 32, 32, 32))
        assert info.notices == ()
    content = torch.load(published["dict"], weights_only=True)
    layers = [nn.Linear(*reversed(content[f"Layers.{n}.weight"].shape)) for n in range(5)]
    for number, layer in enumerate(layers):
        for kind in ("weight", "bias"):
            getattr(layer, kind).data = content[f"Layers.{number}.{kind}"]
    assert_same(found["dict"][0], computed(layers))


@real
def test_only_the_form_with_activations_tells_them(published):
    for path in published.values():
        path.with_name(f"{path.name}.json").unlink()
    with pytest.raises(BadInput, match="names no activation"):
        load_field(published["dict"])
    assert load_field(published["lists"])[0].activation == "relu"


@real
@pytest.mark.parametrize(("cells", "dofs", "error"), [(4096, 4225, 0.0296), (16384, 16641, 0.0126)])
def test_uniform_meshes_have_the_known_error(published, cells, dofs, error):
    options = {option.name: option.default for option in MESHING} | {
        "device": "cpu", "rule": "uniform", "cells": cells, "sample": str(published["lists"]),
    }  # fmt: skip
    (row,) = mesh_field(options, lambda progress: None, CancelToken())
    assert row["dofs"] == dofs
    assert row["rmse"] == pytest.approx(error, rel=0.05)


def lists_of(layers, acts, gauss=0):
    return {
        "weights_list": nn.ParameterList([layer.weight for layer in layers]),
        "bias_list": nn.ParameterList([layer.bias for layer in layers]),
        "act_list": nn.ModuleList(acts),
        "gauss": nn.Parameter(torch.randn(gauss, 2) if gauss else torch.empty(0)),
    }


def test_lists_with_their_activations(tmp_path):
    layers = chain(2, 8, 8, 1)
    path = stored(tmp_path / "f.ckpt", lists_of(layers, [nn.Tanh(), nn.Tanh(), nn.Identity()]))
    network, _ = load_field(path)
    assert_same(network, computed(layers, torch.tanh))
    layers = chain(12, 8, 1)
    content = lists_of(layers, [nn.ReLU(), nn.Identity()], gauss=6)
    network, _ = load_field(stored(tmp_path / "g.ckpt", content))
    points = 2 * np.pi * torch.rand(9, 2) @ content["gauss"].T
    assert network.features is not None
    assert points.shape == (9, len(network.features))


@pytest.mark.parametrize(
    ("acts", "words"),
    [
        ([nn.ReLU(), nn.Tanh(), nn.Identity()], "several activations, relu and tanh"),
        ([nn.ReLU(), nn.ReLU(), nn.Sigmoid()], "'sigmoid' behind its last layer"),
        ([nn.ReLU(), nn.Identity(), nn.Identity()], "leaves out the activation of a layer"),
        ([nn.ELU(), nn.ELU(), nn.Identity()], "holds the activation 'elu'"),
    ],
)
def test_lists_with_other_activations_are_refused(tmp_path, acts, words):
    path = stored(tmp_path / "f.ckpt", lists_of(chain(2, 8, 8, 1), acts))
    with pytest.raises(BadInput, match=words):
        load_field(path)


def test_what_is_said_and_what_is_held_must_agree(tmp_path):
    content = lists_of(chain(2, 8, 1), [nn.ReLU(), nn.Identity()]) | {"activation": "tanh"}
    path = stored(tmp_path / "f.ckpt", content)
    with pytest.raises(BadInput, match="gives the activation 'tanh' but holds that of 'relu'"):
        load_field(path)
    stored(path, content, activation="tanh")
    assert load_field(path)[0].activation == "tanh"
