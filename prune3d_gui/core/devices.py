"""Devices that networks run on."""

from __future__ import annotations

from .errors import BadInput


def chosen_device(name: str, *, mps: bool = True) -> str:
    """Turn ``auto`` into the best device there is, and refuse one that is not there.

    Parameters
    ----------
    name : str
        ``auto``, ``cpu``, ``cuda``, ``cuda:1``, ``mps``...
    mps : bool
        Whether Apple's GPU will do; it has no float64.

    Raises
    ------
    BadInput
        If the device is unknown or missing on this machine.
    """
    import torch

    there = ["cpu"]
    if torch.cuda.is_available():
        there.insert(0, "cuda")
    elif mps and torch.backends.mps.is_available():
        there.insert(0, "mps")
    if name == "auto":
        return there[0]
    if name.partition(":")[0] not in there:
        raise BadInput(f"The device {name!r} is not on this machine; take {' or '.join(there)}.")
    return name
