"""Where a field lives: the box of its coordinates, in its own units and in the world's."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import torch

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.scene.affines import IDENTITY, along_axes, placed

from .network import FieldNetwork

Evaluate = Callable[[np.ndarray], np.ndarray]
"""From points of the unit box, (n, dimension), to values, (n,) float32."""

PART = 16_384
"""Points evaluated between two looks at the token."""


@dataclass(frozen=True)
class Domain:
    """The box of a field.

    Parameters
    ----------
    lower, upper : tuple of float
        Box of the network's coordinates, x, y(, z)(, t); time comes last.
    dimension : int
        Number of coordinates of space, 2 or 3; one more coordinate is time.
    origin, size : tuple of float
        The same box of space in `unit`, along its own axes, one number for each.
    unit : str
        Unit of length; empty where there is none.
    low, high : float
        Range of the reference values, which scores and colours refer to.
    value : str
        What the values are, with their unit.
    times : int
        Time steps the reference has; 1 without time.
    box_to_world : tuple of 16 float, or empty
        In 3D, from the box's own axes to the world, (4, 4) row by row; empty where they are the
        world's.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    dimension: int
    origin: tuple[float, ...]
    size: tuple[float, ...]
    unit: str = ""
    low: float = 0.0
    high: float = 1.0
    value: str = "value"
    times: int = 1
    box_to_world: tuple[float, ...] = ()

    @property
    def timed(self) -> bool:
        """Whether the last coordinate is time."""
        return len(self.lower) > self.dimension

    @property
    def span(self) -> float:
        """How far the reference values range; 1 where they are all alike."""
        return self.high - self.low if self.high > self.low else 1.0

    @property
    def world(self) -> np.ndarray:
        """From the box's own axes to the world: (4, 4) float64."""
        return np.reshape(self.box_to_world, (4, 4)) if self.box_to_world else IDENTITY

    def along_axes(self, unit: np.ndarray) -> np.ndarray:
        """Put points of the unit box along the box's axes: (n, dimension) to (n, 3), z 0 in 2D."""
        found = np.zeros((len(unit), 3))
        found[:, : self.dimension] = np.asarray(self.origin) + unit * np.asarray(self.size)
        return found

    def to_world(self, unit: np.ndarray) -> np.ndarray:
        """Place points of the unit box in the world: (n, dimension) to (n, 3), z 0 in 2D."""
        return placed(self.along_axes(unit), self.world)

    def affine(self, shape: tuple[int, int, int]) -> np.ndarray:
        """From numbers of points of a regular grid over the whole box to the world: (4, 4)."""
        sides = [side / (count - 1) for side, count in zip(self.size, shape, strict=True)]
        return self.world @ along_axes(sides, self.origin)

    def to_unit(self, points: np.ndarray) -> np.ndarray:
        """Find the places of points of the world in the unit box: (n, 3) to (n, dimension)."""
        own = placed(np.asarray(points, dtype=float), np.linalg.inv(self.world))
        return (own[:, : self.dimension] - self.origin) / self.size

    def to_json(self) -> str:
        """Return the domain as text for a file's metadata."""
        facts = asdict(self)
        return json.dumps({k: v for k, v in facts.items() if k != "box_to_world" or v})


class Slice:
    """A field at one time, over the unit box of space.

    Parameters
    ----------
    network : FieldNetwork
    domain : Domain
    time : float
        Place between the first (0) and the last (1) moment; without time it does nothing.
    """

    def __init__(self, network: FieldNetwork, domain: Domain, time: float = 0.0) -> None:
        self.network, self.domain, self.time = network, domain, float(time)
        self.dimension = domain.dimension
        parameter = next(network.parameters())
        place: dict[str, Any] = {"dtype": parameter.dtype, "device": parameter.device}
        self._lower = torch.tensor(domain.lower, **place)
        self._span = torch.tensor(domain.upper, **place) - self._lower

    def coordinates(self, unit: np.ndarray | torch.Tensor) -> torch.Tensor:
        """Turn points of the unit box, (..., dimension), into the network's coordinates."""
        unit = torch.as_tensor(unit).to(self._lower)
        if self.domain.timed:
            unit = torch.cat([unit, torch.full_like(unit[..., :1], self.time)], dim=-1)
        return self._lower + unit * self._span

    def values(self, unit: np.ndarray) -> np.ndarray:
        """Evaluate the field: (n, dimension) in the unit box to (n,) float32."""
        return self.network.evaluate(self.coordinates(unit)).float().cpu().numpy()


def in_parts(evaluate: Evaluate, unit: np.ndarray, cancel: CancelToken) -> np.ndarray:
    """Evaluate at points of the unit box, (n, dimension) to (n,), and look at the token between."""
    if not len(unit):
        return np.empty(0, np.float32)
    found = []
    for first in range(0, len(unit), PART):
        cancel.check()
        found.append(evaluate(unit[first : first + PART]))
    return np.concatenate(found)
