"""Studies on disk: what comes back is what was put there, whatever happened in between."""

import json
import math
import multiprocessing
from dataclasses import replace

import pytest

from prune3d_gui.core.model import ModelRef
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.studies.ask.answers import Ended, Moved, RowFound
from prune3d_gui.studies.ask.questions import Case, Network, Study
from prune3d_gui.studies.keep.studies import KeptStudies, KeptStudy, decoded, encoded
from prune3d_gui.studies.live.events import ModelCard
from prune3d_gui.studies.run.jobs import JobRun
from prune3d_gui.studies.search.search import BudgetSearch
from tests.toy import TOLERANCE, Plugin

NETWORK = Network(ModelRef("toy", "Blobs", "/blobs.npz"), "blobs-1")
CASE = Case(Plan((("tolerance", 0.1),), (("low", 25.0),), ("mid",)), Query(), (("tolerance", 0.1),))
STUDY = Study("sweep", "A sweep", NETWORK, (CASE,), ("s0", "s1"), "val:2", "tolerance")
ROW = RowFound({"tolerance": 0.1, "l2": math.nan, "zeroed": 3}, CASE, ({"part": "a", "l2": 1.0},))


@pytest.fixture
def card():
    system = Plugin()
    return ModelCard.of(NETWORK.ref, system.open(ModelRef("toy", "Blobs")))


@pytest.fixture
def kept(card):
    packs, limits = {"s1": b"\x00\xff"}, {"l2": Threshold(2.0, "factor")}
    return KeptStudy("0001", STUDY, card, "val:2", packs=packs, thresholds=limits, found=[ROW])


@pytest.mark.parametrize(
    "question",
    [
        STUDY,
        JobRun("Tune", NETWORK, "tune", (("step", 5.0), ("out", None), ("fast", True))),
        BudgetSearch(
            title="Best", network=NETWORK, knob=TOLERANCE, metric_id="l2",
            threshold=Threshold(1.5, "factor"), samples=("s0",), words="val:1",
            units=Plugin().open(ModelRef("toy", "Blobs")).units,
        ),
    ],
    ids=lambda question: question.kind,
)  # fmt: skip
def test_questions_come_back_equal(question):
    assert decoded(json.loads(json.dumps(encoded(question)))) == question


def test_a_study_comes_back_with_its_rows_and_how_far_it_was(tmp_path, kept):
    studies = KeptStudies(tmp_path)
    studies.write(kept)
    kept.ended, kept.moved, kept.notes = Ended("done"), Moved(2, 2, 1), ["Note."]
    other = RowFound({"tolerance": 0.5, "l2": 2.0}, replace(CASE, values=(("tolerance", 0.5),)))
    studies.add(kept, [other])
    (back,) = studies.read()
    assert (back.question, back.words, back.packs) == (STUDY, "val:2", kept.packs)
    assert back.thresholds == kept.thresholds
    assert (back.card.knobs, back.card.units) == (kept.card.knobs, kept.card.units)
    assert [found.case for found in back.found] == [CASE, other.case]
    assert math.isnan(back.found[0].row["l2"])
    assert back.found[0].parts == ROW.parts
    assert (back.ended, back.moved, back.notes) == (kept.ended, kept.moved, kept.notes)


def test_a_line_cut_off_costs_that_row_alone(tmp_path, kept):
    studies = KeptStudies(tmp_path)
    studies.write(kept)
    path = tmp_path / "0001.jsonl"
    path.write_bytes(path.read_bytes()[:-9])
    (back,) = studies.read()
    assert (back.found, back.ended) == ([], None)
    studies.add(kept, [ROW])
    assert [found.case for found in studies.read()[0].found] == [CASE]


@pytest.mark.parametrize("text", ["", "{}", "nonsense\n", '{"version": 99}\n', "[" * 100_000])
def test_what_is_no_study_is_passed_by(tmp_path, kept, text):
    studies = KeptStudies(tmp_path)
    studies.write(kept)
    (tmp_path / "0002.jsonl").write_text(text)
    assert [study.name for study in studies.read()] == ["0001"]


def test_nothing_but_its_own_classes_is_made_of_a_file():
    with pytest.raises(ValueError, match="nothing that is kept"):
        decoded({"is": "Path", "value": "/"})
    with pytest.raises(TypeError):
        encoded(object())


def test_removed_is_removed_and_no_row_brings_it_back(tmp_path, kept):
    studies = KeptStudies(tmp_path)
    studies.write(kept)
    studies.remove("0001")
    studies.add(kept, [ROW])
    assert studies.read() == []


def add_rows(folder, kept, first, count):
    studies = KeptStudies(folder)
    for number in range(first, first + count):
        row = {"tolerance": float(number), "note": "x" * 20_000}
        studies.add(kept, [RowFound(row, replace(CASE, values=(("tolerance", float(number)),)))])


def test_several_programs_keep_rows_of_one_study(tmp_path, kept):
    studies, count = KeptStudies(tmp_path), 150
    kept.found.clear()
    studies.write(kept)
    context = multiprocessing.get_context("spawn")
    writers = [
        context.Process(target=add_rows, args=(tmp_path, kept, first, count)) for first in (0, 1000)
    ]
    for writer in writers:
        writer.start()
    seen = []
    while any(writer.is_alive() for writer in writers):
        seen.append(len(studies.read()[0].found))  # as the window of another program does
    for writer in writers:
        writer.join()
        assert writer.exitcode == 0
    found = [one.row["tolerance"] for one in studies.read()[0].found]
    assert sorted(found) == [*map(float, range(count)), *map(float, range(1000, 1000 + count))]
    assert seen == sorted(seen)
    text = (tmp_path / "0001.jsonl").read_bytes()
    assert all(json.loads(line) for line in filter(None, text.splitlines()))
