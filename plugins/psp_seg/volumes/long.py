"""Results of volumes that are longer than a block: as they grow, and previews round the organs."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from prune3d_gui.core.cancel import CancelToken
from prune3d_gui.core.newest import Newest
from prune3d_gui.core.scene.labels import held_part

from ..network.network import Unit
from .blocks import Block, nearest_first
from .running import Runner
from .segmented import Canvas, Part, Segmented

KEPT_BYTES = 768 << 20
"""Of results; the last one of a patient is what previews lie over."""
AROUND = 8
"""Voxels round the organs that are in a preview."""
PATIENCE = 4.0
"""Seconds between results that are shown while they grow, at least."""
SHARE = 4
"""They may take one in so many seconds of the work."""
_OVER = "elsewhere the last full result"
_ALONE = "nothing elsewhere yet"


@dataclass(frozen=True, eq=False)
class Asked:
    """What is run on which patient.

    Parameters
    ----------
    network : str
        Hash of the network, empty for the opened one.
    runner : Runner
        Of that network.
    sample : str
    volume : (X, Y, Z) float32
        Hounsfield units.
    reference : (X, Y, Z) uint8 or None
    gone : frozenset of Unit
        Branches that are masked.
    """

    network: str
    runner: Runner
    sample: str
    volume: np.ndarray
    reference: np.ndarray | None
    gone: frozenset[Unit]


Step = tuple[Segmented, str]
"""A result, and what a person should know of it: empty for the full one."""


def is_unfinished(name: str) -> bool:
    """Whether a step of that name still grows, so that no score can be said of it."""
    return re.match(r"\d+ of \d+ blocks", name) is not None


class LongVolumes:
    """Runs long volumes in blocks, and keeps what came out."""

    def __init__(self) -> None:
        self._kept: Newest[Segmented] = Newest(KEPT_BYTES)
        self._organs: dict[str, Part] = {}

    def full(self, asked: Asked, cancel: CancelToken) -> Iterator[Step]:
        """Give the full result, before it what there is of it by now; organs come first."""
        kept = self._kept.get(_key("full", asked))
        if kept is None:
            blocks = asked.runner.blocks(asked.volume)
            ordered = nearest_first(blocks, self._round_organs(asked))
            for kept, name in self._walked(asked, ordered, cancel):
                if name:
                    yield kept, name
            assert kept is not None  # the last step always comes
            self._kept.put(_key("full", asked), kept)
            if not asked.gone and not asked.network:
                held = held_part(kept.labels > 0)
                if held is not None:
                    self._organs[asked.sample] = held
        yield kept, ""

    def preview(self, asked: Asked, cancel: CancelToken) -> Iterator[Step]:
        """Give the crop round the organs over the last full result.

        Where the organs are known neither from a reference nor from a full result of the opened
        network, it is the full result, as it grows.
        """
        part = self._round_organs(asked)
        if part is None:
            yield from self.full(asked, cancel)
            return
        before = self._last(asked.sample)
        name = f"crop round the organs, {_OVER if before else _ALONE}"
        kept = self._kept.get(_key("crop", asked))
        if kept is None:
            blocks = asked.runner.blocks(asked.volume, part)
            for kept, growing in self._walked(asked, nearest_first(blocks, part), cancel):
                if growing:
                    yield kept, growing
            assert kept is not None  # as for `full`
            self._kept.put(_key("crop", asked), kept)
        yield kept, name

    def forget(self, sample: str = "") -> None:
        """Keep no result of a patient, or of any."""
        self._organs.pop(sample, None)
        for key in self._kept:
            if not sample or key[1] == sample:  # type: ignore[index]
                self._kept.drop(key)

    def _round_organs(self, asked: Asked) -> Part | None:
        """Where organs are, with what is `AROUND` them; None where that is not known."""
        held = self._organs.get(asked.sample)
        if asked.reference is not None:
            held = held_part(asked.reference > 0)
        if held is None:
            return None
        x, y, z = (
            slice(max(along.start - AROUND, 0), min(along.stop + AROUND, side))
            for along, side in zip(held, asked.volume.shape, strict=True)
        )
        return x, y, z

    def _last(self, sample: str) -> Segmented | None:
        """The full result of a patient that was asked for last."""
        known = [key for key in self._kept if key[:2] == ("full", sample)]  # type: ignore[index]
        return self._kept.get(known[-1]) if known else None

    def _walked(self, asked: Asked, blocks: list[Block], cancel: CancelToken) -> Iterator[Step]:
        """Run blocks one after the other, and give what there is by then from time to time."""
        before = self._last(asked.sample)
        canvas = Canvas(asked.volume.shape, asked.runner.network.classes, before)
        shown, wait = time.perf_counter(), PATIENCE
        for done, block in enumerate(blocks, 1):
            cancel.check()
            canvas.put(block.kept, asked.runner.in_block(asked.volume, block, asked.gone, cancel))
            now = time.perf_counter()
            if done < len(blocks) and now - shown >= wait:
                where = _OVER if before else _ALONE
                yield canvas.result(), f"{done} of {len(blocks)} blocks, {where}"
                shown = time.perf_counter()
                wait = max(PATIENCE, SHARE * (shown - now))
        yield canvas.finished(), ""


def _key(kind: str, asked: Asked) -> tuple[str, str, str, frozenset[Unit]]:
    return kind, asked.sample, asked.network, asked.gone
