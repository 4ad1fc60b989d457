"""One pass of an image that stops at every module, with what each of its branches adds."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken

from .branches import active
from .network import Network


@dataclass(frozen=True, eq=False)
class Passed:
    """A module of which at least one branch is alive, in a pass.

    Parameters
    ----------
    name : str
    entering : (B, C, X, Y, Z)
        What goes in, and comes out where no branch is left.
    parts : dict of Tensor
        What each living branch adds, by its place.
    total : (B, C, X, Y, Z)
        The sum before the rectifier.
    output : (B, C, X, Y, Z)
    """

    name: str
    entering: Tensor
    parts: dict[int, Tensor]
    total: Tensor
    output: Tensor

    def changed(self, *places: int) -> float:
        """L2 norm of the change of the output when these branches go together."""
        if len(places) == len(self.parts):
            without = self.entering
        else:
            without = active(self.total - sum(self.parts[place] for place in places))
        return float((self.output - without).norm())


def passing(network: Network, image: Tensor, cancel: CancelToken = NEVER) -> Iterator[Passed]:
    """Run a network on an image (B, 1, X, Y, Z); gives its modules as they are run.

    A module's output without some branches needs no pass of its own, since all that it takes is
    there: nothing has to be kept of other modules, or of other images.
    """
    modules = {name for name, _ in network.size.modules}
    have: dict[str, Tensor] = {"image": image}
    for name, run in network.steps():
        cancel.check()
        if name not in modules:
            have[name] = run(have)
            continue
        x = network.entering(name, have)
        parts = dict(network.module(name).parts(x))
        have[name] = x
        if parts:
            total = x
            for part in parts.values():
                total = total + part
            have[name] = active(total)
            yield Passed(name, x, parts, total, have[name])
