"""Content tells the format; what a file promises is held against what it holds."""

import gzip
import io
import shutil
import time
import tracemalloc
import zipfile

import nibabel
import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.rasters.raster import stride_for
from prune3d_gui.files.volumes import read_volume
from tests.files.volume_files import (
    ORIGIN,
    SPACING,
    affine_of,
    picture,
    volume,
    write,
    write_nrrd,
    write_small,
)


@pytest.fixture(scope="module")
def small(tmp_path_factory):
    return write_small(tmp_path_factory.mktemp("small"))


def test_every_small_file_is_read(small):
    assert len(small) > 25
    for path in small:
        data = read_volume(path)
        assert data.values.shape[:2] in ((7, 6), (8, 9)), path
        assert np.isfinite(data.values).all()


@pytest.mark.parametrize("ending", [".nii", ".nrrd", ".png", ".npy", ".tif", ".bak", ""])
def test_content_counts_not_the_ending(small, tmp_path, ending):
    kindred = {".nii": (".nii", ".gz"), ".nrrd": (".nrrd", ".nhdr")}.get(ending, (ending,))
    for path in small:
        if path.suffix in (".hdr", ".img", ".tga", *kindred):
            continue
        named = tmp_path / f"file{ending}"
        shutil.copy(path, named)
        for values in path.parent.glob("*.raw"):
            shutil.copy(values, tmp_path)
        expected, data = read_volume(path), read_volume(named)
        np.testing.assert_array_equal(data.values, expected.values)
        assert data.notices[1:] == expected.notices
        assert data.notices[0].startswith("By its content it is")


@pytest.mark.parametrize("kind", [nibabel.Nifti1Pair, nibabel.Nifti2Pair])
@pytest.mark.parametrize("names", [(".hdr", ".img"), (".HDR", ".IMG"), (".hdr.gz", ".img.gz")])
def test_pairs_are_read_by_either_half(tmp_path, kind, names):
    nibabel.save(kind(volume(), affine_of()), tmp_path / "v.hdr")
    for name in names:
        half = tmp_path / f"v{name[:4].lower()}"
        data = half.read_bytes()
        half.unlink()
        (tmp_path / f"v{name}").write_bytes(gzip.compress(data) if name[4:] else data)
    for name in names:
        data = read_volume(tmp_path / f"v{name}")
        np.testing.assert_array_equal(data.values, volume())
        assert (data.spacing, data.origin) == (SPACING, ORIGIN)
    (tmp_path / f"v{names[1]}").unlink()
    with pytest.raises(BadInput, match=r"half of a pair; put 'v\.img' beside"):
        read_volume(tmp_path / f"v{names[0]}")


def test_analyze_is_read_as_nibabel_does(tmp_path):
    values = (volume() * 100).astype(np.int16)
    image = nibabel.Spm99AnalyzeImage(values, np.diag([-1.0, 2, 3, 1]))
    image.header.set_slope_inter(0.5)
    nibabel.save(image, tmp_path / "v.img")
    (tmp_path / "v.mat").unlink(missing_ok=True)
    expected = nibabel.as_closest_canonical(nibabel.load(tmp_path / "v.img"))
    data = read_volume(tmp_path / "v.hdr")
    np.testing.assert_allclose(data.values, expected.get_fdata(), rtol=1e-6)
    np.testing.assert_allclose(data.affine, expected.affine)
    assert any("x was taken to run left" in notice for notice in data.notices)


@pytest.mark.parametrize("suffix", [".mgh", ".mgz"])
def test_mgh_is_read_as_nibabel_does(tmp_path, suffix):
    affine = np.array([[-2.0, 0, 0, 9], [0, 0, 3, 1], [0, -1.5, 0, 2], [0, 0, 0, 1]])
    values = np.stack([volume(), volume() * 2], -1)
    image = nibabel.MGHImage(values, affine)
    image.header.set_zooms((2, 1.5, 3, 800))
    nibabel.save(image, tmp_path / f"v{suffix}")
    expected = nibabel.as_closest_canonical(image)
    data = read_volume(tmp_path / f"v{suffix}")
    np.testing.assert_array_equal(data.values, expected.get_fdata())
    np.testing.assert_allclose(data.affine, expected.affine, atol=1e-5)
    assert (data.times, data.unit) == (2, "mm")
    assert data.time_step == pytest.approx(0.8)


