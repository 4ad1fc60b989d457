"""Patients of one's own: what is read as it is, what is turned or resampled, what is refused."""

import nibabel
import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.plugins.psp_seg.data.cohort import HELD
from prune3d_gui.plugins.psp_seg.data.orientation import doubts
from prune3d_gui.plugins.psp_seg.data.patients import read_patient, with_labels
from prune3d_gui.plugins.psp_seg.data.phantom import patient
from prune3d_gui.plugins.psp_seg.network.checkpoint import CLASSES
from tests.psp_seg.conftest import SPACING, ct

AFFINE = along_axes((SPACING,) * 3, (-40.0, 12.0, 7.0))


def read(path):
    return read_patient(path, SPACING, CLASSES)


def labels(shape=(20, 24, 18)):
    made = np.zeros(shape, np.uint8)
    made[5:12, 5:12, 5:12] = 1
    made[7:9, 7:9, 7:9] = 2
    return made


def place_of(values, affine, what):
    """Middle of the largest values in the world."""
    where = np.argwhere(values >= what).mean(axis=0)
    return affine[:3, :3] @ where + affine[:3, 3]


def test_a_volume_of_the_networks_voxels_is_taken_as_it_is(write):
    found = read(write("a.nii.gz", ct(), AFFINE))
    assert np.array_equal(found.volume, ct())
    assert np.allclose(found.affine, AFFINE)
    assert found.labels is None
    assert found.own_shape == ct().shape


def test_a_label_map_of_its_name_beside_it_is_its_reference(write):
    write("a-labels.nii.gz", labels(), AFFINE)
    found = read(write("a.nii.gz", ct(), AFFINE))
    assert np.array_equal(found.labels, labels())
    assert "no kidney" in " ".join(found.notices)


def test_other_voxels_are_resampled_in_place_and_it_is_said(write):
    fine = np.full((60, 64, 50), -1000.0, np.float32)
    fine[5:55, 5:55, 5:45] = 50
    fine[20:32, 30:42, 10:22] = 400
    affine = along_axes((1.5, 1.5, 3.0), (3.0, -4.0, 5.0))
    map_ = np.zeros(fine.shape, np.uint8)
    map_[20:32, 30:42, 10:22] = 1
    write("a-labels.nii.gz", map_, affine)
    found = read(write("a.nii.gz", fine, affine))
    assert np.linalg.norm(found.affine[:3, :3], axis=0) == pytest.approx(SPACING)
    assert "1.5 x 1.5 x 3 mm" in " ".join(found.notices)
    assert found.own_shape == fine.shape
    assert np.allclose(found.own_affine, affine)
    there = place_of(fine, affine, 300)
    assert place_of(found.volume, found.affine, 225) == pytest.approx(there, abs=1.5)
    assert place_of(found.labels, found.affine, 1) == pytest.approx(there, abs=1.5)
    ml = map_.sum() * 1.5 * 1.5 * 3 / 1000
    assert (found.labels > 0).sum() * SPACING**3 / 1000 == pytest.approx(ml, rel=0.35)


@pytest.mark.parametrize("flips", [(-1, 1, 1), (-1, -1, 1), (1, -1, -1)])
def test_axes_are_turned_to_right_anterior_superior_whatever_their_direction(write, flips):
    turn = np.diag([*flips, 1.0])
    found = read(write("a.nii.gz", ct(), AFFINE @ turn))
    assert (np.diag(found.affine)[:3] > 0).all()
    assert place_of(found.volume, found.affine, 800) == pytest.approx(
        place_of(ct(), AFFINE @ turn, 800), abs=1e-3
    )


def test_an_oblique_volume_keeps_its_own_axes(write):
    angle = np.deg2rad(20)
    turn = np.eye(4)
    turn[:2, :2] = [[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]]
    affine = turn @ AFFINE
    found = read(write("a.nii.gz", ct(), affine))
    assert np.allclose(found.affine, affine, atol=1e-4)
    assert found.volume.shape == ct().shape


def test_an_offset_of_1024_is_taken_off_and_said(write):
    found = read(write("a.nii.gz", ct() + 1024, AFFINE))
    assert np.abs(found.volume - ct()).max() < 1e-3
    assert "1024 was taken off" in " ".join(found.notices)


def test_what_is_unlike_a_ct_is_said(write):
    found = read(write("a.nii.gz", ct() / 2000 + 0.5, AFFINE))
    assert "unlike a CT in Hounsfield units" in " ".join(found.notices)


