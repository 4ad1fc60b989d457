import os
import signal
import threading
from concurrent.futures import CancelledError, wait
from contextlib import suppress

import pytest

from prune3d_gui.core.errors import Cancelled, Prune3DError
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.run.workers import Chunk


@pytest.fixture
def open_workers():
    made = []

    def make(*given, **options):
        made.append(LocalWorkers(*given, **options))
        return made[-1]

    yield make
    for workers in made:
        workers.close()


def pieces(study):
    return [Chunk(study.network, (case,), study.samples) for case in study.cases]


def values(found):
    return [(number, sample, dict(outcome.values)) for number, sample, outcome in found]


def test_one_two_and_here_give_the_same(study, open_workers):
    asked = pieces(study())
    answers = []
    for workers in (open_workers(1), open_workers(2), open_workers(here=True)):
        futures = [workers.submit(chunk) for chunk in asked]
        answers.append([values(future.result(60)) for future in futures])
    assert answers[0] == answers[1] == answers[2]
    assert len(answers[0][0]) == 3


def test_processes_start_with_work_and_end_with_close(study, open_workers):
    workers = open_workers(2)
    assert workers.processes == ()
    workers.submit(pieces(study())[0]).result(60)
    (pid,) = workers.processes
    workers.close()
    assert workers.processes == ()
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    with pytest.raises(Prune3DError, match="closed"):
        workers.submit(pieces(study())[0])


@pytest.mark.skipif(not hasattr(os, "getpriority"), reason="priorities are POSIX")
def test_processes_have_the_lowest_priority_and_leave_ctrl_c_alone(study, open_workers):
    workers = open_workers(1)
    (first, second, _) = pieces(study())
    workers.submit(first).result(60)
    (pid,) = workers.processes
    assert os.getpriority(os.PRIO_PROCESS, pid) == 19
    os.kill(pid, signal.SIGINT)
    workers.submit(second).result(60)
    assert workers.processes == (pid,)


@pytest.mark.skipif(os.name == "nt", reason="signals are POSIX")
def test_a_killed_process_loses_nothing(study, open_workers):
    asked = study("slow", tolerances=tuple(0.01 * n for n in range(1, 21)))
    workers = open_workers(1)
    first = workers.submit(Chunk(asked.network, asked.cases[:1], asked.samples))
    rest = workers.submit(Chunk(asked.network, asked.cases, asked.samples))
    first.result(60)
    (pid,) = workers.processes
    os.kill(pid, signal.SIGKILL)
    assert len(rest.result(60)) == 60
    assert workers.processes not in ((), (pid,))


def dying(monkeypatch, tmp_path, most):
    deaths = tmp_path / "deaths"
    deaths.write_text("")
    monkeypatch.setenv("TOY_DEATHS", str(deaths))
    monkeypatch.setenv("TOY_MOST", str(most))
    return deaths


def test_a_chunk_that_kills_once_is_done_again(study, open_workers, monkeypatch, tmp_path):
    deaths = dying(monkeypatch, tmp_path, 1)
    workers = open_workers(2)
    found = [workers.submit(chunk) for chunk in pieces(study("frail"))]
    assert all(len(future.result(60)) == 3 for future in found)
    assert deaths.read_text() == "x"


def test_a_chunk_that_kills_twice_fails_alone(study, open_workers, monkeypatch, tmp_path):
    deaths = dying(monkeypatch, tmp_path, 99)
    workers = open_workers(2)
    *good, bad = (workers.submit(chunk) for chunk in pieces(study("frail")))
    with pytest.raises(Prune3DError, match=r"ended 2 times on the same work \(exit code 7\)"):
        bad.result(60)
    assert all(len(future.result(60)) == 3 for future in good)
    assert deaths.read_text() == "xx"


@pytest.mark.parametrize("here", [True, False])
def test_what_fails_is_told_in_words(study, open_workers, here):
    workers = open_workers(1, here=here)
    *good, bad = (workers.submit(chunk) for chunk in pieces(study("failing")))
    with pytest.raises(Prune3DError, match="the blobs fell apart"):
        bad.result(60)
    assert all(len(future.result(60)) == 3 for future in good)


@pytest.mark.parametrize("here", [True, False])
def test_held_workers_wait_and_go_on(study, open_workers, here):
    workers = open_workers(1, here=here)
    first, second, _ = pieces(study())
    workers.submit(first).result(60)
    workers.hold(True)
    future = workers.submit(second)
    assert not wait([future], 0.3).done
    workers.hold(False)
    assert len(future.result(60)) == 3


@pytest.mark.parametrize("here", [True, False])
def test_cancelling_ends_a_chunk_early_with_what_it_has(study, open_workers, here):
    asked = study("slow", tolerances=tuple(0.001 * n for n in range(1, 201)))
    workers = open_workers(1, here=here)
    workers.submit(Chunk(asked.network, asked.cases[:1], ("s0",))).result(60)
    long = workers.submit(Chunk(asked.network, asked.cases, asked.samples))
    waiting = workers.submit(Chunk(asked.network, asked.cases, asked.samples))
    while not long.running():
        wait([long], 0.01)
    assert waiting.cancel()
    assert not long.cancel()
    assert len(long.result(60)) < 600
    with pytest.raises(CancelledError):
        waiting.result()
    after = workers.submit(Chunk(asked.network, asked.cases[:1], asked.samples))
    assert len(after.result(60)) == 3


@pytest.mark.parametrize("here", [True, False])
def test_closing_drops_what_is_under_way(study, open_workers, here):
    asked = study("slow", tolerances=tuple(0.001 * n for n in range(1, 201)))
    workers = open_workers(1, here=here)
    workers.submit(Chunk(asked.network, asked.cases[:1], ("s0",))).result(60)
    futures = [workers.submit(Chunk(asked.network, asked.cases, asked.samples)) for _ in range(3)]
    while not futures[0].running():
        wait(futures, 0.01)
    workers.hold(True)
    workers.close()
    assert not any("prune3d-worker" in thread.name for thread in threading.enumerate())
    for future in futures:
        assert future.done()
        with suppress(Cancelled, CancelledError):
            assert len(future.result()) < 600
