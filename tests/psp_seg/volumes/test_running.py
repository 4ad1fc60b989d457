"""Running patients: again only from what has changed, padded, and in blocks."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import Cancelled
from prune3d_gui.core.model import ModelRef
from prune3d_gui.plugins.psp_seg.data.cohort import HELD
from prune3d_gui.plugins.psp_seg.data.phantom import patient
from prune3d_gui.plugins.psp_seg.network.normal import Window
from prune3d_gui.plugins.psp_seg.network.removal import copied
from prune3d_gui.plugins.psp_seg.opening import open_model
from prune3d_gui.plugins.psp_seg.volumes import blocks, running
from prune3d_gui.plugins.psp_seg.volumes.running import Runner
from tests.psp_seg.network.test_network import TINY, TINY_HALF, network


def volume(shape=(16, 16, 24), seed=0):
    return np.random.default_rng(seed).normal(40, 100, shape).astype(np.float32)


def fresh(size, values, gone):
    """Probabilities of a whole pass by a runner that keeps nothing yet."""
    return Runner(network(size), Window(), "cpu").probabilities("v", values, gone)


@pytest.mark.parametrize("size", [TINY, TINY_HALF])
def test_toggled_step_by_step_it_is_what_a_whole_pass_gives(size):
    runner = Runner(network(size), Window(), "cpu")
    units, rng = runner.network.units, np.random.default_rng(0)
    gone = frozenset()
    for _ in range(12):
        gone = gone ^ {units[rng.integers(len(units))]}
        found = runner.probabilities("v", volume(), gone)
        assert np.array_equal(found, fresh(size, volume(), gone))
        assert found.sum(axis=0) == pytest.approx(1, abs=1e-5)


def test_only_what_lies_after_the_toggled_branch_is_run():
    runner = Runner(network(), Window(), "cpu")
    ran = []
    for name, module in runner.network.named_modules():
        if name in {"stem", "encoder.1", "bottleneck", "decoder.1", "decoder.0", "fine"}:
            module.register_forward_hook(lambda *_, own=name: ran.append(own))
    runner.probabilities("v", volume(), frozenset())
    assert ran == ["stem", "encoder.1", "bottleneck", "decoder.1", "decoder.0", "fine"]
    ran.clear()
    runner.probabilities("v", volume(), frozenset({("decoder.0", 1)}))
    assert ran == ["decoder.0", "fine"]
    ran.clear()
    runner.probabilities("v", volume(), frozenset({("decoder.0", 1), ("bottleneck", 0)}))
    assert ran == ["bottleneck", "decoder.1", "decoder.0", "fine"]
    ran.clear()
    runner.probabilities("v", volume(), frozenset({("decoder.0", 1), ("bottleneck", 0)}))
    assert ran == []


def test_a_toggle_runs_no_other_branch_of_its_module():
    runner = Runner(network(), Window(), "cpu")
    ran, none = [], frozenset()
    for name, place in runner.network.units:
        runner.network.module(name).branch(place).register_forward_hook(
            lambda *_, unit=(name, place): ran.append(unit)
        )
    runner.probabilities("v", volume(), frozenset({("bottleneck", 3)}))
    assert sorted(ran) == sorted(set(runner.network.units) - {("bottleneck", 3)})
    ran.clear()
    runner.probabilities("v", volume(), none)
    after = {unit for unit in runner.network.units if unit[0].startswith("decoder")}
    assert set(ran) == {("bottleneck", 3)} | after
    ran.clear()
    runner.probabilities("v", volume(), frozenset({("decoder.0", 2)}))
    assert ran == []


def test_volumes_too_large_to_hold_branches_give_the_same(monkeypatch):
    gone = frozenset({("bottleneck", 3)})
    wanted = fresh(TINY_HALF, volume(), gone)
    monkeypatch.setattr(running, "HELD", 10)
    runner = Runner(network(), Window(), "cpu")
    runner.probabilities("v", volume(), frozenset())
    assert np.array_equal(runner.probabilities("v", volume(), gone), wanted)
    assert not any(kept.held for kept in runner._kept.values())


def test_patients_do_not_mix_and_are_forgotten_when_asked():
    runner = Runner(network(), Window(), "cpu")
    gone = frozenset({runner.network.units[-1]})
    for key, seed in (("a", 0), ("b", 1), ("a", 0), ("b", 1)):
        found = runner.probabilities(key, volume(seed=seed), gone)
        assert np.array_equal(found, fresh(TINY_HALF, volume(seed=seed), gone))
    runner.forget("a")
    found = runner.probabilities("a", volume(seed=5), gone)
    assert np.array_equal(found, fresh(TINY_HALF, volume(seed=5), gone))


def test_what_is_kept_is_bounded(monkeypatch):
    monkeypatch.setattr(running, "KEPT_BYTES", 1 << 20)
    runner = Runner(network(), Window(), "cpu")
    for number in range(12):
        runner.probabilities(str(number), volume(seed=number), frozenset())
    assert runner._bytes() <= 1 << 20
    found = runner.probabilities("0", volume(seed=0), frozenset())
    assert np.array_equal(found, fresh(TINY_HALF, volume(seed=0), frozenset()))


def test_a_stopped_pass_does_not_spoil_the_next_which_goes_on_from_there():
    runner = Runner(network(), Window(), "cpu")
    ran = []
    runner.probabilities("v", volume(), frozenset())
    token = CancelToken()
    gone = frozenset({("encoder.1", 0), ("decoder.0", 1)})
    runner.network.module("bottleneck").register_forward_hook(lambda *_: token.cancel())
    with pytest.raises(Cancelled):
        runner.probabilities("v", volume(), gone, token)
    for name in ("encoder.1", "bottleneck", "decoder.0"):
        runner.network.get_submodule(name).register_forward_hook(lambda *_, n=name: ran.append(n))
    runner.probabilities("v", volume(), gone)
    assert ran == ["decoder.0"]
    for wanted in (gone, frozenset(), frozenset({("decoder.0", 1)})):
        assert np.array_equal(
            runner.probabilities("v", volume(), wanted), fresh(TINY_HALF, volume(), wanted)
        )


@pytest.mark.parametrize("shape", [(15, 17, 9), (4, 5, 30), (8, 8, 8)])
def test_sides_need_not_be_multiples(shape):
    found = Runner(network(), Window(), "cpu").probabilities("v", volume(shape), frozenset())
    assert found.shape == (3, *shape)
    assert np.isfinite(found).all()


def test_all_branches_gone_it_still_runs():
    runner = Runner(network(), Window(), "cpu")
    found = runner.probabilities("v", volume(), frozenset(runner.network.units))
    assert found.shape == (3, 16, 16, 24)
    assert np.isfinite(found).all()


GPU = pytest.mark.skipif(not torch.cuda.is_available(), reason="there is no GPU here")


@pytest.fixture(scope="module")
def shipped():
    """Makes runners of the network that ships, on a device."""
    model = open_model(ModelRef("psp_seg", "bundled", device="cpu"))
    made = patient(HELD, 1).volume.astype(np.float32)

    def runner(device):
        return Runner(copied(model.network), model.info.window, device)

    yield runner, made, model.network.units
    model.close()


@GPU
@pytest.mark.parametrize("every", [0, 3, 2, 1])
def test_cpu_and_gpu_agree_on_the_shipped_network(shipped, every):
    runner, values, units = shipped
    gone = frozenset(units[::every]) if every else frozenset()
    on_gpu, on_cpu = (runner(device).probabilities("v", values, gone) for device in ("cuda", "cpu"))
    assert np.abs(on_gpu - on_cpu).max() < 0.02
    assert np.abs(on_gpu - on_cpu).mean() < 1e-4
    assert (on_gpu.argmax(axis=0) == on_cpu.argmax(axis=0)).mean() >= 0.999


@pytest.mark.parametrize("device", ["cpu", pytest.param("cuda", marks=GPU)])
def test_toggling_back_is_exact_on_the_same_device(shipped, device):
    runner, values, units = shipped
    own, none = runner(device), frozenset()
    before = own.probabilities("v", values, none).copy()
    for gone in (frozenset({units[3]}), frozenset(units[::2]), frozenset({units[-1]})):
        changed = own.probabilities("v", values, gone)
        assert not np.array_equal(changed, before)
        assert np.array_equal(own.probabilities("v", values, none), before)


@GPU
def test_blocks_of_cpu_and_gpu_agree(shipped, monkeypatch):
    runner, values, _ = shipped
    monkeypatch.setattr(blocks, "BLOCK", 48)
    monkeypatch.setattr(blocks, "MARGIN", 8)
    one, two = (runner(device).segmented("v", values, frozenset()) for device in ("cuda", "cpu"))
    assert (one.labels == two.labels).mean() >= 0.999
