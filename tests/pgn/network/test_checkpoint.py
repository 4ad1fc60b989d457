import pytest
import torch
from torch.nn.utils import prune

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.files.networks.containers import read_content
from prune3d_gui.plugins.pgn.network.checkpoint import load_network, save_network, weights_hash
from prune3d_gui.plugins.pgn.network.network import AtlasNet


@pytest.fixture(scope="module")
def net():
    torch.manual_seed(5)
    return AtlasNet(bottleneck=24, hidden=16).eval()


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        load_network(path)
    message = str(caught.value)
    assert path.name in message
    for word in words:
        assert word in message


def equal(net, other):
    assert net.state_dict().keys() == other.state_dict().keys()
    return all(torch.equal(v, other.state_dict()[k]) for k, v in net.state_dict().items())


def test_data_parallel_prefix_and_missing_counters(tmp_path, net):
    path = tmp_path / "network.pth"
    state = {f"module.{k}": v for k, v in net.state_dict().items() if "num_batches" not in k}
    torch.save(state, path)
    loaded, info = load_network(path)
    assert equal(net, loaded)
    assert not loaded.training
    assert all(p.dtype == torch.float32 for p in loaded.parameters())
    assert (info.template, info.primitives, info.name) == ("SPHERE", 1, "network.pth")
    assert info.hash == weights_hash(net)
    assert info.parameters == sum(p.numel() for p in net.parameters())


@pytest.mark.parametrize(("primitives", "template", "layers"), [(3, "SQUARE", 2), (2, "SPHERE", 3)])
def test_structure_comes_from_shapes(tmp_path, primitives, template, layers):
    made = AtlasNet(primitives, template, 24, 16, layers)
    torch.save(made.state_dict(), tmp_path / "n.pth")
    loaded, info = load_network(tmp_path / "n.pth")
    assert (info.template, info.primitives) == (template, primitives)
    assert (loaded.bottleneck, loaded.hidden, loaded.layers) == (24, 16, layers)
    assert equal(made, loaded)


def test_save_rounds_weights_to_half_and_keeps_statistics(tmp_path, net):
    path = tmp_path / "net.safetensors"
    net.encoder.bn1.running_var.fill_(1.23456789)
    save_network(path, net, {"seed": "3"})
    tensors = read_content(path).tree
    assert tensors["encoder.fc.weight"].dtype == torch.float16
    assert tensors["encoder.bn1.running_var"].dtype == torch.float32
    assert tensors["encoder.bn1.num_batches_tracked"].dtype == torch.int64
    loaded, info = load_network(path)
    assert info.metadata["seed"] == "3"
    assert info.metadata["template"] == "SPHERE"
    assert torch.equal(loaded.encoder.bn1.running_var, net.encoder.bn1.running_var)
    got, wanted = loaded.encoder.fc.weight, net.encoder.fc.weight
    torch.testing.assert_close(got, wanted, rtol=1e-3, atol=1e-7)
    save_network(tmp_path / "again.safetensors", loaded, {})
    assert load_network(tmp_path / "again.safetensors")[1].hash == info.hash


def test_weights_too_large_for_half(tmp_path, net):
    large = AtlasNet(bottleneck=24, hidden=16)
    with torch.no_grad():
        large.encoder.fc.bias[0] = 1e6
    with pytest.raises(BadInput, match=r"encoder\.fc\.bias"):
        save_network(tmp_path / "net.safetensors", large, {})
    assert not list(tmp_path.iterdir())


def test_hash_follows_the_weights(net):
    changed = AtlasNet(bottleneck=24, hidden=16)
    changed.load_state_dict(net.state_dict())
    assert weights_hash(changed) == weights_hash(net)
    with torch.no_grad():
        changed.decoder.decoder[0].last_conv.bias[1] += 1e-3
    assert weights_hash(changed) != weights_hash(net)


def test_masks_of_torch_pruning_are_applied(tmp_path):
    made = AtlasNet(bottleneck=24, hidden=16)
    prune.l1_unstructured(made.encoder.layer1[0].conv1, "weight", 0.5)
    torch.save(made.state_dict(), tmp_path / "pruned.pth")
    loaded, _ = load_network(tmp_path / "pruned.pth")
    weight = loaded.encoder.layer1[0].conv1.weight
    assert (weight == 0).float().mean() == 0.5
    assert torch.equal(weight, made.encoder.layer1[0].conv1.weight)


def test_relatives_are_named(tmp_path, net):
    path = tmp_path / "svr_atlas_25.pth"
    torch.save({"decoder.0.conv4.weight": torch.zeros(3, 8, 1)}, path)
    refused(path, "v1 or v2")
    state = {k: v for k, v in net.state_dict().items() if k.startswith("decoder")}
    torch.save(state | {"encoder.conv1.weight": torch.zeros(64, 3, 1)}, path)
    refused(path, "autoencoder")


