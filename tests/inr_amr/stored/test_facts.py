"""What is said of a field: activation, frequencies, features, and the JSON file beside it."""

import json
import math
import re
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import read_checkpoint
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field, save_field
from prune3d_gui.plugins.inr_amr.stored.facts import facts_of
from prune3d_gui.plugins.inr_amr.stored.known import FACTS, omega_role

from .stored_fields import WIDTH, assert_same, chain, computed, sines, state, stored

SINES = sines(3, WIDTH, WIDTH, WIDTH, 1)
NAMED = state(dict(zip([f"net.{n}.linear" for n in range(3)] + ["net.3"], SINES, strict=True)))
RELUS = chain(3, WIDTH, WIDTH, 1)
PLAIN = state({f"{2 * n}": own for n, own in enumerate(RELUS)})
BUFFERS = {f"net.{n}.omega_0": torch.tensor(own) for n, own in enumerate((20.0, 10.0, 5.0))}


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        load_field(path)
    for word in words:
        assert word in str(caught.value)
    assert str(caught.value).count(". ") == 0


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *((name, "omega") for name in ("omega", "omega_0", "w0", "W0", "omega0", "siren_omega",
                                       "sine_frequency", "net.0.omega_0", "a.b.sineFrequency")),
        *((name, "first_omega") for name in ("w0_initial", "first_omega_0", "first_omega",
                                             "firstOmega0", "omega_first")),
        *((name, "hidden_omega") for name in ("hidden_omega_0", "hidden_omega", "omegaHidden")),
        *((name, "omegas") for name in ("omegas", "w0s", "omega_list")),
        *((name, "") for name in ("frequency", "weight", "omega_m", "w1", "net.0.weight", "",
                                  "comega", "omega_1", "sine")),
    ],
)  # fmt: skip
def test_names_of_frequencies(name, role):
    assert omega_role(name) == role


@pytest.mark.parametrize(
    ("content", "omegas"),
    [
        ({"state_dict": NAMED, "hyper_parameters": {"omega_0": 12.0}}, (12, 12, 12)),
        ({"model": NAMED, "config": {"activation": "sine", "w0": 12}}, (12, 12, 12)),
        ({"model": NAMED, "omega_0": 12.0}, (12, 12, 12)),
        ({"model": NAMED, "omega_0": torch.tensor(12.0)}, (12, 12, 12)),
        ({"model": NAMED, "args": {"w0": 1.0, "w0_initial": 30.0}}, (30, 1, 1)),
        ({"model": NAMED, "args": {"first_omega_0": 30, "hidden_omega_0": 8}}, (30, 8, 8)),
        ({"model": NAMED, "args": {"omega_0": 30, "hidden_omega_0": 8}}, (30, 8, 8)),
        ({"model": NAMED, "args": {"siren": {"sine_frequency": "12"}}}, (12, 12, 12)),
        ({"model": NAMED, "args": {"omegas": [20, 10, 5]}}, (20, 10, 5)),
        ({"model": NAMED, "args": {"w0": [20.0, 10.0, 5.0]}}, (20, 10, 5)),
        (NAMED | {"omegas": torch.tensor([20.0, 10.0, 5.0])}, (20, 10, 5)),
        (NAMED | BUFFERS, (20, 10, 5)),
        ({"model": NAMED | BUFFERS, "omega_0": 20.0}, (20, 10, 5)),
        (NAMED, (30, 30, 30)),
    ],
)
def test_frequencies_by_any_name_anywhere(tmp_path, content, omegas):
    network, info = load_field(stored(tmp_path / "f.ckpt", content))
    assert network.omegas == omegas
    assert_same(network, computed(SINES, torch.sin, omegas))
    assert any("no omega" in notice for notice in info.notices) == (content is NAMED)


