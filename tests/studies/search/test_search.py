import contextlib
import math
from dataclasses import replace

import pytest

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled, Prune3DError
from prune3d_gui.core.plan.knobs import Choice, Knob, knob_named
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.core.score.scores import Metric
from prune3d_gui.core.score.thresholds import Threshold
from prune3d_gui.studies.ask.answers import Moved, RowFound, Said
from prune3d_gui.studies.ask.defaults import usual_threshold
from prune3d_gui.studies.ask.outcomes import Outcome
from prune3d_gui.studies.ask.questions import Case, Network
from prune3d_gui.studies.run import worker
from prune3d_gui.studies.run.cache import ResultCache
from prune3d_gui.studies.run.evaluator import Evaluator
from prune3d_gui.studies.run.local import LocalWorkers
from prune3d_gui.studies.search.removal import Removal
from prune3d_gui.studies.search.search import BudgetSearch, LargestUniform, scope_of
from prune3d_gui.studies.search.trials import limit_for
from prune3d_gui.studies.search.uniform import Scale
from tests.systems.rooms import WAVES

SEARCHED, HELD_OUT = ("s0", "s1"), ("s2", "s3")


class Asking:
    """An evaluator in this process, a way to ask, and the models of the plugin folder."""

    def __init__(self, folder, stack):
        self.stack, self.cache = stack, ResultCache(folder)
        self.workers = LocalWorkers(here=True)
        stack.callback(self.cache.close)
        stack.callback(self.workers.close)

    def model(self, name):
        ref = replace(worker.registered(name).bundled()[0], device="cpu")
        model = worker.registered(name).open(ref)
        self.stack.callback(model.close)
        return ref, model

    def evaluator(self, question, cancel=None):
        _ref, model = self.model(question.network.ref.system)
        return Evaluator(
            question.network, model.metrics, self.workers, self.cache, cancel or CancelToken()
        )

    def uniform(self, name="rated", **more):
        ref, model = self.model(name)
        asked = {
            "title": "Largest",
            "network": Network(ref, model.weights_hash),
            "knob": knob_named(model.knobs, model.primary),
            "metric_id": "l2",
            "threshold": Threshold(8.0),
            "samples": SEARCHED,
            "words": "val:2",
            "query": Query((("grid", 12),)),
        }
        return LargestUniform(**asked | more)

    def budget(self, name="rated", **more):
        ref, model = self.model(name)
        asked = {
            "title": "Best",
            "network": Network(ref, model.weights_hash),
            "knob": knob_named(model.knobs, model.primary),
            "metric_id": "l2",
            "threshold": Threshold(8.0),
            "units": scope_of(model, Plan()),
            "objective": "macs",
            "samples": SEARCHED,
            "words": "val:2",
            "held_out": HELD_OUT,
            "held_out_words": "the other two",
            "query": Query((("grid", 12),)),
        }
        return BudgetSearch(**asked | more)

    def until(self, question, enough=math.inf, cancel=None):
        """Rows seen until the search ended or was stopped after `enough` of them."""
        rows, cancel = 0, cancel or CancelToken()
        error = None
        try:
            for answer in question.answer(self.evaluator(question, cancel)):
                rows += isinstance(answer, RowFound)
                if rows == enough:
                    cancel.cancel()
        except Prune3DError as caught:
            error = caught
        return rows, error

    def answers(self, question):
        return list(question.answer(self.evaluator(question)))

    def found(self, question):
        return [(a.row, a.case) for a in self.answers(question) if isinstance(a, RowFound)]


@pytest.fixture
def asking(plugins, own_cache):
    with contextlib.ExitStack() as stack:
        yield Asking(own_cache, stack)


def roles(found, role):
    return [(row, case) for row, case in found if row["role"] == role]


