"""Files that are taken away: smaller networks, label maps, probabilities, lesions."""

import nibabel
import numpy as np
import onnxruntime
import pytest
import torch

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.moment import Moment
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.affines import along_axes
from prune3d_gui.files.moments import read_moment
from prune3d_gui.files.tables import read_rows
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import TINY, TINY_HALF, image

MOMENT = Moment("psp_seg", "Tiny", sample="patient-00", role="pruned")
Q = Query()


def pruned(model, left):
    return model.apply(Plan().with_value(model.left, left))


def result(model, sample, left=20):
    applied = pruned(model, left)
    *_, stage = model.reconstruct(applied, sample, Q, "full", NEVER)
    return stage.scene


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
@pytest.mark.parametrize("left", [0, 9, None])
def test_a_smaller_network_is_what_the_masked_one_gives(make_model, tmp_path, size, left):
    model = make_model(size)
    left = len(model.units) if left is None else left
    applied = pruned(model, left)
    path = tmp_path / "small.safetensors"
    said = model.export(applied, "safetensors", path, MOMENT.as_fields())
    opened, info = load_network(path)
    model.network.mask(applied.token)
    assert torch.equal(opened(image()), model.network(image()))
    assert len(opened.units) == left
    assert sum(p.numel() for p in opened.parameters()) == applied.footprint.bytes // 4
    assert info.classes == CLASSES
    assert "the same weights bit for bit" in " ".join(said)
    assert read_moment(path) == MOMENT


def test_fp16_is_half_as_large_and_says_how_far_off(make_model, tmp_path):
    model = make_model()
    applied = pruned(model, 20)
    whole, half = tmp_path / "a.safetensors", tmp_path / "b.fp16.safetensors"
    model.export(applied, "safetensors", whole, {})
    said = model.export(applied, "fp16", half, MOMENT.as_fields())
    assert "rounded to fp16" in " ".join(said)
    header = int.from_bytes(half.read_bytes()[:8], "little")
    other = int.from_bytes(whole.read_bytes()[:8], "little")
    assert half.stat().st_size - 8 - header == (whole.stat().st_size - 8 - other) // 2
    assert read_moment(half) == MOMENT


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
@pytest.mark.parametrize("left", [0, 8])
def test_onnxruntime_gives_what_the_network_gives(make_model, tmp_path, size, left):
    model = make_model(size)
    applied = pruned(model, left)
    path = tmp_path / "net.onnx"
    said = model.export(applied, "onnx", path, MOMENT.as_fields())
    assert "onnxruntime" in " ".join(said)
    session = onnxruntime.InferenceSession(path.read_bytes(), providers=["CPUExecutionProvider"])
    (given,) = session.get_inputs()
    model.network.mask(applied.token)
    for shape in ((16, 16, 24), (32, 16, 16)):
        volume = 40 + 300 * image(shape=shape)  # Hounsfield units, some beyond the window
        (found,) = session.run(["logits"], {given.name: volume.numpy()})
        own = model.network(model.info.window.seen(volume)).numpy()
        assert np.abs(found - own).max() < 1e-4
    assert read_moment(path) == MOMENT


def test_an_unknown_format_is_refused(make_model, tmp_path):
    model = make_model()
    with pytest.raises(BadInput, match="'gguf'"):
        model.export(pruned(model, 5), "gguf", tmp_path / "a", {})
    with pytest.raises(BadInput, match="'gguf'"):
        model.export_result(result(model, "patient-00"), "gguf", tmp_path / "a", {})
    assert not list(tmp_path.glob("a*"))


def test_a_label_map_lies_where_the_patient_lies(make_model, tmp_path):
    model = make_model()
    scene = result(model, "patient-00")
    path = tmp_path / "labels.nii.gz"
    model.export_result(scene, "labels", path, MOMENT.as_fields())
    held, shown = nibabel.load(path), scene.layer("labels").data
    assert np.array_equal(np.asarray(held.dataobj), shown.values)
    assert np.allclose(held.affine, shown.affine)
    assert held.header.get_xyzt_units()[0] == "mm"
    assert read_moment(path) == MOMENT


def test_probabilities_are_written_class_by_class(make_model, tmp_path):
    model = make_model()
    scene = result(model, "patient-00")
    path = tmp_path / "a.probabilities.nii.gz"
    model.export_result(scene, "probabilities", path, MOMENT.as_fields())
    held = np.asarray(nibabel.load(path).dataobj)
    shown = scene.layer("labels").data
    assert held.shape == (*shown.values.shape, len(CLASSES))
    assert held.sum(axis=-1) == pytest.approx(1, abs=1e-4)
    agree = held.argmax(axis=-1) == shown.values
    assert agree.mean() > 0.9999
    reference = model.reference("patient-00", Q)
    with pytest.raises(BadInput, match="A reference has no probabilities"):
        model.export_result(reference, "probabilities", tmp_path / "b.nii.gz", {})


def test_results_of_a_resampled_patient_are_on_its_own_grid(make_model, tmp_path, write):
    model = make_model()
    affine = along_axes((2.25, 2.25, 9.0), (3.0, -4.0, 5.0))
    affine[:, 0] *= -1
    values = ct((40, 48, 12))
    sample = model.open_sample(write("own.nii.gz", values, affine))
    scene = result(model, sample.id)
    path = tmp_path / "own-found.nii.gz"
    model.export_result(scene, "labels", path, {})
    held = nibabel.load(path)
    assert held.shape == values.shape
    shown = scene.layer("labels").data
    assert np.linalg.norm(shown.affine[:3, :3], axis=0) == pytest.approx(SPACING)
    corners = np.array([[0, 0, 0], [39, 47, 11]])
    ours = [held.affine[:3, :3] @ c + held.affine[:3, 3] for c in corners]
    theirs = [affine[:3, :3] @ c + affine[:3, 3] for c in corners]
    assert np.min(ours, axis=0) == pytest.approx(np.min(theirs, axis=0), abs=1e-3)
    assert np.max(ours, axis=0) == pytest.approx(np.max(theirs, axis=0), abs=1e-3)
    ml = (shown.values > 0).sum() * SPACING**3
    assert (np.asarray(held.dataobj) > 0).sum() * 2.25 * 2.25 * 9 == pytest.approx(ml, rel=0.25)


def test_the_lesion_table_tells_found_missed_and_false(make_model, tmp_path):
    model = make_model()
    reference = model.reference("patient-00", Q)
    path = tmp_path / "lesions.csv"
    model.export_result(reference, "lesions", path, MOMENT.as_fields())
    rows = read_rows(path)
    held = reference.layer("labels").data.values
    assert {row["class"] for row in rows} <= {"liver tumour", "kidney tumour"}
    total = sum(row["ml"] for row in rows)
    tumours = np.isin(held, (2, 4)).sum() * SPACING**3 / 1000
    assert total == pytest.approx(tumours, rel=0.01)
    assert read_moment(path) == MOMENT
    assert {row["state"] for row in rows} == {"found"}
    model.export_result(result(model, "patient-00", 0), "lesions", path, {})
    states = {row["state"] for row in read_rows(path)}
    assert states <= {"found", "missed", "false"}
    assert states & {"missed", "false"}  # a network of chance
