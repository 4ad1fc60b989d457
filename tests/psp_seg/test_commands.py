"""The segmenter from the command line: units, sweeps, single branches, budgets, files, reports."""

import json

import nibabel
import numpy as np
import pytest

from prune3d_gui.cli.main import main
from prune3d_gui.files.moments import read_moment
from prune3d_gui.plugins.psp_seg.classes import CLASSES
from prune3d_gui.plugins.psp_seg.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.psp_seg.network.normal import Window
from tests.psp_seg.conftest import SPACING, ct
from tests.psp_seg.network.test_network import TINY, network

BY = ["--criterion", "l1"]


@pytest.fixture
def weights(tmp_path):
    """A small network in a file: 12 branches."""
    path = tmp_path / "tiny.safetensors"
    save_network(path, network(TINY, len(CLASSES)), CLASSES, SPACING, Window(), {})
    return str(path)


def rows_of(tmp_path, command, *flags):
    out = tmp_path / "rows.json"
    assert main([command, "psp_seg", *flags, "--json", str(out)]) == 0
    return json.loads(out.read_text())


def test_units_are_branches_with_their_cells(weights, tmp_path):
    rows = rows_of(tmp_path, "units", "--weights", weights)
    assert len(rows) == 12
    assert {row["group"] for row in rows} == {"encoder.1", "bottleneck", "decoder.1"}
    assert all(row["count"] > 0 and row["macs"] > 0 for row in rows)


def test_a_sweep_walks_the_order_and_tells_parts(weights, tmp_path):
    rows = rows_of(
        tmp_path, "sweep", "--weights", weights, *BY, "--branches", "12,6,0", "--samples", "val:1"
    )
    whole = [row for row in rows if "part" not in row]
    assert [row["branches"] for row in whole] == [12, 6, 0]
    assert [row["removed"] for row in whole] == sorted(row["removed"] for row in whole)
    assert whole[0]["removed"] == 0
    assert all(0 <= row["dice"] <= 1 and row["samples"] == 1 for row in whole)
    assert {"nsd", "hd95", "found"} & set(whole[0])
    named = {row["part"] for row in rows if "part" in row}
    assert set(CLASSES[1:]) <= named


def test_every_branch_alone_goes_as_a_whole(weights, tmp_path):
    rows = rows_of(tmp_path, "sensitivity", "--weights", weights, *BY, "--samples", "patient-03")
    whole = [row for row in rows if "part" not in row]
    assert len({row["unit"] for row in whole}) == 12
    counts = {row["unit"]: row["removed"] for row in whole}
    assert all(count > 0 for count in counts.values())


def test_a_budget_is_kept(weights, tmp_path):
    rows = rows_of(
        tmp_path, "budget", "--weights", weights, *BY, "--samples", "patient-03",
        "--metric", "dice", "--threshold", "-0.5", "--held-out", "patient-04", "--uniform-only",
    )  # fmt: skip
    assert rows
    assert rows[-1]["removed"] > 0


def test_a_report_tells_classes_and_lost_lesions(weights, tmp_path):
    out = tmp_path / "report.html"
    rows = rows_of(
        tmp_path, "report", "--weights", weights, *BY, "--branches", "12,6,0", "--samples",
        "patient-03", "--pictures", "", "--out", str(out),
    )  # fmt: skip
    page = out.read_text(encoding="utf-8")
    assert all(name in page for name in CLASSES[1:])
    assert "2 |A∩B| / (|A| + |B|)" in page, "the metric is defined"
    assert [row["branches"] for row in rows if "part" not in row] == [12, 6, 0]


def test_a_network_and_a_label_map_of_ones_own_patient_are_written(weights, tmp_path, write):
    small = tmp_path / "small.safetensors"
    prune = ["prune", "psp_seg", "--weights", weights, *BY, "--branches", "5"]
    assert main([*prune, "--out", str(small)]) == 0
    opened, _ = load_network(small)
    assert len(opened.units) == 5
    affine = np.diag([3.0, 3.0, 6.0, 1.0])
    own = write("own.nii.gz", ct((30, 28, 16)), affine)
    found = tmp_path / "found.nii.gz"
    make = ["reconstruct", "psp_seg", "--weights", str(small), "--sample", str(own)]
    assert main([*make, "--out", str(found)]) == 0
    held = nibabel.load(found)
    assert held.shape == (30, 28, 16)
    assert np.allclose(held.affine, affine)
    assert read_moment(found).sample_file == "own.nii.gz"


def test_bad_input_is_one_sentence(weights, tmp_path, write, capsys):
    def said(*flags):
        assert main([*flags, "--weights", weights]) != 0
        lines = [line for line in capsys.readouterr().err.splitlines() if line.strip()]
        return lines[-1]

    assert "99" in said("sweep", "psp_seg", *BY, "--branches", "99", "--samples", "val:1")
    assert "'val:99'" in said("sweep", "psp_seg", *BY, "--samples", "val:99")
    thin = write("thin.nii.gz", ct((20, 20, 2)), np.eye(4))
    text = said(
        "reconstruct", "psp_seg", "--sample", str(thin), "--out", str(tmp_path / "a.nii.gz")
    )
    assert "at least 4 voxels" in text
    assert "X1" in said("sweep", "psp_seg", *BY, "--lock", "X1", "--samples", "val:1")
