"""A small network that opens as a model, and patients in files."""

import numpy as np
import pytest

from prune3d_gui.core.cancel import NEVER
from prune3d_gui.core.registry import discover
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.data.cohort import write_cohort
from prune3d_gui.plugins.psp_seg.data.nifti import write_nifti
from prune3d_gui.plugins.psp_seg.model import SegmentModel
from prune3d_gui.plugins.psp_seg.network.checkpoint import NetworkInfo, weights_hash
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.studies.run import worker
from tests.psp_seg.network.test_network import TINY_HALF, network
from tests.psp_seg.small_window import PATIENT, VOXELS, save_small, see

SPACING = 4.5


@pytest.fixture
def make_model():
    """Models of a small network with branches that matter; its results are no organs.

    Scores of its branches come with it, as with a bundled one; `scored` leaves them out.
    """
    opened = []

    def make(size=TINY_HALF, seed=0, scored=True):
        own = network(size, len(CLASSES), seed)
        ranks = np.random.default_rng(seed).permutation(len(own.units))
        known = {"change": dict(zip(own.units, map(float, ranks), strict=True))} if scored else {}
        info = NetworkInfo("tiny", weights_hash(own), CLASSES, SPACING, Window(), {"note": "Tiny."})
        opened.append(SegmentModel(own, info, "cpu", dict, known))
        return opened[-1]

    yield make
    for model in opened:
        model.close()


def ct(shape=(20, 24, 18), seed=0):
    """Air around a body with some texture, in Hounsfield units: (X, Y, Z) float32."""
    values = np.full(shape, -1000.0, np.float32)
    values[2:-2, 2:-2, :] = np.random.default_rng(seed).normal(60, 40, shape)[2:-2, 2:-2, :]
    values[4, 4, min(4, shape[2] - 1)] = 900
    return values


@pytest.fixture
def write(tmp_path):
    """Write values as NIfTI beside the others of a test; gives the path."""

    def save(name, values, affine):
        path = tmp_path / name
        write_nifti(path, values, affine)
        return path

    return save


@pytest.fixture(scope="session")
def small_patients(tmp_path_factory):
    """A folder of three patients of 16 voxels along each side."""
    folder = tmp_path_factory.mktemp("small_patients")
    write_cohort(folder, 3, 4, VOXELS, lambda *_: None, NEVER)
    return folder


@pytest.fixture
def small_window(open_window, small_patients, tmp_path, monkeypatch, qtbot):
    """The window on a small patient and a network of 16 small branches, all out of files."""
    monkeypatch.chdir(tmp_path)
    path = tmp_path / "tiny.safetensors"
    save_small(path)
    shown = open_window(discover(), system="psp_seg", file=path, wait=False)
    qtbot.waitUntil(lambda: shown.controller.card is not None, timeout=60_000)
    see(shown, qtbot, small_patients / PATIENT)
    yield shown
    worker.forget()
