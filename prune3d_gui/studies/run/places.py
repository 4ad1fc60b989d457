"""Places: where workers are asked for, and how they are got there."""

from __future__ import annotations

from dataclasses import dataclass, replace

from ...core.devices import chosen_device
from ...core.errors import BadInput
from ..ask.questions import Network
from .local import LocalWorkers
from .workers import Workers

FEW = 40
"""Evaluations for which no process is started."""


@dataclass(frozen=True, slots=True)
class WorkersSpec:
    """What a person asks for.

    Parameters
    ----------
    cluster : str
        Address of a scheduler; empty for this machine.
    count : int
        Processes on this machine; 0 for as many as there are cores.
    gpus : bool
        Whether the workers of a cluster are those with a GPU.
    """

    cluster: str = ""
    count: int = 0
    gpus: bool = False


def network_at(spec: WorkersSpec, network: Network) -> Network:
    """The network with the device that the workers of `spec` use, named.

    Raises
    ------
    BadInput
        If that device is not on this machine.
    """
    ref = network.ref
    if spec.cluster:
        device = "cuda" if spec.gpus else "cpu"
    elif ref.device == "auto":
        device = chosen_device(ref.device, mps=False)  # not every system runs on mps
    else:
        device = ref.device
    return replace(network, ref=replace(ref, device=device))


def open_workers(spec: WorkersSpec, network: Network) -> Workers:
    """Open the workers that `spec` asks for.

    On this machine these are processes of one thread each where `network` runs on the CPU, and
    one thread of this process where it runs on a GPU.

    Raises
    ------
    BadInput
        If the cluster cannot be used, or the extra that it needs is not installed.
    """
    if spec.cluster:
        try:
            from .cluster import ClusterWorkers
        except ImportError as error:
            raise BadInput(
                f"The cluster '{spec.cluster}' needs a package that is missing ({error.name}); "
                "install it with: pip install 'prune3d[cluster]'"
            ) from error
        return ClusterWorkers(spec.cluster, network_at(spec, network), spec.gpus)
    if spec.count < 0:
        raise BadInput(f"{spec.count} workers are none; give 1 or more.")
    if network_at(spec, network).ref.device.partition(":")[0] != "cpu":
        return LocalWorkers(here=True)
    return LocalWorkers(spec.count or None)
