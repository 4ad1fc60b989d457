"""What a session says of its work, and how it is stopped."""

import threading
import time

import pytest

from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plan.plans import Query
from prune3d_gui.studies.live.events import Done, Opened, Stopped, Working
from tests.toy import Plugin

from .listening import at, writing


class Waiting(Plugin):
    """A toy whose parts wait for their tokens."""

    busy = ""

    def open(self, ref, cancel):
        self.work("open", cancel)
        model = super().open(ref, cancel)
        reconstruct, reference = model.reconstruct, model.reference
        export, prepare = model.export, model.prepare

        def pruned(applied, sample, query, quality, token):
            for stage in reconstruct(applied, sample, query, quality, token):
                self.work("request", token)
                yield stage

        model.reconstruct = pruned
        model.reference = lambda s, q, c: (self.work("reference", c), reference(s, q, c))[1]
        model.export = lambda *a: (self.work("export", a[-1]), export(*a))[1]
        model.prepare = lambda c: (self.work("prepare", c), prepare(c))[1]
        return model

    def work(self, part, cancel):
        while part == self.busy:
            cancel.check()
            time.sleep(0.005)


def kinds(heard):
    """Kinds of work told so far, runs of one as one, rest left out."""
    told = [e.kind for e in heard.events if isinstance(e, Working) and e.kind]
    return [kind for i, kind in enumerate(told) if i == 0 or told[i - 1] != kind]


def test_all_work_is_told_in_order(session, heard, tmp_path):
    system = Waiting()
    session.open(system, system.bundled()[0])
    session.reference("s0", Query())
    heard.frame(session.request(at(0.1)))
    heard.wait(lambda e: isinstance(e, Working) and e.kind == "prepare")
    session.export("export", writing(tmp_path / "a.npz"))
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "export")
    assert kinds(heard) == ["open", "reference", "pruned", "full", "pruned", "prepare", "export"]
    opening = next(e for e in heard.events if isinstance(e, Working))
    assert opening.about == system.bundled()[0].title
    assert opening.usual is None


def test_the_like_is_expected_to_take_as_long(session, heard):
    system = Plugin()
    session.open(system, system.bundled()[0])
    heard.frame(session.request(at(0.1)))
    system.delay = 0.2
    heard.frame(session.request(at(0.2)))
    heard.events.clear()
    heard.frame(session.request(at(0.3)))
    told = [e for e in heard.events if isinstance(e, Working) and e.kind == "pruned"]
    assert told[0].usual > 0.4
    assert [e.stages for e in told] == [0, 1, 2]


@pytest.mark.parametrize("part", ["open", "request", "reference", "prepare"])
def test_everything_stops_and_the_session_goes_on(session, heard, part):
    system = Waiting()
    if part != "open":
        session.open(system, system.bundled()[0])
        heard.wait(lambda e: isinstance(e, Opened))
    system.busy = part
    asked = {
        "open": lambda: session.open(system, system.bundled()[0]),
        "request": lambda: session.request(at(0.1)),
        "reference": lambda: session.reference("s0", Query()),
        "prepare": lambda: session.request(at(0.1)),
    }
    asked[part]()
    name = {"request": "pruned"}.get(part, part)
    heard.wait(lambda e: isinstance(e, Working) and e.kind == name)
    session.stop()
    assert heard.wait(lambda e: isinstance(e, Stopped)).tag == part
    system.busy = ""
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    assert isinstance(heard.frame(session.request(at(0.1))), Frame)


def test_an_export_is_left_alone(session, heard, tmp_path):
    system = Waiting()
    session.open(system, system.bundled()[0])
    system.busy = "export"
    session.export("export", writing(tmp_path / "a.npz"))
    now = heard.wait(lambda e: isinstance(e, Working) and e.kind == "export")
    assert not now.stoppable
    session.stop()
    system.busy = ""
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "export")
    assert (tmp_path / "a.npz").exists()


def test_idle_work_that_was_stopped_waits_for_the_next_thing_asked(session, heard):
    system = Waiting()
    session.open(system, system.bundled()[0])
    system.busy = "prepare"
    heard.frame(session.request(at(0.1)))
    heard.wait(lambda e: isinstance(e, Working) and e.kind == "prepare")
    session.stop()
    heard.wait(lambda e: isinstance(e, Stopped))
    heard.events.clear()
    time.sleep(0.1)
    assert kinds(heard) == []
    session.request(at(0.2))
    heard.wait(lambda e: isinstance(e, Working) and e.kind == "prepare")


def test_memory_is_given_back_at_rest_once(session, heard, monkeypatch):
    from prune3d_gui.studies.live import session as room

    given = threading.Event()
    times = []
    monkeypatch.setattr(room, "REST_S", 0.05)
    monkeypatch.setattr(room, "give_back", lambda: (times.append(1), given.set()))
    system = Plugin()
    session.open(system, system.bundled()[0])
    heard.frame(session.request(at(0.1)))
    assert given.wait(20)
    given.clear()
    assert not given.wait(0.3)
    session.request(at(0.2))
    assert given.wait(20)
