"""Scores that outlive the window: a scene that is opened again is not scored again."""

import numpy as np
import pytest

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.files.artifacts import ArtifactStore, artifact_folder
from prune3d_gui.plugins.lp3dgs.controls import CRITERION, RATE
from prune3d_gui.plugins.lp3dgs.opening import open_model
from prune3d_gui.plugins.lp3dgs.raster import seen
from prune3d_gui.plugins.lp3dgs.scoring import kept, sensitivity, shares
from tests.lp3dgs.balls import ball, hiding, photographed

SCORES = ("largest", "total", "sensitivity")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return photographed(tmp_path_factory.mktemp("scenes") / "ball", hiding())


@pytest.fixture
def looks(monkeypatch):
    """Count the pictures that scores are made of."""
    counted = []

    def counting(*given, **more):
        counted.append(given)
        return seen.look(*given, **more)

    for module in (shares, sensitivity):
        monkeypatch.setattr(module, "look", counting)
    return counted


def ranked(path, *scores):
    """Open a scene, and give which Gaussians stay at 40 % by each score."""
    model = open_model(ModelRef("lp3dgs", "ball", str(path), "cpu"))
    model.prepare()
    plans = (Plan().with_value(RATE, 40.0).with_value(CRITERION, score) for score in scores)
    found = [model.apply(plan).token for plan in plans]
    model.close()
    return found


def known():
    return [one for one in ArtifactStore().known() if one.kind == kept.KIND]


def test_a_second_opening_makes_no_picture_for_scores(folder, looks):
    first = ranked(folder, *SCORES)
    assert looks
    assert {one.title.split(": ")[-1].split(",")[0] for one in known()} == {"shares", "sensitivity"}
    looks.clear()
    again = ranked(folder, *SCORES)
    assert looks == []
    for one, other in zip(first, again, strict=True):
        np.testing.assert_array_equal(one, other)


def test_other_gaussians_and_other_cameras_are_scored_anew(folder, looks, tmp_path):
    ranked(folder, "largest")
    looks.clear()
    ranked(folder / "scene.ply", "largest")  # cameras put round the same Gaussians
    assert looks
    looks.clear()
    ranked(photographed(tmp_path / "other", ball(200, seed=3)), "largest")
    assert looks
    assert len(known()) == 3


def test_other_code_scores_anew(folder, looks, monkeypatch):
    ranked(folder, "largest")
    looks.clear()
    monkeypatch.setattr(kept, "code_digest", lambda: "another")
    ranked(folder, "largest")
    assert looks


def test_damaged_scores_are_worked_out_again(folder, looks):
    (before,) = ranked(folder, "largest")
    (one,) = known()
    file = ArtifactStore().path(one.hash)
    data = bytearray(file.read_bytes())
    data[-3] ^= 0xFF
    file.write_bytes(data)
    looks.clear()
    (after,) = ranked(folder, "largest")
    assert looks
    np.testing.assert_array_equal(before, after)
    looks.clear()
    ranked(folder, "largest")
    assert looks == []


def test_what_is_kept_is_bounded_and_a_closed_folder_does_no_harm(folder, monkeypatch, tmp_path):
    count = 360
    ranked(folder, "largest")
    assert sum(one.bytes for one in known()) < 24 * count + 2000
    monkeypatch.setattr(kept, "ALL_BYTES", 15_000)
    ranked(photographed(tmp_path / "other", ball(300, seed=4)), "largest")
    (left,) = known()
    assert "300 Gaussians" in left.title
    monkeypatch.setattr(kept, "LARGEST_BYTES", 10)
    ranked(folder, "largest")
    assert len(known()) == 1
    monkeypatch.setattr(kept, "LARGEST_BYTES", 1 << 20)
    blocked = tmp_path / "blocked"
    blocked.write_text("a file, no folder")
    monkeypatch.setenv("PRUNE3D_ARTIFACTS", str(blocked))
    assert not artifact_folder().is_dir()
    (found,) = ranked(folder, "largest")
    assert found.sum() == count - round(0.4 * count)
