"""Parts in studies: rows of their own, what is undefined, intervals over parts, the cache."""

import json
import math
import sqlite3
from contextlib import closing
from dataclasses import replace

import numpy as np
import pytest

from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.score.parts import Part
from prune3d_gui.core.score.scores import Metric, Scores
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.metrics.intervals import interval
from prune3d_gui.studies.ask.answers import RowFound
from prune3d_gui.studies.ask.keys import key_of
from prune3d_gui.studies.ask.losses import told_losses
from prune3d_gui.studies.ask.outcomes import Outcome, case_row, outcome_of, part_rows
from prune3d_gui.studies.ask.questions import Case
from prune3d_gui.studies.run.cache import FILE, ResultCache
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.search.removal import Removed
from prune3d_gui.studies.search.search import LargestUniform
from prune3d_gui.studies.search.trials import Trial
from tests.toy import SIZES, TOLERANCE

DICE = Metric("dice", "Dice", "higher", "Overlap.")
ERROR = Metric("error", "Error", "lower", "Of all.")
CASE = Case(Plan(), Query(), (("rate", 10.0), ("seed", 3)))
SIZE = {"zeroed": 2, "removed": 0, "total": 9}
NAN = math.nan


def outcome(error=1.0, over="class", **dice):
    parts = [Part("class", name, {"dice": value}) for name, value in dice.items()]
    known = [value for value in dice.values() if value == value]
    values = {"error": error} | ({"dice": float(np.mean(known))} if known else {})
    return outcome_of(Scores(values, parts=tuple(parts), over=over), SIZE)


def rows_of(*outcomes):
    metrics = (DICE, ERROR)
    return case_row(metrics, CASE, outcomes), part_rows(metrics, CASE, outcomes)


def test_parts_are_rows_of_their_own_and_the_whole_has_no_part():
    whole, parts = rows_of(outcome(liver=0.9, kidney=0.5), outcome(liver=0.7, kidney=0.7))
    assert "part" not in whole
    assert whole["dice"] == pytest.approx(0.7)
    assert [(row["part_kind"], row["part"]) for row in parts] == [
        ("class", "liver"),
        ("class", "kidney"),
    ]
    assert parts[0]["dice"] == pytest.approx(0.8)
    assert (parts[0]["dice_low"], parts[0]["dice_high"]) == interval(np.array([0.9, 0.7]))
    assert "error" not in parts[0]
    for row in parts:
        assert (row["rate"], row["seed"], row["samples"], row["undefined"]) == (10.0, 3, 2, 0)
        assert row["zeroed"] == 2


def test_what_is_undefined_is_left_out_and_counted():
    whole, (liver, kidney) = rows_of(outcome(liver=0.9, kidney=NAN), outcome(liver=0.7, kidney=0.5))
    assert whole["dice"] == pytest.approx((0.9 + 0.6) / 2)
    assert whole["undefined"] == 1
    assert (liver["undefined"], kidney["undefined"]) == (0, 1)
    assert kidney["dice"] == kidney["dice_low"] == kidney["dice_high"] == 0.5
    assert kidney["samples"] == 2


def test_a_sample_without_any_part_is_left_out_of_the_mean_of_all():
    whole, _ = rows_of(outcome(kidney=NAN), outcome(kidney=0.5), outcome(kidney=0.7))
    assert whole["dice"] == pytest.approx(0.6)
    assert whole["dice_low"] < whole["dice_high"]
    assert (whole["samples"], whole["undefined"]) == (3, 1)
    assert whole["error"] == 1.0
    nothing, (kidney,) = rows_of(outcome(kidney=NAN), outcome(kidney=NAN))
    assert "dice" not in nothing
    assert "dice" not in kidney
    assert kidney["undefined"] == 2
    assert not any(value != value for value in (*nothing.values(), *kidney.values()))


def test_what_is_no_number_as_a_whole_stays_so():
    broken = replace(outcome(kidney=0.5), values={"dice": NAN, "error": NAN})
    whole, _ = rows_of(broken, outcome(kidney=0.5))
    assert math.isnan(whole["dice"])


def test_with_one_sample_the_interval_is_over_its_parts_and_says_so():
    whole, _ = rows_of(outcome(liver=0.9, kidney=0.5, spleen=0.8, tumour=NAN))
    assert whole["interval_over"] == "class"
    assert (whole["dice_low"], whole["dice_high"]) == interval(np.array([0.9, 0.5, 0.8]))
    assert whole["dice_low"] < whole["dice"] < whole["dice_high"]
    assert whole["error_low"] == whole["error_high"] == 1.0
    alone, _ = rows_of(outcome(liver=0.9, kidney=0.5, over=""))
    assert "interval_over" not in alone
    assert alone["dice_low"] == alone["dice_high"]


def test_rows_of_results_without_parts_are_as_they_were():
    bare = Outcome({"dice": 0.5}, {}, SIZE)
    row = case_row((DICE,), CASE, [bare, bare])
    assert list(row) == [
        *("rate", "zeroed", "removed", "total", "dice", "dice_low", "dice_high"),
        *("samples", "seed"),
    ]
    assert part_rows((DICE,), CASE, [bare]) == ()


def test_the_best_that_can_be_is_told_of_no_part():
    parts = (Part("class", "liver", {"dice": 1.0}),)
    full = outcome_of(Scores({"dice": 1.0}, against="full", parts=parts, over="class"),
                      SIZE | {"zeroed": 0})  # fmt: skip
    assert full.against == "itself"
    whole, found = rows_of(full)
    assert found == ()
    assert math.isnan(whole["dice"])
    assert math.isnan(whole["dice_low"])


