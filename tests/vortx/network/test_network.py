"""The network as released: its parameters, their names, fusion, files."""

import numpy as np
import pytest
import torch
from torch import nn

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.network.checkpoint import (
    load_network,
    load_trunk,
    save_network,
    weights_hash,
)
from prune3d_gui.plugins.vortx.network.features import Features, seen
from prune3d_gui.plugins.vortx.network.fusion import MeanFusion, TransformerFusion
from prune3d_gui.plugins.vortx.network.network import new_network
from prune3d_gui.plugins.vortx.network.sizes import Size, made, named
from prune3d_gui.plugins.vortx.network.sparse.sites import Sites
from prune3d_gui.plugins.vortx.network.tokens import tokens_of
from prune3d_gui.plugins.vortx.network.unet import UNet, Widths, usual


def count(*modules):
    return sum(own.numel() for module in modules for own in module.parameters())


@pytest.fixture(scope="module")
def full():
    return new_network(named("full"))


@pytest.fixture(scope="module")
def tiny():
    return new_network(made((2, 2, 2)), seed=3).eval()


def test_parameters_are_as_many_as_released(full):
    assert count(full) == 6_445_275
    trunk = full.cnn2d.trunk
    assert [count(part) for part in trunk] == [13_296, 33_096, 217_680]
    assert count(full) - count(*trunk) == 6_181_203
    assert count(full.cnn2d) - count(*trunk) == 58_208
    of = {
        "view_embedders": (8_560, 2_680, 1_224),
        "mv_fusion": (110_801, 28_201, 10_393),
        "cnns3d": (4_499_328, 1_167_856, 293_496),
    }
    for name, wanted in of.items():
        assert tuple(count(own) for own in getattr(full, name).values()) == wanted
    assert count(full.layer_norms, full.output_layers) == 456


def test_pools_that_are_pruned_are_as_large_as_in_the_notes(full):
    parts = full.modules_pruned
    convs = [m.weight for p in parts["2d"] for m in p.modules() if isinstance(m, nn.Conv2d)]
    assert sum(w.numel() for w in convs) == 313_832
    named_weights = [p for m in parts["transformer"] for p in m.named_parameters()]
    forward = [w for name, w in named_weights if ".mlp." in name and name.endswith("weight")]
    assert sum(w.numel() for w in forward) == 68_608
    kernels = [
        p for m in parts["3d"] for name, p in m.named_parameters() if name.endswith("kernel")
    ]
    assert (sum(w.numel() for w in kernels), len(kernels)) == (5_952_840, 75)


def test_small_is_the_same_with_narrower_volumes():
    assert count(new_network(named("small"))) == 1_999_699
    assert named("small").features == named("full").features


def test_names_are_those_of_the_release(full):
    names = set(full.state_dict())
    for wanted in (
        "cnn2d.conv0.0.weight", "cnn2d.conv0.8.0.layers.3.weight", "cnn2d.conv1.2.layers.7.bias",
        "cnn2d.conv2.0.layers.0.weight", "cnn2d.inner1.2.weight", "cnn2d.out3.0.running_var",
        "upsampler.upsample_offsets", "upsampler.upsample_mul", "view_embedders.fine.conv.0.weight",
        "layer_norms.medium.bias", "mv_fusion.coarse.transformer.encoder_layers.1.norm2.weight",
        "mv_fusion.coarse.transformer.encoder_layers.0.attn.in_proj_weight",
        "mv_fusion.coarse.transformer.encoder_layers.0.attn.in_proj_bias",
        "mv_fusion.coarse.transformer.encoder_layers.0.attn.out_proj.bias",
        "mv_fusion.fine.transformer.encoder_layers.0.mlp.fc1.weight",
        "mv_fusion.fine.depth_mlp.weight", "mv_fusion.fine.proj_tsdf_mlp.bias",
        "cnns3d.coarse.stem.0.kernel", "cnns3d.coarse.stem.1.running_mean",
        "cnns3d.coarse.stage1.0.net.0.kernel", "cnns3d.coarse.stage1.1.net.3.kernel",
        "cnns3d.coarse.stage1.1.downsample.0.kernel", "cnns3d.fine.stage2.2.net.4.weight",
        "cnns3d.fine.up1.0.net.0.kernel", "cnns3d.fine.up1.1.1.net.0.kernel",
        "cnns3d.fine.up2.1.0.downsample.1.num_batches_tracked", "output_layers.fine.kernel",
    ):  # fmt: skip
        assert wanted in names
    assert "cnns3d.coarse.stage1.2.downsample.0.kernel" not in names
    state = full.state_dict()
    assert state["cnns3d.coarse.stem.0.kernel"].shape == (27, 80, 32)
    assert state["cnns3d.medium.stem.0.kernel"].shape == (27, 137, 16)
    assert state["cnns3d.fine.stem.0.kernel"].shape == (27, 73, 8)
    assert state["cnns3d.fine.stage1.1.downsample.0.kernel"].shape == (8, 16)
    assert state["output_layers.fine.kernel"].shape == (24, 1)


