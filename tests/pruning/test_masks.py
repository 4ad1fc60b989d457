"""The mask engine against torch.nn.utils.prune, the plain reference."""

import numpy as np
import pytest
import torch
from torch.nn.utils import prune

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec, count_for
from prune3d_gui.pruning.order import magnitude_order, random_order

SIZES = {"a": 1003, "b": 4096, "c": 577, "d": 20}


@pytest.fixture(params=["cpu", "cuda"])
def device(request):
    if request.param == "cuda" and not torch.cuda.is_available():
        pytest.skip("no CUDA device on this machine")
    return request.param


def weights(device="cpu", half=False, seed=0):
    generator = torch.Generator().manual_seed(seed)
    made = {key: torch.randn(n, generator=generator) for key, n in SIZES.items()}
    if half:  # fp16 magnitudes tie often
        made = {key: (value * 0.01).half().float() for key, value in made.items()}
    return {key: value.to(device) for key, value in made.items()}


def copies(tensors):
    return {key: value.clone() for key, value in tensors.items()}


def bits(tensors):
    return {key: value.cpu().numpy().view(np.uint32).tolist() for key, value in tensors.items()}


def modules(tensors):
    found = {}
    for key, value in tensors.items():
        module = torch.nn.Linear(value.numel(), 1, bias=False)
        module.weight.data = value.clone().view(1, -1)
        found[key] = module
    return found


def reference(tensors, spec):
    """Masks by torch.nn.utils.prune, from fresh modules."""
    linear = modules(tensors)
    chosen = [(linear[key], "weight") for key in tensors if key in spec.scope]
    if spec.ranking == "global":
        prune.global_unstructured(chosen, prune.L1Unstructured, amount=spec.rate / 100)
    else:
        for module, name in chosen:
            prune.l1_unstructured(module, name, amount=spec.rate / 100)
    return {key: module.weight.detach().view(-1) for key, module in linear.items()}


@pytest.mark.parametrize("half", [False, True])
@pytest.mark.parametrize("ranking", ["global", "layer"])
@pytest.mark.parametrize("rate", [0.1, 5, 33.3, 45, 90, 100])
def test_agrees_with_torch_prune(device, ranking, rate, half):
    tensors = weights(device, half)
    original = copies(tensors)
    spec = MaskSpec(frozenset("abc"), rate, ranking)
    counts = MaskEngine(tensors).apply(spec)
    wanted = reference(copies(weights("cpu", half)), spec)
    pool = sum(SIZES[key] for key in "abc")
    each = sum(count_for(rate, SIZES[key]) for key in "abc")
    assert sum(counts.values()) == (count_for(rate, pool) if ranking == "global" else each)
    for key in SIZES:
        mine, theirs = tensors[key].cpu(), wanted[key]
        magnitude = original[key].cpu().abs()
        threshold = _threshold(original, spec, key)
        differs = magnitude != threshold  # at the threshold itself ties may fall either way
        assert torch.equal((mine == 0)[differs], (theirs == 0)[differs])


def _threshold(original, spec, key):
    pool = "abc" if spec.ranking == "global" else key
    if key not in spec.scope:
        return -1.0
    values = torch.cat([original[k].cpu().abs() for k in pool]).sort().values
    k = count_for(spec.rate, len(values))
    return float(values[k - 1]) if k else -1.0


def test_ties_fall_by_position():
    tensors = {"a": torch.ones(10), "b": torch.ones(10)}
    MaskEngine(tensors).apply(MaskSpec(frozenset("ab"), 60.0))
    assert tensors["a"].tolist() == [0.0] * 10
    assert tensors["b"].tolist() == [0.0] * 2 + [1.0] * 8


@pytest.mark.parametrize("criterion", ["l1", "random"])
@pytest.mark.parametrize("ranking", ["global", "layer"])
def test_any_path_gives_the_same_weights_and_returns_bit_for_bit(device, ranking, criterion):
    tensors = weights(device, half=True)
    tensors["a"][3] = -0.0
    original = bits(tensors)
    engine = MaskEngine(tensors)

    def at(rate):
        return MaskSpec(frozenset("abd"), rate, ranking, criterion, seed=5)

    engine.apply(at(37.5))
    direct = bits(tensors)
    for rate in (90, 12, 12.1, 55, 100, 0, 3, 38, 37.5):
        engine.apply(at(rate))
    assert bits(tensors) == direct
    engine.apply(at(0))
    assert bits(tensors) == original


def test_change_of_criterion_and_scope_leaves_nothing_behind():
    tensors, engine_tensors = weights(), weights()
    engine = MaskEngine(engine_tensors)
    engine.apply(MaskSpec(frozenset("ab"), 70.0, "layer", "random", seed=1))
    engine.apply(MaskSpec(frozenset("cd"), 20.0))
    fresh = MaskEngine(tensors)
    fresh.apply(MaskSpec(frozenset("cd"), 20.0))
    assert bits(engine_tensors) == bits(tensors)


