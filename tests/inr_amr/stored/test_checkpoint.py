import json
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from torch import nn

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.files.networks.containers import read_content
from prune3d_gui.plugins.inr_amr.network.domain import Domain
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork
from prune3d_gui.plugins.inr_amr.stored.checkpoint import field_hash, load_field, save_field

BOX = Domain(
    (0.0, -1.0, 0.5), (1.0, 1.0, 2.0), 2, (5.0, 6.0), (7.0, 8.0), "mm", -2.0, 3.0, "density", 9
)


def made(widths=(3, 12, 9, 1), activation="sine", omegas=(30.0, 20.0), features=None, seed=1):
    torch.manual_seed(seed)
    return FieldNetwork(widths, activation, omegas, features).eval()


def siren(widths=(3, 12, 9, 1), omegas=(30.0, 30.0)):
    """A network whose weights are those of a SIREN, which is what tells that it is one."""
    network = made(widths, "sine", omegas)
    for number, layer in enumerate(network.layers[:-1]):
        bound = 1 / layer.in_features if number == 0 else (6 / layer.in_features) ** 0.5 / 30
        nn.init.uniform_(layer.weight, -bound, bound)
    return network


def equal(a, b):
    a, b = a.state_dict(), b.state_dict()
    return a.keys() == b.keys() and all(torch.equal(v, b[k]) for k, v in a.items())


def renamed(network, pattern, last=None):
    """Name a network's tensors as other code does."""
    state = {}
    for number, layer in enumerate(network.layers):
        own = last if last and number == len(network.layers) - 1 else pattern
        for kind in ("weight", "bias"):
            state[own.format(i=number, j=2 * number, kind=kind, kinds=f"{kind}s")] = getattr(
                layer, kind
            ).detach()
    return {k.replace("biass", "biases"): v for k, v in state.items()}


def beside(path, **facts):
    path.with_name(f"{path.name}.json").write_text(json.dumps(facts))
    return path


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        load_field(path)
    for word in (path.name, *words):
        assert word in str(caught.value)


@pytest.mark.parametrize("features", [None, torch.randn(5, 3)])
def test_our_own_layout_comes_back_bit_for_bit(tmp_path, features):
    network = made((3 if features is None else 10, 12, 9, 1), features=features)
    path = tmp_path / "field.safetensors"
    save_field(path, network, BOX, {"note": "fitted to a sphere", "truth": "sphere"})
    loaded, info = load_field(path)
    assert equal(network, loaded)
    assert (loaded.activation, loaded.omegas) == ("sine", (30.0, 20.0))
    assert not loaded.training
    assert info.domain == BOX
    assert info.name == "field.safetensors"
    assert info.hash == field_hash(network)
    assert info.parameters == network.parameters_count
    assert info.metadata == {"note": "fitted to a sphere", "truth": "sphere"}
    assert info.notices == ()


def test_half_files_are_smaller_and_load_in_single_precision(tmp_path):
    network = made((10, 64, 64, 1), features=torch.randn(5, 3))
    whole, half = tmp_path / "whole.safetensors", tmp_path / "half.safetensors"
    save_field(whole, network, BOX, {})
    save_field(half, network, BOX, {}, half=True)
    assert half.stat().st_size < 0.6 * whole.stat().st_size
    tensors = read_content(half).tree
    assert tensors["layers.1.weight"].dtype == torch.float16
    loaded, _ = load_field(half)
    assert all(p.dtype == torch.float32 for p in loaded.parameters())
    assert torch.equal(loaded.features, network.features)
    assert torch.equal(loaded.layers[1].weight, network.layers[1].weight.half().float())


def test_a_tensor_too_large_for_half_stays_in_single_precision(tmp_path):
    network, path = made(), tmp_path / "field.safetensors"
    with torch.no_grad():
        network.layers[1].bias[0] = 1e6
    save_field(path, network, BOX, {}, half=True)
    tensors = read_content(path).tree
    assert tensors["layers.1.bias"].dtype == torch.float32
    assert tensors["layers.1.weight"].dtype == torch.float16
    assert load_field(path)[0].layers[1].bias[0].item() == 1e6