def masked_reference(fusion, features, depths, valid, weighted):
    """What the release says: plain attention over all views of all voxels, masked."""
    x = torch.cat((features, ((depths - 1.85) / 0.85)[..., None]), dim=-1)
    x = fusion.depth_mlp(x).transpose(0, 1)  # (V, N, C)
    hidden = (~valid)[:, None].repeat(1, valid.shape[1], 1)
    torch.diagonal(hidden, dim1=1, dim2=2)[:] = False
    for layer in fusion.transformer.encoder_layers:
        width, heads = x.shape[-1], layer.attn.heads
        plain = nn.MultiheadAttention(width, heads)
        plain.load_state_dict(layer.attn.state_dict())
        own = layer.norm1(x)
        x = x + plain(own, own, own, attn_mask=hidden.repeat_interleave(heads, dim=0))[0]
        x = x + layer.mlp.fc2(layer.mlp.fc1(layer.norm2(x)).relu())
    logits = fusion.proj_tsdf_mlp(x)[..., 0]
    if weighted:
        masked = logits.masked_fill(~valid.t(), -9e3)
        weights = torch.cat((masked, torch.zeros_like(masked[:1]))).softmax(0)[:-1]
    else:
        weights = valid.t() / valid.sum(1).clamp(min=1)
    return (x * weights[..., None]).sum(0), logits.t()


@pytest.mark.parametrize("weighted", [False, True])
def test_packed_attention_is_masked_attention(weighted):
    torch.manual_seed(1)
    fusion = TransformerFusion(24, 2, (48, 30))
    valid = torch.rand(40, 6) < 0.5
    valid[3], valid[4] = False, True
    features, depths = torch.randn(40, 6, 24), torch.rand(40, 6) * 3
    tokens = tokens_of(valid)
    at = (tokens.voxels, tokens.views)
    found, logits = fusion(features[at], depths[at], tokens, weighted)
    wanted, of_all = masked_reference(fusion, features, depths, valid, weighted)
    torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(logits, of_all[at], atol=1e-5, rtol=1e-5)
    assert (found[3] == 0).all()


def test_a_voxel_that_no_view_believes_in_is_next_to_nothing():
    fusion = TransformerFusion(8, 2, (16,))
    nn.init.constant_(fusion.proj_tsdf_mlp.bias, -30.0)
    nn.init.zeros_(fusion.proj_tsdf_mlp.weight)
    tokens = tokens_of(torch.ones(5, 3, dtype=torch.bool))
    found, _ = fusion(torch.randn(15, 8), torch.ones(15), tokens, True)
    assert found.abs().max() < 1e-8


