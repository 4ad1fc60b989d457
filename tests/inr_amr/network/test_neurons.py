import itertools
from dataclasses import replace

import numpy as np
import pytest
import torch

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.network.domain import Domain
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork
from prune3d_gui.plugins.inr_amr.network.neurons import NeuronPruner

SQUARE = Domain((-1.0, -1.0), (1.0, 1.0), 2, (-1.0, -1.0), (2.0, 2.0))
CUBE = Domain((-1.0,) * 3, (1.0,) * 3, 3, (-1.0,) * 3, (2.0,) * 3)
ACTIVATIONS = ["sine", "relu", "tanh", "silu"]


def made(widths=(3, 24, 20, 1), activation="tanh", omega=10.0, features=None, seed=4):
    torch.manual_seed(seed)
    omegas = (omega,) * (len(widths) - 2) if activation == "sine" else ()
    return FieldNetwork(widths, activation, omegas, features).eval()


def points(network, count=2000):
    return torch.rand(count, network.inputs, generator=torch.Generator().manual_seed(9)) * 2 - 1


def error(network, pruned):
    x = points(network)
    own = network.evaluate(x)
    return float((pruned.evaluate(x) - own).norm() / own.norm())


def doubled(network):
    """Give the network with each hidden neuron of every layer there twice."""
    widths = (network.layers[0].in_features, *(2 * w for w in network.widths), 1)
    made = FieldNetwork(widths, network.activation, network.omegas, network.features).eval()
    with torch.no_grad():
        for number, (layer, own) in enumerate(zip(made.layers, network.layers, strict=True)):
            last = number == len(network.layers) - 1
            rows = 1 if last else 2
            weight, bias = own.weight.repeat(rows, 1), own.bias.repeat(rows)
            layer.weight.copy_(weight if number == 0 else torch.cat([weight, weight], 1) / 2)
            layer.bias.copy_(bias)
    return made.eval()


@pytest.fixture(scope="module")
def fitted():
    """Give a small SIREN fitted to a picture, as a trained field is."""
    network = made((2, 32, 32, 1), "sine", 8.0)
    with torch.no_grad():
        network.layers[0].weight.uniform_(-1 / 2, 1 / 2)
        for layer in network.layers[1:]:
            layer.weight.uniform_(-((6 / 32) ** 0.5) / 8, (6 / 32) ** 0.5 / 8)
    x = points(network, 1500)
    wanted = torch.sin(4 * x[:, 0]) * torch.exp(-3 * x[:, 1] ** 2)
    optimiser = torch.optim.Adam(network.parameters(), 3e-3)
    for _ in range(200):
        optimiser.zero_grad()
        loss = ((network(x) - wanted) ** 2).mean()
        loss.backward()
        optimiser.step()
    assert loss < 1e-3
    return network


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("features", [None, torch.randn(5, 3) / 2])
def test_duplicate_neurons_go_without_a_change(activation, features):
    plain = made((3 if features is None else 10, 10, 8, 1), activation, features=features)
    network = doubled(plain)
    x = points(network)
    torch.testing.assert_close(network(x), plain(x), atol=1e-5, rtol=0)
    pruner = NeuronPruner(network, CUBE)
    sizes = pruner.sizes(1e-6)
    assert all(k <= w for k, w in zip(sizes, plain.widths, strict=True))
    pruned = pruner.prune(sizes)
    assert pruned.widths == sizes
    assert pruned.parameters_count == pruner.parameters(sizes) < network.parameters_count
    assert pruned.macs < network.macs
    torch.testing.assert_close(pruned(x), network(x), atol=1e-5, rtol=0)


def test_a_layer_of_low_rank_is_cut_to_its_rank():
    network = made((3, 30, 16, 1), "relu")
    with torch.no_grad():
        # ReLU without a sign change is affine: 3 coordinates and a constant span the layer.
        network.layers[0].bias.fill_(10.0)
    pruner = NeuronPruner(network, CUBE)
    sizes = pruner.sizes(1e-7)
    assert sizes[0] == 4
    assert error(network, pruner.prune((4, 16))) < 1e-5


def test_all_neurons_are_the_original_itself():
    network = made()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    pruner = NeuronPruner(network, CUBE)
    assert pruner.sizes(0.0) == network.widths
    for criterion in ("id", "l1", "random"):
        assert pruner.prune(network.widths, criterion) is network
        pruner.prune((5, 5), criterion)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())


