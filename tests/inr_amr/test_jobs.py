"""The jobs as the command line offers them, and the measurements on a small field."""

import json
import subprocess
import sys

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.plugins.inr_amr import bench, comparing
from prune3d_gui.plugins.inr_amr.jobs import JOBS
from prune3d_gui.plugins.inr_amr.mesh.mesher import Mesher
from prune3d_gui.plugins.inr_amr.mesh.specs import MeshSpec, RuleSpec


def quiet(progress):
    pass


@pytest.fixture
def small(make_model, monkeypatch):
    """Let the bench open the small fields in place of the bundled ones."""

    def small(dimension=3):
        monkeypatch.setattr(bench, "open_field", lambda *given: make_model(dimension))

    return small


def by_measure(rows):
    rows = list(rows)
    told, held = {"measure", "value", "unit", "note"}, {"limit", "met"}
    assert all(row.keys() in (told, told | held) for row in rows)
    assert all(row["met"] in ("yes", "no") for row in rows if "limit" in row)
    return {row["measure"]: row["value"] for row in rows}


def test_importing_the_jobs_imports_nothing_heavy():
    code = (
        "import sys; import prune3d_gui.plugins.inr_amr.jobs; "
        "print([m for m in ('torch', 'vtkmodules', 'scipy', 'matplotlib') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_jobs_have_names_and_options_of_their_own():
    assert [job.id for job in JOBS] == ["train", "mesh", "compare", "bench"]
    for job in JOBS:
        names = [option.name for option in job.options]
        assert len(set(names)) == len(names)
        assert all(option.help.endswith(".") for option in job.options)


def test_refinement_starts_where_meshes_of_the_window_do():
    (own,) = {
        option.default for job in JOBS for option in job.options if option.name == "start_level"
    }
    assert own == MeshSpec.base


def test_mesh_from_the_command_line(tmp_path):
    out = tmp_path / "mesh.vtu"
    command = [sys.executable, "-m", "prune3d_gui.cli.main", "mesh", "inr_amr", "--json", "-"]
    command += ["--sample", "oscillation", "--rule", "id", "--cells", "200", "--out", str(out)]
    found = subprocess.run(command, capture_output=True, text=True, check=True)
    (row,) = json.loads(found.stdout)
    assert row["rule"] == "id"
    assert 16 < row["cells"] <= 200
    assert out.stat().st_size == row["file_bytes"]


def test_decisions_are_timed_both_ways(small, monkeypatch):
    small()
    monkeypatch.setattr(bench, "JUDGED", 24)
    found = by_measure(bench.decisions(["ball"], CancelToken()))
    batched, plain, ratio = found.values()
    assert ratio == pytest.approx(plain / batched)
    assert batched > 0


def test_removals_give_smaller_networks_and_the_decomposition_keeps_the_field(small):
    small()
    found = by_measure(bench.removals(["ball"], CancelToken()))
    error = {
        name: found[f"removal, ball, {name}: relative L2 error"]
        for name in ("none", "id", "l1", "random")
    }
    assert error["none"] < error["id"] < min(error["l1"], error["random"])
    full, pruned = (found[f"network, ball, {name}: parameters"] for name in ("full", "pruned"))
    assert pruned <= 0.8 * full


def test_previews_are_timed_step_by_step(small):
    small()
    found = list(by_measure(bench.previews("ball", CancelToken())).values())
    assert 0 < found[0] < found[1] < found[2]
    assert found[3] > 0, "the surface of the network itself"


def test_rules_in_2d_are_compared_at_errors(small, monkeypatch):
    small(2)
    monkeypatch.setattr(comparing, "CELLS", {2: 1000})
    found = by_measure(bench.rules_2d("ball", quiet, CancelToken()))
    uniform, adaptive = (
        found[f"2D, dofs at RMSE 0.02: {rule}"] for rule in ("uniform", "interpolation")
    )
    assert 25 <= adaptive < uniform
    assert found["2D, hybrid / better of both at 0.02"] > 0


def test_rules_in_3d_are_compared_at_shares_of_the_range(small, monkeypatch):
    small()
    monkeypatch.setattr(comparing, "CELLS", {3: 600})
    monkeypatch.setitem(comparing.SWEEP, "sine", ((0.1,), (4.0,)))
    found = by_measure(bench.rules_3d("ball", quiet, CancelToken()))
    assert len(found) == 10
    assert all(dofs is None or dofs >= 125 for dofs in found.values())
    assert found["ball, dofs at RMSE 0.1 of range: interpolation"] is not None


def test_the_large_mesh_is_a_small_share_and_stops(small, monkeypatch):
    small()
    monkeypatch.setattr(bench, "STOPPED", (0.05, 0.1))
    found = by_measure(bench.large_mesh("ball", 7, quiet, CancelToken()))
    assert 0 < found["ball, depth 7: cells, share of the full grid"] < 5
    assert found["ball, depth 7: growth of resident memory"] >= 0


def test_a_mesh_told_to_stop_ends_soon(make_model):
    model = make_model()
    field = bench.Slice(model.network, model.domain)
    spec = MeshSpec(RuleSpec(rule="interpolation", threshold=1e-4), depth=9, cells=2_000_000)
    assert 0 <= bench._stopping(Mesher(field, spec), 0.3) < 5


def test_a_volume_is_fitted_and_compared(tmp_path, monkeypatch):
    import numpy as np

    monkeypatch.setattr(comparing, "CELLS", {3: 300})
    monkeypatch.setitem(comparing.SWEEP, "sine", ((0.1,), (4.0,)))
    axis = np.linspace(-1, 1, 16, dtype=np.float32)
    away = np.sqrt(sum(a**2 for a in np.meshgrid(axis, axis, axis, indexing="ij")))
    np.save(tmp_path / "ball.npy", away)
    options = {"volume": str(tmp_path / "ball.npy"), "minutes": 0.03}
    found = by_measure(bench.rules_volume(options, quiet, CancelToken()))
    assert found["volume: PSNR of the fit"] > 6
    assert len(found) == 11


def test_measuring_stops_when_told():
    cancel = CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        bench.measure({"volume": "", "minutes": 1.0, "depth": 9}, quiet, cancel)
