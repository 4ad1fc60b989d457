"""Checkpoints of trainings: written whole or not at all, and gone on with by the same training."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from ...core.errors import BadInput
from ..atomic import writing


def write_state(path: Path, state: Mapping[str, Any]) -> None:
    """Write a checkpoint of tensors and plain values."""
    with writing(path) as temporary:
        torch.save(dict(state), temporary)


def resume(
    path: Path,
    device: torch.device,
    under: str,
    same: Mapping[str, Any],
    take: Callable[[Mapping[str, Any]], None],
) -> None:
    """Go on from a checkpoint.

    Parameters
    ----------
    path : path
    device : torch.device
    under : str
        Name under which it says what training it is of.
    same : mapping
        What has to be as it says there.
    take : callable
        Takes in all of it.

    Raises
    ------
    BadInput
        If it is damaged, or belongs to another training.
    """
    try:
        state = torch.load(path, map_location=device, weights_only=True)
        other = [k for k, v in same.items() if state[under].get(k) != v]
        if not other:
            take(state)
    except Exception as error:  # a damaged pickle may raise anything at all
        raise BadInput(
            f"'{path}' is not a checkpoint of this training; delete it to start anew, "
            "or write to another file."
        ) from error
    if other:
        raise BadInput(
            f"'{path}' is the checkpoint of a training with another {other[0]}; take "
            "the same settings to go on, or delete it to start anew."
        )
