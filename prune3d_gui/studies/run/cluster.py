"""Workers on other machines, through a Dask scheduler (the extra ``cluster``).

Dask sends functions and values pickled, and its workers run what they are sent: connect only
to a scheduler you trust, on a network you trust. Nothing here is pickled by hand or kept so.
"""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import socket
import warnings
from collections.abc import Coroutine, Mapping
from concurrent.futures import Future
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from ...core.errors import BadInput, Prune3DError
from ...files.artifacts import ArtifactStore
from ..ask.questions import Network
from . import remote
from .workers import Chunk, Measured

if TYPE_CHECKING:
    import distributed

Found = TypeVar("Found")
ADDRESS = re.compile(r"(tcp|tls)://([^\s:/@]+|\[[0-9a-fA-F:.]+\]):(\d{1,5})")
EXAMPLE = "tcp://host:8786"
RETRIES, SENDINGS = 2, 3


class ClusterWorkers:
    """The workers of a Dask cluster, as `Workers`.

    Weights of the user's, samples and artifacts are sent once, however many chunks need them; a
    worker keeps the network open from chunk to chunk. A chunk whose worker dies is done again
    elsewhere. The cluster belongs to its owner: nothing there is started, slowed or closed.

    Parameters
    ----------
    address : str
        Of the scheduler, such as ``tcp://host:8786``. It must be trusted: see above.
    network : Network
        What will be studied; each worker opens it before the constructor returns.
    gpus : bool
        Whether to run on the GPUs of workers that were started with ``--resources GPU=1``, one
        chunk for each, and otherwise on processors.
    timeout : float
        Seconds to wait for the scheduler.

    Attributes
    ----------
    count : int
        Workers when it connected; those that join later get work too.
    title : str
    device : {"cpu", "cuda"}
        What the workers compute on, unless the network names a device.

    Raises
    ------
    BadInput
        If the address is malformed, nobody answers there, there are no (GPU) workers, a worker
        has other versions than this side, or cannot open the network with the same weights.
    """

    def __init__(
        self, address: str, network: Network, gpus: bool = False, timeout: float = 5.0
    ) -> None:
        self._address = checked(address)
        self.device = "cuda" if gpus else "cpu"
        self._resources = {"GPU": 1} if gpus else None
        self._versions = remote.installed()
        self._files: dict[str, tuple[remote.Weights, bytes]] = {}
        self._sent: dict[str, asyncio.Task[distributed.Future[Any]]] = {}
        self._sendings = itertools.count()
        self._tasks: set[asyncio.Task[Any]] = set()
        self._weights(network)
        self._client = _connected(self._address, timeout)
        try:
            workers = self._fit(gpus)
            self.count = len(workers)
            self.title = f"{self.count} worker{'s' * (self.count > 1)} at {self._address}"
            self._free = asyncio.Event()
            self._free.set()
            self._try_out(network, workers)
        except BaseException:
            self._client.close()
            raise

    # -- Workers ------------------------------------------------------------------

    def submit(self, chunk: Chunk) -> Future[list[Measured]]:
        """Send a chunk; what goes wrong for good is a `Prune3DError` of the future."""
        return self._call(self._computed(chunk))

    def hold(self, held: bool) -> None:
        """Keep chunks back while `held`; those already sent go on, on machines not this one."""
        change = self._free.clear if held else self._free.set
        self._loop.call_soon_threadsafe(change)

    def close(self) -> None:
        """Cancel what has not begun and leave the cluster, which goes on."""
        if self._client.status == "running":
            self._call(self._settled()).result()
        self._client.close()

    # -- at the start ---------------------------------------------------------------

    def _fit(self, gpus: bool) -> list[str]:
        """Addresses of the workers that will do; `BadInput` if there are none, or one is odd."""
        there: Mapping[str, Any] = self._client.scheduler_info(n_workers=-1)["workers"]
        if not there:
            raise BadInput(
                f"The scheduler at '{self._address}' has no workers; start one with "
                f"'dask worker {self._address} --nthreads 1'."
            )
        if gpus:
            there = {a: w for a, w in there.items() if w.get("resources", {}).get("GPU", 0) >= 1}
            if not there:
                raise BadInput(
                    f"No worker at '{self._address}' offers a GPU; start one with "
                    f"'dask worker {self._address} --nthreads 1 --resources GPU=1'."
                )
        found = self._client.run(remote.installed, workers=list(there), on_error="return")
        for address, versions in sorted(found.items()):
            if isinstance(versions, Exception):
                raise BadInput(
                    f"The worker {address} cannot run Prune3D ({_words(versions)}); install "
                    "the same version there."
                )
            if unlike := remote.differences(self._versions, versions):
                raise BadInput(f"The worker {address} {unlike}; install the same on both sides.")
        return list(found)

    def _try_out(self, network: Network, workers: list[str]) -> None:
        """Open the network on every worker, which checks its weights and saves time later."""
        bare = Chunk(network, (), ())
        asked = [self._call(self._computed(bare, worker)) for worker in workers]
        for future in asked:
            try:
                future.result()
            except Prune3DError as error:
                raise BadInput(str(error)) from error

    # -- on the client's event loop ---------------------------------------------------

    @property
    def _loop(self) -> asyncio.AbstractEventLoop:
        loop: Any = self._client.loop  # tornado's own class of it
        return loop.asyncio_loop

    def _call(self, coroutine: Coroutine[Any, Any, Found]) -> Future[Found]:
        return asyncio.run_coroutine_threadsafe(coroutine, self._loop)

    async def _computed(self, chunk: Chunk, worker: str | None = None) -> list[Measured]:
        """Compute a chunk; on a given worker, with the file that the network is in."""
        task = asyncio.current_task()
        assert task is not None  # a coroutine runs in one
        self._tasks.add(task)
        try:
            await self._free.wait()
            lacking = remote.Missing(worker is not None)
            while isinstance(found := await self._answered(chunk, worker, lacking), remote.Missing):
                # The next may run on another worker, which lacks other things.
                more = dict.fromkeys((*lacking.artifacts, *found.artifacts))
                lacking = remote.Missing(lacking.weights or found.weights, tuple(more))
        finally:
            self._tasks.discard(task)
        if isinstance(found, remote.Refused):
            raise Prune3DError(found.message)
        return found

    async def _answered(self, chunk: Chunk, worker: str | None, lacking: remote.Missing) -> Any:
        """Send a chunk and wait for it; data whose last holder died are sent again."""
        from distributed import CancelledError, KilledWorker

        for _ in range(SENDINGS):
            future = None
            try:
                future = await self._task(chunk, worker, lacking)
                return await future
            except KilledWorker as error:
                raise Prune3DError(
                    f"A part of the study ended every worker at '{self._address}' that took it; "
                    "give the workers more memory, or take a smaller network."
                ) from error
            except (CancelledError, OSError) as error:
                if future is not None and future.status == "error":
                    raise
                if self._client.status != "running":
                    raise self._gone() from error
                self._forget_lost()
            finally:
                if future is not None:
                    future.release()
        raise Prune3DError(
            f"The workers at '{self._address}' lost what was sent to them {SENDINGS} times; see "
            "their logs, and run the study again to go on from what was found."
        )

    async def _task(
        self, chunk: Chunk, worker: str | None, lacking: remote.Missing
    ) -> distributed.Future[Any]:
        ref = chunk.network.ref
        if ref.device == "auto":
            ref = replace(ref, device=self.device)
        weights, data = self._weights(chunk.network)
        sent = await self._scattered(data) if lacking.weights and weights else None
        packs = {name: await self._scattered(pack) for name, pack in chunk.packs.items()}
        artifacts = {name: await self._artifact(name) for name in lacking.artifacts}
        return self._client.submit(
            remote.compute_there,
            replace(chunk, network=replace(chunk.network, ref=ref), packs={}),
            self._versions,
            weights,
            sent,
            packs,
            artifacts,
            workers=None if worker is None else [worker],
            resources=self._resources,
            retries=RETRIES,
            pure=False,
        )

    async def _scattered(self, data: bytes, digest: str = "") -> distributed.Future[Any]:
        """The cluster's copy of some bytes, sent by the first who asks."""
        digest = digest or hashlib.sha256(data).hexdigest()
        task = self._sent.get(digest)
        if task is None:
            # A new name each time: the release of what was lost may come after it is sent again.
            key = f"prune3d-{digest[:16]}-{next(self._sendings)}-{self._client.id}"
            task = asyncio.ensure_future(self._scatter(key, data))
            self._sent[digest] = task
        return await asyncio.shield(task)

    async def _artifact(self, digest: str) -> distributed.Future[Any]:
        """The cluster's copy of an artifact, read when the first worker lacks it."""
        known = digest in self._sent
        data = b"" if known else await asyncio.to_thread(ArtifactStore().data, digest)
        return await self._scattered(data, digest)

    async def _scatter(self, key: str, data: bytes) -> distributed.Future[Any]:
        return (await self._client.scatter({key: data}))[key]

    def _forget_lost(self) -> None:
        """Drop what the cluster has no more; all of it where that cannot be told."""
        kept = {
            digest: task
            for digest, task in self._sent.items()
            if not task.done() or (task.exception() is None and task.result().status == "finished")
        }
        self._sent = kept if len(kept) < len(self._sent) else {}

    async def _settled(self) -> None:
        """Come back once cancelled coroutines have let go of what they sent."""
        mine = tuple(self._tasks)
        for task in mine:
            task.cancel()
        await asyncio.gather(*mine, return_exceptions=True)
        self._sent.clear()

    def _weights(self, network: Network) -> tuple[remote.Weights | None, bytes]:
        """A user's file, read once; None and nothing for what every installation has."""
        path = network.ref.path
        if path not in self._files:
            if not network.ref.own:
                return None, b""
            if not network.ref.file:
                raise BadInput(
                    f"'{path}' is a folder, which is not sent to a cluster; study it on this "
                    "machine."
                )
            file = Path(network.ref.file)
            data = file.read_bytes()
            weights = remote.Weights(file.name, hashlib.sha256(data).hexdigest())
            self._files[path] = (weights, data)
        return self._files[path]

    def _gone(self) -> Prune3DError:
        return Prune3DError(
            f"The scheduler at '{self._address}' went away; what was found is kept, so run the "
            "study again to go on."
        )


