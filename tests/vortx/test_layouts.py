"""A procedural room, rewritten as each layout of folders, comes out of the command line alike."""

from functools import partial

import numpy as np
import pytest
from scipy.spatial import cKDTree

from prune3d_gui.cli.main import main
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.plugins.vortx import rooms
from prune3d_gui.plugins.vortx.intake.sensor import sensor_reference
from tests.vortx.intake import room as layouts

WRITERS = {
    "info": layouts.write_info,
    "7-Scenes": layouts.write_7scenes,
    "ScanNet": layouts.write_export,
    "transforms": layouts.write_transforms,
    "COLMAP": layouts.write_colmap,
}


@pytest.fixture(scope="module")
def taken(made):
    """A room as `prune3d data` makes them."""
    record = made.recording
    whole = layouts.Recording(np.asarray(record.poses), record.pictures, record.depths)
    found = layouts.only(whole, np.arange(0, len(record.poses), 3))
    tall, wide = record.pictures[0].shape[:2]
    with pytest.MonkeyPatch.context() as patch:  # the writers' own camera is another one
        patch.setattr(layouts, "WIDTH", wide)
        patch.setattr(layouts, "HEIGHT", tall)
        patch.setattr(layouts, "FOCAL", float(record.intrinsics[0][0]))
        yield found


@pytest.fixture(scope="module")
def surfaces():
    """Those that were written so far, by layout."""
    return {}


@pytest.mark.parametrize("name", WRITERS)
def test_each_layout_gives_the_same_surface(taken, surfaces, tmp_path, monkeypatch, name):
    monkeypatch.setattr(rooms, "CUT", 2.0)  # of what is reconstructed; both to be fast
    monkeypatch.setattr(rooms, "sensor_reference", partial(sensor_reference, voxel=0.08, cut=2.0))
    folder, path = WRITERS[name](tmp_path / "room", taken), tmp_path / "room.ply"
    flag = "--image" if name == "COLMAP" else "--sample"
    given = [flag, str(folder), "--views", "1", "--out", str(path)]
    assert main(["reconstruct", "vortx", *given]) == 0
    surfaces[name] = points = read_mesh(path).points
    first = surfaces[next(iter(surfaces))]
    for one, other in ((points, first), (first, points)):
        assert np.mean(cKDTree(one).query(other)[0] < 0.04) > 0.8
