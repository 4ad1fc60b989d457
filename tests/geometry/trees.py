"""Random quadtrees and octrees, with jumps of any number of levels."""

import numpy as np

from prune3d_gui.core.scene.scenes import Grid


def tree(dimension, depth, split, *, origin=(0.0, 0.0, 0.0), size=(1.0, 1.0, 1.0), seed=0):
    """Leaves of a box that is halved where `split(centres, side)` says, both in the unit box.

    Points and cells come in random order, as nothing may depend on it.
    """
    rng = np.random.default_rng(seed)
    bits = np.arange(1 << dimension)[:, None] >> np.arange(dimension) & 1
    anchors, leaves = np.zeros((1, dimension), np.int64), []
    for level in range(depth + 1):
        side = (1 << depth) >> level
        centres = (anchors + side / 2) / (1 << depth)
        wanted = level < depth and split(centres, side / (1 << depth))
        wanted = np.broadcast_to(wanted, len(anchors))
        leaves += [(level, anchor) for anchor in anchors[~wanted]]
        anchors = (anchors[wanted][:, None] + bits * (side // 2)).reshape(-1, dimension)
    leaves = [leaves[k] for k in rng.permutation(len(leaves))]
    levels = np.array([level for level, _ in leaves])
    anchors = np.array([anchor for _, anchor in leaves])
    corners = anchors[:, None] + bits * ((1 << depth) >> levels)[:, None, None]
    places, cells = np.unique(corners.reshape(-1, dimension), axis=0, return_inverse=True)
    order = rng.permutation(len(places))
    points = np.zeros((len(places), 3))
    points[order, :dimension] = places / (1 << depth)
    if dimension == 2:
        size = (*size[:2], 0.0)
    return Grid(
        (np.array(origin) + points * size).astype(np.float32),
        order[cells].reshape(-1, 1 << dimension).astype(np.int32),
        anchors.astype(np.int32),
        levels.astype(np.uint8),
        depth,
        tuple(map(float, origin)),
        tuple(map(float, size)),
    )


def ragged(dimension, depth, seed, share=0.35):
    """A tree whose leaves are split at random."""
    rng = np.random.default_rng(seed)
    return tree(
        dimension, depth, lambda c, side: (rng.random(len(c)) < share) | (side > 0.5), seed=seed
    )
