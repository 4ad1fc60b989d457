"""Cohorts as folders: written, read back, gone on with, and refused with a sentence."""

import json

import nibabel
import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.psp_seg.data.cohort import FACTS, procedural, read_cohort, write_cohort
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.training.batches import SHIFT, batch_of


def write(folder, patients=2, seed=7, size=16, report=lambda told: None, cancel=NEVER):
    write_cohort(folder, patients, seed, size, report, cancel)
    return folder


def test_what_is_written_is_read_back(tmp_path):
    found = read_cohort(write(tmp_path / "own"))
    made = procedural(2, 7, size=16)
    assert found.names == made.names == ("patient-0000", "patient-0001")
    assert np.array_equal(found.volumes, made.volumes)
    assert np.array_equal(found.labels, made.labels)
    assert np.allclose(found.affine, made.affine)
    assert found.told == made.told


def test_other_programs_read_it_with_its_place(tmp_path):
    write(tmp_path)
    image = nibabel.load(tmp_path / "patient-0001.nii.gz")
    made = procedural(2, 7, size=16)
    assert np.array_equal(np.asarray(image.dataobj), made.volumes[1])
    assert np.allclose(image.affine, made.affine)
    assert np.allclose(image.get_qform(), image.get_sform())
    assert nibabel.aff2axcodes(image.affine) == ("R", "A", "S")
    assert image.header.get_xyzt_units()[0] == "mm"


def test_equal_patients_are_equal_files(tmp_path):
    one, other = write(tmp_path / "a"), write(tmp_path / "b")
    for file in sorted(one.iterdir()):
        assert file.read_bytes() == (other / file.name).read_bytes()


def test_fewer_are_read_where_fewer_are_wanted(tmp_path):
    assert len(read_cohort(write(tmp_path), most=1).names) == 1


def test_a_stopped_one_goes_on_and_leaves_what_is_there(tmp_path):
    cancel = CancelToken()
    with pytest.raises(Cancelled):
        write(tmp_path, 3, report=lambda told: cancel.cancel(), cancel=cancel)
    first = tmp_path / "patient-0000.nii.gz"
    date = first.stat().st_mtime_ns
    assert not (tmp_path / FACTS).exists()
    write(tmp_path, 3)
    assert first.stat().st_mtime_ns == date
    assert len(read_cohort(tmp_path).names) == 3


def test_another_cohort_in_the_folder_is_refused(tmp_path):
    write(tmp_path)
    with pytest.raises(BadInput, match="holds another cohort, of seed 7"):
        write(tmp_path, seed=8)


def test_a_folder_without_a_cohort_is_said(tmp_path):
    with pytest.raises(BadInput, match="is no folder of patients"):
        read_cohort(tmp_path)
    (tmp_path / FACTS).write_text("{}")
    with pytest.raises(BadInput, match="is no folder of patients"):
        read_cohort(tmp_path)


def test_a_patient_that_is_missing_is_said(tmp_path):
    write(tmp_path)
    (tmp_path / "patient-0001-labels.nii.gz").unlink()
    with pytest.raises(BadInput, match="patient-0001-labels"):
        read_cohort(tmp_path)


@pytest.mark.parametrize("facts", ["[]", "nothing", '{"seed": 1, "size": "x"}', '{"seed": 1}'])
def test_damaged_facts_are_said(tmp_path, facts):
    write(tmp_path, 1)
    (tmp_path / FACTS).write_text(facts)
    with pytest.raises(BadInput, match="is no folder of patients"):
        read_cohort(tmp_path)


def test_facts_say_what_the_cohort_is(tmp_path):
    told = json.loads((write(tmp_path) / FACTS).read_text())
    assert (told["patients"], told["seed"], told["size"]) == (2, 7, 16)
    assert told["classes"][1] == "liver"


# -- batches ---------------------------------------------------------------------------


def test_a_batch_depends_on_its_step_alone():
    cohort = procedural(3, 7, size=16)
    first = batch_of(cohort, 2, 0, 5, Window())
    batch_of(cohort, 2, 0, 4, Window())
    again = batch_of(cohort, 2, 0, 5, Window())
    assert all((a == b).all() for a, b in zip(first, again, strict=True))
    assert not (first[0] == batch_of(cohort, 2, 1, 5, Window())[0]).all()


def test_every_patient_comes_once_in_each_pass():
    cohort = procedural(4, 7, size=24)
    seen = []
    for step in range(2):
        labels = batch_of(cohort, 2, 0, step, Window())[1].numpy()
        inner = slice(SHIFT, -SHIFT)
        for one in labels:
            core = one[inner, inner, inner]
            found = [
                number
                for number in range(4)
                for x in range(-SHIFT, SHIFT + 1)
                for y in range(-SHIFT, SHIFT + 1)
                for z in range(-SHIFT, SHIFT + 1)
                if np.array_equal(
                    core,
                    cohort.labels[number][
                        SHIFT - x : 24 - SHIFT - x,
                        SHIFT - y : 24 - SHIFT - y,
                        SHIFT - z : 24 - SHIFT - z,
                    ],
                )
            ]
            assert found
            seen += set(found)
    assert sorted(seen) == [0, 1, 2, 3]


def test_volume_and_labels_move_together_and_left_stays_left():
    cohort = procedural(1, 7, size=32)
    for step in range(6):
        image, labels = batch_of(cohort, 1, 0, step, Window())
        assert image.shape == (1, 1, 32, 32, 32)
        assert labels.shape == (1, 32, 32, 32)
        liver = labels[0] == 1
        seen = image[0, 0][liver].median()
        assert 0.2 < float(seen) < 0.7  # 80 to 180 HU in the window
        before = np.argwhere(cohort.labels[0] == 1)[:, 0].mean()
        assert abs(float(liver.nonzero()[:, 0].float().mean()) - before) < SHIFT + 0.1
