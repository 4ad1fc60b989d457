"""Volumes of every format come in as the same numbers, and odd ones with a sentence."""

from pathlib import Path

import nibabel
import numpy as np
import pytest
import pyvista as pv
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.volumes import SUFFIXES, read_volume
from tests.files.volume_files import (
    ORIGIN,
    SPACING,
    affine_of,
    image_of,
    volume,
    write,
    write_nrrd,
)

REAL = sorted((Path(__file__).parents[3] / "shared/data/volumes").glob("*.nii.gz"))


@pytest.fixture
def values():
    return volume()


PICTURES = (".png", ".jpg", ".jpeg", ".bmp", ".gif", ".webp", ".pgm")
VOLUMES = [s for s in SUFFIXES if s not in PICTURES]
UNIT = (".nii", ".nii.gz", ".hdr", ".img", ".mgz", ".mgh", ".nrrd", ".nhdr")
UNPLACED = (".mha", ".mhd")  # VTK writes no patient's orientation
PLACED = [s for s in VOLUMES if s not in (".npy", ".tif", ".tiff")]
STREAMED = [s for s in VOLUMES if s not in (".vtr", ".vtk")]


@pytest.mark.parametrize("suffix", VOLUMES)
def test_a_volume_comes_back_exactly(tmp_path, values, suffix):
    path = tmp_path / f"scan{suffix}"
    write(path, values)
    data = read_volume(path)
    assert data.values.dtype == np.float32
    assert data.values.flags.c_contiguous
    np.testing.assert_array_equal(data.values, values)
    assert data.times == 1
    assert len(data.notices) == (suffix in UNPLACED)
    assert all("names no patient orientation" in notice for notice in data.notices)
    placed = suffix in PLACED
    np.testing.assert_allclose(data.spacing, SPACING if placed else (1, 1, 1), rtol=1e-6)
    np.testing.assert_allclose(data.origin, ORIGIN if placed else (0, 0, 0), rtol=1e-6)
    assert data.unit == ("mm" if suffix in UNIT else "")


@pytest.mark.parametrize("suffix", VOLUMES)
def test_a_volume_too_large_is_read_in_whole_strides(tmp_path, values, suffix):
    path = tmp_path / f"scan{suffix}"
    write(path, values)
    data = read_volume(path, limit_bytes=4 * 4 * 3 * 3)
    np.testing.assert_array_equal(data.values, values[::2, ::2, ::2])
    placed = suffix in PLACED
    np.testing.assert_allclose(data.spacing, np.multiply(SPACING if placed else 1, [2] * 3))
    np.testing.assert_allclose(data.origin, ORIGIN if placed else (0, 0, 0))
    *_, notice = data.notices
    assert len(data.notices) == 1 + (suffix in UNPLACED)
    assert "one in 2 values" in notice
    assert "7 x 6 x 5" in notice
    assert read_volume(path, limit_bytes=4 * values.size).values.shape == values.shape


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".npy", ".npz", ".nrrd"])
@pytest.mark.parametrize("limit", [1 << 20, 4 * 4 * 3 * 3 * 3])
def test_the_fourth_axis_is_time(tmp_path, values, suffix, limit):
    path = tmp_path / f"beat{suffix}"
    moments = np.stack([values, values + 1, values * 2], -1)
    if suffix == ".nrrd":
        write_nrrd(path, moments, extra="kinds: domain domain domain list\nspacings: 1 2 3 nan")
    else:
        write(path, moments)
    data = read_volume(path, limit)
    step = 1 if limit > 1 << 19 else 2
    np.testing.assert_array_equal(data.values, moments[::step, ::step, ::step])
    assert data.times == 3
    assert len(data.spacing) == len(data.origin) == 3


def test_the_time_step_is_in_seconds(tmp_path, values):
    image = nibabel.Nifti1Image(np.stack([values, values], -1), affine_of())
    image.header.set_xyzt_units("micron", "msec")
    image.header.set_zooms((*SPACING, 40.0))
    nibabel.save(image, tmp_path / "beat.nii")
    data = read_volume(tmp_path / "beat.nii")
    assert data.time_step == pytest.approx(0.04)
    assert data.unit == "µm"