def test_minc_is_read_with_its_place(tmp_path):
    from scipy.io import netcdf_file

    values = np.arange(60, dtype=np.int16).reshape(5, 4, 3)  # z, y, x
    with netcdf_file(tmp_path / "v.mnc", "w") as file:
        for name, size, step, start in (
            ("zspace", 5, 3.0, 30),
            ("yspace", 4, 2.0, 20),
            ("xspace", 3, 1.0, 10),
        ):
            file.createDimension(name, size)
            axis = file.createVariable(name, "i4", ())
            axis.step, axis.start, axis.length = step, start, size
            axis.spacing = b"regular__"
        image = file.createVariable("image", "i2", ("zspace", "yspace", "xspace"))
        image[:] = values
        image.signtype, image.valid_range = b"signed__", np.array([0.0, 59.0])
        for name, number in (("image-max", 59.0), ("image-min", 0.0)):
            file.createVariable(name, "d", ())[...] = number
    data = read_volume(tmp_path / "v.mnc")
    np.testing.assert_allclose(data.values, values.transpose(2, 1, 0), atol=1e-4)
    assert data.spacing == (1, 2, 3)
    assert data.origin == (10, 20, 30)


@pytest.mark.parametrize("suffix", [".vti", ".npy", ".nrrd"])
def test_what_is_packed_as_a_whole_is_to_be_unpacked(tmp_path, suffix):
    write(tmp_path / f"v{suffix}", volume())
    packed = gzip.compress((tmp_path / f"v{suffix}").read_bytes())
    (tmp_path / f"v{suffix}.gz").write_bytes(packed)
    with pytest.raises(BadInput, match="packed by gzip; unpack it first"):
        read_volume(tmp_path / f"v{suffix}.gz")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("v.nrrd", b"nothing of the kind", "ends in .nrrd but does not begin as NRRD does"),
        ("v.hdr", b"#?RADIANCE\n\n-Y 3 +X 3\n", "a Radiance picture, which is not read here"),
        ("v.nii", b"", "is empty"),
        ("v.img", bytes(90), r"put 'v\.hdr' beside"),
        ("v.vti", b'<VTKFile type="PolyData">', "holds a PolyData, not values"),
        ("v.vti", b'<VTKFile type="ImageData"><ImageData WholeExtent="5 1 0 3 0 3">', "is empty"),
        ("v.zip", b"PK\3\4" + bytes(90), "could not be read"),
    ],
)
def test_the_reason_is_true(tmp_path, name, content, sentence):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput, match=sentence):
        read_volume(tmp_path / name)


