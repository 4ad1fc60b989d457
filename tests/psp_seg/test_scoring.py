"""Scores of a segmentation: classes, lesions, what is absent, distances on surfaces."""

import math

import numpy as np
import pytest

from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.core.score.scores import vanished
from prune3d_gui.plugins.psp_seg.controls import metrics
from prune3d_gui.plugins.psp_seg.network.checkpoint import CLASSES
from prune3d_gui.plugins.psp_seg.scoring import class_scores, is_lesion

AFFINE = along_axes((2.0, 2.0, 2.0), (10.0, -20.0, 5.0))


def labels():
    """A liver with two tumours, and a kidney without."""
    made = np.zeros((24, 20, 18), np.uint8)
    made[2:14, 2:14, 2:14] = 1
    made[3:7, 3:7, 3:7] = 2
    made[10:12, 10:12, 10:12] = 2
    made[16:22, 4:10, 4:12] = 3
    return made


def scored(found, tolerance=2.0):
    return class_scores(labels(), found, CLASSES, AFFINE, "Patient 1", "reference", tolerance)


def parts(scores, kind):
    return {part.name: part for part in scores.parts if part.kind == kind}


def test_what_is_the_reference_itself_is_perfect():
    scores = scored(labels())
    assert scores.values["dice"] == scores.values["nsd"] == scores.values["found"] == 1
    assert scores.values["hd95"] == scores.values["false"] == 0
    voxel = 0.008
    liver = parts(scores, "class")["liver"]
    assert liver.values["volume"] == pytest.approx((labels() == 1).sum() * voxel)
    assert liver.values["reference_volume"] == liver.values["volume"]


def test_an_absent_class_has_no_value_and_is_left_out_of_means():
    scores = scored(labels())
    absent = parts(scores, "class")["kidney tumour"]
    for metric in ("dice", "nsd", "hd95"):
        assert math.isnan(absent.values[metric])
        assert not math.isnan(scores.values[metric])
    lost = np.where(labels() == 3, 0, labels())
    lost_scores = scored(lost)
    kidney = parts(lost_scores, "class")["kidney"]
    assert kidney.values["dice"] == kidney.values["nsd"] == 0
    assert lost_scores.values["dice"] == pytest.approx(2 / 3)
    assert scores.over == "class"


def test_every_lesion_is_found_missed_or_false():
    found = labels()
    found[10:12, 10:12, 10:12] = 1  # the small one is taken for liver
    found[12:14, 2:4, 2:4] = 2  # and one is seen where none is
    scores = scored(found)
    assert scores.values["found"] == 0.5
    assert scores.values["false"] == 1
    lesions = parts(scores, "lesion")
    assert all(name.startswith("Patient 1: ") for name in lesions)
    found_part, missed, false = (
        next(part for name, part in lesions.items() if words in name)
        for words in ("liver tumour 1", ": liver tumour 2", "false liver tumour 1")
    )
    assert found_part.values["found"] == 1
    assert found_part.values["reference_volume"] == pytest.approx(64 * 0.008)
    assert missed.values["found"] == 0
    assert set(false.values) == {"volume"}  # it is no loss when it goes


def test_speckles_are_counted_but_not_listed_one_by_one():
    found = labels()
    found[15:, ::2, ::2] = 0
    found[15::2, ::2, ::2] = 2
    scores = scored(found)
    listed = [name for name in parts(scores, "lesion") if "false" in name]
    assert scores.values["false"] > 100
    assert len(listed) == 10


def test_a_lost_lesion_is_told_as_vanished():
    full, pruned = labels(), labels()
    pruned[10:12, 10:12, 10:12] = 1
    gone = vanished(metrics("here"), scored(full).parts, scored(pruned).parts)
    assert [part.kind for part in gone] == ["lesion"]
    assert "liver tumour 2" in gone[0].name


def test_a_preview_has_no_border_and_no_lesion():
    scores = scored(labels(), tolerance=0.0)
    assert set(scores.values) == {"dice", "volume", "reference_volume"}
    assert not parts(scores, "lesion")


def test_a_tolerance_below_the_voxel_is_raised_to_it():
    moved = np.roll(labels(), 1, axis=0)
    assert scored(moved, 0.5).values["nsd"] == scored(moved, 2.0).values["nsd"]
    assert scored(moved, 2.0).values["nsd"] > 0


@pytest.mark.parametrize("name", ["kidney tumour", "Liver Tumor", "lesion", "metastases"])
def test_lesions_are_known_by_their_names(name):
    assert is_lesion(name)
    assert not is_lesion("liver")
