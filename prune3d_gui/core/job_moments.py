"""Moments of what jobs write: the command that does it again, files named by name alone."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from .. import __version__
from .moment import Moment, paired


def moment_of_job(
    system: str,
    job: str,
    options: Mapping[str, Any],
    about: Mapping[str, Any],
    model: str = "",
    weights: str = "",
    weights_hash: str = "",
) -> Moment:
    """Say what a job wrote a file from.

    Parameters
    ----------
    system, job : str
    options : mapping
        All of its options; those that stand for nothing are left out.
    about : mapping
        What else a reader may want to know: plain values by name.
    model, weights, weights_hash : str
        As in `Moment`; empty where there are several.
    """
    words = ["prune3d", job, system]
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        if value is True:
            words.append(flag)
        elif value not in (None, "", False):
            words += [flag, Path(value).name if isinstance(value, str) else f"{value:.10g}"]
    told = paired({"versions": {"prune3d": __version__}, **about})
    return Moment(system, model, weights, weights_hash, about=told, command=shlex.join(words))
