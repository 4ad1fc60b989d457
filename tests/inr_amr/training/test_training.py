import os
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Said
from prune3d_gui.plugins.inr_amr.data.fields import GENERATORS
from prune3d_gui.plugins.inr_amr.data.truth import GeneratedTruth, read_truth, truth_of
from prune3d_gui.plugins.inr_amr.network.domain import Slice
from prune3d_gui.plugins.inr_amr.shipped import SHIPPED, installed
from prune3d_gui.plugins.inr_amr.stored.checkpoint import load_field
from prune3d_gui.plugins.inr_amr.training.fitting import LEARNING, POINTS, Fit, Settings, score
from prune3d_gui.plugins.inr_amr.training.training import OPTIONS, train_job

SMALL = {"width": 16, "layers": 2, "batch": 256, "device": "cpu"}
BOUNDS = {"chest_relu": 30.0, "oscillation": 40.0, "chest": 33.0, "breathing": 35.5}
"""PSNR in dB that each shipped field must surpass."""


@pytest.fixture(autouse=True)
def _one_thread():
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


def run(path, cancel=None, report=lambda progress: None, **options):
    return train_job({"out": str(path)} | SMALL | options, report, cancel or CancelToken())


def stop_at(step, cancel):
    """Ask for a stop once the progress tells of `step` steps."""

    def report(progress):
        if progress.total and progress.done >= step:
            cancel.cancel()

    return report


@pytest.mark.parametrize("name", GENERATORS)
def test_a_short_training_comes_nearer_to_the_field(tmp_path, name):
    out = tmp_path / "field.safetensors"
    (row,) = run(out, field=name, steps=150)
    truth, domain = GeneratedTruth(name), GENERATORS[name].domain
    untrained = Settings(steps=1, width=16, layers=2).network(len(domain.lower))
    assert row["psnr"] > score(untrained, domain, truth).psnr + 3
    network, info = load_field(out)
    assert info.domain == domain
    assert row["psnr"] == pytest.approx(score(network, domain, truth).psnr, abs=0.01)
    assert row["parameters"] == network.parameters_count
    assert row["bytes"] == out.stat().st_size
    assert type(truth_of(info.metadata)) is GeneratedTruth
    assert list(tmp_path.iterdir()) == [out], "the checkpoint goes once the fit is complete"


@pytest.mark.parametrize(
    "options",
    [{"activation": "relu"}, {"activation": "tanh"}, {"activation": "silu", "fourier": 8},
     {"fourier": 8}],
)  # fmt: skip
def test_every_kind_of_network_learns_and_reopens(tmp_path, options):
    out = tmp_path / "field.safetensors"
    (row,) = run(out, field="oscillation", steps=300, rate=5e-3, **options)
    network, info = load_field(out)
    assert network.activation == options.get("activation", "sine")
    assert (network.features is None) == ("fourier" not in options)
    truth = GeneratedTruth("oscillation")
    assert row["psnr"] == pytest.approx(score(network, info.domain, truth).psnr, abs=0.01)
    flat = np.std(truth.values(np.random.default_rng(0).random((5000, 2))))
    assert row["rmse"] < 0.9 * flat, "better than the best constant"


def test_a_stopped_training_goes_on_to_the_very_same_network(tmp_path, monkeypatch):
    monkeypatch.setattr(Fit, "report_seconds", 0.0)
    whole, parts = tmp_path / "whole.safetensors", tmp_path / "parts.safetensors"
    run(whole, field="chest", steps=300)
    cancel = CancelToken()
    with pytest.raises(Cancelled, match="goes on"):
        run(parts, cancel, stop_at(120, cancel), field="chest", steps=300)
    assert not parts.exists()
    seen = []
    (row,) = run(parts, report=lambda p: seen.append(p.done), field="chest", steps=300)
    assert min(done for done in seen if done) > 120, "it did not begin anew"
    assert row["steps"] == 300
    one, other = load_field(whole)[0], load_field(parts)[0]
    for key, tensor in one.state_dict().items():
        assert torch.equal(tensor, other.state_dict()[key])


def test_progress_tells_the_psnr_and_rises(tmp_path, monkeypatch):
    monkeypatch.setattr(Fit, "report_seconds", 0.0)
    told = []
    run(tmp_path / "f.safetensors", report=told.append, field="oscillation", minutes=0.02)
    steps = [progress for progress in told if progress.total]
    assert all("PSNR" in progress.message for progress in steps)
    assert 0 < steps[0].done < steps[-1].done
    assert steps[0].total == 0.02


def test_progress_counts_the_scoring_that_follows(tmp_path, monkeypatch):
    monkeypatch.setattr(Fit, "report_seconds", 0.0)
    for length in ({"steps": 40}, {"minutes": 0.01}):
        told = []
        run(tmp_path / "f.safetensors", report=told.append, field="chest", **length)
        last = [progress for progress in told if progress.total][-1]
        steps = int(re.search(r"step (\d+)", last.message)[1])
        scoring = POINTS / (LEARNING * SMALL["batch"])
        assert last.done / last.total == pytest.approx(steps / (steps + scoring), rel=0.05)
        assert last.done < last.total