@pytest.mark.parametrize("first", [True, False])
def test_time_of_nrrd_may_come_first(tmp_path, values, first):
    moments = np.stack([values, values + 1], 0 if first else -1)
    order = ["list", *["domain"] * 3] if first else [*["domain"] * 3, "list"]
    steps = ["none", "(1,0,0)", "(0,2,0)", "(0,0,3)"]
    steps = steps if first else [*steps[1:], steps[0]]
    extra = f"kinds: {' '.join(order)}\nspace directions: {' '.join(steps)}\nspace: RAS"
    write_nrrd(tmp_path / "beat.nrrd", moments, extra=extra)
    data = read_volume(tmp_path / "beat.nrrd")
    np.testing.assert_array_equal(data.values, np.stack([values, values + 1], -1))
    assert data.spacing == SPACING


@pytest.mark.parametrize("encoding", ["raw", "gzip", "bzip2", "ascii"])
@pytest.mark.parametrize("kind", ["short", "unsigned char", "double"])
def test_nrrd_encodings_and_types(tmp_path, encoding, kind):
    dtype = {"short": ">i2", "unsigned char": "u1", "double": "<f8"}[kind]
    values = np.arange(60).reshape(5, 4, 3).astype(dtype)
    write_nrrd(tmp_path / "v.nrrd", values, encoding, kind)
    np.testing.assert_array_equal(read_volume(tmp_path / "v.nrrd").values, values)


def test_nifti_is_turned_to_the_closest_axes(tmp_path, values):
    affine = np.array([[0, -2, 0, 9], [0, 0, 3, 1], [1.5, 0, 0, 2], [0, 0, 0, 1.0]])
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "turned.nii")
    data = read_volume(tmp_path / "turned.nii")
    expected = nibabel.as_closest_canonical(nibabel.load(tmp_path / "turned.nii"))
    np.testing.assert_array_equal(data.values, expected.get_fdata(dtype=np.float32))
    np.testing.assert_allclose(data.affine, expected.affine)
    assert data.spacing == (2.0, 3.0, 1.5)
    assert data.origin == tuple(expected.affine[:3, 3])
    assert data.notices == ("The file's axes run SLA; the values were turned to RAS.",)
    coarse = read_volume(tmp_path / "turned.nii", 4 * 4 * 3 * 3)
    assert coarse.spacing == (4.0, 6.0, 3.0)
    corner = np.linalg.inv(affine) @ [*coarse.origin, 1]
    np.testing.assert_allclose(
        coarse.values[0, 0, 0], values[tuple(np.rint(corner[:3]).astype(int))]
    )


def test_an_oblique_affine_is_said(tmp_path, values):
    turn = np.deg2rad(12)
    affine = affine_of()
    spin = [[np.cos(turn), -np.sin(turn), 0], [np.sin(turn), np.cos(turn), 0], [0, 0, 1]]
    affine[:3, :3] = spin @ affine[:3, :3]
    nibabel.save(nibabel.Nifti1Image(values, affine), tmp_path / "oblique.nii")
    data = read_volume(tmp_path / "oblique.nii")
    assert "oblique" in data.notices[0]
    assert "12.0 degrees" in data.notices[0]
    assert "lies where the file says" in data.notices[0]
    np.testing.assert_allclose(data.affine, affine, rtol=1e-6)
    np.testing.assert_allclose(data.spacing, SPACING, rtol=1e-6)


def test_scaled_integers_of_nifti_are_scaled(tmp_path):
    image = nibabel.Nifti1Image(np.arange(60, dtype=np.int16).reshape(5, 4, 3), affine_of())
    image.header.set_slope_inter(0.5, -10)
    nibabel.save(image, tmp_path / "ct.nii")
    stored = nibabel.load(tmp_path / "ct.nii").get_fdata()
    data = read_volume(tmp_path / "ct.nii")
    np.testing.assert_allclose(data.values, stored)
    assert "int16" in data.notices[0]