@pytest.mark.parametrize(
    ("pattern", "last"),
    [
        ("net.net.{i}.0.{kind}", None),
        ("module.net.net.{i}.0.{kind}", None),
        ("net.{i}.linear.{kind}", "net.{i}.{kind}"),
    ],
)
@pytest.mark.parametrize("ending", ["pth", "safetensors"])
def test_siren_names_mean_sine_of_thirty(tmp_path, pattern, last, ending):
    network = siren((3, 8, 8, 8, 1), omegas=(30.0,) * 3)
    path, state = tmp_path / f"siren.{ending}", renamed(network, pattern, last)
    torch.save(state, path) if ending == "pth" else write_tensors(path, state, {})
    loaded, info = load_field(path)
    assert equal(network, loaded)
    assert (loaded.activation, loaded.omegas) == ("sine", (30.0,) * 3)
    assert any("sine" in notice for notice in info.notices)


def test_a_siren_whose_last_layer_is_named_as_a_sine_layer_says_how_it_is_read(tmp_path):
    path = tmp_path / "siren.pth"
    torch.save(renamed(siren(), "net.{i}.linear.{kind}"), path)
    assert any("last layer" in notice for notice in load_field(path)[1].notices)


@pytest.mark.parametrize("prefix", ["", "net.", "model.", "module.", "field2.mlp."])
def test_sequential_with_a_sidecar(tmp_path, prefix):
    torch.manual_seed(2)
    # More than ten modules: the tenth must not be sorted before the second.
    steps = [
        nn.Linear(3, 7),
        nn.ReLU(),
        *[m for _ in range(5) for m in (nn.Linear(7, 7), nn.ReLU())],
    ]
    plain = nn.Sequential(*steps, nn.Linear(7, 1))
    path = tmp_path / "mlp.safetensors"
    write_tensors(path, {f"{prefix}{k}": v for k, v in plain.state_dict().items()}, {})
    refused(path, "names no activation", "mlp.safetensors.json", '"activation": "relu"')
    beside(path, activation="ReLU", lower=[0, 0, 0], upper=[2, 1, 1], unit="mm", note="mine")
    loaded, info = load_field(path)
    x = torch.rand(50, 3)
    assert torch.equal(loaded(x), plain(x)[:, 0])
    assert (info.domain.lower, info.domain.upper) == ((0.0, 0.0, 0.0), (2.0, 1.0, 1.0))
    assert (info.domain.size, info.domain.unit) == ((2.0, 1.0, 1.0), "mm")
    assert info.metadata == {"note": "mine"}
    assert info.notices == ()


@pytest.mark.parametrize(
    ("pattern", "last"),
    [
        ("weights.{i}", None),
        ("layers.{i}.{kind}", "last_layer.{kind}"),
        ("fc{i}.{kind}", "out.{kind}"),
    ],
)
def test_other_names(tmp_path, pattern, last):
    network = made((3, 5, 5, 1), "tanh", ())
    state = renamed(network, pattern.replace("weights", "{kinds}"), last)
    path = beside(tmp_path / "field.safetensors", activation="tanh")
    write_tensors(path, state, {})
    assert equal(network, load_field(path)[0])


def test_layers_without_bias_have_zero_bias(tmp_path):
    state = {"0.weight": torch.randn(4, 3), "2.weight": torch.randn(1, 4)}
    path = beside(tmp_path / "f.pth", activation="silu")
    torch.save(state, path)
    loaded, _ = load_field(path)
    assert torch.equal(loaded.layers[0].weight, state["0.weight"])
    assert not loaded.layers[0].bias.any()


