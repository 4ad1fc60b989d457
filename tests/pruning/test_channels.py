"""Channel groups against Torch-Pruning's own pruning of the same network."""

import copy
import itertools
import warnings

import pytest
import torch
import torch.nn.functional as F
from torch import nn

from prune3d_gui.pruning.channels import channel_groups, importance, keep_indices, sliced

INPUT = (2, 3, 16, 16)


class Residual(nn.Module):
    """A stem, a block with a shortcut, a concatenation, a flattened map and an output layer."""

    def __init__(self):
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, padding=1, bias=False)
        self.norm = nn.BatchNorm2d(8)
        self.inner = nn.Conv2d(8, 12, 3, padding=1)
        self.back = nn.Conv2d(12, 8, 3, padding=1)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, groups=8)
        self.side = nn.Conv2d(8, 6, 1)
        self.both = nn.BatchNorm2d(14)
        self.mix = nn.Conv2d(14, 5, 1)
        self.flat = nn.Linear(5 * 4, 10)
        self.head = nn.Linear(10, 3)

    def forward(self, x):
        x = F.relu(self.norm(self.stem(x)))
        x = F.relu(x + self.back(F.relu(self.inner(x))))
        x = torch.cat([self.deep(x), self.side(x)], 1)
        x = F.relu(self.mix(F.relu(self.both(x))))
        x = F.adaptive_avg_pool2d(x, 2)
        return self.head(F.relu(self.flat(x.flatten(1))))


@pytest.fixture
def net():
    torch.manual_seed(3)
    made = Residual().eval()
    with torch.no_grad():
        for name, buffer in made.named_buffers():
            if "running" in name:
                buffer.uniform_(0.5, 1.5)
    return made.requires_grad_(False)


@pytest.fixture
def example():
    return torch.randn(INPUT, generator=torch.Generator().manual_seed(4))


def by_producer(groups):
    return {name.removesuffix(".weight"): group for group in groups for name in group.producers}


@torch.no_grad()
def outputs(state, example):
    """What the network gives with tensors of other widths."""
    made = Residual().eval()
    made.deep.groups = len(state["deep.weight"])
    return torch.func.functional_call(made, state, (example,))