def test_mean_fusion_is_the_mean_of_the_views_that_see_it():
    valid = torch.rand(30, 5) < 0.5
    features = torch.randn(30, 5, 4)
    tokens = tokens_of(valid)
    at = (tokens.voxels, tokens.views)
    found, logits = MeanFusion()(features[at], torch.ones(len(tokens)), tokens, False)
    wanted = (features * valid[..., None]).sum(1) / valid.sum(1, keepdim=True).clamp(min=1)
    torch.testing.assert_close(found, wanted)
    assert logits is None
    assert count(MeanFusion()) == 0


def test_no_voxel_and_no_view_go_through():
    fusion = TransformerFusion(8, 2, (16,))
    for voxels in (0, 3):
        tokens = tokens_of(torch.zeros(voxels, 2, dtype=torch.bool))
        found, logits = fusion(torch.zeros(0, 8), torch.zeros(0), tokens, True)
        assert (found.shape, logits.shape) == ((voxels, 8), (0,))


def test_features_stand_at_a_sixteenth_an_eighth_and_a_quarter():
    pictures = seen(torch.zeros(2, 50, 70, 3, dtype=torch.uint8))
    assert pictures.shape == (2, 3, 64, 80)
    assert pictures[0, 0, 0, 0] == pytest.approx(-127.71 / 75.31)
    found = Features().eval()(pictures)
    shapes = {level: tuple(own.shape) for level, own in found.items()}
    assert shapes == {
        "coarse": (2, 80, 4, 5), "medium": (2, 40, 8, 10), "fine": (2, 24, 16, 20),
    }  # fmt: skip


def test_a_unet_sees_as_far_as_its_voxels_hang_together():
    """What happens far away changes nothing, and both halves alone are what they are together."""
    unet = UNet(usual(5, 2)).eval()
    one = torch.stack(torch.meshgrid(*[torch.arange(6)] * 3, indexing="ij"), -1).reshape(-1, 3)
    rows = torch.randn(2 * len(one), 5)
    both = unet(rows, Sites(torch.cat((one, one + 40))))
    torch.testing.assert_close(both[: len(one)], unet(rows[: len(one)], Sites(one)))
    assert both.shape == (2 * len(one), 6)


def test_one_voxel_alone_goes_through_in_training():
    out = UNet(usual(3, 2)).train()(torch.randn(1, 3), Sites(torch.zeros(1, 3)))
    assert out.isfinite().all()


def lightning(network, path, **parameters):
    """Save as Lightning does."""
    state = {f"vortx.{name}": value for name, value in network.state_dict().items()}
    torch.save(
        {"epoch": 3, "state_dict": state, "hyper_parameters": parameters,
         "optimizer_states": [{"state": {0: {"exp_avg": torch.zeros(3)}}}]}, path,
    )  # fmt: skip


def test_a_lightning_checkpoint_opens_on_the_processor(tiny, tmp_path):
    lightning(tiny, tmp_path / "epoch.ckpt", config={"attn_heads": 4, "use_proj_occ": False})
    found, info = load_network(tmp_path / "epoch.ckpt")
    assert (found.size.heads, found.size.unets) == (4, tiny.size.unets)
    assert all(torch.equal(v, tiny.state_dict()[k]) for k, v in found.state_dict().items())
    assert info.picture == 640
    assert "640" in " ".join(info.notices)


def test_heads_that_are_not_told_are_two_and_it_is_said(tiny, tmp_path):
    lightning(tiny, tmp_path / "epoch.ckpt")
    found, info = load_network(tmp_path / "epoch.ckpt")
    assert found.size.heads == 2
    assert any("heads" in own for own in info.notices)


def test_what_is_saved_opens_again(tiny, tmp_path):
    path = tmp_path / "own.safetensors"
    save_network(path, tiny, {"picture_width": "240", "weighted": "True", "steps": "7"})
    found, info = load_network(path)
    assert weights_hash(found) == weights_hash(tiny) == info.hash
    assert (info.picture, info.weighted, info.metadata["steps"]) == (240, True, "7")
    assert info.notices == ()


