"""Networks that are more than layers one after the other are refused for what they have."""

import pytest
import torch
from torch import nn

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field

from .stored_fields import WIDTH, assert_same, chain, computed, sines, state, stored

FIRST, INNER, OTHER, LAST = chain(3, WIDTH, WIDTH, WIDTH, 1)
PLAIN = state({"0": FIRST, "2": INNER, "4": LAST})


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (
            state({"net.0.linear": FIRST, "net.1.linear_1": INNER, "net.1.linear_2": OTHER,
                   "net.2": LAST}),
            ("block 'net.1' of 2 layers", "input is added", "structure"),
        ),
        (
            state({"first": FIRST, "blocks.0.net.0": INNER, "blocks.0.net.2": OTHER, "last": LAST}),
            ("block 'blocks.0'", "input is added"),
        ),
        (
            state({"first": FIRST, "res_blocks.0.fc": INNER, "last": LAST}),
            ("'res_blocks.0.fc.weight'", "skip connections"),
        ),
        ({f"resnet.{key}": own for key, own in PLAIN.items()}, ("resnet.0", "skip connections")),
        (
            state({"first": FIRST, "net.0": INNER, "skip_proj": OTHER, "last": LAST}),
            ("'skip_proj.weight'", "skip connections"),
        ),
        (
            state({"lin0": FIRST, "lin1": INNER, "lin2": nn.Linear(WIDTH + 3, WIDTH),
                   "lin3": LAST}),
            (f"'lin2.weight' takes {WIDTH + 3}, 3 more", "skip connection"),
        ),
        (
            state({"0": FIRST, "1": nn.BatchNorm1d(WIDTH), "3": INNER, "5": LAST}),
            ("'1.running_mean'", "batch normalisation"),
        ),
        (
            PLAIN | {"1.weight": torch.ones(WIDTH), "1.bias": torch.zeros(WIDTH)},
            ("'1.weight'", f"({WIDTH},)", "normalisation"),
        ),
        (PLAIN | {"1.weight": torch.ones(1)}, ("'1.weight'", "activation with weights")),
        (PLAIN | {"scale": torch.tensor(2.0)}, ("'scale'", "no plain perceptron")),
        (PLAIN | {"conv.weight": torch.ones(4, 3, 3)}, ("'conv.weight'", "convolution")),
        (PLAIN | {"freq_bands": torch.ones(6)}, ("'freq_bands'", "encoding of the coordinates")),
        (PLAIN | {"attn.in_proj_weight": torch.ones(12, 4)}, ("attn", "attention")),
        (
            state({"linear.0": INNER, "filters.0.linear": FIRST, "filters.1.linear": FIRST,
                   "output_linear": LAST}),
            ("filters", "multiplicative filters"),
        ),
        (
            state({"synth.0": FIRST, "synth.2": LAST, "modulator.0": nn.Linear(8, WIDTH)}),
            ("'modulator.0.weight'", "modulated"),
        ),
        (
            {"decoder": PLAIN, "latent_codes": {"weight": torch.ones(10, 16)}},
            ("'latent_codes.weight'", "latent codes"),
        ),
        (
            state({"deform.0": FIRST, "deform.2": nn.Linear(WIDTH, 3),
                   "template.0": nn.Linear(3, WIDTH), "template.2": LAST}),
            ("several networks in a row", "'deform.2.weight' gives 3", '"network": "deform"'),
        ),
        (state({"0": nn.Linear(63, WIDTH), "2": LAST}), ("63 coordinate", "not in the file")),
        (
            {"sd": PLAIN, "hyper_parameters": {"skip_connections": [2]}},
            ("hyper_parameters.skip_connections", "[2]"),
        ),
    ],
)  # fmt: skip
def test_the_true_reason_is_given(tmp_path, content, words):
    path = stored(tmp_path / "f.pth", content, activation="relu")
    with pytest.raises(BadInput) as caught:
        load_field(path)
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).count(". ") == 0


def test_whoever_knows_better_can_say_that_it_is_plain(tmp_path):
    layers = [FIRST, INNER, OTHER, LAST]
    names = ("res.0.linear", "res.1.linear_1", "res.1.linear_2", "res.2")
    content = {"sd": state(dict(zip(names, layers, strict=True))), "opt": {"residual": True}}
    path = stored(tmp_path / "f.pth", content, activation="relu", structure="Plain")
    assert_same(load_field(path)[0], computed(layers))
    stored(path, content, activation="relu", structure="residual")
    with pytest.raises(BadInput, match=r"'residual'.*only 'plain'"):
        load_field(path)


def test_blocks_of_one_layer_are_read_as_plain_with_a_sentence(tmp_path):
    named = {"first": FIRST, "blocks.0.linear": INNER, "blocks.1.linear": OTHER, "last": LAST}
    path = stored(tmp_path / "f.safetensors", state(named), activation="relu")
    network, info = load_field(path)
    assert_same(network, computed([*named.values()]))
    assert any("'blocks'" in n and "nothing added" in n for n in info.notices)


def test_part_of_something_larger_is_opened_where_it_is_named(tmp_path):
    content = state({"synth.0": FIRST, "synth.2": LAST, "modulator.0": nn.Linear(8, WIDTH)})
    path = stored(tmp_path / "f.pth", content, activation="relu", network="synth")
    assert_same(load_field(path)[0], computed([FIRST, LAST]))


def test_networks_of_equal_inputs_and_outputs_are_not_read_as_one(tmp_path):
    model, ema = chain(3, 8, 8, 3), chain(3, 8, 8, 3)
    content = {key: state({f"{2 * n}": own for n, own in enumerate(layers)})
               for key, layers in (("model", model), ("ema", ema))}  # fmt: skip
    path = stored(tmp_path / "f.pth", content, activation="relu", component=0)
    network, info = load_field(path)
    assert_same(network, computed(ema))
    assert any("'ema'" in notice and "'model' left out" in notice for notice in info.notices)


def test_the_names_of_siren_code_with_other_weights_are_no_sines(tmp_path):
    for pattern in ("net.net.{}.0", "net.{}.linear"):
        named = {pattern.format(n): own for n, own in enumerate([FIRST, INNER, OTHER, LAST])}
        path = stored(tmp_path / "f.pth", state(named))
        with pytest.raises(BadInput, match="names no activation, and its weights are not as small"):
            load_field(path)
        stored(path, state(named), activation="relu")
        assert_same(load_field(path)[0], computed([FIRST, INNER, OTHER, LAST]))
        path.with_name("f.pth.json").unlink()


def test_small_weights_alone_are_no_sines(tmp_path):
    named = {f"{2 * n}": own for n, own in enumerate(sines(3, WIDTH, WIDTH, 1))}
    with pytest.raises(BadInput, match="names no activation;"):
        load_field(stored(tmp_path / "f.pth", state(named)))
