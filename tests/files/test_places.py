"""One scan lies at one place, whatever the format, and what was turned is said."""

import itertools

import nibabel
import numpy as np
import pytest
import SimpleITK as sitk
from vtkmodules.vtkIOImage import vtkMetaImageWriter

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.rasters.places import OWN, turned
from prune3d_gui.files.volumes import read_volume
from prune3d_gui.plugins.inr_amr.data.truth import read_truth
from tests.files.volume_files import affine_of, image_of, volume, write_mha, write_nrrd

FORMATS = (".nii.gz", ".nrrd", ".mha", ".mhd", ".nhdr")
AXES = [np.eye(3), np.diag([-1, 1, 1]), np.eye(3)[[2, 0, 1]], np.diag([1, -1, -1])[[1, 2, 0]]]


def itk_image(values, directions, spacing=(1.0, 2.0, 3.0), origin=(10.0, 20.0, 30.0)):
    image = sitk.GetImageFromArray(values.transpose(2, 1, 0))
    image.SetSpacing(spacing)
    image.SetOrigin(origin)
    image.SetDirection(directions.astype(float).ravel().tolist())
    return image


def itk_value_at(image, place):
    """Return what ITK has at a place of the right-anterior-superior world."""
    return image[image.TransformPhysicalPointToIndex([-place[0], -place[1], place[2]])]


@pytest.mark.parametrize("directions", AXES)
def test_files_of_one_image_from_itk_land_at_one_place(tmp_path, directions):
    image = itk_image(volume(), directions)
    found = []
    for suffix in FORMATS:
        sitk.WriteImage(image, str(tmp_path / f"scan{suffix}"))
        found.append(read_volume(tmp_path / f"scan{suffix}"))
    first = found[0]
    for data in found[1:]:
        np.testing.assert_array_equal(data.values, first.values)
        np.testing.assert_allclose(data.affine, first.affine, atol=1e-5)
        np.testing.assert_allclose(data.origin, first.origin, atol=1e-5)
        np.testing.assert_allclose(data.spacing, first.spacing, rtol=1e-6)
    for index in itertools.product((0, -1), repeat=3):
        index = tuple(np.arange(n)[i] for n, i in zip(first.values.shape, index, strict=True))
        place = np.add(first.origin, np.multiply(index, first.spacing))
        np.testing.assert_allclose((first.affine @ [*index, 1])[:3], place, atol=1e-5)
        assert first.values[index] == itk_value_at(image, place)


@pytest.mark.parametrize("suffix", FORMATS)
@pytest.mark.parametrize("directions", AXES[1:3])
def test_strides_keep_the_place(tmp_path, suffix, directions):
    image = itk_image(volume(), directions)
    sitk.WriteImage(image, str(tmp_path / f"scan{suffix}"))
    data = read_volume(tmp_path / f"scan{suffix}", limit_bytes=4 * 4 * 3 * 3)
    for index in np.ndindex(data.values.shape):
        place = np.add(data.origin, np.multiply(index, data.spacing))
        assert data.values[index] == itk_value_at(image, place)


def test_moments_of_itk_are_turned_as_well(tmp_path):
    values = np.stack([volume(), volume() + 1], -1)
    moments = [itk_image(values[..., t], np.eye(3)) for t in range(2)]
    image = sitk.JoinSeries(moments)
    image.SetSpacing((1, 2, 3, 0.5))
    sitk.WriteImage(image, str(tmp_path / "beat.mha"))
    data = read_volume(tmp_path / "beat.mha")
    np.testing.assert_array_equal(data.values, values[::-1, ::-1])
    assert (data.times, data.time_step) == (2, 0.5)
    assert data.origin == pytest.approx((-16, -30, 30))


def test_what_was_turned_is_said(tmp_path):
    sitk.WriteImage(itk_image(volume(), np.eye(3)), str(tmp_path / "scan.nrrd"))
    (said,) = read_volume(tmp_path / "scan.nrrd").notices
    assert said == "The file's axes run LPS; the values were turned to RAS."
    sitk.WriteImage(itk_image(volume(), np.eye(3)), str(tmp_path / "scan.mha"))
    first, second = read_volume(tmp_path / "scan.mha").notices
    assert "taken as left, posterior, superior, as ITK and 3D Slicer do" in first
    assert second == said


