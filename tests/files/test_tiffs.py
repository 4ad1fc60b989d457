"""Pictures and TIFF stacks hold what their tags say."""

import zlib

import numpy as np
import pytest
import tifffile
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.volumes import read_volume
from tests.files.volume_files import picture, volume

KINDS = ["u1", "i1", "u2", "i2", "u4", "i4", "u8", "i8", "f2", "f4", "f8"]


def up(pixels):
    """Return (X, Y), y upwards, from rows downwards."""
    return pixels[::-1].T


@pytest.mark.parametrize("order", ["<", ">"])
@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("compression", [None, "zlib"])
def test_every_type_of_tiff_is_read_as_tagged(tmp_path, kind, order, compression):
    pixels = (picture(np.int64) - (0 if "u" in kind else 100)).astype(kind)
    tifffile.imwrite(tmp_path / "p.tif", pixels, byteorder=order, compression=compression)
    data = read_volume(tmp_path / "p.tif")
    expected = tifffile.imread(tmp_path / "p.tif")
    np.testing.assert_array_equal(expected, pixels)
    np.testing.assert_array_equal(data.values, up(expected).astype(np.float32))


@pytest.mark.parametrize("kind", ["u1", "u2", "i4", "f4"])
def test_packings_that_only_pillow_knows_keep_the_type(tmp_path, kind):
    pixels = picture(kind)
    Image.fromarray(pixels).save(tmp_path / "p.tif", compression="tiff_lzw")
    np.testing.assert_array_equal(read_volume(tmp_path / "p.tif").values, up(pixels))


def test_signed_bytes_packed_by_another_are_the_same_bits(tmp_path):
    pixels = (picture(np.int16) - 128).astype(np.int8)
    Image.fromarray(pixels.view(np.uint8)).save(
        tmp_path / "p.tif", compression="tiff_lzw", tiffinfo={339: 2}
    )
    with tifffile.TiffFile(tmp_path / "p.tif") as file:
        assert file.pages[0].dtype == np.int8
    np.testing.assert_array_equal(read_volume(tmp_path / "p.tif").values, up(pixels))


def retag(path, tag, number):
    """Write another number into a tag of the first page."""
    with tifffile.TiffFile(path) as file:
        found = file.pages[0].tags[tag]
        place, size = found.valueoffset, found.valuebytecount
    raw = bytearray(path.read_bytes())
    raw[place : place + size] = number.to_bytes(size, "little")
    path.write_bytes(raw)


@pytest.mark.parametrize("kind", ["uint8", "uint16", "bool"])
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_a_least_value_that_is_white_is_turned_round(tmp_path, kind, compression):
    pixels = picture() > 99 if kind == "bool" else picture(kind)
    Image.fromarray(pixels).save(tmp_path / "p.tif", compression=compression)
    retag(tmp_path / "p.tif", 262, 0)
    data = read_volume(tmp_path / "p.tif")
    most = 1 if kind == "bool" else np.iinfo(kind).max
    np.testing.assert_array_equal(data.values, most - up(pixels).astype(np.float32))
    assert any("stands for white; values were turned round" in n for n in data.notices)


def test_floats_whose_least_is_white_are_kept_and_said(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", picture(np.float32), photometric="miniswhite")
    data = read_volume(tmp_path / "p.tif")
    np.testing.assert_array_equal(data.values, up(picture(np.float32)))
    assert "values were kept as stored" in data.notices[0]


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("compression", [None, "tiff_lzw"])
def test_pages_are_oriented_as_pillow_shows_them(tmp_path, orientation, compression):
    Image.fromarray(picture()).save(
        tmp_path / "p.tif", compression=compression, tiffinfo={274: orientation}
    )
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}  # Pillow's transpositions
    shown = Image.fromarray(picture())
    if orientation > 1:
        shown = shown.transpose(Image.Transpose(turns[orientation]))
    np.testing.assert_array_equal(read_volume(tmp_path / "p.tif").values, up(np.asarray(shown)))


def stacked(values):
    """Return (X, Y, Z) from slices of rows."""
    return values.transpose(2, 1, 0)[:, ::-1]


def test_imagej_says_how_large_voxels_are(tmp_path):
    pages = np.random.default_rng(0).integers(0, 999, (4, 6, 5)).astype(np.uint16)
    tifffile.imwrite(
        tmp_path / "s.tif",
        pages,
        imagej=True,
        metadata={"spacing": 3.0, "unit": "um", "axes": "ZYX"},
        resolution=(2.0, 4.0),
    )
    data = read_volume(tmp_path / "s.tif")
    np.testing.assert_array_equal(data.values, stacked(pages))
    assert data.spacing == (0.5, 0.25, 3.0)
    assert data.unit == "µm"


@pytest.mark.parametrize("how", ["imagej", "ome"])
def test_moments_of_a_stack_are_told_from_slices(tmp_path, how):
    pages = np.random.default_rng(0).integers(0, 999, (2, 3, 6, 5)).astype(np.uint16)
    facts = {"axes": "TZYX"}
    facts |= {"finterval": 0.5} if how == "imagej" else {"TimeIncrement": 0.5, "PhysicalSizeX": 2.0}
    tifffile.imwrite(tmp_path / "s.tif", pages, metadata=facts, **{how: True})
    data = read_volume(tmp_path / "s.tif")
    assert (data.times, data.time_step) == (2, 0.5)
    np.testing.assert_array_equal(data.values, np.stack([*map(stacked, pages)], -1))
    assert data.spacing[0] == (2 if how == "ome" else 1)


