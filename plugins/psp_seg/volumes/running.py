"""Running a network on patients: again only from where it has changed."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.newest import nbytes
from prune3d_gui.core.scene.labels import held_part

from ..network.network import Network, Unit
from ..network.normal import Window
from .blocks import Block, blocks_of, is_long
from .segmented import Canvas, Part, Segmented

Step = Callable[[dict[str, Tensor]], Tensor]
Held = dict[str, dict[int, Tensor]]
"""What branches gave, by module and place."""
KEPT_BYTES = 512 << 20
"""Of steps of passes."""
HELD = 1 << 20
"""Voxels up to which what every branch gave is kept, too: a toggle then runs no other branch."""


@dataclass(frozen=True, eq=False)
class _Pass:
    """What is kept of a pass: which branches were gone, what the steps and branches gave."""

    gone: frozenset[Unit] = frozenset()
    have: dict[str, Tensor] = field(default_factory=dict)
    held: Held = field(default_factory=dict)


class Runner:
    """A network that is run with different branches masked, and keeps the steps of its passes.

    Parameters
    ----------
    network : Network
        In evaluation mode; masks are set as it is asked.
    window : Window
    device : str
    """

    def __init__(self, network: Network, window: Window, device: str) -> None:
        self.network = network.eval().requires_grad_(False).to(device)
        self.window, self.device = window, device
        self._modules = frozenset(name for name, _ in network.size.modules)
        self._kept: OrderedDict[str, _Pass] = OrderedDict()

    def segmented(
        self, key: str, volume: np.ndarray, gone: frozenset[Unit], cancel: CancelToken = NEVER
    ) -> Segmented:
        """Classes and probabilities of a volume of any length, as `probabilities` or `blocks`."""
        if not is_long(volume.shape):
            return Segmented.of(self.probabilities(key, volume, gone, cancel))
        canvas = Canvas(volume.shape, self.network.classes)
        for block in self.blocks(volume):
            canvas.put(block.kept, self.in_block(volume, block, gone, cancel))
        return canvas.finished()

    @torch.inference_mode()
    def probabilities(
        self, key: str, volume: np.ndarray, gone: frozenset[Unit], cancel: CancelToken = NEVER
    ) -> np.ndarray:
        """Return probabilities of the classes, (K, X, Y, Z) float32, of one pass.

        Steps before the first module of which other branches are gone than the last time for this
        `key` are taken from then.

        Parameters
        ----------
        key : str
            Of the volume: equal keys have equal volumes.
        volume : (X, Y, Z) float
            Hounsfield units.
        gone : frozenset of Unit
        """
        self.network.mask(gone)
        logits = self._steps(key, self.image(volume), gone, cancel)
        part = tuple(slice(0, side) for side in volume.shape)
        return logits[0].softmax(dim=0)[(slice(None), *part)].cpu().numpy()

    def blocks(self, volume: np.ndarray, part: Part | None = None) -> list[Block]:
        """Blocks that a long volume, or a part of it, is run in.

        Without a part it is the body: where all is below the window, there is no organ, and the
        norms of a network that knows bodies go astray.
        """
        part = part or held_part(volume > self.window.low)
        return blocks_of(volume.shape, self.network.size.multiple, part) if part else []

    @torch.inference_mode()
    def in_block(
        self,
        volume: np.ndarray,
        block: Block,
        gone: frozenset[Unit],
        cancel: CancelToken = NEVER,
    ) -> np.ndarray:
        """Return probabilities, (K, x, y, z) float32, of what is kept of a block.

        The norms of the network see the block alone, so they differ from those of one pass.
        """
        self.network.mask(gone)
        have = {"image": self.image(volume[block.run])}
        for name, run in self.network.steps():
            cancel.check()
            have[name] = run(have)
        logits = have["logits"][(0, slice(None), *block.inner)]
        have.clear()
        return logits.softmax(dim=0).cpu().numpy()

    def image(self, volume: np.ndarray) -> Tensor:
        """What goes into the network: windowed, and as large as it needs, (1, 1, X, Y, Z)."""
        by = self.network.size.multiple
        more = [(0, -side % by) for side in volume.shape]
        if max(volume.shape) <= by:  # the coarsest level needs two voxels to be normalised over
            more[0] = 0, 2 * by - volume.shape[0]
        padded = np.pad(volume, more, constant_values=self.window.low)
        image = self.window.seen(padded)[None, None]
        return image.to(self.device, memory_format=torch.channels_last_3d)

    def forget(self, key: str = "") -> None:
        """Keep no steps of a volume, or of any."""
        if key:
            self._kept.pop(key, None)
        else:
            self._kept.clear()

    def _steps(self, key: str, image: Tensor, gone: frozenset[Unit], cancel: CancelToken) -> Tensor:
        last = self._kept.pop(key, _Pass())
        have = {**last.have, "image": image}
        changed = {name for name, _ in last.gone ^ gone}
        steps, done = self.network.steps(), 0
        again = False
        try:
            for name, run in steps:
                fresh = again or name not in have
                again = fresh or name in changed
                if again:
                    cancel.check()
                    have[name] = self._run(name, run, have, last.held, fresh)
                done += 1
        finally:  # what a stopped pass came to is right for these branches; the rest is not
            for name, _ in steps[done:]:
                have.pop(name, None)
                last.held.pop(name, None)
            self._kept[key] = _Pass(gone, have, last.held)
        while len(self._kept) > 1 and self._bytes() > KEPT_BYTES:
            self._kept.popitem(last=False)
        return have["logits"]

    def _run(
        self, name: str, run: Step, have: dict[str, Tensor], held: Held, fresh: bool
    ) -> Tensor:
        """One step; of a module whose input is as it was, only branches that are missing."""
        if name not in self._modules or have["image"].numel() > HELD:
            return run(have)
        module = self.network.module(name)
        if fresh:
            held.pop(name, None)
        module.held = held.setdefault(name, {})
        try:
            return run(have)
        finally:
            module.held = None

    def _bytes(self) -> int:
        return sum(nbytes((kept.have, kept.held)) for kept in self._kept.values())
