"""Opening: from words on the command line to a system, a model and samples."""

from __future__ import annotations

import difflib
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.cancel import CancelToken
from ..core.errors import BadInput
from ..core.model import Model, ModelRef
from ..core.names import sayable
from ..core.recognition import recognise
from ..core.registry import discover
from ..core.system import System
from ..files.paths import check_file
from .console import say
from .flags import Parser, check_device

DEFAULT_SAMPLES = 64


def take_system(command: str, argv: Sequence[str]) -> System:
    """Return the system that the first word names.

    Raises
    ------
    BadInput
        If there is no such word or no such system.
    """
    registry = discover()
    if not argv or argv[0].startswith("-"):
        known = ", ".join(system.id for system in registry.systems) or "none is installed"
        raise BadInput(f"'prune3d {command}' needs a system first ({known}).")
    return registry.system(argv[0])


def take_target(command: str, argv: Sequence[str]) -> tuple[System, list[str]]:
    """Return the system that the first word names, and the words that follow it.

    In place of a system there may be a file or a folder: every system is asked what it is, and
    the words then name it to the one that takes it.

    Raises
    ------
    BadInput
        If there is no such word, or no system of that name and none that takes such a file.
    """
    registry = discover()
    word = argv[0] if argv else ""
    named = {s.id for s in registry.systems} | {broken.name for broken in registry.broken}
    if not word or word in named or not os.path.exists(word):
        return take_system(command, argv), list(argv[1:])
    found = recognise(registry.systems, word)
    for trouble in found.troubles:
        say(trouble)
    system, taken = found.best()
    say(f"'{word}' is opened with {system.id}: {taken.said}")
    return system, ["--weights" if taken.opens else "--sample", word, *argv[1:]]


def take_model(system: System, argv: Sequence[str]) -> tuple[ModelRef, Model]:
    """Open what ``--weights``, ``--sample``, ``--component`` and ``--device`` in `argv` say.

    Where a sample is a network of its own, its name or its file opens that network. Other flags
    are left for later.

    Raises
    ------
    BadInput
        If there is no such file, or two networks are named.
    """
    early = Parser("", add_help=False)
    early.add_argument("--weights")
    early.add_argument("--sample", "--samples", dest="sample")
    early.add_argument("--component", default="")
    early.add_argument("--device", default="auto")
    known, _ = early.parse_known_args(list(argv))
    device = check_device(known.device)
    sample = _place_in(known.sample or "")
    sample = sample if sample and _is_network(system, sample) else ""
    if known.weights is not None or sample:
        file = sample if known.weights is None else _place_in(known.weights)
        if not file:
            check_file(known.weights, "the weights you want to open")
        if sample and Path(sample) != Path(file):
            raise BadInput(
                f"The sample '{known.sample}' is a network of its own; give it without --weights."
            )
        named = [known.weights or "", known.sample if sample else ""]
        parts = {text[len(_place_in(text)) + 1 :] for text in named} | {known.component}
        parts.discard("")
        if len(parts) > 1:
            raise BadInput(f"The outputs {' and '.join(sorted(parts))} are named; name one.")
        path = "#".join([file, *parts])
        ref = ModelRef(system.id, Path(path).name, path, device)
        try:
            return ref, system.open(ref)
        except BadInput as error:
            _refer(system, file, error)
            raise
    if known.component:
        raise BadInput(
            f"--component {known.component!r} is one output of a file; name it with --weights."
        )
    ref = replace(bundled(system), device=device)
    model = system.open(ref)
    wanted = next((s.opens for s in model.samples() if s.id == known.sample and s.opens), None)
    if wanted is None or replace(wanted, device=device) == ref:
        return ref, model
    model.close()
    ref = replace(wanted, device=device)
    return ref, system.open(ref)


def _file_in(text: str) -> str:
    """The file that a text names, without what may follow after a ``#``; empty if there is none."""
    return ModelRef("", "", text).file


def _place_in(text: str) -> str:
    """The file that a text names, as `_file_in`, or the folder."""
    return ModelRef("", "", text).own


