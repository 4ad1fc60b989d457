"""Layers found and put in order, whatever they are called."""

import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field

from .stored_fields import WIDTH, assert_same, chain, computed, state, stored

WIDTHS = (3, WIDTH, WIDTH, WIDTH, 1)


@pytest.fixture
def layers():
    torch.manual_seed(4)
    return chain(*WIDTHS)


@pytest.mark.parametrize("ending", ["pth", "safetensors"])
@pytest.mark.parametrize(
    "names",
    [
        ("encoder.0", "encoder.2", "decoder.0", "decoder.2"),
        ("trunk.fc1", "trunk.fc2", "head.fc1", "head.fc2"),
        ("first", "hidden.0", "hidden.1", "aft"),
        ("linear", "linear_1", "linear_2", "linear_3"),
        ("net.0.linear", "net.1.linear", "net.2.linear", "net.3"),
        ("z.a.0", "z.a.10", "a.2.9", "a.2.11"),
    ],
)
def test_modules_are_kept_together_and_numbers_rise(tmp_path, layers, names, ending):
    path = tmp_path / f"f.{ending}"
    stored(path, state(dict(zip(names, layers, strict=True))), activation="relu")
    network, info = load_field(path)
    assert_same(network, computed(layers))
    assert not any("order" in notice for notice in info.notices)


@pytest.mark.parametrize("count", [12, 90])
def test_many_layers(tmp_path, count):
    layers = chain(3, *[8] * count, 1)
    named = state({f"net.{2 * n}": own for n, own in enumerate(layers)})
    network, _ = load_field(stored(tmp_path / "f.safetensors", named, activation="tanh"))
    assert_same(network, computed(layers, torch.tanh))


WORDS = ("first", "middle", "between", "final")


def test_words_are_in_the_order_of_the_file_where_it_keeps_one(tmp_path, layers):
    named = state(dict(zip(WORDS, layers, strict=True)))
    network, info = load_field(stored(tmp_path / "f.pth", named, activation="relu"))
    assert_same(network, computed(layers))
    assert any("first, middle, between, final" in notice for notice in info.notices)
    path = stored(tmp_path / "f.safetensors", named, activation="relu")
    with pytest.raises(BadInput, match=r'several orders.*"layers": \["first", "between"'):
        load_field(path)
    stored(path, named, activation="relu", layers=WORDS)
    assert_same(load_field(path)[0], computed(layers))
    stored(path, named, activation="relu", layers=[*WORDS[:3], "last"])
    with pytest.raises(BadInput, match="name each of these once"):
        load_field(path)
    stored(path, named, activation="relu", layers=["middle", "first", "between", "final"])
    with pytest.raises(BadInput, match="does not chain"):
        load_field(path)


def test_words_of_which_each_has_widths_of_its_own_need_no_order(tmp_path):
    layers = chain(2, 7, 5, 9, 1)
    named = state({"d": layers[0], "c": layers[1], "b": layers[2], "a": layers[3]})
    network, info = load_field(stored(tmp_path / "f.safetensors", named, activation="relu"))
    assert_same(network, computed(layers))
    assert not any("order" in notice for notice in info.notices)


def test_numbers_that_do_not_rise_with_depth_give_way_to_the_order_of_the_file(tmp_path):
    layers = chain(3, 8, 5, 1)
    named = state({"fc2": layers[0], "fc1": layers[1], "fc3": layers[2]})
    network, info = load_field(stored(tmp_path / "f.pth", named, activation="relu"))
    assert_same(network, computed(layers))
    assert any("fc2, fc1, fc3" in notice for notice in info.notices)


def test_numbers_win_over_another_order_of_the_file_and_say_so(tmp_path, layers):
    named = state({f"fc{n}": layers[n] for n in (0, 2, 1, 3)})
    network, info = load_field(stored(tmp_path / "f.pth", named, activation="relu"))
    assert_same(network, computed(layers))
    assert any("by their numbers (fc0, fc1, fc2, fc3)" in notice for notice in info.notices)


