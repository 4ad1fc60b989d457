"""Photographs are found, and come as their cameras see."""

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.files.cameras.capture import BLACK, WHITE
from prune3d_gui.files.cameras.formats import read_capture
from prune3d_gui.files.cameras.lenses import split
from prune3d_gui.files.cameras.photographs import read_photograph, thumbnail
from tests.files.cameras.made import LENSES, SIZE, binary_model, cameras_json, picture, poses

BENT = [model for model in LENSES if "PINHOLE" not in model]


def opened(folder, name="a.png", **more):
    cameras_json(folder / "cameras.json", poses(1), [name], **more)
    found = read_capture(folder / "cameras.json")
    return found, found.shots[0]


def test_pixels_are_those_of_the_file(tmp_path):
    pixels = picture(tmp_path / "images" / "a.png")
    found, shot = opened(tmp_path, "a")  # 3DGS leaves the ending out
    assert shot.path == tmp_path / "images" / "a.png"
    np.testing.assert_array_equal(read_photograph(shot), pixels)
    assert found.notices == ()


def test_missing_ones_are_said_and_their_cameras_kept(tmp_path):
    picture(tmp_path / "a.png")
    cameras_json(tmp_path / "cameras.json", poses(5), ["a.png", "b", "c", "d", "e"])
    found = read_capture(tmp_path / "cameras.json")
    assert [shot.path is None for shot in found.shots] == [False, True, True, True, True]
    assert "not there: 4 of 5 (b, c, d and 1 more);" in found.notices[0]
    with pytest.raises(BadInput, match="There is no photograph 'b'"):
        read_photograph(found.shots[1])


@pytest.mark.parametrize("size", [(32, 24), (128, 96), (21, 16)])
def test_cameras_are_scaled_to_photographs_of_another_size(tmp_path, size):
    picture(tmp_path / "a.png", size)
    found, shot = opened(tmp_path)
    camera = shot.camera
    assert (camera.width, camera.height) == size
    assert camera.fx == pytest.approx(60 * size[0] / 64)
    assert camera.fy == pytest.approx(62 * size[1] / 48)
    assert (camera.cx, camera.cy) == (size[0] / 2, size[1] / 2)
    assert any("another size" in notice for notice in found.notices)
    assert read_photograph(shot).shape == (size[1], size[0], 3)


def test_photographs_of_another_shape_are_left_out(tmp_path):
    picture(tmp_path / "a.png", (48, 48))
    picture(tmp_path / "b.png")
    cameras_json(tmp_path / "cameras.json", poses(2), ["a.png", "b.png"])
    found = read_capture(tmp_path / "cameras.json")
    assert [shot.name for shot in found.shots] == ["b.png"]
    assert any("a.png (48 x 48 for 64 x 48)" in notice for notice in found.notices)
    (tmp_path / "b.png").unlink()
    cameras_json(tmp_path / "cameras.json", poses(1), ["a.png"])
    with pytest.raises(BadInput, match=r"None of the 1 cameras, such as that of 'a\.png'"):
        read_capture(tmp_path / "cameras.json")


def exif(orientation):
    made = Image.Exif()
    made[0x0112] = orientation
    return made


@pytest.mark.parametrize("orientation", [6, 8])
def test_exif_turns_only_what_fits_its_camera_so(tmp_path, orientation):
    stored = picture(tmp_path / "a.png", (48, 64), exif=exif(orientation))
    found, shot = opened(tmp_path)
    with Image.open(tmp_path / "a.png") as image:
        from PIL import ImageOps

        upright = np.asarray(ImageOps.exif_transpose(image))
    np.testing.assert_array_equal(read_photograph(shot), upright)
    assert any("turned as their EXIF says" in notice for notice in found.notices)
    found, shot = opened(tmp_path, width=48, height=64)
    np.testing.assert_array_equal(read_photograph(shot), stored)
    assert any("taken as they are stored" in notice for notice in found.notices)


def test_upside_down_ones_stay_as_they_are_stored(tmp_path):
    stored = picture(tmp_path / "a.jpg", exif=exif(3))
    found, shot = opened(tmp_path, "a.jpg")
    with Image.open(tmp_path / "a.jpg") as image:
        np.testing.assert_array_equal(read_photograph(shot), np.asarray(image))
    assert stored.shape == read_photograph(shot).shape
    assert any("taken as they are stored" in notice for notice in found.notices)


