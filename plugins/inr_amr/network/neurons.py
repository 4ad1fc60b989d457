"""Hidden neurons removed for good: interpolative decomposition, and what it is measured against."""

from __future__ import annotations

import copy
import math
from bisect import bisect_right
from collections.abc import Collection, Mapping
from typing import Literal

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.core.cancel import NEVER, CancelToken
from prune3d_gui.core.errors import BadInput
from prune3d_gui.pruning.interpolative import PivotedQR

from .domain import Domain
from .network import FieldNetwork

Sizes = tuple[int, ...]
"""Neurons that each hidden layer keeps."""
Criterion = Literal["id", "l1", "random"]


class NeuronPruner:
    """Removes hidden neurons of a field, over its whole domain.

    The interpolative decomposition of each hidden layer's activations (Chee et al. 2022) says
    which neurons are combinations of others; these go, and the next layer takes in the
    combination. It needs no data and no fine-tuning.

    Parameters
    ----------
    network : FieldNetwork
        It is read once and never changed.
    domain : Domain
        Its box is where the activations are taken, time included.
    points : int
        Uniform points of the box.
    seed : int
    cancel : CancelToken
        Looked at between the layers.

    Raises
    ------
    BadInput
        If the activations are finite nowhere.
    """

    def __init__(
        self,
        network: FieldNetwork,
        domain: Domain,
        points: int = 4096,
        seed: int = 0,
        cancel: CancelToken = NEVER,
    ) -> None:
        self.network = network
        lower, upper = np.array(domain.lower), np.array(domain.upper)
        unit = np.random.default_rng(seed).random((points, len(lower)))
        exact = copy.deepcopy(network).cpu().double()
        with torch.inference_mode():
            layers = [
                z.numpy() for z in exact.hidden(torch.as_tensor(lower + unit * (upper - lower)))
            ]
        finite = np.all([np.isfinite(z).all(axis=1) for z in layers], axis=0)
        if not finite.any():
            raise BadInput(
                f"The field's activations are not numbers at any of {points:,} points of its "
                "domain, so no neuron can be told from another; choose another field."
            )
        factors = []
        for z in layers:
            cancel.check()
            factors.append(PivotedQR(z[finite]))
        self._factors = tuple(factors)
        self._weights = [layer.weight.detach() for layer in exact.layers]
        self._biases = [layer.bias.detach() for layer in exact.layers]

    def parameters(self, sizes: Sizes) -> int:
        """Count the weights and biases of a network of these sizes."""
        given = (self._weights[0].shape[1], *sizes)
        return sum((a + 1) * b for a, b in zip(given, (*sizes, 1), strict=True))

    def sizes(
        self,
        tolerance: float,
        keep: float = 1.0,
        budget: int = 0,
        rates: Mapping[str, float] | None = None,
        locks: Collection[str] = (),
    ) -> Sizes:
        """Decide how many neurons each hidden layer keeps, never less than one.

        Parameters
        ----------
        tolerance : float
            A layer keeps the neurons whose ``|R_kk|`` is at least this part of ``|R_00|``.
        keep : float
            Largest part of a layer that stays, 0 to 1.
        budget : int
            Largest number of weights and biases; 0 for no limit. Neurons go in the order in
            which a rising tolerance drops them, over all layers, until the network fits.
        rates : mapping of unit id to percent
            Layers ("H1", "H2", ...) with a rate of their own: that percentage is removed,
            whatever the tolerance, `keep` and `budget` say.
        locks : collection of unit id
            Layers that stay whole.

        Raises
        ------
        BadInput
            If the budget is below the smallest network possible.
        """
        rates = rates or {}
        found, free = [], []
        for number, (width, factor) in enumerate(
            zip(self.network.widths, self._factors, strict=True)
        ):
            unit = f"H{number + 1}"
            if unit in locks:
                found.append(width)
            elif unit in rates:
                found.append(max(1, round((1 - rates[unit] / 100) * width)))
            else:
                found.append(max(1, min(factor.rank(tolerance), math.floor(keep * width + 1e-9))))
                free.append(number)
        if not budget or self.parameters(tuple(found)) <= budget:
            return tuple(found)
        return self._fitted(found, free, budget)

    def _fitted(self, largest: list[int], free: list[int], budget: int) -> Sizes:
        """Take neurons by falling ``|R_kk| / |R_00|`` for as long as the parameters fit."""
        ratios, owners = [], []
        for layer in free:
            # As the rank is decided: up to the last ratio that reaches the tolerance.
            reached = np.maximum.accumulate(self._factors[layer].ratios[::-1])[::-1]
            falling = reached[1 : largest[layer]]
            ratios.append(falling)
            owners.append(np.full(len(falling), layer))
        order = np.argsort(-np.concatenate([*ratios, []]), kind="stable")
        queue = np.concatenate([*owners, np.empty(0, int)])[order]

        def taking(count: int) -> Sizes:
            added = np.bincount(queue[:count], minlength=len(largest))
            return tuple(1 + int(added[i]) if i in free else size for i, size in enumerate(largest))

        def parameters(count: int) -> int:
            return self.parameters(taking(count))

        if parameters(0) > budget:
            raise BadInput(
                f"A budget of {budget:,} parameters cannot be met: with one neuron in each free "
                f"layer the network still has {parameters(0):,}; give at least that, or unlock a "
                "layer."
            )
        return taking(bisect_right(range(len(queue) + 1), budget, key=parameters) - 1)

    def prune(self, sizes: Sizes, criterion: Criterion = "id", seed: int = 0) -> FieldNetwork:
        """Make the smaller network, computed in float64 and given in the original's type.

        Parameters
        ----------
        sizes : tuple of int
            Neurons each hidden layer keeps; all of them gives the original network itself.
        criterion : {"id", "l1", "random"}
            "id" keeps the pivots and folds the others into the next layer; "l1" keeps the
            largest L1 norms of incoming weights and bias and drops the others, "random" keeps
            any.
        seed : int
            Of "random".

        Returns
        -------
        FieldNetwork
            On the original's device, in evaluation mode.

        Raises
        ------
        BadInput
            If the sizes do not fit the network.
        """
        widths = self.network.widths
        if len(sizes) != len(widths) or not all(
            1 <= k <= w for k, w in zip(sizes, widths, strict=True)
        ):
            raise BadInput(f"The sizes {sizes} do not fit hidden layers of {widths} neurons.")
        if tuple(sizes) == widths:
            return self.network
        weights, biases = list(self._weights), list(self._biases)
        random = np.random.default_rng(seed)
        for number, (size, width) in enumerate(zip(sizes, widths, strict=True)):
            if size == width:
                continue
            kept, matrix = self._kept(number, size, criterion, random)
            weights[number], biases[number] = weights[number][kept], biases[number][kept]
            following = weights[number + 1]
            weights[number + 1] = following[:, kept] if matrix is None else following @ matrix.T
        return self._assembled(weights, biases)

    def _kept(
        self, number: int, size: int, criterion: Criterion, random: np.random.Generator
    ) -> tuple[Tensor, Tensor | None]:
        """Give the kept neurons of a layer in their old order, and how they make up the others."""
        if criterion == "id":
            found = self._factors[number].decomposition(size)
            order = np.argsort(found.kept)
            return torch.as_tensor(found.kept[order]), torch.as_tensor(found.matrix[order])
        if criterion == "random":
            kept = random.permutation(len(self._weights[number]))[:size]
        else:
            norms = self._weights[number].abs().sum(dim=1) + self._biases[number].abs()
            kept = np.argsort(-norms.numpy(), kind="stable")[:size]
        return torch.as_tensor(np.sort(kept)), None

    def _assembled(self, weights: list[Tensor], biases: list[Tensor]) -> FieldNetwork:
        own = self.network
        widths = (weights[0].shape[1], *(len(weight) for weight in weights))
        with torch.device("meta"):
            made = FieldNetwork(widths, own.activation, own.omegas)
        made.features = own.features
        like = own.layers[0].weight
        made.get_submodule("layers").load_state_dict(
            {
                f"{number}.{kind}": tensor.to(like, copy=True)
                for kind, tensors in (("weight", weights), ("bias", biases))
                for number, tensor in enumerate(tensors)
            },
            assign=True,
        )
        return made.eval()
