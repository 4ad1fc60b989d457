"""The system `psp_seg`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.model import Model, ModelRef
from prune3d_gui.core.system import System, Taken
from prune3d_gui.files.volumes import SUFFIXES

from .shipped import SYSTEM, installed


class SegmentSystem(System):
    """Organs and tumours in CT, by a network of parallel branches that go one by one."""

    id = SYSTEM
    title = "PSP-Seg"
    summary = "Organs and tumours in CT, pruned branch by branch"
    rank = 40
    citation = (
        "Li, Ye, Chen & Xia, Unified Start, Personalized End: Progressive Pruning for Efficient "
        "3D Medical Image Segmentation, arXiv:2509.09267, 2025"
    )
    sample_files = tuple("*" + suffix for suffix in SUFFIXES)
    model_files = ("*.safetensors", "*.pth", "*.pt", "*.ckpt", "*.bin")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The networks trained on procedural patients, where they are installed."""
        return tuple(ModelRef(SYSTEM, title, path) for path, title in installed().items())

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open a bundled network (the first for an empty path) or a file of the user's.

        Raises
        ------
        BadInput
            If the file cannot be read or is another network.
        """
        from .opening import open_model

        return open_model(ref, cancel)

    def recognise(self, path: Path) -> Taken | None:
        """A network, or a volume that it segments."""
        from .recognition import recognised

        return recognised(path)

    def jobs(self) -> tuple[Job, ...]:
        """Long work: data, training, orders, measuring."""
        from .jobs import JOBS

        return JOBS
