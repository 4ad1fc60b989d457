"""The live session while a query moves, and while nothing does."""

import gc
import threading
import tracemalloc
from dataclasses import replace

import pytest

from prune3d_gui.core.frames import Frame
from prune3d_gui.core.plan.knobs import Knob
from prune3d_gui.core.plan.plans import Plan, Query, Request
from prune3d_gui.studies.live.events import CurveFound, Done, Opened
from prune3d_gui.studies.live.session import LiveSession
from tests.studies.live.listening import Listener
from tests.toy import GRID, TIME, TOLERANCE, FieldModel, Fields


@pytest.fixture
def heard():
    return Listener()


@pytest.fixture
def system():
    return Fields()


@pytest.fixture
def session(heard, system):
    made = LiveSession(heard)
    made.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    yield made
    assert made.close()


def at(time, quality="full", tolerance=0.1):
    query = Query().with_value(TIME, time)
    return Request("s0", Plan().with_value(TOLERANCE, tolerance), query, quality)


def frames(heard, generation):
    found = [e for e in heard.events if isinstance(e, Frame) and e.generation == generation]
    return [(frame.role, frame.quality) for frame in found]


def finished(heard):
    curves = [e for e in heard.events if isinstance(e, CurveFound)]
    return curves and curves[-1].curve.id == "random" and len(curves[-1].curve.points) == 4


def test_a_moving_query_gives_previews_of_both_results(session, heard):
    generation = session.request(at(0.3, "preview"))
    heard.frame(generation, "full", "preview")
    assert frames(heard, generation) == [("pruned", "preview"), ("full", "preview")]
    again = session.request(at(0.3, "preview", 0.2))
    heard.frame(again, quality="preview")
    assert frames(heard, again) == [("pruned", "preview")], "the full preview is known"
    rest = session.request(at(0.3))
    heard.frame(rest)
    assert frames(heard, rest)[:3] == [
        ("pruned", "preview"),
        ("full", "preview"),
        ("full", "full"),
    ]
    assert frames(heard, rest)[-1] == ("pruned", "full")
    later = session.request(at(0.3, "preview", 0.4), with_full=True)
    heard.frame(later, quality="preview")
    assert ("full", "full") in frames(heard, later), "what is known in full is shown in full"


def test_a_moving_query_without_pruning_shows_the_full_preview_twice(session, heard):
    generation = session.request(Request("s0", Plan(), Query().with_value(TIME, 0.5), "preview"))
    pruned = heard.frame(generation, quality="preview")
    full = next(e for e in heard.events if isinstance(e, Frame) and e.role == "full")
    assert pruned.scene is full.scene


def test_only_the_newest_reference_is_fetched(session, heard):
    gate = threading.Event()
    session.run("gate", lambda: gate.wait(10))
    for step in range(10):
        session.reference("s0", Query().with_value(TIME, step / 10))
    gate.set()
    done = heard.wait(lambda e: isinstance(e, Done) and e.tag == "reference")
    assert done.result[:2] == ("s0", Query().with_value(TIME, 0.9))
    session.run("end", lambda: None)
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "end")
    assert sum(isinstance(e, Done) and e.tag == "reference" for e in heard.events) == 1


def test_references_and_requests_take_turns(session, heard, system, monkeypatch):
    plain, asked = FieldModel.reference, []

    def slow(self, sample, query, cancel):
        threading.Event().wait(0.02)
        asked.append(query)
        if len(asked) < 1000:
            session.reference(sample, query)  # a hand that asks faster than it is answered
        return plain(self, sample, query, cancel)

    monkeypatch.setattr(FieldModel, "reference", slow)
    session.reference("s0", Query())
    heard.frame(session.request(at(0.1)))
    assert 0 < len(asked) < 1000, "the request did not wait until no reference was asked for"
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "reference")
    monkeypatch.undo()


def test_curves_come_when_nothing_waits_and_once_for_each_query(session, heard, system):
    session.compare(True)
    heard.frame(session.request(at(0.0)))
    heard.wait(lambda e: isinstance(e, CurveFound) and finished(heard))
    key = ("s0", at(0.0).query)
    assert system.curved == [key]
    assert {e.curve.id for e in heard.events if isinstance(e, CurveFound)} == {"weight", "random"}
    heard.frame(session.request(at(0.0, tolerance=0.5)))
    heard.frame(session.request(at(0.5)))
    heard.wait(lambda e: isinstance(e, CurveFound) and e.query == at(0.5).query)
    assert system.curved == [key, ("s0", at(0.5).query)]