def test_trials_take_the_samples_that_have_a_value_in_both():
    def trial(*outcomes):
        return Trial(0, CASE, Removed(0, 0.0, {}), outcomes, "dice")

    one = trial(outcome(kidney=0.5), outcome(kidney=NAN), outcome(kidney=0.9))
    other = trial(outcome(kidney=0.4), outcome(kidney=0.3), outcome(kidney=NAN))
    assert one.mean == pytest.approx(0.7)
    assert [list(values) for values in one.pairs(other)] == [[0.5], [0.4]]


def test_parts_come_back_from_the_cache_as_they_were(tmp_path):
    put = outcome(liver=0.1 + 0.2, kidney=NAN)
    cache = ResultCache(tmp_path)
    cache.put_many({key_of("a"): put})
    cache.close()
    cache = ResultCache(tmp_path)
    got = cache.get_many([key_of("a")])[key_of("a")]
    cache.close()
    assert got.over == "class"
    assert got.parts[0] == put.parts[0]
    assert math.isnan(got.parts[1].values["dice"])
    assert "dice" in got.values


def test_a_cache_of_the_version_before_is_left_alone(tmp_path):
    old = tmp_path / "outcomes-1.sqlite"
    file = sqlite3.connect(old)
    file.execute("CREATE TABLE outcomes (key BLOB PRIMARY KEY, outcome TEXT NOT NULL)")
    text = json.dumps({"values": {"l2": 1.0}, "floors": {}, "size": {}, "against": "", "times": []})
    file.execute("INSERT INTO outcomes VALUES (?, ?)", [key_of("a"), text])
    file.commit()
    file.close()
    before = old.read_bytes()
    cache = ResultCache(tmp_path)
    assert cache.get_many([key_of("a")]) == {}
    cache.put_many({key_of("a"): outcome(liver=0.5)})
    assert not cache.trouble()
    cache.close()
    assert old.read_bytes() == before
    assert (tmp_path / FILE).is_file()


def answered(study, evaluator, workers):
    answers = study.answer(evaluator(study, workers))
    return [answer for answer in answers if isinstance(answer, RowFound)]


def test_a_study_gives_the_rows_of_parts_whoever_computes_them(study, evaluator):
    asked = study("parted", (0.001, 0.1, 0.5))
    with closing(LocalWorkers(here=True)) as here:
        found = answered(asked, evaluator, here)
    with closing(LocalWorkers(1)) as apart:
        assert repr(answered(asked, evaluator, apart)) == repr(found), "from the cache"
    assert [row["part"] for row in found[1].parts] == list(SIZES)
    full, high = found[0], found[0].parts[2]
    assert (high["share"], high["samples"], high["undefined"]) == (1.0, 3, 1)
    assert full.row["share"] == 1.0
    assert full.row["undefined"] == 1
    assert found[2].parts[1]["undefined"] == 3, "nothing is left that could be lost"
    assert "loss" not in found[2].parts[1]
    means = [row["share"] for row in found[1].parts]
    assert found[1].row["share"] == pytest.approx((sum(means) / 3 * 2 + sum(means[:2]) / 2) / 3), (
        "s1 has no high band"
    )


def test_it_is_said_where_parts_vanish_first(study, evaluator):
    asked = study("parted", (0.001, 0.1, 0.3, 0.5))
    with closing(LocalWorkers(here=True)) as here:
        found = answered(asked, evaluator, here)
    metrics = evaluator(asked, here).metrics
    said = told_losses(metrics, found, "tolerance")
    assert said == (
        "Vanished, against the full model: class high (first at tolerance 0.1), class mid "
        "(first at tolerance 0.5)."
    )
    assert told_losses(metrics, found[1:], "tolerance") == "", "nothing to compare with"
    assert told_losses(metrics, [replace(one, parts=()) for one in found], "tolerance") == ""


def test_an_axis_that_counts_down_begins_at_its_full_end(study, evaluator):
    """As branches left do: what is lost at 2 and at 0 is lost first at 2."""
    asked = study("parted", (0.001, 0.1, 0.3, 0.5))
    with closing(LocalWorkers(here=True)) as here:
        found = answered(asked, evaluator, here)
    metrics = evaluator(asked, here).metrics
    left = dict(zip((0.001, 0.1, 0.3, 0.5), (6, 4, 2, 0), strict=True))
    counted = [
        replace(one, row=one.row | {"left": left[one.row["tolerance"]]}) for one in found[::-1]
    ]
    assert told_losses(metrics, counted, "left") == (
        "Vanished, against the full model: class high (first at left 4), class mid "
        "(first at left 0)."
    )


def test_a_search_judges_by_what_has_a_value(study, evaluator):
    asked = study("parted")
    question = LargestUniform(
        title="Largest", network=asked.network, knob=TOLERANCE, metric_id="share",
        threshold=Threshold(0.75, "factor"), objective="weights", samples=("s0", "s1"), words="two",
    )  # fmt: skip
    with closing(LocalWorkers(here=True)) as here:
        found = answered(question, evaluator, here)
    uniform = next(one for one in found if one.row["role"] == "uniform")
    assert uniform.row["share"] >= 0.75
    assert [row["part"] for row in uniform.parts] == list(SIZES)
    assert {row["role"] for row in uniform.parts} == {"uniform"}
