"""The worker: opens a network in whatever process it is in, and computes chunks on it."""

from __future__ import annotations

import functools
import hashlib
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from ...core.cancel import NEVER, CancelToken
from ...core.errors import Cancelled, Prune3DError
from ...core.model import Applied, Model
from ...core.newest import Newest
from ...core.plan.plans import Query
from ...core.registry import Registry, discover, plugin_folder
from ...core.scene.scenes import Scene
from ...core.system import System
from ..ask.outcomes import Outcome, footprint_columns, outcome_of
from ..ask.questions import Case, Network
from ..ask.results import unpruned
from .workers import Chunk, Measured

MODELS_KEPT = 2
FULL_BYTES, ANSWERS_KEPT = 64 << 20, 4096
_lock = threading.RLock()


class Gate(Protocol):
    """What a worker passes before each evaluation."""

    cancel: CancelToken

    def wait_free(self) -> bool:
        """Wait while work is held; False ends the chunk with what it has."""


@dataclass(eq=False)
class Opened:
    """A network that is open in this process, and what is kept with it.

    Parameters
    ----------
    model : Model
    lent : bool
        Whether it belongs to someone else, who closes it.
    """

    model: Model
    lent: bool = False
    _taken: dict[str, bytes] = field(default_factory=dict)
    _bare: Newest[bool] = field(default_factory=lambda: Newest(ANSWERS_KEPT, size=lambda _: 1))
    _full: Newest[Scene] = field(default_factory=lambda: Newest(FULL_BYTES))

    def take(self, packs: Mapping[str, bytes]) -> None:
        """Take in samples, each content once."""
        for sample, data in packs.items():
            digest = hashlib.sha256(data).digest()
            if self._taken.get(sample) != digest:
                self.model.unpack(sample, data)
                self._taken[sample] = digest
                self._bare.clear()
                self._full.clear()

    def full(self, sample: str, query: Query, cancel: CancelToken) -> Scene | None:
        """The unpruned result of a sample without a reference; it may change what is applied."""
        key = (sample, query)
        if not self._bare.keep(key, lambda: self.model.reference(sample, query, cancel) is None):
            return None
        return self._full.keep(key, lambda: unpruned(self.model, sample, query, cancel))


_opened: dict[Network, Opened] = {}


def compute(chunk: Chunk, held: Gate | None = None) -> list[Measured]:
    """Compute a chunk; one at a time in each process.

    A case is applied once and then seen on all samples. Results are of full quality and do not
    depend on what was computed before.

    Parameters
    ----------
    chunk : Chunk
        One without cases only opens the network.
    held : Gate, optional
        Passed before each evaluation.

    Returns
    -------
    list of (case number, sample, Outcome)
        Shorter than the chunk only where the gate ended it.

    Raises
    ------
    Prune3DError
        If the network cannot be opened, is another one than was asked for, or fails on a case.
    """
    found: list[Measured] = []
    with _lock, suppress(Cancelled):
        opened = recall(chunk.network, NEVER if held is None else held.cancel)
        opened.take(chunk.packs)
        for number, case in enumerate(chunk.cases):
            for sample, outcome in _outcomes(opened, case, chunk, held):
                found.append((number, sample, outcome))
    return found


def recall(network: Network, cancel: CancelToken = NEVER) -> Opened:
    """Give a network that is open in this process, after opening it if need be.

    Of those that are open, the ones asked for last stay so.

    Raises
    ------
    Prune3DError
        If it cannot be opened, or its weights are not those asked for.
    """
    with _lock:
        found = _opened.pop(network, None) or Opened(_open(network, cancel))
        _opened[network] = found
        mine = [key for key, opened in _opened.items() if not opened.lent]
        for key in mine[:-MODELS_KEPT]:
            _opened.pop(key).model.close()
        return found


@contextmanager
def lent(network: Network, model: Model) -> Iterator[None]:
    """Let workers of this process use a model that is open already; nobody else may meanwhile."""
    with _lock:
        _opened[network] = Opened(model, lent=True)
    try:
        yield
    finally:
        with _lock:
            _opened.pop(network, None)


def forget() -> None:
    """Close every network that was opened in this process."""
    with _lock:
        for network in [key for key, opened in _opened.items() if not opened.lent]:
            _opened.pop(network).model.close()


def registered(system: str) -> System:
    """Find a system by id; plugins are loaded once for each plugin folder."""
    return _registry(plugin_folder()).system(system)


@functools.lru_cache(maxsize=1)
def _registry(folder: Path) -> Registry:
    return discover()


def _open(network: Network, cancel: CancelToken) -> Model:
    ref = network.ref
    model = registered(ref.system).open(ref, cancel)
    if model.weights_hash != network.weights_hash:
        found = model.weights_hash
        model.close()
        raise Prune3DError(
            f"The weights of {ref.title!r} were {network.weights_hash[:12]} when the study was "
            f"asked for and are {found[:12]} here; open them again and start it anew."
        )
    return model


def _outcomes(
    opened: Opened, case: Case, chunk: Chunk, held: Gate | None
) -> Iterator[tuple[str, Outcome]]:
    model, query = opened.model, case.query
    cancel = NEVER if held is None else held.cancel
    full: dict[str, Scene | None] = {}
    for sample in chunk.samples:
        with _naming(case, f"on the sample {sample!r}"):
            full[sample] = opened.full(sample, query, cancel)
    with _naming(case, "when it was applied"):
        applied = model.apply(case.plan, cancel)
    size = footprint_columns(applied.footprint)
    with _naming(case, "when it was evaluated"):
        scores = iter(model.evaluate(applied, chunk.samples, query, full, cancel))
    for place, sample in enumerate(chunk.samples):
        if held is not None and not held.wait_free():
            raise Cancelled("Stopped on request.")
        with _naming(case, f"on the sample {sample!r}"):
            try:
                found = next(scores)
            except StopIteration:
                raise Prune3DError(
                    f"The model gave scores of {place} of {len(chunk.samples)} samples; mend its "
                    "'evaluate'."
                ) from None
            times = _times(model, applied, sample, query, 0 if place else chunk.repeats)
        yield sample, outcome_of(found, size, times)


def _times(
    model: Model, applied: Applied, sample: str, query: Query, repeats: int
) -> tuple[float, ...]:
    """Milliseconds of so many runs, after one that does not count."""
    times = []
    for _ in range(repeats + 1 if repeats else 0):
        start = time.perf_counter()
        model.run_once(applied, sample, query)
        times.append((time.perf_counter() - start) * 1e3)
    return tuple(times[1:])


@contextmanager
def _naming(case: Case, where: str) -> Iterator[None]:
    """Turn what a person cannot read into a sentence that names the case."""
    try:
        yield
    except Prune3DError:
        raise
    except Exception as error:
        what = ", ".join(f"{name} {value}" for name, value in case.values) or "the plan"
        text = (str(error).splitlines() or [""])[0].rstrip(".:")
        raise Prune3DError(
            f"The network failed at {what} {where} ({type(error).__name__}: {text}); leave it "
            "out, or choose other values."
        ) from error
