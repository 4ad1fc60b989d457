"""Pictures without a window: right size, right colours, complete or not at all."""

import os
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import KEY, Moment
from prune3d_gui.core.scene.scenes import Layer, Scene
from prune3d_gui.core.score.scores import ColourScale
from prune3d_gui.drawing.cameras import CameraState, zoom
from prune3d_gui.drawing.gauges import Length, axis_colours
from prune3d_gui.drawing.palette import DARK, LIGHT, RAMP
from prune3d_gui.drawing.pictures import picture

HEIGHT = ColourScale("height", "Height (m)", 0.0, 1.0)


def test_many_scenes_stand_in_rows(tmp_path, scene):
    path = tmp_path / "rows.png"
    views = [(f"{number} %", scene) for number in range(5)]
    picture(views, path, size=(600, 500), colours=[HEIGHT], columns=3)
    with Image.open(path) as image:
        assert image.size == (600, 500)
        pixels = np.asarray(image.convert("RGB")).astype(int)
    cells = [(row, column) for row in range(2) for column in range(3)]
    drawn = [
        np.abs(pixels[219 * r + 40 : 219 * r + 215, 200 * c : 200 * c + 190] - pixels[0, 0]).max()
        for r, c in cells
    ]
    assert [most > 60 for most in drawn] == [True] * 5 + [False]


def test_size_scale_and_moment(tmp_path, scene, cloud):
    path = tmp_path / "out.png"
    views = [("Reference", cloud), ("Full", scene), ("Pruned · 45.0 %", scene)]
    moment = Moment(system="toy", sample="chair é")
    picture(views, path, size=(500, 220), scale=2, colours=[HEIGHT], moment=moment)
    with Image.open(path) as opened:
        opened.load()
        assert opened.size == (1000, 440)
        assert opened.mode == "RGB"
        assert opened.getpixel((2, 2)) == LIGHT.background
        assert Moment.of_text(opened.text[KEY]) == moment
    assert os.listdir(tmp_path) == ["out.png"]


def test_transparent_pictures_have_no_ground(tmp_path, scene):
    path = tmp_path / "out.png"
    picture([("Full", scene)], path, size=(200, 200), transparent=True, style="mesh")
    alpha = np.asarray(Image.open(path))[..., 3]
    assert alpha[0, 0] == 0
    assert alpha[120, 100] == 255


@pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
def test_the_bar_shows_the_whole_ramp(tmp_path, scene, dark, theme):
    path = tmp_path / "out.png"
    picture([("Full", scene)], path, size=(400, 300), colours=[HEIGHT], style="mesh", dark=dark)
    pixels = np.asarray(Image.open(path)).reshape(-1, 3).astype(int)
    for colour in (RAMP[4], RAMP[128], RAMP[250], np.array(theme.background)):
        assert np.abs(pixels - colour).max(axis=1).min() <= 3


def test_one_camera_for_all_views(tmp_path, scene):
    path = tmp_path / "out.png"
    picture([("", scene), ("", scene)], path, size=(400, 250), style="mesh")
    pixels = np.asarray(Image.open(path))
    np.testing.assert_array_equal(pixels[:, :200], pixels[:, 200:])


def test_what_cannot_be_written_is_answered(tmp_path, scene):
    with pytest.raises(BadInput, match=r"out\.bmp.*\.png"):
        picture([("Full", scene)], tmp_path / "out.bmp")
    with pytest.raises(BadInput, match="at least one scene"):
        picture([], tmp_path / "out.png")
    with pytest.raises(BadInput, match="nowhere"):
        picture([("Full", scene)], tmp_path / "nowhere" / "out.png")
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="about X11")
def test_pictures_need_no_display_and_no_qt(tmp_path):
    path = tmp_path / "out.png"
    program = (
        "import sys; import numpy as np\n"
        "from prune3d_gui.core.scene.scenes import Layer, Points, Scene\n"
        "from prune3d_gui.drawing.pictures import picture\n"
        "points = np.random.default_rng(0).random((50, 3), np.float32)\n"
        f"picture([('A', Scene((Layer('p', Points(points)),)))], {str(path)!r}, size=(200, 200))\n"
        "assert not any(name.startswith('PySide6') for name in sys.modules)\n"
    )
    without = {k: v for k, v in os.environ.items() if k not in ("DISPLAY", "WAYLAND_DISPLAY")}
    done = subprocess.run(
        [sys.executable, "-c", program], env=without, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert "bad X server" not in done.stderr
    assert len(np.unique(np.asarray(Image.open(path)).reshape(-1, 3), axis=0)) > 10


def test_each_scene_has_the_scale_it_names_and_the_bar_is_the_last_ones(tmp_path, mesh):
    grey = ColourScale("density", "Density", 0.0, 1.0, "grey")
    layer = replace(mesh, arrays={**mesh.arrays, "density": mesh.arrays["height"]})
    first, last = (Scene((Layer("s", layer, name),)) for name in ("height", "density"))
    pixels = {}
    for name, views in (("grey", (first, last)), ("ramp", (last, first))):
        path = tmp_path / f"{name}.png"
        scenes = [("", scene) for scene in views]
        picture(scenes, path, size=(400, 260), style="mesh", colours=[HEIGHT, grey])
        colours = np.asarray(Image.open(path)).astype(int)
        vivid = np.ptp(colours, axis=2) > 60
        pixels[name] = [
            vivid[38:200, :200].any(),
            vivid[38:200, 200:].any(),
            vivid[200:].any(),
        ]
    assert pixels == {"grey": [True, False, False], "ramp": [False, True, True]}


def test_axes_and_a_scale_stand_in_the_corners_that_have_room(tmp_path, scene):
    state = CameraState((4.0, 0.0, 0.0), (0.0, 0.0, 0.0))
    views = [("Full", scene)] * 3
    about = {"size": (840, 300), "scale": 2, "cameras": [state], "style": "mesh"}
    plain, path = tmp_path / "plain.png", tmp_path / "corners.png"
    picture(views, plain, **about)
    picture(views, path, corners=["space", "slice", "picture"], **about)
    one, two = (np.asarray(Image.open(name)).astype(int) for name in (plain, path))
    bare, drawn = (np.split(shot[76:576], 3, axis=1) for shot in (one, two))
    left, right = np.s_[360:, :130], np.s_[420:, 300:]
    assert seen(drawn[0][left], axis_colours(LIGHT)[1]), "y points up"
    assert not seen(bare[0][left], axis_colours(LIGHT)[1])
    for number in (1, 2):
        np.testing.assert_array_equal(drawn[number][left], bare[number][left])
    assert [np.array_equal(drawn[n][right], bare[n][right]) for n in range(3)] == [
        False, False, True,
    ]  # fmt: skip
    length = Length.of(state, zoom(state, 280, 250), "", 280)
    ink = np.abs(drawn[0] - np.array(LIGHT.ink)).max(axis=-1) < 60
    assert abs(ink[440:].sum(axis=1).max() - 2 * length.pixels) <= 4
    picture(views, path, corners=["space"] * 3, size=(360, 160), cameras=[state], style="mesh")
    small = np.asarray(Image.open(path)).astype(int)
    assert not seen(small, axis_colours(LIGHT)[1]), "no room"


def seen(pixels, colour):
    return (np.abs(pixels - np.array(colour)).max(axis=-1) <= 6).sum() > 20