def test_locks_and_own_rates_leave_the_pool():
    tensors = weights()
    engine = MaskEngine(tensors)
    counts = engine.apply(
        MaskSpec(frozenset("abc"), 50.0, rates=(("c", 10.0), ("d", 25.0)), locks=frozenset("a"))
    )
    assert counts == {"a": 0, "b": 2048, "c": count_for(10, 577), "d": 5}


def test_random_differs_by_seed_and_from_magnitude():
    states = []
    for criterion, seed in (("random", 0), ("random", 1), ("l1", 0), ("random", 0)):
        tensors = weights()
        MaskEngine(tensors).apply(MaskSpec(frozenset("abcd"), 50.0, "layer", criterion, seed))
        states.append(bits(tensors))
    assert states[0] == states[3]
    assert states[0] != states[1] != states[2]


def test_rate_zero_changes_nothing():
    tensors = weights()
    before = bits(tensors)
    assert not any(MaskEngine(tensors).apply(MaskSpec(frozenset("abcd"))).values())
    assert bits(tensors) == before


def test_signature_tells_states_apart():
    engine = MaskEngine(weights())
    empty = engine.signature("ab")
    engine.apply(MaskSpec(frozenset("c"), 50.0))
    assert engine.signature("ab") == empty
    engine.apply(MaskSpec(frozenset("b"), 50.0))
    changed = engine.signature("ab")
    assert changed[0] == empty[0]
    assert changed[1] != empty[1]
    engine.apply(MaskSpec(frozenset("b"), 50.0, criterion="random"))
    assert engine.signature("ab")[1] not in (empty[1], changed[1])
    engine.apply(MaskSpec(frozenset()))
    assert engine.signature("ab") == empty


def test_masks_are_lifted_for_a_while_and_come_back():
    tensors = weights()
    original = bits(tensors)
    engine = MaskEngine(tensors)
    engine.apply(MaskSpec(frozenset("abc"), 40.0, criterion="random", seed=3))
    masked, counts = bits(tensors), dict(engine.counts)

    def fail_meanwhile():
        with engine.lifted():
            assert bits(tensors) == original
            raise KeyError

    with pytest.raises(KeyError):
        fail_meanwhile()
    assert bits(tensors) == masked
    assert engine.counts == counts
    engine.apply(MaskSpec(frozenset()))
    assert bits(tensors) == original


@pytest.mark.parametrize(
    ("spec", "words"),
    [
        (MaskSpec(frozenset("z")), "no unit 'z'"),
        (MaskSpec(frozenset("a"), 101.0), "101"),
        (MaskSpec(frozenset("a"), rates=(("b", -1.0),)), "-1"),
        (MaskSpec(frozenset("a"), float("nan")), "nan"),
    ],
)
def test_bad_specs_are_refused_and_change_nothing(spec, words):
    tensors = weights()
    before = bits(tensors)
    with pytest.raises(BadInput, match=words):
        MaskEngine(tensors).apply(spec)
    assert bits(tensors) == before


def test_orders_are_permutations():
    values = np.random.default_rng(0).normal(size=1000).astype(np.float32)
    order = magnitude_order(values)
    assert (np.diff(np.abs(values[order])) >= 0).all()
    assert sorted(random_order(50, 3)) == list(range(50))


def test_magnitudes_are_sorted_as_a_stable_sort_does():
    random = np.random.default_rng(2)
    values = random.standard_normal(20_000).astype(np.float32)
    values *= np.float32(10.0) ** random.integers(-38, 38, len(values)).astype(np.float32)
    values[::3], values[1::5], values[2::7] = 0.0, -0.0, values[5]
    assert np.array_equal(magnitude_order(values), np.argsort(np.abs(values), kind="stable"))


def test_a_sort_that_is_cancelled_leaves_every_weight_as_it_was():
    class After(CancelToken):
        looks = 0

        @property
        def cancelled(self):
            self.looks += 1
            return self.looks > self.most

    tensors = weights()
    engine, spec = MaskEngine(tensors), MaskSpec(frozenset("abcd"), 50.0)
    engine.apply(MaskSpec(frozenset("ab"), 30.0, criterion="random", seed=1))
    before = bits(tensors)
    for most in range(20):
        cancel = After()
        cancel.most = most
        try:
            engine.apply(spec, cancel)
            break
        except Cancelled:
            assert bits(tensors) == before
    assert most > 3
    whole = weights()
    MaskEngine(whole).apply(spec)
    assert bits(tensors) == bits(whole)


@pytest.mark.parametrize("percent", range(5, 95, 5))
def test_counts_are_those_of_the_paper(percent):
    """Yuniarti et al. 2025, Table 2: global, 18 encoder units, 11,519,168 weights."""
    paper = [575958, 1151917, 1727875, 2303834, 2879792, 3455750, 4031709, 4607667, 5183626,
             5759584, 6335542, 6911501, 7487459, 8063418, 8639376, 9215334, 9791293,
             10367251]  # fmt: skip
    assert count_for(percent, 11_519_168) == paper[percent // 5 - 1]