def test_sizes_fall_with_the_tolerance_and_the_error_rises_from_nothing(fitted):
    pruner = NeuronPruner(fitted, SQUARE)
    chain = [pruner.sizes(t) for t in np.geomspace(1e-8, 1, 25)]
    for larger, smaller in itertools.pairwise(chain):
        assert all(a >= b for a, b in zip(larger, smaller, strict=True))
    counts = [pruner.parameters(sizes) for sizes in chain]
    assert counts[0] > 10 * counts[-1]
    fine, middle = pruner.sizes(1e-3), pruner.sizes(1e-1)
    assert fine != middle
    assert error(fitted, pruner.prune(fine)) < 1e-3 < error(fitted, pruner.prune(middle)) < 0.1


@pytest.mark.parametrize("sizes", [(26, 32), (20, 26), (20, 20)])
def test_decomposition_beats_dropping_neurons_at_equal_size(fitted, sizes):
    pruner = NeuronPruner(fitted, SQUARE)
    found = {c: pruner.prune(sizes, c) for c in ("id", "l1", "random")}
    assert {network.widths for network in found.values()} == {sizes}
    errors = {c: error(fitted, network) for c, network in found.items()}
    assert errors["id"] < 0.5 * min(errors["l1"], errors["random"])


def test_l1_and_random_only_drop_neurons():
    network = made((3, 6, 5, 1))
    pruner = NeuronPruner(network, CUBE)
    norms = network.layers[0].weight.abs().sum(1) + network.layers[0].bias.abs()
    kept = norms.topk(4).indices.sort().values
    pruned = pruner.prune((4, 5), "l1")
    assert torch.equal(pruned.layers[0].weight, network.layers[0].weight[kept])
    assert torch.equal(pruned.layers[1].weight, network.layers[1].weight[:, kept])
    assert torch.equal(pruned.layers[2].weight, network.layers[2].weight)
    one, again, other = (pruner.prune((4, 3), "random", seed) for seed in (1, 1, 2))
    assert all(map(torch.equal, one.parameters(), again.parameters()))
    assert not all(map(torch.equal, one.parameters(), other.parameters()))
    rows = network.layers[0].weight.tolist()
    assert all(row in rows for row in one.layers[0].weight.tolist())


def test_keep_rates_and_locks():
    network = made((3, 24, 20, 10, 1))
    pruner = NeuronPruner(network, CUBE)
    assert pruner.sizes(0.0, keep=0.3) == (7, 6, 3)
    # 0.58 * 100 is 57.999... in binary.
    assert NeuronPruner(made((3, 100, 1)), CUBE).sizes(0.0, keep=0.58) == (58,)
    assert pruner.sizes(0.0, keep=0.0) == (1, 1, 1)
    assert pruner.sizes(0.0, keep=0.5, rates={"H2": 33.0}) == (12, 13, 5)
    assert pruner.sizes(1.0, rates={"H2": 100.0, "H1": 0.0}, locks=("H3",)) == (24, 1, 10)
    assert pruner.sizes(1.0, rates={"H1": 50.0}, locks=("H1",))[0] == 24


def test_a_budget_is_met_and_one_neuron_more_would_break_it(fitted):
    pruner = NeuronPruner(fitted, SQUARE)
    smallest, whole = pruner.parameters((1, 1)), fitted.parameters_count
    previous = (0, 0)
    for budget in (*range(smallest, whole, 37), whole, 2 * whole):
        sizes = pruner.sizes(0.0, budget=budget)
        assert pruner.prune(sizes).parameters_count <= budget
        assert all(a >= b for a, b in zip(sizes, previous, strict=True))
        if budget < whole:
            larger = [(sizes[0] + 1, sizes[1]), (sizes[0], sizes[1] + 1)]
            assert any(pruner.parameters(more) > budget for more in larger)
        previous = sizes
    assert previous == fitted.widths
    loose = pruner.sizes(1e-2)
    assert pruner.sizes(1e-2, budget=pruner.parameters(loose)) == loose
    assert pruner.sizes(1e-2, budget=whole) == loose


def test_a_budget_takes_the_sizes_of_the_smallest_tolerance_that_fits(fitted):
    pruner = NeuronPruner(fitted, SQUARE)
    for tolerance in (1e-4, 1e-3, 1e-2, 1e-1):
        sizes = pruner.sizes(tolerance)
        assert pruner.sizes(0.0, budget=pruner.parameters(sizes)) == sizes