def test_the_largest_uniform_value_passes_and_the_next_one_fails(asking):
    question = asking.uniform()
    found = asking.found(question)
    ((row, case),) = roles(found, "uniform")
    assert row["passes"]
    assert row["l2"] <= 8
    tried = {r["tolerance"]: r["passes"] for r, _ in roles(found, "candidate")}
    above = sorted(value for value in tried if value > row["tolerance"])
    assert above
    assert not any(tried[value] for value in above)
    assert above[0] / row["tolerance"] < 1000**0.0015, "within the resolution"
    assert dict(case.plan.values)["tolerance"] == row["tolerance"]


def test_every_row_is_what_the_network_gives(asking):
    question = asking.budget()
    evaluator = asking.evaluator(question)
    for row, case in asking.found(question):
        samples = HELD_OUT if row["role"] == "held-out" else SEARCHED
        direct = evaluator.rows([case], samples)[0]
        assert row["l2"] == direct["l2"]
        assert row["zeroed"] == direct["zeroed"]
        assert row["samples"] == 2


def test_the_best_plan_removes_more_than_the_uniform_one(asking):
    question = asking.budget()
    found = asking.found(question)
    ((uniform, _),), ((best, case),) = roles(found, "uniform"), roles(found, "best")
    assert best["passes"]
    assert uniform["passes"]
    assert best["objective"] > uniform["objective"]
    passing = [row["objective"] for row, _ in found if row["role"] == "candidate" and row["passes"]]
    assert best["objective"] == max(passing)
    assert case.plan.rates
    held = roles(found, "held-out")
    assert [row["plan"] for row, _ in held][1:3] == [uniform["plan"], best["plan"]]
    assert held[3][0]["objective"] >= best["objective"], "the uniform plan that removes as much"
    assert held[1][0]["difference"] == 0
    assert held[2][0]["difference_low"] <= held[2][0]["difference"]


@pytest.mark.parametrize("objective", ["weights", "macs"])
def test_the_best_plan_is_never_worse_than_the_uniform_one(asking, objective):
    for threshold in (3.0, 20.0):
        found = asking.found(
            asking.budget(objective=objective, threshold=Threshold(threshold), held_out=())
        )
        ((uniform, _),), ((best, _),) = roles(found, "uniform"), roles(found, "best")
        assert best["objective"] >= uniform["objective"]
        assert best["passes"]


def test_a_curve_is_there_for_each_unit(asking):
    found = roles(asking.found(asking.budget()), "curve")
    assert {row["unit"] for row, _ in found} == {"low", "mid", "high"}
    assert {row["rate"] for row, _ in found} == {20, 40, 55, 70, 80, 90, 95}


def test_it_says_what_it_does_and_by_how_much(asking):
    answers = asking.answers(asking.budget())
    said = [a.message for a in answers if isinstance(a, Said)]
    assert len(said) == 2
    assert "val:2" in said[0]
    assert "MACs" in said[0]
    assert "passes <= 8" in said[0]
    assert "the other two, unseen" in said[1]
    moved = [a for a in answers if isinstance(a, Moved)]
    assert all(m.done <= m.total for m in moved)


def test_a_second_search_comes_from_the_cache(asking):
    question = asking.budget()
    first, second = asking.answers(question), asking.answers(question)

    def rows(answers):
        found = [a.row for a in answers if isinstance(a, RowFound)]
        return sorted(found, key=lambda row: (row["step"], row["role"]))

    assert rows(first) == rows(second)
    assert all(m.cached == m.done for m in second if isinstance(m, Moved))


def test_a_search_stops_when_it_is_told_and_goes_on_later(asking):
    question = asking.budget()
    rows, error = asking.until(question, 5)
    assert isinstance(error, Cancelled)
    found = asking.found(question)
    assert 5 <= rows < len(found), "what was under way is told too, and then it ends"