def test_grey_ones_have_three_colours_alike(tmp_path):
    pixels = picture(tmp_path / "a.png", mode="L")
    found, shot = opened(tmp_path)
    np.testing.assert_array_equal(read_photograph(shot), np.repeat(pixels[:, :, None], 3, 2))
    assert any(
        "Grey photographs, whose red, green and blue are alike: 1 of 1." in notice
        for notice in found.notices
    )
    deep = (pixels.astype(np.uint16) * 257) ^ 3
    Image.fromarray(deep).save(tmp_path / "a.png")
    _, shot = opened(tmp_path)
    expected = np.rint(deep / 257).astype(np.uint8)
    np.testing.assert_array_equal(read_photograph(shot)[:, :, 1], expected)


@pytest.mark.parametrize(("background", "name"), [(WHITE, "white"), (BLACK, "black")])
def test_alpha_lets_the_background_through(tmp_path, background, name):
    pixels = picture(tmp_path / "a.png", mode="RGBA").astype(float)
    pixels[0, 0] = (9, 9, 9, 0)
    Image.fromarray(pixels.astype(np.uint8), "RGBA").save(tmp_path / "a.png")
    cameras_json(tmp_path / "cameras.json", poses(1), ["a.png"])
    found = read_capture(tmp_path / "cameras.json", background=background)
    assert any(f"with alpha, laid on {name}: 1 of 1." in n for n in found.notices)
    share = pixels[:, :, 3:] / 255
    expected = pixels[:, :, :3] * share + np.array(background) * (1 - share)
    got = read_photograph(found.shots[0])
    np.testing.assert_allclose(got, expected, atol=0.5001)
    assert tuple(got[0, 0]) == background


def test_damaged_ones_are_said(tmp_path):
    (tmp_path / "a.png").write_bytes(b"no picture")
    found, shot = opened(tmp_path)
    assert shot.path is None
    assert any("cannot be read: 1 of 1 (a.png)" in notice for notice in found.notices)
    picture(tmp_path / "a.png")
    _, shot = opened(tmp_path)
    data = (tmp_path / "a.png").read_bytes()
    (tmp_path / "a.png").write_bytes(data[:2000])
    with pytest.raises(BadInput, match=r"a\.png' could not be read; it may be damaged"):
        read_photograph(shot)
    picture(tmp_path / "a.png", (10, 10))
    with pytest.raises(BadInput, match="has 10 x 10 pixels now, where it had 64 x 48"):
        read_photograph(shot)


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        (
            lambda p: p[[0, 1, 1, 2]],
            "Cameras that stand and look exactly as another one does: 1 of 4.",
        ),
        (lambda p: p[[0, 0, 0, 0]], "All cameras have one pose"),
        (lambda p: p @ _shift(-np.linalg.inv(p)[:, :3, 3]), "All cameras stand at one place"),
        (lambda p: p, ""),
    ],
)
def test_strange_poses_are_said(tmp_path, changed, said):
    cameras_json(tmp_path / "cameras.json", changed(poses(4)), ["a", "b", "c", "d"])
    found = read_capture(tmp_path / "cameras.json")
    strange = [notice for notice in found.notices if "ameras" in notice.split("(")[0]]
    strange = [notice for notice in strange if "hotographs" not in notice]
    assert len(found.shots) == 4
    assert (said in strange[0]) if said else not strange


def _shift(by):
    made = np.tile(np.eye(4), (len(by), 1, 1))
    made[:, :3, 3] = -by
    return made


def pattern(x, y):
    """Smooth light of three colours over the plane of rays: 0 to 255."""
    waves = (np.sin(5 * x + 2 * y), np.cos(4 * y - x), np.sin(3 * x * y + x))
    return 127.5 + 110 * np.stack(waves, axis=-1)


