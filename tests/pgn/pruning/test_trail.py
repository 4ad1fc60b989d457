"""Trails: bit for bit the plain pass, and no more work than what lies after the pruned unit."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.plans import Plan, Query
from prune3d_gui.plugins.pgn.data.gallery import Gallery
from prune3d_gui.plugins.pgn.model import PgnModel
from prune3d_gui.plugins.pgn.network.checkpoint import load_network, save_network
from prune3d_gui.plugins.pgn.network.network import AtlasNet
from prune3d_gui.plugins.pgn.network.steps import Step
from prune3d_gui.plugins.pgn.pruning.controls import CRITERION, RANKING, RATE, SCOPE
from prune3d_gui.plugins.pgn.pruning.trail import STATE_BYTES, Trail, state_bytes
from prune3d_gui.pruning.knobs import SEED
from prune3d_gui.pruning.masks import MaskEngine, MaskSpec


def opened(tmp_path, samples, **shape):
    torch.manual_seed(3)
    path = tmp_path / "net.safetensors"
    save_network(path, AtlasNet(bottleneck=40, hidden=24, **shape), {})
    return PgnModel(*load_network(path), Gallery.shipped(samples), "cpu")


def points(model, plan, sample, quality="full"):
    applied = model.apply(plan)
    *_, stage = model.reconstruct(applied, sample, Query(), quality, CancelToken())
    return torch.from_numpy(stage.scene.layers[0].data.points)


@torch.inference_mode()
def plain(model, plan, sample, quality="full"):
    model.apply(plan)
    image = torch.from_numpy(model.image(sample))[None]
    return model.network(image, model.template(quality))[0]


def random_plan(random, units):
    plan = Plan().with_value(RATE, float(random.choice([0.0, 30.0, 60.0])))
    plan = plan.with_value(SCOPE, str(random.choice(["encoder", "decoder", "decoder+bn", "all"])))
    plan = plan.with_value(RANKING, str(random.choice(["global", "layer"])))
    if random.random() < 0.3:
        plan = plan.with_value(CRITERION, "random").with_value(SEED, int(random.integers(2)))
    for unit in random.choice(units, random.integers(4), replace=False):
        plan = plan.with_rate(str(unit), float(random.choice([0.0, 20.0, 90.0])))
    return plan


@pytest.mark.parametrize("shape", [{}, {"primitives": 3, "template": "SQUARE"}])
@pytest.mark.parametrize("limit", [None, 3_000_000])
def test_any_sequence_of_plans_gives_the_bits_of_the_plain_pass(
    tmp_path, small_samples, shape, limit
):
    model = opened(tmp_path, small_samples, **shape)
    if limit:
        model.trails.memory.limit = limit
    random = np.random.default_rng(1)
    units = [unit.id for unit in model.units]
    samples = [sample.id for sample in model.samples()[:2]]
    plan = Plan()
    for _ in range(16):
        if random.random() < 0.5:
            plan = random_plan(random, units)
        else:
            plan = plan.with_rate(str(random.choice(units)), float(random.choice([10.0, 50.0])))
        asked = (plan, str(random.choice(samples)), str(random.choice(["full", "preview"])))
        assert torch.equal(points(model, *asked), plain(model, *asked))
        assert model.trails.memory.bytes <= model.trails.memory.limit


def test_units_one_after_the_other_give_the_bits_of_the_plain_pass(model):
    sample = model.samples()[0].id
    for unit in reversed([unit.id for unit in model.units]):
        for rate in (20.0, 50.0, 90.0):
            asked = (Plan().with_rate(unit, rate), sample, "preview")
            assert torch.equal(points(model, *asked), plain(model, *asked))


def counted(names="abcd"):
    """A trail of steps that add their weight, an engine, and the names of the steps that ran."""
    weights = {name: torch.full((4,), float(i + 1)) for i, name in enumerate(names)}
    ran = []

    def step(name):
        def run(state):
            ran.append(name)
            return (state[0] + weights[name].sum(),)

        return Step((name,), run)

    engine, memory = MaskEngine(weights), Newest(STATE_BYTES, state_bytes)
    return Trail("t", [step(name) for name in names], engine, memory), engine, memory, ran


def visit(trail, engine, ran, base=0, sample="s", **rates):
    """Prune each unit named at its rate; gives the result and which steps ran."""
    engine.apply(MaskSpec(frozenset(), rates=tuple(rates.items())))
    ran.clear()
    (result,) = trail.follow(sample, base, lambda: (torch.zeros(()),))
    left = {name: 0.25 * count for name, count in engine.counts.items()}
    whole = dict(zip("abcd", (4.0, 8.0, 12.0, 16.0), strict=True))
    assert float(result) == sum(whole[name] * (1 - left[name]) for name in left)
    return "".join(ran)


def test_only_what_lies_after_the_pruned_unit_is_computed_again():
    trail, engine, _, ran = counted()
    assert visit(trail, engine, ran) == "abcd"
    assert visit(trail, engine, ran) == ""
    assert visit(trail, engine, ran, d=50) == "d"
    assert visit(trail, engine, ran, d=75) == "d"
    assert visit(trail, engine, ran, c=50) == "cd"
    assert visit(trail, engine, ran, c=75) == "cd"
    assert visit(trail, engine, ran, b=25) == "bcd"
    assert visit(trail, engine, ran, a=25) == "abcd"


def test_samples_and_inputs_are_kept_apart():
    trail, engine, _, ran = counted()
    assert visit(trail, engine, ran, sample="one") == "abcd"
    assert visit(trail, engine, ran, sample="two", c=50) == "abcd"
    assert visit(trail, engine, ran, sample="one", c=50) == "cd"
    assert visit(trail, engine, ran, sample="one", base=1, c=50) == "abcd"


def test_what_changes_every_time_is_not_kept():
    trail, engine, memory, ran = counted()
    for rate in (0, 25, 50, 75):
        visit(trail, engine, ran, c=rate)
    assert len(memory) == 2  # after a and b
    for rate in (25, 50, 75):
        visit(trail, engine, ran, a=rate)
    assert (len(memory), memory.bytes) == (0, 0)


def test_memory_is_bounded_and_the_oldest_go_first():
    trail, engine, memory, ran = counted()
    memory.limit = 32  # eight states of four bytes each
    for sample in ("one", "two", "three"):
        visit(trail, engine, ran, sample=sample)
    assert memory.bytes == 32
    assert visit(trail, engine, ran, sample="three", d=50) == "d"
    assert visit(trail, engine, ran, sample="one", d=50) == "abcd"
    memory.put("large", (torch.zeros(100),))
    assert ("large" in memory, memory.bytes) == (False, 32)


@pytest.mark.parametrize("shape", [{}, {"primitives": 2, "template": "SQUARE"}])
def test_the_rest_from_any_unit_is_the_whole_result(tmp_path, small_samples, shape):
    model = opened(tmp_path, small_samples, **shape)
    sample = model.samples()[0].id
    image = torch.from_numpy(model.image(sample))[None]
    plan = Plan().with_rate("C3", 30.0)
    wanted = plain(model, plan, sample)
    for unit in model.units:
        assert torch.equal(model.trails.rest(unit.id, image)(), wanted)
    with pytest.raises(KeyError):
        model.trails.rest("C99", image)
