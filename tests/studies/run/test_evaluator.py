import os
import signal
import time
from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput, Cancelled, Prune3DError
from prune3d_gui.core.plan.plans import Plan
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.studies.ask.answers import Moved, RowFound
from prune3d_gui.studies.ask.questions import Case
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers

from ..conftest import plain

MANY = tuple(round(0.01 * n, 2) for n in range(1, 41))


@pytest.fixture
def here():
    workers = LocalWorkers(here=True)
    yield workers
    workers.close()


@pytest.fixture
def two():
    workers = LocalWorkers(2)
    yield workers
    workers.close()


def memory():
    return ResultCache(memory=True)


def test_rows_do_not_depend_on_workers_or_chunks(study, evaluator, here, two):
    asked = study(tolerances=MANY, scope=("all", "detail"))
    got = [
        evaluator(asked, workers, memory()).rows(asked.cases, asked.samples)
        for workers in (here, two)
    ]
    assert got[0] == got[1]
    assert [row["tolerance"] for row in got[0]] == [
        dict(c.values)["tolerance"] for c in asked.cases
    ]
    some = asked.cases[7:9]
    assert evaluator(asked, here, memory()).rows(some, asked.samples) == got[0][7:9]


def test_results_are_in_the_cache_before_they_are_given(study, evaluator, here, own_cache):
    asked = study()
    other = ResultCache(own_cache)
    second = evaluator(asked, here, other)
    for number, sample, outcome, cached in evaluator(asked, here).measure(
        asked.cases, asked.samples
    ):
        assert not cached
        found = list(second.measure(asked.cases[number : number + 1], (sample,)))
        assert found == [(0, sample, outcome, True)]
    other.close()


def test_a_second_run_comes_from_the_cache(study, evaluator, two):
    asked = study(tolerances=MANY)
    first = sorted(evaluator(asked, two).measure(asked.cases, asked.samples), key=place)
    workers = Forbidden()
    again = sorted(evaluator(asked, workers).measure(asked.cases, asked.samples), key=place)
    assert all(cached for *_, cached in again)
    assert [found[:3] for found in first] == [found[:3] for found in again]


class Forbidden:
    """Workers that must not be asked."""

    count, title = 1, "nowhere"

    def submit(self, chunk):
        raise AssertionError(chunk)


def place(found):
    return found[:2]


@pytest.mark.parametrize(
    "change",
    [
        lambda e: Evaluator(replace(e.network, weights_hash="other"), *parts(e)),
        lambda e: Evaluator(on(e.network, "cuda"), *parts(e)),
        lambda e: Evaluator(e.network, (Metric("l2", "", "lower", "Another."),), *parts(e)[1:]),
        lambda e: Evaluator(e.network, *parts(e), {"s0": b"x", "s1": b"y", "s2": b"z"}),
    ],
    ids=["weights", "device", "metric", "sample"],
)
def test_what_a_result_depends_on_is_in_its_key(study, evaluator, here, change):
    asked = study()
    first = evaluator(asked, here)
    case = asked.cases[0]
    changed = change(first)
    keys = {(e.case_key(case), e.sample_key("s0")) for e in (first, changed)}
    assert len(keys) == 2
    same = evaluator(replace(asked, network=on(asked.network, "cpu:0")), here)
    assert same.case_key(case) == first.case_key(case)
    assert first.case_key(asked.cases[1]) != first.case_key(case)


def test_results_do_not_outlive_the_code_they_came_from(study, evaluator, here, plugins):
    asked = study()
    before = evaluator(asked, here).case_key(asked.cases[0])
    with open(plugins / "toy.py", "a") as file:
        file.write("\n# changed\n")
    assert evaluator(asked, here).case_key(asked.cases[0]) != before


def parts(e):
    return e.metrics, e.workers, e.cache, e.cancel


def on(network, device):
    return replace(network, ref=replace(network.ref, device=device))


def test_cancel_keeps_what_was_found_and_resume_does_the_rest(study, evaluator, two):
    asked = study("slow", tolerances=MANY)
    first = evaluator(asked, two)
    found = until_cancelled(first, asked, 10)
    assert 10 <= len(found) < 120
    again = list(evaluator(asked, two).measure(asked.cases, asked.samples))
    assert len(again) == 120
    cached = {f[:2] for f in again if f[3]}
    assert cached == {f[:2] for f in found}
    assert list(evaluator(asked, two).measure(asked.cases, asked.samples)) == sorted(
        [(*f[:3], True) for f in again], key=place
    )


def test_cancel_before_the_start_still_gives_what_is_cached(study, evaluator, here):
    asked = study()
    list(evaluator(asked, here).measure(asked.cases[:1], asked.samples))
    stopped = evaluator(asked, here)
    stopped.cancel.cancel()
    assert len(until_cancelled(stopped, asked)) == 3


def until_cancelled(evaluator, asked, after=None):
    """What a study gives until it is cancelled, which happens `after` so many results."""
    found = []
    try:
        for result in evaluator.measure(asked.cases, asked.samples):
            found.append(result)
            if len(found) == after:
                evaluator.cancel.cancel()
    except Cancelled:
        return found
    raise AssertionError("it was not cancelled")


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_killing_a_worker_mid_study_loses_nothing(study, evaluator, two, here):
    asked = study("slow", tolerances=MANY)
    wanted = evaluator(asked, here, memory()).rows(asked.cases, asked.samples)
    found, killed = {}, []
    for case, sample, outcome, _ in evaluator(asked, two, memory()).measure(
        asked.cases, asked.samples
    ):
        assert (case, sample) not in found
        found[case, sample] = outcome
        if len(found) in (6, 30):
            killed += two.processes[:1]
            os.kill(killed[-1], signal.SIGKILL)
    assert len(killed) == 2
    assert len(found) == 120
    assert [found[n, "s0"].values["l2"] for n in range(40)] == [
        outcome.values["l2"]
        for _, _, outcome, _ in sorted(
            evaluator(asked, here, memory()).measure(asked.cases, ("s0",)), key=place
        )
    ]
    assert len(wanted) == 40


