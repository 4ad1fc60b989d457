"""Plans: what they zero and remove, that they can be taken back, and what stays the same."""

import pytest
import torch
from torch import nn

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.network.sizes import made
from prune3d_gui.plugins.vortx.pruning.controls import PRESETS
from prune3d_gui.plugins.vortx.pruning.footprint import footprint_of, module_sizes
from prune3d_gui.plugins.vortx.pruning.pruner import MODULES, Pruner
from prune3d_gui.plugins.vortx.pruning.work import TYPICAL

from .shapes import full, levels_of, plainly, plan, run, stirred, tiny


@pytest.fixture(scope="module")
def pruner():
    return Pruner(tiny())


@pytest.fixture(scope="module")
def released():
    return Pruner(full())


def state_of(network):
    return {name: tensor.clone() for name, tensor in network.state_dict().items()}


def same(one, other):
    return one.keys() == other.keys() and all(torch.equal(one[n], other[n]) for n in one)


def parts_of(effective):
    network = effective.network
    found = {"2d": network.cnn2d}
    for level in network.cnns3d:
        found[f"transformer {level}"] = network.mv_fusion[level]
        found[f"3d {level}"] = network.cnns3d[level]
    return found


def test_rate_0_is_the_network_itself(pruner):
    found = pruner.effective(plan())
    whole = {name: module for name, module in pruner.network.named_modules() if name}
    parts = parts_of(found)
    assert parts["2d"] is whole["cnn2d"]
    assert all(
        parts[f"3d {n}"] is whole[f"cnns3d.{n}"]
        and parts[f"transformer {n}"] is whole[f"mv_fusion.{n}"]
        for n in ("coarse", "medium", "fine")
    )
    assert same(state_of(found.network), state_of(pruner.network))
    size = footprint_of(pruner, found, TYPICAL)
    assert (size.zeroed, size.removed, size.why) == (0, 0, "")


def test_every_plan_can_be_taken_back(pruner):
    before = state_of(pruner.network)
    some = pruner.effective(plan(rate2d=40, rate_ff=20, width_ff=30, rate3d=50))
    kept = state_of(some.network)
    pruner.effective(plan(rate2d=90, rate_ff=70, rate3d=90, criterion="random", seed=3))
    assert same(state_of(pruner.effective(plan()).network), before)
    again = pruner.effective(plan(rate2d=40, rate_ff=20, width_ff=30, rate3d=50))
    assert same(state_of(again.network), kept)
    assert same(state_of(some.network), kept)  # a network that was given is nobody's to change
    assert again.keys == some.keys


@pytest.mark.parametrize(
    ("values", "changed"),
    [
        ({"rate2d": 30}, {"2d"}),
        ({"rate_ff": 30}, {n for n in MODULES if n.startswith("transformer")}),
        ({"width_ff": 30}, {n for n in MODULES if n.startswith("transformer")}),
        ({"rate3d": 30}, {n for n in MODULES if n.startswith("3d")}),
    ],
)
def test_a_knob_leaves_other_modules_the_same_objects(pruner, values, changed):
    start = {"rate2d": 10, "rate_ff": 10, "rate3d": 15}
    one, other = pruner.effective(plan(**start)), pruner.effective(plan(**{**start, **values}))
    first, second = parts_of(one), parts_of(other)
    assert {name for name in MODULES if first[name] is not second[name]} == changed
    assert {name for name in MODULES if one.keys[name] != other.keys[name]} == changed


def test_a_rate_of_a_medium_kernel_leaves_the_coarse_level_alone(pruner):
    one = pruner.effective(plan())
    other = pruner.effective(plan().with_rate("medium.up2.1.1.3", 50))
    changed = {name for name in MODULES if one.keys[name] != other.keys[name]}
    assert changed == {"3d medium", "3d fine"}  # the fine level reads what the medium one gives
    assert other.network.size.unets[1].outputs == 9


def test_2d_weights_are_zeroed_by_one_threshold_over_all(released):
    found = released.effective(plan(rate2d=25)).network
    weights = [m.weight for m in found.cnn2d.modules() if isinstance(m, nn.Conv2d)]
    zeros = sum(int((w == 0).sum()) for w in weights)
    assert zeros == 78_458
    before = [m.weight for m in released.network.cnn2d.modules() if isinstance(m, nn.Conv2d)]
    gone = torch.cat([b[w == 0].abs() for b, w in zip(before, weights, strict=True)])
    stays = torch.cat([w[w != 0].abs() for w in weights])
    assert float(gone.max()) <= float(stays.min())


@pytest.mark.parametrize(("rate", "zeroed"), [(33, 22_640), (22, 15_092)])
def test_each_feed_forward_layer_loses_its_share(released, rate, zeroed):
    found = released.effective(plan(rate_ff=rate))
    assert sum(int(mask.sum()) for mask in found.masks.values()) == zeroed
    for unit, mask in found.masks.items():
        assert int(mask.sum()) == round(rate / 100 * mask.numel()), unit