@pytest.mark.parametrize(
    ("space", "signs"),
    [("RAS", (1, 1, 1)), ("left-anterior-superior", (-1, 1, 1)), ("LPS", (-1, -1, 1))],
)
def test_every_patient_space_of_nrrd(tmp_path, space, signs):
    extra = f"space: {space}\nspace directions: (1,0,0) (0,2,0) (0,0,3)\nspace origin: (10,20,30)"
    write_nrrd(tmp_path / "v.nrrd", volume(), extra=extra)
    data = read_volume(tmp_path / "v.nrrd")
    ends = [10 if s > 0 else -(10 + 6 * 1) for s in signs[:1]]
    ends += [20 if s > 0 else -(20 + 5 * 2) for s in signs[1:2]]
    assert data.origin == (*ends, 30)
    np.testing.assert_array_equal(data.values, volume()[:: signs[0], :: signs[1], :: signs[2]])


def test_a_space_that_is_no_patients_is_kept_and_said(tmp_path):
    extra = "space dimension: 3\nspace directions: (1,0,0) (0,0,2) (0,-3,0)\nspace origin: (1,2,3)"
    write_nrrd(tmp_path / "v.nrrd", volume(), extra=extra)
    data = read_volume(tmp_path / "v.nrrd")
    np.testing.assert_array_equal(data.values, volume().transpose(0, 2, 1)[:, ::-1])
    assert data.origin == (1, 2 - 3 * 4, 3)
    assert any("run +x, +z, -y; the values were turned to +x, +y, +z" in n for n in data.notices)
    assert any("names no patient space" in notice for notice in data.notices)


MATRIX = "TransformMatrix = 1 0 0 0 1 0 0 0 1"


@pytest.mark.parametrize(
    ("extra", "patient"),
    [
        ([], False),
        ([MATRIX], True),
        (["AnatomicalOrientation = RAI"], True),
        ([MATRIX, "AnatomicalOrientation = RAI"], True),
        ([MATRIX, "AnatomicalOrientation = ???"], False),
        (["AnatomicalOrientation = ???"], False),
    ],
)
def test_metaimage_is_a_patients_where_it_says_so(tmp_path, extra, patient):
    values = np.arange(210, dtype="<i2").reshape(7, 6, 5)
    write_mha(tmp_path / "v.mha", values, extra)
    data = read_volume(tmp_path / "v.mha")
    expected = values[::-1, ::-1] if patient else values
    np.testing.assert_array_equal(data.values, expected)
    assert data.origin == ((-16, -25, 30) if patient else (10, 20, 30))
    assert ("taken as left" in data.notices[0]) == patient
    assert ("names no patient orientation" in data.notices[0]) != patient
    assert (data.affine is not None) == any("Tra" in line or patient for line in extra)


def test_a_matrix_that_vtk_may_have_written_by_columns_is_said(tmp_path):
    write_mha(tmp_path / "v.mha", np.arange(60, dtype="<i2").reshape(5, 4, 3), [
        "TransformMatrix = 0 1 0 0 0 1 1 0 0", "AnatomicalOrientation = ???"
    ])  # fmt: skip
    data = read_volume(tmp_path / "v.mha")
    assert data.values.shape == (3, 5, 4)  # the first axis runs along y, as in ITK
    assert any("VTK writes columns" in notice for notice in data.notices)