@pytest.mark.parametrize("model", BENT)
def test_bent_photographs_are_straightened(tmp_path, model):
    """COLMAP says which ray each pixel of the photograph saw; a pinhole then sees the pattern."""
    pycolmap = pytest.importorskip("pycolmap", reason="pycolmap bends rays on its own")
    wide, tall = 4 * SIZE[0], 4 * SIZE[1]
    camera = pycolmap.Camera.create_from_model_name(1, model, 60.0, *SIZE)
    camera.params = list(LENSES[model])
    camera.rescale(wide, tall)
    across, down = np.meshgrid(np.arange(wide) + 0.5, np.arange(tall) + 0.5)
    rays = camera.cam_from_img(np.stack([across.ravel(), down.ravel()], axis=1))
    light = pattern(*np.array(rays, float).T[:2]).reshape(tall, wide, 3)
    (tmp_path / "images").mkdir()
    Image.fromarray(np.rint(light).astype(np.uint8)).save(tmp_path / "images" / "a.png")
    binary_model(tmp_path, (model,), names=("a.png",))
    found = read_capture(tmp_path)
    assert any(
        "straightened, since their lens bends lines: 1 of 1" in notice for notice in found.notices
    )
    (shot,) = found.shots
    one = shot.camera
    x = (np.arange(wide) + 0.5 - one.cx) / one.fx
    y = (np.arange(tall) + 0.5 - one.cy) / one.fy
    expected = pattern(*np.meshgrid(x, y))
    away = np.abs(read_photograph(shot) - expected)
    inner = away[2:-2, 2:-2]
    assert inner.max() < 2
    assert inner.mean() < 0.5
    corners = np.array([(0, 0), (0, tall), (wide, 0), (wide, tall)], float)
    rays = (corners - (one.cx, one.cy)) / (one.fx, one.fy)
    focal, centre, lens = split(model, tuple(camera.params))
    seen = np.stack(lens.bent(*rays.T), 1) * focal + centre
    assert (seen > -0.01).all()
    assert (seen < np.array((wide, tall)) + 0.01).all()


@pytest.mark.parametrize("model", ["PINHOLE", "OPENCV"])
def test_smaller_ones_show_the_same_scene(tmp_path, model):
    (tmp_path / "images").mkdir()
    x, y = np.meshgrid(np.linspace(-0.5, 0.5, 640), np.linspace(-0.4, 0.4, 480))
    light = np.rint(pattern(x, y)).astype(np.uint8)
    Image.fromarray(light).save(tmp_path / "images" / "a.png")
    binary_model(tmp_path, (model,), names=("a.png",))
    (shot,) = read_capture(tmp_path).shots
    small = shot.within(100)
    assert (small.camera.width, small.camera.height) == (100, 75)
    assert small.camera.fx / shot.camera.fx == pytest.approx(100 / 640)
    assert small.within(50).camera.fy / shot.camera.fy == pytest.approx(38 / 480)
    assert shot.within(640) is shot
    whole = read_photograph(shot).astype(float)
    places = [np.rint((np.arange(n) + 0.5) * 6.4 - 0.5).astype(int) for n in (75, 100)]
    expected = whole[np.ix_(*places)]
    for got in (read_photograph(small), read_photograph(small.within(100)), thumbnail(shot, 100)):
        assert got.shape == (75, 100, 3)
        assert np.abs(got - expected)[3:-3, 3:-3].max() < 12
        assert np.abs(got - expected)[3:-3, 3:-3].mean() < 2


def test_thumbnails_are_turned_and_laid_on_their_background(tmp_path):
    picture(tmp_path / "a.png", (96, 128), mode="RGBA", exif=exif(6))
    _, shot = opened(tmp_path)
    assert shot.turn
    small = thumbnail(shot, 32)
    assert small.shape == (24, 32, 3)
    expected = read_photograph(shot.within(32)).astype(float)
    assert np.abs(small - expected).mean() < 1


def test_a_lens_that_folds_its_picture_is_refused(tmp_path):
    binary_model(tmp_path, ("RADIAL",), names=("a.png",))
    data = (tmp_path / "cameras.bin").read_bytes()
    folded = np.array((-80.0, 3.0)).tobytes()
    (tmp_path / "cameras.bin").write_bytes(data[:-16] + folded)
    with pytest.raises(BadInput, match=r"lens of 'a\.png' \(RADIAL: -80, 3\) cannot be straight"):
        read_capture(tmp_path)
