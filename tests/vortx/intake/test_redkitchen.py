"""The real thing: key frames of 7-Scenes' RedKitchen, where colour is not registered to depth."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from scipy.spatial import cKDTree

from prune3d_gui.cli.main import main
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.metrics.surfaces import ATLAS, TRANSFORMERFUSION
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


@pytest.fixture(scope="module")
def reference(kitchen):
    return sensor_reference(kitchen)


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


def test_its_floor_and_table_are_level(reference):
    """Heights gather at the floor and at the top of the table, which is as high as tables are."""
    counts, edges = np.histogram(reference.mesh.points[:, 2], np.arange(-2, 1, 0.02))
    floor = edges[np.argmax(np.where(edges[:-1] < -1.4, counts, 0))]
    table = edges[np.argmax(np.where(edges[:-1] > floor + 0.5, counts, 0))]
    assert table - floor == pytest.approx(0.73, abs=0.04)
    assert counts.max() > 4 * np.median(counts[counts > 0])


def test_it_is_pruned_reconstructed_and_scored_by_its_own_depth(reference, tmp_path, capsys):
    """The whole system on the command line, with the network that comes with it."""
    told, path = tmp_path / "rows.json", tmp_path / "kitchen.ply"
    preset = {"rate2d": 25, "rate_ff": 33, "rate3d": 25}
    flags = [f"--{name.replace('_', '-')}={value}" for name, value in preset.items()]
    given = ["--sample", str(KITCHEN), "--views", "2", *flags]
    assert main(["reconstruct", "vortx", *given, "--json", str(told), "--out", str(path)]) == 0
    said = capsys.readouterr().err
    assert "Up is 27.1 degrees from the world's -y axis, and was levelled" in said
    assert "Photographs do not lie on depth with the files' focal length of 585 px" in said
    assert "Scores are against the sensor reference" in said

    whole, *parts = json.loads(told.read_text())
    assert whole["zeroed"] > 0 < whole["removed"]
    by = {row["part"]: row for row in parts}
    assert set(by) == {ATLAS, TRANSFORMERFUSION}
    assert whole["fscore"] == by[ATLAS]["fscore"]

    mesh = read_mesh(path)
    values = dict(read_moment(path).plan.values)
    assert {name: values[name] for name in preset} == preset
    low, high = reference.mesh.points.min(0) - 1, reference.mesh.points.max(0) + 1
    assert np.mean(((mesh.points > low) & (mesh.points < high)).all(1)) > 0.5, "upright, in metres"
    # Another program's points and tree say the same of what the result leaves out.
    drawn = trimesh.Trimesh(mesh.points, mesh.faces, process=False).sample(200_000, seed=1)
    apart = cKDTree(drawn).query(reference.mesh.points)[0]
    found = by[TRANSFORMERFUSION]
    assert found["rec"] == pytest.approx((apart < 0.05).mean(), abs=1e-3)
    # Whether a stray triangle far from all others is hit is chance.
    assert found["comp"] == pytest.approx(np.minimum(apart, 1).mean(), rel=0.04)
