"""Random scenes of a few Gaussians, and cameras that see them."""

import numpy as np
import torch

from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import Gaussians

WIDTH, HEIGHT = 37, 29


def camera(turn=0.3, depth=3.0, width=WIDTH, height=HEIGHT):
    """Looks at the origin from a distance; its middle is not that of the picture."""
    view, s, c = np.eye(4), np.sin(turn), np.cos(turn)
    view[:3, :3] = ((c, 0, s), (0, 1, 0), (-s, 0, c))
    view[2, 3] = depth
    return Camera(width, height, 0.9 * width, 0.95 * width, width / 2 + 1.3, height / 2 - 0.7, view)


def random(count=200, terms=16, seed=0, size=0.1):
    rng = np.random.default_rng(seed)
    parts = (
        rng.uniform(-1, 1, (count, 3)),
        rng.normal(np.log(size), 0.6, (count, 3)),
        rng.normal(size=(count, 4)),
        rng.normal(0.5, 2, count),
        rng.normal(0, 0.3, (count, terms, 3)),
    )
    return Gaussians(*(part.astype(np.float32) for part in parts))


def single(mean=(0, 0, 0), scale=0.1, opacity=0.9, **changed):
    """One grey Gaussian, almost round."""
    parts = {
        "means": [mean],
        "log_scales": [np.log(np.multiply(scale, (1, 0.8, 1.2)))],
        "quaternions": [(1, 0, 0, 0)],
        "logits": [np.log(opacity / (1 - opacity))],
        "harmonics": np.zeros((1, 1, 3)),
    }
    return Gaussians(**{n: np.array(v, np.float32) for n, v in (parts | changed).items()})


def joined(*scenes):
    """One scene of several, of one degree."""
    names = ("means", "log_scales", "quaternions", "logits", "harmonics")
    return Gaussians(*(np.concatenate([getattr(s, name) for s in scenes]) for name in names))


def tensors(gaussians, kind=torch.float64):
    """Means, scales, quaternions, opacities and harmonics, as what is differentiated by."""
    parts = (
        torch.from_numpy(gaussians.means).to(kind),
        torch.from_numpy(gaussians.log_scales).to(kind).exp(),
        torch.from_numpy(gaussians.quaternions).to(kind),
        torch.from_numpy(gaussians.logits).to(kind).sigmoid(),
        torch.from_numpy(gaussians.harmonics).to(kind),
    )
    return [part.clone().requires_grad_() for part in parts]