@pytest.mark.parametrize("name", ["B", "encoder.B", "gauss_matrix", "fourier", "rff.features"])
@pytest.mark.parametrize("turned", [False, True])
def test_fourier_features_in_either_orientation(tmp_path, name, turned):
    network = made((16, 6, 1), "relu", (), torch.randn(8, 3))
    state = renamed(network, "{j}.{kind}")
    state[name] = network.features.T if turned else network.features
    path = beside(tmp_path / "f.pth", activation="relu")
    torch.save(state, path)
    loaded, info = load_field(path)
    assert equal(network, loaded)
    assert any("cos(2 pi B x)" in notice for notice in info.notices)


def test_fourier_features_with_sine_first(tmp_path):
    network = made((16, 6, 1), "relu", (), torch.randn(8, 3))
    state = renamed(network, "{j}.{kind}") | {"B": network.features}
    state["0.weight"] = torch.cat([state["0.weight"][:, 8:], state["0.weight"][:, :8]], dim=1)
    path = beside(tmp_path / "f.pth", activation="relu", fourier="sin, cos")
    torch.save(state, path)
    assert equal(network, load_field(path)[0])
    beside(path, activation="relu", fourier="tan")
    refused(path, "'tan'", "sin,cos")


def test_metadata_of_a_training_checkpoint(tmp_path):
    network = made((2, 5, 5, 1), omegas=(10.0, 4.0))
    path = tmp_path / "last.pth"
    torch.save(
        {
            "state_dict": renamed(network, "{j}.{kind}"),
            "activation": "sin",
            "omega": 4,
            "first_omega": 10.0,
            "epoch": 7,
        },
        path,
    )
    loaded, info = load_field(path)
    assert (loaded.activation, loaded.omegas) == ("sine", (10.0, 4.0))
    assert info.metadata == {"epoch": "7"}
    beside(path, omegas=[1, 2])
    assert load_field(path)[0].omegas == (1.0, 2.0)
    assert load_field(path)[1].hash != info.hash
    beside(path, omegas=[1, 2, 3])
    refused(path, "3 omegas for 2 hidden layers")
    beside(path, omegas="fast")
    refused(path, "omegas as 'fast'")


@pytest.mark.parametrize(("inputs", "dimension"), [(2, 2), (3, 3), (4, 3)])
def test_without_a_domain_the_box_is_assumed_and_the_values_measured(tmp_path, inputs, dimension):
    network = made((inputs, 8, 1), "tanh", ())
    path = beside(tmp_path / "f.pth", activation="tanh")
    torch.save(renamed(network, "{j}.{kind}"), path)
    _, info = load_field(path)
    domain = info.domain
    assert (domain.lower, domain.upper) == ((-1.0,) * inputs, (1.0,) * inputs)
    assert (domain.dimension, domain.timed) == (dimension, inputs == 4)
    assert domain.size == (2.0,) * dimension
    values = network.evaluate(torch.rand(5000, inputs) * 2 - 1)
    spread = float(values.max() - values.min())
    assert abs(domain.low - float(values.min())) < 0.2 * spread
    assert abs(domain.high - float(values.max())) < 0.2 * spread
    assert any("[-1, 1]" in n and "20,000 points" in n for n in info.notices)
    assert load_field(path)[1] == info


def test_a_sidecar_can_make_the_third_coordinate_time_and_wins_over_the_file(tmp_path):
    path = tmp_path / "f.safetensors"
    save_field(path, made(), replace(BOX, dimension=3, origin=(0.0,) * 3, size=(1.0,) * 3), {})
    beside(path, dimension=2, origin=[1, 2], size=[3, 4], times=5, domain={"unit": "cm"})
    domain = load_field(path)[1].domain
    assert domain.timed
    assert (domain.origin, domain.size, domain.times) == ((1.0, 2.0), (3.0, 4.0), 5)
    assert (domain.unit, domain.low, domain.high) == ("cm", -2.0, 3.0)


def test_a_sidecar_omega_wins_over_those_of_the_file(tmp_path):
    path = tmp_path / "f.safetensors"
    save_field(path, made(), BOX, {})
    assert load_field(beside(path, omega=5, first_omega=7))[0].omegas == (7.0, 5.0)


