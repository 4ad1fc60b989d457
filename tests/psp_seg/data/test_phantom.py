"""Procedural patients: the same bits from a seed, and anatomy that is where it belongs."""

import numpy as np
import pytest
from scipy.ndimage import binary_dilation, label

from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.data.phantom import (
    KIDNEY,
    KIDNEY_TUMOUR,
    LIVER,
    LIVER_TUMOUR,
    patient,
)


@pytest.fixture(scope="module")
def patients():
    return [patient(11, number) for number in range(6)]


def ml(one, *classes):
    return np.isin(one.labels, classes).sum() * abs(np.linalg.det(one.affine[:3, :3])) / 1000


def middle(one, mask):
    at = np.argwhere(mask).mean(axis=0)
    return (one.affine @ [*at, 1])[:3]


def test_the_same_numbers_give_the_same_bits_whatever_came_before():
    np.random.seed(0)
    first = patient(3, 1, size=24)
    np.random.seed(1)
    patient(3, 0, size=24)
    again = patient(3, 1, size=24)
    assert np.array_equal(first.volume, again.volume)
    assert np.array_equal(first.labels, again.labels)
    assert not np.array_equal(first.volume, patient(3, 2, size=24).volume)
    assert not np.array_equal(first.volume, patient(4, 1, size=24).volume)


def test_the_lattice_is_that_of_the_issue(patients):
    for one in patients:
        assert one.volume.shape == one.labels.shape == (64, 64, 64)
        assert one.volume.dtype == np.int16
        assert one.labels.dtype == np.uint8
        assert np.allclose(np.diag(one.affine)[:3], 4.5)
        assert one.labels.max() < len(CLASSES)
        assert one.volume.min() >= -1024
        assert one.volume.max() <= 1500


def test_organs_have_the_volumes_of_people(patients):
    for one in patients:
        assert 500 < ml(one, LIVER, LIVER_TUMOUR) < 1800
        assert 180 < ml(one, KIDNEY, KIDNEY_TUMOUR) < 500


def test_the_liver_is_on_the_right_and_there_is_a_kidney_on_each_side(patients):
    for one in patients:
        assert middle(one, one.labels == LIVER)[0] > 15
        found, _ = label(np.isin(one.labels, (KIDNEY, KIDNEY_TUMOUR)))
        sizes = np.bincount(found.ravel())[1:]
        large = [number + 1 for number in np.argsort(sizes)[-2:]]
        left, right = sorted(middle(one, found == number)[0] for number in large)
        assert left < -25
        assert right > 25


def test_tumours_lie_at_their_organs_and_are_darker(patients):
    seen = 0
    for one in patients:
        for tumour, organ in ((LIVER_TUMOUR, LIVER), (KIDNEY_TUMOUR, KIDNEY)):
            bodies, count = label(one.labels == tumour)
            for number in range(1, count + 1):
                body = bodies == number
                if body.sum() < 20:
                    continue
                seen += 1
                around = binary_dilation(body) & ~body
                assert np.isin(one.labels[around], (organ, tumour)).any()
                tissue = np.median(one.volume[one.labels == organ])
                assert np.median(one.volume[body]) < tissue - 8
    assert seen >= 5


def test_tissues_have_their_hounsfield_units(patients):
    for one in patients:
        assert 80 < np.median(one.volume[one.labels == LIVER]) < 150
        assert 110 < np.median(one.volume[one.labels == KIDNEY]) < 210
        assert np.median(one.volume[0, 0]) < -950  # air around
        assert (one.volume > 200).sum() > 200  # bone
        assert ((one.volume < -700) & (one.volume > -900)).sum() > 500  # lungs


def test_noise_is_coloured_and_of_a_scanner(patients):
    for one in patients:
        inside = one.labels == LIVER
        deep = ~binary_dilation(~inside, iterations=2)
        noise = one.volume[deep]
        assert 6 < np.std(noise) < 45


def test_structures_are_absent_in_some():
    """So that scores have patients that lack a class."""
    there = [np.bincount(patient(11, n, 32).labels.ravel(), minlength=5) > 0 for n in range(20)]
    shares = np.mean(there, axis=0)
    assert shares[LIVER] == shares[KIDNEY] == 1
    assert 0.4 < shares[LIVER_TUMOUR] < 1
    assert 0.3 < shares[KIDNEY_TUMOUR] < 1