def library_group(net, example, producer, gone):
    """Prune a copy by Torch-Pruning itself."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch_pruning

        pruned = copy.deepcopy(net).requires_grad_(True)
        graph = torch_pruning.DependencyGraph().build_dependency(pruned, example, verbose=False)
        module = pruned.get_submodule(producer)
        prune = graph.get_pruner_of_module(module).prune_out_channels
        return pruned, graph.get_pruning_group(module, prune, gone)


def test_groups_tie_what_the_shortcut_and_the_concatenation_tie(net, example):
    groups = channel_groups(net, example)
    found = by_producer(groups)
    assert {name: group.count for name, group in found.items()} == {
        "stem": 8,
        "back": 8,
        "inner": 12,
        "side": 6,
        "mix": 5,
        "flat": 10,
    }
    assert found["stem"] is found["back"]
    assert {"deep.weight", "deep.bias", "side.weight", "norm.running_var"} <= found["stem"].touched
    assert "head.bias" not in set().union(*(group.touched for group in groups))
    side = {part.name: part for part in found["side"].slices}
    assert side["both.bias"].channels.tolist() == [-1] * 8 + list(range(6))
    flat = {part.name: part for part in found["mix"].slices}["flat.weight"]
    assert (flat.dim, flat.channels.tolist()) == (1, [i // 4 for i in range(20)])


def test_the_network_is_left_as_it_was_and_shapes_are_enough(net, example):
    net.train()
    groups = channel_groups(net, example)
    assert net.training
    assert not any(p.requires_grad for p in net.parameters())
    shapes = channel_groups(copy.deepcopy(net).to("meta"), example.to("meta"))
    assert [g.producers for g in shapes] == [g.producers for g in groups]
    assert [g.touched for g in shapes] == [g.touched for g in groups]


def test_tracing_works_in_inference_mode_and_warns_of_nothing(net, example):
    with torch.inference_mode(), warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(channel_groups(net, example)) == 5


def test_ignored_modules_keep_their_outputs(net, example):
    names = by_producer(channel_groups(net, example, ignored=("back", "mix")))
    assert names.keys() == {"inner", "side", "flat"}


def test_layers_of_an_unknown_kind_keep_their_group_whole():
    net = nn.Sequential(
        nn.Conv2d(3, 8, 1), nn.GroupNorm(2, 8), nn.Conv2d(8, 4, 1), nn.Conv2d(4, 2, 1)
    )
    groups = channel_groups(net, torch.zeros(1, 3, 4, 4))
    assert [group.producers for group in groups] == [("2.weight",)]


@pytest.mark.parametrize(
    ("producer", "gone"),
    [("stem", [0, 5]), ("inner", [1, 2, 11]), ("side", [4]), ("mix", [0, 3]), ("flat", [9])],
)
def test_removal_equals_the_librarys_own(net, example, producer, gone):
    pruned, group = library_group(net, example, producer, gone)
    group.prune()
    groups = channel_groups(net, example)
    own = by_producer(groups)[producer]
    keep = [
        torch.tensor([i for i in range(g.count) if g is not own or i not in gone]) for g in groups
    ]
    state = sliced(net.state_dict(), groups, keep)
    wanted = pruned.state_dict()
    assert {k: v.shape for k, v in state.items()} == {k: v.shape for k, v in wanted.items()}
    assert all(torch.equal(state[key], wanted[key]) for key in wanted)
    with torch.no_grad():
        torch.testing.assert_close(outputs(state, example), pruned(example), rtol=0, atol=1e-5)


def test_all_groups_at_once_equal_the_librarys_one_after_the_other(net, example):
    groups = channel_groups(net, example)
    keep = keep_indices(importance(groups, net.state_dict()), 40.0, "layer")
    state = sliced(net.state_dict(), groups, keep)
    pruned = net
    for group, kept in zip(groups, keep, strict=True):
        gone = sorted(set(range(group.count)) - set(kept.tolist()))
        name = group.producers[0].removesuffix(".weight")
        pruned, found = library_group(pruned, example, name, gone)
        found.prune()
    wanted = pruned.state_dict()
    assert all(torch.equal(state[key], wanted[key]) for key in wanted)
    count = sum(state[name].numel() for name, _ in net.named_parameters())
    assert count == sum(p.numel() for p in pruned.parameters())
    assert count < sum(p.numel() for p in net.parameters())
    with torch.no_grad():
        torch.testing.assert_close(outputs(state, example), pruned(example), rtol=0, atol=1e-5)


@pytest.mark.parametrize(("criterion", "power"), [("l1", 1), ("l2", 2)])
def test_importance_is_the_librarys_group_magnitude(net, example, criterion, power):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        import torch_pruning

    judge = torch_pruning.importance.GroupMagnitudeImportance(p=power)
    groups = channel_groups(net, example)
    for group, own in zip(groups, importance(groups, net.state_dict(), criterion), strict=True):
        name = group.producers[0].removesuffix(".weight")
        _, theirs = library_group(net, example, name, list(range(group.count)))
        torch.testing.assert_close(own.float(), judge(theirs), rtol=1e-5, atol=1e-6)


def test_importance_of_weights_made_by_hand():
    net = nn.Sequential(nn.Linear(2, 3, bias=True), nn.Linear(3, 1))
    state = {
        "0.weight": torch.tensor([[1.0, -1.0], [3.0, 0.0], [0.0, 0.5]]),
        "0.bias": torch.tensor([100.0, 0.0, 0.0]),
        "1.weight": torch.tensor([[1.0, -1.0, 0.5]]),
        "1.bias": torch.zeros(1),
    }
    groups = channel_groups(net, torch.zeros(1, 2))
    (l1,), (l2,) = (importance(groups, state, criterion) for criterion in ("l1", "l2"))
    torch.testing.assert_close(l1 * 8 / 3, torch.tensor([3.0, 4.0, 1.0]).double())
    torch.testing.assert_close(l2 * 13.5 / 3, torch.tensor([3.0, 10.0, 0.5]).double())
    assert keep_indices((l1,), 34.0, "layer")[0].tolist() == [0, 1]


def test_random_importance_follows_its_seed(net, example):
    groups = channel_groups(net, example)
    one, same, other = (importance(groups, net.state_dict(), "random", s) for s in (1, 1, 2))
    assert all(torch.equal(a, b) for a, b in zip(one, same, strict=True))
    assert not any(torch.equal(a, b) for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("ranking", ["layer", "global"])
def test_what_stays_is_nested_and_counted(net, example, ranking):
    groups = channel_groups(net, example)
    scores = importance(groups, net.state_dict())
    total = sum(group.count for group in groups)
    kept = [keep_indices(scores, rate, ranking) for rate in (0, 10, 30, 50, 80, 100)]
    assert [len(part) for part in kept[0]] == [group.count for group in groups]
    for more, less in itertools.pairwise(kept):
        assert all(set(b.tolist()) <= set(a.tolist()) for a, b in zip(more, less, strict=True))
    if ranking == "global":
        assert total - sum(map(len, kept[2])) == round(0.3 * total)
    else:
        assert [len(part) for part in kept[2]] == [g.count - round(0.3 * g.count) for g in groups]
    assert [len(part) for part in kept[-1]] == [1] * len(groups)
    assert all(len(p) == 4 for p in keep_indices(scores, 100, ranking, least=4))


def test_global_ranking_takes_the_least_of_all_groups():
    scores = (torch.tensor([0.1, 0.2, 2.7]).double(), torch.tensor([0.9, 1.0, 1.1]).double())
    assert [k.tolist() for k in keep_indices(scores, 50)] == [[2], [1, 2]]
    own = keep_indices(scores, 34, pool=(0,), rates={1: 67})
    assert [k.tolist() for k in own] == [[1, 2], [2]]
    assert [k.tolist() for k in keep_indices(scores, 34, pool=(1,))] == [[0, 1, 2], [1, 2]]


def test_nothing_gone_shares_every_tensor(net, example):
    groups = channel_groups(net, example)
    state = net.state_dict()
    same = sliced(state, groups, keep_indices(importance(groups, state), 0))
    assert all(same[key] is state[key] for key in state)
    before = {key: value.clone() for key, value in state.items()}
    some = sliced(state, groups, keep_indices(importance(groups, state), 50))
    assert all(torch.equal(state[key], before[key]) for key in state)
    assert some["head.bias"] is state["head.bias"]
    assert some["stem.weight"].is_contiguous()
