"""A small field fitted on the spot, and models of it."""

import numpy as np
import pytest
import torch

from prune3d_gui.core.model import Sample
from prune3d_gui.plugins.inr_amr.model import FieldModel
from prune3d_gui.plugins.inr_amr.network.domain import Domain
from prune3d_gui.plugins.inr_amr.network.network import FieldNetwork
from prune3d_gui.plugins.inr_amr.stored.checkpoint import FieldInfo, field_hash


def ball(dimension):
    """Distance to a circle or sphere of radius 0.3, with a bump that moves with time."""

    class Ball:
        def values(self, unit, time=0.0):
            away = np.linalg.norm(np.asarray(unit) - 0.5, axis=1)
            return (0.3 + 0.08 * np.sin(2 * np.pi * time) - away).astype(np.float32)

    return Ball()


def fitted(dimension, timed=False, steps=300, width=24):
    """A SIREN fitted to the ball in a second or two, and its domain."""
    torch.manual_seed(0)
    count = dimension + timed
    network = FieldNetwork((count, width, width, 1), "sine", (6.0, 6.0))
    for number, layer in enumerate(network.layers[:-1]):
        bound = 1 / layer.in_features if number == 0 else (6 / layer.in_features) ** 0.5 / 6
        torch.nn.init.uniform_(layer.weight, -bound, bound)
    domain = Domain(
        (-1.0,) * count, (1.0,) * count, dimension, (0.0,) * dimension, (10.0,) * dimension,
        "mm", -0.6, 0.4, "distance", 8 if timed else 1,
    )  # fmt: skip
    truth, random = ball(dimension), np.random.default_rng(0)
    adam = torch.optim.Adam(network.parameters(), 2e-3)
    for _ in range(steps):
        unit = random.random((512, dimension))
        time = float(random.random()) if timed else 0.0
        x = torch.as_tensor(2 * unit - 1, dtype=torch.float32)
        if timed:
            x = torch.cat([x, torch.full((512, 1), 2 * time - 1)], dim=1)
        loss = (network(x) - torch.as_tensor(truth.values(unit, time))).square().mean()
        adam.zero_grad()
        loss.backward()
        adam.step()
    return network.eval().requires_grad_(False), domain, truth


@pytest.fixture(scope="session")
def fits():
    """Fitted fields by (dimension, timed); networks must not be changed."""
    return {key: fitted(*key) for key in ((2, False), (3, False), (3, True))}


@pytest.fixture
def make_model(fits):
    def make(dimension=3, timed=False, truth=True, **metadata):
        network, domain, reference = fits[dimension, timed]
        info = FieldInfo(
            "ball", field_hash(network), network.parameters_count, {"iso": "0", **metadata}, domain
        )
        return FieldModel(
            network, info, reference if truth else None, (Sample("ball", "Ball"),), "cpu"
        )

    return make
