"""The real thing: key frames of 7-Scenes' RedKitchen, where colour is not registered to depth."""

from pathlib import Path

import numpy as np
import pytest

from prune3d_gui.metrics.surfaces import SurfaceReference
from prune3d_gui.plugins.vortx.intake.reading import read_frames
from prune3d_gui.plugins.vortx.intake.sensor import sensor_reference

KITCHEN = next(
    (
        place
        for above in Path(__file__).resolve().parents
        if (place := above / "shared" / "data" / "vortx" / "redkitchen").is_dir()
    ),
    None,
)
pytestmark = pytest.mark.skipif(KITCHEN is None, reason="RedKitchen's key frames are not here")


@pytest.fixture(scope="module")
def kitchen():
    return read_frames(KITCHEN)


def test_what_its_files_leave_open_is_found(kitchen):
    found = {one.what: one for one in kitchen.findings}
    assert (found["poses"].value, found["axes"].value) == ("camera-to-world", "opencv")
    assert (found["units"].value, found["depth"].value) == ("m", "1000")
    assert found["up"].value == "-y"  # y points down
    assert {one.how for one in found.values()} == {"measured"}
    assert float(found["colour"].value) == pytest.approx(527, abs=10)
    assert "Photographs do not lie on depth with the files' focal length of 585 px" in (
        found["colour"].said
    )
    one = kitchen.frames[0]
    assert one.colour_camera.fx == pytest.approx(527, abs=10)
    assert one.depth_camera.fx == 585
    beside = np.linalg.inv(one.pose) @ np.linalg.inv(one.colour_camera.world_to_camera)
    assert beside[0, 3] == pytest.approx(0.02, abs=0.01)
    assert len(kitchen.frames) == 65


def test_its_floor_and_table_are_level(kitchen):
    """Heights gather at the floor and at the top of the table, which is as high as tables are."""
    reference = sensor_reference(kitchen, 0.04)
    counts, edges = np.histogram(reference.mesh.points[:, 2], np.arange(-2, 1, 0.02))
    floor = edges[np.argmax(np.where(edges[:-1] < -1.4, counts, 0))]
    table = edges[np.argmax(np.where(edges[:-1] > floor + 0.5, counts, 0))]
    assert table - floor == pytest.approx(0.73, abs=0.04)
    assert counts.max() > 4 * np.median(counts[counts > 0])
    scores = SurfaceReference(reference.mesh, reference.cameras[::8]).score(reference.mesh)
    assert scores.values["prec"] > 0.95
