"""Points survive the way through every format, and bad files are answered in a sentence."""

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.scene.scenes import Mesh, Points
from prune3d_gui.files.points import SUFFIXES, read_points, write_points


@pytest.fixture
def cloud():
    rng = np.random.default_rng(1)
    points = rng.normal(size=(50, 3)).astype(np.float32)
    return Points(points, {"distance": rng.random(50, dtype=np.float32)})


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_points_come_back_exactly(tmp_path, cloud, suffix):
    path = tmp_path / f"out{suffix}"
    write_points(path, cloud)
    back = read_points(path)
    assert back.points.dtype == np.float32
    np.testing.assert_array_equal(back.points, cloud.points)


@pytest.mark.parametrize("suffix", [".ply", ".npz"])
def test_values_per_point_come_back(tmp_path, cloud, suffix):
    path = tmp_path / f"out{suffix}"
    write_points(path, cloud)
    np.testing.assert_array_equal(read_points(path).arrays["distance"], cloud.arrays["distance"])


def test_vertices_of_a_mesh_are_points(tmp_path, cloud):
    path = tmp_path / "out.xyz"
    write_points(path, Mesh(cloud.points, np.array([(0, 1, 2)], np.int32)))
    np.testing.assert_array_equal(read_points(path).points, cloud.points)


def test_one_point_is_enough(tmp_path):
    path = tmp_path / "one.xyz"
    write_points(path, Points(np.ones((1, 3), np.float32)))
    assert read_points(path).points.shape == (1, 3)


def test_further_columns_of_text_are_ignored(tmp_path):
    path = tmp_path / "lidar.xyz"
    path.write_text("1 2 3 255 0 0\n4 5 6 0 255 0\n")
    np.testing.assert_array_equal(read_points(path).points, [(1, 2, 3), (4, 5, 6)])


def test_points_without_a_position_are_refused(tmp_path, cloud):
    bad = cloud.points.copy()
    bad[:2] = np.inf
    with pytest.raises(BadInput, match=r"out\.ply.*2 of 50 points have no position"):
        write_points(tmp_path / "out.ply", Points(bad))
    assert not list(tmp_path.iterdir())


def test_unknown_ending_lists_the_known_ones(tmp_path, cloud):
    with pytest.raises(BadInput, match=r"out\.stl.*\.ply, \.xyz or \.npz"):
        write_points(tmp_path / "out.stl", cloud)


@pytest.mark.parametrize("suffix", SUFFIXES)
def test_damaged_files_are_answered(tmp_path, suffix):
    path = tmp_path / f"bad{suffix}"
    path.write_bytes(b"\x00\x01 no points" * 20)
    with pytest.raises(BadInput, match="bad"):
        read_points(path)


PLY = """ply
format ascii 1.0
element vertex {count}
property float x
property float y
property float z
{more}end_header
"""


def test_ends_of_edges_are_points(tmp_path):
    path = tmp_path / "edges.ply"
    edge = "element edge 1\nproperty int vertex1\nproperty int vertex2\n"
    path.write_text(PLY.format(count=2, more=edge) + "0 0 0\n1 2 3\n0 1\n")
    np.testing.assert_array_equal(read_points(path).points, [(0, 0, 0), (1, 2, 3)])


def test_a_file_without_vertices_says_so(tmp_path):
    path = tmp_path / "empty.ply"
    path.write_text(PLY.format(count=0, more=""))
    with pytest.raises(BadInput, match=r"empty\.ply' could not be read .*\(it has no vertices\)"):
        read_points(path)
