"""What of the things that were open last is still there."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from ...core.registry import Registry
from ...core.system import System
from ..state.settings import Last


@dataclass(frozen=True, eq=False)
class Resumed:
    """What can be opened again, and what is lost.

    Parameters
    ----------
    system : System or None
        The system to open the model with; None where either is gone.
    file : Path or None
        The sample's file, where it was the user's and is still there.
    lost : tuple of str
        A sentence for each thing that is gone.
    """

    system: System | None
    file: Path | None = None
    lost: tuple[str, ...] = ()


def resumed(registry: Registry, last: Last) -> Resumed:
    """Look for what was open last."""
    ref = last.ref
    system = next((system for system in registry.systems if system.id == ref.system), None)
    if system is None:
        said = f"The system {ref.system!r}, of which '{ref.title}' was open last, is not installed."
        return Resumed(None, lost=(f"{said} Another model is opened instead.",))
    if not ref.own and ref not in system.bundled():
        named = ref.path if os.path.isabs(ref.path) else ref.title
        said = f"'{named}', which was open last, is no longer there."
        return Resumed(None, lost=(f"{said} Another model is opened instead.",))
    if not last.file:
        return Resumed(system)
    file = Path(last.file)
    if file.exists():
        return Resumed(system, file)
    said = (
        f"The sample '{file}', which was open last, is no longer there; another is shown instead."
    )
    return Resumed(system, lost=(said,))
