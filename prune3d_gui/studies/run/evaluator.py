"""The evaluator: asks workers for what the cache does not have, and streams what comes back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, wait
from types import MappingProxyType

from ...core.cancel import CancelToken
from ...core.errors import BadInput, Cancelled, Prune3DError
from ...core.jobs import Row
from ...core.score.scores import Metric
from ..ask.answers import Answers
from ..ask.keys import key_of
from ..ask.outcomes import Outcome, case_row
from ..ask.questions import Case, Network, Study
from ..ask.sources import sources_hash
from ..ask.versions import versions
from .cache import ResultCache
from .chunks import Curve, Pace, curves, cut, together
from .studying import answers
from .worker import registered
from .workers import Chunk, Measured, Workers

LOOKED_UP_AT_ONCE = 5000
POLL_S, GRACE_S = 0.1, 1.5
NO_PACKS: Mapping[str, bytes] = MappingProxyType({})

Found = tuple[int, str, Outcome, bool]
"""Number of the case, sample, outcome, whether it was cached."""


class Evaluator:
    """Measures cases on samples, with workers and a cache.

    What comes out depends neither on the workers and their number nor on what is cached.

    Parameters
    ----------
    network : Network
        With the device that the workers use: results differ a little between kinds of device.
    metrics : sequence of Metric
        Those of the network.
    workers : Workers
    cache : ResultCache
    cancel : CancelToken
    packs : mapping of sample id to bytes
        What `Model.pack` gave for samples that workers do not have by themselves.
    """

    def __init__(
        self,
        network: Network,
        metrics: Sequence[Metric],
        workers: Workers,
        cache: ResultCache,
        cancel: CancelToken,
        packs: Mapping[str, bytes] = NO_PACKS,
    ) -> None:
        self.network, self.metrics = network, tuple(metrics)
        self.workers, self.cache, self.cancel = workers, cache, cancel
        self.packs = {name: data for name, data in packs.items() if data}
        self._base = _base_key(network, self.metrics)
        self._pace = Pace(workers.count)
        self._sample_keys: dict[str, bytes] = {}

    def measure(
        self, cases: Sequence[Case], samples: Sequence[str], repeats: int = 0
    ) -> Iterator[Found]:
        """Measure every case on every sample; what is cached comes first.

        Results are in the cache before they are given. Timed runs have the workers to
        themselves.

        Parameters
        ----------
        cases : sequence of Case
        samples : sequence of sample id
        repeats : int
            Timed runs of each case on the first sample; 0 for none.

        Yields
        ------
        case number, sample, Outcome, whether it was cached

        Raises
        ------
        BadInput
            If there is no case or no sample.
        Cancelled
            When the token is set; what was found by then is in the cache.
        Prune3DError
            If the network cannot be opened, or fails on a case.
        """
        if not samples:
            raise BadInput("The set of samples is empty; name at least one.")
        if not cases:
            raise BadInput("There is nothing to measure; give at least one plan.")
        task = _Task(tuple(cases), tuple(dict.fromkeys(samples)), repeats, self)
        missing: list[tuple[str, ...]] = []
        for case, found, lacking in task.known():
            missing.append(lacking)
            for sample, outcome in found.items():
                yield case, sample, outcome, True
        first = task.samples[:1]
        timed = [c for c, lacking in enumerate(missing) if repeats and lacking[:1] == first]
        yield from self._work(task, curves(task.cases, timed, lambda case: first), repeats)
        for case in timed:
            missing[case] = task.alike(missing[case][1:])
        todo = [case for case, lacking in enumerate(missing) if lacking]
        yield from self._work(task, curves(task.cases, todo, missing.__getitem__))

    def answers(self, study: Study) -> Answers:
        """Answer a study: its rows as they become complete, and how far it is."""
        return answers(study, self)

    def rows(self, cases: Sequence[Case], samples: Sequence[str]) -> list[Row]:
        """Measure every case on every sample, and give a row of means for each, in order."""
        found: list[dict[str, Outcome]] = [{} for _ in cases]
        for case, sample, outcome, _ in self.measure(cases, samples):
            found[case][sample] = outcome
        order = tuple(dict.fromkeys(samples))
        return [
            case_row(self.metrics, case, [outcomes[sample] for sample in order])
            for case, outcomes in zip(cases, found, strict=True)
        ]

    def _work(self, task: _Task, todo: Sequence[Curve], repeats: int = 0) -> Iterator[Found]:
        """Have curves computed; some chunks wait at the workers, or one where time is taken."""
        limit = 1 if repeats else 2 * max(1, self.workers.count)
        pieces = cut(todo, self._pace, together(self.network.ref.device))
        pending: dict[Future[list[Measured]], tuple[int, ...]] = {}
        try:
            while True:
                self.cancel.check()
                while len(pending) < limit and (piece := next(pieces, None)):
                    pending[self.workers.submit(self._chunk(task, *piece, repeats))] = piece[0]
                if not pending:
                    return
                for future in wait(pending, POLL_S, FIRST_COMPLETED).done:
                    numbers = pending.pop(future)
                    found = task.keep(numbers, _result(future))
                    self._pace.came(len(found))
                    yield from found
        except Cancelled:
            for future in self._ended(pending):
                yield from task.keep(pending.pop(future), _result(future))
            raise
        finally:
            for future in self._ended(pending):
                task.keep(pending.pop(future), _result(future))
            for future, numbers in pending.items():
                future.add_done_callback(task.late(numbers))

    def _chunk(
        self, task: _Task, cases: tuple[int, ...], samples: tuple[str, ...], repeats: int
    ) -> Chunk:
        packs = {sample: self.packs[sample] for sample in samples if sample in self.packs}
        return Chunk(
            self.network, tuple(task.cases[case] for case in cases), samples, repeats, packs
        )

    def _ended(
        self, pending: Mapping[Future[list[Measured]], tuple[int, ...]]
    ) -> list[Future[list[Measured]]]:
        """Ask for an early end; those that came to one in a moment, with results."""
        for future in pending:
            future.cancel()
        done = wait(pending, GRACE_S).done if pending else ()
        return [f for f in done if not f.cancelled() and f.exception() is None]

    def sample_key(self, sample: str) -> bytes:
        """What tells a sample from others: its content where it is packed, else its id."""
        if sample not in self._sample_keys:
            data = self.packs.get(sample)
            kept = key_of("id", sample) if data is None else key_of("pack", data)
            self._sample_keys[sample] = kept
        return self._sample_keys[sample]

    def case_key(self, case: Case) -> bytes:
        """What tells a case on this network from others."""
        return key_of(self._base, repr(case.plan), repr(case.query))


class _Task:
    """One call of `measure`: its cases, its samples, and their keys in the cache."""

    def __init__(
        self, cases: tuple[Case, ...], samples: tuple[str, ...], repeats: int, owner: Evaluator
    ) -> None:
        self.cases, self.samples, self._repeats = cases, samples, repeats
        self._cache = owner.cache
        self._case_keys = [owner.case_key(case) for case in cases]
        self._sample_keys = {sample: owner.sample_key(sample) for sample in samples}
        self._alike: dict[tuple[str, ...], tuple[str, ...]] = {samples: samples}

    def known(self) -> Iterator[tuple[int, dict[str, Outcome], tuple[str, ...]]]:
        """Per case: its number, what is cached of it, and the samples that are not."""
        stride = max(1, LOOKED_UP_AT_ONCE // len(self.samples))
        for start in range(0, len(self.cases), stride):
            block = range(start, min(start + stride, len(self.cases)))
            keys = {
                (case, sample): self._key(case, sample) for case in block for sample in self.samples
            }
            known = self._cache.get_many(keys.values())
            for case in block:
                found = {s: known[k] for s in self.samples if (k := keys[case, s]) in known}
                yield case, found, self.alike(tuple(s for s in self.samples if s not in found))

    def alike(self, samples: tuple[str, ...]) -> tuple[str, ...]:
        """One tuple for equal ones: a big study has many."""
        return self._alike.setdefault(samples, samples)

    def keep(self, numbers: tuple[int, ...], measured: list[Measured]) -> list[Found]:
        """Put the results of a chunk into the cache."""
        found = [(numbers[case], sample, outcome, False) for case, sample, outcome in measured]
        self._cache.put_many({self._key(c, s): outcome for c, s, outcome, _ in found})
        return found

    def late(self, numbers: tuple[int, ...]) -> Callable[[Future[list[Measured]]], None]:
        """A callback that keeps what comes after nobody waits for it any more."""

        def keep(future: Future[list[Measured]]) -> None:
            if not future.cancelled() and future.exception() is None:
                self.keep(numbers, future.result())

        return keep

    def _key(self, case: int, sample: str) -> bytes:
        """32 bytes; timed runs are not mistaken for others."""
        made = hashlib.sha256(self._case_keys[case])
        made.update(self._sample_keys[sample])
        if self._repeats and sample == self.samples[0]:
            made.update(b"timed %d" % self._repeats)
        return made.digest()


def _result(future: Future[list[Measured]]) -> list[Measured]:
    try:
        return future.result()
    except Prune3DError:
        raise
    except Exception as error:
        raise Prune3DError(f"A worker failed ({type(error).__name__}: {error}).") from error


def _base_key(network: Network, metrics: Sequence[Metric]) -> bytes:
    here = versions()
    device = network.ref.device.partition(":")[0]
    return key_of(
        network.ref.system,
        network.weights_hash,
        device,
        repr(tuple((metric.id, metric.definition) for metric in metrics)),
        here["prune3d"],
        here["torch"],
        _sources(network.ref.system),
    )


def _sources(system: str) -> str:
    try:
        return sources_hash(registered(system))
    except BadInput:
        return ""  # the workers will say so
