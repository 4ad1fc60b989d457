"""A GPU says what the CPU says: levels within rounding, surfaces within a centimetre."""

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import ModelRef, final_stage
from prune3d_gui.core.plan.plans import Query, resolve
from prune3d_gui.plugins.vortx import shipped
from prune3d_gui.plugins.vortx.controls import WEIGHED
from prune3d_gui.plugins.vortx.pruning.controls import PRESETS
from prune3d_gui.plugins.vortx.showing import SURFACE
from prune3d_gui.plugins.vortx.system import VortxSystem

pytestmark = pytest.mark.skipif(
    not torch.cuda.is_available(), reason="needs a CUDA device, to compare it with the CPU"
)


@pytest.fixture
def exact(monkeypatch):
    """Products of GPUs in full precision, as those of CPUs are."""
    monkeypatch.setattr(torch.backends.cudnn, "allow_tf32", False)
    monkeypatch.setattr(torch.backends.cuda.matmul, "allow_tf32", False)


@pytest.mark.parametrize("values", [{}, PRESETS["paper"]], ids=["full", "preset"])
def test_both_find_the_same_surface(exact, values):
    """Of a room that comes with the program, by the network that does."""
    room, query = shipped.rooms()[0].name, Query().with_value(WEIGHED, 4)
    surfaces, sizes = [], []
    for device in ("cpu", "cuda"):
        model = VortxSystem().open(ModelRef("vortx", "own", "", device))
        applied = model.apply(resolve(model.knobs, values)[0])
        stage = final_stage(model, applied, room, query, NEVER)
        surfaces.append(stage.scene.layer(SURFACE).data.points)
        sizes.append(applied.footprint)
        model.close()
    assert sizes[0] == sizes[1]
    for one, other in (surfaces, surfaces[::-1]):
        assert np.mean(cKDTree(one).query(other)[0] < 0.01) > 0.99
