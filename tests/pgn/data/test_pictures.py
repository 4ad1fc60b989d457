"""Pictures of all kinds come near the same object cut out, or a sentence says what is amiss."""

import io
import struct

import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFilter

from prune3d_gui.cli.opening import take_samples
from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.data.intake import EXTENT, load_image, prepare
from prune3d_gui.plugins.pgn.data.pictures.cutting import is_cut_out

SIZE = 400, 300
NEAR = 0.006
"""Mean difference of two inputs, 0..1: a pixel's shift of the outline stays below it."""


def drawn(background=(255, 255, 255)):
    """A house of two colours on a plain ground."""
    image = Image.new("RGB", SIZE, background)
    draw = ImageDraw.Draw(image)
    draw.rectangle((120, 120, 280, 210), fill=(180, 60, 40))
    draw.polygon([(120, 120), (200, 75), (280, 120)], fill=(90, 90, 160))
    return image


HOUSE = (np.asarray(drawn()) != 255).any(2)


def with_alpha(alpha, image=None):
    image = (image or drawn()).convert("RGBA")
    image.putalpha(alpha if isinstance(alpha, Image.Image) else Image.fromarray(alpha))
    return image


def everywhere(level):
    return np.full(HOUSE.shape, level, np.uint8)


def shape(kind, *args):
    mask = Image.new("L", SIZE, 0)
    getattr(ImageDraw.Draw(mask), kind)(*args, fill=255)
    return mask


def cut_out(beneath=(255, 255, 255)):
    return with_alpha(np.where(HOUSE, 255, 0).astype(np.uint8), drawn(beneath))


def off(image):
    """How far a picture is from the cut-out for the network, and what was said."""
    got, wanted = prepare(image.convert("RGBA")), prepare(cut_out())
    return float((got.tensor - wanted.tensor).abs().mean()), " ".join(got.notices)


def corner():
    alpha = everywhere(255)
    alpha[:3, :3] = 0
    return with_alpha(alpha)


def half_clear_frame():
    alpha = everywhere(255)
    alpha[:20] = alpha[-20:] = 120
    alpha[:, :20] = alpha[:, -20:] = 120
    return with_alpha(alpha)


def on_a_sheet():
    sheet = Image.new("RGBA", (520, 420))
    sheet.paste(drawn(), (60, 60))
    return sheet


def window_with_shadow():
    shadow = Image.new("L", (520, 420), 0)
    ImageDraw.Draw(shadow).rounded_rectangle((60, 70, 460, 370), 12, fill=140)
    sheet = Image.new("RGBA", (520, 420))
    sheet.putalpha(shadow.filter(ImageFilter.GaussianBlur(18)))
    sheet.paste(drawn(), (60, 60), shape("rounded_rectangle", (0, 0, 399, 299), 12))
    return sheet


def lit_from_the_right():
    ground = np.linspace(200, 255, SIZE[0])[None, :, None] * np.ones((SIZE[1], 1, 3))
    return Image.fromarray(np.where(HOUSE[..., None], np.asarray(drawn()), ground).astype(np.uint8))


def compressed():
    data = io.BytesIO()
    drawn().save(data, "JPEG", quality=75)
    return Image.open(data)


PHOTOS = {
    "three transparent pixels in a corner": corner,
    "alpha 254 everywhere": lambda: with_alpha(everywhere(254)),
    "rounded corners": lambda: with_alpha(shape("rounded_rectangle", (0, 0, 399, 299), 80)),
    "a disc": lambda: with_alpha(shape("ellipse", (20, 0, 379, 299))),
    "a half transparent frame": half_clear_frame,
    "a transparent frame of one pixel": lambda: with_alpha(shape("rectangle", (1, 1, 398, 298))),
    "a feathered frame": lambda: with_alpha(
        shape("rectangle", (20, 20, 379, 279)).filter(ImageFilter.GaussianBlur(6))
    ),
    "a picture on a transparent sheet": on_a_sheet,
    "a window with its shadow": window_with_shadow,
    "white": drawn,
    "black": lambda: drawn((0, 0, 0)),
    "a gradient": lit_from_the_right,
    "compressed": compressed,
    "palette": lambda: drawn().quantize(16),
    "CMYK": lambda: drawn().convert("CMYK"),
}


