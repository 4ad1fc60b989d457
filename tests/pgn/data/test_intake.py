from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageDraw

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.pgn.data.intake import EXTENT, load_image

DATA = Path(__file__).parents[4] / "shared/data/pgn"
CAR = DATA / "atlasnet_layout/ShapeNetV1Renderings/02958343/1a0bc9ab92c915167ae33d942430658c"
RENDERINGS = [DATA / "plane_input_demo.png", *(CAR / f"rendering/{k:02d}.png" for k in (0, 7))]


def refused(path, *words):
    with pytest.raises(BadInput) as caught:
        load_image(path)
    for word in (path.name, *words):
        assert word in str(caught.value)


def blob(size, box, mode="RGBA", background=(0, 0, 0, 0)):
    image = Image.new("RGBA", size, background)
    ImageDraw.Draw(image).ellipse(box, fill=(200, 40, 40, 255))
    return image.convert(mode)


def extent(preview):
    """Centre and longest side of what is visible, as shares of the 127 pixel crop."""
    rows, columns = np.nonzero(preview[:, :, 3] > 127)
    middle = (columns.min() + columns.max() + 1) / 448, (rows.min() + rows.max() + 1) / 448
    side = max(np.ptp(rows) + 1, np.ptp(columns) + 1) / 224
    return *middle, side * 127 / 137


@pytest.mark.parametrize("path", RENDERINGS, ids=lambda p: p.name)
def test_renderings_take_atlasnets_path_verbatim(path):
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    got = load_image(path)
    image = Image.open(path).crop((5, 5, 132, 132)).resize((224, 224), Image.Resampling.BILINEAR)
    expected = np.asarray(image)
    np.testing.assert_array_equal(got.preview, expected)
    colours = torch.tensor(expected[:, :, :3].transpose(2, 0, 1) / np.float32(255))
    torch.testing.assert_close(got.tensor, colours, rtol=0, atol=1e-7)
    assert got.tensor.dtype == torch.float32
    assert got.notices == ()


@pytest.mark.parametrize("number", range(24))
def test_every_view_of_a_rendering_goes_unchanged_and_unsaid(number):
    path = CAR / f"rendering/{number:02d}.png"
    if not path.is_file():
        pytest.skip(f"{path.name} is not there")
    got = load_image(path)
    image = Image.open(path).crop((5, 5, 132, 132)).resize((224, 224), Image.Resampling.BILINEAR)
    colours = torch.tensor(np.asarray(image)[:, :, :3].transpose(2, 0, 1) / np.float32(255))
    torch.testing.assert_close(got.tensor, colours, rtol=0, atol=1e-7)
    assert got.notices == ()


def test_resize_weighs_colour_by_alpha(tmp_path):
    pixels = np.zeros((137, 137, 4), np.uint8)
    pixels[:, :, :3] = (255, 0, 255)
    pixels[40:100, 40:100] = (10, 200, 30, 255)
    Image.fromarray(pixels).save(tmp_path / "a.png")
    got = load_image(tmp_path / "a.png")
    outside = got.preview[:, :, 3] == 0
    assert not got.tensor[:, torch.tensor(outside)].any()
    edge = (got.preview[:, :, 3] > 0) & (got.preview[:, :, 3] < 255)
    assert edge.any()
    np.testing.assert_allclose(got.preview[edge][:, :3], [[10, 200, 30]] * edge.sum(), atol=6)


def test_other_sizes_are_framed(tmp_path):
    blob((600, 400), (20, 30, 220, 130)).save(tmp_path / "a.png")
    got = load_image(tmp_path / "a.png")
    x, y, side = extent(got.preview)
    assert (x, y) == pytest.approx((0.5, 0.5), abs=0.01)
    assert side == pytest.approx(EXTENT, abs=0.02)
    assert got.tensor[:, 0, 0].tolist() == [0, 0, 0]
    assert len(got.notices) == 1
    assert "centred" in got.notices[0]


