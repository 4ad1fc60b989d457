"""Pruning while training: masks, removals, restoring, the end, and going on bit by bit."""

from dataclasses import replace

import pytest
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.errors import BadInput, Cancelled
from prune3d_gui.plugins.psp_seg.training.progressive import Progressive, Rules, Watch
from prune3d_gui.plugins.psp_seg.training.training import Settings

RULES = Rules(epoch=2, patience=1, batches=1, at_once=1, worse=1e9, share=1.0)
SETTINGS = Settings(steps=24, batch=1, decoupling=0.1, rate=1e-3)
STILL = replace(SETTINGS, steps=60, rate=1e-9)
"""Hardly learns, so that losses go up and down and a training converges again and again."""


def progressive(cohort, network, path, rules=RULES, settings=SETTINGS, **more):
    return Progressive(cohort, settings, rules, path / "training.pt", network=network, **more)


def events(training, word):
    return [row for row in training.rows if word in row.get("event", "")]


def test_losses_have_converged_when_none_has_a_new_minimum():
    watch = Watch()
    for means in ({"a": 3.0, "b": 3.0}, {"a": 2.0, "b": 4.0}, {"a": 5.0, "b": 2.5}):
        watch.see(means)
        assert watch.quiet == 0
    watch.see({"a": 2.0, "b": 2.5})
    assert watch.quiet == 1
    assert watch.worse_by() == 0
    watch.begin()
    watch.see({"a": 2.2, "b": 2.0})
    assert watch.quiet == 0
    assert watch.worse_by() == pytest.approx(0.2)
    assert watch.ever == {"a": 2.0, "b": 2.0}


def test_what_does_no_harm_is_removed_module_by_module(cohort, network, tmp_path):
    training = progressive(cohort, network, tmp_path, settings=STILL)
    parameters = sum(p.numel() for p in network.parameters())
    training.run()
    masked, removed = events(training, "masked"), events(training, "removed")
    assert masked
    assert removed
    modules = [name for name, _ in network.size.modules]
    assert [name for name, _ in training.order[: len(modules)]] == modules
    assert len(set(training.order)) == len(training.order)
    assert training.rows[-1]["branches"] == 4 * len(modules) - len(training.order)
    assert training.rows[-1]["parameters"] < parameters
    assert sum(p.numel() for p in training.network.parameters()) == parameters - sum(
        network.parameters_of(unit) for unit in training.order
    )
    first = training.rows.index(masked[0])
    assert training.rows[first + 1]["branches"] == training.rows[first]["branches"] - len(modules)
    assert training.rows[first + 1]["parameters"] == parameters  # they are masked alone
    assert training.rows[first + 1]["memory_mb"] < training.rows[first]["memory_mb"]


def test_what_does_harm_comes_back_as_it_was_and_fewer_go(cohort, network, tmp_path):
    rules = replace(RULES, worse=0.0, at_once=2)  # any loss that is not a new best is too much
    training = progressive(cohort, network, tmp_path, rules, STILL)
    training.run()
    assert len(events(training, "restored")) == 2
    assert training.at_once == 0
    assert training.ended
    assert len(events(training, "stopped")) == 1
    assert training.order == []
    assert sum(map(len, training.averaged.kept().values())) == len(network.units)


def test_a_masked_branch_is_not_learned(cohort, network, tmp_path):
    training = progressive(cohort, network, tmp_path)
    training.learn()  # so that the optimiser has moments
    unit = network.units[0]
    module = network.module(unit[0])
    training._mask((unit,))
    before = {key: value.clone() for key, value in network.state_dict().items()}
    training.learn()
    after = network.state_dict()
    start = f"{unit[0]}.branches.{unit[1]}."
    assert all(torch.equal(before[key], after[key]) for key in before if key.startswith(start))
    assert torch.equal(before[f"{unit[0]}.scales"][0], module.scales[0])
    assert not torch.equal(before[f"{unit[0]}.scales"][1], module.scales[1])


def test_removal_keeps_weights_and_moments_of_the_others(cohort, network, tmp_path):
    training = progressive(cohort, network, tmp_path)
    for _ in range(2):
        training.learn()
    units = (network.units[1], network.units[6])
    training._mask(units)
    names = dict(network.named_parameters())
    old = {key: training.optimizer.state[p] for key, p in names.items()}
    image = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        wanted = network(image)
        training._remove()
        assert torch.equal(training.network(image), wanted)
    new = {key: training.optimizer.state[p] for key, p in training.network.named_parameters()}
    key = f"{units[0][0]}.scales"
    assert torch.equal(new[key]["exp_avg"], old[key]["exp_avg"][[0, 2, 3]])
    assert all(
        torch.equal(new[k]["exp_avg_sq"], old[k]["exp_avg_sq"]) for k in new if ".scales" not in k
    )
    assert not any(f"{units[0][0]}.branches.{units[0][1]}." in key for key in new)
    training.learn()


def test_the_whole_network_without_its_order_is_the_pruned_one(cohort, network, tmp_path):
    training = progressive(cohort, network, tmp_path, settings=STILL)
    averaged = training.run()
    assert training.order
    whole = training.whole()
    assert set(whole.units) == set(network.units)
    whole.mask(frozenset(training.order))
    image = torch.randn(1, 1, 16, 16, 16)
    with torch.no_grad():
        assert torch.equal(whole(image), averaged(image))


def test_a_stopped_one_goes_on_with_the_same_bits(cohort, network, tmp_path):
    state = {key: value.clone() for key, value in network.state_dict().items()}
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    slow = replace(SETTINGS, steps=40, rate=1e-5)
    through = progressive(cohort, network, tmp_path / "a", settings=slow)
    wanted = through.run().state_dict()

    def fresh():
        own = type(network)(network.size, network.classes)
        own.load_state_dict(state)
        return own

    # Stopped with branches masked, and with branches removed.
    for rows in (3, 15):
        cancel = CancelToken()

        def stop(told, rows=rows, cancel=cancel):
            if told.row and told.row["epoch"] == rows:
                cancel.cancel()

        part = progressive(cohort, fresh(), tmp_path / "b", settings=slow)
        with pytest.raises(Cancelled, match="goes on where it was"):
            part.run(stop, cancel)
        assert part.step < slow.steps
    last = progressive(cohort, fresh(), tmp_path / "b", settings=slow)
    found = last.run().state_dict()
    assert wanted.keys() == found.keys()
    assert all(torch.equal(wanted[key], found[key]) for key in wanted)
    assert last.order == through.order != []
    told = [{k: v for k, v in row.items() if k != "seconds"} for row in last.rows]
    assert told == [{k: v for k, v in row.items() if k != "seconds"} for row in through.rows]


def test_nothing_goes_after_its_share_and_what_is_masked_comes_back(cohort, network, tmp_path):
    training = progressive(cohort, network, tmp_path, replace(RULES, share=0.0))
    training.run()
    assert training.order == []
    assert training.ended
    assert not events(training, "masked")


def test_the_checkpoint_of_other_rules_is_refused(cohort, network, tmp_path):
    progressive(cohort, network, tmp_path).save()
    with pytest.raises(BadInput, match="another rule patience"):
        progressive(cohort, network, tmp_path, replace(RULES, patience=2))


@pytest.mark.parametrize("bad", [{"epoch": 0}, {"at_once": 0}, {"share": 2.0}, {"worse": -1.0}])
def test_rules_out_of_range_are_refused(bad):
    with pytest.raises(BadInput, match="give"):
        replace(RULES, **bad)