@pytest.mark.parametrize(
    ("threshold", "quoted"),
    [
        (Threshold(0.005), ("0.005", "floor of 0.01")),
        (Threshold(0.01), ("0.01", "floor of 0.01")),
        (Threshold(0.5, "factor"), ("0.5 x 0.01 = 0.005", "floor")),
        (Threshold(-0.005, "difference"), ("0.01 -0.005 = 0.005", "floor")),
        (Threshold(math.nan), ("nan",)),
    ],
)
def test_a_threshold_that_nothing_meets_is_refused_at_once(asking, threshold, quoted):
    question = asking.budget(threshold=threshold)
    rows, error = asking.until(question)
    assert rows == 0, "only the full model was looked at"
    assert isinstance(error, BadInput)
    assert all(words in str(error) for words in quoted), str(error)


def test_a_threshold_above_the_full_model_is_refused_where_higher_is_better(asking):
    question = asking.uniform(metric_id="peak", threshold=Threshold(1e3))
    with pytest.raises(BadInput, match="1000 of peak is not below the full model's own"):
        asking.answers(question)
    passing = asking.uniform(metric_id="peak", threshold=Threshold(0.9, "factor"))
    ((row, _),) = roles(asking.found(passing), "uniform")
    full = roles(asking.found(passing), "full")[0][0]
    assert row["peak"] >= 0.9 * full["peak"] == pytest.approx(row["threshold"])


def test_a_threshold_that_limits_nothing_is_said(asking):
    answers = asking.answers(asking.uniform(threshold=Threshold(1e4)))
    said = [a.message for a in answers if isinstance(a, Said)]
    assert "Even tolerance 1 passes the threshold 1e+04" in said[0]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"samples": ()}, "'val:2' is empty"),
        ({"held_out": ("s1", "s2")}, "'s1' is both"),
        ({"units": ()}, "No unit"),
        ({"metric_id": "beauty"}, "no metric 'beauty'"),
        ({"objective": "fame"}, "'fame' is unknown"),
        ({"resolution": 0.0}, "resolution of 0"),
    ],
)
def test_what_cannot_be_searched_is_refused(asking, change, words):
    with pytest.raises(BadInput, match=words):
        asking.answers(asking.budget(**change))


def test_other_weights_are_not_searched(asking):
    question = asking.budget()
    other = replace(question, network=replace(question.network, weights_hash="others"))
    with pytest.raises(Exception, match="have changed"):
        list(other.answer(asking.evaluator(question)))


def test_units_without_a_rate_of_their_own_are_named(asking):
    answers = asking.answers(asking.budget("half_rated"))
    said = [a.message for a in answers if isinstance(a, Said)]
    assert "low take no rate of their own" in said[0]
    case = next(a.case for a in reversed(answers) if isinstance(a, RowFound) and a.case.plan.rates)
    assert "low" not in dict(case.plan.rates)
    units = tuple(u for u in asking.budget("half_rated").units if u.id == "low")
    question = asking.budget("half_rated", units=units)
    with pytest.raises(BadInput, match="No unit of this model takes a rate"):
        asking.answers(question)


@pytest.mark.parametrize("objective", ["weights", "macs"])
def test_a_plan_that_gives_nan_is_kept_and_never_passes(asking, objective):
    found = asking.found(asking.budget("gappy", objective=objective, threshold=Threshold(30.0)))
    gone = [row for row, _ in found if math.isnan(row["l2"])]
    assert gone
    assert not any(row["passes"] for row in gone)
    assert all(math.isnan(row["l2_low"]) for row in gone)
    ((best, _),) = roles(found, "best")
    assert best["l2"] <= 30
    assert best["zeroed"] <= 45


def test_a_full_model_that_gives_nan_is_refused(asking):
    with pytest.raises(BadInput, match="own peak is nan"):
        asking.answers(asking.uniform("blind", metric_id="peak"))


