"""Importance of branches: the streaming pass against plain ones, and what each criterion is."""

import numpy as np
import pytest
import torch
from torch.nn.functional import leaky_relu

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.psp_seg.network.branches import SLOPE
from prune3d_gui.plugins.psp_seg.pruning.importance import (
    Case,
    agreement,
    dice_drops,
    magnitude,
    one_by_one,
    streamed,
    taylor,
)
from prune3d_gui.plugins.psp_seg.training.losses import segmentation
from tests.psp_seg.network.test_network import SHAPE, TINY, TINY_HALF, image, network


def cases(count=2, classes=3):
    found = []
    for number in range(count):
        labels = np.random.default_rng(number).integers(0, classes, SHAPE)
        found.append(Case(image(number), torch.from_numpy(labels)[None]))
    return found


def masked(made):
    return frozenset(u for u in made.units if u[1] not in made.module(u[0]).alive)


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
def test_one_pass_gives_what_a_pass_for_each_branch_gives(size):
    made = network(size)
    plain, found = one_by_one(made, cases()), streamed(made, cases())["change"]
    assert set(found) == set(made.units)
    for unit in made.units:
        assert found[unit] == pytest.approx(plain[unit], rel=1e-4)


def test_one_pass_runs_every_branch_once_for_a_patient():
    made = network()
    ran = []
    for name, place in made.units:
        made.module(name).branch(place).register_forward_hook(
            lambda *_, unit=(name, place): ran.append(unit)
        )
    streamed(made, cases(2))
    assert sorted(ran) == sorted(made.units * 2)


@torch.no_grad()
def test_change_output_and_relative_change_are_what_they_say():
    made = network()
    (case,) = cases(1)
    found = streamed(made, [case])
    have = made.features(case.image)
    x = have["down.1"]
    module = made.module("encoder.1")
    parts = dict(module.parts(x))
    for place, part in parts.items():
        others = sum(other for at, other in parts.items() if at != place)
        change = (leaky_relu(x + others + part, SLOPE) - leaky_relu(x + others, SLOPE)).norm()
        whole = have["encoder.1"].norm()
        unit = "encoder.1", place
        assert found["change"][unit] == pytest.approx(float(change), rel=1e-4)
        assert found["relative"][unit] == pytest.approx(float(change / whole), rel=1e-4)
        assert found["output"][unit] == pytest.approx(float(part.norm()), rel=1e-4)


@torch.no_grad()
def test_the_last_branch_of_a_module_leaves_an_identity_behind():
    made = network()
    only = ("bottleneck", 2)
    made.mask(frozenset(u for u in made.units if u[0] == "bottleneck" and u != only))
    (case,) = cases(1)
    have = made.features(case.image)
    change = float((have["bottleneck"] - have["down.2"]).norm())
    assert streamed(made, [case])["change"][only] == pytest.approx(change, rel=1e-5)
    assert one_by_one(made, [case])[only] == pytest.approx(change, rel=1e-5)


def test_what_is_masked_already_scores_nothing_and_stays_masked():
    made = network()
    away = frozenset(made.units[:3])
    made.mask(away)
    found = streamed(made, cases(1))
    assert all(found["change"][unit] == 0 for unit in away)
    dice_drops(made, cases(1))
    taylor(made, cases(1))
    assert masked(made) == away


@torch.no_grad()
def test_magnitude_looks_at_weights_alone():
    made = network()
    unit = made.units[0]
    module = made.module(unit[0])
    branch = module.branch(unit[1])
    weights = torch.cat([branch.spread.weight.flatten(), branch.mix.weight.flatten()])
    before = magnitude(made)
    assert before[unit] == pytest.approx(
        float(weights.abs().mean() * module.scales[0].abs()), rel=1e-6
    )
    with torch.no_grad():
        branch.spread.weight *= 2
        branch.mix.weight *= 2
    after = magnitude(made)
    assert after[unit] == pytest.approx(2 * before[unit], rel=1e-6)
    assert all(after[other] == before[other] for other in made.units[1:])


def test_taylor_is_the_slope_of_the_loss_by_a_gate_on_the_branch():
    made = network(TINY).double()
    (case,) = cases(1)
    case = Case(case.image.double(), case.labels)
    found = taylor(made, [case])

    def loss():
        with torch.no_grad():
            return float(segmentation([made(case.image)], case.labels, 3, (1, 1, 1)))

    for unit in made.units[::5]:
        scales = made.module(unit[0]).scales
        own, step = float(scales[unit[1]].detach()), 1e-4
        with torch.no_grad():
            scales[unit[1]] = own * (1 + step)
            above = loss()
            scales[unit[1]] = own * (1 - step)
            below = loss()
            scales[unit[1]] = own
        assert found[unit] == pytest.approx(abs(above - below) / (2 * step), rel=1e-3, abs=1e-9)


def plain_dice(made, case):
    found = made(case.image).argmax(1)
    values = []
    for label in range(1, 3):
        one, other = found == label, case.labels == label
        if other.any():
            values.append(2 * float((one & other).sum()) / float(one.sum() + other.sum()))
    return np.mean(values)


@torch.no_grad()
def test_the_measured_drop_is_that_of_whole_passes():
    made = network()
    some = cases(2)
    found = dice_drops(made, some)
    whole = [plain_dice(made, case) for case in some]
    for unit in made.units[::4]:
        made.mask(frozenset({unit}))
        drop = np.mean([w - plain_dice(made, c) for w, c in zip(whole, some, strict=True)])
        assert found[unit] == pytest.approx(drop, abs=1e-9)


def test_a_stop_is_heard_and_leaves_the_network_as_it_was():
    made, token = network(), CancelToken()
    before = made(image())
    told = []

    def tell(done, total):
        told.append((done, total))
        if done == 3:
            token.cancel()

    with pytest.raises(Cancelled):
        dice_drops(made, cases(), token, tell)
    assert told[-1] == (3, 2 * len(made.units))
    assert torch.equal(made(image()), before)


def test_agreement_is_of_ranks():
    units = network().units[:5]
    one = dict(zip(units, (1.0, 2.0, 3.0, 4.0, 5.0), strict=True))
    assert agreement(one, {u: v**3 for u, v in one.items()}) == pytest.approx((1.0, 1.0))
    assert agreement(one, {u: -v for u, v in one.items()}) == pytest.approx((-1.0, -1.0))
    swapped = dict(zip(units, (2.0, 1.0, 3.0, 4.0, 5.0), strict=True))
    # rho = 1 - 6 * 2 / (5 * 24); tau = (9 - 1) / 10
    assert agreement(one, swapped) == pytest.approx((0.9, 0.8))
