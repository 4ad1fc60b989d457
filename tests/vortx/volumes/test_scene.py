"""Whole scenes: tiles, caches, stopping, and what is said of nothing."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.vortx.network.network import new_network
from prune3d_gui.plugins.vortx.network.sizes import made
from prune3d_gui.plugins.vortx.volumes.caches import Caches
from prune3d_gui.plugins.vortx.volumes.photographs import Photographs
from prune3d_gui.plugins.vortx.volumes.scene import Keys, reconstruct
from prune3d_gui.plugins.vortx.volumes.tiles import Box

from .. import floors

BOX = Box((-0.6, -0.6, -0.3), (30, 32, 20))


@pytest.fixture(scope="module")
def network():
    own = new_network(made((2, 2, 2)), seed=2).eval()
    # About half of the voxels are kept: the outputs are spread about their mean.
    found = next(iter(reconstruct(own, photographs(), BOX))).logits
    with torch.no_grad():
        last = own.cnns3d["coarse"].up2[1][1].net[4]
        kernel = own.output_layers["coarse"].kernel
        last.bias -= kernel[:, 0] * float(np.median(found)) / float((kernel**2).sum())
    return own


def photographs():
    return Photographs(floors.pictures(), floors.cameras())


def run(network, **options):
    return list(reconstruct(network, photographs(), BOX, **options))


def same(one, other):
    for a, b in zip(one, other, strict=True):
        assert (a.level, a.places.tolist()) == (b.level, b.places.tolist())
        np.testing.assert_allclose(a.logits, b.logits, atol=2e-4)


def test_levels_come_coarse_medium_fine_inside_the_box(network):
    found = run(network)
    assert [own.level for own in found] == ["coarse", "medium", "fine"]
    assert [own.voxel for own in found] == pytest.approx([0.16, 0.08, 0.04])
    assert len(found[0].places) == 8 * 8 * 5  # all that is in the box
    kept = {tuple(place) for place in found[0].places[found[0].occupied]}
    assert kept
    assert {tuple(place) for place in found[1].places >> 1} == kept
    assert (found[2].places < BOX.dims).all()
    volume = found[2].volume()
    assert volume.shape == BOX.dims
    assert np.isfinite(volume).sum() == len(found[2].places)
    assert set(found[2].seconds) == {"2d", "transformer", "3d"}
    assert min(found[2].seconds.values()) > 0


def test_tiles_with_all_views_are_the_whole(network):
    same(run(network, tile=(16, 16, 16)), run(network, tile=(96, 96, 48)))


def test_the_same_is_found_again_and_portions_change_nothing(network, monkeypatch):
    first = run(network, views=3)
    monkeypatch.setattr("prune3d_gui.plugins.vortx.volumes.scene.PORTION", 500)
    monkeypatch.setattr("prune3d_gui.plugins.vortx.volumes.scene.PICTURES", 2)
    same(run(network, views=3), first)


def test_caches_change_nothing_and_make_only_what_hangs_on_a_change(network):
    caches, plain = Caches(), run(network)
    same(run(network, keys=Keys("a", "b"), caches=caches), plain)
    looked = caches.fused
    assert looked == sum(len(own.places) for own in plain)
    maps = caches.mapped
    assert maps == 3
    # A change of the 3D part alone: no photograph is looked at again, no known voxel fused.
    other = new_network(network.size)
    other.load_state_dict(network.state_dict())
    other.eval()
    with torch.no_grad():
        other.cnns3d["medium"].stem[1].bias += 0.1
    found = run(other, keys=Keys("a", "b"), caches=caches)
    assert caches.looked == 6
    known = {tuple(place) for place in plain[2].places}
    new = sum(tuple(place) not in known for place in found[2].places)
    assert caches.fused - looked == new
    same(found, run(other))
    # A change of fusion makes these again, of the 2D part all.
    run(other, keys=Keys("a", "c"), caches=caches)
    assert caches.looked == 6
    before = caches.fused
    run(other, keys=Keys("d", "c"), caches=caches)
    assert caches.looked == 12
    assert caches.fused > before


def test_features_are_bounded_and_made_again(network, monkeypatch):
    monkeypatch.setattr("prune3d_gui.plugins.vortx.volumes.caches.FEATURES", 20_000)
    caches = Caches()
    same(run(network, keys=Keys("a", "b"), caches=caches), run(network))
    assert caches.looked > 6


def test_more_views_look_at_the_new_ones_alone(network):
    caches = Caches()
    run(network, views=2, keys=Keys("a", "b"), caches=caches)
    assert caches.looked == 2
    same(run(network, keys=Keys("a", "b"), caches=caches), run(network))
    assert caches.looked == 6


@pytest.mark.parametrize(("level", "sign"), [("coarse", -1), ("medium", -1), ("fine", 1)])
def test_the_level_that_leaves_nothing_is_named(network, level, sign):
    other = new_network(network.size)
    other.load_state_dict(network.state_dict())
    other.eval()
    last = other.cnns3d[level].up2[1][1].net[4]
    with torch.no_grad():  # what goes out is 30 in each channel
        last.weight.zero_()
        last.bias.fill_(30.0)
        other.output_layers[level].kernel.fill_(sign)
    found = run(other)
    assert found[-1].level == level
    assert level in found[-1].emptied
    assert not any(own.emptied for own in found[:-1])


def test_it_stops_between_portions(network):
    cancel = CancelToken()
    levels = reconstruct(network, photographs(), BOX, cancel=cancel)
    next(levels)
    cancel.cancel()
    with pytest.raises(Cancelled):
        next(levels)


class After(CancelToken):
    """A token that is set when it was looked at so many times."""

    def __init__(self, times):
        super().__init__()
        self.left = times

    def check(self):
        self.left -= 1
        if not self.left:
            self.cancel()
        super().check()


def test_it_stops_between_the_stages_of_a_unet(network):
    """A hand that moves on need not wait for a level to end."""
    stages, unet, whole = ("stage1", "stage2", "up1", "up2"), network.cnns3d["medium"], After(0)
    list(reconstruct(network, photographs(), BOX, cancel=whole))
    came: list[str] = []
    hooks = [
        unet.get_submodule(name).register_forward_pre_hook(lambda *_, n=name: came.append(n))
        for name in stages
    ]
    stops = set()
    for times in range(1, 1 - whole.left):
        came.clear()
        with pytest.raises(Cancelled):
            list(reconstruct(network, photographs(), BOX, cancel=After(times)))
        stops.add(tuple(came))
    for hook in hooks:
        hook.remove()
    assert stops == {stages[:count] for count in range(len(stages) + 1)}


def test_a_box_that_nobody_sees_is_one_sentence(network):
    with pytest.raises(BadInput, match="No photograph sees the box"):
        list(reconstruct(network, photographs(), Box((90, 0, 0), (32, 32, 32))))


def test_photographs_that_do_not_fit_are_one_sentence():
    with pytest.raises(BadInput, match="5 photographs for 6 cameras"):
        Photographs(floors.pictures()[:5], floors.cameras())
    with pytest.raises(BadInput, match="64 x 48"):
        Photographs(floors.pictures()[:, :, :50], floors.cameras())
    assert photographs().key == photographs().key


def test_mean_fusion_reconstructs_as_well():
    own = new_network(made((2, 2, 2), heads=0), seed=2).eval()
    assert run(own)[0].logits.shape == (8 * 8 * 5,)
