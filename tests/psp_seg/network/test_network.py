"""The network's layout, its branches, what masking and removing them does, and its work."""

import pytest
import torch
from torch import nn

from prune3d_gui.plugins.psp_seg.network.branches import Norm, ParallelModule
from prune3d_gui.plugins.psp_seg.network.macs import branch_macs, step_macs
from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.removal import removed
from prune3d_gui.plugins.psp_seg.network.sizes import FOUR, SEVEN, SIZES, Size

TINY = Size("tiny", (4, 6, 8), 0.5, FOUR)
TINY_HALF = Size("tiny-half", (4, 6, 8), 1.0, SEVEN, half=True)
SHAPE = (16, 16, 24)


def network(size=TINY_HALF, classes=3, seed=0):
    """A network whose branches matter: scalars away from zero."""
    torch.manual_seed(seed)
    made = Network(size, classes).eval()
    for name, _ in size.modules:
        nn.init.uniform_(made.module(name).scales, 0.3, 1.0)
    return made


def image(seed=1, shape=SHAPE):
    return torch.randn(1, 1, *shape, generator=torch.Generator().manual_seed(seed))


# Counts of the released classes, instantiated with 1 input, 3 outputs and deep supervision.
@pytest.mark.parametrize(
    ("id", "branches", "millions", "inside", "skeleton"),
    [("S", 28, 5.37, 1.74, 3.63), ("B", 49, 13.20, 9.57, 3.63), ("L", 63, 33.13, 24.36, 8.77)],
)
def test_the_sizes_of_the_paper_have_its_counts(id, branches, millions, inside, skeleton):
    with torch.device("meta"):
        made = Network(SIZES[id], 3)
    whole = sum(parameter.numel() for parameter in made.parameters())
    own = sum(made.parameters_of(unit) for unit in made.units)
    assert len(made.units) == SIZES[id].branches == branches
    assert round(whole / 1e6, 2) == millions
    assert round(own / 1e6, 2) == inside
    assert round((whole - own) / 1e6, 2) == skeleton


def test_the_laptop_size_has_twenty_four_branches_in_at_most_a_million():
    made = Network(SIZES["laptop"], 5)
    assert len(made.units) == 24
    assert sum(p.numel() for p in made.parameters()) <= 1_000_000


def test_every_scale_begins_at_zero_so_branches_add_nothing():
    torch.manual_seed(0)
    made = Network(TINY, 3).eval()
    before = made(image())
    made.mask(frozenset(made.units[:3]))
    assert torch.equal(made(image()), before)


def test_a_module_is_the_sum_of_its_branches_and_an_identity_without():
    torch.manual_seed(0)
    module = ParallelModule(5, 7, SEVEN).eval()
    nn.init.uniform_(module.scales, 0.3, 1.0)
    x = torch.randn(2, 5, 6, 7, 8)
    module.mask({1, 4})
    assert module.alive == (0, 2, 3, 5, 6)
    summed = x + sum(module.scales[at] * module.branch(at)(x) for at in module.alive)
    torch.testing.assert_close(module(x), nn.functional.leaky_relu(summed, 0.01))
    parts = module.parts(x)
    assert [place for place, _ in parts] == list(module.alive)
    torch.testing.assert_close(x + sum(part for _, part in parts), summed)
    module.mask(range(7))
    assert module(x) is x


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
def test_masking_is_exact_and_reversible_and_equals_removal(size):
    made = network(size)
    before = made(image())
    gone = frozenset({made.units[0], made.units[3], made.units[-1]})
    made.mask(gone)
    masked = made(image())
    assert not torch.equal(masked, before)
    smaller = removed(made)
    assert torch.equal(smaller(image()), masked)
    assert set(smaller.units) == set(made.units) - gone
    saved = sum(p.numel() for p in made.parameters()) - sum(p.numel() for p in smaller.parameters())
    assert saved == sum(made.parameters_of(unit) for unit in gone)
    made.mask(frozenset())
    assert torch.equal(made(image()), before)


def test_all_branches_gone_still_runs():
    made = network(TINY)
    made.mask(frozenset(made.units))
    smaller = removed(made)
    assert smaller.units == ()
    assert torch.equal(smaller(image()), made(image()))
    assert made(image()).shape == (1, 3, *SHAPE)


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
def test_the_work_that_is_counted_is_that_of_the_convolutions(size):
    made = network(size)
    made.mask(frozenset(made.units[2:4]))
    counted = {"all": 0}

    def count(layer, inputs, output):
        counted["all"] += output[0, 0].numel() * layer.weight.numel()

    hooks = [m.register_forward_hook(count) for m in made.modules() if isinstance(m, nn.Conv3d)]
    made(image())
    for hook in hooks:
        hook.remove()
    assert sum(step_macs(made, SHAPE).values()) == counted["all"]
    every = branch_macs(made, SHAPE)
    made.mask(frozenset())
    assert sum(step_macs(made, SHAPE).values()) == counted["all"] + sum(
        every[unit] for unit in made.units[2:4]
    )


def test_the_paper_sizes_have_the_work_measured_on_the_released_classes():
    with torch.device("meta"):
        made = {id: Network(SIZES[id], 3) for id in "SBL"}
    share = {}
    for id, one in made.items():
        inside = sum(branch_macs(one, (128,) * 3).values())
        share[id] = (round(inside / 1e9, 1), round(sum(step_macs(one, (128,) * 3).values()) / 1e9))
    assert [share[id][0] for id in "SBL"] == [15.6, 85.6, 89.2]


def test_steps_begin_again_where_something_changed():
    made = network(TINY)
    have = made.features(image())
    made.mask(frozenset({("decoder.1", 0)}))
    names = [name for name, _ in made.steps()]
    fresh = {name: have[name] for name in ("image", *names[: names.index("decoder.1")])}
    for name, run in made.steps()[names.index("decoder.1") :]:
        fresh[name] = run(fresh)
    assert torch.equal(fresh["logits"], made(image()))


def test_deep_supervision_has_a_scale_for_each_level_but_the_bottleneck():
    made = network(TINY)
    shapes = [tuple(o.shape[2:]) for o in made.supervised(made.features(image()))]
    assert shapes == [SHAPE, tuple(side // 2 for side in SHAPE)]
    made = network(TINY_HALF)
    shapes = [tuple(o.shape[2:]) for o in made.supervised(made.features(image()))]
    assert shapes == [SHAPE, *(tuple(side // by for side in SHAPE) for by in (2, 4))]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="no CUDA device")
def test_cpu_and_gpu_agree():
    made = network(TINY_HALF)
    here = made(image())
    there = made.cuda()(image().cuda()).cpu()
    torch.testing.assert_close(there, here, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("shift", [0.0, 300.0])
@pytest.mark.parametrize("layout", [torch.contiguous_format, torch.channels_last_3d])
def test_the_fast_norm_is_that_of_torch(layout, shift):
    x = torch.randn(2, 5, 6, 7, 8, generator=torch.Generator().manual_seed(0)) * 3 + shift
    x = x.to(memory_format=layout)
    before = x.clone()
    with torch.no_grad():
        found = Norm(5)(x)
    wanted = nn.functional.instance_norm(before.double()).float()
    torch.testing.assert_close(found, wanted, atol=2e-5 if shift == 0 else 2e-4, rtol=1e-5)
    assert torch.equal(x, before)
    flat = torch.full((1, 2, 2, 2, 2), 7.0)
    with torch.no_grad():
        assert not Norm(2)(flat).any()
