"""A network's pass as steps, one for each unit, in the order in which they are computed.

Composed, the steps are `AtlasNet.forward`: same operations, same order, same bits. No step
changes what it is given, so a state after any step can be kept and gone on from.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial

import torch
from torch import Tensor

from prune3d_gui.core.plan.units import Unit

from .network import BasicBlock, Mapping, ResNet18

State = tuple[Tensor, ...]
"""What the next step needs: one tensor, or within a block its input and the first result."""


@dataclass(frozen=True, eq=False)
class Step:
    """One step of a pass.

    Parameters
    ----------
    units : tuple of unit id
        Units whose weights it uses, with what else it uses that no plan touches.
    run : callable
        Gives the next state and leaves the one given as it is.
    """

    units: tuple[str, ...]
    run: Callable[[State], State]


def encoder_steps(encoder: ResNet18, units: Iterable[Unit]) -> tuple[Step, ...]:
    """From an image, (1, 3, H, W), to the latent vector, (1, bottleneck)."""
    ids = {unit.name: unit.id for unit in units}

    def step(name: str, run: Callable[[State], State]) -> Step:
        return Step((ids[f"encoder.{name}.weight"],), run)

    steps = [step("conv1", lambda state: (encoder.stem(state[0]),))]
    names = [f"layer{layer}.{block}" for layer in (1, 2, 3, 4) for block in (0, 1)]
    for name, block in zip(names, encoder.blocks, strict=True):
        steps += [
            step(f"{name}.conv1", partial(_first, block)),
            step(f"{name}.conv2", partial(_second, block)),
        ]
    return (*steps, step("fc", lambda state: (encoder.head(state[0]),)))


def _first(block: BasicBlock, state: State) -> State:
    return state[0], block.first(state[0])


def _second(block: BasicBlock, state: State) -> State:
    return (block.second(state[0], state[1]),)


def decoder_steps(
    mapping: Mapping, primitive: int, units: Iterable[Unit], dtype: torch.dtype = torch.float32
) -> tuple[Step, ...]:
    """From template features and latent, (n, C) and (1, C), to points, (1, n, 3).

    The features come from ``conv1``, so the first step uses it too.
    """
    ids = {unit.name: unit.id for unit in units}

    def step(names: tuple[str, ...], run: Callable[[State], State]) -> Step:
        full = (f"decoder.decoder.{primitive}.{name}.weight" for name in names)
        return Step(tuple(ids[name] for name in full), run)

    steps = [step(("conv1", "bn1"), lambda state: (mapping.shifted(state[0], state[1], dtype),))]
    for layer in range(len(mapping.hidden)):
        own = ("conv2", "bn2") if layer == 0 else (f"conv_list.{layer - 1}", f"bn_list.{layer - 1}")
        steps.append(step(own, partial(_deeper, mapping, layer)))
    return (*steps, step(("last_conv",), lambda state: (mapping.placed(state[0], 1),)))


def _deeper(mapping: Mapping, layer: int, state: State) -> State:
    return (mapping.deeper(state[0], layer),)


def run_from(steps: tuple[Step, ...], first: int, state: State) -> Iterator[State]:
    """Go through the steps from number `first` on, giving the state after each."""
    for step in steps[first:]:
        state = step.run(state)
        yield state
