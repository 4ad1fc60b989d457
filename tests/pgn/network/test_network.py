import numpy as np
import pytest
import torch
import torch.nn.functional as F

from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.network.template import (
    evaluation_template,
    icosphere,
    random_template,
    square_grid,
)


def lively(net, seed=1):
    """Give batch norm layers statistics that are not the identity."""
    torch.manual_seed(seed)
    for name, buffer in net.named_buffers():
        if name.endswith("running_mean"):
            buffer.normal_(0, 0.2)
        elif name.endswith("running_var"):
            buffer.uniform_(0.5, 2)
    return net.eval()


def norm(state, name, x):
    return F.batch_norm(
        x, state[f"{name}.running_mean"], state[f"{name}.running_var"],
        state[f"{name}.weight"], state[f"{name}.bias"], False, 0.1, 1e-5,
    )  # fmt: skip


def plain_encoder(state, x):
    """ResNet-18 spelled out, with the original's fixed pooling."""
    x = F.relu(norm(state, "encoder.bn1", F.conv2d(x, state["encoder.conv1.weight"], None, 2, 3)))
    x = F.max_pool2d(x, 3, 2, 1)
    for layer in (1, 2, 3, 4):
        for block in (0, 1):
            at = f"encoder.layer{layer}.{block}"
            stride = 2 if layer > 1 and block == 0 else 1
            y = F.conv2d(x, state[f"{at}.conv1.weight"], None, stride, 1)
            y = F.relu(norm(state, f"{at}.bn1", y))
            y = norm(state, f"{at}.bn2", F.conv2d(y, state[f"{at}.conv2.weight"], None, 1, 1))
            if stride == 2:
                x = F.conv2d(x, state[f"{at}.downsample.0.weight"], None, 2)
                x = norm(state, f"{at}.downsample.1", x)
            x = F.relu(x + y)
    x = F.avg_pool2d(x, 7).flatten(1)
    return F.linear(x, state["encoder.fc.weight"], state["encoder.fc.bias"])


def plain_decoder(state, latent, points, primitives=1):
    """The decoders as AtlasNet writes them: Conv1d over (B, C, n)."""
    parts = []
    for p in range(primitives):
        at = f"decoder.decoder.{p}"

        def conv(name, x, at=at):
            return F.conv1d(x, state[f"{at}.{name}.weight"], state[f"{at}.{name}.bias"])

        x = conv("conv1", points.T[None]) + latent[:, :, None]
        x = F.relu(norm(state, f"{at}.bn1", x))
        x = F.relu(norm(state, f"{at}.bn2", conv("conv2", x)))
        for k in (0, 1):
            x = F.relu(norm(state, f"{at}.bn_list.{k}", conv(f"conv_list.{k}", x)))
        parts.append(conv("last_conv", x).transpose(1, 2))
    return torch.cat(parts, 1)


def test_size_and_names_are_the_released_ones():
    net = AtlasNet()
    state = net.state_dict()
    assert sum(p.numel() for p in net.parameters()) == 12_762_691
    assert sum(p.numel() for p in net.encoder.parameters()) == 11_701_824
    assert len(state) == 152
    for name, shape in {
        "encoder.conv1.weight": (64, 3, 7, 7),
        "encoder.layer4.0.downsample.0.weight": (512, 256, 1, 1),
        "encoder.fc.weight": (1024, 512),
        "decoder.decoder.0.conv1.weight": (1024, 3, 1),
        "decoder.decoder.0.conv_list.1.weight": (512, 512, 1),
        "decoder.decoder.0.bn_list.1.running_var": (512,),
        "decoder.decoder.0.last_conv.bias": (3,),
    }.items():
        assert tuple(state[name].shape) == shape


@pytest.mark.parametrize(("primitives", "template"), [(1, "SPHERE"), (3, "SQUARE")])
def test_forward_agrees_with_plain_convolutions(primitives, template):
    net = lively(AtlasNet(primitives, template))
    images = torch.rand(2, 3, 224, 224)
    points = torch.tensor(evaluation_template(template, primitives, 300, order=1)[0])
    with torch.no_grad():
        latent = plain_encoder(net.state_dict(), images)
        expected = plain_decoder(net.state_dict(), latent, points, primitives)
        torch.testing.assert_close(net.encode(images), latent, rtol=1e-4, atol=1e-5)
        torch.testing.assert_close(net(images, points), expected, rtol=1e-4, atol=1e-5)
    assert net(images, points).shape == (2, primitives * len(points), 3)