def test_whatever_is_asked_stops_idle_work_which_begins_again(session, heard, system):
    system.curve_delay = 0.05
    session.compare(True)
    heard.frame(session.request(at(0.0)))
    heard.wait(lambda e: isinstance(e, CurveFound))
    session.run("ask", lambda: None)
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "ask")
    assert not finished(heard)
    system.curve_delay = 0.0
    heard.wait(lambda e: isinstance(e, CurveFound) and finished(heard))
    assert len(system.curved) == 2


def test_a_failure_of_idle_work_is_told_once(session, heard, system, monkeypatch):
    from prune3d_gui.studies.live.events import Failed

    def fail(self, sample, query, cancel):
        system.curved.append(sample)
        raise ValueError("no curve")

    monkeypatch.setattr(FieldModel, "curves", fail)
    session.compare(True)
    heard.frame(session.request(at(0.0)))
    assert "no curve" in heard.wait(lambda e: isinstance(e, Failed)).message
    heard.frame(session.request(at(0.0, tolerance=0.2)))
    session.run("end", lambda: None)
    heard.wait(lambda e: isinstance(e, Done) and e.tag == "end")
    assert system.curved == ["s0"]


def test_only_the_newest_of_the_models_that_wait_is_opened(session, heard, system):
    gate = threading.Event()
    session.run("gate", lambda: gate.wait(10))
    first, second, third = system.bundled()
    for ref in (second, first, third):
        session.open(system, ref)
    gate.set()
    assert heard.wait(lambda e: isinstance(e, Opened)).card.ref == third
    assert system.opened == [first, third]


def test_kept_results_are_bounded_by_bytes_and_memory_stays_flat(
    session, heard, system, monkeypatch
):
    def visit(time):
        asked = at(time)
        small = asked.query.with_value(GRID, 12)
        heard.frame(session.request(replace(asked, query=small)))
        heard.events.clear()

    limit, held = 1 << 18, []
    monkeypatch.setattr(session._live._full, "limit", limit)
    tracemalloc.start()
    try:
        for step in range(300):
            visit(step / 300)
            assert session._live._full.bytes <= limit
            if step % 100 == 99:
                visit(0.0)
                gc.collect()
                held.append(tracemalloc.get_traced_memory()[0])
    finally:
        tracemalloc.stop()
    assert session._live._full.bytes > limit / 2
    assert held[2] - held[0] < limit


def test_a_knob_that_only_scores_reconstructs_nothing_again(session, heard, system, monkeypatch):
    power = Knob("power", "Power", "steps", 1, "score", 1, 3, 1)
    reconstructed, plain, scored = [], FieldModel.reconstruct, FieldModel.score

    def reconstruct(self, applied, *rest):
        reconstructed.append(applied.plan)
        yield from plain(self, applied, *rest)

    def score(self, applied, sample, query, *rest):
        found = scored(self, applied, sample, query, *rest)
        return replace(
            found, values={**found.values, "l2": found.values["l2"] ** query.value(power)}
        )

    monkeypatch.setattr(FieldModel, "knobs", (*FieldModel.knobs, power))
    monkeypatch.setattr(FieldModel, "reconstruct", reconstruct)
    monkeypatch.setattr(FieldModel, "score", score)
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))
    once = heard.frame(session.request(at(0.3)))
    count = len(reconstructed)
    squared = replace(at(0.3), query=at(0.3).query.with_value(power, 2))
    twice = heard.frame(session.request(squared))
    # The preview of the pruned result is made again; that of the empty plan, once, at rest.
    again = reconstructed[count:]
    assert again.count(at(0.3).plan) == 1
    assert again.count(Plan()) <= 1
    assert set(again) <= {at(0.3).plan, Plan()}
    assert twice.scene.layers[0].data.values is once.scene.layers[0].data.values
    assert twice.scores.values["l2"] == pytest.approx(once.scores.values["l2"] ** 2)
    other = heard.frame(session.request(at(0.3, tolerance=0.5)))
    assert other.scores.values["l2"] != once.scores.values["l2"]