@pytest.mark.parametrize("name", ["photo.jpg", "photo.png", "small.png"])
def test_photos_are_cut_out(tmp_path, name):
    size, box = (900, 700), (50, 80, 450, 300)
    if name == "small.png":
        size, box = (137, 137), (5, 9, 60, 50)
    draw = np.random.default_rng(0)
    pixels = np.array(blob(size, box, "RGB", (236, 238, 240, 255)), dtype=int)
    noisy = (pixels + draw.integers(-6, 7, pixels.shape)).clip(0, 255).astype(np.uint8)
    Image.fromarray(noisy).save(tmp_path / name)
    got = load_image(tmp_path / name)
    assert "cut out" in got.notices[0]
    x, y, side = extent(got.preview)
    assert (x, y) == pytest.approx((0.5, 0.5), abs=0.03)
    assert side == pytest.approx(EXTENT, abs=0.04)
    colour = got.tensor[:, 112, 112] * 255
    assert colour.tolist() == pytest.approx([200, 40, 40], abs=12)
    assert not got.tensor[:, :20].any()


def test_background_colour_inside_the_object_stays(tmp_path):
    image = blob((300, 300), (50, 50, 250, 250), "RGB", (255, 255, 255, 255))
    ImageDraw.Draw(image).rectangle((130, 130, 170, 170), fill=(255, 255, 255))
    image.save(tmp_path / "ring.png")
    got = load_image(tmp_path / "ring.png")
    assert got.preview[112, 112].tolist() == [255, 255, 255, 255]


def test_nothing_or_everything_to_cut_out(tmp_path):
    Image.new("RGB", (50, 80), (90, 90, 90)).save(tmp_path / "plain.png")
    assert "nothing was cut out" in load_image(tmp_path / "plain.png").notices[0]
    noise = np.random.default_rng(1).integers(0, 256, (200, 200, 3)).astype(np.uint8)
    Image.fromarray(noise).save(tmp_path / "noise.png")
    got = load_image(tmp_path / "noise.png")
    assert "No plain background" in got.notices[0]
    assert got.preview[:, :, 3].min() == 255
    Image.new("RGB", (1, 1)).save(tmp_path / "dot.png")
    assert load_image(tmp_path / "dot.png").tensor.shape == (3, 224, 224)
    Image.new("L", (4000, 2), 7).save(tmp_path / "thin.png")
    assert load_image(tmp_path / "thin.png").tensor.shape == (3, 224, 224)


def test_transparent_throughout(tmp_path):
    Image.new("RGBA", (137, 137)).save(tmp_path / "a.png")
    assert "transparent throughout" in load_image(tmp_path / "a.png").notices[-1]


def test_deep_grey_is_scaled(tmp_path):
    pixels = np.full((100, 100), 60000, np.uint16)
    pixels[30:70, 30:70] = 20000
    Image.fromarray(pixels).save(tmp_path / "deep.png")
    got = load_image(tmp_path / "deep.png")
    assert got.tensor[0, 112, 112].item() == pytest.approx(20000 / 65535, abs=0.01)


def test_files_that_are_no_pictures(tmp_path):
    refused(tmp_path / "none.png", "does not exist")
    (tmp_path / "text.png").write_text("hello")
    refused(tmp_path / "text.png", "not a readable picture")
    (tmp_path / "empty.png").touch()
    refused(tmp_path / "empty.png", "not a readable picture")
    refused(tmp_path, "folder")
    noise = np.random.default_rng(1).integers(0, 256, (64, 64, 3)).astype(np.uint8)
    for name in ("cut.png", "cut.jpg", "cut.tif"):
        path = tmp_path / name
        Image.fromarray(noise).save(path)
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
        refused(path, "not a readable picture")


@pytest.mark.parametrize("size", [(10_000, 5_001), (10_000, 9_500), (14_000, 14_000)])
def test_huge_pictures(tmp_path, size):
    Image.new("1", size).save(tmp_path / "huge.png")
    refused(tmp_path / "huge.png", "50 megapixels")
