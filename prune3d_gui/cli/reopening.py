"""Opening again what a moment names: its model, by hash, and its sample."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.errors import BadInput
from ..core.model import Model, ModelRef, Sample
from ..core.moment import Moment
from ..core.system import System
from ..files.digests import digest_of
from ..studies.ask.moments import stamped
from .opening import own_samples


def reopened(
    system: System, moment: Moment, weights: str | None, device: str, near: Path
) -> tuple[ModelRef, Model]:
    """Open the network that a moment was made with.

    Parameters
    ----------
    system : System
    moment : Moment
    weights : str or None
        Where a person says it is; else a file of its name is looked for.
    device : str
    near : Path
        Folder to look in, before the one that is worked in.

    Raises
    ------
    BadInput
        If it is not found, or its weights are others.
    """
    seen = ""
    for ref in _candidates(system, moment, weights, near):
        model = system.open(replace(ref, device=device))
        if moment.weights_hash in ("", model.weights_hash):
            return replace(ref, device=device), model
        model.close()
        seen = f"'{Path(ref.path).name or ref.title}' has the weights {model.weights_hash[:12]}"
    name, brief = moment.weights or moment.model, moment.weights_hash[:12]
    said = f"; {seen}" if seen and moment.weights else ""
    raise BadInput(
        f"The weights it was made with, {name!r} ({brief}), are not here{said}; give their file "
        "with --weights."
    )


def _candidates(
    system: System, moment: Moment, weights: str | None, near: Path
) -> Iterator[ModelRef]:
    if weights is not None or moment.weights:
        part = moment.weights.rpartition("#")[2] if "#" in moment.weights else ""
        names = [weights] if weights else [str(near / moment.weights), moment.weights]
        if part:  # one output of a file with several
            names += [f"{name}#{part}" for name in names if weights]
            names += [name.removesuffix(f"#{part}") for name in names if not weights]
        found = (ModelRef(system.id, Path(name).name, name) for name in dict.fromkeys(names))
        there = [ref for ref in found if ref.own]
        if weights is not None and not there:
            raise BadInput(f"There is no file '{weights}'; give the weights it was made with.")
        yield from there
        return
    refs = system.bundled()
    first = sorted(refs, key=lambda ref: ref.title not in (moment.model, moment.sample_title))
    yield from first


def sample_again(
    ref: ModelRef,
    model: Model,
    moment: Moment,
    file: str | None,
    near: Path,
    cancel: CancelToken,
) -> Sample | None:
    """Find the sample of a moment, or take it in again where it was a file of a person's own.

    Gives None where the moment names none and the model has none.

    Raises
    ------
    BadInput
        If it is not found, or the file is another by now.
    """
    known = {sample.id: sample for sample in model.samples()}
    if moment.sample_file or file is not None:
        return _taken_again(model, moment, file, near, cancel)
    mine = own_samples(ref, model)
    if moment.sample in mine or (not moment.sample and mine):
        return known[moment.sample or mine[0]]
    if len(mine) == 1 and ref.own:  # the network itself, under another name
        return known[mine[0]]
    if not moment.sample:
        return None
    raise BadInput(f"{model.title} has no sample {moment.sample!r}; give one with --sample-file.")


def _taken_again(
    model: Model, moment: Moment, file: str | None, near: Path, cancel: CancelToken
) -> Sample:
    names = [Path(file)] if file else [near / moment.sample_file, Path(moment.sample_file)]
    there = [path for path in names if path.exists()]
    if not there:
        lost = f"'{file}'" if file else repr(moment.sample_file)
        raise BadInput(
            f"The file {lost} that it was made from is not here; give it with --sample-file."
        )
    same = [p for p in there if moment.sample_hash in ("", digest_of(p))]
    if not same:
        raise BadInput(
            f"'{there[0]}' is another file than the {moment.sample_file!r} it was made from; give "
            "that one with --sample-file."
        )
    return stamped(model.open_sample(same[0], cancel), same[0])
