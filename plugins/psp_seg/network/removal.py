"""Copies of a network: whole, or one in which masked branches are no longer there."""

from __future__ import annotations

import torch

from .network import Network


def copied(network: Network) -> Network:
    """Return a copy with every branch that is there, none masked, to be looked at."""
    copy = Network(network.size, network.classes, network.kept_all())
    copy.load_state_dict(network.state_dict())
    return copy.eval()


@torch.no_grad()
def removed(network: Network) -> Network:
    """Return a copy without the branches that are masked; it gives what `network` gives.

    Their weights are gone from memory and from any file of the copy.
    """
    copy = Network(network.size, network.classes, network.kept())
    state = network.state_dict()
    for name, _ in network.size.modules:
        module = network.module(name)
        at = [module.places.index(place) for place in module.alive]
        state[f"{name}.scales"] = module.scales[at]
    wanted = copy.state_dict()
    copy.load_state_dict({key: state[key] for key in wanted})
    reference = next(network.parameters())
    return copy.to(reference.device, reference.dtype).train(network.training)
