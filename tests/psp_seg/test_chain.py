"""What is written from the command line is taken in again: by the program, and by others."""

import json

import nibabel
import numpy as np
import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.files.meshes import read_mesh
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.tables import read_rows
from prune3d_gui.files.volumes import read_volume
from prune3d_gui.geometry.meshes import PART
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import TINY, network

AFFINE = np.diag([-SPACING, -SPACING, SPACING, 1.0])
BY = ["--criterion", "l1", "--branches", "7"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A patient of one's own, and every file that can be written of its result."""
    made = tmp_path_factory.mktemp("chain")
    weights = made / "tiny.safetensors"
    save_network(weights, network(TINY, len(CLASSES)), CLASSES, SPACING, Window(), {})
    nibabel.save(nibabel.Nifti1Image(ct((30, 28, 22)), AFFINE), made / "own.nii.gz")
    for name in ("found.nii.gz", "found.probabilities.nii.gz", "found.ply"):
        assert written(made, name) == 0
    return made


def written(folder, name, *flags):
    own = ["--weights", str(folder / "tiny.safetensors"), "--sample", str(folder / "own.nii.gz")]
    return main(["reconstruct", "psp_seg", *own, *BY, "--out", str(folder / name), *flags])


@pytest.fixture
def reference(folder):
    """The label map that was written, as the reference of its volume."""
    path = folder / "own-labels.nii.gz"
    path.write_bytes((folder / "found.nii.gz").read_bytes())
    yield path
    path.unlink()


def test_a_label_map_is_the_reference_of_its_volume_and_the_same_plan_agrees_with_it(
    folder, reference
):
    rows = folder / "rows.json"
    assert written(folder, "again.nii.gz", "--json", str(rows)) == 0
    whole, *parts = json.loads(rows.read_text())
    assert whole["dice"] == whole["nsd"] == 1
    assert whole["hd95"] == 0
    assert whole["found"] == 1
    assert whole["false"] == 0
    assert {part["part"] for part in parts} >= set(CLASSES[1:])
    one, two = (nibabel.load(folder / n) for n in ("found.nii.gz", "again.nii.gz"))
    assert np.array_equal(np.asarray(one.dataobj), np.asarray(two.dataobj))
    assert np.allclose(one.affine, AFFINE)


def test_its_reference_is_written_as_it_was_read(folder, reference):
    assert written(folder, "reference.nii.gz", "--result", "reference") == 0
    one, two = (nibabel.load(folder / n) for n in ("found.nii.gz", "reference.nii.gz"))
    assert np.array_equal(np.asarray(one.dataobj), np.asarray(two.dataobj))
    assert np.allclose(one.affine, two.affine)


def test_lesions_are_listed_with_where_they_are(folder, reference):
    assert written(folder, "found.csv") == 0
    rows = read_rows(folder / "found.csv")
    assert rows
    held = nibabel.load(reference)
    values, voxel = np.asarray(held.dataobj), SPACING**3 / 1000
    assert {row["state"] for row in rows} == {"found"}
    for name in {row["class"] for row in rows}:
        ml = sum(row["ml"] for row in rows if row["class"] == name)
        count = int((values == CLASSES.index(name)).sum())
        assert ml == pytest.approx(count * voxel, abs=0.001 * len(rows))
    places = np.array([[row["x_mm"], row["y_mm"], row["z_mm"]] for row in rows])
    corners = np.array([[0, 0, 0], np.array(values.shape) - 1]) @ AFFINE[:3, :3].T
    assert (places >= corners.min(axis=0) - 0.1).all()
    assert (places <= corners.max(axis=0) + 0.1).all()


def test_probabilities_are_those_of_the_label_map(folder):
    found = read_volume(folder / "found.probabilities.nii.gz")
    assert found.times == len(CLASSES)
    held = nibabel.load(folder / "found.probabilities.nii.gz")
    labels = np.asarray(nibabel.load(folder / "found.nii.gz").dataobj)
    assert (np.asarray(held.dataobj).argmax(axis=-1) == labels).mean() > 0.9999
    assert found.own_shape == labels.shape
    assert np.allclose(found.own_affine, AFFINE)


def test_surfaces_of_all_classes_are_in_one_file(folder, reference):
    assert written(folder, "reference.ply", "--result", "reference") == 0
    mesh = read_mesh(folder / "reference.ply")
    labels = np.asarray(nibabel.load(reference).dataobj)
    parts = mesh.arrays[PART]
    assert set(np.unique(parts)) == {float(number) for number in np.unique(labels) if number}
    assert len(set(np.unique(parts))) > 2
    sides = np.sort(parts[mesh.faces], axis=1)
    assert (sides[:, 0] == sides[:, 2]).all()  # no face joins two of them
    corners = np.array([[-1, -1, -1], labels.shape]) @ AFFINE[:3, :3].T
    for points in (mesh.points, read_mesh(folder / "found.ply").points):
        assert (points >= corners.min(axis=0)).all()
        assert (points <= corners.max(axis=0)).all()


@pytest.mark.parametrize("name", ["found.nii.gz", "found.probabilities.nii.gz", "found.ply"])
def test_each_says_what_it_was_made_from(folder, name):
    moment = read_moment(folder / name)
    assert moment.system == "psp_seg"
    assert moment.sample_file == "own.nii.gz"
