"""The system `inr_amr`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken
from prune3d_gui.files.volumes import SUFFIXES

from .shipped import SYSTEM, installed


class FieldSystem(System):
    """Neural fields: smaller networks by decomposition, adaptive meshes where they are complex."""

    id = SYSTEM
    title = "Neural field"
    summary = "Pruned by decomposition, meshed adaptively"
    rank = 50
    citation = (
        "Zvonek & Gillette, PruningAMR, arXiv:2512.02967, 2025; decomposition: Chee et al., "
        "Model Preserving Compression for Neural Networks, NeurIPS 2022"
    )
    sample_files = tuple("*" + suffix for suffix in SUFFIXES)
    model_files = ("*.safetensors", "*.pth", "*.pt", "*.ckpt", "*.bin")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The fields fitted to procedural data, where they are installed."""
        return tuple(field.ref for field in installed())

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open a bundled field (the first for an empty path) or a checkpoint of the user's.

        Of a network of several outputs, ``#`` and the number or name of one follows the path.

        Raises
        ------
        BadInput
            If the file cannot be read, or is no perceptron from coordinates to one value.
        """
        from .opening import open_ref

        return open_ref(ref, cancel)

    def recognise(self, path: Path) -> Taken | None:
        """A field, or values on a grid that one can be compared with."""
        from .recognition import recognised

        return recognised(path)

    def experiments(self) -> tuple[Experiment, ...]:
        """Error against size on the authors' network in 2D; their CT fields are not to be had."""
        from .paper import experiments

        return experiments()

    def jobs(self) -> tuple[Job, ...]:
        """Long work: fitting, meshing, comparing, measuring."""
        from .jobs import JOBS

        return JOBS
