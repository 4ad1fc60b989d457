"""A sample that is taken in does not wait behind what runs for the views, and spoils none of it."""

import threading

import pytest

from prune3d_gui.core.frames import Frame
from prune3d_gui.core.model import Sample
from prune3d_gui.core.plan.plans import Query
from prune3d_gui.studies.live.events import Done, Failed, Opened, SampleOpened
from tests.studies.live.listening import Listener, at
from tests.toy import Plugin, ToyModel


class Patient(ToyModel):
    """Reconstructs and takes in samples until it is stopped or `go` is set."""

    def reconstruct(self, applied, sample, query, quality, cancel):
        yield from self._held("reconstruct", cancel) or super().reconstruct(
            applied, sample, query, quality, cancel
        )

    def reference(self, sample, query, cancel):
        self._held("reference", cancel)
        return super().reference(sample, query, cancel)

    def open_sample(self, path, cancel):
        self._held("open_sample", cancel)
        return Sample("s3", path.name, "Yours")

    def _held(self, method, cancel):
        if method == self.system.held:
            self.system.begun.set()
            while not self.system.go.wait(0.01):
                cancel.check()


class Holding(Plugin):
    held = ""

    def __init__(self):
        self.begun, self.go = threading.Event(), threading.Event()

    def open(self, ref, cancel):
        return Patient(self, ref.title)


@pytest.fixture
def heard():
    return Listener()


@pytest.fixture
def system(session):
    made = Holding()
    session.open(made, made.bundled()[0])
    yield made
    made.go.set()


@pytest.mark.parametrize("method", ["reconstruct", "reference"])
def test_a_sample_goes_first_and_the_rest_is_taken_up_again(
    session, heard, system, tmp_path, method
):
    system.held = method
    if method == "reconstruct":
        generation = session.request(at(0.2))
    else:
        session.reference("s0", Query())
    assert system.begun.wait(20)
    session.open_sample(tmp_path / "mine.png")
    taken = heard.wait(lambda e: isinstance(e, Done) and e.tag == "sample").result
    assert (taken.path, taken.sample.title) == (tmp_path / "mine.png", "mine.png")
    assert not any(isinstance(e, Frame | Failed) for e in heard.events)
    system.go.set()
    if method == "reconstruct":
        assert heard.frame(generation).request == at(0.2)
    else:
        sample, _, scene = heard.wait(lambda e: getattr(e, "tag", "") == "reference").result
        assert (sample, scene is None) == ("s0", False)


def test_what_is_asked_meanwhile_goes_before_what_was_put_off(session, heard, system, tmp_path):
    system.held = "reconstruct"
    session.request(at(0.2))
    assert system.begun.wait(20)
    session.open_sample(tmp_path / "mine.png")
    later = session.request(at(0.4, sample="s1"))
    system.go.set()
    heard.frame(later)
    assert all(e.request.sample == "s1" for e in heard.events if isinstance(e, Frame))


def test_opening_a_model_stops_a_sample_on_its_way_in(session, heard, system, tmp_path):
    system.held = "open_sample"
    session.open_sample(tmp_path / "one.png")
    session.open_sample(tmp_path / "two.png")
    assert system.begun.wait(20)
    session.open(system, system.bundled()[1])
    heard.wait(lambda e: isinstance(e, Opened) and e.card.title == "Twin")
    system.go.set()
    session.open_sample(tmp_path / "three.png")
    taken = heard.wait(lambda e: isinstance(e, Done) and isinstance(e.result, SampleOpened))
    assert taken.result.path.name == "three.png"
