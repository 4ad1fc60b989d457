"""What cannot be used comes to a person as one sentence: in the window, and on the command line."""

import json
from copy import copy
from pathlib import Path

import numpy as np
import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.vortx.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.vortx.showing import SURFACE
from prune3d_gui.plugins.vortx.system import VortxSystem
from tests.conftest import settled
from tests.gui.drive import drop_on
from tests.vortx.small_room import NAMES, save_tiny, with_floors

from .room import looking, only, write_7scenes, write_info


def lost(folder, few):
    return write_7scenes(folder, few, np.full_like(few.poses, np.nan))


def alone(folder, few):
    return write_7scenes(folder, only(few, [3]))


def turning(folder, few):
    angles = np.linspace(0, 2, len(few.poses))
    poses = [looking((0, 0, 1.4), (np.cos(a), np.sin(a), 1.2)) for a in angles]
    return write_7scenes(folder, few, np.stack(poses))


def changed(few, **parts):
    found = copy(few)
    for name, part in parts.items():
        setattr(found, name, part)
    return found


def measured_otherwise(folder, few):
    """Depth that fits its poses in no unit."""
    depths = [depth**2 % 3 + 0.2 for depth in few.depths[::-1]]
    return write_7scenes(folder, changed(few, depths=depths))


def upright(folder, few):
    photographs = [np.rot90(photo).copy() for photo in few.photographs]
    return write_info(folder, changed(few, photographs=photographs))


def cropped(folder, few):
    photographs = [photo[:, 100:] for photo in few.photographs]
    return write_info(folder, changed(few, photographs=photographs))


def elsewhere(folder, few):
    """Photographs far from the reference volume that lies beside them."""
    made = write_info(folder, few)
    values = np.full((9, 9, 9), 1, np.float32)
    np.savez_compressed(made / "full_tsdf_layer0.npz", values)
    told = {"vol_origin": [90.0, 90.0, 0.0], "voxel_size": 0.04}
    (made / "tsdf_info.json").write_text(json.dumps(told))
    return made


BAD = {
    "lost": (lost, "no frame with a photograph and a pose"),
    "alone": (alone, "a room needs at least two"),
    "turning": (turning, "taken from one place"),
    "otherwise": (measured_otherwise, "agree"),
    "upright": (upright, "turn the pictures back"),
    "cropped": (cropped, "lie outside of pictures"),
    "elsewhere": (elsewhere, "lies outside of its reference volume"),
}
"""How each is made, and what is said of it."""
SCENE = "scene0000_00"
"""What an info.json calls its scene, wherever it lies."""


@pytest.fixture(scope="module")
def bad(tmp_path_factory, taken):
    """Folders that cannot be used, and a network whose U-Net is of another width."""
    folder, few = tmp_path_factory.mktemp("bad"), only(taken, np.arange(0, 14))
    made = {name: make(folder / name, few) for name, (make, _) in BAD.items()}
    network = load_network(save_tiny(folder / "tiny.safetensors"))[0]
    kept = network.cnns3d["coarse"].stem[0].kernel
    kept.data = kept.data[:, :, :5].clone()
    save_network(folder / "wide.safetensors", network, {})
    return made | {"wide": folder / "wide.safetensors"}


@pytest.fixture
def tiny(tmp_path, monkeypatch):
    with_floors(monkeypatch, tmp_path / "rooms")
    return save_tiny(tmp_path / "tiny.safetensors")


def emptied(path):
    """A network whose coarse level finds no surface anywhere."""
    network = load_network(path)[0]
    network.output_layers["coarse"].kernel.data.abs_().neg_()
    made = path.with_name("emptied.safetensors")
    save_network(made, network, {"picture_width": "48", "weighted": "True"})
    return made


def errors(window):
    return [message for kind, message in window.notices.log if kind == "error"]


def test_in_the_window_the_picture_stays_and_a_level_that_emptied_one_is_named(
    open_window, tiny, bad, qtbot
):
    class Floors(VortxSystem):
        def bundled(self):
            return (ModelRef(self.id, "Tiny", str(tiny), "cpu"),)

    window = open_window(Floors())
    before = window.viewport.scene("pruned")
    for name, (_, words) in (BAD | {"wide": (None, "fits")}).items():
        told = len(errors(window))
        drop_on(window, bad[name])
        qtbot.waitUntil(lambda told=told: len(errors(window)) > told, timeout=120_000)
        said = errors(window)[told:]
        assert len(said) == 1, said
        assert words in said[0], (name, said)
        assert name in said[0] or SCENE in said[0], (name, said)
        assert "\n" not in said[0]
        qtbot.waitUntil(lambda: settled(window), timeout=120_000)
        assert window.viewport.scene("pruned") is before
        assert window.controller.sample == NAMES[0]
    drop_on(window, emptied(tiny))
    control = window.controller
    qtbot.waitUntil(lambda: "emptied" in control.card.title and settled(window), timeout=60_000)
    pane = window.viewport.panes["pruned", "space"]
    assert pane.scene.layer(SURFACE).absent.startswith("The coarse level found no surface in ")
    absent = pane.scene.layer(SURFACE).absent
    qtbot.waitUntil(lambda: pane.overlay.said.text() == absent, timeout=20_000)


def test_on_the_command_line(tiny, bad, tmp_path, capsys):
    mesh = str(tmp_path / "room.ply")

    def said(*flags):
        assert main(["reconstruct", "vortx", *flags, "--out", mesh]) != 0
        assert not Path(mesh).exists()
        return capsys.readouterr().err.strip().splitlines()[-1]

    for name, (_, words) in BAD.items():
        line = said("--weights", str(tiny), "--sample", str(bad[name]))
        assert words in line, (name, line)
        assert name in line or SCENE in line
    assert "wide.safetensors" in said("--weights", str(bad["wide"]), "--sample", NAMES[0])
    line = said("--weights", str(emptied(tiny)), "--sample", NAMES[0])
    assert "The coarse level found no surface in " in line
