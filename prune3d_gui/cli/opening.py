"""Opening: from words on the command line to a system, a model and samples."""

from __future__ import annotations

import difflib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ..core.errors import BadInput
from ..core.registry import discover
from ..core.system import Model, ModelRef, System
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


def take_model(system: System, argv: Sequence[str]) -> tuple[ModelRef, Model]:
    """Open what ``--weights``, ``--sample`` and ``--device`` in `argv` say.

    Where a sample is a network of its own, its name opens that network. Other flags are
    left for later.
    """
    early = Parser("", add_help=False)
    early.add_argument("--weights")
    early.add_argument("--sample", "--samples", dest="sample")
    early.add_argument("--device", default="auto")
    known, _ = early.parse_known_args(list(argv))
    device = check_device(known.device)
    if known.weights is not None:
        path = Path(known.weights)
        if not path.is_file():
            raise BadInput(f"There is no file '{path}'; give the weights you want to open.")
        ref = ModelRef(system.id, path.name, str(path), device)
        return ref, system.open(ref)
    ref = replace(bundled(system), device=device)
    model = system.open(ref)
    wanted = next((s.opens for s in model.samples() if s.id == known.sample and s.opens), None)
    if wanted is None or replace(wanted, device=device) == ref:
        return ref, model
    model.close()
    ref = replace(wanted, device=device)
    return ref, system.open(ref)


def bundled(system: System) -> ModelRef:
    """Return the first model that comes with `system`."""
    refs = system.bundled()
    if not refs:
        raise BadInput(f"No model comes with {system.id!r}; give yours with --weights FILE.")
    return refs[0]


def take_samples(ref: ModelRef, model: Model, text: str | None) -> tuple[tuple[str, ...], str]:
    """Return the samples that ``--samples`` names, and the words for them.

    Without words, all that are in the network of `ref`, up to `DEFAULT_SAMPLES`.
    """
    if text is None:
        mine, every = own_samples(ref, model), model.samples()
        if not mine:
            raise BadInput("No samples come with this model; name some with --samples.")
        if len(mine) < len(every):
            return mine[:DEFAULT_SAMPLES], ", ".join(mine[:DEFAULT_SAMPLES])
        text = f"val:{min(DEFAULT_SAMPLES, len(every))}"
    found = _named(ref, model, text)
    if not found:
        raise BadInput(f"--samples {text!r} names no sample.")
    return found, text


def own_samples(ref: ModelRef, model: Model) -> tuple[str, ...]:
    """Return the samples that `model`, opened as `ref`, can reconstruct itself."""
    samples = model.samples()
    return tuple(s.id for s in samples if not s.opens or replace(s.opens, device=ref.device) == ref)


def _named(ref: ModelRef, model: Model, text: str) -> tuple[str, ...]:
    known = [sample.id for sample in model.samples()]
    try:
        found = (text,) if text in known else tuple(model.select(text))
    except BadInput:
        near = difflib.get_close_matches(text, known, 1)
        if not near and all(sample.opens is None for sample in model.samples()):
            raise
        hint = f"did you mean {near[0]!r}?" if near else f"there are {', '.join(known)}."
        raise BadInput(f"There is no sample {text!r}; {hint}") from None
    mine = own_samples(ref, model)
    for name in found:
        if name in known and name not in mine:
            raise BadInput(f"The sample {name!r} is a network of its own; name it alone.")
    for sample in model.samples():
        if sample.id in found and sample.id not in known:  # taken in just now
            for notice in sample.notices:
                say(notice)
    return found


def take_one(ref: ModelRef, model: Model, sample: str | None, image: str | None) -> str:
    """Return the one sample that ``--sample`` or ``--image`` names; else the first there is."""
    if image is not None:
        if not Path(image).is_file():
            raise BadInput(f"There is no file '{image}'; give a picture to reconstruct from.")
        opened = model.open_sample(Path(image))
        for notice in opened.notices:
            say(notice)
        return opened.id
    if sample is None:
        mine = own_samples(ref, model)
        if not mine:
            raise BadInput("No samples come with this model; give one with --image FILE.")
        return mine[0]
    found = _named(ref, model, sample)
    if len(found) != 1:
        raise BadInput(f"--sample {sample!r} names {len(found)} samples; name one.")
    return found[0]
