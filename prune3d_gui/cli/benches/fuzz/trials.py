"""Opening damaged files in a process of its own, which may die or hang without harm."""

from __future__ import annotations

import multiprocessing
import os
import time
import traceback
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from ....core.errors import Prune3DError
from ....core.model import Model, ModelRef
from ....core.recognition import recognise
from ....core.registry import Registry, discover
from ....files.meshes import read_mesh
from ....files.networks.checkpoints import read_checkpoint
from ....files.networks.sidecars import read_facts
from ....files.plans import read_plan
from ....files.points import read_points
from ....files.volumes import read_volume
from ... import opening
from . import seeds

STALLED_S = 30.0
"""Seconds after which opening a small file counts as hanging."""
ROOM_BYTES = 64 << 20
"""What the values of a small volume may take."""
LONGEST = 700
"""Characters of a sentence that a person still reads."""


@dataclass(frozen=True)
class Outcome:
    """What came of opening one file.

    Attributes
    ----------
    ended : {"opened", "refused", "failed", "stalled", "died"}
        Only the first two are right.
    said : str
        The sentence of a refusal, or what went wrong.
    seconds : float
    """

    ended: str
    said: str = ""
    seconds: float = 0.0

    @property
    def right(self) -> bool:
        """Whether it was opened, or refused in one sentence."""
        return self.ended in ("opened", "refused")


class Opener:
    """A process that opens files, kept until it dies or stalls; then another takes its place."""

    def __init__(self) -> None:
        self._process: multiprocessing.Process | None = None
        self._pipe: Any = None

    def __enter__(self) -> Opener:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()

    def open(self, kind: str, path: Path) -> Outcome:
        """Open one file as a person would; see `seeds.write_seeds` for the kinds."""
        if self._process is None:
            self._start()
        begun = time.perf_counter()
        try:
            self._pipe.send((kind, str(path)))
            if not self._pipe.poll(STALLED_S):
                self._end()
                return Outcome("stalled", f"nothing after {STALLED_S:g} s", STALLED_S)
            ended, said = self._pipe.recv()
        except (EOFError, OSError):
            self._process.join(5)
            code = self._process.exitcode
            self._end()
            return Outcome("died", f"its process ended with {code}")
        return Outcome(ended, said, time.perf_counter() - begun)

    def _start(self) -> None:
        spawn = multiprocessing.get_context("spawn")
        self._pipe, theirs = spawn.Pipe()
        self._process = spawn.Process(target=_serve, args=(theirs,))
        self._process.start()
        theirs.close()
        self._pipe.recv()  # it has imported what it needs

    def _end(self) -> None:
        if self._process is not None:
            self._pipe.close()
            self._process.join(2)
            if self._process.is_alive():
                self._process.kill()
                self._process.join()
            self._process.close()
            self._process = None


def _serve(pipe: Any) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)  # what libraries print of damage is no outcome
    readers = _Readers()
    pipe.send("ready")
    while True:
        try:
            kind, path = pipe.recv()
        except EOFError:
            return
        pipe.send(_ended(readers, kind, Path(path)))


def _ended(readers: _Readers, kind: str, path: Path) -> tuple[str, str]:
    try:
        readers.read(kind, path)
    except Prune3DError as refusal:
        sentence = str(refusal)
        whole = sentence.endswith(".") and "\n" not in sentence and len(sentence) <= LONGEST
        return ("refused", sentence) if whole else ("failed", f"no sentence: {sentence!r}")
    except BaseException:  # whatever it is, it must be seen
        return "failed", traceback.format_exc(limit=-3)
    return "opened", ""


class _Readers:
    """Opens files as the window and the commands do, on bundled models opened once."""

    def __init__(self) -> None:
        self._registry: Registry = discover()
        self._models: dict[str, Model] = {}

    def read(self, kind: str, path: Path) -> None:
        if path.exists() and (failed := recognise(self._registry.systems, path).troubles):
            raise RuntimeError(failed[0])
        if kind == seeds.VOLUMES:
            read_volume(path, ROOM_BYTES)
        elif kind == seeds.WEIGHTS:
            read_checkpoint(path)
        elif kind == seeds.FACTS:
            read_plan(path) if path.stem.endswith("plan") else read_facts(path)
        elif kind == seeds.SHAPES:
            reader = read_mesh if "mesh" in path.stem else read_points
            reader(path)
        elif kind == seeds.PICTURES:
            self._sample(path)
        else:
            system = self._registry.system(kind)
            system.open(ModelRef(system.id, path.name, str(path), "cpu")).close()

    def _sample(self, path: Path) -> None:
        """Give a picture to every system that takes it, else read it as a volume."""
        takers = [
            system
            for system, taken in recognise(self._registry.systems, path).takers
            if system.bundled() and not taken.opens
        ]
        for system in takers:
            if system.id not in self._models:
                self._models[system.id] = system.open(opening.bundled(system))
            self._models[system.id].open_sample(path)
        if not takers:
            read_volume(path, ROOM_BYTES)