@pytest.mark.parametrize("kind", PHOTOS)
def test_a_background_is_cut_off_and_that_is_said(kind):
    apart, said = off(PHOTOS[kind]())
    assert apart < NEAR
    assert "cut out" in said


@pytest.mark.parametrize("beneath", [(255, 255, 255), (255, 0, 255), (0, 0, 0)])
def test_what_lies_beneath_transparent_pixels_does_not_count(beneath):
    apart, said = off(cut_out(beneath))
    assert apart == 0
    assert "cut out" not in said


def test_an_outline_mixed_with_the_old_background_takes_the_colour_of_the_object():
    mask = Image.fromarray(np.where(HOUSE, 255, 0).astype(np.uint8))
    soft = mask.filter(ImageFilter.GaussianBlur(0.7))
    blurred = drawn().filter(ImageFilter.GaussianBlur(0.7))
    assert off(with_alpha(soft, blurred))[0] < 0.01


def test_half_transparent_is_laid_over_black():
    alpha = np.where(HOUSE, 128, 0).astype(np.uint8)
    got, full = prepare(with_alpha(alpha)), prepare(cut_out())
    assert (got.tensor - full.tensor * 128 / 255).abs().mean() < 0.002
    centre = got.tensor[:, 112, 112] * 255
    assert centre.tolist() == pytest.approx(
        [180 * 128 / 255, 60 * 128 / 255, 40 * 128 / 255], abs=1
    )
    assert "over black" in " ".join(got.notices)


def test_a_haze_too_thin_to_see_is_exactly_black():
    apart, _ = off(with_alpha(np.where(HOUSE, 255, 10).astype(np.uint8)))
    assert apart == 0


def test_a_shadow_in_the_alpha_does_not_shift_the_object():
    shadow = Image.fromarray(np.where(HOUSE, 140, 0).astype(np.uint8))
    shadow = shadow.filter(ImageFilter.GaussianBlur(12))
    image = Image.new("RGBA", SIZE)
    image.putalpha(shadow)
    image.alpha_composite(cut_out())
    apart, said = off(image)
    assert apart < 0.01
    assert "over black" in said


def test_a_shadow_on_the_ground_makes_the_outline_doubtful():
    pixels = np.array(drawn())
    y, x = np.mgrid[: SIZE[1], : SIZE[0]]
    pixels[(((x - 200) / 140) ** 2 + ((y - 215) / 25) ** 2 < 1) & ~HOUSE] = 170
    _, said = off(Image.fromarray(pixels))
    assert "doubtful" in said
    assert "shadow" in said


def test_an_object_across_the_border_makes_the_outline_doubtful():
    image = drawn()
    ImageDraw.Draw(image).rectangle((0, 250, 399, 299), fill=(20, 120, 30))
    _, said = off(image)
    assert "doubtful" in said
    assert "touches" in said


def test_pale_on_white_is_found_and_said_or_said_to_be_nothing():
    image = Image.new("RGB", SIZE, (255, 255, 255))
    ImageDraw.Draw(image).ellipse((100, 80, 300, 220), fill=(240, 240, 238))
    assert "doubtful" in off(image)[1]
    ImageDraw.Draw(image).ellipse((100, 80, 300, 220), fill=(252, 252, 252))
    assert "nothing was cut out" in off(image)[1]


def test_a_cut_out_that_fills_its_border_is_used_whole_and_that_is_said():
    noise = np.random.default_rng(0).integers(0, 256, (300, 400, 3)).astype(np.uint8)
    alpha = everywhere(255)
    alpha[:, :100] = 0
    got = prepare(with_alpha(alpha, Image.fromarray(noise)))
    assert "all that is visible is used" in " ".join(got.notices)


def test_a_cut_out_that_is_a_rectangle_is_framed_like_any_other():
    sheet = Image.new("RGBA", (520, 420))
    sheet.paste((90, 120, 30, 255), (100, 100, 200, 180))
    columns = prepare(sheet).tensor.amax(0).any(0).nonzero()
    assert float(columns.max() - columns.min() + 1) / 224 * 127 / 137 == pytest.approx(
        EXTENT, abs=0.02
    )


def test_thin_objects_are_said():
    thin = Image.new("RGB", (6000, 12), (255, 255, 255))
    ImageDraw.Draw(thin).rectangle((2000, 4, 4000, 8), fill=(200, 30, 30))
    assert "thin" in off(thin)[1]