def test_what_was_changed_while_reading_is_said(tmp_path):
    np.save(tmp_path / "grey.npy", np.arange(5 * 6 * 7, dtype=np.int16).reshape(5, 6, 7))
    expected = read_truth(tmp_path / "grey.npy")[2]
    assert expected, "int16 is no float"
    told = []
    out = tmp_path / "f.safetensors"
    run(out, report=told.append, volume=str(tmp_path / "grey.npy"), steps=2)
    assert tuple(one.message for one in told if isinstance(one, Said)) == expected


def test_places_are_tried_out_before_the_fit(tmp_path):
    for out, words in (
        (tmp_path / "none" / "f.safetensors", "folder does not exist"),
        (tmp_path, "is a folder"),
        (tmp_path / ("x" * 256), "256 bytes"),
    ):
        with pytest.raises(BadInput, match=words):
            run(out, volume=str(tmp_path / "never read.npy"), steps=2)


@pytest.mark.skipif(os.name == "nt" or sys.platform == "darwin", reason="names are text there")
def test_names_that_are_no_text_or_very_long_are_written(tmp_path):
    volume = Path(os.fsdecode(os.fsencode(tmp_path) + b"/caf\xe9.npy"))
    np.save(volume, np.random.default_rng(0).random((5, 6, 7)).astype(np.float32))
    out = tmp_path / ("ж" * 121 + ".safetensors")
    run(out, volume=str(volume), steps=2)
    assert len(list(tmp_path.iterdir())) == 2
    _, info = load_field(out)
    assert "caf\\udce9.npy" in info.metadata["note"]
    run(Path(os.fsdecode(os.fsencode(tmp_path) + b"/f\xe9.st")), volume=str(volume), steps=2)
    (named,) = tmp_path.glob("f*.st")
    assert os.fsencode(named.name) == b"f\xe9.st"
    again = load_field(named)[1]
    assert (again.domain, again.metadata["note"]) == (info.domain, info.metadata["note"])


def test_a_checkpoint_of_another_training_is_refused_and_kept(tmp_path):
    out, cancel = tmp_path / "f.safetensors", CancelToken()
    cancel.cancel()
    with pytest.raises(Cancelled):
        run(out, cancel, field="chest", steps=10)
    state = tmp_path / "f.safetensors.training.pt"
    before = state.read_bytes()
    with pytest.raises(BadInput, match="another width"):
        run(out, field="chest", steps=10, width=8)
    assert state.read_bytes() == before
    state.write_bytes(b"no checkpoint")
    with pytest.raises(BadInput, match="not a checkpoint"):
        run(out, field="chest", steps=10)


@pytest.mark.parametrize(
    ("options", "word"),
    [
        ({}, "exactly one"),
        ({"field": "chest", "volume": "a.npy"}, "exactly one"),
        ({"field": "liver"}, "'liver'"),
        ({"field": "chest", "activation": "cosine"}, "'cosine'"),
        ({"field": "chest", "width": 0}, "width of 0"),
        ({"field": "chest", "steps": -1}, "-1 steps"),
        ({"field": "chest", "minutes": 1.0, "steps": 5}, "one of the two"),
        ({"field": "chest", "omega": 0.0}, "omega of 0"),
        ({"field": "chest", "device": "abacus"}, "'abacus'"),
        ({"field": "chest", "out": ""}, "--out"),
    ],
)
def test_options_that_make_no_training_are_refused_in_a_sentence(tmp_path, options, word):
    with pytest.raises(BadInput, match=word):
        run(tmp_path / "f.safetensors", **options)


def test_a_volume_is_fitted_and_found_again(tmp_path):
    axes = np.meshgrid(*(np.linspace(-1, 1, n) for n in (9, 10, 11)), indexing="ij")
    np.save(tmp_path / "ball.npy", np.exp(-2 * sum(a**2 for a in axes)).astype(np.float32))
    out = tmp_path / "ball.safetensors"
    (row,) = run(out, volume=str(tmp_path / "ball.npy"), steps=600, omega=10.0, rate=3e-3)
    assert row["psnr"] > 25
    network, info = load_field(out)
    centre = Slice(network, info.domain).values(np.full((1, 3), 0.5))
    assert centre[0] == pytest.approx(1, abs=0.2)
    assert truth_of(info.metadata).values(np.full((1, 3), 0.5))[0] > 0.8


def test_every_option_of_the_job_has_a_default_and_a_sentence():
    assert all(option.help.endswith(".") for option in OPTIONS)
    assert all(option.type or option.default is not None for option in OPTIONS)


@pytest.mark.parametrize(("name", "title", "file"), SHIPPED)
def test_shipped_fields_are_installed_and_near_their_reference(name, title, file):
    (field,) = (found for found in installed() if found.name == name)
    assert field.title == title
    assert field.path.name == file.rpartition("/")[2]
    assert field.path.stat().st_size < 400_000
    network, info = load_field(field.path)
    assert not info.notices
    assert info.domain == GENERATORS[info.metadata["truth"]].domain
    assert "generator" in info.metadata["trained_on"]
    assert info.metadata["command"].startswith(
        f"prune3d train inr_amr --field {info.metadata['truth']} "
    )
    found = score(network, info.domain, truth_of(info.metadata), 20_000)
    assert found.psnr > BOUNDS[name]
    assert found.psnr == pytest.approx(float(info.metadata["psnr"]), abs=0.7)