def npy_header(shape):
    header = io.BytesIO()
    facts = {"descr": "<f4", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(header, facts)
    return header.getvalue()


def bombs(folder):
    """Write files that promise far more than they hold."""
    nrrd = "NRRD0004\ntype: uchar\ndimension: 3\nsizes: {0} {0} {0}\nencoding: {1}\n\n"
    for encoding, data in (("raw", bytes(100)), ("hex", b"00"), ("ascii", b"1 2 3"),
                           ("gzip", gzip.compress(bytes(10**7)))):  # fmt: skip
        for size in (2000, 10**12):
            text = nrrd.format(size, encoding).encode()
            (folder / f"{encoding}{size}.nrrd").write_bytes(text + data)
    for size in (2000, 10**12):
        text = f"NDims = 3\nDimSize = {size} {size} {size}\nElementType = MET_SHORT\n"
        for packed in ("", "CompressedData = True\n"):
            (folder / f"{size}{packed[:4]}.mha").write_bytes(
                (text + packed + "ElementDataFile = LOCAL\n").encode() + bytes(100)
            )
        (folder / f"{size}.npy").write_bytes(npy_header((size,) * 3) + bytes(100))
        with zipfile.ZipFile(folder / f"{size}.npz", "w") as archive:
            archive.writestr("values.npy", npy_header((size,) * 3) + bytes(100))
        extent = f"0 {size} 0 {size} 0 {size}"
        for kind, suffix in (("ImageData", "vti"), ("RectilinearGrid", "vtr")):
            (folder / f"{size}.{suffix}").write_text(
                f'<VTKFile type="{kind}"><{kind} WholeExtent="{extent}"></{kind}></VTKFile>'
            )
        (folder / f"{size}.vtk").write_text(
            f"# vtk DataFile Version 3.0\nx\nASCII\nDATASET STRUCTURED_POINTS\n"
            f"DIMENSIONS {size} {size} {size}\n"
        )
    header = nibabel.Nifti2Header()
    header.set_data_dtype(np.int16)
    header.set_data_shape((2**40,) * 3)
    header["magic"], header["vox_offset"] = b"n+2\0\r\n\x1a\n", 544
    block = header.structarr.tobytes() + bytes(200)
    (folder / "v.nii").write_bytes(block)
    (folder / "v.nii.gz").write_bytes(gzip.compress(block))
    dims = np.array([1, 10**6, 10**6, 10**6, 1, 3, 0], ">i4").tobytes()
    (folder / "v.mgh").write_bytes(dims + bytes(400))


def test_what_a_file_cannot_hold_is_refused_at_once(tmp_path):
    bombs(tmp_path)
    paths = sorted(tmp_path.iterdir())
    assert len(paths) > 20
    read_volume_of_something = tmp_path / "warm.nii"
    write(read_volume_of_something, volume())
    read_volume(read_volume_of_something)  # imports are no part of the time
    tracemalloc.start()
    for path in paths:
        start = time.monotonic()
        with pytest.raises(BadInput, match=r"promises .* values, which .* bytes cannot hold"):
            read_volume(path)
        assert time.monotonic() - start < 1, path
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 4 << 20


def test_a_stride_is_found_by_halving():
    assert stride_for("v", (10**12, 10**12, 10**12, 1), 4 * 8) == 5 * 10**11
    assert stride_for("v", (7, 6, 5, 1), 4 * 4 * 3 * 3) == 2
    assert stride_for("v", (7, 6, 5, 1), 4 * 7 * 6 * 5) == 1
    with pytest.raises(BadInput, match="however coarse"):
        stride_for("v", (10**6, 10**6, 2, 1), 1 << 20)
    for size in (3, 10, 37):
        for limit in (60, 200, 900, 40_000):
            whole = (size, size + 2, 5, 1)
            fits = [
                s
                for s in range(1, min(size, 5))
                if 4 * np.prod([-(-n // s) for n in whole]) <= limit
            ]
            if fits:
                assert stride_for("v", whole, limit) == fits[0]


@pytest.mark.parametrize("suffix", [".nii", ".nii.gz", ".nrrd", ".npy", ".npz", ".mha", ".tif"])
def test_memory_is_what_is_kept_and_a_constant(tmp_path, suffix):
    shape = (64, 100, 75) if suffix == ".nrrd" else (64, 400, 300)
    path, values = tmp_path / f"v{suffix}", np.zeros(shape)
    values[10:] = np.arange(shape[2])
    if suffix == ".nrrd":
        write_nrrd(path, values, "ascii", "double")
    elif suffix == ".mha":
        write(path, values.astype(np.float32))
    else:
        write(path, values)
    limit = values.size // 4
    read_volume(path, limit)
    tracemalloc.start()
    data = read_volume(path, limit)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    stride = 64 // data.values.shape[0] + (64 % data.values.shape[0] > 0)
    np.testing.assert_array_equal(data.values, values[::stride, ::stride, ::stride])
    assert data.values.nbytes <= limit
    assert peak < limit + (10 << 20)


def damaged(small, random):
    """Yield names and damaged copies of valid files: cut, with flipped bits, with other heads."""
    for path in small:
        whole = path.read_bytes()
        yield path, whole[: random.integers(1, len(whole))]
        for _ in range(3):
            flipped = bytearray(whole)
            for place in random.integers(0, min(len(whole), 600), 4):
                flipped[place] ^= 1 << random.integers(8)
            yield path, bytes(flipped)
        other = small[random.integers(len(small))].read_bytes()
        half = int(random.integers(1, min(len(whole), 400)))
        yield path, other[:half] + whole[half:]


@pytest.mark.parametrize("seed", range(2))
def test_a_damaged_file_is_read_or_refused(small, tmp_path, seed):
    for number, (path, content) in enumerate(damaged(small, np.random.default_rng(seed))):
        copy = tmp_path / f"{number}{''.join(path.suffixes)}"
        copy.write_bytes(content)
        start = time.monotonic()
        try:
            data = read_volume(copy, 1 << 20)
        except BadInput:
            pass
        else:
            assert np.isfinite(data.values).all()
            assert data.values.nbytes <= 1 << 20
            assert (np.array(data.spacing) > 0).all()
        assert time.monotonic() - start < 5, (path, seed, number)


def test_pictures_are_refused_where_their_format_is_not_read(tmp_path):
    Image.fromarray(picture()).save(tmp_path / "p.pcx")
    with pytest.raises(BadInput, match=r"no volume that can be read; choose \.nii"):
        read_volume(tmp_path / "p.pcx")
