"""The live session with a real model: order, coalescing, errors, closing."""

import threading
from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.frames import Frame
from prune3d_gui.core.model import Stage
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.scene.scenes import Pick, Scene
from prune3d_gui.studies.live.events import Done, Failed, Notice, Opened
from prune3d_gui.studies.live.session import LiveSession
from tests.toy import ToyModel

from .listening import at, shown, writing


def test_opens_then_answers_with_pruned_and_full(session, heard, system):
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


def test_a_preview_of_what_was_asked_comes_first(session, heard, system):
    session.open(system, system.bundled()[0])
    first = session.request(at(0.1))
    heard.frame(first)
    assert shown(heard, first) == [
        ("pruned", "preview"),
        ("full", "preview"),
        ("full", "full"),
        ("pruned", "preview"),
        ("pruned", "full"),
    ]
    again = session.request(at(0.2))
    heard.frame(again)
    assert shown(heard, again) == [("pruned", "preview"), ("pruned", "full")]


def test_without_a_reference_the_unpruned_result_comes_first(session, heard, system):
    class Blind(ToyModel):
        def reference(self, *asked):
            return None

        def score(self, applied, sample, query, stage, full, cancel):
            return full and super().score(applied, sample, query, stage, full, cancel)

    system.made = Blind
    session.open(system, system.bundled()[0])
    for tolerance, sample in ((0.1, "s0"), (0.2, "s0"), (0.2, "s1")):
        asked = session.request(at(tolerance, sample=sample))
        assert heard.frame(asked).scores.values["l2"] > 0
        told = [e for e in heard.events if isinstance(e, Frame) and e.generation == asked]
        assert all(e.scores is not None for e in told if e.role == "pruned")
    assert shown(heard, 1)[:3] == [("full", "preview"), ("full", "full"), ("pruned", "preview")]


def test_a_model_that_cannot_be_described_leaves_the_old_one(session, heard, system):
    session.open(system, system.bundled()[0])
    heard.wait(lambda e: isinstance(e, Opened))

    class Mute(ToyModel):
        def samples(self):
            raise ZeroDivisionError("no samples")

    system.made = Mute
    session.open(system, system.bundled()[1])
    assert "no samples" in heard.wait(lambda e: isinstance(e, Failed)).message
    heard.frame(session.request(at(0.1)))


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
        session.export("export", writing(tmp_path / f"{number}.npz"))
    session.run("mark", lambda: 7)
    done = heard.wait(lambda e: isinstance(e, Done) and e.tag == "mark")
    assert done.result == 7
    assert len(list(tmp_path.glob("*.npz"))) == 5


def test_work_without_a_model_is_one_sentence(session, heard):
    session.request(at(0.1))
    assert "open a model" in heard.wait(lambda e: isinstance(e, Failed)).message


def test_running_out_of_memory_falls_back_to_the_cpu(session, heard, system):
    class Device(type(system)):
        def open(self, ref, cancel):
            model = super().open(ref, cancel)
            model.device = "cuda"
            plain = model.apply

            def apply(plan, cancel):
                if model.device != "cpu":
                    raise MemoryError("device is full")
                return plain(plan, cancel)

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


@pytest.mark.parametrize("method", ["reconstruct", "reference"])
def test_a_scene_of_two_gigabytes_is_one_sentence(session, heard, system, method):
    """Its array takes no memory here: all of its values are one."""
    huge = np.broadcast_to(np.float32(0), (1024, 1024, 512))

    class Huge(ToyModel):
        def reconstruct(self, *asked):
            for stage in super().reconstruct(*asked):
                yield Stage(stage.quality, self.large(stage.scene, "reconstruct"))

        def reference(self, *asked):
            return self.large(super().reference(*asked), "reference")

        def large(self, scene, where):
            if where != method:
                return scene
            (layer,) = scene.layers
            return Scene((replace(layer, data=replace(layer.data, values=huge)),))

    session.open(system, system.bundled()[0])
    before = heard.frame(session.request(at(0.1)))
    system.made = Huge
    session.open(system, system.bundled()[1])
    if method == "reference":
        session.reference("s0", Query())
    else:
        session.request(at(0.2))
    failed = heard.wait(lambda e: isinstance(e, Failed))
    assert failed.message == (
        "What the model shows of 's0' takes 2.0 GiB, and at most 1 GiB can be shown; ask for "
        "something coarser."
    )
    assert failed.tag == ("reference" if method == "reference" else "")
    session.open(system, system.bundled()[0])
    system.made = ToyModel
    session.open(system, system.bundled()[0])
    assert heard.frame(session.request(at(0.1))).scores.values == before.scores.values


METHODS = (
    "open_sample", "apply", "reconstruct", "reference", "score", "prepare", "export", "explain"
)  # fmt: skip


@pytest.mark.parametrize("method", METHODS)
def test_a_method_that_raises_is_one_sentence_and_the_session_goes_on(
    session, heard, system, tmp_path, monkeypatch, method
):
    session.open(system, system.bundled()[0])
    frame = heard.frame(session.request(at(0.1)))
    plain = getattr(ToyModel, method)

    def broken(self, *given):
        raise ZeroDivisionError("by zero\nand more that nobody reads")

    monkeypatch.setattr(ToyModel, method, broken)
    if method == "prepare":
        session.open(system, system.bundled()[0])
    session.request(at(0.2))
    session.reference("s0", Query())
    session.open_sample(tmp_path / "a.png")
    session.export("export", writing(tmp_path / "a.npz"))
    session.explain("s0", frame.scene, Pick("field", 0))
    failed = heard.wait(lambda e: isinstance(e, Failed))
    assert failed.message == "ZeroDivisionError: by zero"
    assert "Traceback" in failed.detail
    monkeypatch.setattr(ToyModel, method, plain)
    heard.frame(session.request(at(0.3)))