@pytest.mark.parametrize("how", ["imagej", "ome"])
def test_channels_are_refused(tmp_path, how):
    pages = np.random.default_rng(0).integers(0, 999, (3, 2, 6, 5)).astype(np.uint16)
    tifffile.imwrite(tmp_path / "s.tif", pages, metadata={"axes": "ZCYX"}, **{how: True})
    with pytest.raises(BadInput, match="holds 2 channels; save one"):
        read_volume(tmp_path / "s.tif")


@pytest.mark.parametrize(
    ("make", "sentence"),
    [
        (lambda p: tifffile.imwrite(p, np.dstack([picture()] * 2), photometric="minisblack",
                                    planarconfig="contig"), "vectors or colours"),
        (lambda p: tifffile.imwrite(p, picture(np.complex64)), "complex64, not plain numbers"),
        (lambda p: tifffile.imwrite(p, np.dstack([picture()] * 3), photometric="cielab"),
         "colours of the kind LAB"),
        (lambda p: Image.fromarray(picture()).save(p, save_all=True, append_images=[
            Image.fromarray(picture()[:4])]), "pages of several sizes or types"),
    ],
)  # fmt: skip
def test_what_is_no_one_number_for_each_pixel_is_refused(tmp_path, make, sentence):
    make(tmp_path / "p.tif")
    with pytest.raises(BadInput, match=sentence):
        read_volume(tmp_path / "p.tif")


def test_smaller_copies_are_left_out_and_said(tmp_path):
    with tifffile.TiffWriter(tmp_path / "p.tif") as file:
        file.write(picture())
        file.write(picture()[::2, ::2], subfiletype=1)
    data = read_volume(tmp_path / "p.tif")
    np.testing.assert_array_equal(data.values, up(picture()))
    assert "1 pages with smaller copies" in data.notices[0]


def test_a_list_of_pages_that_is_cut_is_no_shorter_stack(tmp_path):
    pages = np.random.default_rng(0).integers(0, 99, (40, 9, 8)).astype(np.uint8)
    images = [Image.fromarray(page) for page in pages]
    images[0].save(tmp_path / "s.tif", save_all=True, append_images=images[1:])
    whole = (tmp_path / "s.tif").read_bytes()
    np.testing.assert_array_equal(read_volume(tmp_path / "s.tif").values, stacked(pages))
    for size in range(len(whole) // 2, len(whole), len(whole) // 40):
        (tmp_path / "s.tif").write_bytes(whole[:size])
        with pytest.raises(BadInput, match="could not be read"):
            read_volume(tmp_path / "s.tif")


def test_strips_that_hold_more_than_their_page_are_refused(tmp_path):
    bomb = zlib.compress(bytes(600 << 20), 9)
    tifffile.imwrite(tmp_path / "b.tif", picture(), compression="zlib")
    retag(tmp_path / "b.tif", 273, (tmp_path / "b.tif").stat().st_size)
    retag(tmp_path / "b.tif", 279, len(bomb))
    (tmp_path / "b.tif").write_bytes((tmp_path / "b.tif").read_bytes() + bomb)
    with pytest.raises(BadInput, match="strips hold more than its size"):
        read_volume(tmp_path / "b.tif")


def test_sixteen_bit_colours_are_said_to_be_cut(tmp_path):
    tifffile.imwrite(tmp_path / "p.tif", np.dstack([picture(np.uint16) * 257] * 3))
    data = read_volume(tmp_path / "p.tif")
    np.testing.assert_array_equal(data.values, up(picture()))
    assert any("the upper 8 were read" in notice for notice in data.notices)


def test_stretched_greys_are_said(tmp_path):
    Image.fromarray(picture() // 16).save(tmp_path / "p.png", bits=4)
    data = read_volume(tmp_path / "p.png")
    np.testing.assert_array_equal(data.values, up(picture() // 16 * 17))
    assert "stretched to 0 to 255" in data.notices[0]


def test_transparency_is_left_out_and_said(tmp_path):
    Image.fromarray(np.dstack([picture(), picture()])).save(tmp_path / "p.png")
    data = read_volume(tmp_path / "p.png")
    np.testing.assert_array_equal(data.values, up(picture()))
    assert data.notices[0] == "Its transparency was left out."
    assert not any("Colours" in notice for notice in data.notices)


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".png"])
def test_frames_of_a_moving_picture_are_moments(tmp_path, suffix):
    frames = [Image.fromarray(picture() // 3), Image.fromarray(255 - picture())]
    frames[0].save(
        tmp_path / f"p{suffix}",
        save_all=True,
        append_images=frames[1:],
        duration=40,
        **({"lossless": True} if suffix == ".webp" else {}),
    )
    data = read_volume(tmp_path / f"p{suffix}")
    assert (data.times, data.time_step) == (2, 0.04)
    np.testing.assert_allclose(data.values[..., 0], up(picture() // 3), atol=1)
    np.testing.assert_allclose(data.values[..., 1], up(255 - picture()), atol=1)


def test_a_picture_that_takes_too_much_memory_is_refused_at_once(tmp_path):
    (tmp_path / "p.pgm").write_bytes(b"P5 13000 13000 255\n" + bytes(10))
    with pytest.raises(BadInput, match="13,000 x 13,000 pixels, which take more than"):
        read_volume(tmp_path / "p.pgm")


def test_a_stack_comes_back_through_tifffile(tmp_path):
    tifffile.imwrite(tmp_path / "s.tif", volume().transpose(2, 1, 0)[:, ::-1], bigtiff=True)
    np.testing.assert_array_equal(read_volume(tmp_path / "s.tif").values, volume())
