"""The live session with a real model: order, coalescing, errors, closing."""

import queue
import threading

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plans import Plan, Query, Request
from prune3d_gui.studies.events import Done, Failed, Notice, Opened
from prune3d_gui.studies.session import LiveSession
from tests.toy import TOLERANCE, Plugin


class Listener:
    """Collects events and waits for them."""

    def __init__(self):
        self.events, self._queue = [], queue.Queue()

    def __call__(self, event):
        self.events.append(event)
        self._queue.put(event)

    def wait(self, wanted):
        while True:
            event = self._queue.get(timeout=20)
            if wanted(event):
                return event

    def frame(self, generation, role="pruned", quality="full"):
        return self.wait(
            lambda e: (
                isinstance(e, Frame)
                and (e.generation, e.role, e.quality) == (generation, role, quality)
            )
        )


@pytest.fixture
def heard():
    return Listener()


@pytest.fixture
def session(heard):
    made = LiveSession(heard)
    yield made
    assert made.close()


@pytest.fixture
def system():
    class Toy(Plugin):
        pass

    return Toy()


def at(tolerance, quality="full", sample="s0"):
    return Request(sample, Plan().with_value(TOLERANCE, tolerance), Query(), quality)


def test_opens_then_answers_with_full_then_pruned(session, heard, system):
    session.open(system, system.bundled()[0])
    generation = session.request(at(0.1))
    card = heard.wait(lambda e: isinstance(e, Opened)).card
    assert card.primary == "tolerance"
    assert card.samples[0].id == "s0"
    full = heard.frame(generation, "full")
    pruned = heard.frame(generation)
    assert full.request.plan == Plan()
    assert full.footprint.zeroed + full.footprint.removed == 0
    assert pruned.footprint.zeroed + pruned.footprint.removed > 0
    assert pruned.scores.values["l2"] > full.scores.values["l2"]
    assert pruned.recipe.weights_hash == card.weights_hash
    roles = [e.role for e in heard.events if isinstance(e, Frame)]
    assert roles.index("full") < roles.index("pruned")


def test_full_is_kept_per_sample_and_query(session, heard, system):
    session.open(system, system.bundled()[0])
    heard.frame(session.request(at(0.1)))
    heard.frame(session.request(at(0.2)))
    heard.frame(session.request(at(0.2, sample="s1")))
    full = [e for e in heard.events if isinstance(e, Frame) and e.role == "full"]
    kept = [e.request.sample for e in full if e.quality == "full"]
    assert kept == ["s0", "s1"]


def test_only_the_newest_waits_yet_frames_keep_coming(session, heard, system):
    system.delay = 0.02
    session.open(system, system.bundled()[0])
    heard.frame(session.request(at(0.5)))
    heard.events.clear()
    pause = threading.Event()
    last = 0
    for step in range(60):
        last = session.request(at(0.01 * (step + 1), "preview"))
        pause.wait(0.005)
    heard.frame(last, quality="preview")
    seen = [e.generation for e in heard.events if isinstance(e, Frame)]
    assert seen == sorted(seen)
    assert 3 <= len(seen) < 60  # some dropped, yet not only the last one shown


def test_errors_come_back_and_the_session_goes_on(session, heard, system):
    system.fail_above = 0.5
    session.open(system, system.bundled()[0])
    session.request(at(0.9))
    failed = heard.wait(lambda e: isinstance(e, Failed))
    assert "Traceback" in failed.detail
    heard.frame(session.request(at(0.1)))


def test_a_model_that_does_not_open_leaves_the_old_one(session, heard, system):
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    ref = system.bundled()[0]
    session.open(system, type(ref)("toy", "bad", "/nowhere/blobs.npz"))
    failed = heard.wait(lambda e: isinstance(e, Failed))
    assert "/nowhere/blobs.npz" in failed.message
    heard.frame(session.request(at(0.1)))


def test_tasks_are_never_dropped(session, heard, system, tmp_path):
    session.open(system, system.bundled()[0])
    for number in range(5):
        session.request(at(0.1))
        session.export_network(Plan(), "npz", tmp_path / f"{number}.npz")
    session.run("mark", lambda: 7)
    done = heard.wait(lambda e: isinstance(e, Done) and e.tag == "mark")
    assert done.result == 7
    assert len(list(tmp_path.glob("*.npz"))) == 5


def test_work_without_a_model_is_one_sentence(session, heard):
    session.request(at(0.1))
    assert "open a model" in heard.wait(lambda e: isinstance(e, Failed)).message


def test_running_out_of_memory_falls_back_to_the_cpu(session, heard, system):
    class Device(type(system)):
        def open(self, ref):
            model = super().open(ref)
            model.device = "cuda"
            plain = model.apply

            def apply(plan):
                if model.device != "cpu":
                    raise MemoryError("device is full")
                return plain(plan)

            model.apply = apply
            model.move_to = lambda device: setattr(model, "device", device)
            return model

    made = Device()
    session.open(made, made.bundled()[0])
    generation = session.request(at(0.1))
    assert "CPU" in heard.wait(lambda e: isinstance(e, Notice)).message
    assert heard.frame(generation).recipe.device == "cpu"


def test_closing_mid_work_does_not_wait_for_the_rest(heard, system):
    system.delay = 0.2
    session = LiveSession(heard)
    session.open(system, system.bundled()[0])
    session.request(at(0.1))
    heard.wait(lambda e: isinstance(e, Opened))
    for _ in range(50):
        session.run("never", lambda: threading.Event().wait(0.2))
    assert session.close(timeout=5)
    assert not any(t.name == "prune3d-session" for t in threading.enumerate())


def test_frames_order():
    def made(generation, quality):
        return Frame(at(0.1), generation, "pruned", quality, None, None, None, None, None)

    old_full, new_preview = made(1, "full"), made(2, "preview")
    assert new_preview.newer_than(old_full)
    assert not old_full.newer_than(new_preview)
    assert made(2, "full").newer_than(new_preview)
    assert not new_preview.newer_than(made(2, "full"))


def test_bad_knob_value_is_refused_before_it_is_asked():
    with pytest.raises(BadInput, match="7"):
        at(7)
