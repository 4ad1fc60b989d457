"""What previews of the empty plan score, so that others can be compared with it."""

from prune3d_gui.core.frames import Frame
from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan, Query, Request
from prune3d_gui.studies.live.events import Opened, PreviewScored
from tests.toy import TOLERANCE, Plugin, ToyModel


class AtOnce(ToyModel):
    """A model that gives no preview on the way to a full result."""

    def reconstruct(self, applied, sample, query, quality, cancel):
        yield from (
            stage
            for stage in super().reconstruct(applied, sample, query, quality, cancel)
            if stage.quality == quality
        )


class Quick(Plugin):
    def open(self, ref, cancel=None):
        return AtOnce(self, ref.title)


def scored(event):
    return isinstance(event, PreviewScored)


def test_they_come_with_a_result_that_has_one(session, heard):
    session.open(Plugin(), ModelRef("toy", "Blobs"))
    heard.wait(lambda event: isinstance(event, Opened))
    session.request(Request("s0", Plan(), Query()))
    found = heard.wait(scored)
    assert (found.sample, found.query, found.stage) == ("s0", Query(), "")
    assert found.scores.values["l2"] == 0.01
    assert not found.scores.arrays
    heard.frame(1)
    session.request(Request("s0", Plan(((TOLERANCE.id, 0.1),)), Query()))
    heard.frame(2)
    assert sum(map(scored, heard.events)) == 1


def test_they_are_worked_out_while_nothing_else_waits(session, heard):
    session.open(Quick(), ModelRef("toy", "Blobs"))
    heard.wait(lambda event: isinstance(event, Opened))
    for number, sample in enumerate(("s0", "s1"), 1):
        session.request(Request(sample, Plan(), Query()))
        heard.frame(number)
        assert heard.wait(scored).sample == sample
    frames = [event for event in heard.events if isinstance(event, Frame)]
    assert all(frame.quality == "full" for frame in frames)
    session.request(Request("s0", Plan(((TOLERANCE.id, 0.1),)), Query()))
    heard.frame(3)
    assert sum(map(scored, heard.events)) == 2
