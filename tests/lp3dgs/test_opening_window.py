"""What cannot be opened as it is, in the real window: a sentence, and what is there stays."""

import sys
from functools import partial

import numpy as np
import psutil
import pytest
from PIL import Image
from PySide6.QtWidgets import QToolButton

from prune3d_gui.cli.main import main
from prune3d_gui.files.splats.formats import write_splats
from prune3d_gui.plugins.lp3dgs import large
from prune3d_gui.plugins.lp3dgs.system import SplatSystem
from tests.conftest import settled
from tests.files.splats.made import ply_bytes, rows, spz_head
from tests.gui.drive import click, drop_on
from tests.lp3dgs.balls import ball, hiding, photographed

HOLES = pytest.mark.skipif(sys.platform == "win32", reason="a hole in a file takes disk there")
COUNT = 360


@pytest.fixture
def window(open_window, tmp_path):
    return open_window(SplatSystem(), file=photographed(tmp_path / "ball", hiding(), count=4))


def sparse(path, count):
    """A PLY that promises so many Gaussians, all of them in a hole that takes no disk."""
    head = ply_bytes(rows(0), count)
    path.write_bytes(head)
    with path.open("r+b") as file:
        file.truncate(len(head) + 248 * count)
    return path


def errors(window):
    return [message for kind, message in window.notices.log if kind == "error"]


def picture(window):
    return window.controller.frames["pruned"].scene.layer("picture").data.pixels


def write_bytes(data, path):
    path.write_bytes(data)
    return path


def spoiled(change, path):
    """A folder with photographs of which `change` spoils some."""
    folder = photographed(path.with_suffix(""), hiding(), count=4)
    change(folder)
    return folder


def without_splats(folder):
    (folder / "scene.ply").unlink()


def poseless(folder):
    told = (folder / "transforms.json").read_text()
    (folder / "transforms.json").write_text(told.replace('"transform_matrix": [[', '"x": [['))


def twice(folder):
    write_splats(folder / "other.ply", ball(10))


BAD = {
    "none.ply": (partial(write_bytes, ply_bytes(rows(0))), "holds no Gaussian"),
    "cut.ply": (partial(write_bytes, ply_bytes(rows(50))[:-9]), "promises 50 rows"),
    "lacks.ply": (
        partial(write_bytes, ply_bytes(rows(9)).replace(b" rot_3\n", b" rot_2\n")), "rot_3",
    ),
    "nan.ply": (
        partial(write_bytes, ply_bytes(np.full_like(rows(3).view("<f4"), np.nan).view(
            rows(3).dtype))), "no Gaussian that can be drawn",
    ),
    "newer.spz": (partial(write_bytes, spz_head(9) + bytes(64)), "9"),
    "empty.ply": (partial(spoiled, without_splats), "folder that no system here knows"),
    "two.ply": (partial(spoiled, twice), "folder that no system here knows"),
    "poses.ply": (partial(spoiled, poseless), "no turn and shift"),
}  # fmt: skip


@pytest.fixture(scope="module")
def bad_files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("bad")
    return {name: make(folder / name) for name, (make, _) in BAD.items()}


def test_bad_files_are_a_sentence_each_and_the_picture_stays(window, bad_files, qtbot):
    before = picture(window).copy()
    for name, (_, words) in BAD.items():
        told = len(errors(window))
        drop_on(window, bad_files[name])
        qtbot.waitUntil(lambda told=told: len(errors(window)) > told, timeout=20_000)
        said = errors(window)[-1]
        assert words in said, (name, said)
        assert bad_files[name].name in said, (name, said)
        assert said.endswith("."), said
        assert said.count(". ") == 0, said
        qtbot.waitUntil(lambda: settled(window), timeout=20_000)
        assert window.controller.card.units[0].count == COUNT, name
        np.testing.assert_array_equal(picture(window), before)


