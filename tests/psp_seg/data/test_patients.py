"""Patients of one's own: what is read as it is, what is turned or resampled, what is refused."""

import nibabel
import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.plugins.psp_seg.data import patients
from prune3d_gui.plugins.psp_seg.data.cohort import HELD
from prune3d_gui.plugins.psp_seg.data.orientation import doubts
from prune3d_gui.plugins.psp_seg.data.patients import read_patient, with_labels
from prune3d_gui.plugins.psp_seg.data.phantom import patient
from prune3d_gui.plugins.psp_seg.network.checkpoint import CLASSES
from prune3d_gui.plugins.psp_seg.patients import Patients
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


def test_padding_below_air_does_not_hide_an_offset(write):
    values = ct((24, 24, 18)) + 1024
    values[:4] = -976  # what scanners put beyond their field of view, -2000 before the offset
    found = read(write("a.nii.gz", values, AFFINE))
    assert "1024 was taken off" in " ".join(found.notices)
    assert found.volume[12, 12, 9] == pytest.approx(values[12, 12, 9] - 1024)


def test_dense_bone_among_fat_and_air_is_no_offset(write):
    values = ct((24, 24, 18))
    values[4:12, 4:12] = 1000  # a quarter of the body
    values[12:20, 4:12] = np.linspace(-800, -70, 8)[:, None, None]
    found = read(write("a.nii.gz", values, AFFINE))
    assert np.abs(found.volume - values).max() < 1e-3
    assert not any("offset" in said for said in found.notices)


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


@pytest.mark.parametrize(("side", "count"), [(1.0, 15), (3.0, 5)])
def test_what_is_too_small_for_the_network_is_refused_in_mm(write, side, count):
    affine = along_axes((side, side, side))
    with pytest.raises(BadInput, match=rf"'a\.nii\.gz' is {count * side:g} x .* at least 18 mm"):
        read(write("a.nii.gz", ct((count, 30, 30)), affine))


def test_micrometres_are_read_as_such(tmp_path):
    image = nibabel.Nifti1Image(ct(), AFFINE @ np.diag([1000, 1000, 1000, 1]))
    image.header.set_xyzt_units("micron")
    nibabel.save(image, tmp_path / "a.nii")
    found = read(tmp_path / "a.nii")
    assert found.spacing == pytest.approx((SPACING,) * 3)
    assert found.volume.shape == ct().shape


def test_a_missing_affine_is_assumed_and_said(tmp_path):
    image = nibabel.Nifti1Image(ct(), None)
    image.header.set_zooms((SPACING,) * 3)
    image.header["sform_code"] = image.header["qform_code"] = 0
    path = tmp_path / "a.nii"
    path.write_bytes(image.to_bytes())
    found = read(path)
    assert any("Its header gives no place" in said for said in found.notices)
    assert np.allclose(found.own_affine, nibabel.load(path).affine)
    np.save(tmp_path / "a.npy", ct((30, 30, 30)))
    said = " ".join(read(tmp_path / "a.npy").notices)
    assert "taken as right, anterior, superior, with voxels of 1 x 1 x 1 mm" in said


def test_what_is_too_large_is_read_coarser_but_written_on_its_own_grid(write, monkeypatch):
    monkeypatch.setattr(patients, "READ_BYTES", 4 * 20 * 24 * 18)
    affine = along_axes((SPACING / 2,) * 3, (1.0, 2.0, 3.0))
    found = read(write("a.nii.gz", ct((40, 48, 36)), affine))
    assert "Only one in 2 values along each axis" in " ".join(found.notices)
    assert found.volume.shape == (20, 24, 18)
    assert found.own_shape == (40, 48, 36)
    assert np.allclose(found.own_affine, affine)
    map_ = np.zeros((40, 48, 36), np.uint8)
    map_[10:24, 10:24, 10:24] = 1
    marked = with_labels(found, write("l.nii.gz", map_, affine), CLASSES)
    assert np.array_equal(marked.labels, map_[::2, ::2, ::2])


def test_what_takes_more_voxels_than_can_be_run_is_refused(write, monkeypatch):
    monkeypatch.setattr(patients, "MOST", 1 << 12)
    with pytest.raises(BadInput, match=r"'a\.nii\.gz' is 20 x 24 x 18 voxels of the 4\.5 mm"):
        read(write("a.nii.gz", ct(), AFFINE))


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


def test_numbers_that_are_none_are_background_and_said(write):
    patient = read(write("a.nii.gz", ct(), AFFINE))
    holes = labels().astype(np.float32)
    holes[0, 0, :3] = np.nan
    found = with_labels(patient, write("l.nii.gz", holes, AFFINE), CLASSES)
    assert np.array_equal(found.labels, labels())
    assert any(said.startswith("Label map: 3 of") for said in found.notices)


def test_a_class_too_small_for_the_voxels_of_the_network_is_said(write):
    affine = along_axes((1.5,) * 3, (3.0, -4.0, 5.0))
    patient = read(write("a.nii.gz", ct((60, 64, 50)), affine))
    fine = np.zeros((60, 64, 50), np.uint8)
    fine[20:40, 20:40, 20:40], fine[30, 30, 30] = 1, 2
    found = with_labels(patient, write("l.nii.gz", fine, affine), CLASSES)
    lost = not (found.labels == 2).any()
    assert any("so little liver tumour" in said for said in found.notices) == lost
    fine[30, 30, 30], fine[31, 31, 30] = 1, 2  # one of them is between the places that are taken
    other = with_labels(patient, write("m.nii.gz", fine, affine), CLASSES)
    assert any("so little liver tumour" in said for said in (*found.notices, *other.notices))


def test_a_label_map_alone_is_no_patient(write):
    with pytest.raises(BadInput, match=r"'a-labels\.nii\.gz' is a label map .* 0 to 2; open the"):
        read(write("a-labels.nii.gz", labels(), AFFINE))
    assert read(write("segment.nii.gz", ct(), AFFINE)).labels is None  # a CT by its values


def test_another_label_map_takes_the_place_of_the_first(write):
    held = Patients(SPACING, CLASSES, dict)
    first = held.open(write("a.nii.gz", ct(), AFFINE)).id
    assert held.open(write("one-seg.nii.gz", labels(), AFFINE)).id == first
    other = np.roll(labels(), 3, axis=0)
    assert held.open(write("two-seg.nii.gz", other, AFFINE)).id == first
    assert np.array_equal(held.of(first).labels, other)
    ct_by_name = held.open(write("masked.nii.gz", ct((24, 24, 24)), AFFINE))
    assert ct_by_name.id == "masked.nii.gz"
    assert np.array_equal(held.of(first).labels, other)