def test_domains_that_do_not_fit(tmp_path):
    path = tmp_path / "f.safetensors"
    save_field(path, made(), BOX, {})
    refused(beside(path, lower=[0, 0], upper=[1, 1]), "3 coordinates", "[0.0, 0.0]")
    refused(beside(path, lower=[0, 0, 2]), "lower below upper")
    refused(beside(path, dimension=1), "dimension 1")
    refused(beside(path, size=[1]), "size [1.0]")
    refused(beside(path, domain=[1]), "its domain", "JSON object")
    path.with_name("f.safetensors.json").write_text("{")
    with pytest.raises(BadInput, match=r"f\.safetensors\.json"):
        load_field(path)


def test_a_field_that_overflows_somewhere_is_kept_and_said(tmp_path):
    network = made((2, 4, 4, 1), "relu", ())
    with torch.no_grad():
        network.layers[0].weight[:, 0] = 3e38
        network.layers[1].weight[:, :2], network.layers[1].weight[:, 2:] = 3.0, -3.0
    path = tmp_path / "f.safetensors"
    save_field(path, network, replace(BOX, lower=(-1.0,) * 2, upper=(1.0,) * 2), {})
    loaded, info = load_field(path)
    assert equal(network, loaded)
    assert len(info.notices) == 1
    assert "not numbers" in info.notices[0]


@pytest.mark.parametrize(
    "key", ["encoder.hash_table.0", "encoding.params", "embeddings.0.weight", "params"]
)
def test_hash_grids_are_refused_with_the_reason(tmp_path, key):
    path = tmp_path / "ngp.pth"
    torch.save({key: torch.zeros(64, 2)} | renamed(made(), "{j}.{kind}"), path)
    refused(path, key, "not a layer of neurons")


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"2.weight": torch.zeros(9, 5)}, ("'0.weight' gives 12", "'2.weight' takes 5")),
        ({"4.weight": torch.zeros(3, 9), "4.bias": torch.zeros(3)}, ("3 values", "scalar")),
        ({"2.bias": torch.zeros(4)}, ("biases", "2.weight")),
        ({"0.weight": torch.zeros(12, 1)}, ("1 coordinate",)),
        ({"0.weight": torch.zeros(12, 3, dtype=torch.int8)}, ("0.weight", "int8")),
        ({"norm.running_mean": torch.zeros(12)}, ("norm.running_mean", "(12,)")),
        ({"0.weight": torch.zeros(12, 3, 3)}, ("0.weight", "(12, 3, 3)")),
        ({"B": torch.zeros(5, 3)}, ("'B'", "(5, 3)", "takes 3")),
    ],
)
def test_what_is_no_scalar_perceptron_is_refused(tmp_path, change, words):
    path = beside(tmp_path / "f.pth", activation="relu")
    torch.save(renamed(made(), "{j}.{kind}") | change, path)
    refused(path, *words)


def test_a_single_layer_has_nothing_to_prune(tmp_path):
    path = beside(tmp_path / "f.pth", activation="relu")
    torch.save({"0.weight": torch.zeros(1, 3), "0.bias": torch.zeros(1)}, path)
    refused(path, "no hidden neurons")


def test_an_unknown_activation_is_quoted(tmp_path):
    path = beside(tmp_path / "f.pth", activation="gelu")
    torch.save(renamed(made(), "{j}.{kind}"), path)
    refused(path, "'gelu'", "relu")


def test_lists_of_weights_and_biases_are_a_field(tmp_path):
    plain = [nn.Linear(2, 8), nn.Linear(8, 8), nn.Linear(8, 1)]
    path = tmp_path / "lists.pt"
    torch.save(
        {
            "weights": [layer.weight.data for layer in plain],
            "biases": [layer.bias.data for layer in plain],
        },
        path,
    )
    Path(f"{path}.json").write_text('{"activation": "relu"}')
    network, _ = load_field(path)
    x = torch.rand(5, 2)
    wanted = plain[2](plain[1](plain[0](x).relu()).relu())[:, 0]
    torch.testing.assert_close(network(x), wanted)
