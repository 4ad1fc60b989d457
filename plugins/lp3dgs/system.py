"""The system `lp3dgs`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken

from .shipped import SYSTEM, TITLE, installed


class SplatSystem(System):
    """Scenes of Gaussian splats that learn how many of them they need."""

    id = SYSTEM
    title = "LP-3DGS"
    summary = "Gaussian splats, pruned by what pictures lose"
    rank = 30
    citation = (
        "Zhang, Song, Lee, Yang, Peng, Chellappa & Fan, LP-3DGS: Learning to Prune 3D Gaussian "
        "Splatting, NeurIPS 2024, arXiv:2405.18784"
    )
    model_files = ("*.ply", "*.splat", "*.spz")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The scene that was trained on rendered pictures, where it is installed."""
        return () if installed() is None else (ModelRef(SYSTEM, TITLE),)

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open the bundled scene (empty path), a file of splats, or a folder.

        Raises
        ------
        BadInput
            If the file cannot be read or is none of splats.
        """
        from .opening import open_model

        return open_model(ref, cancel)

    def recognise(self, path: Path) -> Taken | None:
        """A scene of splats."""
        from .recognition import recognised

        return recognised(path)

    def jobs(self) -> tuple[Job, ...]:
        """Long work: data, training, masks, measuring."""
        from .jobs import JOBS

        return JOBS
