import threading

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef
from prune3d_gui.studies.ask.answers import Ended, Moved, RowFound, Said
from prune3d_gui.studies.ask.questions import Network
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.jobs import JobRun
from prune3d_gui.studies.run.places import WorkersSpec, network_at, open_workers
from prune3d_gui.studies.run.queue import StudyQueue

MANY = tuple(round(0.005 * n, 3) for n in range(1, 101))
ONE = WorkersSpec(count=1)


class Heard:
    """Events of a queue, and a way to wait for some."""

    def __init__(self):
        self.events, self._came = [], threading.Condition()

    def __call__(self, number, event):
        with self._came:
            self.events.append((number, event))
            self._came.notify_all()

    def wait(self, wanted):
        with self._came:
            assert self._came.wait_for(lambda: wanted(self), 60), self.events[-3:]

    def of(self, number, kind=object):
        return [event for n, event in self.events if n == number and isinstance(event, kind)]

    def ended(self, number):
        self.wait(lambda heard: heard.of(number, Ended))
        (end,) = self.of(number, Ended)
        assert self.of(number)[-1] is end, "an end is the last event"
        return end


@pytest.fixture
def queue(plugins, own_cache):
    heard = Heard()
    made = StudyQueue(heard, own_cache)
    yield made, heard
    assert made.close()


def ask(queue, study, spec=ONE, **more):
    metrics = worker.registered(study.network.ref.system).open(study.network.ref).metrics
    return queue.submit(study, metrics, spec, **more)


def test_questions_are_answered_in_turn(queue, study):
    queue, heard = queue
    numbers = [ask(queue, study(tolerances=(0.1, value))) for value in (0.2, 0.3, 0.4)]
    assert [heard.ended(number).state for number in numbers] == ["done"] * 3
    assert [n for n, event in heard.events if isinstance(event, Ended)] == numbers
    for number in numbers:
        assert len(heard.of(number, RowFound)) == 2
        assert heard.of(number, Moved)[-1].done == 6
    # The rows of 0.1 were found once.
    assert [heard.of(number, Moved)[-1].cached for number in numbers] == [0, 3, 3]


def test_workers_are_kept_between_questions(queue, study):
    queue, heard = queue
    first = ask(queue, study("slow"))
    heard.ended(first)
    before = queue._workers.processes
    second = ask(queue, study("slow", tolerances=(0.3,)))
    heard.ended(second)
    assert queue._workers.processes == before
    assert len(before) == 1
    third = ask(queue, study("slow", tolerances=(0.4,)), WorkersSpec(count=2))
    heard.ended(third)
    assert before[0] not in queue._workers.processes


def test_cancel_keeps_rows_and_submitting_again_resumes(queue, study):
    queue, heard = queue
    asked = study("slow", tolerances=MANY)
    number = ask(queue, asked)
    heard.wait(lambda heard: len(heard.of(number, RowFound)) >= 3)
    queue.cancel(number)
    assert heard.ended(number).state == "cancelled"
    found = len(heard.of(number, RowFound))
    assert 3 <= found < 100
    again = ask(queue, asked)
    heard.wait(lambda heard: any(m.cached >= 3 * found for m in heard.of(again, Moved)))
    queue.cancel(again)
    heard.ended(again)
    assert len(heard.of(again, RowFound)) >= found


def test_one_that_waits_is_cancelled_at_once(queue, study):
    queue, heard = queue
    running, waiting = ask(queue, study("slow", tolerances=MANY)), ask(queue, study())
    queue.cancel(waiting)
    assert heard.ended(waiting).state == "cancelled"
    assert not heard.of(running, Ended)
    queue.cancel(running)
    heard.ended(running)
    queue.cancel(12345)


def test_a_failure_is_a_sentence_and_the_next_goes_on(queue, study):
    queue, heard = queue
    bad, good = ask(queue, study("failing")), ask(queue, study())
    end = heard.ended(bad)
    assert end.state == "failed"
    assert "tolerance 0.5" in end.message
    assert heard.ended(good).state == "done"


