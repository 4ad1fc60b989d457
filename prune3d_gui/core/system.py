"""The contract of a system: what it opens and recognises, its jobs and experiments."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from prune3d_gui.resources import resource

from .cancel import NEVER, CancelToken
from .experiments import Experiment
from .jobs import Job
from .model import Model, ModelRef

Kind = Literal["network", "sample", "scene", "reference"]


@dataclass(frozen=True, slots=True)
class Taken:
    """What a file or a folder is to a system.

    Parameters
    ----------
    kind : {"network", "sample", "scene", "reference"}
        A network and a scene are opened as a model of their own; a sample and a reference, the
        ground truth of one, are taken in by a model of the system.
    said : str
        What it is, in a sentence without its name: ``An AtlasNet single-view network.``
    sure : bool
        Whether its content says so. A picture of any kind may be meant as values on a grid, and
        a system that could take it so is not sure.
    """

    kind: Kind
    said: str
    sure: bool = True

    @property
    def opens(self) -> bool:
        """Whether it is opened as a model."""
        return self.kind in ("network", "scene")


class System(ABC):
    """A way of reconstructing in 3D: stateless and cheap to import.

    Attributes
    ----------
    id, title, citation : str
        `title` is a name of one or two words.
    summary : str
        What it reconstructs from what, in one line without a full stop; it stands below the title
        where a system is chosen.
    rank : int
        Systems are listed by it, the highest first, then by id; the window begins with the first
        that has a model.
    sample_files, model_files : tuple of str
        File patterns for open dialogs, such as ``*.png``.
    """

    id: str
    title: str
    citation: str
    summary: str = ""
    rank: int = 0
    sample_files: tuple[str, ...] = ()
    model_files: tuple[str, ...] = ()

    @abstractmethod
    def bundled(self) -> tuple[ModelRef, ...]:
        """Models that come with the system."""

    def picture(self) -> bytes:
        """A small square picture of what it makes, as PNG or SVG; empty for a neutral one.

        It is shown on light and dark ground, so what surrounds the thing is transparent. Those of
        systems that come with the program lie among its resources.
        """
        found = resource(f"pictures/{self.id}.png")
        return found.read_bytes() if found else b""

    def jobs(self) -> tuple[Job, ...]:
        """Long work the system offers."""
        return ()

    def recognise(self, path: Path) -> Taken | None:
        """Say what an existing file or folder is to the system, by its content; never raises."""
        return None

    def experiments(self) -> tuple[Experiment, ...]:
        """Tables and figures of the system's paper that can be made again; often none."""
        return ()

    @abstractmethod
    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open a model; `BadInput` if it cannot be read."""
