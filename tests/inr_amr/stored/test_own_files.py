"""What one command writes, the next one opens: as weights, and as a sample."""

import numpy as np
import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.plugins.inr_amr.shipped import installed
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field

needs_fields = pytest.mark.skipif(not installed(), reason="the bundled fields are not installed")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A field of a ball fitted for a moment, and what pruning makes of it."""
    folder = tmp_path_factory.mktemp("own")
    axes = np.meshgrid(*[np.linspace(-1, 1, 10)] * 3, indexing="ij")
    np.save(folder / "ball.npy", (0.5 - np.linalg.norm(axes, axis=0)).astype(np.float32))
    run("train", "--volume", folder / "ball.npy", "--out", folder / "ball.safetensors",
        "--steps", 60, "--rate", 0.01, "--width", 10, "--layers", 2, "--batch", 128)  # fmt: skip
    run("prune", "--sample", folder / "ball.safetensors", "--keep", 60, "--out", folder / "a.pth")
    run("prune", "--weights", folder / "a.pth", "--out", folder / "b.safetensors")
    return folder


def run(command, *words):
    assert main([command, "inr_amr", *map(str, words)]) == 0


@pytest.mark.parametrize("name", ["a.pth", "b.safetensors"])
@pytest.mark.parametrize(
    "words",
    [
        ("units",),
        ("sweep", "--tolerance", "0.1", "--cells", "64"),
        ("mesh", "--cells", "64"),
        ("reconstruct", "--cells", "64", "--out", "out.ply"),
        ("prune", "--out", "out.pth"),
    ],
)
def test_every_file_opens_where_a_sample_is_named(
    folder, tmp_path, monkeypatch, capsys, name, words
):
    monkeypatch.chdir(tmp_path)
    run(words[0], "--sample", folder / name, *words[1:])
    out = capsys.readouterr().out
    assert words[0] == "mesh" or f"Network: {name}" in out


@pytest.mark.parametrize("name", ["ball.safetensors", "b.safetensors"])
def test_every_file_opens_as_weights(folder, capsys, name):
    run("units", "--weights", folder / name)
    assert f"Network: {name}" in capsys.readouterr().out


def test_pruned_files_hold_the_same_field(folder):
    whole, first, second = (
        load_field(folder / name) for name in ("ball.safetensors", "a.pth", "b.safetensors")
    )
    assert first[0].widths == (6, 6) != whole[0].widths
    assert first[1].hash == second[1].hash
    assert first[1].domain == whole[1].domain == second[1].domain


def test_compare_takes_files_and_bundled_fields(folder, capsys):
    run("compare", "--samples", folder / "a.pth", "--cells", 64)
    assert str(folder / "a.pth") in capsys.readouterr().out


def test_a_volume_is_a_sample_to_compare_with(folder, capsys):
    run("sweep", "--weights", folder / "a.pth", "--sample", folder / "ball.npy",
        "--tolerance", 0.1, "--cells", 64)  # fmt: skip
    assert "ball.npy" in capsys.readouterr().out


def test_a_volume_is_one_under_any_name(folder, capsys):
    (folder / "ball.pth").write_bytes((folder / "ball.npy").read_bytes())
    run("sweep", "--weights", folder / "a.pth", "--sample", folder / "ball.pth",
        "--tolerance", 0.1, "--cells", 64)  # fmt: skip
    assert "By its content it is a NumPy array" in capsys.readouterr().err


@needs_fields
@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("sweep inr_amr --sample nowhere.pth", "There is no sample and no file 'nowhere.pth'"),
        ("units inr_amr --sample nobody", "There is no sample 'nobody'; there are"),
        ("mesh inr_amr --sample nowhere.pth", "'nowhere.pth' is not installed and no file"),
        ("compare inr_amr --samples nowhere.pth", "'nowhere.pth' is not installed and no file"),
        ("mesh inr_amr --sample chest --weights a.pth", "a field each; give one"),
        ("units inr_amr --weights b.safetensors --sample a.pth", "a network of its own"),
        ("units inr_amr --sample notes.pth", "not a checkpoint"),
    ],
)
def test_what_is_not_there_is_said(folder, capsys, monkeypatch, line, said):
    monkeypatch.chdir(folder)
    (folder / "notes.pth").write_text("the weights are on the other machine\n")
    assert main(line.split()) == 2
    assert said in capsys.readouterr().err