def test_mean_fusion_is_told_from_the_file(tmp_path):
    network = new_network(made((2, 2, 2), heads=0))
    save_network(tmp_path / "mean.safetensors", network, {"picture_width": "240"})
    assert load_network(tmp_path / "mean.safetensors")[0].size.heads == 0


def test_widths_are_told_from_shapes_after_pruning(tmp_path):
    uneven = [
        Widths(80, 3, (2, 5), (4, 6), (3, 2), (5, 4), (1, 2, 3, 4, 5, 6, 7, 8)),
        Widths(45, 2, (2, 3), (3, 6), (3, 2), (5, 3), (8, 7, 6, 5, 4, 3, 2, 1)),
        Widths(28, 2, (2, 3), (3, 6), (3, 2), (5, 3), (2, 2, 2, 2, 2, 2, 2, 2)),
    ]
    size = Size(tuple(uneven), 2, hidden=((100, 160), (7, 80), (48, 1)))
    network = new_network(size).eval()
    save_network(tmp_path / "pruned.safetensors", network, {})
    found, _ = load_network(tmp_path / "pruned.safetensors")
    assert found.size == size
    sites = Sites(torch.from_numpy(np.argwhere(np.ones((4, 4, 4)))))
    rows = torch.randn(64, 80)
    torch.testing.assert_close(
        found.cnns3d["coarse"](rows, sites), network.cnns3d["coarse"](rows, sites)
    )


def test_another_width_than_expected_is_one_sentence(tiny, tmp_path):
    save_network(tmp_path / "own.safetensors", tiny, {})
    with pytest.raises(BadInput, match="begins with 2 channels, where 32 are expected"):
        load_network(tmp_path / "own.safetensors", named("full"))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda s: s.pop("cnns3d.fine.stage1.1.net.0.kernel"), "no tensor 'cnns3d.fine.stage1"),
        (lambda s: s.pop("layer_norms.fine.bias"), "no tensor 'layer_norms.fine.bias'"),
        (lambda s: s.update({"other.weight": torch.zeros(3)}), "that no VoRTX network has"),
        (lambda s: s.update({"layer_norms.fine.bias": torch.zeros(3)}), "has the shape"),
        (lambda s: s.pop("output_layers.fine.kernel"), "is no VoRTX network"),
        (lambda s: s.update({"layer_norms.fine.bias": torch.full((24,), torch.nan)}), "NaN"),
    ],
)
def test_damaged_files_are_one_sentence(tiny, tmp_path, change, said):
    state = dict(tiny.state_dict())
    change(state)
    torch.save(state, tmp_path / "bad.pt")
    with pytest.raises(BadInput, match=said):
        load_network(tmp_path / "bad.pt")


def test_a_trunk_of_torchvision_is_taken(tmp_path):
    network = new_network(made((2, 2, 2)))
    source = Features()
    state = {f"layers.{k}": v for k, v in source.conv0.state_dict().items()}
    state |= {f"layers.9.{k}": v for k, v in source.conv1.state_dict().items()}
    state |= {f"layers.10.{k}": v for k, v in source.conv2.state_dict().items()}
    state |= {"layers.11.0.layers.0.weight": torch.zeros(480, 80, 1, 1)}
    torch.save(state, tmp_path / "mnasnet.pth")
    load_trunk(network, tmp_path / "mnasnet.pth")
    for own, other in zip(network.cnn2d.trunk, source.trunk, strict=True):
        assert all(torch.equal(v, other.state_dict()[k]) for k, v in own.state_dict().items())
    state["layers.9.0.layers.3.weight"] = torch.zeros(3, 3)
    torch.save(state, tmp_path / "other.pth")
    with pytest.raises(BadInput, match=r"layers\.9\.0\.layers\.3\.weight"):
        load_trunk(network, tmp_path / "other.pth")


def test_heads_have_to_divide_channels():
    with pytest.raises(BadInput, match="3 heads"):
        named("small", 3)
    with pytest.raises(BadInput, match="'huge'"):
        named("huge")
