"""One trained scene in two packed formats is one scene."""

from pathlib import Path

import numpy as np
import pytest

from prune3d_gui.files.splats.comparing import largest_errors
from prune3d_gui.files.splats.formats import read_splats, splat_kind

FOLDER = Path(__file__).parents[4] / "shared" / "data" / "lp3dgs"
PLY, SPZ = FOLDER / "biker.compressed.ply", FOLDER / "biker.spz"
pytestmark = pytest.mark.skipif(not PLY.is_file(), reason=f"there is no {PLY}")


def test_the_same_scene_as_compressed_ply_and_as_spz():
    assert splat_kind(PLY) == ("compressed PLY", True)
    assert splat_kind(SPZ) == ("SPZ", True)
    one, other = (read_splats(path).gaussians for path in (PLY, SPZ))
    assert one.count == other.count == 152_746
    held = one.kept(np.arange(one.count))
    held.log_scales[:] = np.maximum(held.log_scales, -10)  # SPZ has none below
    errors = largest_errors(held, other)
    assert errors.means <= 2.0**-13 + 1e-6  # half a step of SPZ
    assert errors.scales <= np.expm1(1 / 32) + 1e-6
    assert errors.rotations < 0.2
    assert errors.opacities < 1e-6
    assert errors.colours <= 0.28209 * 0.5 / 255 / 0.15 + 1e-5
    assert errors.harmonics == 0