@pytest.mark.parametrize("suffix", [".vti", ".vtr", ".vtk"])
@pytest.mark.parametrize("limit", [1 << 20, 4 * 3 * 3 * 2])
def test_values_of_cells_stand_at_their_centres(tmp_path, suffix, limit):
    image = pv.ImageData(dimensions=(6, 5, 4), spacing=SPACING, origin=ORIGIN)
    values = np.arange(60, dtype=np.float32).reshape(5, 4, 3)
    image.cell_data["density"] = values.ravel("F")
    (image.cast_to_rectilinear_grid() if suffix == ".vtr" else image).save(tmp_path / f"v{suffix}")
    data = read_volume(tmp_path / f"v{suffix}", limit)
    step = 1 if limit > 1000 else 2
    np.testing.assert_array_equal(data.values, values[::step, ::step, ::step])
    np.testing.assert_allclose(data.origin, np.add(ORIGIN, np.divide(SPACING, 2)))
    np.testing.assert_allclose(data.spacing, np.multiply(SPACING, step))


def test_an_extent_that_starts_elsewhere_is_placed(tmp_path, values):
    whole = image_of(values)
    part = whole.extract_subset((2, 6, 1, 5, 1, 4))
    part.save(tmp_path / "part.vti")
    data = read_volume(tmp_path / "part.vti")
    np.testing.assert_array_equal(data.values, values[2:, 1:, 1:])
    np.testing.assert_allclose(data.origin, np.add(ORIGIN, np.multiply(SPACING, (2, 1, 1))))


def test_one_of_several_arrays_is_read_and_said(tmp_path, values):
    image = image_of(values)
    image.point_data["other"] = np.ones(values.size)
    image.set_active_scalars("density")
    image.save(tmp_path / "v.vti")
    data = read_volume(tmp_path / "v.vti")
    np.testing.assert_array_equal(data.values, values)
    assert "'density' was read; 'other'" in data.notices[0]


def test_vectors_become_their_length(tmp_path):
    image = pv.ImageData(dimensions=(4, 3, 2))
    vectors = np.random.default_rng(1).normal(size=(24, 3))
    image.point_data["flow"] = vectors
    image.save(tmp_path / "v.vtk")
    data = read_volume(tmp_path / "v.vtk")
    expected = np.linalg.norm(vectors, axis=1).reshape((4, 3, 2), order="F")
    np.testing.assert_allclose(data.values, expected, rtol=1e-6)
    assert "3 components" in data.notices[0]


def test_uneven_steps_are_resampled(tmp_path):
    x, y, z = np.array([0.0, 1, 2, 4, 8]), np.array([0.0, 3, 4]), np.array([1.0, 2, 3])
    grid = pv.RectilinearGrid(x, y, z)
    grid.point_data["v"] = 2 * grid.points[:, 0] - grid.points[:, 1] + 5 * grid.points[:, 2]
    grid.save(tmp_path / "v.vtr")
    data = read_volume(tmp_path / "v.vtr")
    assert data.spacing == (2.0, 2.0, 1.0)
    assert data.origin == (0.0, 0.0, 1.0)
    i, j, k = np.indices(data.values.shape)
    knots = [np.interp(2.0 * i, x, x), np.interp(2.0 * j, y, y), 1.0 + k]
    np.testing.assert_allclose(data.values, 2 * knots[0] - knots[1] + 5 * knots[2], atol=1e-4)
    assert "Uneven steps (1 to 4 along x; 1 to 3 along y)" in data.notices[0]
    flat = pv.RectilinearGrid(x, y, [0.0])
    flat.point_data["v"] = flat.points[:, 0]
    flat.save(tmp_path / "flat.vtr")
    with pytest.raises(BadInput, match=r"flat\.vtr.*single slice with uneven steps"):
        read_volume(tmp_path / "flat.vtr")


@pytest.mark.parametrize(("suffix", "mode"), [(".png", "L"), (".png", "I;16"), (".tif", "F")])
def test_pictures_are_grey_values_with_y_upwards(tmp_path, suffix, mode):
    kind = {"L": np.uint8, "I;16": np.uint16, "F": np.float32}[mode]
    pixels = (np.arange(20).reshape(4, 5) * 11).astype(kind)
    Image.fromarray(pixels).save(tmp_path / f"p{suffix}")
    data = read_volume(tmp_path / f"p{suffix}")
    assert data.values.shape == (5, 4)
    np.testing.assert_array_equal(data.values, pixels[::-1].T)
    assert data.values[0, -1] == 0  # the upper left corner
    assert data.spacing == (1.0, 1.0)
    assert len(data.notices) == (mode != "F")


