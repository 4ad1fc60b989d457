"""Options of jobs: kinds, ranges, choices, places, and what a run is called."""

import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job, Option

STEP = Option("step", 5.0, "How much.", unit="%", minimum=0, maximum=100)
SCOPE = Option("scope", "encoder", "What.", choices=("encoder", "all"))
UNITS = Option("units", "all", "Which.", choices=("all",), others=True)
DATA = Option("data", "set", "Data.", kind="read_folder")
OUT = Option("out", "made", "Where to.", kind="write_folder")
CHART = Option("chart", "", "A chart.", kind="write_file", endings=(".png",))
FAST = Option("fast", False, "Hurry.")


def test_a_kind_is_told_from_type_and_choices():
    assert [o.sort for o in (STEP, SCOPE, FAST, Option("name", "", "A name."))] == [
        "number", "choice", "toggle", "text",
    ]  # fmt: skip
    assert Option("depth", None, "Deepest.", int).of is int
    assert STEP.limits == "0 to 100 %"


@pytest.mark.parametrize(
    ("option", "value", "said"),
    [
        (STEP, 120.0, "Step 120 is out of range; give 0 to 100 %."),
        (STEP, float("nan"), "Step nan is out of range"),
        (SCOPE, "head", "Scope 'head' is unknown; take one of encoder, all."),
    ],
)
def test_what_is_not_meant_is_refused(option, value, said):
    with pytest.raises(BadInput) as error:
        option.check(value)
    assert said in str(error.value)


def test_others_than_the_choices_pass_where_they_may():
    assert UNITS.check("C1,C2") == "C1,C2"
    assert STEP.check(100.0) == 100.0


def test_places_are_there_before_they_are_read_and_can_be_made_before_they_are_written(tmp_path):
    file = tmp_path / "a.txt"
    file.write_text("a")
    assert DATA.check_place(str(tmp_path)) == str(tmp_path)
    assert OUT.check_place(str(tmp_path / "new" / "deep"))
    assert CHART.check_place(str(tmp_path / "chart.png"))
    for option, place, said in (
        (DATA, tmp_path / "none", "there is no folder"),
        (DATA, file, "is a file; choose a folder"),
        (OUT, file / "below", "there is no folder"),
        (CHART, tmp_path / "new" / "chart.png", "there is no folder"),
        (CHART, tmp_path, "is a folder; choose a file"),
    ):
        with pytest.raises(BadInput) as error:
            option.check_place(str(place))
        assert said in str(error.value)


def test_a_run_is_called_by_what_differs_from_the_usual(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    job = Job("fine_tune", "Tune.", (STEP, SCOPE, DATA, OUT, FAST), lambda *_: [])
    usual = {option.name: option.default for option in job.options}
    assert job.told(usual) == "Fine tune"
    assert job.told(usual | {"out": str(tmp_path / "made")}) == "Fine tune"
    told = job.told(usual | {"step": 20.0, "data": "/data/mine", "fast": True})
    assert told == "Fine tune: step 20 %, data mine, fast"
