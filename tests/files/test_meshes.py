"""Meshes survive the way through every format, and bad files are answered in a sentence."""

import os

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Mesh, Points
from prune3d_gui.files.meshes import SUFFIXES, read_mesh, write_mesh


@pytest.fixture
def mesh():
    rng = np.random.default_rng(0)
    points = rng.normal(size=(60, 3)).astype(np.float32)
    faces = np.array([(i, i + 1, i + 2) for i in range(58)], np.int32)
    return Mesh(points, faces, {"distance": rng.random(60, dtype=np.float32)})


def corners(mesh):
    """Triangles as rows of nine numbers, in an order of their own."""
    rows = mesh.points[mesh.faces].reshape(len(mesh.faces), 9)
    return rows[np.lexsort(rows.T)]


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_triangles_come_back(tmp_path, mesh, suffix):
    path = tmp_path / f"out{suffix}"
    write_mesh(path, mesh)
    back = read_mesh(path)
    assert back.points.dtype == np.float32
    assert back.faces.dtype == np.int32
    np.testing.assert_allclose(corners(back), corners(mesh), atol=1e-6)


@pytest.mark.parametrize("suffix", [".ply", ".obj", ".glb"])
def test_vertices_keep_their_order(tmp_path, mesh, suffix):
    path = tmp_path / f"out{suffix}"
    write_mesh(path, mesh)
    back = read_mesh(path)
    np.testing.assert_allclose(back.points, mesh.points, atol=1e-6)
    np.testing.assert_array_equal(back.faces, mesh.faces)


@pytest.mark.parametrize("suffix", [".ply", ".glb"])
def test_values_per_vertex_come_back(tmp_path, mesh, suffix):
    path = tmp_path / f"out{suffix}"
    write_mesh(path, mesh)
    np.testing.assert_array_equal(read_mesh(path).arrays["distance"], mesh.arrays["distance"])


def test_points_are_no_mesh(tmp_path, mesh):
    with pytest.raises(BadInput, match=r"out\.ply.*no surface.*\.xyz"):
        write_mesh(tmp_path / "out.ply", Points(mesh.points))


def test_vertices_without_a_position_are_refused_and_the_old_file_stays(tmp_path, mesh):
    path = tmp_path / "out.obj"
    write_mesh(path, mesh)
    before = path.read_bytes()
    bad = mesh.points.copy()
    bad[3] = np.nan
    with pytest.raises(BadInput, match=r"out\.obj.*1 of 60 points have no position.*prune less"):
        write_mesh(path, Mesh(bad, mesh.faces))
    assert path.read_bytes() == before
    assert os.listdir(tmp_path) == ["out.obj"]


def test_unknown_ending_lists_the_known_ones(tmp_path, mesh):
    with pytest.raises(BadInput, match=r"out\.docx.*\.ply, \.obj, \.stl or \.glb"):
        write_mesh(tmp_path / "out.docx", mesh)


def test_missing_folder_is_answered(tmp_path, mesh):
    with pytest.raises(BadInput, match=r"nowhere"):
        write_mesh(tmp_path / "nowhere" / "out.ply", mesh)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_files_are_answered(tmp_path, suffix):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(b"\x00\x01 not a mesh" * 20)
    with pytest.raises(BadInput, match="bad"):
        read_mesh(path)


def test_missing_file_is_answered(tmp_path):
    with pytest.raises(BadInput, match=r"no file .*gone\.ply"):
        read_mesh(tmp_path / "gone.ply")


def test_arrays_with_nan_stay_out_of_glb_and_the_rest_comes_back(tmp_path):
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32)
    arrays = {"whole": np.arange(3.0, dtype=np.float32), "holed": np.array([0, np.nan, 1])}
    write_mesh(tmp_path / "a.glb", Mesh(points, np.array([[0, 1, 2]], np.int32), arrays))
    again = read_mesh(tmp_path / "a.glb")
    assert len(again.faces) == 1
    assert "holed" not in again.arrays
