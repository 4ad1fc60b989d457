"""The system `vortx`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken

from .shipped import SYSTEM, TITLE, weights


class VortxSystem(System):
    """Rooms from posed photographs, by a network of three modules that are pruned three ways."""

    id = SYSTEM
    title = "VoRTX"
    summary = "Rooms from posed photographs, pruned module by module"
    rank = 40
    citation = (
        "Li & Wang, Pruned VoRTX: pruning-based efficient indoor 3D reconstruction, 2024; network: "
        "Stier, Rich, Sen & Höllerer, VoRTX: Volumetric 3D Reconstruction With Transformers for "
        "Voxelwise View Selection and Fusion, 3DV 2021, arXiv:2112.00236"
    )
    sample_files = ("info.json", "transforms.json")
    model_files = ("*.safetensors", "*.ckpt", "*.pth", "*.pt", "*.bin")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The network trained on procedural rooms, where it is installed."""
        return () if weights() is None else (ModelRef(SYSTEM, TITLE),)

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open the bundled network (empty path) or a file of the user's.

        Raises
        ------
        BadInput
            If the file cannot be read or is another network.
        """
        from .opening import open_model

        return open_model(ref, cancel)

    def recognise(self, path: Path) -> Taken | None:
        """A network, or posed photographs of a room."""
        from .recognition import recognised

        return recognised(path)

    def experiments(self) -> tuple[Experiment, ...]:
        """Tables 2, 4 and 5 of Li and Wang."""
        from .paper import experiments

        return experiments()

    def jobs(self) -> tuple[Job, ...]:
        """Long work: data, training, fine-tuning, measuring."""
        from .jobs import JOBS

        return JOBS
