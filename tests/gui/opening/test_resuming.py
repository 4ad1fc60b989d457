"""The window begins with what was open last, and the first time with the highest rank."""

import pytest

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.registry import Registry
from prune3d_gui.gui.state.settings import Last
from tests.conftest import settled
from tests.gui.opening.systems import Drawings, Nets, file, shows


@pytest.fixture
def registry():
    return Registry((Nets(), Drawings()), ())


def reopened(open_window, window, registry, **options):
    window.close()
    return open_window(registry, **options)


def test_the_first_time_it_is_the_first_system_that_has_a_model(open_window, registry):
    window = open_window(registry)
    assert window.controller.card.ref == ModelRef("nets", "A bundled net")
    assert window.notices.log == []


def test_the_model_and_the_sample_open_last_come_back(open_window, registry, qtbot):
    window = open_window(registry, system="drawings")
    window.controller.select_sample("s2")
    qtbot.waitUntil(lambda: settled(window))
    window = reopened(open_window, window, registry)
    assert window.controller.card.ref.system == "drawings"
    assert window.controller.sample == "s2"
    assert window.notices.log == []


def test_a_network_and_a_sample_of_one_s_own_come_back(open_window, registry, qtbot, tmp_path):
    net, picture = file(tmp_path, "mine.bin", b"NET"), file(tmp_path, "mine.png", b"PICT")
    window = open_window(registry, file=net)
    window.opening.open_path(picture)
    qtbot.waitUntil(lambda: shows(window, "nets", "mine.png"))
    window.close()
    window = open_window(registry, wait=False)
    qtbot.waitUntil(lambda: shows(window, "nets", "mine.png"))
    assert window.controller.card.ref.path == str(net)
    window.close()
    picture.unlink()
    window = open_window(registry)
    assert window.controller.card.ref.path == str(net)
    said = f"The sample '{picture}', which was open last, is no longer there; another is shown"
    assert window.notices.visible[0].startswith(said)


def test_what_is_gone_is_one_sentence_and_the_first_model_opens(
    open_window, registry, settings, tmp_path
):
    gone = str(tmp_path / "gone.bin")
    for last, said in (
        (ModelRef("nets", "gone.bin", gone), f"'{gone}', which was open last, is no longer there."),
        (ModelRef("nets", "An old one"), "'An old one', which was open last, is no longer there."),
        (
            ModelRef("beams", "Beam"),
            "The system 'beams', of which 'Beam' was open last, is not ins",
        ),
    ):
        settings.last = Last(last)
        window = open_window(registry)
        assert window.controller.card.ref.title == "A bundled net"
        (kind, text) = window.notices.log[0]
        assert kind == "info"
        assert text.startswith(said)
        window.close()


def test_a_network_that_was_damaged_since_leaves_the_first_model(open_window, registry, tmp_path):
    path = file(tmp_path, "mine.bin", b"NET")
    window = open_window(registry, file=path)
    window.close()
    path.write_bytes(b"NET damaged")
    window = open_window(registry)
    assert window.controller.card.ref.title == "A bundled net"
    assert "holds no net that can be read" in window.notices.visible[0]
    assert window.settings.last.ref.title == "A bundled net"


def test_a_system_or_a_file_that_is_asked_for_goes_before(open_window, registry, qtbot, tmp_path):
    window = open_window(registry, system="drawings")
    window = reopened(open_window, window, registry, system="nets")
    assert window.controller.card.ref.system == "nets"
    window.close()
    window = open_window(registry, wait=False, file=file(tmp_path, "a", b"DRAW"))
    qtbot.waitUntil(lambda: shows(window, "drawings", "a"))


@pytest.mark.parametrize(
    "kept", ["", "{", "[]", '{"ref": {}}', '{"ref": 3, "sample": "", "file": ""}']
)
def test_settings_that_cannot_be_read_are_as_good_as_none(settings, kept):
    settings._store.setValue("last", kept)
    assert settings.last is None
