"""The scene of a seed, as it is photographed: pictures, and the points that are seen in them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.scene.cameras import Camera

from .still_life.placing import Placed, still_life
from .tracing.bodies import Bodies
from .tracing.light import Studio
from .tracing.pictures import picture, rays_through
from .viewpoints import held_out, viewpoints

FINE, MANY = 3, 2
"""Samples along each side of a pixel, and rays to lamp and walls from each."""
ALONG, ACROSS = 0.006, 0.0015
"""How far points are off, along the ray and across it, in radii of the table: deviations."""


@dataclass(frozen=True)
class Wanted:
    """What is photographed.

    Parameters
    ----------
    views, held : int
        How many pictures, and how many of them nothing is trained on.
    side : int
        Their width and height in pixels.
    seed : int
        Of objects, places, cameras, samples and points.

    Raises
    ------
    BadInput
        If as many views are held out as there are.
    """

    views: int = 68
    held: int = 8
    side: int = 200
    seed: int = 0

    def __post_init__(self) -> None:
        held_out(self.views, self.held)


class Shooting:
    """The photographer's work: a scene, its cameras, and what each of them sees.

    Parameters
    ----------
    wanted : Wanted
    device : str
        Where rays are followed.
    """

    def __init__(self, wanted: Wanted, device: str = "cpu") -> None:
        self.wanted = wanted
        self.bodies: Bodies
        self.placed: tuple[Placed, ...]
        self.bodies, self.placed = still_life(wanted.seed, device)
        self.cameras: tuple[Camera, ...] = viewpoints(wanted.views, wanted.seed, wanted.side)
        self.held = held_out(wanted.views, wanted.held)

    def photograph(self, number: int, cancel: CancelToken = NEVER) -> np.ndarray:
        """One picture: (side, side, 4) uint8; see `pictures.picture`."""
        seed = (self.wanted.seed, 6, number)
        return picture(self.bodies, Studio(), self.cameras[number], seed, FINE, MANY, cancel)

    def points(self, number: int, photograph: np.ndarray, most: int) -> np.ndarray:
        """Points of solid surfaces that one camera sees, with errors as matching leaves them.

        Parameters
        ----------
        number : int
        photograph : (side, side, 4) uint8
            What it sees; colours are taken from it.
        most : int

        Returns
        -------
        (P, 6) float64
            Position, and colour in 0..255.
        """
        rng = np.random.default_rng((self.wanted.seed, 7, number))
        camera, side = self.cameras[number], self.wanted.side
        found = rng.permutation(side * side)
        found = found[photograph.reshape(-1, 4)[found, 3] == 255][: 3 * most]
        row, column = np.divmod(found, side)
        x, y = (torch.as_tensor(each + 0.5, dtype=torch.float32) for each in (column, row))
        device = self.bodies.device
        origins, directions = (each.to(device) for each in rays_through(camera, x, y))
        with torch.inference_mode():
            met = self.bodies.meet(origins, directions)
        solid = np.array([one.material.kind == "solid" for one in self.bodies.each] + [False])
        seen = np.flatnonzero(solid[met.body.cpu().numpy()])[:most]
        d, o, away = (each.cpu().double().numpy() for each in (directions, origins, met.distance))
        off = rng.normal(0, 1, (len(seen), 4))
        along = away[seen, None] + ALONG * off[:, :1]
        places = o[:, seen].T + along * d[:, seen].T + ACROSS * off[:, 1:]
        return np.hstack([places, photograph.reshape(-1, 4)[found[seen], :3]])
