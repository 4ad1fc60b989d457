"""The curves of the comparison: found while looked at, gently, and kept on disk."""

import os
import sys
import threading

import pytest

from prune3d_gui.core.plan.plans import Query
from prune3d_gui.core.threads import NICENESS, gently
from prune3d_gui.studies.live.events import CurveFound, Failed, Opened
from prune3d_gui.studies.live.session import LiveSession
from tests.toy import FieldModel, Fields

from .listening import at


@pytest.fixture
def open_session(heard):
    made = []

    def make(system):
        session = LiveSession(heard)
        made.append(session)
        session.open(system, system.bundled()[0])
        heard.wait(lambda e: isinstance(e, Opened))
        heard.frame(session.request(at(0.1)))
        return session

    yield make
    assert all(session.close() for session in made)


def curves(heard):
    """Wait for both curves of the toy in full; they come in order."""
    for name in ("weight", "random"):
        heard.wait(
            lambda e, n=name: (
                isinstance(e, CurveFound) and e.curve.id == n and len(e.curve.points) == 4
            )
        )
    return {e.curve.id: e.curve for e in heard.events if isinstance(e, CurveFound)}


def rest(session):
    """Wait until the session has done what was asked of it, and started what comes next."""
    done = threading.Event()
    session.run("rest", done.set)
    assert done.wait(20)


def test_nothing_is_worked_out_unasked(open_session, heard, fields):
    session = open_session(fields)
    rest(session)
    rest(session)
    assert fields.curved == []
    session.compare(True)
    assert set(curves(heard)) == {"weight", "random"}


def test_curves_outlive_the_session_and_change_with_query_and_network(
    open_session, heard, own_cache
):
    first = Fields()
    session = open_session(first)
    session.compare(True)
    found = curves(heard)
    rest(session)
    heard.events.clear()
    again = Fields()
    session = open_session(again)
    session.compare(True)
    assert curves(heard) == found
    assert again.curved == []
    assert len(list((own_cache / "curves").iterdir())) == 1
    moved = at(0.1)
    heard.frame(session.request(type(moved)(moved.sample, moved.plan, Query((("time", 0.5),)))))
    curves(heard)
    assert len(again.curved) == 1


@pytest.mark.parametrize("text", ["", "[", "[{}]", '[{"id": 1, "title": 2, "points": [[1]]}]'])
def test_a_damaged_file_is_worked_out_again(open_session, heard, own_cache, text):
    session = open_session(Fields())
    session.compare(True)
    curves(heard)
    rest(session)
    (file,) = (own_cache / "curves").iterdir()
    file.write_text(text)
    again = Fields()
    heard.events.clear()
    open_session(again).compare(True)
    curves(heard)
    assert len(again.curved) == 1
    assert not [e for e in heard.events if isinstance(e, Failed)]


@pytest.mark.skipif(sys.platform != "linux", reason="threads have no priority of their own")
def test_they_are_found_on_a_thread_of_low_priority(open_session, heard):
    told = []

    class Watched(FieldModel):
        def curves(self, sample, query, cancel):
            me = threading.get_native_id()
            told.append((os.getpriority(os.PRIO_PROCESS, me), threading.current_thread().name))
            yield from super().curves(sample, query, cancel)

    class System(Fields):
        def open(self, ref, cancel):
            return Watched(self, ref.title)

    open_session(System()).compare(True)
    curves(heard)
    ((priority, name),) = told
    assert priority == max(NICENESS, os.getpriority(os.PRIO_PROCESS, 0))
    assert name == "prune3d-session-gently"


def test_gently_gives_what_was_found_and_raises_what_was_raised():
    import torch

    before = torch.get_num_threads()
    assert gently(torch.get_num_threads) == 1
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError):
        gently(lambda: 1 / 0)
