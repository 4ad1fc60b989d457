"""Sparse convolutions against dense ones."""

import numpy as np
import pytest
import torch
from torch.nn.functional import conv3d, conv_transpose3d

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.vortx.network.sparse import layers
from prune3d_gui.plugins.vortx.network.sparse.layers import Conv3d, Down, Up
from prune3d_gui.plugins.vortx.network.sparse.sites import OFFSETS2, OFFSETS3, Sites

SIDE = 8


def scattered(seed=0, share=0.3, start=0):
    """Places in no order, and a function that puts their rows into a dense grid."""
    drawn = np.random.default_rng(seed)
    places = np.argwhere(drawn.random((SIDE,) * 3) < share)
    places = torch.from_numpy(drawn.permutation(places)) + start

    def dense(rows, side=SIDE, at=places - start):
        grid = rows.new_zeros((1, rows.shape[1], side, side, side))
        grid[0, :, at[:, 0], at[:, 1], at[:, 2]] = rows.t()
        return grid

    return Sites(places), places - start, dense


def as_dense3(kernel):
    """(27, in, out) as the (out, in, 3, 3, 3) of a dense convolution."""
    dense = kernel.new_zeros((kernel.shape[2], kernel.shape[1], 3, 3, 3))
    for own, (x, y, z) in zip(kernel, OFFSETS3, strict=True):
        dense[:, :, x + 1, y + 1, z + 1] = own.t()
    return dense


def as_dense2(kernel):
    dense = kernel.new_zeros((kernel.shape[2], kernel.shape[1], 2, 2, 2))
    for own, (x, y, z) in zip(kernel, OFFSETS2, strict=True):
        dense[:, :, x, y, z] = own.t()
    return dense


@pytest.mark.parametrize("start", [0, -6])
@pytest.mark.parametrize("share", [0.05, 0.5, 1.0])
def test_neighbours_are_those_of_a_dense_convolution(share, start, monkeypatch):
    monkeypatch.setattr(layers, "CHUNK", 27 * 7 * 64)  # several chunks
    sites, at, dense = scattered(share=share, start=start)
    layer, rows = Conv3d(7, 5), torch.randn(len(sites), 7)
    wanted = conv3d(dense(rows), as_dense3(layer.kernel), padding=1)
    wanted = wanted[0, :, at[:, 0], at[:, 1], at[:, 2]].t()
    torch.testing.assert_close(layer(rows, sites), wanted, atol=1e-5, rtol=1e-5)


@pytest.mark.parametrize("start", [0, -6])
def test_halving_and_doubling_are_strided_and_transposed_convolutions(start):
    sites, at, dense = scattered(start=start)
    down, up, rows = Down(6, 4), Up(4, 3), torch.randn(len(sites), 6)
    half = sites.halved
    below = half.sites.places - start // 2
    wanted = conv3d(dense(rows), as_dense2(down.kernel), stride=2)
    found = down(rows, half)
    torch.testing.assert_close(
        found, wanted[0, :, below[:, 0], below[:, 1], below[:, 2]].t(), atol=1e-5, rtol=1e-5
    )
    kernel = as_dense2(up.kernel).transpose(0, 1)
    wanted = conv_transpose3d(dense(found, SIDE // 2, below), kernel, stride=2)
    wanted = wanted[0, :, at[:, 0], at[:, 1], at[:, 2]].t()
    torch.testing.assert_close(up(found, half), wanted, atol=1e-5, rtol=1e-5)


def test_gradients_are_those_of_finite_differences_and_of_dense_convolutions():
    sites, at, dense = scattered(share=0.04)
    layer = Conv3d(2, 3).double()
    rows = torch.randn(len(sites), 2, dtype=torch.float64, requires_grad=True)

    def sparse(values, kernel):
        return layers._Around.apply(values, sites.around, kernel)

    assert torch.autograd.gradcheck(sparse, (rows, layer.kernel))
    weights = torch.randn(len(sites), 3, dtype=torch.float64)
    own = torch.autograd.grad((layer(rows, sites) * weights).sum(), (rows, layer.kernel))
    whole = conv3d(dense(rows), as_dense3(layer.kernel), padding=1)
    whole = whole[0, :, at[:, 0], at[:, 1], at[:, 2]].t()
    other = torch.autograd.grad((whole * weights).sum(), (rows, layer.kernel))
    for one, two in zip(own, other, strict=True):
        torch.testing.assert_close(one, two)


def test_strided_gradients_are_those_of_finite_differences():
    sites, _, _ = scattered(share=0.05)
    down, up = Down(2, 2).double(), Up(2, 2).double()
    rows = torch.randn(len(sites), 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda r: up(down(r, sites.halved), sites.halved), (rows,))


def test_the_order_of_rows_is_the_order_of_places():
    sites, at, _ = scattered()
    turned = torch.randperm(len(sites))
    layer, rows = Conv3d(3, 3), torch.randn(len(sites), 3)
    torch.testing.assert_close(layer(rows, sites)[turned], layer(rows[turned], Sites(at[turned])))


def test_places_are_found_and_others_are_not():
    sites, at, _ = scattered()
    assert torch.equal(sites.find(at), torch.arange(len(sites)))
    assert (sites.find(at + 100) == len(sites)).all()
    assert Sites(at[:0]).around.shape == (0, 27)
    assert (Sites(at[:0]).find(at) == 0).all()


def test_maps_are_made_once():
    sites, _, _ = scattered()
    assert sites.around is sites.around
    assert sites.halved.sites.around is sites.halved.sites.around


def test_a_place_twice_or_too_far_is_refused():
    with pytest.raises(BadInput, match="twice"):
        Sites(torch.zeros(2, 3, dtype=torch.int64))
    with pytest.raises(BadInput, match="600000"):
        Sites(torch.tensor([[600000, 0, 0]]))
