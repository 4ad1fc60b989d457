"""Which branches change their module's output least, in one pass, against the plain way."""

from itertools import combinations

import pytest
import torch

from prune3d_gui.plugins.psp_seg.training.choosing import least_changing


def images(count=2):
    drawn = torch.Generator().manual_seed(2)
    return [torch.randn(1, 1, 16, 16, 16, generator=drawn) for _ in range(count)]


@torch.no_grad()
def plainly(network, name, together):
    """Change of a module's output without each combination: a module's pass for each of them."""
    module, sums = network.module(name), {}
    for image in images():
        have = network.features(image)
        x = network.entering(name, have)
        masked = module.masked
        for some in combinations(module.alive, together):
            module.mask(masked | set(some))
            sums[some] = sums.get(some, 0.0) + float((module(x) - have[name]).norm())
            module.mask(masked)
    return sums


@pytest.mark.parametrize("at_once", [1, 2, 3, 4])
def test_one_pass_chooses_what_a_pass_for_each_combination_does(network, at_once):
    chosen = least_changing(network, images(), at_once)
    assert [units[0][0] for units in chosen] == [name for name, _ in network.size.modules]
    for units in chosen:
        sums = plainly(network, units[0][0], at_once)
        assert sums[tuple(sorted(place for _, place in units))] == min(sums.values())


def test_branches_that_are_gone_are_not_chosen_and_few_go_together(network):
    name = network.size.modules[0][0]
    other = network.size.modules[1][0]
    network.mask(frozenset({(name, 0), (name, 1), (name, 2), *((other, p) for p in range(4))}))
    chosen = {units[0][0]: units for units in least_changing(network, images(), 2)}
    assert chosen[name] == ((name, 3),)
    assert other not in chosen
    assert len(chosen[network.size.modules[2][0]]) == 2


def test_nothing_is_chosen_where_nothing_lives(network):
    network.mask(frozenset(network.units))
    assert least_changing(network, images(), 2) == ()
