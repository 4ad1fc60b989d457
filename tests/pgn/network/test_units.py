"""Units against the paper's table of layers."""

import pytest

from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.network.units import (
    decoder_units,
    encoder_units,
    gamma_units,
    network_macs,
    network_units,
    scope_units,
)

PAPER = [9408, 36864, 36864, 36864, 36864, 73728, 147456, 147456, 147456, 294912, 589824, 589824,
         589824, 1179648, 2359296, 2359296, 2359296, 524288]  # fmt: skip


@pytest.fixture(scope="module")
def net():
    return AtlasNet()


def test_encoder_is_c1_to_c18(net):
    units = encoder_units(net)
    assert [unit.id for unit in units] == [f"C{i}" for i in range(1, 19)]
    assert [unit.count for unit in units] == PAPER
    assert sum(PAPER) == 11_519_168


def test_decoder_gammas_and_whole(net):
    assert {u.id: u.count for u in decoder_units(net, 2562)} == {
        "conv1": 3072,
        "conv2": 524_288,
        "conv_list[0]": 262_144,
        "conv_list[1]": 262_144,
        "last_conv": 1536,
    }
    assert sum(unit.count for unit in gamma_units(net)) == 2560
    units = network_units(net, 2562)
    sizes = {unit.id: unit.count for unit in units}
    totals = {
        scope: sum(sizes[unit] for unit in scope_units(scope, units))
        for scope in ("encoder", "decoder", "decoder+bn", "all", "C15,C16")
    }
    assert totals == {
        "encoder": 11_519_168,
        "decoder": 1_053_184,
        "decoder+bn": 1_055_744,
        "all": 12_572_352,
        "C15,C16": 4_718_592,
    }


def test_macs_are_those_of_the_layers(net):
    macs = {unit.id: unit.macs for unit in network_units(net, 2562)}
    assert macs["C1"] == 9408 * 112 * 112
    assert macs["C15"] == macs["C7"] == 115_605_504
    assert macs["C18"] == 524_288
    assert macs["conv2"] == 524_288 * 2562
    assert network_macs(net, 2562) == pytest.approx(4.512e9, rel=1e-3)


def test_several_primitives_have_labels_of_their_own():
    net = AtlasNet(primitives=3, template="SQUARE")
    ids = [unit.id for unit in network_units(net, 100)]
    assert len(ids) == len(set(ids)) == 18 + 3 * 9
    assert "p02.conv_list[1]" in ids