def test_frequencies_without_an_order_of_names_and_in_metadata(tmp_path):
    network, _ = load_field(stored(tmp_path / "f.safetensors", NAMED | BUFFERS))
    assert network.omegas == (20, 10, 5)
    save_file(NAMED, tmp_path / "g.safetensors", {"omega_0": "12", "first_omega": "[30]"})
    network, info = load_field(tmp_path / "g.safetensors")
    assert network.omegas == (30, 12, 12)
    save_field(tmp_path / "h.safetensors", network, info.domain, info.metadata)
    assert load_field(tmp_path / "h.safetensors")[0].omegas == (30, 12, 12)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ({"a": {"omega_0": 30.0}, "b": {"omega_0": 10}}, ("a.omega_0 is 30.0", "b.omega_0 is 10")),
        ({"args": {"omega": 30.0, "w0": 20}}, ("args.omega is 30.0", "args.w0 is 20")),
        ({"args": {"omega_0": 30.0}} | BUFFERS, ("args.omega_0 is 30.0", "omega_0 is 20.0")),
        ({"args": {"omegas": [1, 2, 3], "w0_initial": 4}}, ("w0_initial is 4",)),
        ({"args": {"omegas": [1, 2]}}, ("2 omegas for 3 hidden layers",)),
        ({"args": {"omega_0": "auto"}}, ("args.omega_0 as 'auto'",)),
        ({"args": {"omega_0": 0}}, ("args.omega_0 as 0",)),
    ],
)
def test_contradictions_are_refused_until_the_json_file_settles_them(tmp_path, content, words):
    path = stored(tmp_path / "f.pth", {**NAMED, **content})
    refused(path, *words)
    stored(path, {**NAMED, **content}, w0=7)
    assert load_field(path)[0].omegas == (7, 7, 7)


def test_a_frequency_is_not_guessed_for_weights_that_are_not_small(tmp_path):
    path = stored(tmp_path / "f.pth", PLAIN, activation="sine")
    refused(path, "does not say the frequency", "first_omega")
    stored(path, PLAIN, activation="sine", omega=1, first_omega=30)
    assert load_field(path)[0].omegas == (30, 1)


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ({"activation": "ReLU"}, "relu"),
        ({"nonlinearity": "nn.ReLU(inplace=True)"}, "relu"),
        ({"net": {"act_fn": "torch.nn.Tanh"}}, "tanh"),
        ({"hidden_activation": "swish", "output_activation": "none"}, "silu"),
    ],
)
def test_activations_by_any_name(tmp_path, options, found):
    network, _ = load_field(stored(tmp_path / "f.pth", {"sd": PLAIN, "hyper_parameters": options}))
    assert network.activation == found


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"activation": "gelu"}, ("'gelu'", "with one of sine, relu")),
        ({"activation": "relu", "last": {"activation": "tanh"}}, ("contradicts itself", "'tanh'")),
        ({"activation": "relu", "output_activation": "sigmoid"}, ("'sigmoid'", "last layer")),
        ({"activation": "sine", "outermost_linear": False}, ("outermost_linear", "last layer")),
    ],
)
def test_activations_that_are_not_read(tmp_path, options, words):
    refused(stored(tmp_path / "f.pth", {"sd": PLAIN, "opt": options}), *words)


@pytest.mark.parametrize("name", ["B", "0.b", "gauss", "enc.freqs", "fourier.weight"])
@pytest.mark.parametrize("nested", [False, True])
def test_fourier_matrices_within_the_network_or_beside_it(tmp_path, name, nested):
    matrix, layers = torch.randn(8, 3), chain(16, WIDTH, 1)
    named = state({"1": layers[0], "3": layers[1]})
    content = {"net": named, name: matrix} if nested else named | {name: matrix}
    path = stored(tmp_path / "f.pth", content, activation="relu")

    def values(points, factor=2 * math.pi, waves=(torch.cos, torch.sin)):
        angles = factor * points @ matrix.T
        return computed(layers)(torch.cat([wave(angles) for wave in waves], dim=-1))

    network, info = load_field(path)
    assert_same(network, values)
    assert any("cos(2 pi B x), sin(2 pi B x)" in notice for notice in info.notices)
    stored(path, content, activation="relu", fourier="sin,cos", fourier_scale=1)
    network, info = load_field(path)
    assert_same(network, lambda points: values(points, 1, (torch.sin, torch.cos)))
    assert not any("Fourier" in notice for notice in info.notices)


def test_coordinates_joined_to_features_are_refused(tmp_path):
    content = {"B": torch.randn(8, 3)} | state({"0": chain(19, 8)[0], "2": chain(8, 1)[0]})
    refused(stored(tmp_path / "f.pth", content, activation="relu"), "also the coordinates")