def test_a_failing_case_fails_the_study_and_the_rest_is_kept(study, evaluator, here):
    asked = study("failing", tolerances=(0.01, 0.1, 0.2, 0.5))
    with pytest.raises(Prune3DError, match=r"tolerance 0\.5"):
        list(evaluator(asked, here).measure(asked.cases, asked.samples))
    kept = list(evaluator(asked, here).measure(asked.cases[:3], asked.samples))
    assert any(cached for *_, cached in kept)


@pytest.mark.parametrize("folder", ["kept", None])
def test_nan_is_kept_and_never_averaged_away(study, evaluator, here, folder):
    asked = study("blind", tolerances=(0.001, 0.5))
    for _ in range(2):
        rows = evaluator(asked, here, None if folder else memory()).rows(asked.cases, asked.samples)
        for row in rows:
            assert np.isnan([row["peak"], row["peak_low"], row["peak_high"]]).all()
            pruned = row["zeroed"] > 0
            assert np.isfinite(row["l2"]) == pruned
            assert row["against"] == ("full" if pruned else "itself")


def test_an_empty_set_is_refused_at_once(study, evaluator):
    asked = study()
    with pytest.raises(BadInput, match="set of samples is empty"):
        next(evaluator(asked, Forbidden()).measure(asked.cases, ()))
    with pytest.raises(BadInput, match="nothing to measure"):
        next(evaluator(asked, Forbidden()).measure((), ("s0",)))


def test_a_cache_that_cannot_be_written_stops_nothing(study, evaluator, here, tmp_path):
    (tmp_path / "file").write_text("")
    asked = study()
    cache = ResultCache(tmp_path / "file")
    rows = evaluator(asked, here, cache).rows(asked.cases, asked.samples)
    assert "cannot be used" in cache.trouble()
    again = evaluator(asked, Forbidden(), cache)
    assert again.rows(asked.cases, asked.samples) == rows


def test_own_samples_reach_workers_as_packs(study, evaluator, two):
    asked = study("packed", samples=("own:1", "own:2"))
    packs = {"own:1": b"own:1", "own:2": b"own:2"}
    got = evaluator(asked, two, packs=packs).rows(asked.cases, asked.samples)
    bundled = evaluator(asked, two).rows(asked.cases, ("s1", "s2"))
    assert got == bundled


def test_timed_runs_are_of_the_first_sample_and_cached_apart(study, evaluator, here):
    asked = study(samples=("s1", "s0"))
    plain_run = list(evaluator(asked, here).measure(asked.cases, asked.samples))
    timed = sorted(evaluator(asked, here).measure(asked.cases, asked.samples, 2), key=place)
    assert [(f[1], len(f[2].times), f[3]) for f in timed] == [("s0", 0, True), ("s1", 2, False)] * 3
    assert all(not f[2].times for f in plain_run)
    again = evaluator(asked, Forbidden())
    assert sorted(again.measure(asked.cases, asked.samples, 2), key=place) == [
        (*f[:3], True) for f in timed
    ]


def test_held_workers_hold_a_study(study, evaluator, two):
    asked = study(tolerances=MANY)
    results = evaluator(asked, two).measure(asked.cases, asked.samples)
    next(results)
    two.hold(True)
    stopped = evaluator(asked, two)
    results.close()
    before = time.monotonic()
    stopped.cancel.cancel()
    with pytest.raises(Cancelled):
        list(stopped.measure(asked.cases, asked.samples))
    assert time.monotonic() - before < 30
    two.hold(False)
    assert len(list(evaluator(asked, two).measure(asked.cases, asked.samples))) == 120


def test_a_study_answers_with_rows_and_how_far_it_is(study, evaluator, here):
    asked = study(tolerances=MANY)
    answers = list(asked.answer(evaluator(asked, here)))
    rows = [answer for answer in answers if isinstance(answer, RowFound)]
    moves = [answer for answer in answers if isinstance(answer, Moved)]
    assert {id(row.case) for row in rows} == {id(case) for case in asked.cases}
    by_case = {id(row.case): row.row for row in rows}
    assert [by_case[id(c)] for c in asked.cases] == evaluator(asked, here).rows(
        asked.cases, asked.samples
    )
    assert (moves[0].done, moves[-1].done, moves[-1].total) == (0, 120, 120)
    assert (moves[-1].cached, moves[-1].seconds_left) == (0, 0.0)
    again = [a for a in asked.answer(evaluator(asked, Forbidden())) if isinstance(a, Moved)]
    assert again[-1].cached == 120


def test_a_row_has_interval_floor_samples_and_seed(study, evaluator, here):
    asked = study()
    row = evaluator(asked, here).rows(asked.cases[1:2], asked.samples)[0]
    assert row["l2_low"] < row["l2"] < row["l2_high"]
    assert row["l2_floor"] == pytest.approx(0.01)
    assert "peak_floor" not in row
    assert (row["samples"], row["seed"]) == (3, 0)
    assert plain([row]) == [row]


def test_cases_without_columns_are_measured_too(study, evaluator, here):
    asked = study()
    bare = tuple(Case(Plan().with_rate("low", rate), asked.cases[0].query, ()) for rate in (0, 1))
    rows = evaluator(asked, here).rows(bare, asked.samples)
    assert [row["unit_rates"] for row in rows] == ["low=0", "low=1"]
    assert rows[0]["zeroed"] < rows[1]["zeroed"]
