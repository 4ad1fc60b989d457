"""What is dropped, chosen or given at the start is opened by the system that takes it."""

from functools import partial
from pathlib import Path

import pytest

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.registry import Registry
from tests.conftest import settled
from tests.gui.drive import drop_on
from tests.gui.opening.systems import Drawings, Nets, file, shows


@pytest.fixture
def systems():
    return Drawings(), Nets()


@pytest.fixture
def window(open_window, systems):
    return open_window(Registry(systems, ()))


@pytest.fixture
def drop(window):
    return partial(drop_on, window)


def test_a_sample_of_another_system_opens_that_and_says_so(window, drop, qtbot, tmp_path):
    assert window.opening.system.id == "drawings"
    drop(file(tmp_path, "photo.draw", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "nets", "photo.draw"))
    said = "'photo.draw' is opened with Nets: A picture."
    assert said in [text for _, text in window.notices.log]
    drop(file(tmp_path, "a.png", b"DRAW"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "a.png"))
    assert window.settings.recent[:2] == (str(tmp_path / "a.png"), str(tmp_path / "photo.draw"))


def test_a_network_is_opened_whatever_its_name_and_whoever_is_open(window, drop, qtbot, tmp_path):
    path = file(tmp_path, "mine.draw", b"NET")
    drop(path)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(path) and settled(window))
    assert window.controller.card.ref == ModelRef("nets", "mine.draw", str(path))
    assert ("info", "'mine.draw' is opened with Nets: A net.") in window.notices.log


def test_a_folder_opens_as_a_scene_or_is_one_sentence(window, drop, qtbot, tmp_path):
    known, other = tmp_path / "known", tmp_path / "other"
    known.mkdir()
    other.mkdir()
    (known / "index").touch()
    drop(other)
    said = f"'{other}' is a folder that no system here knows; choose a file in it."
    qtbot.waitUntil(lambda: said in window.notices.visible)
    assert settled(window)
    drop(known)
    qtbot.waitUntil(lambda: window.controller.card.ref.path == str(known) and settled(window))


def test_a_plugin_that_raises_is_named_and_the_others_are_asked(
    window, drop, systems, qtbot, tmp_path
):
    systems[1].broken = True
    path = file(tmp_path, "photo.jpg", b"PICT")
    drop(path)
    qtbot.waitUntil(lambda: shows(window, "drawings", "photo.jpg"))
    assert window.notices.log[0] == (
        "error",
        f"The plugin 'nets' failed to say what '{path}' is (ZeroDivisionError: division by zero); "
        "the others were asked.",
    )


def test_several_files_are_opened_in_turn(window, drop, qtbot, tmp_path):
    drop(file(tmp_path, "one", b"DRAW1"), file(tmp_path, "two", b"DRAW2"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "two"))


def test_a_sample_given_at_the_start_opens_its_system(open_window, systems, qtbot, tmp_path):
    path = file(tmp_path, "given.png", b"PICT")
    window = open_window(Registry(systems, ()), wait=False, file=path)
    qtbot.waitUntil(lambda: shows(window, "nets", "given.png"))
    assert window.notices.log == [("info", "'given.png' is opened with Nets: A picture.")]


def test_a_file_dropped_before_the_systems_are_known_is_begun_with(
    open_window, systems, qtbot, tmp_path
):
    window = open_window(Registry(systems, ()), wait=False)
    assert window.opening.registry.systems == ()
    drop_on(window, file(tmp_path, "early.png", b"PICT"))
    qtbot.waitUntil(lambda: shows(window, "nets", "early.png"))
    assert window.notices.log == [("info", "'early.png' is opened with Nets: A picture.")]


def test_a_system_given_at_the_start_has_the_file_if_it_takes_it(
    open_window, systems, qtbot, tmp_path
):
    picture, net = file(tmp_path, "given.png", b"PICT"), file(tmp_path, "net.png", b"NET")
    window = open_window(Registry(systems, ()), wait=False, file=picture, system="drawings")
    qtbot.waitUntil(lambda: shows(window, "drawings", "given.png"))
    window.close()
    window = open_window(Registry(systems, ()), wait=False, file=net, system="drawings")
    qtbot.waitUntil(lambda: shown_path(window) == str(net) and settled(window))


def test_what_cannot_be_opened_at_the_start_leaves_the_first_model(
    open_window, systems, qtbot, tmp_path
):
    for path in (file(tmp_path, "notes.txt", b"notes"), tmp_path / "gone.png"):
        window = open_window(Registry(systems, ()), file=path)
        assert window.controller.card.ref.system == "drawings"
        assert str(path) in window.notices.visible[0]
        window.close()


def test_a_damaged_network_at_the_start_leaves_the_first_model(
    open_window, systems, qtbot, tmp_path
):
    path = file(tmp_path, "net.bin", b"NET damaged")
    window = open_window(Registry(systems, ()), file=path)
    assert window.controller.card.ref.system == "drawings"
    assert "holds no net" in window.notices.visible[-1]


def test_what_is_refused_does_not_become_recent(window, drop, qtbot, tmp_path):
    good, bad = file(tmp_path, "good.bin", b"NET"), file(tmp_path, "bad.bin", b"NET damaged")
    nobody = file(tmp_path, "notes.txt", b"notes")
    spoilt = file(tmp_path, "spoilt", b"DRAW damaged")
    for path in (bad, nobody, spoilt):
        before = len(window.notices.log)
        drop(path)
        wrong = f"'{path}'"
        qtbot.waitUntil(
            lambda before=before, wrong=wrong: any(
                kind == "error" and wrong in text for kind, text in window.notices.log[before:]
            )
        )
    assert window.settings.recent == ()
    drop(good)
    qtbot.waitUntil(lambda: shown_path(window) == str(good) and settled(window))
    assert window.settings.recent == (str(good),)


def test_a_path_given_in_words_is_kept_whole(open_window, systems, qtbot, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    file(tmp_path, "here.png", b"PICT")
    window = open_window(Registry(systems, ()), wait=False, file=Path("here.png"))
    qtbot.waitUntil(lambda: shows(window, "nets", "here.png"))
    assert window.settings.recent == (str(tmp_path / "here.png"),)


def test_one_s_own_samples_come_first(window, drop, qtbot, tmp_path):
    drop(file(tmp_path, "mine", b"DRAW"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "mine"))
    assert window.parts.gallery.list.item(0).text() == "Yours"
    assert window.parts.gallery.list.item(1).toolTip() == "mine"


def shown_path(window):
    return window.controller.card.ref.path if window.controller.card else ""
