"""The system `inr_amr`: what it is, what it opens and which jobs it offers."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.experiments import Experiment
from prune3d_gui.core.jobs import Job
from prune3d_gui.core.model import Model, ModelRef, Sample
from prune3d_gui.core.names import sayable
from prune3d_gui.core.system import System, Taken
from prune3d_gui.files.paths import check_file
from prune3d_gui.files.volumes import SUFFIXES

from .shipped import ShippedField, installed

BUNDLED = "shipped:"
"""What the path of a bundled field begins with; its name follows."""


class FieldSystem(System):
    """Neural fields: smaller networks by decomposition, adaptive meshes where they are complex."""

    id = "inr_amr"
    title = "Neural field: pruned by decomposition, meshed adaptively"
    citation = (
        "Zvonek & Gillette, PruningAMR, arXiv:2512.02967, 2025; decomposition: Chee et al., "
        "Model Preserving Compression for Neural Networks, NeurIPS 2022"
    )
    sample_files = tuple("*" + suffix for suffix in SUFFIXES)
    model_files = ("*.safetensors", "*.pth", "*.pt", "*.ckpt", "*.bin")

    def bundled(self) -> tuple[ModelRef, ...]:
        """The fields fitted to procedural data, where they are installed."""
        return tuple(self._ref(field) for field in installed())

    def open(self, ref: ModelRef, cancel: CancelToken = NEVER) -> Model:
        """Open a bundled field (the first for an empty path) or a checkpoint of the user's.

        Of a network of several outputs, ``#`` and the number or name of one follows the path.

        Raises
        ------
        BadInput
            If the file cannot be read, or is no perceptron from coordinates to one value.
        """
        from .data.truth import truth_of
        from .model import FieldModel
        from .stored.checkpoint import load_field

        name, path, component = self._place(ref)
        network, info = load_field(path, component)
        if name:
            info = replace(info, name=name)
        samples = self._samples(name, path, network, info, cancel)
        return FieldModel(
            network, info, truth_of(info.metadata), samples, chosen_device(ref.device, mps=False)
        )

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

    def _ref(self, field: ShippedField) -> ModelRef:
        return ModelRef(self.id, field.title, BUNDLED + field.name)

    def _place(self, ref: ModelRef) -> tuple[str, Path, str]:
        """Name (empty for a file of the user's), path and component of what `ref` opens."""
        if ref.path and not ref.path.startswith(BUNDLED):
            file = ref.file or ref.path
            part = ref.path[len(file) + 1 :]
            return "", check_file(file, "a checkpoint of a field"), part
        there = {field.name: field.path for field in installed()}
        name = ref.path.removeprefix(BUNDLED) or next(iter(there), "")
        if name not in there:
            raise BadInput(
                f"The bundled field {name!r} is not installed; open a checkpoint of yours, or fit "
                "one with 'prune3d train inr_amr'."
            )
        return name, there[name], ""

    def _samples(
        self, name: str, path: Path, network, info, cancel: CancelToken
    ) -> tuple[Sample, ...]:
        """Give this field, the other outputs of its file and the bundled fields, with pictures."""
        from .stored.checkpoint import load_field

        found = []
        for output in () if name else info.outputs:
            cancel.check()
            several = f"#{output}" if len(info.outputs) > 1 else ""
            id_, title = f"{path.name}{several}", f"{path.stem}{several}"
            own = id_ == info.name
            shown = (network, info) if own else load_field(path, output)
            sample = _sample(sayable(id_), sayable(title), *shown)
            if own:
                found.append(sample)
            else:
                ref = ModelRef(self.id, id_, f"{path}{several}")
                found.append(replace(sample, opens=ref))
        for field in installed():
            cancel.check()
            if field.name == name:
                found.append(_sample(field.name, field.title, network, info))
            else:
                sample = _sample(field.name, field.title, *load_field(field.path))
                found.append(replace(sample, opens=self._ref(field)))
        return tuple(found)


def _sample(id_: str, title: str, network, info) -> Sample:
    from .network.domain import Slice
    from .views import thumbnail

    domain = info.domain
    group = f"{domain.dimension}D" + (" and time" if domain.timed else "")
    picture = thumbnail(Slice(network, domain).values, domain)
    return Sample(id_, title, group, picture)
