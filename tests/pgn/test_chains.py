"""What one command writes, the next one opens: trained, swept, pruned, reconstructed, compared."""

import json

import pytest
import torch

from prune3d_gui.cli.main import main
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.plugins.pgn.training.schedule import Stage
from prune3d_gui.plugins.pgn.training.training import train

STAGES = (Stage(1.0, 32, 40, 1e-3, 1e-4),)
SMALL = {"batch": 4, "stages": STAGES, "bottleneck": 16, "hidden": 16, "settle": 1, "validate": 1}


@pytest.fixture(scope="module")
def trained(small_set, tmp_path_factory):
    """What two steps of training leave."""
    out = tmp_path_factory.mktemp("run")
    return train(small_set, out, epochs=2, seed=0, device="cpu", **SMALL)


@pytest.fixture
def run(capsys):
    """Run a command line and return the rows it prints and what it says."""

    def go(*words, code=0):
        capsys.readouterr()
        assert main([*map(str, words), "--json", "-"]) == code
        out, err = capsys.readouterr()
        return json.loads(out), err

    return go


def test_train_sweep_prune_reconstruct(trained, small_set, tmp_path, run):
    picture = next(small_set.glob("ShapeNetV1Renderings/*/*/rendering/00.png"))
    rows, _ = run("sweep", "pgn", "--weights", trained, "--samples", "val:1", "--rate", "0,50")
    assert [row["rate"] for row in rows] == [0, 50]
    assert rows[0]["zeroed"] == 0 < rows[1]["zeroed"]
    for ending in (".safetensors", ".pth", ".sparse.safetensors"):
        out = tmp_path / f"pruned{ending}"
        (pruned,), _ = run("prune", "pgn", "--weights", trained, "--rate", 50, "--out", out)
        assert pruned["zeroed"] == rows[1]["zeroed"]
        (again,), _ = run("sweep", "pgn", "--weights", out, "--samples", "val:1", "--rate", "0")
        assert again["chamfer_x1000"] == rows[1]["chamfer_x1000"]
        mesh = tmp_path / "mesh.ply"
        run("reconstruct", "pgn", "--weights", out, "--image", picture, "--out", mesh)
        assert len(read_mesh(mesh).points) == 2562


def test_finetune_sweep_and_evaluate(trained, small_set, tmp_path, run):
    out = tmp_path / "rounds"
    rows, _ = run(
        "finetune", "pgn", "--data", small_set, "--weights", trained, "--out", out,
        "--step", 30, "--most", 30, "--epochs", 0, "--threshold", 1e6,
    )  # fmt: skip
    network = rows[-1]["file"]
    (swept,), said = run("sweep", "pgn", "--weights", network, "--samples", "val:1", "--rate", "0")
    assert swept["chamfer_x1000"] > 0
    assert "activation" not in said
    zeros = sum(int((t == 0).sum()) for t in torch.load(trained, weights_only=True).values())
    run("prune", "pgn", "--weights", network, "--rate", 0, "--out", tmp_path / "n.pth")
    state = torch.load(tmp_path / "n.pth", weights_only=True)
    assert sum(int((t == 0).sum()) for t in state.values()) - zeros == rows[-1]["zeroed"]
    scored, _ = run("evaluate", "pgn", "--data", small_set, "--weights", network)
    assert scored
