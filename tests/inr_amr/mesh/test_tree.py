import numpy as np
import pytest

from prune3d_gui.core.errors import BadInput
from prune3d_gui.plugins.inr_amr.mesh.tree import Tree, morton


def random_tree(dimension, depth=7, rounds=6, share=0.3, seed=0):
    random = np.random.default_rng(seed)
    tree = Tree.uniform(dimension, 1, depth)
    for _ in range(rounds):
        tree, _ = tree.split(random.random(len(tree)) < share)
    return tree


def holds(tree, points):
    """Which leaf holds each point, by comparing with every box."""
    lower, upper = tree.lower, tree.lower + tree.size[:, None]
    inside = (points[:, None] >= lower) & (points[:, None] < upper)
    return inside.all(-1)


@pytest.mark.parametrize("dimension", [2, 3])
def test_the_leaves_tile_the_box(dimension):
    tree = random_tree(dimension, depth=5, rounds=4)
    painted = np.zeros((2**tree.depth,) * dimension, int)
    for anchor, step in zip(tree.anchors, tree.steps, strict=True):
        painted[tuple(slice(a, a + step) for a in anchor)] += 1
    assert (painted == 1).all()
    assert (tree.size**dimension).sum() == 1.0
    assert (np.diff(tree.codes) > 0).all()
    assert len(np.unique(tree.levels)) > 2


@pytest.mark.parametrize("dimension", [2, 3])
def test_locate_finds_the_box_that_holds_the_point(dimension):
    tree = random_tree(dimension, rounds=3)
    points = np.random.default_rng(1).random((500, dimension))
    found = holds(tree, points)
    assert (found.sum(1) == 1).all()
    assert (tree.locate(points) == found.argmax(1)).all()
    cells = np.floor(points * 2**tree.depth).astype(np.int32)
    assert (tree.locate(cells) == found.argmax(1)).all()
    assert (tree.locate(tree.anchors) == np.arange(len(tree))).all()


def test_points_on_and_beyond_the_border_belong_to_the_nearest_leaf():
    tree = random_tree(2)
    assert tree.locate(np.array([[1.0, 1.0], [7.0, 2.0]])).tolist() == [len(tree) - 1] * 2
    assert tree.locate(np.array([[-1.0, -0.5]])).tolist() == [0]


@pytest.mark.parametrize(("dimension", "depth"), [(2, 12), (3, 10)])
def test_codes_are_the_interleaved_bits_up_to_the_deepest_level(dimension, depth):
    cells = np.random.default_rng(2).integers(0, 2**depth, (200, dimension))
    plain = [
        sum(((int(c[axis]) >> b) & 1) << (b * dimension + axis) for b in range(depth)
            for axis in range(dimension))
        for c in cells
    ]  # fmt: skip
    assert morton(cells).tolist() == plain


@pytest.mark.parametrize("dimension", [2, 3])
def test_split_names_the_parent_of_every_leaf(dimension):
    tree = random_tree(dimension, rounds=3)
    mask = np.random.default_rng(3).random(len(tree)) < 0.5
    finer, parent = tree.split(mask)
    assert (tree.locate(finer.lower) == parent).all()
    assert (finer.levels == tree.levels[parent] + mask[parent]).all()
    assert len(finer) == len(tree) + mask.sum() * (2**dimension - 1)


def test_the_finest_leaves_are_not_split():
    tree = Tree.uniform(2, 3, 3)
    same, _ = tree.split(np.ones(len(tree), bool))
    assert len(same) == len(tree) == 64


@pytest.mark.parametrize("dimension", [2, 3])
def test_merging_undoes_splitting(dimension):
    tree = random_tree(dimension, rounds=3)
    mask = np.random.default_rng(4).random(len(tree)) < 0.5
    finer, parent = tree.split(mask)
    again, owner = finer.coarsened(mask[parent])
    assert (again.anchors == tree.anchors).all()
    assert (again.levels == tree.levels).all()
    assert (owner == parent).all()
    untouched, _ = finer.coarsened(np.zeros(len(finer), bool))
    assert len(untouched) == len(finer)
    one_missing = mask[parent]
    one_missing[np.flatnonzero(one_missing)[0]] = False
    assert len(finer.coarsened(one_missing)[0]) == len(tree) + 2**dimension - 1


def test_families_are_the_parents_whose_children_are_all_leaves():
    tree = random_tree(3, rounds=4)
    siblings = {}
    for code, level in zip(tree.codes.tolist(), tree.levels.tolist(), strict=True):
        key = (code >> (3 * (tree.depth - level + 1)), level)
        siblings.setdefault(key, []).append(code)
    expected = sorted(min(codes) for codes in siblings.values() if len(codes) == 8)
    assert tree.codes[tree.families()].tolist() == expected
    assert len(Tree.uniform(3, 0, 4).families()) == 0


@pytest.mark.parametrize("dimension", [2, 3])
def test_balanced_neighbours_differ_by_one_level(dimension):
    tree = random_tree(dimension, rounds=6, share=0.2)
    assert tree.to_balance().any()
    balanced = tree
    while (mask := balanced.to_balance()).any():
        balanced, _ = balanced.split(mask)
    lower, steps = balanced.anchors[:, None], balanced.steps[:, None, None]
    if len(balanced) > 4000:
        chosen = np.random.default_rng(0).choice(len(balanced), 4000, replace=False)
        lower, steps = lower[chosen], steps[chosen]
    for start in range(0, len(lower), 200):
        low, step = lower[start : start + 200], steps[start : start + 200]
        touching = (
            (low <= balanced.anchors + balanced.steps[:, None]) & (balanced.anchors <= low + step)
        ).all(-1)
        a, b = np.nonzero(touching)
        sides = np.log2(step[a, 0, 0] / balanced.steps[b])
        assert np.abs(sides).max() <= 1
    assert (balanced.levels >= tree.levels[tree.locate(balanced.lower)]).all()


def test_depths_that_do_not_fit_are_refused():
    with pytest.raises(BadInput, match="depth of 11"):
        Tree.uniform(3, 2, 11)
    with pytest.raises(BadInput, match="base level 5"):
        Tree.uniform(2, 5, 4)
