"""Channels removed from real and from random AtlasNets."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.model import PgnModel
from prune3d_gui.plugins.pgn.network.checkpoint import load_network
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.network.template import evaluation_template
from prune3d_gui.plugins.pgn.network.widths import Widths
from prune3d_gui.plugins.pgn.pruning.channels import network_groups, plain_forward
from prune3d_gui.plugins.pgn.pruning.controls import CRITERION, RANKING, RATE, SCOPE, WAY
from prune3d_gui.pruning.knobs import SEED

CHANNELS = Plan().with_value(WAY, "channels")


def narrowed(rate, scope="all", **values):
    plan = CHANNELS.with_value(RATE, float(rate)).with_value(SCOPE, scope)
    knobs = {"ranking": RANKING, "criterion": CRITERION, "seed": SEED}
    for name, value in values.items():
        plan = plan.with_value(knobs[name], value)
    return plan


def points(model, plan, sample=None):
    applied = model.apply(plan)
    sample = sample or model.samples()[0].id
    *_, stage = model.reconstruct(applied, sample, Query(), "full", CancelToken())
    return stage.scene.layers[0].data.points.copy()


def shapes(net):
    return {name: tuple(tensor.shape) for name, tensor in net.state_dict().items()}


def written(net, path):
    write_tensors(path, {k: v.clone() for k, v in net.state_dict().items()}, {})
    return path


def test_the_plain_forward_gives_the_networks_numbers():
    torch.manual_seed(2)
    net = AtlasNet(3, "SQUARE", bottleneck=40, hidden=24).eval()
    images = torch.rand(2, 3, 64, 64)
    template = torch.rand(50, 2)
    with torch.no_grad():
        wanted = net(images, template)
        found = torch.cat(plain_forward(net, (images, template)), 2).transpose(1, 2)
    torch.testing.assert_close(found, wanted, rtol=0, atol=1e-5)


def test_groups_of_an_atlasnet():
    net = AtlasNet(2, "SPHERE", bottleneck=48, hidden=32)
    groups = network_groups(net)
    assert [g.count for g in groups[:12]] == [64] * 3 + [128] * 3 + [256] * 3 + [512] * 3
    assert [g.count for g in groups[12:]] == [48] + [32] * 6
    assert set(groups[12].producers) == {
        "encoder.fc.weight",
        "decoder.decoder.0.conv1.weight",
        "decoder.decoder.1.conv1.weight",
    }
    whole = [
        (part.name, part.dim)
        for group in groups
        for part in group.slices
        if (part.channels < 0).any()
    ]
    assert whole == []
    cut = {(part.name, part.dim) for group in groups for part in group.slices}
    assert ("encoder.conv1.weight", 1) not in cut
    assert ("decoder.decoder.0.conv1.weight", 1) not in cut
    assert not cut & {
        (f"decoder.decoder.{i}.last_conv.{k}", 0) for i in (0, 1) for k in ("weight", "bias")
    }
    trainable = {name for name, tensor in net.named_parameters() if tensor.numel() > 3}
    assert trainable == {name for name, _ in cut if "running" not in name}


def test_rate_zero_is_the_full_result_bit_for_bit(shipped):
    full = points(shipped, Plan())
    masked = Plan().with_value(RATE, 60.0).with_value(SCOPE, "all")
    zeroed = points(shipped, masked)
    assert shipped.apply(narrowed(0)).token is None
    assert np.array_equal(points(shipped, narrowed(0)), full)
    assert not np.array_equal(points(shipped, narrowed(10)), full)
    assert np.array_equal(points(shipped, masked), zeroed)
    assert np.array_equal(points(shipped, narrowed(0)), full)


def test_masks_in_between_leave_the_narrow_network_as_it_was(shipped):
    before = points(shipped, narrowed(20, "encoder"))
    points(shipped, Plan().with_value(RATE, 80.0).with_value(SCOPE, "all"))
    assert np.array_equal(points(shipped, narrowed(20, "encoder")), before)


@pytest.mark.parametrize("ranking", ["layer", "global"])
def test_the_footprint_is_that_of_the_real_tensors(shipped, ranking):
    full = shipped.apply(Plan()).footprint
    before = full
    for rate in (25, 50, 75):
        applied = shipped.apply(narrowed(rate, ranking=ranking))
        net, size = applied.token, applied.footprint
        left = sum(p.numel() for p in net.parameters())
        assert size.removed == full.total - left
        assert ("each takes its weights" in size.why) is (size.removed > 0)
        assert (size.zeroed, size.total) == (0, 12_762_691)
        assert size.bytes == size.sizes["sparse"] == 4 * left
        assert size.sizes["fp16"] == 2 * left
        assert size.nonzero == {u.id: net.get_parameter(u.name).numel() for u in shipped.units}
        assert size.workload == full.workload
        assert size.bytes < before.bytes
        assert size.macs < before.macs
        assert size.macs == counted_macs(net)
        before = size


def counted_macs(net):
    """Multiply-accumulates counted at every layer of a real pass; a kernel-1 Conv1d by hand."""
    found = []

    def count(module, inputs, output):
        where = output[0, 0].numel() if output.dim() > 2 else 1
        found.append(module.weight.numel() * where)

    layers = [m for m in net.modules() if isinstance(m, (torch.nn.Conv2d, torch.nn.Linear))]
    hooks = [layer.register_forward_hook(count) for layer in layers]
    with torch.no_grad():
        net.encode(torch.zeros(1, 3, 224, 224))
    for hook in hooks:
        hook.remove()
    decoder = [m for m in net.modules() if isinstance(m, torch.nn.Conv1d)]
    return sum(found) + 2562 * sum(m.weight.numel() for m in decoder)


def test_scopes_limit_what_may_shrink(shipped):
    full = shapes(shipped.network)
    encoder = shapes(shipped.apply(narrowed(50, "encoder")).token)
    decoder = shapes(shipped.apply(narrowed(50, "decoder")).token)
    assert all(encoder[k] == full[k] for k in full if k.startswith("decoder"))
    assert all(decoder[k] == full[k] for k in full if k.startswith("encoder"))
    assert encoder["encoder.fc.bias"] == decoder["decoder.decoder.0.bn1.bias"] == (1024,)
    everything = shapes(shipped.apply(narrowed(50, "all", ranking="layer")).token)
    assert everything["encoder.fc.weight"] == (512, 256)
    assert everything["decoder.decoder.0.last_conv.weight"] == (3, 256, 1)
    assert everything["encoder.conv1.weight"] == (32, 3, 7, 7)
    one = shapes(shipped.apply(narrowed(50, "C16")).token)
    changed = {k for k in full if one[k] != full[k]}
    assert {k.rsplit(".", 1)[0] for k in changed} == {
        f"encoder.layer4.1.{part}" for part in ("conv1", "bn1", "conv2")
    }


def test_units_that_share_channels_go_only_together(shipped):
    alone = shipped.apply(narrowed(50, "C15"))
    assert alone.token is None
    assert alone.footprint.removed == 0
    assert any("C15" in text and "C17" in text for text in alone.notices)
    together = shipped.apply(narrowed(50, "C15,C17", ranking="layer"))
    assert together.token.widths.stages == (64, 128, 256, 256)
    assert together.notices == ()
    assert "widen" in shipped.apply(narrowed(50, "last_conv")).notices[0]


def test_locks_keep_every_element_of_their_unit(shipped):
    plan = narrowed(50, "all", ranking="layer").with_lock("C16", True)
    applied = shipped.apply(plan)
    wanted = shapes(shipped.network)["encoder.layer4.1.conv1.weight"]
    assert shapes(applied.token)["encoder.layer4.1.conv1.weight"] == wanted
    assert applied.footprint.nonzero["C16"] == 2_359_296
    assert applied.token.widths.inner[6] == 256
    locked = narrowed(50, "C16").with_lock("C16", True)
    assert shipped.apply(locked).token is None
    assert "unlock" in shipped.apply(locked).notices[0]


def test_own_rates_go_to_the_group_that_the_unit_produces(shipped):
    plan = narrowed(0).with_rate("C16", 75.0).with_rate("C15", 50.0).with_rate("C17", 25.0)
    widths = shipped.apply(plan).token.widths
    assert widths == Widths(
        stages=(64, 128, 256, 384), inner=(64, 64, 128, 128, 256, 256, 512, 128)
    )
    rest = shipped.apply(narrowed(50, "C14,C16", ranking="layer").with_rate("C16", 0.0))
    assert rest.token.widths.inner[6:] == (256, 512)


def test_criteria_seeds_and_rankings_give_other_networks(shipped):
    plans = [
        narrowed(30),
        narrowed(30, ranking="layer"),
        narrowed(30, criterion="l2"),
        narrowed(30, criterion="random"),
        narrowed(30, criterion="random", seed=1),
    ]
    seen = [points(shipped, plan).tobytes() for plan in plans]
    assert len(set(seen)) == len(plans)
    assert seen[3] == points(shipped, plans[3]).tobytes()


def test_for_masks_l2_zeroes_what_l1_zeroes(model):
    plan = Plan().with_value(RATE, 40.0)
    same = points(model, plan.with_value(CRITERION, "l2"))
    assert np.array_equal(same, points(model, plan))


def test_a_narrow_file_opens_as_a_model_of_its_own_and_is_narrowed_again(
    shipped, small_samples, tmp_path
):
    applied = shipped.apply(narrowed(40, ranking="layer"))
    path = written(applied.token, tmp_path / "narrow.safetensors")
    net, info = load_network(path)
    assert net.widths == applied.token.widths
    assert info.parameters == applied.footprint.total - applied.footprint.removed
    again = PgnModel(net, info, Gallery.shipped(small_samples), "cpu")
    image = torch.from_numpy(again.image(again.samples()[0].id))[None]
    with torch.inference_mode():
        wanted = applied.token(image, again.template("full"))
        assert torch.equal(again.network(image, again.template("full")), wanted)
    size = again.apply(Plan()).footprint
    assert (size.total, size.macs) == (info.parameters, applied.footprint.macs)
    smaller = again.apply(narrowed(40, ranking="layer"))
    assert smaller.footprint.total - smaller.footprint.removed < info.parameters
    assert np.isfinite(points(again, narrowed(40, ranking="layer"))).all()
    masked = again.apply(Plan().with_value(RATE, 50.0)).footprint
    assert masked.zeroed == round(0.5 * masked.prunable)
    again.close()


def test_the_same_frame_comes_from_the_reopened_file(shipped, tmp_path):
    sample = shipped.samples()[0].id
    plan = narrowed(30)
    frame = points(shipped, plan, sample)
    path = tmp_path / "narrow.safetensors"
    shipped.export(shipped.apply(plan), "safetensors", path, {"plan": "rate 30, channels"})
    again = PgnModel(*load_network(path), shipped._gallery, "cpu")
    assert np.array_equal(points(again, Plan(), sample), frame)
    again.close()


def test_each_primitive_has_widths_of_its_own(tmp_path):
    torch.manual_seed(1)
    widths = Widths(20, ((8, 6), (5, 9)), (12, 10, 14, 16), (7, 8, 9, 10, 11, 12, 13, 14))
    net = AtlasNet(2, "SQUARE", widths=widths).eval()
    loaded, info = load_network(written(net, tmp_path / "narrow.safetensors"))
    assert (loaded.widths, info.primitives, info.template) == (widths, 2, "SQUARE")
    template = torch.tensor(evaluation_template("SQUARE", 2, 200, 3)[0])
    with torch.no_grad():
        image = torch.rand(1, 3, 224, 224)
        assert torch.equal(net(image, template), loaded(image, template))
    assert len(network_groups(loaded)) == 12 + 1 + 4


def test_narrow_files_that_do_not_fit_together_are_refused(tmp_path):
    net = AtlasNet(bottleneck=24, hidden=16)
    state = net.state_dict()
    path = tmp_path / "narrow.safetensors"
    wrong = {
        "encoder.layer3.0.downsample.0.weight": torch.zeros(200, 128, 1, 1),
        "decoder.decoder.0.conv_list.1.weight": torch.zeros(16, 12, 1),
        "encoder.fc.weight": torch.zeros(0, 512),
        "encoder.layer2.0.conv1.weight": torch.tensor(1.0),
    }
    for name, tensor in wrong.items():
        write_tensors(path, state | {name: tensor}, {})
        with pytest.raises(BadInput, match=name.replace(".", r"\.")) as caught:
            load_network(path)
        assert str(tuple(tensor.shape)) in str(caught.value)
    write_tensors(path, {k: v for k, v in state.items() if "layer4.1.conv1" not in k}, {})
    with pytest.raises(BadInput, match=r"layer4\.1\.conv1"):
        load_network(path)


def test_unknown_units_are_refused(model):
    with pytest.raises(BadInput, match="C99"):
        model.apply(narrowed(10, "C15,C99"))
    with pytest.raises(BadInput, match="C99"):
        model.apply(narrowed(10).with_lock("C99", True))


def test_moving_starts_again(model):
    before = points(model, narrowed(50))
    model.move_to("cpu")
    assert np.array_equal(points(model, narrowed(50)), before)
