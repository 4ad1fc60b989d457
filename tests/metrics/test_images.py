"""Scores of pictures, against other people's formulas."""

import math

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from prune3d_gui.core.errors import BadInput
from prune3d_gui.metrics.images import score_images, ssim


def pictures(seed=0, size=(40, 33, 3)):
    rng = np.random.default_rng(seed)
    one = gaussian_filter(rng.random(size), (2, 2, 0), mode="wrap")
    one = (one - one.min()) / np.ptp(one)
    return one, np.clip(one + rng.normal(0, 0.08, size), 0, 1)


def structural(one, two):
    """Wang's SSIM by scipy's filter, which cuts the same window off at 3.5 deviations."""
    mean = lambda image: gaussian_filter(  # noqa: E731
        image, (1.5, 1.5, 0), truncate=3.5, mode="constant"
    )
    a, b = mean(one), mean(two)
    va, vb, ab = mean(one * one) - a * a, mean(two * two) - b * b, mean(one * two) - a * b
    c, d = 0.01**2, 0.03**2
    return (2 * a * b + c) * (2 * ab + d) / ((a * a + b * b + c) * (va + vb + d))


def test_a_picture_is_like_itself():
    one, _ = pictures()
    found = score_images(one, one)
    assert (found.mse, found.psnr, found.ssim) == (0, math.inf, pytest.approx(1))
    assert not found.error.any()


def test_psnr_is_that_of_the_mean_over_all_pixels_and_channels():
    one, two = pictures()
    found = score_images(one, two)
    assert found.mse == pytest.approx(((one - two) ** 2).sum() / one.size)
    assert found.psnr == pytest.approx(20 * math.log10(1 / math.sqrt(found.mse)))
    assert np.square(found.error).mean() == pytest.approx(found.mse)
    grey = np.full((20, 20, 3), 100, np.uint8)
    assert score_images(grey, grey + 51).psnr == pytest.approx(-20 * math.log10(0.2))


def test_ssim_is_that_of_another_filter():
    one, two = pictures()
    found, wanted = score_images(one, two), structural(one, two)
    np.testing.assert_allclose(found.similarity, wanted.mean(2), atol=1e-6)
    assert found.ssim == pytest.approx(wanted.mean(), abs=1e-9)
    assert 0.3 < found.ssim < 0.99


def test_a_darker_and_a_blurred_picture_are_told_apart():
    one, _ = pictures()
    blurred = gaussian_filter(one, (3, 3, 0))
    darker = one - math.sqrt(score_images(one, blurred).mse)
    assert score_images(one, darker.clip(0)).ssim > score_images(one, blurred).ssim


def test_bytes_are_taken_as_shares_of_255_and_what_is_beyond_white_is_cut_off():
    one, two = ((255 * image).astype(np.uint8) for image in pictures())
    assert score_images(one, two).psnr == pytest.approx(score_images(one / 255, two / 255).psnr)
    bright = np.full((12, 12, 3), 1.7, np.float32)
    assert score_images(bright, np.ones((12, 12, 3))).psnr == math.inf


def test_the_loss_is_differentiable_and_falls_when_it_is_followed():
    one, two = (torch.from_numpy(image[:9, :8]) for image in pictures())
    two = two.requires_grad_()
    assert torch.autograd.gradcheck(lambda image: ssim(image, one), two, atol=1e-6)
    before = ssim(two, one)
    (slope,) = torch.autograd.grad(before, two)
    assert ssim(two + slope / slope.norm(), one) > before


def test_pictures_of_two_sizes_are_refused():
    with pytest.raises(BadInput, match=r"4 x 5 x 3 is compared with one of 5 x 4 x 3"):
        score_images(np.zeros((4, 5, 3)), np.zeros((5, 4, 3)))