def test_values_that_are_no_numbers_are_said(write):
    values = ct()
    values[3, 3, 3:6] = np.nan
    found = read(write("a.nii.gz", values, AFFINE))
    assert np.isfinite(found.volume).all()
    assert "3 of" in " ".join(found.notices)


@pytest.fixture(scope="module")
def procedural():
    return patient(HELD, 1)


@pytest.mark.parametrize(
    ("axis", "words"),
    [(0, "lies on the left"), (1, "bone lies in front"), (2, "lies below the kidneys")],
)
def test_a_probably_wrong_orientation_is_said_and_nothing_is_turned(procedural, write, axis, words):
    volume, marked = (np.flip(v, axis) for v in (procedural.volume, procedural.labels))
    write("a-labels.nii.gz", marked, procedural.affine)
    found = read(write("a.nii.gz", volume, procedural.affine))
    assert [said for said in found.notices if words in said]
    assert len([said for said in found.notices if "wrong way round" in said]) == 1
    assert np.array_equal(found.volume, volume)
    assert np.array_equal(found.labels, marked)


def test_a_right_orientation_is_not_doubted(procedural, write):
    write("a-labels.nii.gz", procedural.labels, procedural.affine)
    found = read(write("a.nii.gz", procedural.volume, procedural.affine))
    assert not any("wrong way round" in said for said in found.notices)
    assert not doubts(np.full((9, 9, 9), -1000.0, np.float32), None, CLASSES)


def test_moments_and_slices_are_refused(write):
    with pytest.raises(BadInput, match=r"'a.nii.gz' has 3 moments; give a file of one volume"):
        read(write("a.nii.gz", np.stack([ct()] * 3, axis=-1), AFFINE))
    for thin in (ct((20, 24, 1)), ct((20, 24, 3))):
        with pytest.raises(BadInput, match="at least 4 voxels along each side"):
            read(write("b.nii.gz", thin, AFFINE))


def test_a_singular_affine_is_refused(tmp_path):
    image = nibabel.Nifti1Image(ct(), AFFINE)
    image.header["srow_x"] = image.header["srow_y"]
    image.header["sform_code"], image.header["qform_code"] = 1, 0
    path = tmp_path / "a.nii"
    path.write_bytes(image.to_bytes())
    content = bytearray(path.read_bytes())
    content[280:296] = content[296:312]
    path.write_bytes(bytes(content))
    with pytest.raises(BadInput, match=r"'.*a\.nii'"):
        read(path)


def test_sform_and_qform_that_disagree_are_said(tmp_path):
    image = nibabel.Nifti1Image(ct(), AFFINE)
    image.set_sform(AFFINE, code=1)
    image.set_qform(along_axes((SPACING,) * 3, (100.0, 0.0, 0.0)), code=1)
    path = tmp_path / "a.nii"
    nibabel.save(image, path)
    found = read(path)
    assert np.allclose(found.affine, AFFINE)
    assert any("qform" in said for said in found.notices)


def test_a_label_map_on_another_grid_is_refused(write):
    patient = read(write("a.nii.gz", ct(), AFFINE))
    with pytest.raises(BadInput, match="has 20 x 24 x 17 voxels and its volume 20 x 24 x 18"):
        with_labels(patient, write("l.nii.gz", labels()[..., :17], AFFINE), CLASSES)
    moved = AFFINE.copy()
    moved[0, 3] += 30
    with pytest.raises(BadInput, match="lies elsewhere than its volume"):
        with_labels(patient, write("m.nii.gz", labels(), moved), CLASSES)


def test_a_label_map_of_other_numbers_is_refused(write):
    patient = read(write("a.nii.gz", ct(), AFFINE))
    with pytest.raises(BadInput, match=r"holds the value 0\.5; give whole numbers"):
        with_labels(patient, write("l.nii.gz", labels() * np.float32(0.5), AFFINE), CLASSES)
    far = labels()
    far[0, 0, 0] = 9
    with pytest.raises(BadInput, match="holds the number 9, which names no class of the network"):
        with_labels(patient, write("m.nii.gz", far, AFFINE), CLASSES)


def test_whole_numbers_as_floats_and_with_holes_are_taken(write):
    patient = read(write("a.nii.gz", ct(), AFFINE))
    holes = np.where(labels() == 2, 4, labels()).astype(np.float32)
    found = with_labels(patient, write("l.nii.gz", holes, AFFINE), CLASSES)
    assert found.labels.dtype == np.uint8
    assert set(np.unique(found.labels)) == {0, 1, 4}
    assert "no liver tumour, no kidney" in " ".join(found.notices)
