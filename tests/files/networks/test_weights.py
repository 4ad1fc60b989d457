"""Weights that layers compute from parts."""

import copy

import pytest
import torch
from torch import nn
from torch.nn.utils import parametrizations, parametrize, prune, spectral_norm, weight_norm

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.weights import folded

LAYERS = {
    "linear": (lambda: nn.Linear(5, 4), (2, 5)),
    "convolution": (lambda: nn.Conv2d(3, 4, 2), (1, 3, 4, 4)),
    "transposed": (lambda: nn.ConvTranspose2d(3, 4, 2), (1, 3, 4, 4)),
}


def masked(layer):
    prune.random_unstructured(layer, "weight", 0.5)
    prune.random_unstructured(layer, "bias", 0.5)
    return layer


MADE_OF = {
    "masks": masked,
    "weight norm": weight_norm,
    "weight norm as a whole": lambda layer: weight_norm(layer, dim=None),
    "weight norm, parametrised": parametrizations.weight_norm,
    "spectral norm": spectral_norm,
    "spectral norm, parametrised": parametrizations.spectral_norm,
}


@pytest.mark.filterwarnings("ignore::FutureWarning")
@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize("kind", MADE_OF)
def test_folded_weights_are_those_the_layer_computes_with(kind, layer):
    torch.manual_seed(1)
    make, shape = LAYERS[layer]
    made, plain = MADE_OF[kind](make()), make()
    x = torch.randn(shape)
    made.train()(x)  # spectral norm learns its vectors while it trains
    made.eval()
    state = {f"deep.{key}": tensor for key, tensor in made.state_dict().items()}
    found, notices = folded("net.pth", state)
    assert found.keys() == {"deep.weight", "deep.bias"}
    plain.load_state_dict({key.removeprefix("deep."): tensor for key, tensor in found.items()})
    torch.testing.assert_close(plain(x), made(x), rtol=1e-6, atol=1e-6)
    assert len(notices) == 1
    assert kind.split(",")[0].split(" as")[0] in notices[0]
    assert "net.pth" in notices[0]


def test_other_tensors_stay_in_their_order():
    state = {
        "b": torch.ones(1),
        "x_g": torch.ones(3),
        "x_v": torch.ones(4),
        "c_mask": torch.ones(2),
    }
    found, notices = folded("net.pth", state)
    assert list(found) == list(state)
    assert notices == ()


def test_parts_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match=r"'net.pth' has 'a.weight' in parts.*\(4, 3\), \(4, 2\)"):
        folded("net.pth", {"a.weight_orig": torch.ones(4, 3), "a.weight_mask": torch.ones(4, 2)})


def test_unknown_parametrisations_stay_to_be_refused():
    layer = copy.deepcopy(nn.Linear(3, 3))
    parametrize.register_parametrization(layer, "weight", nn.Softplus(), unsafe=True)
    state = dict(layer.state_dict())
    assert folded("net.pth", state) == (state, ())
