"""Passes that resume where the weights have changed, for many plans on few samples.

A trail is a chain of steps. It remembers, sample by sample, in what state each step found its
weights, and keeps the states before the first step that changed since; the next pass goes on
from there. What changes from pass to pass is not kept: while every layer moves under the
slider, nothing is. The results are those of the plain pass, bit for bit.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from functools import partial

import torch
from torch import Tensor

from prune3d_gui.core.newest import Newest
from prune3d_gui.core.plan.units import Unit
from prune3d_gui.pruning.masks import MaskEngine

from ..network.network import AtlasNet
from ..network.steps import State, Step, decoder_steps, encoder_steps, run_from

STATE_BYTES = 384 << 20
"""Of states of all trails. A tensor in two states counts twice."""
LATENT_BYTES = 4 << 20
SAMPLES_KNOWN = 4096


class Trail:
    """A chain of steps that resumes at the first one whose weights have changed.

    Parameters
    ----------
    name : hashable
        Tells it from other trails in the same memory.
    steps : sequence of Step
    engine : MaskEngine
        Knows the state of the weights.
    memory : Newest of State
        Shared by trails; see `state_bytes`.
    """

    def __init__(
        self, name: Hashable, steps: Sequence[Step], engine: MaskEngine, memory: Newest[State]
    ) -> None:
        self.name, self.steps = name, tuple(steps)
        self._engine, self._memory = engine, memory
        self._last: Newest[tuple[Hashable, ...]] = Newest(SAMPLES_KNOWN, size=lambda _: 1)

    def signature(self) -> tuple[Hashable, ...]:
        """The state of the weights of each step."""
        return tuple(self._engine.signature(step.units) for step in self.steps)

    def follow(self, sample: str, base: Hashable, start: Callable[[], State]) -> State:
        """Give the last state, computing only what a change of weights or `base` asks for.

        Parameters
        ----------
        sample : sample id
        base : hashable
            What the first step's input comes from besides the sample.
        start : callable
            Makes that input, if it is needed.
        """
        signature = (base, *self.signature())
        last = self._last.get(sample)
        self._last.put(sample, signature)
        count = len(self.steps)
        # States after steps before `valid` are what they were on the last visit.
        valid = _agreement(signature, last) - 1 if last else 0
        keep = valid if last else count
        for number in range(max(valid, 0), count):
            self._memory.drop((self.name, sample, number))
        for first in range(valid, 0, -1):
            state = self._memory.get((self.name, sample, first - 1))
            if state is not None:
                break
        else:
            first, state = 0, start()
        for number, found in enumerate(run_from(self.steps, first, state), first):
            state = found
            if number < keep:
                self._memory.put((self.name, sample, number), state)
        return state

    def clear(self) -> None:
        """Forget in what state the weights were."""
        self._last.clear()


class Trails:
    """The trails of a network: one through the encoder, one through each decoder and template.

    Parameters
    ----------
    network : AtlasNet
        Its masks are those of `engine`.
    units : tuple of Unit
    engine : MaskEngine
    templates : mapping of quality to (n, D) Tensor
        Template points of one primitive.
    limit : int
        Most bytes of states kept.

    Attributes
    ----------
    encoder : Trail
        Units C1 to C18.
    decoders : mapping of quality to list of Trail
        One for each primitive.
    """

    def __init__(
        self,
        network: AtlasNet,
        units: tuple[Unit, ...],
        engine: MaskEngine,
        templates: Mapping[str, Tensor],
        limit: int = STATE_BYTES,
    ) -> None:
        self.memory: Newest[State] = Newest(limit, state_bytes)
        self.encoder = Trail("encoder", encoder_steps(network.encoder, units), engine, self.memory)
        chains = [decoder_steps(mapping, i, units) for i, mapping in enumerate(network.mappings)]
        self.decoders = {
            quality: [Trail((quality, i), s, engine, self.memory) for i, s in enumerate(chains)]
            for quality in templates
        }
        names = {unit.name: unit.id for unit in units}
        self._first = [
            names[f"decoder.decoder.{i}.conv1.weight"] for i in range(network.primitives)
        ]
        self._network, self._engine, self._templates = network, engine, templates
        self._latents: Newest[Tensor] = Newest(LATENT_BYTES)
        self._features: dict[tuple[str, int], tuple[Hashable, Tensor]] = {}

    @torch.inference_mode()
    def latent(self, sample: str, image: Callable[[], Tensor]) -> Tensor:
        """Give the latent vector, (1, bottleneck), under the masks in effect.

        Parameters
        ----------
        sample : sample id
        image : callable
            Gives the network's input, (1, 3, H, W).
        """
        return self._latents.keep(
            (sample, self.encoder.signature()),
            lambda: self.encoder.follow(sample, (), lambda: self._input(sample, image))[0],
        )

    def _input(self, sample: str, image: Callable[[], Tensor]) -> State:
        state = self.memory.get(("input", sample))
        if state is None:
            state = (image(),)
            self.memory.put(("input", sample), state)
        return state

    @torch.inference_mode()
    def points(self, sample: str, quality: str, latent: Tensor) -> Tensor:
        """Give surface points, (primitives * n, 3), of the latent vector that `latent` gave."""
        base = self.encoder.signature()
        parts = [
            trail.follow(sample, base, partial(self._begin, quality, p, latent))[0]
            for p, trail in enumerate(self.decoders[quality])
        ]
        return parts[0][0] if len(parts) == 1 else torch.cat(parts, dim=1)[0]

    def features(self, quality: str) -> Tensor:
        """Give the template features under the masks in effect, (primitives, n, C)."""
        parts = [self._featured(quality, p) for p in range(len(self._first))]
        return parts[0][None] if len(parts) == 1 else torch.stack(parts)

    def _begin(self, quality: str, primitive: int, latent: Tensor) -> State:
        return self._featured(quality, primitive), latent

    def _featured(self, quality: str, primitive: int) -> Tensor:
        """Give ``conv1`` of a template, (n, C), kept as long as its weights stay."""
        state = self._engine.signature((self._first[primitive],))
        kept = self._features.get((quality, primitive))
        if kept is None or kept[0] != state:
            kept = (state, self._applied(quality, primitive))
            self._features[quality, primitive] = kept
        return kept[1]

    def _applied(self, quality: str, primitive: int) -> Tensor:
        return self._network.mappings[primitive].template_features(self._templates[quality])

    @torch.inference_mode()
    def rest(self, unit: str, image: Tensor, quality: str = "full") -> Callable[[], Tensor]:
        """Give the work that pruning `unit` alone cannot share, ready to be timed.

        Parameters
        ----------
        unit : unit id
        image : Tensor, (1, 3, H, W)
        quality : str

        Returns
        -------
        callable
            Computes what lies after the unit, under the masks in effect and from states that
            are ready, and gives the points, (primitives * n, 3). It reuses and keeps nothing.
        """
        chain, number = self._place(unit, quality)
        decoders = [trail.steps for trail in self.decoders[quality]]
        inputs = [(image,), *run_from(self.encoder.steps, 0, (image,))]
        latent = inputs[-1][0]
        starts = [(self._featured(quality, p), latent) for p in range(len(decoders))]
        states = [
            [start, *run_from(steps, 0, start)]
            for steps, start in zip(decoders, starts, strict=True)
        ]

        def last(steps: tuple[Step, ...], first: int, state: State) -> Tensor:
            *_, (found,) = run_from(steps, first, state)
            return found

        @torch.inference_mode()
        def run() -> Tensor:
            parts = [state[-1][0] for state in states]
            if chain < 0:
                vector = last(self.encoder.steps, number, inputs[number])
                parts = [last(decoders[p], 0, (starts[p][0], vector)) for p in range(len(parts))]
            elif unit == self._first[chain]:
                features = self._applied(quality, chain)
                parts[chain] = last(decoders[chain], 0, (features, latent))
            else:
                parts[chain] = last(decoders[chain], number, states[chain][number])
            return parts[0][0] if len(parts) == 1 else torch.cat(parts, dim=1)[0]

        return run

    def _place(self, unit: str, quality: str) -> tuple[int, int]:
        """Primitive (-1 in the encoder) and number of the step that uses a unit."""
        for chain, trail in enumerate([self.encoder, *self.decoders[quality]], -1):
            for number, step in enumerate(trail.steps):
                if unit in step.units:
                    return chain, number
        raise KeyError(unit)

    def clear(self) -> None:
        """Forget everything that was computed."""
        self.memory.clear()
        self._latents.clear()
        self._features.clear()
        for trail in (self.encoder, *(t for trails in self.decoders.values() for t in trails)):
            trail.clear()


def _agreement(one: tuple[Hashable, ...], other: tuple[Hashable, ...]) -> int:
    """Count the leading entries that are equal."""
    for number, (a, b) in enumerate(zip(one, other, strict=True)):
        if a != b:
            return number
    return len(one)


def state_bytes(state: State) -> int:
    """Bytes of the tensors of a state."""
    return sum(tensor.nbytes for tensor in state)
