"""A network without channels gives what the whole one gives with zeros there."""

import pytest
import torch

from prune3d_gui.plugins.vortx.network.network import Vortx
from prune3d_gui.plugins.vortx.pruning.groups import (
    GROUPS,
    forward_groups,
    narrowed,
    volume_groups,
)
from prune3d_gui.pruning.channels import sliced

from .shapes import full, levels_of, plainly, run, tiny, with_zeros


def drawn_keep(groups, seed):
    """Some of each group's channels, at least one."""
    drawn = torch.Generator().manual_seed(seed)
    found = []
    for group in groups:
        count = int(torch.randint(1, group.count + 1, (1,), generator=drawn))
        found.append(torch.randperm(group.count, generator=drawn)[:count].sort()[0])
    return tuple(found)


def without(network, volume, forward):
    groups = (*volume_groups(network), *forward_groups(network))
    state = sliced(network.state_dict(), groups, (*volume, *forward))
    smaller = Vortx(narrowed(network.size, volume, forward)).eval()
    smaller.load_state_dict(state)
    return smaller.requires_grad_(False)


@pytest.mark.parametrize("seed", range(8))
def test_a_network_without_channels_is_one_with_zeros_there(seed):
    network = tiny(seed)
    volume = drawn_keep(volume_groups(network), seed)
    smaller = without(network, volume, [torch.arange(g.count) for g in forward_groups(network)])
    levels = levels_of(seed)
    wanted = run(network, levels, with_zeros(volume))
    found = run(smaller, levels, plainly)
    for number, ((features, logits), (own, own_logits)) in enumerate(
        zip(wanted, found, strict=True)
    ):
        outputs = volume[number * len(GROUPS) + GROUPS.index("up2")]
        torch.testing.assert_close(own, features[:, outputs], atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(own_logits, logits, atol=1e-5, rtol=1e-5)


def test_the_zeros_of_the_reference_are_not_those_of_kernels_alone():
    network = tiny()  # so that the test above can fail: offsets of norms reach what reads them
    volume = list(drawn_keep(volume_groups(network), 1))
    levels = levels_of()
    whole = run(network, levels, plainly)
    zeroed = run(network, levels, with_zeros(volume))
    assert float((whole[0][1] - zeroed[0][1]).abs().max()) > 1e-2


def test_all_channels_of_u_nets_and_neurons_are_in_one_group_each():
    network = full()
    made = [name for g in volume_groups(network) for name in g.producers]
    kernels = [n for n, _ in network.named_parameters() if n.startswith("cnns3d") and "kernel" in n]
    assert sorted(made) == sorted(kernels)
    assert len(volume_groups(network)) == 3 * 17
    assert [group.count for group in forward_groups(network)] == [160, 160, 80, 80, 48, 48]


@pytest.mark.parametrize("seed", range(3))
def test_a_feed_forward_without_neurons_is_one_with_zeros_there(seed):
    network = tiny(seed)
    groups = forward_groups(network)
    keep = drawn_keep(groups, seed)
    smaller = without(network, [torch.arange(g.count) for g in volume_groups(network)], keep)
    for number, level in enumerate(("coarse", "medium", "fine")):
        for layer in (0, 1):
            mlp = network.mv_fusion[level].transformer.encoder_layers[layer].mlp
            own = smaller.mv_fusion[level].transformer.encoder_layers[layer].mlp
            x = torch.randn(5, network.size.features[number])
            inside = mlp.fc1(x).relu()
            alive = torch.zeros(inside.shape[1])
            alive[keep[2 * number + layer]] = 1
            torch.testing.assert_close(own(x), mlp.fc2(inside * alive), atol=1e-5, rtol=1e-5)
