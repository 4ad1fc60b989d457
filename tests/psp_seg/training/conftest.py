"""A small cohort and a small network, so that steps take milliseconds."""

import pytest
import torch
from torch import nn

from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.data.cohort import procedural
from prune3d_gui.plugins.psp_seg.network.network import Network
from prune3d_gui.plugins.psp_seg.network.sizes import FOUR, Size

TINY = Size("tiny", (4, 6, 8), 1.0, FOUR, half=True)


@pytest.fixture(scope="session")
def cohort():
    return procedural(3, 5, size=16)


@pytest.fixture
def network():
    """A network whose branches matter: scalars away from zero."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        made = Network(TINY, len(CLASSES))
        for name, _ in TINY.modules:
            nn.init.uniform_(made.module(name).scales, 0.3, 1.0)
    return made