def test_colours_become_grey(tmp_path):
    pixels = np.random.default_rng(0).integers(0, 255, (6, 5, 3), np.uint8)
    Image.fromarray(pixels).save(tmp_path / "p.png")
    Image.fromarray(pixels).save(tmp_path / "p.jpg")
    data = read_volume(tmp_path / "p.png")
    luma = (pixels @ [0.299, 0.587, 0.114])[::-1].T
    np.testing.assert_allclose(data.values, luma, atol=1)
    assert "Colours" in data.notices[0]
    assert "uint8" in data.notices[1]
    assert read_volume(tmp_path / "p.jpg").values.shape == (5, 6)


def test_a_picture_as_an_array_has_two_axes(tmp_path):
    np.savez(tmp_path / "p.npz", np.eye(4), spacing=(2, 3), origin=(0, 1))
    data = read_volume(tmp_path / "p.npz")
    np.testing.assert_array_equal(data.values, np.eye(4))
    assert (data.spacing, data.origin) == ((2.0, 3.0), (0.0, 1.0))


def test_a_slice_of_a_volume_is_a_picture(tmp_path, values):
    nibabel.save(nibabel.Nifti1Image(values[:, :1], affine_of()), tmp_path / "slice.nii")
    data = read_volume(tmp_path / "slice.nii")
    np.testing.assert_array_equal(data.values, values[:, 0])
    assert (data.spacing, data.origin) == ((1.0, 3.0), (4.0, 6.0))
    assert data.affine is None


def test_fortran_order_is_respected(tmp_path, values):
    np.save(tmp_path / "v.npy", np.asfortranarray(values))
    np.savez(tmp_path / "v.npz", values=np.asfortranarray(values))
    for suffix in (".npy", ".npz"):
        np.testing.assert_array_equal(read_volume(tmp_path / f"v{suffix}").values, values)
        coarse = read_volume(tmp_path / f"v{suffix}", 200)
        np.testing.assert_array_equal(coarse.values, values[::2, ::2, ::2])


def test_integers_and_gaps_are_said(tmp_path, values):
    np.save(tmp_path / "i.npy", np.arange(-1000, -940, dtype=np.int16).reshape(5, 4, 3))
    assert read_volume(tmp_path / "i.npy").notices == (
        "Values of type int16, from -1,000 to -941, became float32.",
    )
    values[0, 0, :2] = np.nan, np.inf
    np.save(tmp_path / "n.npy", values)
    data = read_volume(tmp_path / "n.npy")
    low = values[np.isfinite(values)].min()
    assert (data.values[0, 0, :2] == low).all()
    np.testing.assert_array_equal(data.values[1:], values[1:])
    assert data.notices[0].startswith("2 of 210 values were NaN or infinite")
    np.save(tmp_path / "d.npy", np.array([[1e300, 1.0], [2.0, 3.0]]))
    assert read_volume(tmp_path / "d.npy").values.max() == 3


BAD = {
    "constant": (np.full((3, 3), 7.0), "the value 7 everywhere.*nothing to fit"),
    "nan": (np.full((3, 3), np.nan), "no finite value"),
    "line": (np.arange(4.0), "has 1 axes"),
    "five": (np.ones((2, 2, 2, 2, 2)), "has 5 axes"),
    "row": (np.arange(4.0).reshape(4, 1, 1), "4 x 1 x 1 values.*no picture or volume"),
    "complex": (np.ones((3, 3)) * 1j, "complex128, not plain numbers"),
    "empty": (np.ones((0, 3)), "is empty"),
    "text": (np.full((3, 3), "a"), "not plain numbers"),
    "objects": (np.full((3, 3), None), "object, not plain numbers"),
}


@pytest.mark.parametrize("name", BAD)
def test_what_cannot_be_fitted_is_refused(tmp_path, name):
    array, sentence = BAD[name]
    np.save(tmp_path / "v.npy", array)
    with pytest.raises(BadInput, match=rf"v\.npy.*{sentence}"):
        read_volume(tmp_path / "v.npy")


@pytest.mark.parametrize("suffix", [s for s in SUFFIXES if s != ".nhdr"])
@pytest.mark.parametrize("content", [b"\x00\x01 no volume" * 20, b""])
def test_damaged_files_are_answered(tmp_path, suffix, content):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(content)
    with pytest.raises(BadInput, match="bad"):
        read_volume(path)


