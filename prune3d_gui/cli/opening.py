"""Opening: from words on the command line to a system, a model and samples."""

from __future__ import annotations

from collections.abc import Sequence
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
    """Open what ``--weights`` and ``--device`` in `argv` say; other flags are left for later."""
    early = Parser("", add_help=False)
    early.add_argument("--weights")
    early.add_argument("--device", default="auto")
    known, _ = early.parse_known_args(list(argv))
    device = check_device(known.device)
    if known.weights is None:
        ref = bundled(system)
        ref = ModelRef(ref.system, ref.title, ref.path, device)
    else:
        path = Path(known.weights)
        if not path.is_file():
            raise BadInput(f"There is no file '{path}'; give the weights you want to open.")
        ref = ModelRef(system.id, path.name, str(path), device)
    return ref, system.open(ref)


def bundled(system: System) -> ModelRef:
    """Return the first model that comes with `system`."""
    refs = system.bundled()
    if not refs:
        raise BadInput(f"No model comes with {system.id!r}; give yours with --weights FILE.")
    return refs[0]


def take_samples(model: Model, text: str | None) -> tuple[tuple[str, ...], str]:
    """Return the samples that ``--samples`` names, and the words for them."""
    if text is None:
        count = min(DEFAULT_SAMPLES, len(model.samples()))
        if not count:
            raise BadInput("No samples come with this model; name some with --samples.")
        text = f"val:{count}"
    elif text in {sample.id for sample in model.samples()}:
        return (text,), text
    found = tuple(model.select(text))
    if not found:
        raise BadInput(f"--samples {text!r} names no sample.")
    return found, text


def take_one(model: Model, sample: str | None, image: str | None) -> str:
    """Return the one sample that ``--sample`` or ``--image`` names; else the first there is."""
    if image is not None:
        if not Path(image).is_file():
            raise BadInput(f"There is no file '{image}'; give a picture to reconstruct from.")
        opened = model.open_sample(Path(image))
        for notice in opened.notices:
            say(notice)
        return opened.id
    known = [known.id for known in model.samples()]
    if sample is None:
        if not known:
            raise BadInput("No samples come with this model; give one with --image FILE.")
        return known[0]
    if sample in known:
        return sample
    found = tuple(model.select(sample))
    if len(found) != 1:
        raise BadInput(f"--sample {sample!r} names {len(found)} samples; name one.")
    return found[0]
