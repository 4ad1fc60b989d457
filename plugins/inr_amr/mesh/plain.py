"""Judging cells one by one: the reference beside the batched judge."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from prune3d_gui.pruning.interpolative import decompose

from ..network.domain import Slice
from ..network.network import FieldNetwork
from .cells import multilinear, sample_places
from .complexity import exact
from .judgements import Findings, Judgement
from .rules import Judge
from .specs import RuleSpec


def judge_plain(
    field: Slice,
    spec: RuleSpec,
    lower: np.ndarray,
    size: np.ndarray,
    corners: np.ndarray,
    widths: tuple[int, ...] | None = None,
) -> Judgement:
    """Judge cells one by one, with LAPACK's QR and a pruned network for each: the plain reference.

    Parameters are those of `Judge` and `Judge.judge`.
    """
    widths = tuple(widths or field.network.widths)
    proportion = Judge(field, spec, widths).proportion
    samples, places, _ = sample_places(field.dimension, spec)
    precise = exact(field)
    gradient = spec.rule == "gradient"
    value_range, found = field.domain.span, Findings(len(size), len(widths))
    for cell in range(len(size)):
        found.bad[cell] = not np.isfinite(corners[cell]).all()
        unit = torch.tensor(lower[cell] + size[cell] * places, requires_grad=gradient)
        values = precise.network(precise.coordinates(unit))
        own = values.detach().numpy()
        found.bad[cell] |= not np.isfinite(own).all()
        if found.bad[cell]:
            continue
        if gradient:
            (slope,) = torch.autograd.grad(values.sum(), unit)
            found.gradient[cell] = slope.norm(dim=1).mean() * size[cell] / value_range
        linear = multilinear(np.tile(corners[cell].astype(float), (len(places), 1)), places)
        found.interpolation_error[cell] = np.sqrt(np.mean((own - linear) ** 2)) / value_range
        if spec.rule == "surface":
            inside = np.concatenate([corners[cell], own]) - spec.iso
            crossed = (inside < 0).any() and (inside >= 0).any()
            found.gap[cell] = 0.0 if crossed else np.abs(inside).min() / value_range
        if spec.rule in ("id", "hybrid"):
            inside = precise.coordinates(lower[cell] + size[cell] * samples)
            network = _pruned_network(precise.network, inside, spec.tolerance)
            found.ranks[cell] = network.widths
            found.kept[cell] = sum(network.widths) / sum(widths)
            wrong = network.evaluate(precise.coordinates(unit)).numpy() - own
            found.pruned_error[cell] = np.abs(wrong).mean() / value_range
    return found.judgement(spec, proportion, size, spec.rule in ("id", "hybrid"))


@torch.no_grad()
def _pruned_network(network: FieldNetwork, points: Tensor, tolerance: float) -> FieldNetwork:
    """Prune a network by its activations at the network's coordinates (n, inputs)."""
    weights: list[Tensor] = [layer.weight for layer in network.layers]
    biases: list[Tensor] = [layer.bias for layer in network.layers]
    for number, activations in enumerate(network.hidden(points)):
        found = decompose(activations.numpy(), tolerance)
        kept, matrix = torch.as_tensor(found.kept), torch.as_tensor(found.matrix)
        weights[number], biases[number] = weights[number][kept], biases[number][kept]
        weights[number + 1] = weights[number + 1] @ matrix.T
    widths = (weights[0].shape[1], *(len(weight) for weight in weights))
    pruned = FieldNetwork(widths, network.activation, network.omegas, network.features).double()
    for layer, weight, bias in zip(pruned.layers, weights, biases, strict=True):
        layer.weight.copy_(weight)
        layer.bias.copy_(bias)
    return pruned