def test_a_budget_leaves_locks_and_rates_alone_and_says_when_it_cannot(fitted):
    pruner = NeuronPruner(fitted, SQUARE)
    sizes = pruner.sizes(0.0, budget=400, locks=("H1",))
    assert sizes[0] == 32
    assert pruner.parameters(sizes) <= 400 < pruner.parameters((32, sizes[1] + 1))
    assert pruner.sizes(0.0, budget=400, rates={"H2": 75.0})[1] == 8
    smallest = pruner.parameters((32, 1))
    assert pruner.sizes(0.0, budget=smallest, locks=("H1",)) == (32, 1)
    with pytest.raises(BadInput, match=rf"{smallest - 1} parameters.* {smallest};"):
        pruner.sizes(0.0, budget=smallest - 1, locks=("H1",))
    with pytest.raises(BadInput, match=rf"{fitted.parameters_count:,}"):
        pruner.sizes(0.0, budget=50, locks=("H1", "H2"))


@pytest.mark.parametrize("bias", [-50.0, 0.0])
def test_a_layer_of_zeros_leaves_one_neuron_and_the_same_field(bias):
    network = made((3, 8, 6, 1), "relu")
    with torch.no_grad():
        network.layers[0].weight.zero_()
        network.layers[0].bias.fill_(bias)
    pruner = NeuronPruner(network, CUBE)
    assert pruner.sizes(1e-3) == (1, 1)
    x = points(network)
    for sizes in ((1, 1), (5, 3)):
        pruned = pruner.prune(sizes)
        assert pruned.widths == sizes
        torch.testing.assert_close(pruned(x), network(x), atol=1e-5, rtol=0)


def test_constant_layers_leave_one_neuron_and_the_same_field():
    network = made((3, 8, 6, 1), "tanh")
    with torch.no_grad():
        network.layers[0].weight.zero_()
    pruner = NeuronPruner(network, CUBE)
    assert pruner.sizes(1e-6) == (1, 1)
    assert error(network, pruner.prune((1, 1))) < 1e-5


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_layers_of_one_neuron(activation):
    network = made((3, 1, 7, 1, 1), activation)
    pruner = NeuronPruner(network, CUBE)
    for tolerance in (0.0, 1e-3, 1.0):
        sizes = pruner.sizes(tolerance, keep=0.5)
        assert (sizes[0], sizes[2]) == (1, 1)
        assert pruner.prune(sizes).evaluate(points(network)).isfinite().all()
    assert pruner.sizes(0.0) == (1, 7, 1)


def test_time_belongs_to_the_domain():
    torch.manual_seed(0)
    network = made((4, 12, 10, 1))
    with torch.no_grad():
        # Every neuron sees time alone: frozen in time each would be a constant.
        network.layers[0].weight[:, :3] = 0
    moving = replace(CUBE, lower=(-1.0,) * 4, upper=(1.0,) * 4)
    assert NeuronPruner(network, moving).sizes(1e-4)[0] > 1
    still = replace(moving, lower=(-1.0, -1.0, -1.0, 0.3), upper=(1.0, 1.0, 1.0, 0.3))
    assert NeuronPruner(network, still).sizes(1e-4)[0] == 1


def test_seeds_repeat_and_original_types_stay():
    network = made()
    one, again = NeuronPruner(network, CUBE, seed=1), NeuronPruner(network, CUBE, seed=1)
    assert one.sizes(1e-2) == again.sizes(1e-2)
    a, b = one.prune((7, 9)), again.prune((7, 9))
    assert all(map(torch.equal, a.parameters(), b.parameters()))
    assert all(p.dtype == torch.float32 for p in a.parameters())
    assert not a.training
    assert list(a.state_dict()) == list(network.state_dict())


def test_places_without_numbers_are_left_out():
    network = made((2, 6, 5, 1), "relu")
    with torch.no_grad():
        # Infinite where x is above 0, and nothing at all below.
        network.layers[0].weight[0] = torch.tensor([float("inf"), 0.0])
    pruner = NeuronPruner(network, SQUARE)
    pruned = pruner.prune((5, 5))
    x = points(network)
    x = x[x[:, 0] < 0]
    torch.testing.assert_close(pruned(x), network(x), atol=1e-5, rtol=0)
    with pytest.raises(BadInput, match="not numbers at any of 4,096"):
        NeuronPruner(network, replace(SQUARE, lower=(0.1, -1.0)))


def test_sizes_that_do_not_fit_are_refused():
    pruner = NeuronPruner(made(), CUBE)
    for sizes in ((24,), (25, 20), (0, 20)):
        with pytest.raises(BadInput, match="do not fit"):
            pruner.prune(sizes)
