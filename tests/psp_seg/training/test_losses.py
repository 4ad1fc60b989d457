"""Losses against plain formulas, functional decoupling in the units seen, memory that is held."""

import numpy as np
import pytest
import torch
from torch import nn

from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.sizes import FOUR, Size
from prune3d_gui.plugins.psp_seg.training.losses import blanked, decoupling, segmentation
from prune3d_gui.plugins.psp_seg.training.memory import held_by, weight_bytes
from prune3d_gui.plugins.psp_seg.training.training import Settings, Training, mean_of

EVEN = (1.0, 1.0, 1.0)


def labels(shape=(2, 8, 8, 8), classes=3):
    return torch.randint(classes, shape, generator=torch.Generator().manual_seed(0))


def test_the_loss_is_cross_entropy_and_soft_dice_of_what_is_there():
    logits = torch.randn(2, 3, 8, 8, 8, generator=torch.Generator().manual_seed(1))
    wanted = labels()
    weights = torch.tensor([0.5, 1.0, 3.0])
    found = segmentation([logits], wanted, 3, weights.tolist())
    crossed = nn.functional.cross_entropy(logits, wanted, weights)
    given = logits.softmax(dim=1)
    apart = 0.0
    for number in (1, 2):
        body = (wanted == number).float()
        both = 2 * (given[:, number] * body).sum() + 1
        apart += (1 - both / (given[:, number].sum() + body.sum() + 1)) / 2
    assert torch.allclose(found, crossed + apart, atol=1e-5)


def test_a_class_that_is_absent_does_not_count():
    wanted = labels(classes=2)  # never 2
    logits = 20 * nn.functional.one_hot(wanted, 3).permute(0, 4, 1, 2, 3).float()
    assert float(segmentation([logits], wanted, 3, EVEN)) < 1e-3


def test_coarser_scales_count_half_as_much_each():
    wanted = torch.zeros(1, 8, 8, 8, dtype=torch.long)
    wanted[:, :4] = 1
    scales = [torch.zeros(1, 3, 8 >> n, 8 >> n, 8 >> n) for n in range(3)]
    one = float(segmentation(scales[:1], wanted, 3, EVEN))
    three = float(segmentation(scales, wanted, 3, EVEN))
    assert one * 1.6 < three < one * 1.8  # 1 + 1/2 + 1/4, but for the 1 in soft Dice


def test_what_is_foreground_alone_is_perceived_as_it_is(network, cohort):
    image = torch.randn(1, 1, 16, 16, 16, generator=torch.Generator().manual_seed(2))
    everything = torch.ones(1, 16, 16, 16, dtype=torch.long)
    assert torch.equal(blanked(image, everything, -0.3), image)
    some = everything.clone()
    some[:, 8:] = 0
    with torch.no_grad():
        have = network.features(image)
        perceived, located = decoupling(network, have, image, everything, -0.3)
        assert abs(float(perceived)) < 1e-5
        assert float(decoupling(network, have, image, some, -0.3)[0]) > 1e-3
        assert float(located) > 0


@pytest.mark.parametrize(("half", "name"), [(True, "decoder.0"), (False, "decoder.1")])
def test_the_decoder_locates_at_half_resolution(half, name):
    torch.manual_seed(0)
    made = Network(Size("tiny", (4, 6, 8), 1.0, FOUR, half=half), 3)
    image = torch.randn(1, 1, 16, 16, 16)
    have = made.features(image)
    assert have[name].shape[2:] == (8, 8, 8)
    there = torch.zeros(1, 16, 16, 16, dtype=torch.long)
    there[:, :8] = 1
    have[name] = torch.where(torch.arange(8).view(1, 1, 8, 1, 1) < 4, 30.0, -30.0).expand(
        have[name].shape
    )
    assert float(decoupling(made, have, image, there, -1.0)[1].detach()) < 1e-6


def test_the_encoder_is_not_led_by_the_blanked_image(network):
    image = torch.randn(1, 1, 16, 16, 16)
    there = (torch.arange(16) < 8).long().view(1, 16, 1, 1).expand(1, 16, 16, 16)
    have = network.features(image)
    perceived, _ = decoupling(network, have, image, there, -1.0)
    (grad,) = torch.autograd.grad(perceived, have["encoder.1"], retain_graph=True)
    assert grad.abs().sum() > 0
    last = have["bottleneck"]
    assert torch.autograd.grad(perceived, last)[0].abs().sum() > 0


def test_the_background_is_blanked_in_the_units_that_are_seen(cohort, network, tmp_path):
    training = Training(cohort, Settings(decoupling=0.1), tmp_path / "t.pt", network=network)
    inside = cohort.volumes[cohort.labels > 0]
    assert training.blank == pytest.approx(
        float(training.window.seen(np.asarray(np.percentile(inside, 0.5))))
    )
    assert -1 <= training.blank <= 1
    losses = {name: float(value) for name, value in training.learn().items()}
    assert losses["loss"] == pytest.approx(
        losses["segmentation"] + 0.1 * (losses["target perception"] + losses["localisation"]),
        rel=1e-5,
    )


def test_a_mean_leaves_out_what_is_absent():
    scores = np.array([[0.9, 0.8, np.nan], [0.9, 0.6, 0.2], [0.9, np.nan, np.nan]])
    assert mean_of(scores) == pytest.approx((0.8 + 0.4) / 2)


def test_what_a_forward_pass_holds_is_counted_once():
    layer = nn.Linear(8, 4, bias=False)
    x = torch.randn(16, 8)
    with held_by(layer) as held:
        y = layer(x)
        z = (layer(x) * 2).relu()
    assert held.bytes == 4 * (16 * 8 + 16 * 4)  # the input, once, and what the rectifier keeps
    assert weight_bytes(layer) == 5 * 4 * 32
    (y.sum() + z.sum()).backward()
    assert layer.weight.grad is not None
