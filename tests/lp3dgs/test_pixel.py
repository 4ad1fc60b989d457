"""The Gaussians that make a pixel: together they give its colour."""

import numpy as np
import pytest

from prune3d_gui.plugins.lp3dgs.placing import cameras_round
from prune3d_gui.plugins.lp3dgs.raster.pixel import shares_at
from prune3d_gui.plugins.lp3dgs.raster.seen import activated, look
from tests.lp3dgs.balls import hiding

BACKGROUND = np.array((0.2, 0.5, 1.0))


@pytest.fixture(scope="module")
def scene():
    return hiding()


@pytest.mark.parametrize("some", [False, True])
def test_shares_times_colours_are_the_pixel(scene, some):
    camera = cameras_round(scene, 3, 37).camera(1)
    seen = look(activated(scene, np.float64), camera)
    kept = np.random.default_rng(0).random(scene.count) < 0.5 if some else None
    wanted = seen.picture(kept, tuple(BACKGROUND))
    for row, column in ((18, 18), (0, 0), (36, 36), (9, 25), (20, 3)):
        found = shares_at(seen, kept, row, column)
        colour = found.shares @ seen.rows[found.ids, 6:] + found.left * BACKGROUND
        np.testing.assert_allclose(colour, wanted.colours[row, column], atol=1e-6)
        assert found.left == pytest.approx(wanted.left[row, column], abs=1e-6)
        if kept is not None:
            assert kept[found.ids].all()
