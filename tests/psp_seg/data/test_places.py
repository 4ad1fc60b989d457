"""Where files lie: what is written on the grid of a file is there for other programs, too.

nibabel and SimpleITK read the volume and what was written of it; neither is asked by the program
for where voxels lie once a file is open.
"""

import nibabel
import numpy as np
import pytest
import SimpleITK

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import final_stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.data.patients import read_patient, with_labels
from tests.psp_seg.conftest import SPACING, ct

SHAPE, MARK = (20, 24, 18), (4, 7, 13)


def turned(degrees, axis):
    angle = np.deg2rad(degrees)
    made, (a, b) = np.eye(4), [other for other in range(3) if other != axis]
    made[a, a] = made[b, b] = np.cos(angle)
    made[b, a] = np.sin(angle)
    made[a, b] = -made[b, a]
    return made


def affine_of(sides=(SPACING,) * 3, order=(0, 1, 2), signs=(1, 1, 1)):
    """The file's axis `order[a]` runs along axis a of the world."""
    made = np.zeros((4, 4))
    for world, axis in enumerate(order):
        made[world, axis] = signs[world] * sides[axis]
    made[:, 3] = -40, 12, 7, 1
    return made


OBLIQUE = turned(20, 2) @ turned(-11, 0)
SAME_VOXELS = {
    "right-handed": affine_of(),
    "left-handed": affine_of(signs=(-1, 1, 1)),
    "LPS": affine_of(signs=(-1, -1, 1)),
    "axes in another order": affine_of(order=(2, 0, 1), signs=(1, -1, -1)),
    "oblique": OBLIQUE @ affine_of(),
    "oblique and left-handed": OBLIQUE @ affine_of(order=(1, 0, 2), signs=(1, -1, 1)),
}
OTHER_VOXELS = {
    "anisotropic": affine_of((2.25, 3.0, 9.0)),
    "anisotropic, left-handed": affine_of((3.0, 9.0, 2.25), (1, 2, 0), (1, -1, -1)),
    "anisotropic and oblique": OBLIQUE @ affine_of((9.0, 3.0, 3.0), signs=(-1, 1, 1)),
}


def marked():
    """A volume with one bright voxel, along the axes of the file."""
    values = ct(SHAPE)
    values[values > 800] = 50
    values[MARK] = 1500
    return values


@pytest.fixture
def taken(make_model, tmp_path):
    """Writes a volume by nibabel, opens it, and writes a result of it; gives what there is."""

    def make(affine, values=None):
        model, path = make_model(), tmp_path / "own.nii.gz"
        nibabel.save(nibabel.Nifti1Image(marked() if values is None else values, affine), path)
        sample = model.open_sample(path).id
        applied = model.apply(Plan().with_value(model.left, 20))
        scene = final_stage(model, applied, sample, Query(), NEVER).scene
        found, chances = tmp_path / "found.nii.gz", tmp_path / "found.probabilities.nii.gz"
        model.export_result(scene, "labels", found, {})
        model.export_result(scene, "probabilities", chances, {})
        return model.patient(sample), scene, path, found, chances

    return make


def world(affine, voxels):
    return voxels @ affine[:3, :3].T + affine[:3, 3]


def on_grid_of(layer, shape, affine):
    """Values of a label map at the voxels of another grid, the nearest ones."""
    voxels = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 3)
    there = world(np.linalg.inv(layer.affine), world(affine, voxels))
    x, y, z = (
        np.clip(np.rint(along).astype(int), 0, side - 1)
        for along, side in zip(there.T, layer.values.shape, strict=True)
    )
    return layer.values[x, y, z].reshape(shape)