def test_training_forward_agrees_with_conv1d():
    torch.manual_seed(0)
    net = AtlasNet(bottleneck=32, hidden=16).train()
    points, latent = torch.randn(40, 3), torch.randn(3, 32)
    mapping = net.mappings[0]
    x = mapping.conv1(points.T[None]) + latent[:, :, None]
    x = F.relu(F.batch_norm(x, None, None, training=True))
    for conv in (mapping.conv2, *mapping.conv_list):
        x = F.relu(F.batch_norm(conv(x), None, None, training=True))
    expected = mapping.last_conv(x).transpose(1, 2)
    got = net.decode_from(net.template_features(points), latent)
    torch.testing.assert_close(got, expected, rtol=1e-4, atol=1e-5)


def test_half_precision_decoder_stays_close():
    torch.manual_seed(0)
    net = AtlasNet(bottleneck=64, hidden=32).train()
    points, latent = torch.randn(50, 3), torch.randn(4, 64)
    full = net.decode_from(net.template_features(points), latent)
    net.decoder_dtype = torch.bfloat16
    half = net.decode_from(net.template_features(points), latent)
    assert half.dtype == torch.float32
    torch.testing.assert_close(half, full, rtol=0.05, atol=0.05)


def test_other_picture_sizes_for_training():
    assert AtlasNet().eval().encode(torch.rand(1, 3, 96, 96)).shape == (1, 1024)


def test_icosphere_is_a_sphere():
    vertices, faces = icosphere(4)
    assert vertices.shape == (2562, 3)
    assert vertices.dtype == np.float32
    assert faces.shape == (5120, 3)
    np.testing.assert_allclose(np.linalg.norm(vertices, axis=1), 1, atol=1e-6)
    edges = np.sort(faces[:, [0, 1, 1, 2, 2, 0]].reshape(-1, 2), axis=1)
    _, times = np.unique(edges, axis=0, return_counts=True)
    assert (times == 2).all()
    a, b, c = vertices[faces].transpose(1, 0, 2)
    assert ((np.cross(b - a, c - a) * (a + b + c)).sum(1) > 0).all()


def test_coarse_sphere_begins_the_fine_one():
    for order in range(4):
        coarse = icosphere(order)[0]
        np.testing.assert_array_equal(icosphere(order + 1)[0][: len(coarse)], coarse)
    assert len(icosphere(3)[0]) == 642


def test_square_grid():
    vertices, faces = square_grid(100)
    assert vertices.shape == (100, 2)
    assert faces.shape == (162, 3)
    a, b, c = vertices[faces].transpose(1, 0, 2)
    u, v = b - a, c - a
    area = (u[:, 0] * v[:, 1] - u[:, 1] * v[:, 0]) / 2
    assert (area > 0).all()
    assert area.sum() == pytest.approx(1)


def test_faces_of_several_primitives():
    vertices, faces = evaluation_template("SQUARE", 25, 2500)
    assert len(vertices) == 100
    assert faces.max() == 2499
    assert len(np.unique(faces)) == 2500
    vertices, faces = evaluation_template("SPHERE", 1)
    assert (len(vertices), len(faces)) == (2562, 5120)


@pytest.mark.parametrize(("template", "width"), [("SPHERE", 3), ("SQUARE", 2)])
def test_random_template(template, width):
    points = random_template(template, 500, torch.Generator().manual_seed(4))
    again = random_template(template, 500, torch.Generator().manual_seed(4))
    assert points.shape == (500, width)
    assert torch.equal(points, again)
    if width == 3:
        torch.testing.assert_close(points.norm(dim=1), torch.ones(500))
        assert points.mean(0).abs().max() < 0.15
    else:
        assert points.min() >= 0
        assert points.max() <= 1
