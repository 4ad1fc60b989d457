"""What a training run is: its length, its stages and their learning rates."""

from __future__ import annotations

import math
from dataclasses import dataclass

from prune3d_gui.core.errors import BadInput

from ..network.network import IMAGE_SIZE, Template


@dataclass(frozen=True)
class Stage:
    """A part of the schedule.

    Attributes
    ----------
    until : float
        Share of the whole training at which it ends.
    size, points : int
        Side of the pictures, and points per shape.
    start, end : float
        Learning rate, falling along a half cosine.
    """

    until: float
    size: int
    points: int
    start: float
    end: float


STAGES = (Stage(0.75, 96, 500, 1e-3, 1e-4), Stage(1.0, IMAGE_SIZE, 700, 2e-4, 2e-6))
"""Small pictures for three quarters of the time, then the network's own size."""


@dataclass(frozen=True)
class Settings:
    """A training run.

    Attributes
    ----------
    minutes, epochs : float or None
        Length, by training time or by passes over the shapes; exactly one of them.
    batch, seed : int
        Shapes per step; seed of weights and draws.
    stages : tuple of Stage
        The schedule.
    primitives, template, bottleneck, hidden
        As in `AtlasNet`.
    warmup : int
        Steps over which the first rate rises from zero.
    save_minutes, evaluate_minutes : float
        Time between checkpoints and between evaluations.
    validate : int
        Validation shapes per category.
    settle : int
        Batches for the last batch norm statistics.

    Raises
    ------
    BadInput
        When not exactly one positive length is given.
    """

    minutes: float | None = None
    epochs: float | None = None
    batch: int = 32
    seed: int = 0
    stages: tuple[Stage, ...] = STAGES
    primitives: int = 1
    template: Template = "SPHERE"
    bottleneck: int = 1024
    hidden: int = 512
    warmup: int = 100
    save_minutes: float = 3.0
    evaluate_minutes: float = 8.0
    validate: int = 10
    settle: int = 48

    def __post_init__(self) -> None:
        lengths = [length for length in (self.minutes, self.epochs) if length is not None]
        if len(lengths) != 1 or lengths[0] <= 0:
            raise BadInput(
                f"Training for {self.minutes} minutes or {self.epochs} epochs was asked for; "
                "give one of the two, larger than zero."
            )

    def stage(self, fraction: float) -> Stage:
        """Give the stage at a share of the training done, 0 up to 1."""
        return next(s for s in self.stages if fraction < s.until)

    def rate(self, fraction: float, step: int) -> float:
        """Give the learning rate at a share of the training done and a step's number."""
        stage = self.stage(fraction)
        place = self.stages.index(stage)
        begin = self.stages[place - 1].until if place else 0.0
        within = (fraction - begin) / (stage.until - begin)
        rate = stage.end + (stage.start - stage.end) * (1 + math.cos(math.pi * within)) / 2
        return rate * min(1.0, (step + 1) / self.warmup)