@pytest.mark.parametrize("name", [*SAME_VOXELS, *OTHER_VOXELS])
def test_other_programs_find_a_voxel_of_the_label_map_where_the_volume_has_it(taken, name):
    affine = (SAME_VOXELS | OTHER_VOXELS)[name]
    *_, path, found, chances = taken(affine)
    own, map_, every = (nibabel.load(one) for one in (path, found, chances))
    assert map_.shape == own.shape == every.shape[:3]
    assert np.allclose(map_.affine, own.affine, atol=1e-4)
    assert np.allclose(every.affine, own.affine, atol=1e-4)
    assert nibabel.aff2axcodes(map_.affine) == nibabel.aff2axcodes(affine)
    assert every.shape[3] == len(CLASSES)
    theirs, ours = (SimpleITK.ReadImage(str(one)) for one in (path, found))
    assert ours.GetSize() == theirs.GetSize()
    assert ours.GetDirection() == pytest.approx(theirs.GetDirection(), abs=1e-5)
    for voxel in (MARK, (0, 0, 0), (19, 23, 17)):
        place = ours.TransformIndexToPhysicalPoint(voxel)
        assert place == pytest.approx(theirs.TransformIndexToPhysicalPoint(voxel), abs=1e-3)
        right_anterior = np.array(place) * (-1, -1, 1)
        assert right_anterior == pytest.approx(world(own.affine, np.array(voxel)), abs=1e-3)


@pytest.mark.parametrize("name", SAME_VOXELS)
def test_voxels_of_the_networks_size_lie_one_upon_the_other(taken, name):
    affine = SAME_VOXELS[name]
    patient, scene, path, found, chances = taken(affine)
    place = world(affine, np.array(MARK))
    at = np.rint(world(np.linalg.inv(patient.affine), place)).astype(int)
    assert patient.volume[tuple(at)] == 1500
    shown = scene.layer("labels").data
    held = np.asarray(nibabel.load(found).dataobj)
    assert np.array_equal(held, on_grid_of(shown, SHAPE, affine))
    every = np.asarray(nibabel.load(chances).dataobj)
    assert (every.argmax(axis=-1) == held).mean() > 0.9999
    assert every.sum(axis=-1) == pytest.approx(1, abs=1e-4)
    again = with_labels(read_patient(path, SPACING, CLASSES), found, CLASSES)
    assert np.array_equal(again.labels, shown.values)


@pytest.mark.parametrize("name", OTHER_VOXELS)
def test_resampled_ones_lie_in_the_same_place(taken, name):
    affine = OTHER_VOXELS[name]
    bulk = np.full(SHAPE, -1000, np.float32)
    bulk[3:17, 4:20, 3:15] = 60
    bulk[MARK[0] - 1 : MARK[0] + 3, 6:12, 8:14] = 1500
    patient, scene, _, found, _ = taken(affine, bulk)
    assert np.linalg.norm(patient.affine[:3, :3], axis=0) == pytest.approx(SPACING)
    middle = world(affine, np.argwhere(bulk > 1000).mean(axis=0))
    ours = world(patient.affine, np.argwhere(patient.volume > 700).mean(axis=0))
    assert ours == pytest.approx(middle, abs=SPACING / 2)
    held = np.asarray(nibabel.load(found).dataobj)
    assert (held == on_grid_of(scene.layer("labels").data, SHAPE, affine)).mean() > 0.7
    assert held.any()


def test_a_label_map_whose_axes_run_the_other_way_is_that_of_its_volume(tmp_path):
    made = np.zeros(SHAPE, np.uint8)
    made[3:9, 10:20, 5:9] = 1
    made[5, 12:15, 6:8] = 2
    image = nibabel.Nifti1Image(made, SAME_VOXELS["oblique"])
    nibabel.save(nibabel.Nifti1Image(marked(), SAME_VOXELS["oblique"]), tmp_path / "a.nii.gz")
    turn = nibabel.orientations.axcodes2ornt(("P", "S", "L"))
    back = nibabel.orientations.ornt_transform(nibabel.io_orientation(image.affine), turn)
    nibabel.save(image.as_reoriented(back), tmp_path / "l.nii.gz")
    patient = read_patient(tmp_path / "a.nii.gz", SPACING, CLASSES)
    found = with_labels(patient, tmp_path / "l.nii.gz", CLASSES)
    assert np.array_equal(found.labels, made)  # a RAS volume is not turned
