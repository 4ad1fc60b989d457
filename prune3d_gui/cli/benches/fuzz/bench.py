"""The bench of damaged files: whatever is in a file, it can at worst cause one sentence."""

from __future__ import annotations

import argparse
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from ....core.cancel import CancelToken
from ....core.errors import BadInput
from ....core.jobs import Progress, Row
from ....core.registry import discover
from ...commands import Result
from ...flags import Parser
from .damage import damaged
from .seeds import write_seeds
from .trials import Opener, Outcome

FILES = 2000
RENAMED = 0.15
"""Share of the files whose ending is that of another format."""


@dataclass(frozen=True)
class Trial:
    """One damaged file: its number, what it was made from, and what came of it."""

    number: int
    kind: str
    path: Path
    outcome: Outcome


def add_flags(parser: Parser) -> None:
    """Flags of ``bench fuzz``."""
    text = f"damaged files to open (default: {FILES})"
    parser.add_argument("--files", type=int, default=FILES, metavar="N", help=text)
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="which damage is done")
    text = "folder for the files that were not met with a sentence (default: they are dropped)"
    parser.add_argument("--keep", metavar="FOLDER", help=text)


def run(
    args: argparse.Namespace, report: Callable[[Progress], None], cancel: CancelToken
) -> Result:
    """Open damaged files of every format and count what came of them.

    Raises
    ------
    BadInput
        If there is nothing to do.
    Prune3DError
        If a file caused anything but one sentence.
    """
    if args.files < 1:
        raise BadInput(f"--files {args.files} are none; give 1 or more.")
    keep = Path(args.keep) if args.keep else None
    with tempfile.TemporaryDirectory() as folder:
        found: list[Trial] = []
        for trial in trials(Path(folder), args.files, args.seed):
            found.append(trial)
            if keep and not trial.outcome.right:
                keep.mkdir(parents=True, exist_ok=True)
                shutil.copy(trial.path, keep / trial.path.name)
            report(Progress(len(found), args.files, f"{trial.kind}: {trial.path.name}"))
            if cancel.cancelled:
                break
    wrong = [trial for trial in found if not trial.outcome.right]
    notes = [f"{t.path.name} ({t.kind}) {t.outcome.ended}: {t.outcome.said}" for t in wrong]
    notes.append(
        f"{len(found):,} files of seed {args.seed}, {len(wrong):,} of them met with anything but "
        "one sentence or a result."
    )
    return Result(_rows(found), notes, keep=("failed", "stalled", "died"), code=1 if wrong else 0)


def trials(folder: Path, count: int, seed: int) -> Iterator[Trial]:
    """Damage and open so many files, each drawn from its own number.

    Parameters
    ----------
    folder : path
        Empty; sound files and the damaged one lie in it.
    count, seed : int
    """
    sound, spoilt = folder / "sound", folder / "spoilt"
    sound.mkdir()
    spoilt.mkdir()
    groups = write_seeds(sound, discover().systems)
    files = [(kind, path) for kind, paths in groups.items() for path in paths]
    contents = [path.read_bytes() for _, path in files]
    with Opener() as opener:
        for number in range(count):
            random = np.random.default_rng([seed, number])
            pick = int(random.integers(len(files)))
            kind, path = files[pick]
            suffix = "".join(path.suffixes)
            if random.random() < RENAMED:
                suffix = "".join(files[int(random.integers(len(files)))][1].suffixes)
            target = spoilt / f"{number:05d}-{path.name.partition('.')[0]}{suffix}"
            target.write_bytes(damaged(random, contents[pick], contents))
            yield Trial(number, kind, target, opener.open(kind, target))
            target.unlink()


def _rows(found: list[Trial]) -> list[Row]:
    rows = []
    for kind in dict.fromkeys(trial.kind for trial in found):
        own = [trial.outcome for trial in found if trial.kind == kind]
        counts = {
            name: sum(outcome.ended == name for outcome in own)
            for name in ("opened", "refused", "failed", "stalled", "died")
        }
        slowest = max(outcome.seconds for outcome in own)
        rows.append({"format": kind, "files": len(own), **counts, "slowest_s": slowest})
    return sorted(rows, key=lambda row: row["format"])
