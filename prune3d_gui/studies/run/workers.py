"""Workers: where the cases of a study are computed."""

from __future__ import annotations

from collections.abc import Mapping
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Protocol

from ...core.plan.artifacts import artifacts_in
from ..ask.outcomes import Outcome
from ..ask.questions import Case, Network


@dataclass(frozen=True, eq=False)
class Chunk:
    """Work of some seconds: some cases on some samples, sample after sample for each case.

    Parameters
    ----------
    network : Network
    cases : tuple of Case
    samples : tuple of sample id
    repeats : int
        Timed runs of each case on the first of `samples`; 0 for none.
    packs : mapping of sample id to bytes
        Samples that a worker does not have by itself; see `Model.pack`. Workers on other
        machines get them (and a user's weights file, and artifacts) once, not with each chunk.
    """

    network: Network
    cases: tuple[Case, ...]
    samples: tuple[str, ...]
    repeats: int = 0
    packs: Mapping[str, bytes] = field(default_factory=dict, repr=False)

    @property
    def artifacts(self) -> tuple[str, ...]:
        """Hashes of the artifacts that its cases name, each once."""
        named = (digest for case in self.cases for digest in artifacts_in(case.plan, case.query))
        return tuple(dict.fromkeys(named))


Measured = tuple[int, str, Outcome]
"""Number of the case in its chunk, sample, outcome."""


class Workers(Protocol):
    """Something that computes chunks: one process or many, here or elsewhere.

    Attributes
    ----------
    count : int
        How many chunks are computed at a time.
    title : str
        Where that is, in a few words.
    """

    count: int
    title: str

    def submit(self, chunk: Chunk) -> Future[list[Measured]]:
        """Compute a chunk; a worker that dies meanwhile is replaced and the chunk done again."""

    def hold(self, held: bool) -> None:
        """Pause before the next evaluation while `held`: someone drags a slider."""

    def close(self) -> None:
        """Let go of the workers; chunks that have not begun are dropped."""