def test_too_many_orders_to_look_at_are_no_hang(tmp_path):
    torch.manual_seed(1)
    names = [*"abcdefghijkl"]
    layers = chain(3, *[8] * 12, 1)
    named = dict(zip(["in", *names], layers, strict=False)) | {"o1": layers[-1], "o2": layers[-1]}
    path = stored(tmp_path / "f.safetensors", state(named) | {"o2.bias": torch.ones(1)})
    with pytest.raises(BadInput, match="several orders"):
        load_field(path)


@pytest.mark.parametrize(
    "turn",
    [
        {f"W{n}": ("weight", n, True) for n in range(4)} | {f"b{n}": ("bias", n) for n in range(4)},
        {f"params.Dense_{n}.{key}": (kind, n, turned) for n in range(4)
         for key, kind, turned in (("kernel", "weight", True), ("bias", "bias", False))},
        {f"mlp/~/linear_{n}.{key}": (kind, n, turned) for n in range(4)
         for key, kind, turned in (("w", "weight", True), ("b", "bias", False))},
        {f"{kind}_list.{n}": (kind, n) for n in range(4) for kind in ("weight", "bias")},
        {f"fc{n}_{kind}": (kind, n) for n in range(4) for kind in ("weight", "bias")},
    ],
)  # fmt: skip
def test_tensors_of_other_libraries(tmp_path, layers, turn):
    named = {}
    for key, (kind, number, *turned) in turn.items():
        tensor = getattr(layers[number], kind)
        named[key] = tensor.T.contiguous() if turned == [True] and kind == "weight" else tensor
    network, _ = load_field(stored(tmp_path / "f.safetensors", named, activation="relu"))
    assert_same(network, computed(layers))


@pytest.mark.parametrize("sides", [1, 2])
def test_convolutions_of_size_one_are_layers(tmp_path, layers, sides):
    named = state({f"{2 * n}": own for n, own in enumerate(layers)})
    named = {
        key: own.reshape(*own.shape, *[1] * sides) if own.dim() > 1 else own
        for key, own in named.items()
    }
    network, _ = load_field(stored(tmp_path / "f.pth", named, activation="relu"))
    assert_same(network, computed(layers))


def test_a_second_copy_of_all_layers_is_left_out_but_a_tied_layer_is_not(tmp_path, layers):
    named = state({f"net.{n}": own for n, own in enumerate(layers)})
    lists = {f"weights.{n}": own.weight.clone() for n, own in enumerate(layers)}
    lists |= {f"biases.{n}": own.bias.clone() for n, own in enumerate(layers)}
    path = stored(tmp_path / "f.pth", named | lists | {"gauss": torch.ones(0)}, activation="relu")
    assert_same(load_field(path)[0], computed(layers))
    tied = [layers[0], layers[1], layers[1], layers[3]]
    named = state({f"net.{n}": own for n, own in enumerate(tied)})
    network, _ = load_field(stored(tmp_path / "g.pth", named, activation="relu"))
    assert network.widths == (WIDTH,) * 3
    assert_same(network, computed(tied))


def test_counters_are_passed_over_and_what_else_lies_in_a_file_is_said(tmp_path, layers):
    named = state({f"net.{n}": own for n, own in enumerate(layers)})
    content = named | {"step": torch.tensor(5)}
    assert_same(
        load_field(stored(tmp_path / "f.pth", content, activation="relu"))[0], computed(layers)
    )
    content = {"model": named, "grid": torch.zeros(4, 4, 4, 3), "aabb": torch.zeros(2, 3)}
    network, info = load_field(stored(tmp_path / "g.pth", content, activation="relu"))
    assert_same(network, computed(layers))
    assert any("'grid' and 1 more" in notice and "left out" in notice for notice in info.notices)


@pytest.mark.parametrize("begin", ["a." * 1000, f"net.{'9' * 5000}."])
def test_names_without_end_are_no_hang(tmp_path, begin):
    layers = chain(3, 4, 1)
    named = state({f"{begin}{n}": own for n, own in enumerate(layers)})
    path = stored(tmp_path / "f.pth", named, activation="relu")
    assert_same(load_field(path)[0], computed(layers))
    named = state({f"{n}{begin[:-1]}": own for n, own in enumerate(layers)})
    with pytest.raises(BadInput, match="characters"):
        load_field(stored(path, named, activation="relu"))
