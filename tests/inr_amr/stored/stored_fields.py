"""Fields as other code stores them: what to write, and what they compute."""

import json
import math
from itertools import pairwise

import torch
from safetensors.torch import save_file
from torch import nn

WIDTH = 16


def layer(inputs, outputs, bound=None):
    """A layer with even weights, by default as small as those of a SIREN of omega 30."""
    made = nn.Linear(inputs, outputs)
    bound = bound or math.sqrt(6 / inputs) / 30
    nn.init.uniform_(made.weight, -bound, bound)
    return made.requires_grad_(False)


def chain(*widths, bound=0.5):
    """Layers of ordinary weights."""
    return [layer(a, b, bound) for a, b in pairwise(widths)]


def sines(*widths):
    """Layers of a SIREN."""
    first = 1 / widths[0]
    return [layer(a, b, first if n == 0 else None) for n, (a, b) in enumerate(pairwise(widths))]


def state(named):
    """Tensors by name, of layers by name."""
    return {
        f"{name}.{key}": tensor.clone()
        for name, own in named.items()
        for key, tensor in own.state_dict().items()
    }


def computed(layers, act=torch.relu, omegas=None):
    """What layers compute one after the other: the values at points."""

    def values(points):
        for number, own in enumerate(layers[:-1]):
            given = own(points)
            points = act(given if omegas is None else omegas[number] * given)
        return layers[-1](points)[:, 0]

    return values


def stored(path, content, **facts):
    """Write a file, and facts beside it."""
    if path.suffix == ".safetensors":
        save_file({key: tensor.contiguous() for key, tensor in content.items()}, path)
    else:
        torch.save(content, path)
    if facts:
        path.with_name(f"{path.name}.json").write_text(json.dumps(facts))
    return path


def assert_same(network, values):
    """Compare a network with a function at points of its box."""
    points = torch.rand(200, network.inputs) * 2 - 1
    with torch.no_grad():
        torch.testing.assert_close(network(points), values(points), rtol=1e-4, atol=1e-6)