@pytest.mark.parametrize("suffix", [s for s in VOLUMES if s not in (".nhdr", ".mhd", ".hdr")])
def test_files_cut_short_are_answered(tmp_path, suffix):
    path = tmp_path / f"cut{suffix}"
    write(path, np.random.default_rng(0).normal(size=(16, 16, 16)).astype(np.float32))
    path.write_bytes(path.read_bytes()[: path.stat().st_size * 2 // 3])
    with pytest.raises(BadInput, match=r"cut.*could not be read as a volume"):
        read_volume(path)


def test_names_that_cannot_be_read_list_those_that_can(tmp_path):
    (tmp_path / "v.docx").write_bytes(b"x")
    with pytest.raises(BadInput, match=r"v\.docx.*\.nii, \.nii\.gz, .* or \.bmp"):
        read_volume(tmp_path / "v.docx")
    with pytest.raises(BadInput, match="is a folder"):
        read_volume(tmp_path)
    with pytest.raises(BadInput, match=r"no file .*none\.nii"):
        read_volume(tmp_path / "none.nii")
    pv.Sphere().save(tmp_path / "ball.vtk")
    with pytest.raises(BadInput, match="holds a PolyData, not values on a regular grid"):
        read_volume(tmp_path / "ball.vtk")
    pv.ImageData(dimensions=(3, 3, 3)).save(tmp_path / "v.vti")
    with pytest.raises(BadInput, match="holds no values"):
        read_volume(tmp_path / "v.vti")


def test_headers_say_what_is_missing(tmp_path, values):
    write_nrrd(tmp_path / "v.nhdr", values, beside="v.raw")
    (tmp_path / "v.raw").unlink()
    with pytest.raises(BadInput, match=r"v\.nhdr.*'v\.raw', which is missing"):
        read_volume(tmp_path / "v.nhdr")
    write_nrrd(tmp_path / "c.nrrd", values, extra="kinds: RGB-color domain domain")
    with pytest.raises(BadInput, match="vectors or colours"):
        read_volume(tmp_path / "c.nrrd")
    (tmp_path / "m.mhd").write_text("NDims = 3\nElementDataFile = LOCAL\n")
    with pytest.raises(BadInput, match=r"m\.mhd.*'DimSize' is missing"):
        read_volume(tmp_path / "m.mhd")
    np.savez(tmp_path / "two.npz", a=values, b=values)
    with pytest.raises(BadInput, match="the arrays a, b; name the one to read 'values'"):
        read_volume(tmp_path / "two.npz")
    np.savez(tmp_path / "s.npz", values=values, spacing=(1, 2))
    with pytest.raises(BadInput, match=r"2 numbers in 'spacing'.*3 axes"):
        read_volume(tmp_path / "s.npz")
    np.savez(tmp_path / "z.npz", values=values, spacing=(1, 2, 0))
    with pytest.raises(BadInput, match="the spacing 1, 2, 0; write positive"):
        read_volume(tmp_path / "z.npz")
    np.save(tmp_path / "t.npy", np.ones((2, 2, 2, 210)))
    with pytest.raises(BadInput, match="210 moments, which take more than"):
        read_volume(tmp_path / "t.npy", 400)


def test_a_large_file_is_not_loaded_whole(tmp_path):
    import tracemalloc

    path = tmp_path / "large.nii.gz"
    image = np.zeros((200, 200, 100), np.int16)
    image[50:] = np.arange(100)
    nibabel.save(nibabel.Nifti1Image(image, np.eye(4)), path)
    read_volume(path, 100_000)
    tracemalloc.start()
    data = read_volume(path, 1_000_000)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    np.testing.assert_array_equal(data.values, image[::3, ::3, ::3])
    assert peak < image.nbytes


@pytest.mark.skipif(not REAL, reason="no volumes beside this checkout")
@pytest.mark.parametrize("path", REAL, ids=lambda path: path.name)
def test_real_volumes_are_sensible(path):
    data = read_volume(path)
    header = nibabel.load(path).header
    assert sorted(data.values.shape[:3]) == sorted(header.get_data_shape()[:3])
    assert sorted(data.spacing) == pytest.approx(sorted(map(float, header.get_zooms()[:3])))
    assert data.affine.shape == (4, 4)
    assert np.isfinite(data.values).all()
    assert -2000 <= data.values.min() < 0 < 500 < data.values.max() < 40_000
    assert "int16" in data.notices[0]
