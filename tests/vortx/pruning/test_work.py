"""Counts of VoRTX's parameters and arithmetic."""

import pytest
import torch

from prune3d_gui.plugins.vortx.network.tokens import tokens_of
from prune3d_gui.plugins.vortx.pruning.controls import ENCODERS, FUSION, PHOTOGRAPHS, VOLUME
from prune3d_gui.plugins.vortx.pruning.units import network_units
from prune3d_gui.plugins.vortx.pruning.work import (
    TYPICAL,
    level_work,
    module_macs,
    picture_macs,
    typical_room,
)

from .shapes import full


@pytest.fixture(scope="module")
def network():
    return full()


def test_pools_are_those_of_the_released_network(network):
    units = network_units(network, TYPICAL)
    pools = {
        module: sum(unit.count for unit in units if unit.path[0] == module)
        for module in (PHOTOGRAPHS, ENCODERS, FUSION, VOLUME)
    }
    assert pools == {PHOTOGRAPHS: 313_832, ENCODERS: 12_464, FUSION: 68_608, VOLUME: 5_952_840}
    assert len({unit.id for unit in units}) == len(units)
    assert {unit.path[1:] for unit in units if unit.path[0] == VOLUME} == {
        (level, stage)
        for level in ("coarse", "medium", "fine")
        for stage in ("stem", "stage1", "stage2", "up1", "up2")
    }


def test_work_of_a_typical_crop(network):
    macs = {name: count / 1e9 for name, count in module_macs(network, TYPICAL).items()}
    fusion = sum(macs[f"transformer {level}"] for level in TYPICAL.levels)
    volume = sum(macs[f"3d {level}"] for level in TYPICAL.levels)
    assert macs["2d"] == pytest.approx(27.4, rel=0.002)
    assert fusion == pytest.approx(43.8, rel=0.02)
    assert macs["3d coarse"] == pytest.approx(8.6, rel=0.02)
    # How many neighbours voxels of the finer levels have was not told beside 17.0: those along
    # the six sides of a room have a few more.
    assert volume == pytest.approx(17.0, rel=0.04)


def test_typical_numbers_are_those_of_a_room(network):
    for level, sites in typical_room().items():
        seen = torch.ones(len(sites), 20, dtype=torch.bool)
        assert level_work(sites, tokens_of(seen)) == TYPICAL.levels[level]


def test_pairs_of_views_are_counted_by_voxel():
    (sites,) = [typical_room()["coarse"]]
    seen = torch.zeros(len(sites), 4, dtype=torch.bool)
    seen[:10, :3] = True
    seen[10:12, 1] = True
    work = level_work(sites, tokens_of(seen))
    assert (work.tokens, work.squares) == (32, 92)


@pytest.mark.parametrize("size", [(480, 640), (192, 256), (100, 130)])
def test_work_of_photographs_is_that_of_the_layers_as_they_run(network, size):
    counted = {}
    names = {module: name for name, module in network.named_modules()}

    def count(module, _inputs, out):
        counted[f"{names[module]}.weight"] = module.weight.numel() * out.shape[2] * out.shape[3]

    hooks = [
        m.register_forward_hook(count)
        for m in network.cnn2d.modules()
        if isinstance(m, torch.nn.Conv2d)
    ]
    try:
        network.cnn2d(torch.zeros(1, 3, *(-(-side // 16) * 16 for side in size)))
    finally:
        for hook in hooks:
            hook.remove()
    found = picture_macs(network, size)
    assert {name: n for name, n in found.items() if name.startswith("cnn2d")} == counted
