"""Small pictures of entries are made while nothing else is asked, one by one, and tried once."""

import threading

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plan.knobs import Choice, Knob
from prune3d_gui.studies.live.events import Failed, Opened, Thumbnail
from prune3d_gui.studies.live.session import LiveSession
from tests.studies.live.listening import at
from tests.toy import Plugin, ToyModel

NAMES = ("a", "b", "bad", "c")
CAMERA = Knob(
    "camera", "Camera", "choice", "a", "draw", pictured=True,
    choices=tuple(Choice(name, name) for name in NAMES),
)  # fmt: skip


class Photographed(ToyModel):
    knobs = (*ToyModel.knobs, CAMERA)

    def thumbnail(self, knob, choice, longest, cancel):
        assert knob == "camera"
        self.system.made.append((choice, threading.current_thread().name))
        self.system.reached.set()
        while not self.system.go.wait(0.01):
            cancel.check()
        if choice == "bad":
            raise BadInput("The photograph 'bad' could not be read.")
        return np.full((longest, longest, 3), len(choice), np.uint8)


class Cameras(Plugin):
    def __init__(self):
        self.made, self.go, self.reached = [], threading.Event(), threading.Event()
        self.go.set()

    def open(self, ref, cancel):
        return Photographed(self, ref.title)


@pytest.fixture
def system():
    return Cameras()


@pytest.fixture
def session(heard, system):
    made = LiveSession(heard)
    made.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    yield made
    system.go.set()
    assert made.close()


def thumbnails(heard):
    return [event for event in heard.events if isinstance(event, Thumbnail)]


def test_they_come_in_order_after_the_first_result_and_off_the_callers_thread(
    session, heard, system
):
    session.picture("camera", NAMES, 8)
    assert not thumbnails(heard)
    session.request(at(0.1))
    heard.wait(lambda e: isinstance(e, Thumbnail) and e.choice == "c")
    found = thumbnails(heard)
    assert [one.choice for one in found] == list(NAMES)
    assert [one.pixels is None for one in found] == [False, False, True, False]
    assert found[0].pixels.shape == (8, 8, 3)
    assert {name for _, name in system.made} == {"prune3d-session"}
    first = next(n for n, event in enumerate(heard.events) if isinstance(event, Frame))
    assert heard.events.index(found[0]) > first
    assert not [event for event in heard.events if isinstance(event, Failed)]


def test_a_request_goes_before_one_that_is_being_made_and_it_is_made_after(session, heard, system):
    generation = session.request(at(0.1))
    heard.frame(generation)
    system.go.clear()
    session.picture("camera", ("a", "b"), 4)
    assert system.reached.wait(5)
    again = session.request(at(0.2))
    heard.frame(again)
    assert not thumbnails(heard)
    system.go.set()
    heard.wait(lambda e: isinstance(e, Thumbnail) and e.choice == "b")
    assert [one.choice for one in thumbnails(heard)] == ["a", "b"]


def test_newer_ones_replace_those_that_wait_and_strangers_are_left_out(session, heard, system):
    heard.frame(session.request(at(0.1)))
    system.go.clear()
    session.picture("camera", ("a", "b"), 4)
    assert system.reached.wait(5)
    session.picture("camera", ("stranger", "c"), 4)
    session.picture("nothing", ("x",), 4)
    session.picture("camera", ("stranger", "c"), 4)
    system.go.set()
    heard.wait(lambda e: isinstance(e, Thumbnail) and e.choice == "c")
    assert [one.choice for one in thumbnails(heard)] == ["a", "c"]