def checked(address: str) -> str:
    """Return the address of a scheduler if it can be one.

    Raises
    ------
    BadInput
    """
    match = ADDRESS.fullmatch(address.strip())
    if match is None or not 0 < int(match[3]) < 65536:
        raise BadInput(f"{address!r} is no address of a scheduler; give one such as {EXAMPLE}.")
    return address.strip()


def _connected(address: str, timeout: float) -> distributed.Client:
    try:
        from distributed import Client
        from distributed.versions import VersionMismatchWarning
    except ImportError as error:
        raise BadInput(
            "Clusters need the package 'distributed'; install it with "
            "'pip install \"prune3d[cluster]\"'."
        ) from error
    match = ADDRESS.fullmatch(address)
    assert match is not None  # it is `checked`
    try:
        # Dask would try until the time is up, even where the door is shut.
        socket.create_connection((match[2].strip("[]"), int(match[3])), timeout).close()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", VersionMismatchWarning)  # `_fit` is stricter
            return Client(address, timeout=timeout, set_as_default=False, name="prune3d")
    except (OSError, ImportError) as error:
        reason = "timed out" if isinstance(error, TimeoutError) else _words(error)
        reason = getattr(error, "strerror", None) or reason
        raise BadInput(
            f"No scheduler answers at '{address}' ({reason.lower()}); check the address, or "
            "start one there with 'dask scheduler'."
        ) from error


def _words(error: Exception) -> str:
    text = str(error).strip().splitlines()
    return (text[0] if text else type(error).__name__).rstrip(".:")