def test_what_is_assumed_of_photographs_is_said_and_they_open(window, tmp_path, qtbot):
    folder = photographed(tmp_path / "odd", ball(80), count=6)
    grey, clear, small, gone, cut, _ = sorted((folder / "images").iterdir())
    Image.open(grey).convert("L").save(grey)
    Image.open(clear).convert("RGBA").save(clear)
    Image.open(small).resize((24, 24)).save(small)
    gone.unlink()
    cut.write_bytes(cut.read_bytes()[:200])
    drop_on(window, folder)
    qtbot.waitUntil(lambda: window.controller.card.units[0].count == 80, timeout=20_000)
    qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    told = " ".join(window.controller.card.notices)
    for words in (
        "Grey photographs", "with alpha", "another size than their camera", "cannot be read",
        "2 cameras without a photograph",
    ):  # fmt: skip
        assert words in told


def offers(window):
    buttons = window.findChildren(QToolButton, "toastAction")
    return {one.text(): one for one in buttons if one.isVisible()}


@HOLES
def test_twenty_million_gaussians_are_told_of_before_and_the_picture_stays(
    window, tmp_path, qtbot, monkeypatch
):
    free = 32 << 30
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("", (), {"available": free})())
    before = picture(window).copy()
    drop_on(window, sparse(tmp_path / "big.ply", 20_000_000))
    qtbot.waitUntil(lambda: bool(offers(window)), timeout=20_000)
    said = window.notices.visible[-1]
    assert "holds 20,000,000 Gaussians; all of them take about 14.9 GB of memory" in said
    assert "34.4 GB are free" in said
    assert "big.ply#2000000" in said
    assert set(offers(window)) == {"Open 2,000,000 of them", "Open all"}
    assert not errors(window)
    np.testing.assert_array_equal(picture(window), before)
    assert window.controller.card.units[0].count == COUNT


def test_the_part_that_is_offered_opens_and_so_does_all(window, tmp_path, qtbot, monkeypatch):
    monkeypatch.setattr(large, "MANY", 500)
    monkeypatch.setattr(large, "PART", 250)
    path = photographed(tmp_path / "many", ball(600), count=4)
    control = window.controller
    for words, count in (("Open 200 of them", 200), ("Open all", 600)):
        drop_on(window, path)
        qtbot.waitUntil(lambda words=words: words in offers(window), timeout=20_000)
        button = offers(window)[words]
        click(button, button.rect().center())
        qtbot.waitUntil(lambda count=count: control.card.units[0].count == count, timeout=20_000)
        qtbot.waitUntil(lambda: settled(window), timeout=20_000)
    assert control.card.ref.path.endswith("many#all")


@HOLES
def test_the_command_line_says_how_a_part_is_opened_and_opens_it(tmp_path, capsys, monkeypatch):
    big = sparse(tmp_path / "big.ply", 20_000_000)
    assert main(["units", "lp3dgs", "--weights", str(big)]) != 0
    said = capsys.readouterr().err
    assert "holds 20,000,000 Gaussians" in said
    assert "GB of memory" in said
    assert said.count(". ") == 0
    path = tmp_path / "some.ply"
    write_splats(path, ball(600))
    assert main(["units", "lp3dgs", "--weights", f"{path}#100"]) == 0
    out = capsys.readouterr()
    assert "100 of 600" in out.err
    assert "100" in out.out
    assert main(["units", "lp3dgs", "--weights", f"{path}#half"]) != 0
    assert "'half'" in capsys.readouterr().err


@HOLES
def test_more_than_memory_holds_is_offered_in_part_alone(tmp_path, monkeypatch):
    free = 2 << 30
    monkeypatch.setattr(psutil, "virtual_memory", lambda: type("", (), {"available": free})())
    big = sparse(tmp_path / "big.ply", 20_000_000)
    for part in ("", "#all", "#10000000"):
        with pytest.raises(large.TooMuch) as caught:
            SplatSystem().open(large.ModelRef("lp3dgs", "big", f"{big}{part}"))
        (only,) = caught.value.offers
        assert only[1].path == f"{big}#1000000"