@pytest.mark.parametrize(
    ("facts", "words"),
    [
        ({"iso": "auto"}, ("iso as 'auto'", '{"iso": 0.5}')),
        ({"iso": 99}, ("iso as 99",)),
        ({"times": 0}, ("times as 0", "whole number")),
        ({"times": 1.5}, ("times as 1.5", "whole number")),
        ({"dimension": 2.5}, ("dimension as 2.5", "whole number")),
        ({"low": 5, "high": 1}, ("low 5 to high 1",)),
        ({"low": 1e9}, ("give low below high",)),
        ({"lower": [math.nan, -1, -1]}, ("lower as [nan, -1, -1]",)),
        ({"lower": [-1e308, -1, -1], "upper": [1e308, 1, 1]}, ("1e+308", "1e+30")),
        ({"lower": [1e8] * 3, "upper": [1e8 + 1] * 3}, ("lower below upper",)),
        ({"lower": True}, ("lower as True",)),
        ({"activation": ["relu", "relu"]}, ("activation as ['relu', 'relu']", "one text")),
        ({"activation": True}, ("activation as True", "one text")),
        ({"unit": {"a": 1}}, ("unit as", "one text")),
        ({"note": ["a"]}, ("note as ['a']",)),
        ({"layers": "first"}, ("layers as 'first'", "list of texts")),
        ({"domain": {"times": -3}}, ("times as -3",)),
        ({"omega": 3, "w0": 4}, ("omega is 3", "w0 is 4", "leave one out")),
    ],
)
def test_facts_that_cannot_be_are_refused(tmp_path, facts, words):
    path = stored(tmp_path / "f.pth", PLAIN, **{"activation": "relu"} | facts)
    refused(path, *words)


def test_facts_as_people_write_them(tmp_path):
    path = stored(tmp_path / "f.pth", PLAIN, Activation="ReLU", LOWER=None, Unit="µm", value=5)
    domain = load_field(path)[1].domain
    assert (domain.unit, domain.value, domain.lower) == ("µm", "5", (-1.0,) * 3)
    stored(path, PLAIN, activation="relu", low="-2", high=[3], iso="[0.5]", note=7)
    _, info = load_field(path)
    assert (info.domain.low, info.domain.high) == (-2.0, 3.0)
    assert info.metadata == {"iso": "0.5", "note": "7"}


def test_names_that_are_not_known_are_said(tmp_path):
    path = stored(tmp_path / "f.pth", PLAIN, activation="relu", omgea=3, domain={"untis": "mm"})
    said = " ".join(load_field(path)[1].notices)
    assert (
        "'f.pth.json' says 'omgea', which is no fact that is known; did you mean 'omega'?" in said
    )
    assert "'untis'" in said
    path = stored(tmp_path / "f.pth", PLAIN, activation="relu", colour="red")
    assert any("'colour'" in own and "not used" in own for own in load_field(path)[1].notices)


def test_options_of_training_are_not_taken_for_a_box(tmp_path):
    content = {
        "model": PLAIN,
        "size": 256,
        "high": "yes",
        "layers": 3,
        "component": "x",
        "times": 0,
    }
    network, info = load_field(stored(tmp_path / "f.pth", content, activation="relu"))
    assert_same(network, computed(RELUS))
    assert info.domain.size == (2.0,) * 3


def test_the_documentation_lists_every_fact():
    text = (Path(__file__).parents[3] / "docs/fields.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| `(\w+)` \| ([^|]+) \| ([^|]+) \| `([^`|]+)` \| (.+) \|$", text, re.M)
    assert [tuple(row) for row in rows] == [
        (
            fact.name,
            fact.kind,
            fact.default,
            json.dumps(fact.example, ensure_ascii=False),
            fact.about,
        )
        for fact in FACTS
    ]


def test_every_example_of_the_documentation_is_read(tmp_path):
    path = stored(tmp_path / "f.pth", PLAIN, **{fact.name: fact.example for fact in FACTS})
    facts = facts_of(read_checkpoint(path), path)
    facts.check()
    assert facts.given.keys() == {fact.name for fact in FACTS} - {"domain"}
    assert facts.notices == ()