def _refer(system: System, path: str, error: BadInput) -> None:
    """Name the system that opens what `system` refused, if there is one that is sure.

    Raises
    ------
    BadInput
        If there is.
    """
    others = [other for other in discover().systems if other.id != system.id]
    for other, taken in recognise(others, path).takers:
        if taken.sure and taken.opens:
            raise BadInput(
                f"'{path}' is not for {system.id} but for {other.id}: {taken.said}"
            ) from error


def _is_network(system: System, path: str) -> bool:
    """Whether `system` opens a file or a folder as a model."""
    found = recognise((system,), path)
    for trouble in found.troubles:
        say(trouble)
    return any(taken.opens for _, taken in found.takers[:1])


def bundled(system: System) -> ModelRef:
    """Return the first model that comes with `system`."""
    refs = system.bundled()
    if not refs:
        trains = any(job.id == "train" for job in system.jobs())
        more = f", or train one with 'prune3d train {system.id}'" if trains else ""
        raise BadInput(f"No model comes with {system.id!r}; give yours with --weights FILE{more}.")
    return refs[0]


def take_samples(
    ref: ModelRef, model: Model, text: str | None, cancel: CancelToken
) -> tuple[tuple[str, ...], str]:
    """Return the samples that ``--samples`` names, and the words for them.

    Without words, all that are in the network of `ref`, up to `DEFAULT_SAMPLES`.
    """
    if text is None:
        mine, every = own_samples(ref, model), model.samples()
        if not mine:
            raise BadInput("No samples come with this model; name some with --samples.")
        if len(mine) < len(every):
            return mine[:DEFAULT_SAMPLES], ", ".join(mine[:DEFAULT_SAMPLES])
        text = model.some(min(DEFAULT_SAMPLES, len(every)))
    found = _named(ref, model, text, cancel)
    if not found:
        raise BadInput(f"--samples {text!r} names no sample.")
    return found, sayable(text)


def own_samples(ref: ModelRef, model: Model) -> tuple[str, ...]:
    """Return the samples that `model`, opened as `ref`, can reconstruct itself."""
    samples = model.samples()
    return tuple(s.id for s in samples if not s.opens or replace(s.opens, device=ref.device) == ref)


def _named(ref: ModelRef, model: Model, text: str, cancel: CancelToken) -> tuple[str, ...]:
    known = [sample.id for sample in model.samples()]
    mine = own_samples(ref, model)
    if ref.file and Path(_file_in(text)) == Path(ref.file):
        own = sayable(Path(ref.file).name)
        found = tuple(name for name in mine if name == own or name.startswith(f"{own}#"))
        if found:
            return found
    place = text not in known and _place_in(text) == text
    if place and not Path(text).is_dir():
        return (_opened(model, Path(text), cancel),)
    try:  # a folder may be a set of many samples, to a system that has such
        found = (text,) if text in known else tuple(model.select(text, cancel))
    except BadInput:
        if place:
            return (_opened(model, Path(text), cancel),)
        near = difflib.get_close_matches(text, known, 1)
        if not near and all(sample.opens is None for sample in model.samples()):
            raise
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
        file = " and no file" if Path(text).suffix else ""
        raise BadInput(f"There is no sample{file} {text!r}; {hint}") from None
    for name in found:
        if name in known and name not in mine:
            raise BadInput(f"The sample {name!r} is a network of its own; name it alone.")
    for sample in model.samples():
        if sample.id in found and sample.id not in known:  # taken in just now
            for notice in sample.notices:
                say(notice)
    return found


def _opened(model: Model, file: Path, cancel: CancelToken) -> str:
    """Take in a file or a folder as a sample, and say what was done to it."""
    opened = model.open_sample(file, cancel)
    for notice in opened.notices:
        say(notice)
    return opened.id


def take_one(
    ref: ModelRef, model: Model, sample: str | None, image: str | None, cancel: CancelToken
) -> str:
    """Return the one sample that ``--sample`` or ``--image`` names; else the first there is."""
    if image is not None:
        place = Path(image) if _place_in(image) else check_file(image, "what to reconstruct from")
        return _opened(model, place, cancel)
    if sample is None:
        mine = own_samples(ref, model)
        if not mine:
            raise BadInput("No samples come with this model; give one with --image FILE.")
        return mine[0]
    found = _named(ref, model, sample, cancel)
    if len(found) != 1:
        raise BadInput(f"--sample {sample!r} names {len(found)} samples; name one.")
    return found[0]