def test_removal_counts_macs_of_zeroed_weights_and_bytes(asking):
    question = asking.budget()
    plan = Plan().with_rate("mid", 50.0)
    for objective, amount in (("weights", 12), ("macs", 1_200_000), ("bytes", 0)):
        removal = Removal(question.network, objective)
        assert removal.of(plan).amount == amount
        assert removal.of(plan).counts == {"low": 0, "mid": 12, "high": 0}
        removal.close()


def test_a_scale_goes_from_where_nothing_is_pruned():
    rate = Knob("rate", "Rate", "rate", 0.0)
    keep = Knob("keep", "Keep", "linear", 100.0, minimum=0.0, maximum=100.0)
    log = Knob("tolerance", "Tolerance", "log", 1e-4, minimum=1e-4, maximum=1.0)
    steps = Knob("steps", "Steps", "steps", 0, maximum=7)
    assert [Scale.of(rate).at(i) for i in (0, 406, 1000)] == [0, 40.6, 100]
    assert [Scale.of(keep).at(i) for i in (0, 250, 1000)] == [100, 75, 0]
    assert [Scale.of(log).at(i) for i in (0, 500, 1000)] == pytest.approx([1e-4, 1e-2, 1])
    assert [Scale.of(steps).at(i) for i in range(Scale.of(steps).size + 1)] == list(range(8))
    with pytest.raises(BadInput, match="no range"):
        Scale.of(Knob("way", "Way", "choice", "a", choices=(Choice("a", "A"),)))


def test_the_usual_threshold_is_what_the_metric_says_and_none_is_made_up():
    error = Metric("c", "C", "lower", "C.", slack=Threshold(1.5, "factor"))
    assert usual_threshold(error).at(4.0) == 6.0
    dice = Metric("d", "D", "higher", "D.", slack=Threshold(-0.02, "difference"))
    assert usual_threshold(dice).at(0.9) == pytest.approx(0.88)
    with pytest.raises(BadInput, match="how much worse a c still passes"):
        usual_threshold(replace(error, slack=None))


def test_what_a_difference_allows_is_spent_evenly_and_moves_with_the_full_model():
    psnr = Metric("p", "PSNR", "higher", "P.", "dB", slack=Threshold(-2.0, "difference"))
    outcome = Outcome({"p": 40.0}, {}, {})
    by_slack = limit_for(psnr, [outcome], usual_threshold(psnr), "val:1")
    for limit in (by_slack, limit_for(psnr, [outcome], Threshold(38.0), "val:1")):
        assert limit.threshold == 38
        assert [limit.cost(value) for value in (40, 39, 38, 36)] == [0, 0.5, 1, 2]
        assert limit.moved_to(30.0).threshold == 28
    factor = limit_for(psnr, [outcome], Threshold(0.5, "factor"), "val:1")
    assert factor.cost(20.0) == 1
    assert factor.moved_to(30.0).threshold == 15


def test_a_search_takes_whole_units_out_or_leaves_them(asking):
    _, model = asking.model("rooms")
    more = {"knob": knob_named(model.knobs, "fine"), "objective": "weights"}
    question = asking.budget("rooms", threshold=Threshold(60.0), **more)
    found = asking.found(question)
    rates = {rate for _, case in found for _, rate in case.plan.rates}
    assert rates == {0.0, 100.0}
    ((uniform, case),) = roles(found, "uniform")
    assert uniform["fine"] == dict(case.plan.values)["fine"]
    ((best, case),) = roles(found, "best")
    assert best["l2"] <= 60
    assert best["zeroed"] > uniform["zeroed"]
    assert best["zeroed"] == WAVES * sum(rate == 100 for _, rate in case.plan.rates)
    curves = roles(found, "curve")
    assert len(curves) == len(model.units)
    assert {row["rate"] for row, _ in curves} == {100.0}


def test_questions_are_values(asking):
    assert asking.budget() == asking.budget()
    assert hash(asking.uniform()) == hash(asking.uniform())
    assert isinstance(asking.budget().plan, Plan)
    assert Case(Plan(), Query(), ()) == Case(Plan(), Query(), ())
