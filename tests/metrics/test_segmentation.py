"""Scores of label maps, against the package that defines them and against simple cases."""

import numpy as np
import pytest
import surface_distance
from scipy.ndimage import gaussian_filter

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.metrics.borders import borders
from prune3d_gui.metrics.lesions import lesions
from prune3d_gui.metrics.overlaps import overlaps

SPACINGS = [(1.0, 1.0, 1.0), (0.8, 2.5, 1.3)]


def blob(seed, shape=(22, 18, 15), share=0.7):
    noise = gaussian_filter(np.random.default_rng(seed).standard_normal(shape), 2.0)
    return noise > np.quantile(noise, share)


def pairs():
    """Bodies that are close, far, cut by the border and speckled.

    The package cannot tell how far nothing is away: it asks numpy for ``Inf``.
    """
    one = blob(0)
    rough = one ^ (np.random.default_rng(1).random(one.shape) > 0.97)
    speckles = np.random.default_rng(2).random(one.shape) > 0.5
    return {
        "close": (one, np.roll(one, 1, axis=1)), "apart": (blob(3), blob(4)),
        "rough": (one, rough), "speckles": (speckles, ~speckles),
        "full": (np.ones_like(one), one),
    }  # fmt: skip


@pytest.mark.filterwarnings("ignore:Please import:DeprecationWarning")
@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("name", pairs())
def test_borders_are_those_of_the_package_that_defines_them(name, spacing):
    wanted, found = pairs()[name]
    theirs = surface_distance.compute_surface_distances(wanted, found, spacing)
    ours = borders(wanted, found, spacing)
    assert ours.wanted_areas.sum() == pytest.approx(theirs["surfel_areas_gt"].sum(), rel=1e-6)
    for tolerance in (2.5, 4.0, 6.0):
        wished = surface_distance.compute_surface_dice_at_tolerance(theirs, tolerance)
        assert ours.nsd(tolerance) == pytest.approx(wished, abs=5e-5)
    for percent in (50, 95, 100):
        wished = surface_distance.compute_robust_hausdorff(theirs, percent)
        assert ours.hausdorff(percent) == pytest.approx(wished, abs=5e-5)


def test_a_shift_by_a_voxel_moves_the_border_by_a_voxel():
    box = np.zeros((12, 12, 12), bool)
    box[3:9, 3:9, 3:9] = True
    same = borders(box, box, (2.0, 2.0, 2.0))
    assert same.nsd(2.0) == 1.0
    assert same.hausdorff() == 0.0
    moved = borders(box, np.roll(box, 2, axis=0), (2.0, 2.0, 2.0))
    assert moved.hausdorff(100) == 4.0
    assert 0.3 < moved.nsd(2.0) < 1.0
    assert moved.nsd(4.0) == 1.0


def test_borders_of_nothing_have_no_score():
    nothing = np.zeros((4, 4, 4), bool)
    none = borders(nothing, nothing, (1.0, 1.0, 1.0))
    assert np.isnan(none.nsd(1.0))
    assert np.isnan(none.hausdorff())
    one = nothing.copy()
    one[2, 2, 2] = True
    lost = borders(one, nothing, (1.0, 1.0, 1.0))
    assert lost.nsd(1.0) == 0.0
    assert lost.hausdorff() == np.inf


def test_a_tolerance_below_the_voxel_is_refused():
    body = blob(0)
    with pytest.raises(BadInput, match=r"1 mm is finer than the voxels, 0.8 x 2.5 x 1.3 mm"):
        borders(body, body, SPACINGS[1]).nsd(1.0)


def test_dice_and_volumes_of_every_class_at_once():
    random = np.random.default_rng(5)
    wanted, found = random.integers(0, 4, (2, 9, 8, 7)).astype(np.uint8)
    wanted[wanted == 3] = 0
    affine = along_axes((2.0, 3.0, -4.0), (0.0, 0.0, 0.0))
    scores = overlaps(wanted, found, 4, affine)
    for number in range(3):
        a, b = wanted == number, found == number
        assert scores.dice[number] == pytest.approx(2 * (a & b).sum() / (a.sum() + b.sum()))
        assert scores.wanted_ml[number] == pytest.approx(a.sum() * 24 / 1000)
    assert np.isnan(scores.dice[3]), "the reference has none of it"
    assert scores.found_ml[3] == pytest.approx((found == 3).sum() * 24 / 1000)


