"""Every file of every pane says what it was made from, and `prune3d show` makes it again."""

import json

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.cli.main import main
from prune3d_gui.core.moment import KEY
from prune3d_gui.core.plan.knobs import knob_named
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.registry import Registry
from prune3d_gui.files.grids import GRID_SUFFIXES
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.points import read_points
from prune3d_gui.files.tables import read_rows
from tests.conftest import settled
from tests.gui.export.test_exports import GridPlugin, turn, written

MESHES = ("ply", "obj", "stl", "glb")
CLOUDS = ("ply", "xyz", "npz")


@pytest.fixture
def again(monkeypatch, capsys):
    """Make a file again on the command line, where the systems are those of the window."""

    def make(window, path, out, *more):
        registry = window.opening.registry
        for module in ("show", "opening"):
            monkeypatch.setattr(f"prune3d_gui.cli.{module}.discover", lambda: registry)
        code = main(["show", str(path), "--out", str(out), *map(str, more)])
        said = capsys.readouterr()
        assert code == 0, said.err
        return said.out

    return make


@pytest.fixture
def pruned(open_window, qtbot):
    """A window on a pruned result, of a sample that is not the first, seen otherwise."""

    def make(system):
        window = open_window(system)
        window.controller.select_sample("s2")
        turn(window, 0.1)
        window.controller.set_rates({"mid": 0.3})
        window.controller.set_locks(["low"], True)
        grid = knob_named(window.controller.card.knobs, "grid")
        window.controller.set_value(grid, 20)
        qtbot.waitUntil(lambda: settled(window))
        return window

    return make


def equal(one, two, read):
    first, second = read(one), read(two)
    np.testing.assert_array_equal(first.points, second.points)
    assert first.arrays.keys() == second.arrays.keys()
    for name, values in first.arrays.items():
        np.testing.assert_array_equal(values, second.arrays[name])


@pytest.mark.parametrize("role", ["reference", "full", "pruned"])
def test_shapes_of_every_pane_are_made_again(pruned, toy, qtbot, tmp_path, again, role):
    window = pruned(toy)
    card = window.controller.card
    for kind, suffixes in (("mesh", MESHES), ("points", CLOUDS)):
        for suffix in suffixes:
            path, out = tmp_path / f"{kind}.{suffix}", tmp_path / f"{kind}2.{suffix}"
            getattr(window.exports, f"export_{kind}")(role, path)
            written(window, qtbot, path)
            moment = read_moment(path)
            assert (moment.role, moment.quality, moment.sample) == (role, "full", "s2")
            assert moment.weights_hash == card.weights_hash
            assert (moment.plan == Plan()) == (role != "pruned")
            if role == "pruned":
                assert dict(moment.plan.values)["tolerance"] == 0.1
                assert moment.plan.rates == (("mid", 0.3),)
                assert moment.plan.locks == ("low",)
            assert dict(moment.query.values)["grid"] == 20
            assert str(tmp_path).encode() not in path.read_bytes()
            if (kind, suffix) == ("points", "ply"):
                continue  # on the command line a PLY is the surface, where there is one
            said = again(window, path, out)
            assert role == "reference" or "Its numbers are those of the file" in said
            equal(path, out, read_mesh if kind == "mesh" else read_points)
            assert read_moment(out) == moment


def test_adaptive_meshes_are_made_again(pruned, qtbot, tmp_path, again):
    import pyvista

    window = pruned(GridPlugin())
    for role in ("full", "pruned"):
        for suffix in GRID_SUFFIXES:
            path, out = tmp_path / f"{role}{suffix}", tmp_path / f"{role}2{suffix}"
            window.exports.export_mesh(role, path)
            written(window, qtbot, path)
            again(window, path, out)
            assert read_moment(out) == read_moment(path)
            assert read_moment(out).role == role
    found, made = (pyvista.read(tmp_path / f"pruned{two}.vtu") for two in ("", "2"))
    np.testing.assert_array_equal(found.points, made.points)
    np.testing.assert_array_equal(found["value"], made["value"])


def test_the_network_is_made_again(pruned, toy, qtbot, tmp_path, again):
    window = pruned(toy)
    window.exports.export_network("npz", tmp_path / "a.npz")
    written(window, qtbot, tmp_path / "a.npz")
    again(window, tmp_path / "a.npz", tmp_path / "b.npz")
    with np.load(tmp_path / "a.npz") as one, np.load(tmp_path / "b.npz") as two:
        np.testing.assert_array_equal(one["weights"], two["weights"])
        assert str(one[KEY]) == str(two[KEY])


@pytest.mark.parametrize("dark", [False, True])
def test_a_screenshot_is_taken_again_pixel_for_pixel(pruned, fields, qtbot, tmp_path, again, dark):
    window = pruned(fields)
    window.choose_theme("dark" if dark else "light")
    colour = knob_named(window.controller.card.knobs, "colour")
    window.controller.set_value(colour, "density")
    window.controller.set_style("points" if dark else "mesh")
    state = window.viewport.camera_state()
    window.viewport.restore(type(state)((3.0, 2.0, 1.0), (0.0, 0.1, 0.0), angle=24.0))
    qtbot.waitUntil(lambda: settled(window))
    path, out = tmp_path / "a.png", tmp_path / "b.png"
    window.exports.screenshot(path, 2, transparent=dark)
    again(window, path, out)
    with Image.open(path) as one, Image.open(out) as two:
        one.load()
        two.load()
        np.testing.assert_array_equal(np.asarray(one), np.asarray(two))
        assert one.text[KEY] == two.text[KEY]
        assert len(one.getcolors(1 << 24)) > 100


def test_rows_of_a_curve_are_made_again(pruned, toy, qtbot, tmp_path, again):
    window = pruned(toy)
    for value in (0.05, 0.2, 0.4):
        turn(window, value)
        qtbot.waitUntil(lambda: settled(window))
    for suffix in ("csv", "json"):
        path, out = tmp_path / f"a.{suffix}", tmp_path / f"b.{suffix}"
        window.exports.export_curves(path)
        again(window, path, out)
        assert read_rows(path) == read_rows(out)
        assert len(read_rows(path)) == 4
    for suffix in ("png", "svg"):
        path = tmp_path / f"chart.{suffix}"
        window.exports.export_curves(path)
        moment = read_moment(path)
        assert dict(dict(moment.about)["curve"])["values"] == (0.05, 0.1, 0.2, 0.4)
        again(window, path, tmp_path / f"{suffix}.csv")
        assert read_rows(tmp_path / f"{suffix}.csv") == [
            *({**row, KEY: moment.as_text()} if row.get(KEY) else row
              for row in read_rows(tmp_path / "a.csv"))
        ]  # fmt: skip


def test_a_network_that_a_sample_is_comes_back(open_window, fields, qtbot, tmp_path, again):
    window = open_window(Registry((fields,), ()))
    window.controller.select_sample("s1")
    qtbot.waitUntil(lambda: window.controller.sample == "s1" and settled(window))
    turn(window, 0.1)
    window.exports.export_mesh("pruned", tmp_path / "a.ply")
    written(window, qtbot, tmp_path / "a.ply")
    again(window, tmp_path / "a.ply", tmp_path / "b.ply")
    equal(tmp_path / "a.ply", tmp_path / "b.ply", read_mesh)
    assert json.loads(read_moment(tmp_path / "b.ply").as_text())["sample"] == "s1"
