"""A patient and a network that are small enough to be trained and studied in a window."""

import torch
from torch import nn

from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.network.sizes import FOUR, Size
from tests.conftest import settled

SIZE = Size("tiny", (4, 6, 8), 1.0, FOUR, half=True)
BRANCHES, PATIENT = 16, "patient-0001.nii.gz"
VOXELS, SPACING = 16, 18.0
"""Along each side of a patient of 288 mm, and their sides in mm."""


def save_small(path):
    """Write a network whose branches all matter; it tells classes apart, though not rightly."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(4)
        made = Network(SIZE, len(CLASSES))
    for name, _ in SIZE.modules:
        nn.init.constant_(made.module(name).scales, 0.5)
    save_network(path, made, CLASSES, SPACING, Window(), {})
    return made


def see(window, qtbot, path):
    """Open a patient."""
    window.opening.open_path(path)
    qtbot.waitUntil(lambda: window.controller.sample == path.name, timeout=60_000)
    qtbot.waitUntil(lambda: settled(window), timeout=60_000)
