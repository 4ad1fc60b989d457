"""A slab of a real CT: taken in, segmented, written on its own grid."""

from pathlib import Path

import nibabel
import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.model import ModelRef, final_stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.psp_seg.opening import open_model

SLAB = Path(__file__).parents[3] / "shared/data/volumes/example_ct_sm.nii.gz"
pytestmark = pytest.mark.skipif(not SLAB.is_file(), reason="the real CT is not here")


@pytest.fixture(scope="module")
def opened():
    model = open_model(ModelRef("psp_seg", "bundled", device="cpu"))
    yield model, model.open_sample(SLAB)
    model.close()


def test_what_was_assumed_is_said(opened):
    model, sample = opened
    said = " ".join(sample.notices)
    assert "Resampled from voxels of 3 x 3 x 3 mm to the 4.5 mm" in said
    for word in ("offset", "unlike a CT", "wrong way round"):
        assert word not in said
    assert "do not trust it" in model.note or "no measured scan" in model.note or model.note
    patient, file = model.patient(sample.id), nibabel.load(SLAB)
    assert patient.own_shape == file.shape
    assert np.allclose(patient.own_affine, file.affine, atol=1e-4)
    assert patient.volume.min() < -1000 < 300 < patient.volume.max()


@pytest.mark.parametrize("branches", [24, 12])
def test_a_label_map_lies_on_the_grid_of_the_slab(opened, tmp_path, branches):
    model, sample = opened
    applied = model.apply(Plan().with_value(model.left, branches))
    stage = final_stage(model, applied, sample.id, Query(), NEVER)
    path = tmp_path / "found.nii.gz"
    model.export_result(stage.scene, "labels", path, {})
    ours, file = nibabel.load(path), nibabel.load(SLAB)
    assert ours.shape == file.shape
    assert np.allclose(ours.affine, file.affine, atol=1e-4)
    values, density = np.asarray(ours.dataobj), np.asarray(file.dataobj)
    assert values.dtype == np.uint8
    assert set(np.unique(values)) <= set(range(len(model.classes)))
    organ = values > 0
    assert 0.01 < organ.mean() < 0.5
    assert np.median(density[organ]) > -50  # tissue, not air or lung
    shown = stage.scene.layer("labels").data
    ml = (shown.values > 0).sum() * abs(np.linalg.det(shown.affine[:3, :3]))
    assert organ.sum() * 27.0 == pytest.approx(ml, rel=0.1)


def test_fewer_branches_change_it_and_all_of_them_give_the_same_again(opened):
    model, sample = opened

    def labels(branches):
        applied = model.apply(Plan().with_value(model.left, branches))
        scene = final_stage(model, applied, sample.id, Query(), NEVER).scene
        return scene.layer("labels").data.values

    full = labels(24).copy()
    assert not np.array_equal(labels(12), full)
    assert np.array_equal(labels(24), full)