def test_lesions_are_found_missed_and_false():
    wanted = np.zeros((20, 20, 20), bool)
    wanted[2:7, 2:7, 2:7] = True  # 125 voxels
    wanted[12:14, 12:14, 12:14] = True  # 8
    wanted[14, 14, 14] = True  # touches it by a corner
    found = np.zeros_like(wanted)
    found[2:4, 2:7, 2:7] = True
    found[17:19, 2:4, 2:4] = True
    affine = along_axes((2.0, 2.0, 2.0), (0.0, 0.0, 0.0))
    listed = lesions(wanted, found, affine)
    states = [(one.number, one.state) for one in listed]
    assert states == [(1, "found"), (2, "missed"), (1, "false")]
    assert [one.ml for one in listed] == pytest.approx([1.0, 0.072, 0.064])
    assert [one.share for one in listed] == pytest.approx([0.4, 0.0, 0.0])
    assert listed[0].place == pytest.approx((8.0, 8.0, 8.0))
    assert lesions(np.zeros_like(wanted), np.zeros_like(wanted), affine) == ()


def test_a_lesion_of_which_little_is_left_is_missed():
    wanted = np.zeros((20, 5, 5), bool)
    wanted[2:14, 1:4, 1:4] = True  # 108 voxels
    found = np.zeros_like(wanted)
    found.reshape(-1)[np.flatnonzero(wanted)[:10]] = True
    assert lesions(wanted, found, np.eye(4))[0].state == "missed"
    found.reshape(-1)[np.flatnonzero(wanted)[:11]] = True
    assert lesions(wanted, found, np.eye(4))[0].state == "found"


@pytest.mark.parametrize("spacing", SPACINGS)
@pytest.mark.parametrize("name", pairs())
def test_of_large_bodies_borders_are_the_same(monkeypatch, name, spacing):
    wanted, found = pairs()[name]
    one = borders(wanted, found, spacing)
    monkeypatch.setattr("prune3d_gui.metrics.borders.DENSE", 0)
    two = borders(wanted, found, spacing)
    assert np.allclose(one.wanted, two.wanted)
    assert np.allclose(one.found, two.found)
    assert two.hausdorff() == pytest.approx(one.hausdorff())


def test_large_maps_are_counted_in_slabs(monkeypatch):
    rng = np.random.default_rng(0)
    wanted, found = rng.integers(0, 4, (2, 11, 7, 5)).astype(np.uint8)
    whole = overlaps(wanted, found, 4, np.eye(4))
    monkeypatch.setattr("prune3d_gui.metrics.overlaps._SOME", 100)
    assert np.array_equal(overlaps(wanted, found, 4, np.eye(4)).pairs, whole.pairs)
    assert whole.pairs.sum() == wanted.size


def test_lesions_lie_where_they_are_in_a_large_volume():
    wanted, found = np.zeros((2, 40, 30, 20), bool)
    wanted[20:24, 10:12, 15:17] = True
    found[21:24, 10:12, 15:17], found[30, 5, 18] = True, True
    affine = np.array([[0, -2.0, 0, 5], [3, 0, 0, 6], [0, 0, 4, 7], [0, 0, 0, 1]])
    own, false = lesions(wanted, found, affine)
    assert own.place == pytest.approx(affine[:3, :3] @ (21.5, 10.5, 15.5) + affine[:3, 3])
    assert (own.state, own.share) == ("found", 0.75)
    assert false.place == pytest.approx(affine[:3, :3] @ (30, 5, 18) + affine[:3, 3])
    assert not lesions(np.zeros_like(wanted), np.zeros_like(found), affine)
