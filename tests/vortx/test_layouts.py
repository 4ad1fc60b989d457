"""A room from the command line, rewritten as each layout of folders, comes out of it alike."""

import json

import numpy as np
import pytest
from PIL import Image
from scipy.spatial import cKDTree

from prune3d_gui.cli.main import main
from prune3d_gui.files.meshes import read_mesh
from tests.vortx.intake import room as layouts

FRAMES, WIDE, TALL = 8, 160, 120
WRITERS = {
    "info": layouts.write_info,
    "7-Scenes": layouts.write_7scenes,
    "ScanNet": layouts.write_export,
    "transforms": layouts.write_transforms,
    "COLMAP": layouts.write_colmap,
}


@pytest.fixture(scope="module")
def taken(tmp_path_factory):
    """A room that `prune3d data` made."""
    out = tmp_path_factory.mktemp("made")
    given = ["--rooms", "1", "--split", "val", "--frames", str(FRAMES), "--side", str(WIDE),
             "--samples", "1", "--no-meshes"]  # fmt: skip
    assert main(["data", "vortx", "--out", str(out), *given]) == 0
    (folder,) = (file.parent for file in out.rglob("info.json"))
    told = json.loads((folder / "info.json").read_text())
    pictures, depths = (
        [np.asarray(Image.open(folder / frame[name])) for frame in told["frames"]]
        for name in ("filename_color", "filename_depth")
    )
    poses = np.array([frame["pose"] for frame in told["frames"]])
    found = layouts.Recording(poses, pictures, [one / 1000 for one in depths])
    with pytest.MonkeyPatch.context() as patch:  # the writers' own camera is another one
        patch.setattr(layouts, "WIDTH", WIDE)
        patch.setattr(layouts, "HEIGHT", TALL)
        patch.setattr(layouts, "FOCAL", told["intrinsics"][0][0])
        yield found


@pytest.fixture(scope="module")
def surfaces():
    """Those that were written so far, by layout."""
    return {}


@pytest.mark.parametrize("name", WRITERS)
def test_each_layout_gives_the_same_surface(taken, surfaces, tmp_path, name):
    folder, path = WRITERS[name](tmp_path / "room", taken), tmp_path / "room.ply"
    given = ["--sample", str(folder), "--views", "1", "--out", str(path)]
    assert main(["reconstruct", "vortx", *given]) == 0
    surfaces[name] = points = read_mesh(path).points
    first = surfaces[next(iter(surfaces))]
    for one, other in ((points, first), (first, points)):
        assert np.mean(cKDTree(one).query(other)[0] < 0.04) > 0.9