def test_other_networks(tmp_path, net):
    path = tmp_path / "other.safetensors"
    write_tensors(path, {"fc.weight": torch.zeros(2, 2)}, {})
    refused(path, "another network", "'fc.weight'")
    state = dict(net.state_dict())
    write_tensors(path, {k: v for k, v in state.items() if k != "encoder.layer2.0.bn1.bias"}, {})
    refused(path, "encoder.layer2.0.bn1.bias")
    write_tensors(path, state | {"encoder.layer3.1.conv2.weight": torch.zeros(9, 9, 3, 3)}, {})
    refused(path, "encoder.layer3.1.conv2.weight", "(9, 9, 3, 3)", "(256, 256, 3, 3)")
    write_tensors(path, state | {"head.weight": torch.zeros(1)}, {})
    refused(path, "head.weight")
    write_tensors(path, state | {"encoder.fc.weight": torch.zeros(24, 512, dtype=torch.int8)}, {})
    refused(path, "encoder.fc.weight", "int8")
    moved = {k.replace("decoder.0.conv1", "decoder.2.conv1"): v for k, v in state.items()}
    write_tensors(path, state | moved, {})
    refused(path, "decoder.decoder.1.conv1.weight")
    write_tensors(path, {k: v for k, v in state.items() if "0.conv2.weight" not in k}, {})
    refused(path, "decoder.decoder.0.conv2.weight")


def test_channels_last_weights_open_as_any_others(tmp_path, net):
    turned = AtlasNet(bottleneck=24, hidden=16)
    turned.load_state_dict(net.state_dict())
    turned.to(memory_format=torch.channels_last)
    assert not turned.encoder.conv1.weight.is_contiguous()
    torch.save(turned.state_dict(), tmp_path / "net.pth")
    loaded, info = load_network(tmp_path / "net.pth")
    assert all(tensor.is_contiguous() for tensor in loaded.state_dict().values())
    assert info.hash == weights_hash(net)


def test_of_two_networks_the_averaged_one_is_taken_and_said(tmp_path, net):
    path = tmp_path / "net.pth"
    zeros = {key: tensor * 0 for key, tensor in net.state_dict().items()}
    torch.save({"model": zeros, "model_ema": net.state_dict()}, path)
    loaded, info = load_network(path)
    assert equal(net, loaded)
    assert any("'model_ema'" in notice and "'model'" in notice for notice in info.notices)
    (tmp_path / "net.pth.json").write_text('\ufeff{"network": "model"}', encoding="utf-8")
    assert not load_network(path)[0].encoder.fc.weight.any()


def test_the_activation_is_read_from_the_options_beside(tmp_path, net):
    path, options = tmp_path / "network.pth", tmp_path / "options.json"
    torch.save(net.state_dict(), path)
    plain, info = load_network(path)
    assert plain.activation == "relu"
    assert any("ReLU" in notice and "options.json" in notice for notice in info.notices)
    options.write_text('{"activation": "tanh", "nb_primitives": 1, "template_type": "SPHERE"}')
    curved, told = load_network(path)
    assert curved.activation == "tanh"
    assert any("tanh" in notice and "options.json" in notice for notice in told.notices)
    assert told.hash != info.hash
    x, points = torch.rand(1, 3, 64, 64), torch.randn(20, 3)
    mapping = curved.mappings[0]
    with torch.inference_mode():
        h = mapping.conv1(points.T[None]) + curved.encode(x)[:, :, None]
        h = torch.tanh(mapping.bn1(h))
        for conv, norm in mapping.hidden:
            h = torch.tanh(norm(conv(h)))
        wanted = mapping.last_conv(h).transpose(1, 2)
        torch.testing.assert_close(curved(x, points), wanted, rtol=1e-4, atol=1e-5)
        assert not torch.allclose(plain(x, points), wanted, atol=1e-2)
    (tmp_path / "network.pth.json").write_text('{"activation": "softplus"}')
    assert load_network(path)[0].activation == "softplus"
    options.write_text('{"activation": "maxout"}')
    (tmp_path / "network.pth.json").unlink()
    with pytest.raises(BadInput, match=r"'options.json' gives the activation 'maxout'.*tanh"):
        load_network(path)


@pytest.mark.parametrize("where", ["opt", "options"])
def test_the_activation_is_read_from_the_file(tmp_path, net, where):
    path = tmp_path / "net.pth"
    torch.save({"state_dict": net.state_dict(), where: {"activation": "softsign"}}, path)
    loaded, info = load_network(path)
    assert loaded.activation == "softsign"
    assert info.notices == ()


def test_what_is_ours_needs_no_words(tmp_path):
    curved = AtlasNet(bottleneck=24, hidden=16, activation="tanh").eval()
    for made in (AtlasNet(bottleneck=24, hidden=16).eval(), curved):
        save_network(tmp_path / "net.safetensors", made, {})
        loaded, info = load_network(tmp_path / "net.safetensors")
        assert (loaded.activation, info.notices) == (made.activation, ())
