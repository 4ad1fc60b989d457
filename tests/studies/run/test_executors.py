import multiprocessing
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor, wait

import pytest

from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.executors import ExecutorWorkers
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.run.workers import Chunk


def rows(asked, evaluator, workers):
    return evaluator(asked, workers, ResultCache(memory=True)).rows(asked.cases, asked.samples)


def test_any_executor_will_do(study, evaluator):
    asked = study(tolerances=(0.01, 0.03, 0.1, 0.3))
    spawn = multiprocessing.get_context("spawn")
    found = []
    for executor in (ThreadPoolExecutor(2), ProcessPoolExecutor(1, mp_context=spawn)):
        with executor:
            found.append(rows(asked, evaluator, ExecutorWorkers(executor, 2)))
    here = LocalWorkers(here=True)
    found.append(rows(asked, evaluator, here))
    here.close()
    assert found[0] == found[1] == found[2]


def test_chunks_are_kept_back_while_held(study):
    asked = study()
    chunk = Chunk(asked.network, asked.cases, asked.samples)
    with ThreadPoolExecutor(1) as executor:
        workers = ExecutorWorkers(executor, 1)
        workers.hold(True)
        first, second = workers.submit(chunk), workers.submit(chunk)
        assert not wait([first, second], 0.1).done
        second.cancel()
        workers.hold(False)
        assert len(first.result(60)) == 9
        workers.hold(True)
        third = workers.submit(chunk)
        workers.close()
        assert third.cancelled()


def test_what_fails_comes_out(study):
    asked = study("failing")
    chunk = Chunk(asked.network, asked.cases, asked.samples)
    with ThreadPoolExecutor(1) as executor:
        workers = ExecutorWorkers(executor, 1)
        workers.hold(True)
        future = workers.submit(chunk)
        workers.hold(False)
        with pytest.raises(Exception, match="the blobs fell apart"):
            future.result(60)
