"""A job as a question: its rows, how far it is, and its sentences, from another process."""

from pathlib import Path
from types import SimpleNamespace

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.jobs import Progress, Said, part_of
from prune3d_gui.core.model import ModelRef
from prune3d_gui.studies.ask.answers import Moved, RowFound
from prune3d_gui.studies.ask.questions import Network
from prune3d_gui.studies.run.jobs import JobRun, moved

SOURCE = """
from prune3d_gui.core.jobs import Job, Option, Progress, Said
Plugin.id = "climber"
def climb(options, report, cancel):
    report(Said("The ladder was taken to be safe."))
    rows = []
    for rung in range(1, options["rungs"] + 1):
        rows.append({"rung": rung, "wood": float("nan")})
        report(Progress(rung / 2, options["rungs"] / 2, "climbing", rows[-1]))
    return [*rows, {"height": float("nan")}]
Plugin.jobs = lambda self: (Job("ladder", "Climb.", (Option("rungs", 3, "How many."),), climb),)
"""


def test_sentences_rows_and_moves_come_as_answers(tmp_path, monkeypatch):
    toy = (Path(__file__).parents[1] / "toy.py").read_text()
    (tmp_path / "climber.py").write_text(toy + SOURCE)
    monkeypatch.setenv("PRUNE3D_PLUGINS", str(tmp_path))
    run = JobRun("Climb", Network(ModelRef("climber", ""), ""), "ladder", (("rungs", 3),))
    answers = list(run.answer(SimpleNamespace(cancel=CancelToken())))
    assert answers[0] == Said("The ladder was taken to be safe.")
    rows = [a.row for a in answers if isinstance(a, RowFound)]
    assert [row.get("rung") for row in rows] == [1, 2, 3, None], "each once, told or returned"
    assert [(a.done, a.total) for a in answers if isinstance(a, Moved)] == [
        (33, 100), (66, 100), (100, 100)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("done", "total", "shown"),
    [
        (3, 7, (3, 7)),
        (0.3, 1, (30, 100)),
        (0.999, 1, (99, 100)),
        (4.5, 0, (0, 100)),
        (0, 0, (0, 0)),
    ],
)
def test_a_short_job_is_not_done_before_its_end(done, total, shown):
    found = moved(Progress(done, total, "working"))
    assert (found.done, found.total, found.message) == (*shown, "working")


def test_a_part_counts_as_one_of_many():
    told = []
    tell = part_of(told.append, 2, 4)
    for progress in (Progress(0, 10, "a"), Progress(5, 10, "b"), Progress(9, 3, "c")):
        tell(progress)
    tell(Progress(700, 0, "of unknown length", {"x": 1}))
    tell(Said("A sentence."))
    assert [(p.done, p.total) for p in told[:4]] == [(2, 4), (2.5, 4), (3, 4), (2, 4)]
    assert told[3].row == {"x": 1}
    assert told[4] == Said("A sentence.")
