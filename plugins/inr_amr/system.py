"""The system `inr_amr`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.system import ModelRef, Sample

BUNDLED = "shipped:"
"""What the path of a bundled field begins with; its name follows."""


class FieldSystem:
    """Neural fields: smaller networks by decomposition, adaptive meshes where they are complex."""

    id = "inr_amr"
    title = "Neural field: pruned by decomposition, meshed adaptively"
    citation = (
        "Zvonek & Gillette, PruningAMR, arXiv:2512.02967, 2025; decomposition: Chee et al., "
        "Model Preserving Compression for Neural Networks, NeurIPS 2022"
    )
    sample_files = ("*.nii", "*.nii.gz", "*.nrrd", "*.vti", "*.mhd", "*.mha", "*.npy", "*.npz")
    model_files = ("*.safetensors", "*.pth", "*.pt")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The fields fitted to procedural data, where they are installed."""
        from .shipped import installed

        return tuple(ModelRef(self.id, field.title, BUNDLED + field.name) for field in installed())

    def open(self, ref: ModelRef):
        """Open a bundled field (the first for an empty path) or a checkpoint of the user's.

        Raises
        ------
        BadInput
            If the file cannot be read, or is no perceptron from coordinates to one value.
        """
        from .checkpoint import load_field
        from .model import FieldModel
        from .truth import truth_of

        name, path = self._place(ref)
        network, info = load_field(path)
        if name:
            info = replace(info, name=name)
        samples = self._samples(name, path, network, info)
        return FieldModel(
            network, info, truth_of(info.metadata), samples, chosen_device(ref.device)
        )

    def jobs(self) -> tuple[Job, ...]:
        """Long work: fitting, meshing, comparing, measuring."""
        from .jobs import JOBS

        return JOBS

    def _place(self, ref: ModelRef) -> tuple[str, Path]:
        """Name (empty for a file of the user's) and path of what `ref` opens."""
        from .shipped import installed

        if ref.path and not ref.path.startswith(BUNDLED):
            return "", Path(ref.path)
        there = {field.name: field.path for field in installed()}
        name = ref.path.removeprefix(BUNDLED) or next(iter(there), "")
        if name not in there:
            raise BadInput(
                f"The bundled field {name!r} is not installed; open a checkpoint of yours, or fit "
                "one with 'prune3d train inr_amr'."
            )
        return name, there[name]

    def _samples(self, name: str, path: Path, network, info) -> tuple[Sample, ...]:
        """Give the bundled fields and this one, each with a picture of itself."""
        from .checkpoint import load_field
        from .shipped import installed

        titles = {field.name: field.title for field in installed()}
        own = _sample(name or path.name, titles.get(name, path.stem), network, info)
        own, found = replace(own, notices=info.notices), []
        for field, ref in zip(installed(), self.bundled(), strict=True):
            if field.name == name:
                found.append(own)
            else:
                sample = _sample(field.name, field.title, *load_field(field.path))
                found.append(replace(sample, opens=ref))
        return tuple(found) if name else (own, *found)


def _sample(id_: str, title: str, network, info) -> Sample:
    from .domain import Slice
    from .views import thumbnail

    domain = info.domain
    group = f"{domain.dimension}D" + (" and time" if domain.timed else "")
    picture = thumbnail(Slice(network, domain).values, domain)
    return Sample(id_, title, group, picture)


def chosen_device(name: str) -> str:
    """Turn ``auto`` into the best device there is, and refuse one that is not there.

    Raises
    ------
    BadInput
        If the device is unknown or missing on this machine.
    """
    import torch

    there = ["cuda"] if torch.cuda.is_available() else []
    there.append("cpu")
    if name == "auto":
        return there[0]
    if name.partition(":")[0] not in there:
        raise BadInput(f"The device {name!r} is not on this machine; take {' or '.join(there)}.")
    return name
