import json
import shutil
from dataclasses import replace
from importlib.resources import files
from pathlib import Path

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.core.jobs import Progress
from prune3d_gui.plugins.pgn.bundled import WEIGHTS
from prune3d_gui.plugins.pgn.data.dataset import open_layout
from prune3d_gui.plugins.pgn.network.checkpoint import load_network
from prune3d_gui.plugins.pgn.network.units import encoder_units
from prune3d_gui.plugins.pgn.system import PgnSystem
from prune3d_gui.plugins.pgn.training.finetune import (
    FACTOR,
    LITERAL,
    PASSES,
    ROUNDS,
    FineTuning,
    prune_and_fine_tune,
)

SETTINGS = FineTuning(step=30, most=60, epochs=1, batch=2, points=60, validate=1, settle=1)


def run(net, small_set, out, settings=SETTINGS, **more):
    layout = open_layout(small_set)
    return prune_and_fine_tune(net, layout, out, settings, {"note": "A test."}, **more)


def progress_in(told):
    return [one for one in told if isinstance(one, Progress)]


@pytest.fixture(scope="module")
def small_net(small_weights):
    return load_network(small_weights)[0]


@pytest.fixture(scope="module")
def bundled():
    path = Path(str(files("prune3d_gui.resources").joinpath(WEIGHTS)))
    if not path.is_file():
        pytest.skip("the bundled weights are not installed")
    return path


def zeros(path, scope):
    net, _ = load_network(path)
    return sum(int((net.get_parameter(name) == 0).sum()) for name in scope)


def test_masks_hold_through_training_on_the_real_network(bundled, small_set, tmp_path):
    net, info = load_network(bundled)
    before = {name: p.clone() for name, p in net.named_parameters()}
    rows = run(net, small_set, tmp_path, replace(SETTINGS, threshold=1e6, most=30))
    assert [row["rate"] for row in rows] == [30]
    units = encoder_units(net)
    total = sum(unit.count for unit in units)
    assert [row["zeroed"] for row in rows] == [round(0.3 * total)]
    assert zeros(tmp_path / PASSES, [u.name for u in units]) == rows[-1]["zeroed"]
    assert all(row["passes"] for row in rows)
    assert not (tmp_path / LITERAL).exists()
    assert all((p == before[name]).all() for name, p in net.named_parameters())
    _, about = load_network(tmp_path / PASSES)
    assert about.hash != info.hash
    assert about.metadata["note"] == "A test."
    assert json.loads(about.metadata["rate"]) == 30


def test_the_printed_algorithm_returns_the_first_that_fails(small_net, small_set, tmp_path):
    own = run(small_net, small_set, tmp_path / "a", replace(SETTINGS, threshold=1e6))[0]
    full = own["full_chamfer_x1000"]
    tight = replace(SETTINGS, threshold=full * (1 + 1e-9), rate=10.0)
    rows = run(small_net, small_set, tmp_path / "b", tight)
    assert len(rows) == 1
    assert rows[0]["file"].endswith(LITERAL)
    assert (tmp_path / "b" / LITERAL).is_file()
    assert not (tmp_path / "b" / PASSES).exists()


def test_threshold_is_a_third_above_the_full_model_unless_given(small_net, small_set, tmp_path):
    rows = run(small_net, small_set, tmp_path, replace(SETTINGS, most=30))
    assert rows[0]["threshold"] == pytest.approx(FACTOR * rows[0]["full_chamfer_x1000"])
    assert pytest.approx(1.329, abs=1e-3) == FACTOR


def test_a_threshold_that_nothing_can_meet_is_refused_at_once(small_net, small_set, tmp_path):
    with pytest.raises(BadInput, match=r"threshold of 0\.001 is not above the full model's own"):
        run(small_net, small_set, tmp_path, replace(SETTINGS, threshold=0.001))


def test_cancel_keeps_the_last_good_network_and_resume_goes_on(small_net, small_set, tmp_path):
    settings = replace(SETTINGS, threshold=1e6)
    token = CancelToken()

    def stop_after_one(told):
        if isinstance(told, Progress) and told.row is not None:
            token.cancel()

    with pytest.raises(Cancelled):
        run(small_net, small_set, tmp_path, settings, report=stop_after_one,
            cancelled=lambda: token.cancelled)  # fmt: skip
    kept = json.loads((tmp_path / ROUNDS).read_text())["rows"]
    assert [row["round"] for row in kept] == [1]
    assert (tmp_path / PASSES).is_file()
    scope = [unit.name for unit in encoder_units(small_net)]
    assert zeros(tmp_path / PASSES, scope) == kept[0]["zeroed"]
    told = []
    rows = run(small_net, small_set, tmp_path, settings, report=told.append)
    assert [row["round"] for row in rows] == [1, 2]
    assert rows[0] == kept[0]
    assert zeros(tmp_path / PASSES, scope) == rows[1]["zeroed"] > rows[0]["zeroed"]
    assert not any(step.message.startswith("30 %") for step in progress_in(told))


def test_a_folder_of_another_run_is_refused(small_net, small_set, tmp_path):
    run(small_net, small_set, tmp_path, replace(SETTINGS, most=30, threshold=1e6))
    with pytest.raises(BadInput, match="holds a run of other settings"):
        run(small_net, small_set, tmp_path, replace(SETTINGS, most=30, threshold=2e6))


def test_progress_counts_scoring_and_is_whole_only_at_the_end(small_net, small_set, tmp_path):
    told = []
    run(small_net, small_set, tmp_path, replace(SETTINGS, threshold=1e6), report=told.append)
    steps = progress_in(told)
    done = [progress.done for progress in steps]
    assert done == sorted(done)
    assert {progress.total for progress in steps} == {steps[0].total}
    assert [progress.done == progress.total for progress in steps] == [False] * (len(steps) - 1) + [
        True
    ]


def test_rounds_that_cannot_be_read_are_refused(small_net, small_set, tmp_path):
    for content in ("{}", "[1]", "no JSON"):
        (tmp_path / ROUNDS).write_text(content)
        with pytest.raises(BadInput, match=r"rounds\.json' cannot be read as the rounds"):
            run(small_net, small_set, tmp_path)


@pytest.mark.parametrize("bad", [{"step": 0}, {"step": 101}, {"most": 0}, {"most": 150}])
def test_what_a_rate_may_be_is_said(bad):
    with pytest.raises(BadInput, match="give more than 0 and at most 100"):
        FineTuning(**bad)


@pytest.mark.parametrize("bad", [{"step": 0}, {"step": -5}, {"epochs": -1}, {"threshold": -1}])
def test_bad_settings_are_quoted(bad):
    with pytest.raises(BadInput, match=str(next(iter(bad.values())))):
        FineTuning(**bad)


def test_the_job_streams_a_row_per_round(small_weights, small_set, tmp_path):
    job = next(j for j in PgnSystem().jobs() if j.id == "finetune")
    options = {option.name: option.default for option in job.options}
    options |= {"data": str(small_set), "weights": str(small_weights), "out": str(tmp_path / "run"),
                "step": 50.0, "most": 50.0, "epochs": 0.0, "threshold": 1e6,
                "device": "cpu"}  # fmt: skip
    told = []
    rows = job.run(options, told.append, CancelToken())
    assert [step.row for step in progress_in(told) if step.row] == rows
    assert rows[0]["chamfer_x1000"] == rows[0]["one_shot_chamfer_x1000"]
    shutil.rmtree(tmp_path / "run")