def test_metaimage_whose_letters_contradict_its_directions_says_so(tmp_path):
    write_mha(tmp_path / "v.mha", np.arange(60, dtype="<i2").reshape(5, 4, 3), [
        MATRIX, "AnatomicalOrientation = LPI", "CenterOfRotation = 1 2 3"
    ])  # fmt: skip
    notices = read_volume(tmp_path / "v.mha").notices
    assert any("LPI contradicts its directions, which are RAI" in notice for notice in notices)
    write_mha(tmp_path / "c.mha", np.arange(60, dtype="<i2").reshape(5, 4, 3), [
        "Rotation = 0 1 0 1 0 0 0 0 1", "CenterOfRotation = 1 2 3"
    ])  # fmt: skip
    notices = read_volume(tmp_path / "c.mha").notices
    assert any("CenterOfRotation was left out" in notice for notice in notices)


@pytest.mark.parametrize(
    ("matrix", "suffix"),
    [
        (np.diag([-1.0, 1, 1]), ".vti"),
        (np.eye(3)[[1, 2, 0]], ".vti"),
        (np.diag([-1.0, 1, 1]), ".mha"),
        (np.eye(3)[[2, 1, 0]], ".mha"),  # of others, VTK writes columns where ITK reads rows
    ],
)
def test_directions_of_vtk_are_turned_in_its_own_world(tmp_path, matrix, suffix):
    path, image = tmp_path / f"v{suffix}", image_of(volume())
    image.direction_matrix = matrix
    if suffix == ".vti":
        image.save(path)
    else:
        writer = vtkMetaImageWriter()
        writer.SetFileName(str(path))
        writer.SetInputData(image)
        writer.Write()
    data = read_volume(path)
    assert any("turned to +x, +y, +z" in notice for notice in data.notices)
    for index in np.ndindex(data.values.shape):
        place = np.add(data.origin, np.multiply(index, data.spacing))
        there = np.rint((matrix.T @ (place - image.origin)) / image.spacing).astype(int)
        assert data.values[index] == volume()[tuple(there)]
    np.testing.assert_allclose(data.affine[:3, 3], data.origin)


def test_a_sound_qform_stands_for_a_broken_sform(tmp_path):
    image = nibabel.Nifti1Image(volume(), affine_of())
    image.set_qform(affine_of(), 1)
    nibabel.save(image, tmp_path / "v.nii")
    raw = bytearray((tmp_path / "v.nii").read_bytes())
    raw[280:328] = bytes(48)
    (tmp_path / "v.nii").write_bytes(raw)
    data = read_volume(tmp_path / "v.nii")
    assert (data.spacing, data.origin) == ((1, 2, 3), (4, -5, 6))
    assert any("that of its qform" in notice for notice in data.notices)
    raw[252:254] = bytes(2)
    (tmp_path / "v.nii").write_bytes(raw)
    with pytest.raises(BadInput, match=r"sform code 2, qform code 0.*flat"):
        read_volume(tmp_path / "v.nii")
    raw[254:256] = bytes(2)
    (tmp_path / "v.nii").write_bytes(raw)
    data = read_volume(tmp_path / "v.nii")
    assert any("gives no place" in notice for notice in data.notices)


def test_two_forms_that_differ_are_said(tmp_path):
    image = nibabel.Nifti1Image(volume(), affine_of())
    image.set_sform(affine_of(), 1)
    image.set_qform(affine_of(origin=(40, -5, 6)), 1)
    nibabel.save(image, tmp_path / "v.nii")
    data = read_volume(tmp_path / "v.nii")
    assert data.origin == (4, -5, 6)
    assert any("sform and qform differ, by up to 36" in notice for notice in data.notices)


def oblique(degrees, shape=(60, 50, 40)):
    turn = np.deg2rad(degrees)
    spin = np.array([[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]])
    affine = affine_of((2, 2, 2))
    affine[:3, :3] = spin @ affine[:3, :3]
    last = (np.array(shape) - 1) * 2.0
    off = max(
        np.linalg.norm((spin - np.eye(3)) @ (corner * last))
        for corner in map(np.array, itertools.product((0, 1), repeat=3))
    )
    return affine, shape, off


