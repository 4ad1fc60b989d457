from dataclasses import replace

from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.studies.ask.questions import Case, cases, sensitivity_cases
from prune3d_gui.studies.run.chunks import MOST, Curve, Pace, curves, cut, together
from tests.toy import SCOPE, TOLERANCE, ToyModel

ALL = ("a", "b", "c", "d", "e")


def grouped(found, numbers=None, samples=lambda number: ALL):
    return [curve.cases for curve in curves(found, numbers or range(len(found)), samples)]


def test_a_curve_is_cases_that_differ_in_one_column():
    series = {"tolerance": (0.1, 0.2, 0.3), "scope": ("all", "detail")}
    found = cases((TOLERANCE, SCOPE), series, innermost="tolerance")
    assert grouped(found) == [(0, 1, 2), (3, 4, 5)]
    assert grouped(found, (1, 2, 5)) == [(1, 2), (5,)]


def test_each_unit_is_a_curve():
    found = sensitivity_cases(ToyModel.knobs, ToyModel.units, "tolerance", (0.1, 0.2))
    assert grouped(found) == [(0, 1), (2, 3), (4, 5)]


def test_another_query_or_other_samples_are_another_curve():
    case = Case(Plan(), Query(), (("n", 1),))
    found = (case, replace(case, query=Query((("time", 1.0),))), case)
    assert grouped(found) == [(0,), (1,), (2,)]
    assert grouped((case, case, case), samples=lambda n: ALL[n // 2 :]) == [(0, 1), (2,)]


def test_chunks_cover_every_pair_once():
    found = [Curve((0, 1, 2, 3), ALL), Curve((7,), ALL[:2]), Curve(tuple(range(9, 40)), ALL)]
    pace = Pace(2)
    pairs = []
    for numbers, samples in cut(found, pace):
        pairs += [(number, sample) for number in numbers for sample in samples]
        pace.came(len(numbers) * len(samples))
    assert sorted(pairs) == sorted((n, s) for c in found for n in c.cases for s in c.samples)
    assert len(set(pairs)) == len(pairs)


def test_chunks_begin_small_and_end_small():
    pace = Pace(2)
    sizes = []
    for numbers, samples in cut([Curve(tuple(range(200)), ALL)], pace):
        sizes.append(len(numbers) * len(samples))
        pace.came(sizes[-1])
    assert sizes[0] <= 2
    assert max(sizes) > 10
    assert sizes[-1] <= 10


def test_one_worker_is_not_slowed_down_at_the_end():
    pace = Pace(1)
    sizes = []
    for numbers, samples in cut([Curve(tuple(range(200)), ALL)], pace):
        sizes.append(len(numbers) * len(samples))
        pace.came(sizes[-1])
    assert len(sizes) <= 10
    assert sum(sizes) == 1000


def test_a_gpu_is_given_whole_batches():
    assert (together("cpu"), together("cuda:0")) == (4, 64)
    for count in (64, 1000):
        samples = tuple(f"s{n}" for n in range(count))
        pace = Pace(1)
        seen = []
        for numbers, some in cut([Curve(tuple(range(19)), samples)], pace, 64):
            seen.append((len(numbers), len(some)))
            pace.came(seen[-1][0] * seen[-1][1])
        assert sum(cases * some for cases, some in seen) == 19 * count
        assert all(cases * some <= MOST for cases, some in seen)
        quick = seen[6:]  # before, it is not known how fast it is
        assert sum(some % 64 != 0 for _, some in quick) <= 19 * (count % 64 > 0)
        assert max(cases for cases, _ in seen) > 8


def test_a_curve_is_seen_on_all_samples_before_it_goes_on():
    seen = {}
    for place, (numbers, _) in enumerate(cut([Curve(tuple(range(20)), ALL)], Pace(2))):
        for number in numbers:
            seen.setdefault(number, []).append(place)
    last = -1
    for number in range(20):
        assert min(seen[number]) >= last or seen[number] == seen[number - 1]
        last = max(seen[number])
