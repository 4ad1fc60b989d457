"""Pictures and networks of AtlasNet find it while another system is open."""

import pytest
from PIL import Image

from prune3d_gui.core.registry import discover
from prune3d_gui.files.networks.checkpoints import write_tensors
from prune3d_gui.gui.state.settings import Last
from prune3d_gui.plugins.pgn.network.checkpoint import network_facts
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from tests.gui.drive import drop_on

PATIENCE_MS = 120_000


@pytest.fixture
def beside(open_window, settings, qtbot):
    """A window on a model of another system, as soon as it is open."""
    registry = discover()
    others = [s for s in registry.systems if s.id != "pgn" and s.bundled()]
    if not others:
        pytest.skip("no other system is installed")
    ref = others[0].bundled()[-1]
    settings.last = Last(ref)
    window = open_window(registry, wait=False)
    qtbot.waitUntil(lambda: window.controller.card is not None, timeout=PATIENCE_MS)
    assert window.controller.card.ref == ref
    return window


def test_a_photograph(beside, qtbot, tmp_path):
    path = tmp_path / "photo.jpg"
    Image.effect_mandelbrot((120, 90), (-2, -1, 1, 1), 50).convert("RGB").save(path)
    drop_on(beside, path)
    title = beside.parts.gallery.title
    qtbot.waitUntil(lambda: title.text() == "photo.jpg", timeout=PATIENCE_MS)
    assert beside.controller.card.ref.system == "pgn"
    said = "'photo.jpg' is opened with AtlasNet: A picture to reconstruct from."
    assert ("info", said) in beside.notices.log
    assert beside.settings.recent == (str(path),)


def test_a_network_as_the_fine_tune_job_writes_it(beside, qtbot, tmp_path):
    net, path = AtlasNet(), tmp_path / "last_that_passes.safetensors"
    write_tensors(path, net.state_dict(), {"note": "a test"} | network_facts(net))
    drop_on(beside, path)
    qtbot.waitUntil(lambda: beside.controller.card.ref.path == str(path), timeout=PATIENCE_MS)
    assert beside.controller.card.ref.system == "pgn"
    assert [text for kind, text in beside.notices.log if kind == "error"] == []