@pytest.mark.parametrize("degrees", [0.5, 9, 40])
def test_an_oblique_volume_lies_where_its_file_says(tmp_path, degrees):
    affine, shape, _ = oblique(degrees)
    values = np.random.default_rng(0).integers(0, 99, shape).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "v.nii")
    found = read_volume(tmp_path / "v.nii")
    assert found.oblique
    np.testing.assert_allclose(found.affine, affine, atol=1e-5)
    said = f"by up to {degrees:.1f} degrees; it lies where the file says"
    assert any(said in notice for notice in found.notices)


def test_what_is_off_by_less_than_a_hundredth_of_a_voxel_is_straight(tmp_path):
    affine, shape, off = oblique(0.005)
    assert 0 < off < 0.02
    values = np.random.default_rng(0).integers(0, 99, shape).astype(np.uint8)
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "v.nii")
    found = read_volume(tmp_path / "v.nii")
    assert not found.oblique
    assert not any("oblique" in notice for notice in found.notices)


def test_an_oblique_slice_is_placed_within_a_pixel_or_refused(tmp_path):
    for degrees in (9, 0.5):
        affine, shape, off = oblique(degrees, (60, 50, 1))
        values = np.random.default_rng(0).integers(0, 99, shape).astype(np.uint8)
        image = nibabel.Nifti1Image(values, affine)
        image.header.set_xyzt_units("mm")
        nibabel.save(image, tmp_path / "v.nii")
        if degrees == 9:
            with pytest.raises(BadInput, match=rf"9\.0 degrees.*up to {off:.3g} mm; resample it"):
                read_volume(tmp_path / "v.nii")
    assert 0.1 < off < 2  # less than a pixel
    (said, _) = read_volume(tmp_path / "v.nii").notices
    assert "0.5 degrees" in said
    assert f"up to {off:.3g} mm from their true place" in said


@pytest.mark.parametrize("column", [(0, 0, 0), (1, 0, 0), (np.nan, 0, 1)])
def test_axes_that_do_not_span_space_are_refused(tmp_path, column):
    affine = np.eye(4)
    affine[:3, 2] = column
    with pytest.raises(BadInput, match=r"v\.x.*do not span space or are not finite"):
        turned(tmp_path / "v.x", affine, (4, 4, 4))


def test_an_axis_of_one_value_needs_no_direction():
    affine = np.diag([2.0, 3, 0, 1])
    place = turned("v.x", affine, (4, 4, 1), ways=OWN)
    np.testing.assert_allclose(place.affine, np.diag([2.0, 3, 1, 1]))
    assert place.notices == ()


def test_a_slice_of_a_patient_keeps_its_two_axes(tmp_path):
    image = itk_image(volume(), np.eye(3))[:, 3:4, :]
    for suffix in FORMATS[:3]:
        sitk.WriteImage(image, str(tmp_path / f"s{suffix}"))
        data = read_volume(tmp_path / f"s{suffix}")
        np.testing.assert_array_equal(data.values, volume()[::-1, 3])
        assert data.origin == pytest.approx((-16, 30))
        assert data.affine is None


def test_an_affine_beside_an_array_is_followed(tmp_path):
    affine = np.diag([-2.0, 3, 4, 1])
    np.savez(tmp_path / "v.npz", values=volume(), affine=affine)
    data = read_volume(tmp_path / "v.npz")
    np.testing.assert_array_equal(data.values, volume()[::-1])
    assert data.origin == (-12, 0, 0)
    np.savez(tmp_path / "w.npz", values=volume(), affine=np.ones((4, 4)))
    with pytest.raises(BadInput, match=r"w\.npz.*last row 0 0 0 1"):
        read_volume(tmp_path / "w.npz")


def test_the_domain_of_a_field_lies_where_the_scan_does(tmp_path):
    image = itk_image(volume(), np.eye(3))
    domains = []
    for suffix in FORMATS[:3]:
        sitk.WriteImage(image, str(tmp_path / f"scan{suffix}"))
        domains.append(read_truth(tmp_path / f"scan{suffix}")[1])
    for domain in domains:
        assert domain.origin == pytest.approx((-16, -30, 30))
        assert domain.size == pytest.approx((6, 10, 12))