def test_black_objects_are_said():
    alpha = np.where(HOUSE, 255, 0).astype(np.uint8)
    assert "nearly black" in off(with_alpha(alpha, Image.new("RGB", SIZE, (9, 9, 9))))[1]
    assert "nearly black" not in off(with_alpha(alpha))[1]


def test_renderings_with_more_than_an_object_are_left_alone_and_said():
    disc = Image.new("L", (137, 137), 0)
    ImageDraw.Draw(disc).ellipse((4, 4, 132, 132), fill=255)
    image = with_alpha(disc, drawn().resize((137, 137)))
    assert is_cut_out(image)
    assert "white edge" in " ".join(prepare(image).notices)
    glass = with_alpha(disc.point(lambda a: a // 3), Image.new("RGB", (137, 137), (90, 9, 9)))
    assert "See-through" in " ".join(prepare(glass).notices)


# -- files -----------------------------------------------------------------------------


def load(folder, name, image, **options):
    image.save(folder / name, **options)
    return load_image(folder / name)


def said_of(*args, **options):
    return " ".join(load(*args, **options).notices)


@pytest.mark.parametrize("ending", ["jpg", "png", "webp", "tif"])
def test_pictures_are_turned_upright_and_that_is_said(tmp_path, ending):
    exif = Image.Exif()
    exif[0x0112] = 6
    lying = drawn().transpose(Image.Transpose.ROTATE_90)
    got = load(tmp_path, f"a.{ending}", lying, exif=exif)
    upright = load(tmp_path, f"b.{ending}", drawn())
    assert float((got.tensor - upright.tensor).abs().mean()) < 0.01
    assert "upright" in got.notices[0]


@pytest.mark.parametrize("readable", [True, False])
def test_a_damaged_exif_block_refuses_no_picture(tmp_path, readable):
    block = b"II*\0" + struct.pack("<IH", 8, 2) + struct.pack("<HHII", 0x010F, 2, 40, 5000)
    block += struct.pack("<HHII", 0x0112, 3, 1, 3) if readable else b""
    segment = b"Exif\0\0" + block + bytes(4 * readable)
    data = io.BytesIO()
    drawn().save(data, "JPEG", quality=90)
    jpeg = data.getvalue()
    head = b"\xff\xe1" + struct.pack(">H", len(segment) + 2) + segment
    (tmp_path / "a.jpg").write_bytes(jpeg[:2] + head + jpeg[2:])
    (tmp_path / "b.jpg").write_bytes(jpeg)
    got, plain = load_image(tmp_path / "a.jpg"), load_image(tmp_path / "b.jpg")
    if readable:  # turned by half
        assert (got.tensor - plain.tensor.flip(1, 2)).abs().mean() < NEAR
        assert "upright" in got.notices[0]
    else:
        assert (got.tensor == plain.tensor).all()
        assert "EXIF" in got.notices[0]


@pytest.mark.parametrize("name", ["a.gif", "a.png", "a.webp", "a.tif"])
def test_of_many_pictures_the_first_is_taken_and_that_is_said(tmp_path, name):
    second = Image.new("RGB", SIZE, (0, 255, 0))
    got = load(tmp_path, name, drawn(), save_all=True, append_images=[second])
    assert float((got.tensor - prepare(cut_out()).tensor).abs().mean()) < NEAR
    assert got.notices[0] == "The file holds 2 pictures; the first one is used."


def test_twelve_bits_in_sixteen_are_scaled_and_said(tmp_path):
    grey = np.asarray(drawn().convert("L")).astype(np.uint16)
    deep = load(tmp_path, "deep.png", Image.fromarray(grey * 16))
    full = load(tmp_path, "full.png", Image.fromarray(grey * 257))
    assert (deep.tensor - full.tensor).abs().mean() < NEAR
    assert "12-bit" in deep.notices[0]
    assert "bit" not in " ".join(full.notices)


def test_floating_point_values(tmp_path):
    grey = np.asarray(drawn().convert("L")).astype(np.float32)
    plain = load(tmp_path, "plain.png", Image.fromarray(grey.astype(np.uint8)))
    holed = grey / 255
    holed[5, 5] = np.nan
    for name, values, words in (
        ("one.tif", grey / 255, "0 to 1."),
        ("byte.tif", grey, "0 to 255."),
        ("nan.tif", holed, "no number (1)"),
    ):
        got = load(tmp_path, name, Image.fromarray(values))
        assert (got.tensor - plain.tensor).abs().mean() < NEAR
        assert words in " ".join(got.notices)
    said = said_of(tmp_path, "low.tif", Image.fromarray(grey - 128))
    assert f"from {grey.min() - 128:g} to 127" in said
    huge = Image.fromarray(grey.astype(np.int32) * 1000)
    assert "255000" in said_of(tmp_path, "huge.tif", huge)


def test_white_that_is_stored_as_nought_is_white(tmp_path):
    grey = np.asarray(drawn().convert("L")).astype(np.uint16)
    stored = Image.fromarray(65535 - grey * 257)
    got = load(tmp_path, "a.tif", stored, tiffinfo={262: 0})
    plain = load(tmp_path, "b.tif", Image.fromarray(grey * 257))
    assert (got.tensor - plain.tensor).abs().mean() < NEAR


@pytest.mark.parametrize("kind", ["L", "RGB", "I;16"])
def test_one_colour_may_stand_for_transparent(tmp_path, kind):
    grey = drawn().convert("L")
    deep = Image.fromarray(np.asarray(grey).astype(np.uint16) * 257)
    image, clear = {
        "L": (grey, 255),
        "RGB": (drawn(), (255, 255, 255)),
        "I;16": (deep, 65535),
    }[kind]
    said = said_of(tmp_path, "a.png", image, transparency=clear)
    assert "cut out" not in said


BEGINNINGS = {
    "a.svg": (b'<?xml version="1.0"?>\n<svg xmlns="http://www.w3.org/2000/svg"/>', "SVG"),
    "a.heic": (b"\0\0\0\x18ftypheic" + bytes(100), "HEIC"),
    "a.pdf": (b"%PDF-1.4\n", "PDF"),
    "a.jxl": (b"\xff\x0a" + bytes(20), "JPEG XL"),
    "a.jpg": (b"<!DOCTYPE html><html></html>", "web page"),
    "a.png": (b"version https://git-lfs.github.com/spec/v1\n", "Git LFS"),
    "b.png": (b"", "empty"),
    "c.png": (b"\x89PNG\r\n\x1a\n" + bytes(40), "damaged"),
}


@pytest.mark.parametrize("name", BEGINNINGS)
def test_what_is_no_picture_is_called_what_it_is(tmp_path, name):
    data, word = BEGINNINGS[name]
    (tmp_path / name).write_bytes(data)
    with pytest.raises(BadInput) as caught:
        load_image(tmp_path / name)
    assert name in str(caught.value)
    assert word in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_cut_and_damaged_files_are_told_apart(tmp_path):
    for ending in ("jpg", "png"):
        drawn().save(tmp_path / f"a.{ending}")
        data = bytearray((tmp_path / f"a.{ending}").read_bytes())
        (tmp_path / f"a.{ending}").write_bytes(data[: len(data) * 2 // 3])
        with pytest.raises(BadInput, match="cut short"):
            load_image(tmp_path / f"a.{ending}")
    data[len(data) // 2] ^= 255
    (tmp_path / "b.png").write_bytes(data)
    with pytest.raises(BadInput, match="damaged"):
        load_image(tmp_path / "b.png")


def test_the_gallery_shows_exactly_what_the_network_gets(tmp_path):
    drawn().save(tmp_path / "photo.png")
    gallery = Gallery({}, ())
    entry = gallery.open(tmp_path / "photo.png")
    shown = entry.sample.thumbnail
    np.testing.assert_array_equal(
        shown[:, :, :3].transpose(2, 0, 1), np.rint(entry.image() * 255).astype(np.uint8)
    )
    clear = shown[:, :, 3] == 0
    assert 0.05 < clear.mean() < 0.95, "clear round the object, whose ground is black"
    assert not shown[clear][:, :3].any()
    assert (shown[~clear][:, 3] == 255).any()


def test_the_command_line_says_what_was_done_to_a_picture_named_as_a_sample(
    tmp_path, model, capsys
):
    drawn().save(tmp_path / "photo.png")
    ref = ModelRef("pgn", "small", device="cpu")
    found, _ = take_samples(ref, model, str(tmp_path / "photo.png"), NEVER)
    assert "cut out" in capsys.readouterr().err
    take_samples(ref, model, found[0], NEVER)
    assert not capsys.readouterr().err
