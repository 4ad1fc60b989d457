"""The live session with models that take long: what stops what."""

import threading
import time

import pytest

from prune3d_gui.core.plan.plans import Query
from prune3d_gui.studies.live.events import Done, Failed, Opened
from prune3d_gui.studies.live.session import LiveSession
from tests.toy import GRID, ToyModel

from .listening import at, shown, writing


class Endless(ToyModel):
    """Works in one method, `busy`, until it is stopped."""

    busy = "reconstruct"

    def work(self, method, cancel):
        while method == self.busy:
            self.system.begun.set()
            cancel.check()
            time.sleep(0.005)

    def apply(self, plan, cancel):
        self.work("apply", cancel)
        return super().apply(plan, cancel)

    def reconstruct(self, applied, sample, query, quality, cancel):
        for stage in super().reconstruct(applied, sample, query, quality, cancel):
            if stage.quality == "full":
                self.work("reconstruct", cancel)
            yield stage

    def reference(self, sample, query, cancel):
        self.work("reference", cancel)
        return super().reference(sample, query, cancel)

    def score(self, applied, sample, query, stage, full, cancel):
        self.work("score", cancel)
        return super().score(applied, sample, query, stage, full, cancel)

    def prepare(self, cancel):
        self.work("prepare", cancel)

    def export(self, applied, format_id, path, recipe, cancel):
        self.work("export", cancel)


@pytest.fixture
def endless(system, monkeypatch):
    """Open a model that works for ever in one method."""

    def make(busy):
        class Busy(Endless):
            pass

        Busy.busy = busy
        system.begun, system.made = threading.Event(), Busy
        return system

    return make


def test_a_newer_request_stops_the_unpruned_result_once_something_was_shown(
    session, heard, endless
):
    system = endless("reconstruct")
    session.open(system, system.bundled()[0])
    slow = session.request(at(0.1))
    heard.frame(slow, "full", "preview")
    assert system.begun.wait(20)
    heard.frame(session.request(at(0.2)), quality="preview")
    assert shown(heard, slow) == [("pruned", "preview"), ("full", "preview")]
    assert not any(isinstance(e, Failed) for e in heard.events)


def test_a_request_that_came_while_nothing_was_shown_takes_over_after_the_first_frame(
    session, heard, endless
):
    system = endless("reconstruct")
    gate = threading.Event()
    session.open(system, system.bundled()[0])
    session.run("gate", lambda: gate.wait(10))
    slow = session.request(at(0.1))
    newer = []
    heard.on_frame = lambda frame: newer or newer.append(session.request(at(0.2, "preview")))
    gate.set()
    heard.frame(slow, quality="preview")
    heard.frame(newer[0], quality="preview")


def test_another_sample_stops_what_has_shown_nothing_yet(session, heard, system):
    begun = threading.Event()

    class Slow(ToyModel):
        def score(self, applied, sample, query, stage, full, cancel):
            while sample == "s0":
                begun.set()
                cancel.check()
                time.sleep(0.005)
            return super().score(applied, sample, query, stage, full, cancel)

    system.made = Slow
    session.open(system, system.bundled()[0])
    slow = session.request(at(0.1))
    assert begun.wait(20)
    heard.frame(session.request(at(0.1, sample="s1")))
    assert shown(heard, slow) == []


@pytest.mark.parametrize("busy", ["apply", "reconstruct", "reference", "score", "prepare"])
def test_opening_another_model_stops_what_runs(session, heard, endless, busy):
    system = endless("" if busy == "prepare" else busy)
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    if busy == "prepare":
        system.made.busy = busy
    session.reference("s0", Query())
    session.request(at(0.1))
    assert system.begun.wait(20)
    start = time.monotonic()
    other = system.bundled()[1]
    session.open(system, other)
    assert heard.wait(lambda e: isinstance(e, Opened)).card.ref == other
    assert time.monotonic() - start < 5


def test_opening_another_model_stops_one_that_is_being_opened(session, heard, system):
    begun = threading.Event()

    class Slow(type(system)):
        def open(self, ref, cancel):
            while ref.title == "Twin":
                begun.set()
                cancel.check()
                time.sleep(0.005)
            return super().open(ref, cancel)

    slow = Slow()
    first, twin = slow.bundled()
    session.open(slow, twin)
    assert begun.wait(20)
    session.open(slow, first)
    assert heard.wait(lambda e: isinstance(e, Opened)).card.ref == first
    assert not any(isinstance(e, Failed) for e in heard.events)


def test_an_export_goes_on_when_another_model_is_asked_for(session, heard, system, tmp_path):
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    gate = threading.Event()
    session.run("gate", lambda: gate.wait(10))
    session.export("export", writing(tmp_path / "a.npz"))
    session.open(system, system.bundled()[1])
    gate.set()
    done = heard.wait(lambda e: isinstance(e, Done) and e.tag == "export")
    assert done.result.path.is_file()


def test_an_export_that_waits_or_runs_is_stopped_by_its_token(heard, endless, tmp_path):
    system = endless("export")
    session = LiveSession(heard)
    session.open(system, system.bundled()[0])
    runs = session.export("first", writing(tmp_path / "a.npz"))
    waits = session.export("second", writing(tmp_path / "b.npz"))
    assert system.begun.wait(20)
    waits.cancel()
    runs.cancel()
    session.run("mark", lambda: 7)
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "mark")
    assert not any(getattr(e, "tag", "") in ("first", "second") for e in heard.events)
    assert not list(tmp_path.glob("*.npz"))
    assert session.close(timeout=5)


def test_closing_stops_an_export(heard, endless, tmp_path):
    system = endless("export")
    session = LiveSession(heard)
    session.open(system, system.bundled()[0])
    session.export("export", writing(tmp_path / "a.npz"))
    assert system.begun.wait(20)
    assert session.close(timeout=5)


def test_a_newer_reference_takes_over_from_a_slow_one(session, heard, system):
    begun = threading.Event()

    class Slow(ToyModel):
        def reference(self, sample, query, cancel):
            while query == Query():
                begun.set()
                cancel.check()
                time.sleep(0.005)
            return super().reference(sample, query, cancel)

    system.made = Slow
    session.open(system, system.bundled()[0])
    session.reference("s0", Query())
    assert begun.wait(20)
    newer = Query().with_value(GRID, 12)
    session.reference("s0", newer)
    done = heard.wait(lambda e: isinstance(e, Done) and e.tag == "reference")
    assert done.result[1] == newer
