"""Opening a field: a bundled one by name, or a checkpoint, with the samples beside it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.devices import chosen_device
from prune3d_gui.core.errors import BadInput
from prune3d_gui.core.model import ModelRef, Sample
from prune3d_gui.core.names import sayable
from prune3d_gui.files.paths import check_file

from .data.truth import truth_of
from .model import FieldModel
from .network.domain import Slice
from .network.network import FieldNetwork
from .shipped import BUNDLED, SYSTEM, installed
from .stored.checkpoint import FieldInfo, load_field
from .views import thumbnail


def open_field(sample: str, weights: str, device: str = "auto", component: str = "") -> FieldModel:
    """Open a bundled field by name, or a checkpoint.

    Parameters
    ----------
    sample : str
        Name of a bundled field, or a file; the first bundled field if `weights` is empty too.
    weights : str
        A file.
    component : str
        Number or name of one output of a file with several.

    Raises
    ------
    BadInput
        If there is no such field or file.
    """
    if sample and weights:
        raise BadInput(
            f"The sample {sample!r} and the weights '{weights}' are a field each; give one."
        )
    known = [field.name for field in installed()]
    file = str(weights) or ("" if sample in known else sample)
    ref = ModelRef(SYSTEM, sample or "field", file or BUNDLED + sample, device)
    if sample and file and not ref.file:
        raise BadInput(
            f"The field {sample!r} is not installed and no file; take {', '.join(known)}, or a "
            "checkpoint of yours."
        )
    if component:
        if not file:
            raise BadInput(f"--component {component!r} fits only files of several outputs.")
        whole = ref.file or file
        if file not in (whole, f"{whole}#{component}"):
            raise BadInput(f"'{file}' names an output and so does --component; name one.")
        ref = replace(ref, path=f"{whole}#{component}")
    return open_ref(ref)


def open_ref(ref: ModelRef, cancel: CancelToken = NEVER) -> FieldModel:
    """Open a bundled field (the first for an empty path) or a checkpoint of the user's.

    Of a network of several outputs, ``#`` and the number or name of one follows the path.

    Raises
    ------
    BadInput
        If the file cannot be read, or is no perceptron from coordinates to one value.
    """
    name, path, component = _place(ref)
    network, info = load_field(path, component)
    if name:
        info = replace(info, name=name)
    samples = _samples(name, path, network, info, cancel)
    device = chosen_device(ref.device, mps=False)
    return FieldModel(network, info, truth_of(info.metadata), samples, device)


def _place(ref: ModelRef) -> tuple[str, Path, str]:
    """Name (empty for a file of the user's), path and component of what `ref` opens."""
    if ref.path and not ref.path.startswith(BUNDLED):
        file = ref.file or ref.path
        return "", check_file(file, "a checkpoint of a field"), ref.path[len(file) + 1 :]
    there = {field.name: field.path for field in installed()}
    name = ref.path.removeprefix(BUNDLED) or next(iter(there), "")
    if name not in there:
        raise BadInput(
            f"The bundled field {name!r} is not installed; open a checkpoint of yours, or fit "
            "one with 'prune3d train inr_amr'."
        )
    return name, there[name], ""


def _samples(
    name: str, path: Path, network: FieldNetwork, info: FieldInfo, cancel: CancelToken
) -> tuple[Sample, ...]:
    """Give this field, the other outputs of its file and the bundled fields, with pictures."""
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
            found.append(replace(sample, opens=ModelRef(SYSTEM, id_, f"{path}{several}")))
    for field in installed():
        cancel.check()
        if field.name == name:
            found.append(_sample(field.name, field.title, network, info))
        else:
            sample = _sample(field.name, field.title, *load_field(field.path))
            found.append(replace(sample, opens=field.ref))
    return tuple(found)


def _sample(id_: str, title: str, network: FieldNetwork, info: FieldInfo) -> Sample:
    domain = info.domain
    group = f"{domain.dimension}D" + (" and time" if domain.timed else "")
    return Sample(id_, title, group, thumbnail(Slice(network, domain).values, domain))
