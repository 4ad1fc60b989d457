"""Fitting a scene of Gaussians to pictures, resumable at any step with the same bits."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch
from scipy.spatial import cKDTree
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Row
from prune3d_gui.core.scene.cameras import Camera
from prune3d_gui.core.scene.gaussians import TERMS, Gaussians
from prune3d_gui.files.networks.trainer import Losses, Trainer
from prune3d_gui.metrics.images import ssim

from ..raster.rasterise import rasterise
from .density import Density, Rules
from .trained import Trained

DISSIMILAR = 0.2
"""Share of 1 - SSIM in the loss; the rest is the mean absolute difference (Kerbl et al. 2023)."""
OPACITY = 0.1
"""Of Gaussians at points."""
_NEIGHBOURS = 3
_BAND_0 = 0.28209479177387814


@dataclass(frozen=True, eq=False)
class Target:
    """A picture that the scene should look like.

    Parameters
    ----------
    name : str
    camera : Camera
    pixels : (H, W, 3) float32 tensor
        0 to 1.
    """

    name: str
    camera: Camera
    pixels: Tensor


@dataclass(frozen=True)
class Settings:
    """A training.

    Parameters
    ----------
    steps : int
        Pictures looked at, one a step.
    degree : int
        Of the harmonics, 0 to 3; a degree more from each eighth of the training on.
    seed : int
        Of the order of the pictures, and of splits.
    background : (r, g, b)
        What is behind the scene, 0 to 1.
    rules : Rules or None
        When Gaussians come and go; None keeps those that are there.
    late : float
        Share of the learning rates' fall that is behind it: 0 for a new scene, 1 for one that was
        trained to the end, of which all harmonics are looked at, too.

    Raises
    ------
    BadInput
        If a number is out of its range.
    """

    steps: int = 4000
    degree: int = 2
    seed: int = 0
    background: tuple[float, float, float] = (1.0, 1.0, 1.0)
    rules: Rules | None = field(default_factory=Rules)
    late: float = 0.0

    def __post_init__(self) -> None:
        if self.steps < 1:
            raise BadInput(f"Steps {self.steps} is too few; give 1 or more.")
        if not 0 <= self.degree < len(TERMS):
            raise BadInput(f"A degree of {self.degree} is unknown; give 0 to {len(TERMS) - 1}.")

    def degree_at(self, step: int) -> int:
        """Of the harmonics that are looked at in a step."""
        return min(self.degree, int(8 * self.share_at(step)))

    def share_at(self, step: int) -> float:
        """How far the training is in a step, 0 to 1."""
        return self.late + (1 - self.late) * step / self.steps


def begun(
    points: np.ndarray, colours: np.ndarray, degree: int, opacity: float = OPACITY
) -> Gaussians:
    """Gaussians at points, as large as the points are apart, (N, 3) and colours (N, 3) of 0 to 1.

    Raises
    ------
    BadInput
        If there are too few points.
    """
    if len(points) <= _NEIGHBOURS:
        raise BadInput(f"{len(points)} points are too few to begin with; give 4 or more.")
    apart = cKDTree(points).query(points, _NEIGHBOURS + 1)[0][:, 1:]
    sizes = np.log(np.maximum(np.sqrt((apart**2).mean(axis=1)), 1e-7))
    harmonics = np.zeros((len(points), TERMS[degree], 3), np.float32)
    harmonics[:, 0] = (colours - 0.5) / _BAND_0
    return Gaussians(
        points.astype(np.float32),
        np.repeat(sizes[:, None], 3, axis=1).astype(np.float32),
        np.tile(np.array((1, 0, 0, 0), np.float32), (len(points), 1)),
        np.full(len(points), np.log(opacity / (1 - opacity)), np.float32),
        harmonics,
    )


def extent_of(cameras: Sequence[Camera]) -> float:
    """How far cameras stand from their middle at most, and a tenth more."""
    places = np.array([camera.place for camera in cameras])
    return 1.1 * float(np.linalg.norm(places - places.mean(axis=0), axis=1).max()) or 1.0


class Fitting(Trainer[Gaussians]):
    """A training of a scene; its rows have ``gaussians``, and come every 20 steps.

    Parameters
    ----------
    start : Gaussians
    targets : sequence of Target
    settings : Settings
    state : path
        Of the checkpoint, so that a stopped training goes on where it was.
    device : str
    begun_from : mapping of str
        What else tells this training from others.

    Raises
    ------
    BadInput
        If there is no picture, or the checkpoint is damaged or belongs to another training.
    """

    row_steps = 20

    def __init__(
        self,
        start: Gaussians,
        targets: Sequence[Target],
        settings: Settings,
        state: Path,
        device: str = "cpu",
        begun_from: Mapping[str, str] | None = None,
    ) -> None:
        if not targets:
            raise BadInput("There is no picture to train on; give a scene with photographs.")
        super().__init__(state, device, steps=settings.steps)
        self.targets, self.settings = tuple(targets), settings
        self.begun_from = dict(begun_from or {})
        extent = extent_of([target.camera for target in targets])
        self.trained = Trained(start, extent, device)
        rules = settings.rules
        self.density = Density(rules, start.count, self.device) if rules else None
        self.generator = torch.Generator().manual_seed(settings.seed)
        self.background = torch.tensor(settings.background, device=self.device)
        self.resume()

    def identity(self) -> dict[str, Any]:
        """Settings, and what it was begun from."""
        told = {name: str(value) for name, value in asdict(self.settings).items()}
        return {**told, "pictures": len(self.targets), **self.begun_from}

    def state_dict(self) -> dict[str, Any]:
        """What a checkpoint holds."""
        return {
            **super().state_dict(),
            **self.trained.given(),
            "density": self.density.given() if self.density else {},
            "generator": self.generator.get_state(),
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Be where a checkpoint was."""
        super().load_state_dict(state)
        self.trained.take(state)
        if self.density:
            self.density.take(state["density"])
        self.generator.set_state(state["generator"].cpu())

    def row(self, losses: Losses) -> Row | None:
        """The row of a step, with the number of Gaussians."""
        found = super().row(losses)
        return found and {**found, "gaussians": len(self.trained)}

    def said(self, losses: Losses) -> str:
        """Loss, and number of Gaussians."""
        return f"{super().said(losses)}, {len(self.trained):,} Gaussians"

    def result(self) -> Gaussians:
        """The scene as it is now."""
        return self.trained.gaussians()

    def target(self) -> Target:
        """The picture of this step."""
        return target_at(self.targets, self.step, self.settings.seed)

    def picture(self, camera: Camera, degree: int) -> Tensor:
        """What the scene looks like now, over the background: (H, W, 3)."""
        trained = self.trained
        colours, left = rasterise(
            trained.tensors["means"], trained.scales, trained.tensors["quaternions"],
            trained.opacities, trained.shaded(degree), camera,
        )  # fmt: skip
        return colours + left[..., None] * self.background

    def learn(self, cancel: CancelToken = NEVER) -> Losses:
        """Look at one picture."""
        settings, target = self.settings, self.target()
        self.trained.at(settings.share_at(self.step))
        found = self.picture(target.camera, settings.degree_at(self.step))
        loss = dissimilarity(found, target.pixels.to(self.device)) + self.cost()
        loss.backward()
        self._watch(target.camera)
        self.trained.step()
        return {"loss": loss.detach()}

    def cost(self) -> Tensor | float:
        """What is added to the loss besides the picture."""
        return 0.0

    def _watch(self, camera: Camera) -> None:
        means = self.trained.tensors["means"]
        if self.density is None or means.grad is None:
            return
        row = torch.as_tensor(camera.world_to_camera[2], dtype=means.dtype, device=self.device)
        depths = means.detach() @ row[:3] + row[3]
        self.density.watch(means.grad, depths, camera.fx, max(camera.width, camera.height))

    def after(self, losses: Losses) -> None:
        """Let Gaussians come and go."""
        density, steps = self.density, self.settings.steps
        if density is None or not self.step < density.rules.until * steps:
            return
        rules = density.rules
        if self.step >= rules.first * steps and self.step % rules.every == 0:
            density.change(self.trained, self.generator)
        if rules.reset and self.step % rules.reset == 0:
            density.fade(self.trained)


def target_at(targets: Sequence[Target], step: int, seed: int) -> Target:
    """The picture of a step: all of them in a seeded order, then all again in another."""
    turn, place = divmod(step, len(targets))
    order = np.random.default_rng((seed, turn)).permutation(len(targets))
    return targets[order[place]]


def dissimilarity(found: Tensor, wanted: Tensor) -> Tensor:
    """Mean absolute difference and 1 - SSIM of two pictures, (H, W, 3) of 0 to 1."""
    apart = (found - wanted).abs().mean()
    return (1 - DISSIMILAR) * apart + DISSIMILAR * (1 - ssim(found, wanted))
