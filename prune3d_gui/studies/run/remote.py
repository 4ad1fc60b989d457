"""What runs on the workers of a cluster; a client sends it by name."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from ...core.errors import Prune3DError
from ...core.threads import share_cores
from ..ask.versions import versions
from .workers import Chunk, Measured


@dataclass(frozen=True, slots=True)
class Refused:
    """What a person must mend; a value, so that the cluster does not try it again."""

    message: str


@dataclass(frozen=True, slots=True)
class Missing:
    """What a worker has not got yet.

    Parameters
    ----------
    weights : bool
        Whether it needs the file that the network is in.
    artifacts : tuple of str
        Hashes of the artifacts that it needs.
    """

    weights: bool
    artifacts: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Weights:
    """A file of the user's on the client: its name, and the SHA-256 of its bytes."""

    name: str
    digest: str


def installed() -> dict[str, str]:
    """Versions that must be alike on both sides: Python's without its last number.

    What a build adds after ``+`` (``+cu128``) is left out, for GPU workers have another.
    """
    found = {name: text.partition("+")[0] for name, text in versions().items()}
    found["python"] = found["python"].rpartition(".")[0]
    return {name: found[name] for name in ("prune3d", "torch", "numpy", "python")}


def compute_there(
    chunk: Chunk,
    wanted: Mapping[str, str],
    weights: Weights | None = None,
    data: bytes | None = None,
    packs: Mapping[str, bytes] | None = None,
    artifacts: Mapping[str, bytes] | None = None,
) -> list[Measured] | Refused | Missing:
    """Compute a chunk on a worker: one at a time in its process, on all its threads.

    Parameters
    ----------
    chunk : Chunk
        Without the packs that come beside it.
    wanted : mapping of package to version
        What the client has; workers that came later may have another.
    weights, data : Weights and bytes, optional
        The file of the user's that the network is opened from; the worker keeps it until it
        ends, so its bytes need to come only once.
    packs : mapping of sample id to bytes, optional
    artifacts : mapping of hash to bytes, optional
        Artifacts that a worker lacked; it keeps them until it ends.
    """
    from distributed import get_worker

    share_cores()
    import torch

    from .worker import compute

    here = get_worker()
    if found := differences(wanted, installed()):
        return Refused(f"The worker {here.address} {found}; install the same on both sides.")
    try:
        torch.set_num_threads(max(1, here.state.nthreads))
        own = Path(here.local_directory) / "prune3d"
        path = None if weights is None else _kept(own, weights, data)
        lacking = _lacking(own / "artifacts", chunk.artifacts, artifacts or {})
        if lacking or (weights is not None and path is None):
            return Missing(weights is not None and path is None, lacking)
        if weights is not None:
            ref = chunk.network.ref
            part = ref.path.rpartition(weights.name)[2]
            ref = replace(ref, path=f"{path}{part}")
            chunk = replace(chunk, network=replace(chunk.network, ref=ref))
        return compute(replace(chunk, packs={**chunk.packs, **(packs or {})}))
    except Prune3DError as error:
        return Refused(f"{str(error).rstrip('.')} (on the worker {here.address}).")


def differences(wanted: Mapping[str, str], found: Mapping[str, str]) -> str:
    """Say what a worker has that differs from what the client has; empty if nothing does."""
    unlike = [name for name in wanted if found.get(name) != wanted[name]]
    if not unlike:
        return ""
    there = ", ".join(f"{name} {found.get(name, 'not installed')}" for name in unlike)
    here = ", ".join(f"{name} {wanted[name]}" for name in unlike)
    return f"has {there} where this side has {here}"


def _lacking(folder: Path, wanted: tuple[str, ...], given: Mapping[str, bytes]) -> tuple[str, ...]:
    """Keep the artifacts that were sent, and say which of those wanted are still not here."""
    if not wanted:
        return ()
    from ...files.artifacts import ArtifactStore, lend

    lend(folder)
    store = ArtifactStore(folder)
    for digest, data in given.items():
        if not store.has(digest):
            store.take_bytes(data, digest)
    return tuple(digest for digest in wanted if not store.has(digest))


def _kept(folder: Path, weights: Weights, data: bytes | None) -> Path | None:
    """The worker's own copy of a file, named by its content; None before it had the bytes."""
    path = folder / weights.digest / weights.name
    if not path.is_file():
        if data is None:
            return None
        if hashlib.sha256(data).hexdigest() != weights.digest:
            raise Prune3DError(f"The file '{weights.name}' was damaged on its way; run it again.")
        from ...files.atomic import writing

        path.parent.mkdir(parents=True, exist_ok=True)
        with writing(path) as temporary:
            temporary.write_bytes(data)
    return path