def test_the_papers_preset_by_module(released):
    found = released.effective(plan(**PRESETS["paper"]))
    size = footprint_of(released, found, TYPICAL)
    assert (size.total, size.prunable) == (6_445_275, 6_335_280)
    assert size.zeroed == 78_458 + 22_640
    # A quarter of the channels on both sides takes 44 % of the weights, not 25 %.
    assert size.removed == pytest.approx(0.434 * 5_960_680, rel=0.01)
    modules = {own.module: own for own in module_sizes(released, found, TYPICAL)}
    assert sum(own.total for own in modules.values()) == size.total
    assert sum(own.zeroed for own in modules.values()) == size.zeroed
    assert sum(own.removed for own in modules.values()) == size.removed
    assert sum(own.macs for own in modules.values()) == size.macs
    assert (
        sum(own.bytes for own in modules.values()) == size.bytes == 4 * (6_445_275 - size.removed)
    )
    assert modules["2d"].macs == modules["2d"].opened_macs
    volume = [own for own in modules.values() if own.module.startswith("3d")]
    assert sum(o.opened_macs for o in volume) / sum(o.macs for o in volume) == pytest.approx(
        17.0 / 9.8, rel=0.02
    )
    assert 1.08 < sum(o.opened_macs for o in modules.values()) / size.macs < 1.10


def test_removed_neurons_save_work_and_zeros_do_not(released):
    whole = footprint_of(released, released.effective(plan()), TYPICAL).macs
    zeroed = footprint_of(released, released.effective(plan(rate2d=90, rate_ff=90)), TYPICAL)
    narrow = footprint_of(released, released.effective(plan(width_ff=50)), TYPICAL)
    tokens = {level: work.tokens for level, work in TYPICAL.levels.items()}
    assert zeroed.macs == whole
    assert whole - narrow.macs == sum(
        2 * 2 * width * width * tokens[level]
        for level, width in (("coarse", 80), ("medium", 40), ("fine", 24))
    )


def test_zeros_are_counted_among_the_neurons_that_are_left(released):
    found = released.effective(plan(rate_ff=40, width_ff=50))
    size = footprint_of(released, found, TYPICAL)
    layers = [
        w for name, w in found.network.named_parameters() if ".mlp." in name and "weight" in name
    ]
    assert size.zeroed == sum(int((w == 0).sum()) for w in layers) > 0


def test_the_last_channel_of_a_group_stays(pruner):
    found = pruner.effective(plan(rate3d=100, width_ff=100))
    assert {len(kept) for kept in (*found.volume, *found.forward)} == {1}
    assert "stays" in footprint_of(pruner, found, TYPICAL).why
    features, logits = run(found.network, levels_of(), plainly)[-1]
    assert features.shape[1] == 1
    assert logits.isfinite().all()


def test_locked_units_stay_whole(pruner):
    locked = plan(rate2d=50, rate_ff=50, width_ff=50, rate3d=50)
    for unit in ("conv0.0", "coarse.ff0.fc1", "fine.stem"):
        locked = locked.with_lock(unit, True)
    found, whole = pruner.effective(locked).network, pruner.network
    for name in ("cnn2d.conv0.0.weight", "cnns3d.fine.stem.0.kernel"):
        assert torch.equal(found.get_parameter(name), whole.get_parameter(name))
    assert found.size.hidden[0] == (160, 80)


def test_units_can_have_rates_of_their_own(pruner):
    own = plan().with_rate("conv1.0.0", 50).with_rate("coarse.encoder", 25)
    found = pruner.effective(own.with_rate("coarse.stage1.1.0", 75))
    assert {unit: round(float(m.float().mean()), 3) for unit, m in found.masks.items()} == {
        "conv1.0.0": 0.5,
        "coarse.encoder": 0.25,
    }
    assert found.network.size.unets[0].inner[0] == 4


def test_networks_that_were_trained_on_lose_what_the_opened_one_does(pruner):
    other = tiny(7)
    asked = plan(rate2d=30, rate_ff=30, rate3d=40)
    by_opened = Pruner(other, pruner.network).effective(asked)
    wanted = pruner.effective(asked)
    assert by_opened.masks.keys() == wanted.masks.keys()
    assert all(torch.equal(m, wanted.masks[unit]) for unit, m in by_opened.masks.items())
    pairs = zip(by_opened.volume, wanted.volume, strict=True)
    assert all(torch.equal(one, two) for one, two in pairs)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        (plan().with_rate("coarse.nothing", 5), "'coarse.nothing'"),
        (plan().with_lock("C1", True), "'C1'"),
    ],
)
def test_unknown_units_are_quoted(pruner, asked, said):
    with pytest.raises(BadInput, match=said):
        pruner.effective(asked)


def test_chance_is_seeded(pruner):
    one, two, other = (
        pruner.effective(plan(rate3d=50, rate2d=50, criterion="random", seed=seed)).keys
        for seed in (1, 1, 2)
    )
    assert one == two
    assert one["2d"] != other["2d"]
    assert one["3d fine"] != other["3d fine"]


def test_networks_that_take_the_mean_over_views_have_nothing_to_prune_there():
    network = stirred(made((8, 6, 4), heads=0))
    pruner = Pruner(network)
    found = pruner.effective(plan(rate2d=20, rate_ff=50, width_ff=50, rate3d=50))
    size = footprint_of(pruner, found, TYPICAL)
    assert {unit.path[0] for unit in pruner.units} == {"2D CNN", "View encoders", "3D CNN"}
    assert size.zeroed == round(0.2 * 313_832)
    assert found.network.size.hidden == network.size.hidden
    modules = {own.module: own for own in module_sizes(pruner, found, TYPICAL)}
    assert modules["transformer fine"].total == modules["transformer fine"].macs == 0