def test_an_unexpected_error_is_a_sentence_too(queue, study, capsys):
    queue, heard = queue

    class Odd:
        kind, title = "odd", "Odd"
        network = study().network

        def answer(self, evaluator):
            yield Said("so far so good")
            raise ZeroDivisionError("by zero")

    end = heard.ended(queue.submit(Odd(), ()))
    assert (end.state, end.message) == ("failed", "The study failed (ZeroDivisionError: by zero).")
    assert "Traceback" in capsys.readouterr().err


def test_hold_pauses_and_lets_go_on(queue, study):
    queue, heard = queue
    queue.hold(True)
    number = ask(queue, study())
    heard.wait(lambda heard: heard.of(number, Moved))
    assert not heard.of(number, RowFound)
    queue.hold(False)
    assert heard.ended(number).state == "done"


def test_trouble_with_the_cache_is_said_and_stops_nothing(plugins, study, tmp_path):
    (tmp_path / "file").write_text("")
    heard = Heard()
    queue = StudyQueue(heard, tmp_path / "file")
    number = ask(queue, study())
    assert heard.ended(number).state == "done"
    (said,) = heard.of(number, Said)
    assert "cannot be used" in said.message
    again = ask(queue, study())
    heard.ended(again)
    assert heard.of(again, Moved)[-1].cached == 9, "kept in memory"
    assert queue.close()


def test_closing_ends_all(plugins, study):
    heard = Heard()
    queue = StudyQueue(heard)
    numbers = [ask(queue, study("slow", tolerances=MANY), WorkersSpec(count=2)) for _ in range(2)]
    heard.wait(lambda heard: heard.of(numbers[0], RowFound))
    workers = queue._workers
    assert queue.close()
    assert workers.processes == ()
    assert not heard.of(numbers[1])


def test_a_cluster_that_is_not_there_is_a_failure(queue, study):
    queue, heard = queue
    end = heard.ended(ask(queue, study(), WorkersSpec(cluster="tcp://127.0.0.1:9")))
    assert end.state == "failed"
    assert "tcp://127.0.0.1:9" in end.message or "prune3d[cluster]" in end.message


def test_places(study):
    network = study().network
    assert network_at(WorkersSpec(), network).ref.device == "cpu"
    assert network_at(WorkersSpec("tcp://a:1", gpus=True), network).ref.device == "cuda"
    assert network_at(WorkersSpec("tcp://a:1"), network).ref.device == "cpu"
    workers = open_workers(WorkersSpec(count=3), network)
    assert workers.count == 3
    workers.close()
    with pytest.raises(BadInput, match="-1 workers"):
        open_workers(WorkersSpec(count=-1), network)


def labour(until):
    return JobRun("Labour", Network(ModelRef("worker", ""), ""), "labour", (("until", str(until)),))


def test_a_job_holds_up_no_study_and_each_is_cancelled_by_itself(queue, study, tmp_path):
    queue, heard = queue
    job, next_job = (queue.submit(labour(tmp_path / name), ()) for name in ("one", "two"))
    heard.wait(lambda heard: heard.of(job, RowFound))
    sweep = ask(queue, study())
    assert heard.ended(sweep).state == "done"
    assert not heard.of(job, Ended)
    assert not heard.of(next_job), "jobs wait for each other"
    long_sweep = ask(queue, study("slow", tolerances=MANY))
    heard.wait(lambda heard: heard.of(long_sweep, RowFound))
    queue.cancel(job)
    assert heard.ended(job).state == "cancelled"
    assert not heard.of(long_sweep, Ended)
    queue.cancel(long_sweep)
    assert heard.ended(long_sweep).state == "cancelled"
    heard.wait(lambda heard: heard.of(next_job, RowFound))
    (tmp_path / "two").touch()
    assert heard.ended(next_job).state == "done"


def test_closing_ends_a_job_too(plugins, own_cache, tmp_path):
    heard = Heard()
    queue = StudyQueue(heard, own_cache)
    number = queue.submit(labour(tmp_path / "never"), ())
    heard.wait(lambda heard: heard.of(number, RowFound))
    assert queue.close(timeout=20)
    assert not [thread for thread in threading.enumerate() if thread.name == "prune3d-jobs"]
