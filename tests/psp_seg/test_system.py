"""The system: what it takes and offers, that it is cheap to import, and how it refuses."""

import subprocess
import sys

import numpy as np
import pytest
from PIL import Image

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.registry import discover
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import save_network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.system import SegmentSystem
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import network


def test_it_is_found_beside_the_others():
    found = discover()
    assert found.system("psp_seg").title == "PSP-Seg"
    assert "psp_seg" not in {broken.name for broken in found.broken}
    jobs = {job.id for job in SegmentSystem().jobs()}
    assert {"data", "train", "recover", "progressive", "rank", "bench"} <= jobs


def test_it_imports_nothing_heavy():
    code = (
        "import sys, prune3d_gui.plugins.psp_seg.system\n"
        "assert not {'torch', 'scipy', 'vtkmodules', 'nibabel'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_networks_and_volumes_are_known_by_what_is_in_them(tmp_path, write):
    system = SegmentSystem()
    path = tmp_path / "net.bin"
    save_network(path, network(classes=5), CLASSES, SPACING, Window(), {})
    taken = system.recognise(path)
    assert (taken.kind, taken.sure) == ("network", True)
    assert system.open(ModelRef("psp_seg", "own", str(path), "cpu")).classes == CLASSES
    volume = system.recognise(write("ct.nii.gz", ct(), np.eye(4)))
    assert (volume.kind, volume.sure) == ("sample", True)
    picture = tmp_path / "photo.png"
    Image.fromarray(np.zeros((8, 8, 3), np.uint8)).save(picture)
    taken = system.recognise(picture)
    assert taken is None or not taken.sure
    other = tmp_path / "words.txt"
    other.write_text("no volume")
    assert system.recognise(other) is None
    assert system.recognise(tmp_path) is None


def test_what_is_no_network_is_refused(tmp_path):
    path = tmp_path / "net.safetensors"
    path.write_bytes(b"nothing")
    for given in (str(path), str(tmp_path / "missing.safetensors")):
        with pytest.raises(BadInput, match="safetensors"):
            SegmentSystem().open(ModelRef("psp_seg", "own", given, "cpu"))
    save_network(path, network(classes=5), CLASSES, SPACING, Window(), {})
    with pytest.raises(BadInput, match="'abacus' is not on this machine"):
        SegmentSystem().open(ModelRef("psp_seg", "own", str(path), "abacus"))
